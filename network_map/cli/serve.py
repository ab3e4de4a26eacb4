"""``network-map serve``: the application on this computer."""

import asyncio
import errno
import os
import signal
import sys
from argparse import Namespace
from runpy import run_module
from types import FrameType
from typing import NoReturn

from network_map.cli.output import say
from network_map.config import Settings, app_root
from network_map.errors import ConfigError, MissingFileError
from network_map.i18n import text

HOST = "127.0.0.1"
_MESSAGE_BYTES = 200_000_000


def run(arguments: Namespace, settings: Settings) -> int:
    """Serve the application until Ctrl-C.

    Raises
    ------
    MissingFileError
        If the start script is not where it should be.
    ConfigError
        If the port is taken or may not be used.
    """
    del arguments  # they are part of the settings already
    script = app_root() / "asgi.py"
    for needed in (script.with_name("streamlit_app.py"), script):
        if not needed.is_file():
            raise MissingFileError("app_missing", file=str(needed))
    _check_port(settings.port)
    os.environ |= {
        "NETWORK_MAP_DATASET": settings.dataset,
        "NETWORK_MAP_WORKSPACE": str(settings.workspace_dir),
        "NETWORK_MAP_LANGUAGE": settings.language,
        "NETWORK_MAP_PUBLIC_URL": ",".join(settings.public_urls),
    }
    address = f"http://{HOST}:{settings.port}"
    say(text("cli.serving", settings.language, address=address))
    sys.stdout.flush()
    # Not `streamlit run`: on the sockets that Streamlit binds itself each small answer waits until
    # the one before it is acknowledged, up to 40 ms (RFC 896; RFC 1122, 4.2.3.2). On those that
    # uvicorn leaves to asyncio it does not. Streamlit reads `.streamlit/config.toml` from beside
    # the script, wherever this was started.
    sys.argv = [
        "uvicorn", "asgi:app", "--app-dir", str(script.parent),
        "--host", HOST, "--port", str(settings.port), "--log-level", "warning",
        "--no-server-header",
        # A large table is one message. Compressed, an answer to a click is less than half as long:
        # an office reads this over a slow line.
        "--ws", "websockets-sansio", "--ws-max-size", str(_MESSAGE_BYTES),
        "--ws-per-message-deflate", "true",
    ]  # fmt: skip
    code = _serve()
    say(text("cli.stopped", settings.language))
    return code


def _serve() -> int:
    """Run uvicorn in this process, so that one Ctrl-C ends everything."""
    # The server ends in order at either signal and then raises it again: that is no failure.
    usual = {number: signal.signal(number, _end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        run_module("uvicorn", run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    return 0


def _end(_: int, __: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _check_port(port: int) -> None:
    try:
        asyncio.run(_bind(port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError("port_taken", port=port, other=port + 1) from error
        raise ConfigError("port_refused", port=port, detail=error.strerror) from error


async def _bind(port: int) -> None:
    server = await asyncio.start_server(_no_answer, HOST, port)
    server.close()
    await server.wait_closed()


async def _no_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
