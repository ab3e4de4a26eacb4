"""Answers that arrive in few pieces.

A run of a page tells the browser dozens of things, each as soon as it is known. The browser draws
after every handful that arrives: the same page, half a dozen times. What a run says within a moment
is therefore sent together, and at the latest when the run has ended. Nothing is changed, left out
or put in another order.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

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
