"""What the application answers itself: the documents of its pages and the files they register.

Streamlit's start document is English, nameless, and looks for its server below the address of the
page first: a page opened by its own address logs two errors. Here each page has that document with
the language, the title and the look of the application, and is told where the server is.
"""

import asyncio
import gzip
import json
import logging
import os
import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from html import escape
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from network_map.app import MAIN_PAGE
from network_map.app.kit.map import map_files, missing_assets, registered
from network_map.app.kit.tables import IN_DOCUMENT, base_style
from network_map.app.request_guard import RequestGuard, accepts_gzip
from network_map.config import app_root
from network_map.errors import NetworkMapError
from network_map.i18n import DEFAULT_LANGUAGE, LANGUAGES, text

START_SCRIPT = app_root() / "streamlit_app.py"
_AT_ROOT = frozenset({MAIN_PAGE, "overview"})
"""Addresses that lead to the main page: its own, and that of a page which it has replaced."""

_LANGUAGE_TAG = "zh-CN"
_SWITCH_SECONDS = 0.001
_MOMENT_SECONDS = 0.006  # Streamlit hands on what a run says every 5 ms
_MOST_MOMENTS = 6
_SILENCE_SECONDS = 0.05
_QUIET_MS = 20_000  # a page that fails again at once is left as it is
_NOT_KEPT = {"cache-control": "no-cache"}
_JSON_HEADERS = {
    "content-type": "application/json", "cache-control": "private, max-age=600",
    "vary": "accept-encoding",
}  # fmt: skip
_LASTING_HEADERS = {
    "content-encoding": "gzip", "cache-control": "public, immutable, max-age=31536000",
    "vary": "accept-encoding",
}  # fmt: skip
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
# An address that looks like one of a page; Streamlit answers each with its main page.
_PAGE_NAME = re.compile(r"[A-Za-z][\w-]*")
_LOG = logging.getLogger(__name__)
_CLIENT = Path(st.__file__).parent / "static"
# The client's address without the page's own steps: right below any base path, also one that only
# a reverse proxy knows. Where Streamlit's client loses a part of the page (two runs that end and
# begin in one of its updates) it stops with this error and an empty page: the page is then opened
# again by its own address, which holds the whole view.
_SCRIPT = """<script>
      (() => {{
        const steps = location.pathname.replace(/\\/+$/, "").split("/")
        const base = steps.slice(0, Math.max(1, steps.length - {depth})).join("/")
        window.__streamlit = {{ BACKEND_BASE_URL: location.origin + base, ...{settings} }}
        addEventListener("error", ({{ message }}) => {{
          const last = Number(sessionStorage.getItem("drawn-anew") ?? 0)
          if (!/delta path/.test(message) || Date.now() - last < {quiet_ms}) return
          sessionStorage.setItem("drawn-anew", Date.now())
          location.reload()
        }})
      }})()
    </script>
    """
# The parts of Streamlit's client that our pages are made of.
_PARTS = (
    "BidiComponent", "Html", "ButtonGroup", "Selectbox", "TextInput", "Radio", "Button",
    "Checkbox",
)  # fmt: skip
_IMPORT = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")
# They run, and the boundaries are unpacked, while the browser waits for the server's first word.
_WARM = (
    '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{{first}'
    "for (const part of {parts}) "
    'import("./static/js/" + part).catch(() => {{}})}})</script>'
)
_WITHOUT_MAP = frozenset({"data_check", "import_nodes", "import_contracts", "methods"})
# Files whose address names their content: a hash in the name, or a version in the folder.
_LASTING = re.compile(
    r"static/(?:js|css)/[\w.-]+\.[\w-]{8}\.(?:js|css)"
    r"|app/static/\w+/(?:[\w-]+\.)?[0-9a-f]{16}\.(?:js|json)"
    r"|app/static/leaflet/[\d.]+/\w+\.(?:js|css)"
)


class UnknownDocumentError(Exception):
    """Streamlit's start document is not the one that we know how to change."""


def start_document(*, depth: int, has_map: bool) -> str:
    """Return Streamlit's start document made ours.

    Parameters
    ----------
    depth
        Steps of the address below the application's root: 0 for the first page, else 1.
    has_map
        Whether the page shows the map.

    Raises
    ------
    UnknownDocumentError
        If a place that is changed does not stand in Streamlit's document exactly once.
    """
    title = escape(text("app.title", DEFAULT_LANGUAGE))
    script = _SCRIPT.format(depth=depth, settings=_client_settings(), quiet_ms=_QUIET_MS)
    changes = {
        r'<html lang="en">': f'<html lang="{_LANGUAGE_TAG}">',
        r"<title>Streamlit</title>": f"<title>{title}</title>",
        # A font that no page uses.
        r'<link\s+rel="preload"\s[^>]*as="font"[^>]*/>': "",
        r'(?=<script type="module"[^>]* src="\./static/js/)': script,
        # At the end: the client puts its own rules into the head, and the later ones hold.
        r"(?=</body>)": f"{base_style()}\n  ",
    }
    known = html = (_CLIENT / "index.html").read_text(encoding="utf-8")
    for place, ours in changes.items():
        html, count = re.subn(place, ours.replace("\\", r"\\"), html)
        if count != 1:
            message = (
                f"Streamlit's index.html has {place} {count} times instead of once: "
                "network_map.app.server.start_document must be adapted."
            )
            raise UnknownDocumentError(message)
    return html.replace("</head>", f"{_head_links(known, has_map=has_map)}  </head>", 1)


