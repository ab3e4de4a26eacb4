"""Files whose address names their content, kept in memory as they are sent.

The browser asks for about a hundred of them before it shows the first page. Streamlit opens, reads
and streams each one anew, most of them unpacked, and its own pages wait for the same interpreter
meanwhile. Here each is asked for once, packed once and then answered at once. What the answer says
comes from Streamlit: a file that it does not serve is not served here either.

One kind is served longer than Streamlit does: what a page has registered for its map or table. It
drops these as soon as the person's next page has run, while the browser, still busy, is only about
to fetch them.
"""

import gzip
import re
from asyncio import Event
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A hash stands in the name, or a version in the folder.
_NAMED_BY_CONTENT = re.compile(
    r"static/(?:js|css|media)/[\w.-]+\.[\w-]{8}\.(?:js|css|woff2)"
    r"|app/static/[\w/]+/(?:[\w-]+\.)?[0-9a-f]{16}\.(?:js|json)"
    r"|app/static/leaflet/[\d.]+/[\w.]+"
)
_REGISTERED = re.compile(r"media/[0-9a-f]+\.json")
_PACKABLE = ("text/", "application/javascript", "application/json", "image/svg")
_LASTING = "public, immutable, max-age=31536000"
_DROPPED = frozenset({b"accept-ranges", b"content-length", b"etag", b"last-modified"})
_OF_A_SESSION = "private, max-age=600"
_MOST_BYTES = 48_000_000
_MOST_REGISTERED_BYTES = 32_000_000
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it is sent.

    Parameters
    ----------
    headers
        Of the answer, without its length.
    etag
        Names the content; in quotes.
    plain
        The bytes.
    packed
        The same bytes in gzip, empty where that saves nothing.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    etag: str
    plain: bytes = field(repr=False)
    packed: bytes = field(repr=False)

    def messages(self, asked: Headers) -> tuple[Message, Message]:
        """Return the answer to one request: the file, or that the browser has it already."""
        if self.etag in asked.get("if-none-match", ""):
            start = {"type": "http.response.start", "status": 304, "headers": list(self.headers)}
            return start, {"type": "http.response.body", "body": b""}
        is_packed = bool(self.packed) and "gzip" in asked.get("accept-encoding", "")
        body = self.packed if is_packed else self.plain
        headers = MutableHeaders(raw=list(self.headers))
        headers["content-length"] = str(len(body))
        if is_packed:
            headers["content-encoding"] = "gzip"
        return (
            {"type": "http.response.start", "status": 200, "headers": headers.raw},
            {"type": "http.response.body", "body": body},
        )


class RegisteredFiles:
    """The files that pages have registered lately, by their address below the root."""

    def __init__(self) -> None:
        self._lock = Lock()  # pages run in threads of their own
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._byte_count = 0

    def put(self, address: str, content: bytes) -> None:
        """Take a file in, named by its content; the oldest ones go when there are too many."""
        with self._lock:
            if address in self._files:
                self._files.move_to_end(address)
                return
            self._files[address] = content
            self._byte_count += len(content)
            while self._byte_count > _MOST_REGISTERED_BYTES and len(self._files) > 1:
                _, gone = self._files.popitem(last=False)
                self._byte_count -= len(gone)

    def get(self, address: str) -> bytes | None:
        """Return the content of a file, or None if it is not here."""
        with self._lock:
            return self._files.get(address)


registered = RegisteredFiles()
"""Shared by all sessions, as the addresses are: they say nothing but what the content is."""


class KeptFiles:
    """ASGI middleware that answers for files it has seen, and lets everything else pass.

    Parameters
    ----------
    app
        The application that has the files.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._kept: OrderedDict[str, KeptFile] = OrderedDict()
        self._byte_count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        address = self._address(scope)
        content = registered.get(address) if _REGISTERED.fullmatch(address) else None
        if content is not None:
            for message in _registered_file(content).messages(Headers(scope=scope)):
                await send(message)
            return
        if _NAMED_BY_CONTENT.fullmatch(address) is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is None:
            answer: list[Message] = []

            async def hold(message: Message) -> None:
                answer.append(message)

            await self._app(_for_the_whole(scope), _staying(receive), hold)
            kept = _kept_file(answer)
            if kept is None:
                for message in answer:
                    await send(message)
                return
            self._keep(scope["path"], kept)
        for message in kept.messages(Headers(scope=scope)):
            await send(message)

    def _address(self, scope: Scope) -> str:
        """Return the address of a whole file below the root, empty for any other request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return ""
        if any(name == b"range" for name, _ in scope["headers"]):
            return ""
        root = "/".join(filter(None, (scope.get("root_path", "").strip("/"), self._base)))
        return str(scope["path"]).removeprefix(f"/{root}/" if root else "/")

    def _keep(self, path: str, kept: KeptFile) -> None:
        if path in self._kept:  # two asked at once
            return
        self._kept[path] = kept
        self._byte_count += len(kept.plain) + len(kept.packed)
        while self._byte_count > _MOST_BYTES:
            _, gone = self._kept.popitem(last=False)
            self._byte_count -= len(gone.plain) + len(gone.packed)


def _registered_file(content: bytes) -> KeptFile:
    headers = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    kept = _kept_file([start, {"type": "http.response.body", "body": content}], _OF_A_SESSION)
    if kept is None:
        raise AssertionError  # it is a plain answer
    return kept


def _staying(receive: Receive) -> Receive:
    """Return a `receive` that does not tell when the browser has gone.

    What is asked for here is for everybody: Streamlit would break it off for the one who leaves.
    """

    async def staying() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect":
            await Event().wait()  # until the answer is whole and nobody listens any more
        return message

    return staying


def _for_the_whole(scope: Scope) -> Scope:
    """Return the request for the file as it is, whatever the browser has of it."""
    conditions = {b"accept-encoding", b"if-modified-since", b"if-none-match", b"if-range"}
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in conditions]
    return {**scope, "headers": headers}


def _kept_file(answer: list[Message], lasting: str = _LASTING) -> KeptFile | None:
    """Return the file of an answer that may be given to everybody, else None."""
    start, *pieces = answer
    known = Headers(raw=start.get("headers", []))
    is_body = all(piece["type"] == "http.response.body" for piece in pieces)
    if start.get("status") != 200 or not is_body or "set-cookie" in known:  # noqa: PLR2004 - HTTP
        return None
    if "content-encoding" in known:
        return None
    plain = b"".join(piece.get("body", b"") for piece in pieces)
    if known.get("content-length", str(len(plain))) != str(len(plain)):  # broken off
        return None
    raw = [pair for pair in start["headers"] if pair[0].lower() not in _DROPPED]
    headers = MutableHeaders(raw=raw)
    headers["cache-control"] = lasting
    headers["etag"] = etag = f'W/"{sha256(plain).hexdigest()[:32]}"'
    packed = b""
    if known.get("content-type", "").startswith(_PACKABLE):
        packed = gzip.compress(plain, _LEVEL, mtime=0)
        headers.add_vary_header("Accept-Encoding")
    return KeptFile(tuple(raw), etag, plain, packed if len(packed) < len(plain) else b"")
