"""Streamlit servers on this machine, started for a measurement or a test and ended after it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
APPLICATION = ROOT / "asgi.py"

_START_SECONDS = 60
_STOP_SECONDS = 10
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Server:
    """A running Streamlit server.

    Parameters
    ----------
    url
        Address of the first page, without a slash at its end.
    pid
        Its process.
    """

    url: str
    pid: int

    def memory_mb(self) -> float:
        """Return the resident memory of the process in megabytes (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"process {self.pid} tells no resident memory")

    def processor_seconds(self) -> float:
        """Return what the process, and those that it started and ended, have used (Linux)."""
        told = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(
    script: Path,
    *,
    base_path: str = "",
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[Server]:
    """Serve a Streamlit script, or the application as people start it, on a free port.

    Parameters
    ----------
    script
        The start script. `APPLICATION` is started by ``network-map serve``.
    base_path
        Value of ``server.baseUrlPath``; the application has it from the settings in `folder`.
    folder
        The working directory, by default that of the script, so that its settings hold.
    env
        Further environment variables.
    log
        Where the server's output goes.
    """
    port = _free_port()
    command = [sys.executable, "-m", "network_map", "serve", "--port", str(port)]
    if script != APPLICATION:
        command = [
            sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}",
            "--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none",
            "--browser.gatherUsageStats=false", f"--server.baseUrlPath={base_path}",
        ]  # fmt: skip
    prefix = f"/{base_path}" if base_path else ""
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            command, cwd=folder or script.parent, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        )  # fmt: skip
        try:
            _wait(process, f"http://127.0.0.1:{port}{prefix}/_stcore/health")
            yield Server(f"http://127.0.0.1:{port}{prefix}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def application_folder(folder: Path, script: Path, *, settings: str | None = None) -> Path:
    """Give a script the static files of the application; return its new path.

    Parameters
    ----------
    folder
        Where the script is copied to.
    script
        The script.
    settings
        Text of its ``config.toml``; by default that of the application.
    """
    (folder / ".streamlit").mkdir(parents=True, exist_ok=True)
    (folder / "static").symlink_to(ROOT / "static")
    if settings is None:
        settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    (folder / ".streamlit" / "config.toml").write_text(settings, encoding="utf-8")
    copy = folder / script.name
    copy.write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310 - this machine
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"no answer from {url} in {_START_SECONDS} s")
