"""The front door: pages have our start document and their files, all else is Streamlit's."""

import asyncio
import gzip
import html
import json
import re
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import ScriptRunContext

from network_map.app import MAIN_PAGE, server
from network_map.app.kit import map as registered_files
from network_map.app.kit.map import RegisteredFiles, file_url
from network_map.app.kit.tables import IN_DOCUMENT
from network_map.app.server import (
    BatchedMessages,
    FrontDoor,
    client_parts,
    start_document,
    warm_start,
)
from network_map.i18n import text
from tests.paths import ROOT

CLIENT = Path(st.__file__).parent / "static"
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


class Streamlit:
    """The application behind the door: it notes what it is asked."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, _: Receive, __: Send) -> None:
        self.scopes.append(scope)


def request(
    path: str, *, method: str = "GET", query: str = "", root: str = "", **headers: str
) -> Scope:
    """A request as a server hands it on."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http", "method": method, "path": path, "root_path": root,
        "query_string": query.encode(), "headers": raw,
    }  # fmt: skip


def run(work: Coroutine[None, None, None]) -> None:
    """Run to the end in a thread of its own: the browser tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, work).result()


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _drop(_: Message) -> None:
    """Take a message that no one looks at."""


def answered(scope: Scope) -> tuple[int, dict[str, str], bytes] | None:
    """Status, headers and body of an answer of ours; None if Streamlit was asked."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    behind = Streamlit()
    run(FrontDoor(behind)(scope, _nothing, send))
    if behind.scopes:
        assert behind.scopes == [scope]
        assert sent == []
        return None
    start, *pieces = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(piece["body"] for piece in pieces)


def document_at(path: str, root: str = "") -> str:
    """Our document at an address."""
    answer = answered(request(path, root=root))
    assert answer is not None
    status, headers, body = answer
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert headers["content-type"].startswith("text/html")
    return body.decode()


# --- what an upgrade of Streamlit may take away -------------------------------------------------


def test_the_installed_streamlit_starts_from_the_document_that_we_know() -> None:
    start_document(depth=0, has_map=True)  # the error says what is no longer there


@pytest.mark.parametrize("name", ["BACKEND_BASE_URL", "HOST_CONFIG", "LIGHT_THEME", "DARK_THEME"])
def test_the_installed_client_reads_what_the_start_document_tells_it(name: str) -> None:
    scripts = (path.read_text(encoding="utf-8") for path in CLIENT.glob("static/js/index.*.js"))
    assert any("window.__streamlit" in s and re.search(rf"\?\.{name}\b", s) for s in scripts), (
        f"Streamlit's client no longer reads window.__streamlit.{name}: "
        "network_map.app.server._client_settings must be adapted."
    )


def test_each_part_that_pages_are_made_of_stands_in_the_installed_client_once() -> None:
    for part in server._PARTS:
        count = len([name for name in client_parts() if name.startswith(f"{part}.")])
        assert count == 1, (
            f"Streamlit's client has {count} scripts {part}.*.js instead of one: "
            "network_map.app.server._PARTS must be adapted."
        )


def test_a_run_of_the_installed_streamlit_knows_a_step_back_in_the_browser() -> None:
    assert hasattr(ScriptRunContext, "is_history_navigation"), (
        "Streamlit's run context no longer has is_history_navigation: "
        "network_map.app.kit.choices.follow_history must be adapted."
    )


def test_a_document_that_we_do_not_know_is_left_to_streamlit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    strange = (CLIENT / "index.html").read_text(encoding="utf-8").replace("<title>", "<name>")
    (tmp_path / "index.html").write_text(strange, encoding="utf-8")
    monkeypatch.setattr(server, "_CLIENT", tmp_path)
    assert answered(request("/")) is None
    assert answered(request("/data_check")) is None
    assert "index.html has <title>Streamlit</title> 0 times" in caplog.text
    assert "start_document must be adapted" in caplog.text


# --- the document -------------------------------------------------------------------------------


