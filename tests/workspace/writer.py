"""A program that imports registers until it is killed; the crash tests start it.

For each line on standard input it forks a child and writes the child's number. The line says how
the child dies: ``forever`` writes two registers in turn until somebody kills it, a number kills
itself just before its so-manieth change of the disk. An empty line waits for the child's end.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from network_map.datasets import REGISTER
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.tables.check import conform
from network_map.workspace import Tables
from network_map.workspace.register import Move, commit

CHANGES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}
Put = Callable[[Path, str], None]
MOVE = Move(at="2024-06-11T00:00:00+00:00", who="test", source_file="a.csv", source_sha256="0" * 64)


def register(name: str, *, node_count: int = 40) -> Tables:
    """Return a register whose every node carries the same name."""
    nodes = pd.DataFrame(
        {
            "node_id": [f"n{number:03d}" for number in range(node_count)],
            "kind": "county_centre",
            "node_name": name,
            "adcode": "530627",
            "status": "built",
            "origin": "reported",
            "location_origin": "unknown",
            "source": name,
        }
    )
    empty = pd.DataFrame(dtype="object")
    return {
        "nodes": conform(NODES, nodes),
        "node_kinds": conform(NODE_KINDS, empty),
        "declared_totals": conform(DECLARED_TOTALS, empty),
        "complete_lists": conform(COMPLETE_LISTS, empty),
    }


def put(workspace: Path, name: str) -> None:
    """Import the register of that name."""
    tables = register(name)
    commit(workspace, REGISTER, lambda _: tables, MOVE)


def write_forever(workspace: Path, write: Put) -> None:
    """Write two registers in turn."""
    while True:
        write(workspace, "甲")
        write(workspace, "乙")


def write_and_die(workspace: Path, write: Put, at_change: int) -> None:
    """Write one register and be killed before its so-manieth change of the workspace."""
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event not in CHANGES or str(workspace) not in str(arguments[0]):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY):
            return
        seen += 1
        if seen == at_change:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    write(workspace, "乙")


def serve(write: Put) -> None:
    """Serve until standard input ends."""
    workspace = Path(sys.argv[1])
    child = 0
    for line in sys.stdin:
        if not line.strip():
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer
            continue
        child = os.fork()
        if child == 0:
            if line.strip() == "forever":
                write_forever(workspace, write)
            write_and_die(workspace, write, int(line))
            os._exit(0)
        print(child, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    serve(put)
