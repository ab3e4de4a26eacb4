"""Each connection of the application sends at once, whoever bound the listening socket."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.sync.client import connect

from network_map.app.server import PromptAnswers, send_at_once


class Noting:
    """An application that notes whether its connections send at once."""

    def __init__(self) -> None:
        self.seen: dict[str, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            return
        sender = getattr(receive, "__self__")  # noqa: B009 -- not declared, which is the point
        held = sender.transport.get_extra_info("socket")
        self.seen[kind] = bool(held.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await receive()
        if kind == "websocket":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"good"})


@contextmanager
def served(app: ASGIApp) -> Iterator[int]:
    """Serve an application as Streamlit does: on a socket bound before; gives its port."""
    listening = socket.socket(socket.AF_INET)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    settings = uvicorn.Config(app, ws="websockets-sansio", log_level="error", lifespan="off")
    server = uvicorn.Server(settings)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.mark.parametrize("around", [[Middleware(PromptAnswers)], []])
def test_both_kinds_of_connections_send_at_once_and_only_behind_us(
    around: list[Middleware],
) -> None:
    noting = Noting()
    routes = [Mount("/", noting)]
    with served(Starlette(routes=routes, middleware=around)) as port:
        asked = http.client.HTTPConnection("127.0.0.1", port)
        asked.request("GET", "/")
        assert asked.getresponse().read() == b"good"
        asked.close()
        with connect(f"ws://127.0.0.1:{port}/") as connection:
            connection.close()
    # If the second half fails, servers do this by themselves now and the module can go.
    is_prompt = bool(around)
    assert noting.seen == {"http": is_prompt, "websocket": is_prompt}


def test_another_server_is_left_alone() -> None:
    async def receive() -> Message:
        """Belong to no connection."""
        return {"type": "http.disconnect"}

    assert send_at_once(receive) is False
