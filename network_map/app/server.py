"""The front door: Streamlit's start document, made ours before the browser reads it.

Streamlit's browser client looks for its server below the address of the page first, and at the
root of the application only after that has failed: a page opened by its own address logs two
errors. Told where the server is, it asks once; told who may steer it from outside, it does not wait
for that answer before it connects. The start document also gets the language, the name, the fonts
and the look of the application, and loses a font that no page uses. Every other answer passes
untouched.

What the browser will need for the first page, told to it before Streamlit's client asks.

The client fetches the parts of a page one after the other, each when its place in the page comes:
a part, then what the part imports, then the map's script, then Leaflet, then the boundaries.

Answers that leave at once.

An answer goes out in two pieces, head and body, and a rerun of a page in dozens. By TCP's usual
rule (J. Nagle, RFC 896) a small piece waits until the piece before it is acknowledged, which the
other side puts off for up to 40 ms (RFC 1122, 4.2.3.2). asyncio switches that rule off for the
sockets that it makes itself, and not for those of a listening socket that Streamlit has bound.

Answers that arrive in few pieces.

A run of a page tells the browser dozens of things, each as soon as it is known. The browser draws
after every handful that arrives: the same page, half a dozen times. What a run says within a moment
is therefore sent together, and at the latest when the run has ended. Nothing is changed, left out
or put in another order.
"""

import asyncio
import gzip
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from hashlib import sha256
from html import escape
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.starlette import App

from network_map.app.kit.map import map_files, missing_assets
from network_map.app.kit.registered_files import KeptFiles
from network_map.app.kit.tables import IN_DOCUMENT, base_style
from network_map.i18n import DEFAULT_LANGUAGE, text

PAGES = {
    "": True,
    "contracts": True,
    "consortia": True,
    "gaps": True,
    "indices": True,
    "data_check": False,
    "import_nodes": False,
    "import_contracts": False,
    "methods": False,
}
"""The pages by their addresses below the application's root, and whether they show the map."""

# Parts of Streamlit's client that our pages are made of. The map comes first.
_PARTS = (
    "BidiComponent", "Html", "ButtonGroup", "Selectbox", "TextInput", "Radio", "Button",
    "Checkbox",
)  # fmt: skip
# The scripts run and the boundaries are unpacked while the browser waits for the server's first
# word: a part that has run by then is drawn with the page, not after it. What goes wrong here goes
# wrong again where the part is needed, and is told there.
_WARM = (
    '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{{first}'
    "for (const part of {parts}) "
    'import("./static/js/" + part).catch(() => {{}})}})</script>'
)
_WARM_MAP = 'import("./" + {component}).then((map) => map.warm({geometry})).catch(() => {{}});'
_IMPORT = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


@cache
def head_links(document: str, page: str) -> str:
    """Return the links for the head of the start document, a line each.

    Parameters
    ----------
    document
        Streamlit's start document; what it names already is left out.
    page
        Address of the page below the application's root.
    """
    folder = Path(file_util.get_static_dir()) / "static" / "js"
    links = [
        _module(f"static/js/{name}") for name in client_parts(folder) if f'/{name}"' not in document
    ]
    first = ""
    if PAGES[page] and not missing_assets():
        component, *scripts, geometry = map_files()
        links += [*map(_module, (component, *scripts)), _fetched(geometry)]
        first = _WARM_MAP.format(component=json.dumps(component), geometry=json.dumps(geometry))
    links.append(_WARM.format(first=first, parts=json.dumps(_part_files(folder))))
    return "".join(f"    {link}\n" for link in links)


def client_parts(folder: Path) -> list[str]:
    """Return the files of the parts and of what they import, in loading order.

    Parameters
    ----------
    folder
        Where Streamlit keeps the scripts of its client; a part that is not there is left out.
    """
    found: dict[str, None] = {}
    waiting = _part_files(folder)
    while waiting:
        name = waiting.pop(0)
        if name in found or not (folder / name).is_file():
            continue
        found[name] = None
        waiting += _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
    return list(found)


def _part_files(folder: Path) -> list[str]:
    return [path.name for stem in _PARTS for path in sorted(folder.glob(f"{stem}.*.js"))]


