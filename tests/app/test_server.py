"""The front door: the start document becomes ours, and nothing else that is served changes."""

import asyncio
import gzip
import html
import json
import re
import threading
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from starlette.types import Message, Receive, Scope, Send
from streamlit.starlette import App

from network_map.app import server
from network_map.app.kit.tables import IN_DOCUMENT, base_style
from network_map.app.server import MAIN_PAGE, FrontDoor, start_document, warm_start
from network_map.i18n import text
from tests.paths import ROOT

SOURCE = (Path(st.__file__).parent / "static" / "index.html").read_bytes()
SETTINGS = '{"LIGHT_THEME": {"bodyFont": "x"}}'
HTML = [(b"content-type", b"text/html; charset=utf-8")]
FROM_STREAMLIT = [
    *HTML, (b"accept-ranges", b"bytes"), (b"content-length", str(len(SOURCE)).encode()),
    (b"last-modified", b"Mon, 23 Nov 2026 20:13:11 GMT"), (b"etag", b'"theirs"'),
    (b"cache-control", b"no-cache"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"),
]  # fmt: skip


class Behind:
    """An application behind the door: it notes what it was asked and answers as it was told."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.scopes: list[Scope] = []
        self.sends: list[Send] = []

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.sends.append(send)
        for message in self.messages:
            await send(message)


def answer(
    *bodies: bytes, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = FROM_STREAMLIT
) -> list[Message]:
    """An answer in as many pieces as there are bodies."""
    last = len(bodies) - 1
    return [
        {"type": "http.response.start", "status": status, "headers": list(headers)},
        *({"type": "http.response.body", "body": body, "more_body": n < last}
          for n, body in enumerate(bodies)),
    ]  # fmt: skip


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


def through(behind: Behind, scope: Scope) -> list[Message]:
    """What comes out of the door."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    run(FrontDoor(behind)(scope, _nothing, send))
    return sent


def opened(path: str = "/data_check", **wanted: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of Streamlit's start document after the door."""
    start, *rest = through(Behind(*answer(SOURCE)), request(path, **wanted))
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(piece["body"] for piece in rest)


def depth_of(body: bytes) -> int:
    found = re.search(rb"steps\.length - (\d+)\)", body)
    assert found
    return int(found[1])


# --- the document -------------------------------------------------------------------------------


def test_the_installed_streamlit_starts_from_the_document_that_we_know() -> None:
    assert start_document(SOURCE, depth=1, settings=SETTINGS) is not None


def test_our_document_is_theirs_with_language_name_place_and_one_font_less() -> None:
    ours = start_document(SOURCE, depth=1, settings=SETTINGS)
    assert ours is not None
    page = ours.plain.decode()
    assert '<html lang="zh-CN">' in page
    assert f"<title>{html.escape(text('app.title'))}</title>" in page
    assert "SourceSans" not in page
    assert page.index("BACKEND_BASE_URL") < page.index('<script type="module"')
    before, after = SOURCE.decode().splitlines(), page.splitlines()
    gone = [line.strip() for line in before if line not in after]
    address = next(line for line in gone if line.startswith("href="))
    assert gone == [
        '<html lang="en">', "<link", 'rel="preload"', address, 'as="font"', 'type="font/woff2"',
        "crossorigin", "<title>Streamlit</title>",
    ]  # fmt: skip
    assert page.index("</head>") < page.index(base_style()) < page.index("</body>")
    assert page.count("<script") == SOURCE.count(b"<script") + 1
    assert page.count('rel="modulepreload"') == SOURCE.count(b'rel="modulepreload"')


@pytest.mark.parametrize(
    "known",
    [b'<html lang="en">', b"<title>Streamlit</title>", b'rel="preload"', b'<script type="module"'],
)
def test_a_document_without_one_of_the_known_places_is_not_ours_to_change(known: bytes) -> None:
    strange = SOURCE.replace(known, b"<other>")
    assert start_document(strange, depth=0, settings=SETTINGS) is None
    told = [*HTML, (b"content-length", str(len(strange)).encode()), (b"etag", b'"theirs"')]
    messages = answer(strange, headers=told)
    assert through(Behind(*messages), request("/")) == messages


def test_fonts_of_the_settings_cannot_end_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = {"theme.font": "a</script><script>alert(1)//", "theme.codeFont": "monospace"}
    monkeypatch.setattr(st, "get_option", fonts.get)
    _, _, body = opened("/")
    assert b"</script><script>alert" not in body
    assert b'"codeFont": "monospace"' in body
    assert b"headingFont" not in body


def test_the_client_knows_beforehand_that_nobody_steers_it_from_outside() -> None:
    """And so connects at once; Streamlit's default list names sites of its cloud."""
    settings = json.loads(server._client_settings())
    (origin,) = settings["HOST_CONFIG"]["allowedOrigins"]
    assert origin.endswith(".invalid")
    assert settings["HOST_CONFIG"]["useExternalAuthToken"] is False


def test_a_connection_is_told_that_its_page_has_the_look_once_a_document_had_it() -> None:
    connection = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", b"x")]}
    told = (IN_DOCUMENT.encode(), b"1")
    for source, is_told in ((SOURCE, True), (SOURCE.replace(b"</body>", b""), False)):
        length = (b"content-length", str(len(source)).encode())
        behind = Behind(*answer(source, headers=[*HTML, length]))
        door = FrontDoor(behind)
        for scope in (connection, request("/"), connection):
            run(door(scope, _nothing, _drop))
        before, _, after = (scope["headers"] for scope in behind.scopes)
        assert before == [(b"host", b"x")]
        assert (told in after) is is_told


async def _drop(_: Message) -> None:
    """Take a message that no one looks at."""


segments = some.text(
    some.characters(exclude_characters="/.", exclude_categories=["Cs"]), min_size=1
)


@pytest.mark.law
@given(some.lists(segments.filter(lambda s: s != MAIN_PAGE), min_size=1, max_size=4), some.text())
def test_of_an_address_only_the_number_of_its_steps_enters_the_document(
    steps: list[str], query: str
) -> None:
    if steps[0] == "_stcore":
        return
    path = "/" + "/".join(steps)
    start, *rest = through(Behind(*answer(SOURCE)), request(path, query=query))
    ours = start_document(SOURCE, depth=len(steps), settings=server._client_settings())
    assert ours is not None
    assert rest == [{"type": "http.response.body", "body": ours.plain}]
    assert (b"etag", ours.etag.encode()) in start["headers"]


# --- lengths, names and packing -----------------------------------------------------------------


def test_length_and_name_are_those_of_what_is_sent_and_other_headers_stay() -> None:
    status, headers, body = opened()
    assert status == 200
    assert int(headers["content-length"]) == len(body) != len(SOURCE)
    assert headers["etag"] != '"theirs"'
    assert headers["cache-control"] == "no-cache"
    assert headers["vary"] == "Accept-Encoding"
    assert headers.keys() & {"last-modified", "accept-ranges", "content-encoding"} == set()
    start = through(Behind(*answer(SOURCE)), request("/data_check"))[0]
    assert [v for n, v in start["headers"] if n == b"set-cookie"] == [b"a=1", b"b=2"]


def test_whoever_reads_gzip_gets_the_same_page_packed() -> None:
    _, plain_headers, plain = opened()
    _, headers, packed = opened(accept_encoding="br, gzip")
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(packed) < len(plain) / 2
    assert gzip.decompress(packed) == plain
    assert (headers["etag"], headers["vary"]) == (plain_headers["etag"], plain_headers["vary"])


def test_asking_for_the_head_tells_what_the_whole_would_be() -> None:
    _, whole, _ = opened()
    status, head, body = opened(method="HEAD")
    assert (status, head, body) == (200, whole, b"")


def test_a_page_that_the_browser_has_already_is_not_sent_again() -> None:
    _, headers, _ = opened()
    status, again, body = opened(if_none_match=f'W/"other", W/{headers["etag"]}')
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]
    assert "content-length" not in again
    assert opened(if_none_match='"theirs"')[0] == 200
    assert opened(if_modified_since="Mon, 23 Nov 2099 20:13:11 GMT")[0] == 200


def test_the_application_is_asked_for_the_whole_page_as_it_is() -> None:
    behind = Behind(*answer(SOURCE))
    asked = {"if_none_match": '"theirs"', "if_modified_since": "x", "range": "bytes=0-9"}
    through(behind, request("/", method="HEAD", accept_encoding="gzip", cookie="c=1", **asked))
    (seen,) = behind.scopes
    assert (seen["method"], seen["headers"]) == ("GET", [(b"cookie", b"c=1")])


def test_a_page_may_come_in_pieces() -> None:
    whole = through(Behind(*answer(SOURCE)), request("/"))
    assert (
        through(Behind(*answer(SOURCE[:100], SOURCE[100:4000], SOURCE[4000:], b"")), request("/"))
        == whole
    )


# --- where the application lies -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "root", "path", "depth"),
    [
        ("", "", "/", 0),
        ("", "", "/data_check", 1),
        ("maps/yn", "", "/maps/yn/", 0),
        ("/maps/yn/", "", "/maps/yn/data_check", 1),
        ("", "/inner", "/inner/data_check", 1),
        ("yn", "/inner", "/inner/yn/data_check", 1),
    ],
)
def test_the_steps_are_counted_below_the_base_path(
    base: str, root: str, path: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.get)
    assert depth_of(opened(path, root=root)[2]) == depth


