"""Try the installed program from an empty directory: help, check, a list, and the served pages.

Run by ``.ci/run`` with the Python of a new environment that holds the wheel and its locked
packages, and nothing else.
"""

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.resources import files
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("network-map"))
PATIENCE_S = 90


def output_of(*arguments: str) -> str:
    """Return what the program prints; stop when it fails."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False)
    text = done.stdout.decode("utf-8-sig")
    print(f"$ network-map {' '.join(arguments)} -> {done.returncode}, {len(text)} characters")
    if done.returncode != 0:
        sys.exit(done.stderr.decode("utf-8", "replace") or text)
    return text


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str) -> bytes:
    """Return the body of a local address; any answer but 200 stops the run."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- always http://127.0.0.1
        return bytes(answer.read())


def wait_until_healthy(server: subprocess.Popen[bytes], url: str) -> float:
    """Return the seconds until the server answered; stop when it died or took too long."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        if server.poll() is not None:
            sys.exit(f"the server ended with {server.returncode} before it answered")
        try:
            fetch(f"{url}/_stcore/health")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return time.monotonic() - began
    sys.exit(f"the server did not answer within {PATIENCE_S} s")


def check_served(url: str) -> None:
    """Fetch the pages and every static file, and compare the files byte by byte."""
    for page in ("", "data_check", "import_nodes"):
        document = fetch(f"{url}/{page}")
        if b'<html lang="zh-CN">' not in document or b"BACKEND_BASE_URL" not in document:
            sys.exit(f"/{page} does not come through the front door")
    static = Path(str(files("network_map"))) / "_app" / "static"
    assets = sorted(p for p in static.rglob("*") if p.is_file() and p.suffix != ".py")
    if not assets:
        sys.exit("the wheel carries no static files")
    for path in assets:
        name = path.relative_to(static).as_posix()
        if fetch(f"{url}/app/static/{name}") != path.read_bytes():
            sys.exit(f"/app/static/{name} is not the file in the wheel")
    print(f"pages and {len(assets)} static files served as they are")


def main() -> None:
    """Run every trial; the first failure ends with its sentence."""
    if "serve" not in output_of("--help"):
        sys.exit("the help text does not mention serve")
    output_of("check")
    rows = list(
        csv.DictReader(io.StringIO(output_of("nodes", "--dataset", "public", "--format", "csv")))
    )
    print(f"public nodes: {len(rows)} rows, columns {', '.join(rows[0]) if rows else 'none'}")
    if not rows:
        sys.exit("the public list of nodes is empty")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([PROGRAM, "serve", "--port", str(port)], start_new_session=True)
    try:
        print(f"healthy after {wait_until_healthy(server, url):.1f} s")
        check_served(url)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