def test_our_document_is_theirs_with_language_name_place_and_one_font_less() -> None:
    page = start_document(depth=1, has_map=False)
    assert '<html lang="zh-CN">' in page
    assert f"<title>{html.escape(text('app.title'))}</title>" in page
    assert "SourceSans" not in page
    assert page.index("BACKEND_BASE_URL") < page.index('<script type="module"')
    theirs = (CLIENT / "index.html").read_text(encoding="utf-8")
    before, after = theirs.splitlines(), page.splitlines()
    gone = [line.strip() for line in before if line not in after]
    address = next(line for line in gone if line.startswith("href="))
    assert gone == [
        '<html lang="en">', "<link", 'rel="preload"', address, 'as="font"', 'type="font/woff2"',
        "crossorigin", "<title>Streamlit</title>",
    ]  # fmt: skip


def test_fonts_of_the_settings_cannot_end_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = {"theme.font": "a</script><script>alert(1)//", "theme.codeFont": "monospace"}
    monkeypatch.setattr(st, "get_option", fonts.get)
    page = start_document(depth=0, has_map=False)
    assert "</script><script>alert" not in page
    assert '"codeFont": "monospace"' in page
    assert "headingFont" not in page


def test_the_client_knows_beforehand_that_nobody_steers_it_from_outside() -> None:
    """And so connects at once; Streamlit's default list names sites of its cloud."""
    settings = json.loads(server._client_settings())
    (origin,) = settings["HOST_CONFIG"]["allowedOrigins"]
    assert origin.endswith(".invalid")
    assert settings["HOST_CONFIG"]["useExternalAuthToken"] is False
    assert settings["HOST_CONFIG"]["blockErrorDialogs"] is True


def test_the_head_names_the_map_and_the_client_parts_once_and_all_of_them_exist() -> None:
    page = start_document(depth=0, has_map=True)
    links = re.findall(r'<link rel="(?:modulepreload|prefetch)"[^>]* href="\./([^"]+)"', page)
    assert len(links) == len(set(links)) > 20
    files = [
        (CLIENT if link.startswith("static/") else ROOT / "static")
        / link.removeprefix("app/static/")
        for link in links
    ]
    assert [file for file in files if not file.is_file()] == []
    assert len([link for link in links if "network_map" in link]) == 2
    used = re.findall(r'"\.?/?(app/static/[^"]+)"', page[page.rindex("requestIdleCallback") :])
    assert set(used) < set(links)
    assert {f"static/js/{part}" for part in client_parts()} < set(links)
    assert "app/static" not in start_document(depth=1, has_map=False)


def test_a_connection_is_told_that_its_page_has_the_look_where_our_document_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind, connection = Streamlit(), {"type": "websocket", "headers": [(b"host", b"x")]}
    door = FrontDoor(behind)
    run(door(connection, _nothing, _drop))
    monkeypatch.setattr(door, "_documents", {})
    run(door(connection, _nothing, _drop))
    told, untold = (scope["headers"] for scope in behind.scopes)
    assert told == [(b"host", b"x"), (IN_DOCUMENT.encode(), b"1")]
    assert untold == [(b"host", b"x")]


# --- where the application lies -----------------------------------------------------------------


@pytest.mark.parametrize("page", ["", *(page for page in PAGES if page != MAIN_PAGE)])
def test_every_page_has_our_document(page: str) -> None:
    assert document_at(f"/{page}") == start_document(
        depth=1 if page else 0, has_map=page not in server._WITHOUT_MAP
    )


@pytest.mark.parametrize(
    ("base", "root", "path", "depth"),
    [
        ("maps/yn", "", "/maps/yn/", 0),
        ("/maps/yn/", "", "/maps/yn/data_check", 1),
        ("", "/inner", "/inner/data_check", 1),
        ("yn", "/inner", "/inner/yn/data_check", 1),
    ],
)
def test_the_pages_lie_below_the_base_path(
    base: str, root: str, path: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.get)
    assert document_at(path, root) == start_document(depth=depth, has_map=depth == 0)