@pytest.mark.parametrize("path", ["/", "/other/data_check", "/mapsyn", "/maps"])
def test_what_lies_outside_the_base_path_is_not_ours(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "maps/yn"}.get)
    messages = answer(SOURCE)
    assert through(Behind(*messages), request(path)) == messages


@pytest.mark.parametrize(
    ("query", "place"), [("", "./"), ("v=1&prefecture=530600", "./?v=1&prefecture=530600")]
)
def test_the_first_page_by_its_name_is_the_first_page_and_keeps_its_view(
    query: str, place: str
) -> None:
    behind = Behind()
    start, _ = through(behind, request(f"/{MAIN_PAGE}", query=query))
    assert start["status"] == 307
    assert dict(start["headers"])[b"location"].decode() == place
    assert behind.scopes == []


def test_the_first_page_is_the_one_that_the_navigation_opens_first() -> None:
    navigation = (ROOT / "network_map" / "app" / "navigation.py").read_text(encoding="utf-8")
    assert f'default=name == "{MAIN_PAGE}"' in navigation
    assert (ROOT / "app_pages" / f"{MAIN_PAGE}.py").is_file()


# --- everything else ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope",
    [
        request("/static/js/index.abc.js"),
        request("/app/static/geometry/abc.json", range="bytes=0-9"),
        request("/media/abc.html", accept_encoding="gzip"),
        request("/component/other.other/index.html"),
        request("/_stcore/health"),
        request("/_stcore/host-config", accept_encoding="gzip"),
        request("/_stcore/upload_file/session/file", method="PUT"),
        request("/data_check", method="POST"),
        {"type": "websocket", "path": "/_stcore/stream", "headers": []},
        {"type": "lifespan"},
    ],
    ids=lambda scope: f"{scope.get('method', scope['type'])} {scope.get('path', '')}",
)
def test_what_is_no_page_goes_straight_through(scope: Scope) -> None:
    behind = Behind(*answer(SOURCE))
    assert through(behind, scope) == list(behind.messages)
    assert behind.scopes[0] is scope
    assert "_changing" not in behind.sends[0].__qualname__