def _module(address: str) -> str:
    return f'<link rel="modulepreload" crossorigin href="./{address}">'


def _fetched(address: str) -> str:
    # Not "preload": of that the browser complains where the map takes a few seconds to come.
    return f'<link rel="prefetch" as="fetch" href="./{address}">'


# IANA's number of the protocol, and the option's on Linux, macOS and Windows. No room of ours
# imports what opens connections.
_TCP = 6
_NO_DELAY = 1
_FAMILIES = frozenset({"AF_INET", "AF_INET6"})


class PromptAnswers:
    """ASGI middleware: each connection sends without waiting.

    Parameters
    ----------
    app
        The application that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one connection."""
        if scope["type"] != "lifespan":
            send_at_once(receive)
        await self._app(scope, receive, send)


def send_at_once(receive: Receive) -> bool:
    """Switch the waiting off for the connection behind a server's `receive`.

    Parameters
    ----------
    receive
        As uvicorn makes it, and Starlette hands it on: a method of what holds the connection.

    Returns
    -------
    bool
        Whether there was such a connection; another server's answers go out as it sends them.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    connection = None if transport is None else transport.get_extra_info("socket")
    if connection is None or connection.family.name not in _FAMILIES:
        return False
    connection.setsockopt(_TCP, _NO_DELAY, 1)
    return True


_MOMENT_SECONDS = 0.012
# The end of a run, and that one has begun, are short messages.
_SHORT_BYTES = 200
_BEGUN, _ENDED = "session_status_changed", "script_finished"

Later = Callable[[Callable[[], None]], asyncio.TimerHandle]


class OnePiece:
    """ASGI middleware: what a run of a page says within a moment goes out together.

    Parameters
    ----------
    app
        The application that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        held = Held(send, _after_a_moment)
        try:
            await self._app(scope, receive, held.take)
        finally:
            held.stop()


