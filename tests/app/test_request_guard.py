"""Who may speak to the server: its own addresses, from its own pages, and nobody else."""

import asyncio
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import Message, Receive, Scope, Send

from benchmarks.servers import APPLICATION, Server, served
from network_map.app.request_guard import RequestGuard, accepts_gzip, content_policy
from network_map.app.server import page_documents
from network_map.config import Settings, TileLayer, load_settings
from network_map.errors import ConfigError
from network_map.i18n import text

OFFICE = "https://map.office.example"
SETTINGS = Settings(workspace_dir=Path("workspace"), public_urls=(OFFICE,))
PORT = 8501


class Behind:
    """The application: it notes who came through and says one word."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"said"})


def asked(*headers: tuple[str, str], kind: str = "http", path: str = "/") -> Scope:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": kind, "method": "GET", "path": path, "server": ("127.0.0.1", PORT),
            "query_string": b"", "headers": raw}  # fmt: skip


def through(scope: Scope, settings: Settings = SETTINGS) -> tuple[list[Message], list[Scope]]:
    """What the guard sends, and what came to the application."""
    sent: list[Message] = []
    behind = Behind()

    async def nothing() -> Message:
        raise AssertionError("a refusal reads nothing of what is sent")

    async def send(message: Message) -> None:
        sent.append(message)

    guard = RequestGuard(behind, settings=settings, documents=lambda: ["<script>1</script>"])
    asyncio.run(guard(scope, nothing, send))
    return sent, behind.scopes


OWN = ("host", f"127.0.0.1:{PORT}")
INVITED = {
    "own number": [OWN],
    "own name": [("host", f"LocalHost:{PORT}")],
    "own number of version six": [("host", f"[::1]:{PORT}")],
    "a page of its own": [OWN, ("origin", f"http://127.0.0.1:{PORT}")],
    "a page by its other name": [OWN, ("origin", f"http://localhost:{PORT}")],
    "the office name": [("host", "map.office.example")],
    "the office name with its port": [("host", "map.office.example:443")],
    "a page of the office": [("host", "map.office.example"), ("origin", OFFICE)],
    "a page of the office, host changed on the way": [OWN, ("origin", OFFICE)],
}
STRANGERS = {
    "no host": [],
    "a foreign host": [("host", "evil.example")],
    "a foreign host that leads here": [("host", f"evil.example:{PORT}")],
    "an own name at another port": [("host", "localhost:3000")],
    "an own name without its port": [("host", "localhost")],
    "a name that only begins so": [("host", f"localhost.evil.example:{PORT}")],
    "a name with a user": [("host", f"localhost@evil.example:{PORT}")],
    "two hosts": [OWN, ("host", "evil.example")],
    "the same host twice": [OWN, OWN],
    "a foreign page": [OWN, ("origin", "https://evil.example")],
    "a page of another program here": [OWN, ("origin", "http://localhost:3000")],
    "a page of nowhere": [OWN, ("origin", "null")],
    "a page without a name": [OWN, ("origin", "")],
    "two pages": [OWN, ("origin", OFFICE), ("origin", "https://evil.example")],
    "the office without encryption": [OWN, ("origin", "http://map.office.example")],
    "the office at another port": [OWN, ("origin", f"{OFFICE}:8443")],
    "what a proxy says it was": [("host", "evil.example"), ("x-forwarded-host", "localhost:8501")],
    "bytes that are no name": [("host", "\xff\xfe")],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("headers", INVITED.values(), ids=INVITED)
def test_an_address_that_the_server_was_told_is_answered(
    headers: list[tuple[str, str]], kind: str
) -> None:
    _, came = through(asked(*headers, kind=kind))
    assert len(came) == 1


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize(
    "path", ["/", "/_stcore/stream", "/media/a.csv", "/_stcore/upload_file/s/f"]
)
def test_every_other_one_is_refused_before_anything_else(
    headers: list[tuple[str, str]], path: str
) -> None:
    (start, body), came = through(asked(*headers, path=path))
    assert came == []
    assert start["status"] == 403
    said = body["body"].decode()
    assert text("door.refused", "zh") in said
    assert text("door.refused", "en") in said
    (closed,), came = through(asked(*headers, path=path, kind="websocket"))
    assert came == []
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


def test_without_a_setting_only_this_computer_is_known() -> None:
    settings = Settings(workspace_dir=Path("workspace"))
    for headers in ([("host", "map.office.example")], [OWN, ("origin", OFFICE)]):
        _, came = through(asked(*headers), settings)
        assert came == []


def test_the_application_sees_one_host_and_one_page_that_agree() -> None:
    """Streamlit asks the outside for its address where the two differ."""
    _, (scope,) = through(asked(OWN, ("origin", OFFICE), kind="websocket"))
    assert dict(scope["headers"])[b"host"] == b"map.office.example"


def test_metrics_are_for_nobody() -> None:
    for path in ("/_stcore/metrics", "/maps/yn/_stcore/metrics", "//_stcore/metrics/"):
        (start, _), came = through(asked(OWN, path=path))
        assert (start["status"], came) == (404, [])


# --- what every answer carries ------------------------------------------------------------------


@pytest.mark.parametrize("headers", [INVITED["own number"], STRANGERS["a foreign host"]])
def test_every_answer_says_what_a_browser_may_do_with_it(headers: list[tuple[str, str]]) -> None:
    (start, _), _ = through(asked(*headers))
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] == "DENY"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["referrer-policy"] == "same-origin"
    policy = found["content-security-policy"]
    hashed = base64.b64encode(hashlib.sha256(b"1").digest()).decode()
    assert f"'sha256-{hashed}'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src [^;]*'unsafe-inline'", policy)


def test_pictures_come_from_the_layers_of_the_settings_alone() -> None:
    layer = TileLayer(name="x", url="https://t{s}.maps.example/{z}/{x}/{y}", subdomains="01")
    policy = content_policy([], (layer,))
    (pictures,) = [part for part in policy.split("; ") if part.startswith("img-src")]
    assert pictures == (
        "img-src 'self' data: blob: https://t0.maps.example https://t1.maps.example"
    )


def test_each_script_that_stands_in_a_page_is_named_by_its_hash() -> None:
    policy = content_policy(page_documents().values(), ())
    for document in page_documents().values():
        for script in re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", document, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert digest in policy


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        ("gzip", True), ("GZIP, br", True), ("br, gzip;q=0.5", True), ("*", True), ("x-gzip", True),
        ("br;q=1, *;q=0.1", True), ("gzip;q=0", False), ("gzip; Q=0.000, *", False), ("", False),
        ("identity", False), ("*;q=0", False), ("gzip;q=zero", False), ("notgzip", False),
    ],
)  # fmt: skip
def test_packing_is_for_who_asks_for_it(header: str, is_taken: bool) -> None:  # noqa: FBT001
    assert accepts_gzip(header) is is_taken


def test_who_refuses_packing_is_not_heard_to_ask_for_it_further_in() -> None:
    _, (scope,) = through(asked(OWN, ("accept-encoding", "gzip;q=0")))
    assert b"accept-encoding" not in dict(scope["headers"])
    _, (scope,) = through(asked(OWN, ("accept-encoding", "br, gzip")))
    assert dict(scope["headers"])[b"accept-encoding"] == b"br, gzip"


# --- the setting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ('"https://map.office.example"', [OFFICE]),
        ('"https://Map.Office.example:443/planning/yn/"', [OFFICE]),
        ('["http://map.office:8080", "http://map.office:80"]',
         ["http://map.office:8080", "http://map.office"]),
        ('"https://地图.example"', ["https://xn--wcs7d.example"]),
        ('"http://[fd00::1]:8600"', ["http://[fd00::1]:8600"]),
    ],
)  # fmt: skip
def test_the_office_names_stand_in_the_settings(
    told: str, known: list[str], tmp_path: Path
) -> None:
    (tmp_path / "network_map.toml").write_text(f"public_url = {told}", encoding="utf-8")
    assert list(load_settings({}, tmp_path).public_urls) == known


def test_a_variable_names_several_with_commas(tmp_path: Path) -> None:
    env = {"NETWORK_MAP_PUBLIC_URL": f"{OFFICE}, http://map.office:8080"}
    assert load_settings(env, tmp_path).public_urls == (OFFICE, "http://map.office:8080")


@pytest.mark.parametrize(
    "told",
    ["map.office.example", "https://*", "https://*.office.example", "ftp://map.office", "https://",
     "https://user:word@map.office", "https://map.office:99999", "https://map office", "null"],
)  # fmt: skip
def test_an_office_name_that_is_no_address_is_a_sentence(told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({"NETWORK_MAP_PUBLIC_URL": told}, tmp_path)
    assert "public_url" in str(refused.value.values["problems"])
    (tmp_path / "network_map.toml").write_text("public_url = 5", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_settings({}, tmp_path)


# --- the served application ---------------------------------------------------------------------

RESOLVER = """
import os, socket
_usual = socket.getaddrinfo
_connect = socket.socket.connect
def _note(what):
    with open(os.environ["LOOKED_UP"], "a", encoding="utf-8") as notes:
        notes.write(f"{what}\\n")