@pytest.mark.parametrize(
    "messages",
    [
        answer(b"no such page", status=404, headers=HTML),
        answer(b"", status=304, headers=[(b"etag", b'"x"')]),
        answer(b"", status=301, headers=[(b"location", b"/data_check")]),
        answer(b"{}", headers=[(b"content-type", b"application/json"), (b"content-length", b"2")]),
        answer(b"<html>", b"streams", b"", headers=HTML),
        answer(b"x" * 70_000, headers=[*HTML, (b"content-length", b"70000")]),
        answer(b"\x1f\x8b", headers=[*FROM_STREAMLIT, (b"content-encoding", b"gzip")]),
        answer(b"<html>mine</html>", headers=[*HTML, (b"content-length", b"17")]),
        [*answer(SOURCE)[:1], {"type": "http.response.pathsend", "path": "index.html"}],
    ],
    ids=["404", "304", "redirect", "json", "stream", "long", "packed", "other page", "other way"],
)
def test_other_answers_leave_as_they_came(messages: list[Message]) -> None:
    assert through(Behind(*messages), request("/somewhere")) == messages


def test_a_stream_is_handed_on_piece_by_piece() -> None:
    sent: list[Message] = []
    first, second, third = answer(b"one", b"two", headers=HTML)

    async def behind(_: Scope, __: Receive, send: Send) -> None:
        await send(first)
        await send(second)
        assert sent == [first, second]
        await send(third)

    async def send(message: Message) -> None:
        sent.append(message)

    run(FrontDoor(behind)(request("/stream"), _nothing, send))
    assert sent == [first, second, third]


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
        async with warm_start(App(ROOT / "streamlit_app.py")):
            assert not ended.is_set()
            may_end.set()
        assert ended.wait(30)

    run(start())