@pytest.mark.parametrize("path", ["/", "/other/data_check", "/mapsyn", "/maps"])
def test_what_lies_outside_the_base_path_is_not_ours(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "maps/yn"}.get)
    assert answered(request(path)) is None


@pytest.mark.parametrize(
    ("query", "place"), [("", "./"), ("v=1&prefecture=530600", "./?v=1&prefecture=530600")]
)
def test_the_first_page_by_its_name_is_the_first_page_and_keeps_its_view(
    query: str, place: str
) -> None:
    answer = answered(request(f"/{MAIN_PAGE}", query=query))
    assert answer is not None
    status, headers, _ = answer
    assert (status, headers["location"]) == (307, place)


def test_the_first_page_is_the_one_that_the_navigation_opens_first() -> None:
    navigation = (ROOT / "network_map" / "app" / "kit" / "frame.py").read_text(encoding="utf-8")
    assert "default=name == MAIN_PAGE" in navigation
    assert MAIN_PAGE in PAGES


@pytest.mark.parametrize(
    "scope",
    [
        request("/static/js/index.abc.js"),
        request("/app/static/geometry/abc.json"),
        request("/media/abc.html"),
        request("/_stcore/health"),
        request("/data_check/_stcore/health"),
        request("/_stcore/upload_file/session/file", method="PUT"),
        request("/data_check", method="POST"),
        request("/no_such_page"),
        request("/files/00.json"),
        {"type": "lifespan"},
    ],
    ids=lambda scope: f"{scope.get('method', scope['type'])} {scope.get('path', '')}",
)
def test_what_is_no_page_goes_straight_through(scope: Scope) -> None:
    assert answered(scope) is None


# --- files of the pages -------------------------------------------------------------------------


def test_a_registered_file_is_served_packed_at_an_address_of_its_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = RegisteredFiles()
    monkeypatch.setattr(server, "registered", files)
    content = b'{"nodes": [1, 2, 3]}' * 40
    address = files.put(content)
    assert (files.put(content), files.put(b"[]") == address) == (address, False)
    for told, unpack in ({"accept_encoding": "gzip"}, gzip.decompress), ({}, bytes):
        answer = answered(request(f"/{address}", **told))
        assert answer is not None
        status, headers, body = answer
        assert (status, unpack(body)) == (200, content)
        assert headers["content-type"] == "application/json"
        assert headers.get("content-encoding") == ("gzip" if told else None)
        assert headers["cache-control"].startswith("private")


def test_the_oldest_registered_files_go_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = len(gzip.compress(b"0"))
    monkeypatch.setattr(registered_files, "_MAXIMUM_BYTES", 2 * size + 5)
    files = RegisteredFiles()
    first, second, again, third = (files.put(content) for content in (b"0", b"1", b"0", b"2"))
    assert first == again
    assert files.packed(second) is None
    assert gzip.decompress(files.packed(first) or b"") == b"0"
    assert gzip.decompress(files.packed(third) or b"") == b"2"
    last = files.put(bytes(range(256)))
    assert gzip.decompress(files.packed(last) or b"") == bytes(range(256))


def test_without_our_front_door_a_file_is_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered_files, "registered", RegisteredFiles())
    assert file_url(b"[1]") is None  # no server at all
    monkeypatch.setattr("streamlit.runtime.exists", lambda: True)
    assert file_url(b"[1]") == "data:application/json;base64,WzFd"