def getaddrinfo(host, *rest, **options):
    if host not in {"127.0.0.1", "localhost", "::1", None}:
        _note(host)
        raise socket.gaierror("this resolver knows nobody")
    return _usual(host, *rest, **options)
class Noticed(socket.socket):
    def connect(self, address):
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1"}:
            _note(address)
        return super().connect(address)
socket.getaddrinfo = getaddrinfo
socket.socket = Noticed
"""


@pytest.fixture(scope="module")
def noticing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """The application as people start it, with a resolver that writes down whom it looks for."""
    folder = tmp_path_factory.mktemp("noticing")
    (folder / "sitecustomize.py").write_text(RESOLVER, encoding="utf-8")
    notes = folder / "looked_up"
    notes.touch()
    env = {"PYTHONPATH": os.pathsep.join([str(folder), str(APPLICATION.parent)]),
           "LOOKED_UP": str(notes), "NETWORK_MAP_PUBLIC_URL": OFFICE}  # fmt: skip
    with served(APPLICATION, folder=folder, env=env) as server:
        yield server, notes


def answer(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port)) as line:
        line.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = line.getresponse()
        assert "content-security-policy" in {name.lower() for name, _ in response.getheaders()}
        assert response.headers["x-content-type-options"] == "nosniff"
        return response.status, response.read()


def handshake(server: Server, **headers: str) -> int:
    """Status of the answer to a request for a connection."""
    port = urlsplit(server.url).port
    told = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "streamlit", **headers}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return int(line.recv(4096).split(b" ", 2)[1])


@pytest.mark.long
def test_a_stranger_is_refused_at_every_door_as_quickly_as_a_guest_and_nothing_goes_outside(
    noticing: tuple[Server, Path],
) -> None:
    server, notes = noticing
    for path in ("/", "/data_check", "/media/x.csv", "/_stcore/health", "/files/x.json",
                 "/static/js/x.js", "/_stcore/host-config"):  # fmt: skip
        assert answer(server, path, Host="evil.example")[0] == 403
        assert answer(server, path, Origin="https://evil.example")[0] == 403
    upload = "/_stcore/upload_file/session/file"
    assert answer(server, upload, "PUT", Origin="https://evil.example")[0] == 403
    assert answer(server, upload, "OPTIONS", Origin="https://evil.example")[0] == 403
    assert answer(server, "/_stcore/metrics")[0] == 404
    assert answer(server, "/_stcore/health") == (200, b"ok")
    assert handshake(server) == 101
    assert handshake(server, Origin=server.url) == 101
    assert handshake(server, Origin=OFFICE) == 101
    assert handshake(server, Host="map.office.example", Origin=OFFICE) == 101
    assert handshake(server, Origin="https://evil.example") == 403
    assert handshake(server, Host="evil.example", Origin="http://evil.example") == 403

    def seconds(origin: str) -> float:
        taken = []
        for _ in range(15):
            began = time.perf_counter()
            handshake(server, Origin=origin)
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    assert seconds("https://evil.example") < 2 * seconds(server.url) + 0.02
    assert notes.read_text(encoding="utf-8") == ""


@pytest.mark.long
def test_who_refuses_packing_gets_the_file_as_it_is(noticing: tuple[Server, Path]) -> None:
    server, _ = noticing
    for path in ("/data_check", "/app/static/geometry/index.json", "/_stcore/host-config"):
        with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port)) as line:
            line.request("GET", path, headers={"Accept-Encoding": "gzip;q=0, identity"})
            response = line.getresponse()
            assert response.headers["content-encoding"] is None
            assert b"<" in (said := response.read()) or json.loads(said)