def page_documents() -> Mapping[str, str]:
    """Return the document of each page by its address; the main page's is the empty one.

    Raises
    ------
    UnknownDocumentError
        If Streamlit's document is not the one that we know.
    """
    with_map = start_document(depth=1, has_map=True)
    without = start_document(depth=1, has_map=False)
    pages = [page.stem for page in (app_root() / "pages").glob("*.py")]
    documents = {page: without if page in _WITHOUT_MAP else with_map for page in pages}
    return documents | {"": start_document(depth=0, has_map=True)}


def _served_documents() -> list[str]:
    """Return every document that may be served: ours, and Streamlit's where ours cannot be made."""
    documents = [(_CLIENT / "index.html").read_text(encoding="utf-8")]
    with suppress(UnknownDocumentError):
        documents += page_documents().values()
    return documents


def _head_links(known: str, *, has_map: bool) -> str:
    """Return what lets the browser fetch and run the parts of the first page before it needs them.

    Streamlit's client asks for one after the other, each when its place in the page comes: a part,
    what the part imports, the map's script, Leaflet, the boundaries. What goes wrong here goes
    wrong again where the part is needed, and is told there.
    """
    parts = client_parts()
    scripts = [f"static/js/{name}" for name in _with_imports(parts) if f'/{name}"' not in known]
    first, fetched = "", []
    if has_map and not missing_assets():
        component, *others, geometry = map_files()
        scripts += [component, *others]
        # Not "preload": of that the browser complains where the map takes a few seconds to come.
        fetched = [f'<link rel="prefetch" as="fetch" href="./{geometry}">']
        first = f'import("./{component}").then((map) => map.warm("{geometry}")).catch(() => {{}});'
    links = [f'<link rel="modulepreload" crossorigin href="./{address}">' for address in scripts]
    warm = _WARM.format(first=first, parts=json.dumps(parts))
    return "".join(f"  {link}\n" for link in (*links, *fetched, warm))


def client_parts() -> list[str]:
    """Return the scripts of Streamlit's client that our pages are made of."""
    return [path.name for part in _PARTS for path in _CLIENT.glob(f"static/js/{part}.*.js")]


def _with_imports(parts: list[str]) -> list[str]:
    """Return scripts and what they import, in loading order."""
    found: dict[str, None] = {}
    waiting = [*parts]
    while waiting:
        name = waiting.pop(0)
        script = _CLIENT / "static" / "js" / name
        if name not in found and script.is_file():
            found[name] = None
            waiting += _IMPORT.findall(script.read_text(encoding="utf-8"))
    return list(found)


def _lasting_file(route: str, asked: Headers) -> Response | None:
    """Return a file packed once for everybody; None where Streamlit has to answer.

    Streamlit reads each anew, and its own pages wait for the same interpreter meanwhile.
    """
    root = app_root() / "static" if route.startswith("app/") else _CLIENT / "static"
    path = root / route.partition("static/")[2]
    if "range" in asked or not _takes_gzip(asked) or not path.is_file():
        return None
    headers = _LASTING_HEADERS | {"content-type": _TYPES[path.suffix]}
    return Response(_packed(path), headers=headers)


def _registered_file(packed: bytes, asked: Headers) -> Response:
    if _takes_gzip(asked):
        return Response(packed, headers=_JSON_HEADERS | {"content-encoding": "gzip"})
    return Response(gzip.decompress(packed), headers=_JSON_HEADERS)


def _takes_gzip(asked: Headers) -> bool:
    return accepts_gzip(asked.get("accept-encoding", ""))


@lru_cache(maxsize=512)
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def not_found_document() -> str:
    """Return what is said of an address that is none of the pages, in both languages."""
    said = "".join(
        f"<p>{escape(text('frame.not_found', language))} "
        f'<a href="./?lang={language}">{escape(text("frame.to_main_page", language))}</a></p>'
        for language in LANGUAGES
    )
    title = escape(text("app.title", DEFAULT_LANGUAGE))
    return (
        f'<!doctype html><html lang="{_LANGUAGE_TAG}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>body {{ font: 16px/1.6 sans-serif; margin: 4rem; "
        f"color: #1c2733; }}</style></head><body><h1>{title}</h1>{said}</body></html>"
    )


