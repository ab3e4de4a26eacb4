"""Answers that leave at once.

An answer goes out in two pieces, head and body, and a rerun of a page in dozens. By TCP's usual
rule (J. Nagle, RFC 896) a small piece waits until the piece before it is acknowledged, which the
other side puts off for up to 40 ms (RFC 1122, 4.2.3.2). asyncio switches that rule off for the
sockets that it makes itself, and not for those of a listening socket that Streamlit has bound.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

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
