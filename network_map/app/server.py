"""The front door: Streamlit's start document, made ours before the browser reads it.

Streamlit's browser client looks for its server below the address of the page first, and at the
root of the application only after that has failed: a page opened by its own address logs two
errors. Told where the server is, it asks once; told who may steer it from outside, it does not wait
for that answer before it connects. The start document also gets the language, the name, the fonts
and the look of the application, and loses a font that no page uses. Every other answer passes
untouched.
"""

import gzip
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from html import escape
from http import HTTPStatus
from threading import Thread

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from network_map.app.first_files import PAGES, head_links
from network_map.app.kit.registered_files import KeptFiles
from network_map.app.kit.style import IN_DOCUMENT, base_style
from network_map.app.one_piece import OnePiece
from network_map.app.prompt_answers import PromptAnswers
from network_map.i18n import DEFAULT_LANGUAGE, text

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