class FrontDoor:
    """ASGI middleware that answers for the pages and their files; all else is Streamlit's.

    Parameters
    ----------
    app
        The application behind the door.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        registered.is_served = True
        self._base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._documents: Mapping[str, str] = {}
        try:
            self._documents = page_documents()
        except UnknownDocumentError as error:
            _LOG.warning("%s", error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket" and self._documents:
            # The page need not bring the look along.
            scope = {**scope, "headers": [*scope["headers"], (IN_DOCUMENT.encode(), b"1")]}
        answer = self._answer(scope) or self._app
        await answer(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        root = "/".join(filter(None, (scope.get("root_path", "").strip("/"), self._base)))
        prefix = f"/{root}/" if root else "/"
        path = str(scope["path"])
        if not path.startswith(prefix):
            return None
        return self._found(path.removeprefix(prefix), scope)

    def _found(self, route: str, scope: Scope) -> Response | None:
        asked = Headers(scope=scope)
        if route in _AT_ROOT:
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"./?{query}" if query else "./", headers=_NOT_KEPT)
        if route in self._documents:
            return HTMLResponse(self._documents[route], headers=_NOT_KEPT)
        if packed := registered.packed(route):
            return _registered_file(packed, asked)
        if _PAGE_NAME.fullmatch(route) and "text/html" in asked.get("accept", ""):
            return HTMLResponse(not_found_document(), status_code=404, headers=_NOT_KEPT)
        return _lasting_file(route, asked) if _LASTING.fullmatch(route) else None


class BatchedMessages:
    """ASGI middleware that sends the browser together what a run of a page says in one breath.

    A run says dozens of things, each as soon as it is known, and the browser draws after every
    handful that arrives: the same page, half a dozen times. The first word after a silence goes out
    at once, so that the browser makes ready while the run goes on; what follows waits until nothing
    more has come for a moment, or has waited long enough. Nothing is changed, left out or put in
    another order.

    Parameters
    ----------
    app
        The application that speaks.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        breaths = _Breaths(send)
        try:
            await self._app(scope, receive, breaths.take)
        finally:
            breaths.stop()


class _Breaths:
    """What one connection is told, and what of it still waits to be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._clock = asyncio.get_running_loop().time
        self._said_at = -_SILENCE_SECONDS
        self._waiting: deque[Message] = deque()
        self._batch: asyncio.Task[None] | None = None

    async def take(self, message: Message) -> None:
        """Send a message at once or with those around it, in their order."""
        if self._batch is not None and self._batch.done():
            self._batch.result()  # tells the application that the connection has broken off
            self._batch = None
        is_first = self._clock() - self._said_at >= _SILENCE_SECONDS
        self._said_at = self._clock()
        is_end = message["type"] != "websocket.send"
        if self._batch is None and (is_first or is_end):
            await self._send(message)
            return
        self._waiting.append(message)
        self._batch = self._batch or asyncio.create_task(self._send_batch())
        if is_end:
            await self._batch

    async def _send_batch(self) -> None:
        for _ in range(_MOST_MOMENTS):
            count = len(self._waiting)
            await asyncio.sleep(_MOMENT_SECONDS)
            if len(self._waiting) == count:
                break
        while self._waiting:
            await self._send(self._waiting.popleft())

    def stop(self) -> None:
        """Send no more."""
        if self._batch is not None:
            self._batch.cancel()


@asynccontextmanager
async def warm_start(_: st.App) -> AsyncIterator[None]:
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
    from network_map.app.kit import memo  # noqa: PLC0415 -- takes seconds

    memo.warm_up()
    # The page that counts most: what it asks first is there before somebody comes.
    from network_map.app import gap_answers, gaps  # noqa: F401, PLC0415 -- after what all need

    # What cannot be made is left to the page, which says so.
    with suppress(NetworkMapError):
        gap_answers.warm_first_page()


def _client_settings() -> str:
    """Return what the client is told beforehand as JSON, safe inside a script.

    Without the fonts the browser fetches one until the theme arrives. Without the pages that may
    steer this one from outside the client asks the server for them, and connects after that.
    """
    options = {"bodyFont": "theme.font", "headingFont": "theme.headingFont",
               "codeFont": "theme.codeFont"}  # fmt: skip
    fonts = {name: st.get_option(option) for name, option in options.items()}
    theme = {name: font for name, font in fonts.items() if isinstance(font, str) and font}
    host = {
        "allowedOrigins": list(st.get_option("client.allowedOrigins") or ()),
        "useExternalAuthToken": False,
        # What it says of a lost connection is English; the bar at the top says it (top_bar.js).
        "blockErrorDialogs": True,
    }
    settings = {"LIGHT_THEME": theme, "DARK_THEME": theme, "HOST_CONFIG": host}
    return json.dumps(settings).replace("<", "\\u003c")


MIDDLEWARE = (
    Middleware(RequestGuard, documents=_served_documents),
    Middleware(BatchedMessages),
    Middleware(FrontDoor),
)
"""What the application is served through, the guard first."""
