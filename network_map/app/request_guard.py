"""Who may speak to the server: its own addresses, from its own pages, and nobody else.

Any page that a browser shows may send requests to this computer, and a name on the internet may
lead to it (DNS rebinding). So the Host and the Origin of each request are compared with the
addresses that the server was told it has, before anything else looks at it. Each answer says what a
browser may do with it (Content Security Policy, level 3; the Fetch standard).
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from network_map.config import Settings, TileLayer, load_settings
from network_map.errors import ConfigError, MissingFileError
from network_map.i18n import LANGUAGES, text

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_USUAL_PORTS = {"http": 80, "https": 443}
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1
_METRICS = "_stcore/metrics"
# How much somebody does is nobody else's affair, and Streamlit has no switch for it.
_WITHOUT_ADDRESS = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_QUALITY = re.compile(r"q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_LASTING_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",  # for browsers that do not know frame-ancestors
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
}


def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding header takes gzip (RFC 9110, 12.5.3).

    Parameters
    ----------
    header
        Its value; what cannot be understood is not taken.
    """
    found: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, *settings = (word.strip() for word in part.split(";"))
        quality = next((word for word in settings if word.startswith("q")), "q=1")
        found[name] = bool(_QUALITY.fullmatch(quality)) and float(quality[2:]) > 0
    named = [found[name] for name in ("gzip", "x-gzip") if name in found]
    return any(named) if named else found.get("*", False)


def content_policy(documents: Iterable[str], tile_layers: Sequence[TileLayer]) -> str:
    """Return the Content-Security-Policy of all answers.

    Parameters
    ----------
    documents
        The pages: of the scripts that stand in a page, theirs may run.
    tile_layers
        Layers of the settings: their pictures may be shown.
    """
    scripts = {script for page in documents for script in _WITHOUT_ADDRESS.findall(page)}
    hashes = sorted(b64encode(sha256(script.encode()).digest()).decode() for script in scripts)
    parts = {
        "default-src": ["'self'"],
        # Streamlit's client runs the loader of a component from a blob that it makes.
        "script-src": ["'self'", "blob:", *(f"'sha256-{digest}'" for digest in hashes)],
        "style-src": ["'self'", "'unsafe-inline'"],  # its components write rules as they are drawn
        "img-src": ["'self'", "data:", "blob:", *_tile_sources(tile_layers)],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "frame-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join((name, *sources)) for name, sources in parts.items())


def _tile_sources(layers: Sequence[TileLayer]) -> list[str]:
    sources: dict[str, None] = {}
    for layer in layers:
        for subdomain in layer.subdomains or " ":
            address = urlsplit(layer.address.replace("{s}", subdomain.strip()))
            sources[f"{address.scheme}://{address.netloc}"] = None
    return list(sources)


class RequestGuard:
    """ASGI middleware that refuses foreign hosts and pages, and marks every answer.

    Parameters
    ----------
    app
        The application behind it.
    documents
        Returns the pages that are served, for the scripts in them.
    settings
        By default those of the working directory; where they cannot be used, the pages say so,
        and only this computer's own names are known.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        documents: Callable[[], Iterable[str]],
        settings: Settings | None = None,
    ) -> None:
        self._app = app
        told = _usable_settings() if settings is None else settings
        layers = () if told is None else told.tile_layers
        self._public = frozenset(() if told is None else told.public_urls)
        self._public_hosts = frozenset(host for url in self._public for host in _hosts(url))
        self._marks = {
            "content-security-policy": content_policy(documents(), layers),
            **_LASTING_HEADERS,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._marks)
            await send(message)

        asked = Headers(scope=scope)
        if not self._is_invited(asked, _port_of(scope)):
            await _refuse(scope, receive, marked)
        elif _METRICS in scope["path"]:
            answer = PlainTextResponse("Not Found", HTTPStatus.NOT_FOUND)
            await answer(scope, receive, marked)
        else:
            await self._app(_understood(scope, asked), receive, marked)

    def _is_invited(self, asked: Headers, port: int | None) -> bool:
        local_hosts, local_pages = _local_addresses(port)
        hosts, origins = asked.getlist("host"), asked.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1:
            return False
        host = hosts[0].lower()
        if host not in local_hosts and host not in self._public_hosts:
            return False
        return not origins or origins[0] in local_pages or origins[0] in self._public


def _usable_settings() -> Settings | None:
    try:
        return load_settings()
    except (ConfigError, MissingFileError):
        return None


def _port_of(scope: Scope) -> int | None:
    """Return the port that the request came in at; a socket of the file system has none."""
    server = scope.get("server")
    return server[1] if server else None


@lru_cache(maxsize=8)
def _local_addresses(port: int | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the hosts of this computer at its port, and the origins of its pages."""
    if port is None:
        return frozenset(), frozenset()
    pages = frozenset(
        f"{scheme}://{name}" if port == usual else f"{scheme}://{name}:{port}"
        for scheme, usual in _USUAL_PORTS.items()
        for name in _LOCAL_NAMES
    )
    return frozenset(host for page in pages for host in _hosts(page)), pages


def _hosts(url: str) -> tuple[str, ...]:
    """Return how a Host header may name an address: the usual port may be said or left out."""
    parts = urlsplit(url)
    usual = f"{parts.netloc}:{_USUAL_PORTS[parts.scheme]}"
    return (parts.netloc,) if parts.port else (parts.netloc, usual)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    said = "\n".join(text("door.refused", language) for language in LANGUAGES)
    await PlainTextResponse(said + "\n", HTTPStatus.FORBIDDEN)(scope, receive, send)


def _understood(scope: Scope, asked: Headers) -> Scope:
    """Return the request as Streamlit should see it.

    It looks for "gzip" in a header that may say "not gzip". And where the host of a connection is
    not that of its page, as behind a proxy that puts its own, it asks a service outside for the
    address of this computer (twice a second at least): both are known here, so they are told alike.
    """
    headers = list(scope["headers"])
    if not accepts_gzip(asked.get("accept-encoding", "")):
        headers = [pair for pair in headers if pair[0] != b"accept-encoding"]
    if scope["type"] == "websocket" and "origin" in asked:
        host = urlsplit(asked["origin"]).netloc.encode("latin-1")
        headers = [(name, host if name == b"host" else value) for name, value in headers]
    return scope if headers == scope["headers"] else {**scope, "headers": headers}
