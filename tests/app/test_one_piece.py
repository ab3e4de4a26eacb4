"""What a run of a page says goes out in few pieces, all of it and in its order."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from network_map.app.server import Held, OnePiece

BEGUN, ENDED, SOMETHING = "begun", "ended", "something"


def said(kind: str, number: int = 0) -> Message:
    message = ForwardMsg()
    if kind == BEGUN:
        message.session_status_changed.script_is_running = True
    elif kind == ENDED:
        message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    else:
        message.delta.new_element.text.body = f"{number}"
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


class Line:
    """A connection whose moments end when the test says so."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.moment: Callable[[], None] | None = None
        self.held = Held(self.send, self.later)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def later(self, call: Callable[[], None]) -> asyncio.TimerHandle:
        self.moment = call
        # Never on its own: the loop ends long before.
        return asyncio.get_running_loop().call_later(3600, call)

    async def end_moment(self) -> None:
        if self.moment is not None:
            self.moment()
            self.moment = None
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)


def test_the_beginning_goes_out_at_once_and_the_rest_with_the_end() -> None:
    async def run() -> None:
        line = Line()
        await line.held.take(said(BEGUN))
        assert line.sent == [said(BEGUN)]
        await line.held.take(said(SOMETHING, 1))
        await line.held.take(said(SOMETHING, 2))
        assert line.sent == [said(BEGUN)]
        await line.held.take(said(ENDED))
        assert line.sent == [said(BEGUN), said(SOMETHING, 1), said(SOMETHING, 2), said(ENDED)]

    asyncio.run(run())


def test_a_long_run_says_what_it_has_at_the_end_of_each_moment() -> None:
    async def run() -> None:
        line = Line()
        await line.held.take(said(SOMETHING, 1))
        await line.end_moment()
        assert line.sent == [said(SOMETHING, 1)]
        await line.held.take(said(SOMETHING, 2))
        assert line.sent == [said(SOMETHING, 1)]
        await line.end_moment()
        assert line.sent == [said(SOMETHING, 1), said(SOMETHING, 2)]

    asyncio.run(run())


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([BEGUN, SOMETHING, SOMETHING, ENDED, "moment", "close"])))
def test_nothing_is_lost_or_put_in_another_order(steps: list[str]) -> None:
    async def run() -> None:
        line, given_messages = Line(), []
        for number, step in enumerate([*steps, "close"]):
            if step == "moment":
                await line.end_moment()
                continue
            message = {"type": "websocket.close"} if step == "close" else said(step, number)
            given_messages.append(message)
            await line.held.take(message)
            if step in {ENDED, "close"}:
                assert line.sent == given_messages
        assert line.sent == given_messages

    asyncio.run(run())


def test_a_connection_that_has_broken_off_is_told_to_the_application() -> None:
    class BrokenOffError(Exception):
        pass

    async def broken(_: Message) -> None:
        raise BrokenOffError

    async def run() -> None:
        line = Line()
        line.held.send = broken
        await line.held.take(said(SOMETHING))
        await line.end_moment()
        with pytest.raises(BrokenOffError):
            await line.held.take(said(ENDED))

    asyncio.run(run())


def test_answers_to_requests_pass_untouched_and_a_connection_goes_through() -> None:
    sent: list[Message] = []

    async def application(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        else:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "bytes": b"\xff\xff not a message of a run"})
            await send(said(SOMETHING))
            await send({"type": "websocket.close"})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    door = OnePiece(application)
    asyncio.run(door({"type": "http"}, receive, send))
    asyncio.run(door({"type": "websocket"}, receive, send))
    assert [message["type"] for message in sent] == [
        "http.response.start", "websocket.accept", "websocket.send", "websocket.send",
        "websocket.close",
    ]  # fmt: skip