@pytest.mark.parametrize(
    "address", ["static/js/{client}", "app/static/geometry/{geometry}", "app/static/{leaflet}"]
)
def test_a_file_named_by_its_content_is_packed_once_and_stays(address: str) -> None:
    static = ROOT / "static"
    (leaflet,) = static.glob("leaflet/*/leaflet.js")
    (geometry,) = [path for path in static.glob("geometry/*.json") if path.stem != "index"]
    path = address.format(
        client=client_parts()[0], geometry=geometry.name, leaflet=leaflet.relative_to(static)
    )
    answer = answered(request(f"/{path}", accept_encoding="gzip, br"))
    assert answer is not None
    status, headers, body = answer
    file = CLIENT / path if path.startswith("static/") else ROOT / path.removeprefix("app/")
    assert (status, gzip.decompress(body)) == (200, file.read_bytes())
    assert headers["cache-control"] == "public, immutable, max-age=31536000"
    assert headers["content-encoding"] == "gzip"
    for other in ({}, {"accept_encoding": "gzip", "range": "bytes=0-9"}):
        assert answered(request(f"/{path}", **other)) is None


# --- answers in few pieces ----------------------------------------------------------------------

Steps = list[tuple[str, float]]


def sent_in_batches(steps: Steps, moment: float = 0.02) -> list[list[object]]:
    """Say things, wait after each; return the messages by the waits between their arrivals."""
    batches: list[list[object]] = [[]]

    async def application(_: Scope, __: Receive, send: Send) -> None:
        for number, (kind, wait) in enumerate(steps):
            await send({"type": f"websocket.{kind}", "number": number})
            if wait:
                await asyncio.sleep(wait)
                batches.append([])

    async def send(message: Message) -> None:
        batches[-1].append(message["number"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_MOMENT_SECONDS", moment)
        patch.setattr(server, "_SILENCE_SECONDS", 2 * moment)
        run(BatchedMessages(application)({"type": "websocket"}, _nothing, send))
    return batches


def test_what_is_said_in_one_breath_is_sent_together_in_its_order() -> None:
    said = [("accept", 0.0), ("send", 0.0), ("send", 0.0), ("send", 0.3), ("send", 0.3)]
    assert sent_in_batches([*said, ("close", 0.0)]) == [[0, 1, 2, 3], [4], [5]]


def test_the_first_word_after_a_silence_is_sent_at_once_and_what_follows_waits() -> None:
    arrived: list[object] = []

    async def application(_: Scope, __: Receive, send: Send) -> None:
        for turn in (0, 3):
            await send({"type": "websocket.send", "number": turn})
            assert arrived[-1] == turn
            await send({"type": "websocket.send", "number": turn + 1})
            await send({"type": "websocket.send", "number": turn + 2})
            assert arrived[-1] == turn
            await asyncio.sleep(0.3)
            assert arrived[turn:] == [turn, turn + 1, turn + 2]

    async def send(message: Message) -> None:
        arrived.append(message["number"])

    run(BatchedMessages(application)({"type": "websocket"}, _nothing, send))


def test_an_end_takes_along_what_waits() -> None:
    (batch,) = sent_in_batches([("send", 0.0), ("send", 0.0), ("close", 0.0)], moment=0.001)
    assert batch == [0, 1, 2]


def test_a_connection_that_has_broken_off_is_told_to_the_application() -> None:
    class BrokenOffError(Exception):
        pass

    async def application(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "websocket.send", "number": 0})
        await send({"type": "websocket.send", "number": 1})  # with a batch
        await asyncio.sleep(0.1)
        with pytest.raises(BrokenOffError):
            await send({"type": "websocket.send", "number": 2})
        with pytest.raises(BrokenOffError):
            await send({"type": "websocket.send", "number": 3})  # at once

    async def broken(message: Message) -> None:
        if message["number"]:
            raise BrokenOffError

    run(BatchedMessages(application)({"type": "websocket"}, _nothing, broken))


# --- the start ----------------------------------------------------------------------------------


def test_the_server_answers_while_the_tables_are_still_being_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def load() -> None:
        assert may_end.wait(30)
        ended.set()

    monkeypatch.setattr(server, "_load", load)

    async def start() -> None:
        async with warm_start(st.App(ROOT / "streamlit_app.py")):
            assert not ended.is_set()
            may_end.set()
        assert ended.wait(30)

    run(start())
