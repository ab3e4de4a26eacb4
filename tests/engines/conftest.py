"""The engines that the tests start by themselves, and end again.

Nothing here is skipped: without PostgreSQL or Java the tests fail and say what to install.
``make test-engines`` installs both where it may.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PG_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
PG_USER = "register"
PG_GUARDED = "guarded"
"""Members of this role must give a password; the others of this machine need none."""
PG_RULES = f"""\
host all +{PG_GUARDED} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


def program(name: str) -> str:
    """Return the path of a program of the PostgreSQL server."""
    places = os.pathsep.join([*map(str, PG_FOLDERS), os.environ["PATH"]])
    found = shutil.which(name, path=places)
    if found is None:
        pytest.fail(f"{name} is missing: run make test-engines, or install postgresql")
    return found


def account() -> dict[str, int]:
    """Return the account a server runs under: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the address of a PostgreSQL server of our own, on this machine only."""
    port = free_port()
    server = account()
    with TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if server:
            os.chown(folder, server["user"], server["group"])
        data = str(folder / "data")
        settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port} -F"
        run(
            [program("initdb"), "-D", data, "-U", PG_USER, "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            folder, server,
        )  # fmt: skip
        (folder / "data" / "pg_hba.conf").write_text(PG_RULES, encoding="ascii")
        log = str(folder / "log")
        start = [program("pg_ctl"), "-D", data, "-l", log, "-w", "-o", settings, "start"]
        run(start, folder, server)
        try:
            yield f"postgres://{PG_USER}@127.0.0.1:{port}/postgres"
        finally:
            run([program("pg_ctl"), "-D", data, "-m", "immediate", "stop"], folder, server)


def run(command: list[str], folder: Path, server: dict[str, int]) -> None:
    """Run a program of the server in its folder, and show what it says when it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE if "start" not in command else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **server,  # type: ignore[call-overload]  # user and group, or neither
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="session")
def spark_options() -> str:
    """Return the settings of a small Spark in this process."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.fail("Java is missing: run make test-engines, or install openjdk-17-jre")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    return "&".join(f"{name}={value}" for name, value in settings.items())