@dataclass(slots=True)
class Held:
    """The messages of one connection that wait for the end of their moment.

    Parameters
    ----------
    send
        Sends a message for good.
    later
        Calls back at the end of a moment that begins now.
    """

    send: Send
    later: Later
    _waiting: list[Message] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _timer: asyncio.TimerHandle | None = None
    _task: asyncio.Task[None] | None = None

    async def take(self, message: Message) -> None:
        """Take a message over from the application."""
        kind = _kind(message)
        # The browser draws the beginning while the run goes on; the end has nothing to wait for.
        is_prompt = kind == _ENDED or (kind == _BEGUN and not self._waiting)
        self._waiting.append(message)
        if is_prompt or message["type"] != "websocket.send":
            await self.release()
        elif self._timer is None:
            self._timer = self.later(self._start_release)

    async def release(self) -> None:
        """Send what waits, in its order."""
        self._cancel_timer()
        async with self._turn:
            messages, self._waiting = self._waiting, []
            for message in messages:
                await self.send(message)

    def stop(self) -> None:
        """Forget what waits: the connection has ended."""
        self._cancel_timer()
        self._waiting.clear()

    def _start_release(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self.release())
        # A connection that has broken off meanwhile is told to the application by its own calls.
        self._task.add_done_callback(_take_notice)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _take_notice(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()


def _after_a_moment(call: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(_MOMENT_SECONDS, call)


def _kind(message: Message) -> str | None:
    """Return the kind of a short message of a run, None for any other."""
    content = message.get("bytes") or b""
    if not 0 < len(content) <= _SHORT_BYTES:
        return None
    try:
        kind: str | None = ForwardMsg.FromString(content).WhichOneof("type")
    except DecodeError:  # not a run's
        return None
    return kind


MAIN_PAGE = "overview"
"""The page that opens first. Streamlit serves it at the root and does not know its name there."""

_LANGUAGE_TAG = "zh-CN"
_LONGEST_BYTES = 65_536
_SWITCH_SECONDS = 0.001
# What stands once in every start document that we know how to change.
_LANGUAGE = re.compile(r'<html lang="[^"]*">')
_TITLE = re.compile(r"<title>[^<]*</title>")
_FONT = re.compile(r'\s*<link\s+rel="preload"\s[^>]*\sas="font"[^>]*/>')
_CLIENT = re.compile(r'<script type="module"[^>]* src="\./static/js/')
_END = re.compile(r"</body>")
# The client's address without the page's own steps: right below any base path, also one that only
# a reverse proxy knows. The number of steps is all that enters the document from a request.
_SCRIPT = """<script>
      (() => {{
        const steps = location.pathname.replace(/\\/+$/, "").split("/")
        const base = steps.slice(0, Math.max(1, steps.length - {depth})).join("/")
        window.__streamlit = {{
          BACKEND_BASE_URL: location.origin + base,
          ...{settings},
          ...window.__streamlit,
        }}
      }})()
    </script>
    """
# What a request may ask of the document that Streamlit keeps, and not of the one that we send.
_CONDITIONS = frozenset(
    {b"accept-encoding", b"if-modified-since", b"if-none-match", b"if-range", b"range"}
)
_OF_THE_SOURCE = frozenset({b"accept-ranges", b"content-length", b"etag", b"last-modified"})


@dataclass(frozen=True, slots=True)
class StartDocument:
    """The document that the browser starts from, as it is sent.

    Parameters
    ----------
    plain
        Its bytes.
    packed
        The same bytes in gzip.
    etag
        Names the content; in quotes.
    """

    plain: bytes
    packed: bytes
    etag: str


@lru_cache(maxsize=8)
def start_document(
    source: bytes, *, depth: int, settings: str, page: str | None = None
) -> StartDocument | None:
    """Return Streamlit's start document made ours, or None if it is not the one we know.

    Parameters
    ----------
    source
        The document as Streamlit serves it.
    depth
        Steps of the address below the application's root: 0 for the first page, else 1.
    settings
        What the client would ask the server for before it does anything, as JSON.
    page
        Address of the page below the application's root, if it is one of ours: what it will need
        is then named in the head.
    """
    html = theirs = source.decode("utf-8", errors="replace")
    parts = (_LANGUAGE, _TITLE, _FONT, _CLIENT, _END)
    if any(len(part.findall(html)) != 1 for part in parts):
        return None
    title = escape(text("app.title", DEFAULT_LANGUAGE))
    html = _LANGUAGE.sub(f'<html lang="{_LANGUAGE_TAG}">', html)
    html = _TITLE.sub(f"<title>{title}</title>", html)
    html = _FONT.sub("", html)
    html = _CLIENT.sub(
        lambda client: _SCRIPT.format(depth=depth, settings=settings) + client[0], html
    )
    # At the end: the client puts its own rules into the head, and of two alike the later one holds.
    html = _END.sub(lambda end: f"  {base_style()}\n  {end[0]}", html)
    if page is not None:
        html = html.replace("</head>", f"{head_links(theirs, page)}  </head>", 1)
    plain = html.encode()
    return StartDocument(
        plain, gzip.compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"'
    )


Ours = Callable[[bytes], StartDocument | None]


class FrontDoor:
    """ASGI middleware that changes the start document and nothing else.

    Parameters
    ----------
    app
        The application behind the door.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._settings = _client_settings()
        self._has_changed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket" and self._has_changed:
            scope = {**scope, "headers": [*scope["headers"], (IN_DOCUMENT.encode(), b"1")]}
        route = _route(scope, self._base)
        if route is None:
            await self._app(scope, receive, send)
        elif route == MAIN_PAGE:
            await RedirectResponse(_root(scope), headers={"cache-control": "no-cache"})(
                scope, receive, send
            )
        else:
            depth = len(route.split("/")) if route else 0
            page = route if route in PAGES else None
            ours = partial(self._ours, depth=depth, page=page)
            await self._app(_unconditional(scope), receive, _changing(scope, send, ours))

    def _ours(self, source: bytes, *, depth: int, page: str | None) -> StartDocument | None:
        document = start_document(source, depth=depth, settings=self._settings, page=page)
        self._has_changed = document is not None
        return document


MIDDLEWARE = (
    Middleware(PromptAnswers), Middleware(OnePiece), Middleware(FrontDoor), Middleware(KeptFiles),
)  # fmt: skip
"""What the application is served through."""


@asynccontextmanager
async def warm_start(_: App) -> AsyncIterator[None]:
    """Load what every page needs while the server answers already: the first visitor waits less.

    A page that counts keeps the interpreter for one switch interval at a time, and what the browser
    fetches meanwhile waits for several of them: shorter ones let it through. Several people are
    served at once, and the products of small matrices that a page needs gain nothing from threads
    that wait for each other: numpy, which is loaded after this, is told so.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    Thread(target=_load, name="warm-up").start()
    yield


def _load() -> None:
    from network_map.app.kit import memo as cached  # noqa: PLC0415 -- imported here, because that takes seconds

    cached.warm_up()


def _client_settings() -> str:
    """Return what the client is told beforehand as JSON, safe inside a script.

    Without the fonts the browser fetches one until the theme arrives. Without the pages that may
    steer this one from outside the client asks the server for them, and connects after that.
    """
    options = {"bodyFont": "theme.font", "headingFont": "theme.headingFont",
               "codeFont": "theme.codeFont"}  # fmt: skip
    fonts = {name: st.get_option(option) for name, option in options.items()}
    told = {name: font for name, font in fonts.items() if isinstance(font, str) and font}
    host = {
        "allowedOrigins": list(st.get_option("client.allowedOrigins") or ()),
        "useExternalAuthToken": False,
    }
    settings = {"LIGHT_THEME": told, "DARK_THEME": told, "HOST_CONFIG": host}
    return json.dumps(settings).replace("<", "\\u003c")


def _route(scope: Scope, base: str) -> str | None:
    """Return what is asked for below the application's root, or None if it is no document."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    root = "/".join(filter(None, (scope.get("root_path", "").strip("/"), base)))
    prefix = f"/{root}/" if root else "/"
    path = str(scope["path"])
    if not path.startswith(prefix):
        return None
    route = path.removeprefix(prefix)
    is_file = "." in route.rpartition("/")[2]
    return None if is_file or route.startswith("_stcore/") else route


def _root(scope: Scope) -> str:
    """Return the address of the first page, relative to another one, the query kept."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"./?{query}" if query else "./"


def _unconditional(scope: Scope) -> Scope:
    """Return the request for the whole document as it is."""
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in _CONDITIONS]
    return {**scope, "method": "GET", "headers": headers}


def _changing(scope: Scope, send: Send, ours: Ours) -> Send:
    """Return a `send` that holds a small page back until it is whole, and sends it changed."""
    held: list[Message] = []

    async def forward(message: Message) -> None:
        if scope["method"] == "HEAD" and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    async def changing(message: Message) -> None:
        if _is_small_page(message):
            held.append(message)
        elif held and message["type"] == "http.response.body":
            held.append(message)
            if not message.get("more_body", False):
                await release(_changed(held, Headers(scope=scope), ours))
        else:
            await release([*held, message])

    async def release(messages: list[Message]) -> None:
        held.clear()
        for message in messages:
            await forward(message)

    return changing


def _is_small_page(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != HTTPStatus.OK:
        return False
    headers = Headers(raw=message["headers"])
    return (
        headers.get("content-type", "").startswith("text/html")
        and "content-encoding" not in headers
        and 0 < int(headers.get("content-length", "0")) <= _LONGEST_BYTES
    )


def _changed(held: list[Message], asked: Headers, ours: Ours) -> list[Message]:
    """Return the messages that answer with our document, or those held if it is not the one."""
    start, *pieces = held
    document = ours(b"".join(piece.get("body", b"") for piece in pieces))
    if document is None:
        return [*held]
    raw = [pair for pair in start["headers"] if pair[0].lower() not in _OF_THE_SOURCE]
    headers = MutableHeaders(raw=raw)
    headers["etag"] = document.etag
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")
    if document.etag in asked.get("if-none-match", ""):
        start = {**start, "status": HTTPStatus.NOT_MODIFIED.value, "headers": raw}
        return [start, {"type": "http.response.body", "body": b""}]
    body = document.plain
    if "gzip" in asked.get("accept-encoding", ""):
        body = document.packed
        headers["content-encoding"] = "gzip"
    headers["content-length"] = str(len(body))
    return [{**start, "headers": raw}, {"type": "http.response.body", "body": body}]
