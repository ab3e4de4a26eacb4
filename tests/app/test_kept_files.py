"""Files named by their content: asked for once, the same bytes for everybody, nothing else kept."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
import streamlit as st
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from network_map.app import server as first_files
from network_map.app.kit import registered_files as kept_files
from network_map.app.kit.registered_files import KeptFiles
from network_map.app.server import PAGES, client_parts, head_links
from tests.app.test_server import Behind, _nothing, answer, request, run
from tests.paths import ROOT

SCRIPT = b"export const answer = 42;" * 100
OF_A_SCRIPT = [
    (b"content-type", b"text/javascript; charset=utf-8"), (b"etag", b'"x"'),
    (b"last-modified", b"Mon, 23 Nov 2026 20:13:11 GMT"), (b"accept-ranges", b"bytes"),
    (b"content-length", b"2500"), (b"x-content-type-options", b"nosniff"),
]  # fmt: skip
ADDRESS = "/static/js/index.DormvYxC.js"


def asked(door: KeptFiles, scope: Scope) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    run(door(scope, _nothing, send))
    start, *pieces = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(piece["body"] for piece in pieces)


def test_a_file_named_by_its_content_is_asked_for_once_and_answered_the_same_to_all() -> None:
    behind = Behind(*answer(SCRIPT[:900], SCRIPT[900:], headers=OF_A_SCRIPT))
    door = KeptFiles(behind)
    first = asked(door, request(ADDRESS, if_none_match='"x"', accept_encoding="br"))
    assert first == asked(door, request(ADDRESS, cookie="c=1"))
    assert len(behind.scopes) == 1
    assert behind.scopes[0]["headers"] == []
    status, headers, body = first
    assert (status, body) == (200, SCRIPT)
    assert headers == {
        "content-type": "text/javascript; charset=utf-8",
        "x-content-type-options": "nosniff",
        "cache-control": "public, immutable, max-age=31536000",
        "etag": f'W/"{hashlib.sha256(SCRIPT).hexdigest()[:32]}"',
        "vary": "Accept-Encoding",
        "content-length": str(len(SCRIPT)),
    }


def test_a_file_that_the_browser_has_already_is_not_sent_again() -> None:
    door = KeptFiles(Behind(*answer(SCRIPT, headers=OF_A_SCRIPT)))
    _, headers, _ = asked(door, request(ADDRESS))
    status, again, body = asked(door, request(ADDRESS, if_none_match=headers["etag"]))
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]
    assert asked(door, request(ADDRESS, if_none_match='"other"'))[0] == 200


def test_whoever_reads_gzip_gets_the_file_packed() -> None:
    door = KeptFiles(Behind(*answer(SCRIPT, headers=OF_A_SCRIPT)))
    _, headers, body = asked(door, request(ADDRESS, accept_encoding="gzip, br"))
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(body) < len(SCRIPT)
    assert gzip.decompress(body) == SCRIPT


def test_what_packing_does_not_shorten_stays_as_it_is() -> None:
    font = [(b"content-type", b"font/woff2"), (b"content-length", b"4")]
    door = KeptFiles(Behind(*answer(b"wOF2", headers=font)))
    address = "/static/media/Symbols.nEdyypZU.woff2"
    _, headers, body = asked(door, request(address, accept_encoding="gzip"))
    assert body == b"wOF2"
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    "scope",
    [
        request(ADDRESS, method="HEAD"),
        request(ADDRESS, range="bytes=0-9"),
        request("/static/index.html"),
        request("/static/js/index.js"),
        request("/media/0123456789abcdef.json"),
        request("/app/static/linked_table/linked_table.js"),
        request("/app/static/../static/js/index.DormvYxC.js"),
        request("/_stcore/health"),
        request("/"),
        {"type": "websocket", "path": ADDRESS, "headers": []},
    ],
    ids=lambda scope: f"{scope.get('method', scope['type'])} {scope.get('path', '')}",
)
def test_what_is_not_named_by_its_content_is_asked_for_each_time(scope: Scope) -> None:
    behind = Behind(*answer(SCRIPT, headers=OF_A_SCRIPT))
    door = KeptFiles(behind)
    for _ in range(2):
        asked(door, scope)
    assert len(behind.scopes) == 2
    assert behind.scopes[0] is scope


@pytest.mark.parametrize(
    "messages",
    [
        answer(b"no such file", status=404, headers=OF_A_SCRIPT),
        answer(SCRIPT, headers=[*OF_A_SCRIPT, (b"set-cookie", b"a=1")]),
        answer(SCRIPT, headers=[*OF_A_SCRIPT, (b"content-encoding", b"br")]),
        [*answer(SCRIPT)[:1], {"type": "http.response.pathsend", "path": "x.js", "body": b""}],
    ],
    ids=["404", "cookie", "packed", "other way"],
)
def test_an_answer_that_is_not_for_everybody_is_handed_on_and_not_kept(
    messages: list[Message],
) -> None:
    behind = Behind(*messages)
    door = KeptFiles(behind)
    for _ in range(2):
        status, _, _ = asked(door, request(ADDRESS))
        assert status == messages[0]["status"]
    assert len(behind.scopes) == 2


def test_a_visitor_who_leaves_does_not_shorten_the_file_for_the_others(tmp_path: Path) -> None:
    file = tmp_path / "long.js"
    file.write_bytes(SCRIPT * 1_000)  # of several pieces

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await FileResponse(file)(scope, receive, send)

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None: ...

    door = KeptFiles(app)
    run(door(request(ADDRESS), leave, send))
    status, _, body = asked(door, request(ADDRESS))
    assert (status, body) == (200, file.read_bytes())


def test_a_file_that_breaks_off_is_not_kept() -> None:
    behind = Behind(*answer(SCRIPT[:900], headers=OF_A_SCRIPT))  # says 2,500 bytes
    door = KeptFiles(behind)
    for _ in range(2):
        asked(door, request(ADDRESS))
    assert len(behind.scopes) == 2


def test_the_oldest_files_give_way_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "_MOST_BYTES", 2 * len(SCRIPT) + 500)
    behind = Behind(*answer(SCRIPT, headers=OF_A_SCRIPT))
    door = KeptFiles(behind)
    names = [f"/static/js/part.0000000{n}.js" for n in range(3)]
    for name in (*names, names[2], names[0]):
        asked(door, request(name))
    assert [scope["path"] for scope in behind.scopes] == [*names, names[0]]


def test_the_files_lie_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "maps/yn"}.get)
    behind = Behind(*answer(SCRIPT, headers=OF_A_SCRIPT))
    door = KeptFiles(behind)
    for path in (ADDRESS, f"/maps/yn{ADDRESS}", f"/maps/yn{ADDRESS}"):
        asked(door, request(path))
    assert len(behind.scopes) == 2


# --- what is named in the head ------------------------------------------------------------------


def test_every_page_is_known_by_its_address() -> None:
    names = {path.stem for path in (ROOT / "app_pages").glob("*.py")}
    assert {page or "overview" for page in PAGES} == names


def test_the_head_names_the_map_and_the_client_parts_once_and_all_of_them_exist() -> None:
    source = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    *links, warm = head_links(source, "").splitlines()
    assert len(links) == len(set(links)) > 20
    named = [link.partition('href="./')[2].partition('"')[0] for link in links]
    folders = {"static": Path(st.__file__).parent / "static", "app": ROOT}
    for address in named:
        first, _, rest = address.partition("/")
        assert (folders[first] / (address if first == "static" else rest)).is_file(), address
    assert not [address for address in named if f'/{address.rpartition("/")[2]}"' in source]
    assert sum("network_map" in address for address in named) == 2
    assert warm.strip().startswith('<script type="module">')
    used = re.findall(r'"(app/static/[^"]+)"', warm)
    assert len(used) == 2
    assert set(used) < set(named)
    parts = json.loads(warm.partition("part of ")[2].partition(")")[0])
    # Each part that a page is made of stands in the installed client, once.
    assert [part.partition(".")[0] for part in parts] == list(first_files._PARTS)
    assert {f"static/js/{part}" for part in parts} < set(named)
    assert not [link for link in head_links(source, "data_check").splitlines() if "app/" in link]


def test_a_part_brings_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "Html.AAAAAAAA.js").write_text('import{a}from"./b.BBBBBBBB.js";import"./gone.js"')
    (tmp_path / "b.BBBBBBBB.js").write_text('export{c}from"./Html.AAAAAAAA.js"')
    assert client_parts(tmp_path) == ["Html.AAAAAAAA.js", "b.BBBBBBBB.js"]


def test_what_a_page_registered_is_served_after_streamlit_has_dropped_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = kept_files.RegisteredFiles()
    monkeypatch.setattr(kept_files, "registered", files)
    content = b'{"nodes": [1, 2, 3]}' * 40
    files.put("media/0a1b.json", content)
    behind = Behind(*answer(b"gone"))
    door = KeptFiles(behind)
    status, headers, body = asked(door, request("/media/0a1b.json"))
    assert (status, body) == (200, content)
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"].startswith("private")
    packed = asked(door, request("/media/0a1b.json", accept_encoding="gzip"))[2]
    assert gzip.decompress(packed) == content
    assert behind.scopes == []
    asked(door, request("/media/0a1c.json"))
    asked(door, request("/media/0a1b.csv"))
    assert len(behind.scopes) == 2


def test_the_oldest_registered_files_go_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_files, "_MOST_REGISTERED_BYTES", 10)
    files = kept_files.RegisteredFiles()
    for name in ("a", "b", "a", "c"):
        files.put(f"media/{name}.json", name.encode() * 4)
    assert files.get("media/b.json") is None
    assert files.get("media/a.json") == b"aaaa"
    files.put("media/d.json", b"d" * 40)
    assert files.get("media/d.json") == b"d" * 40
