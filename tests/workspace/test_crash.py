"""Killed at any moment, a workspace holds the old register or the new one, never a mixture."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from network_map.datasets import REGISTER
from network_map.workspace import TEMPORARY, snapshot_ids
from network_map.workspace.register import commit, history, open_current
from tests.paths import ROOT
from tests.workspace import writer as snapshot_writer
from tests.workspace.writer import MOVE, register

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
]
KILLS = 30
LONGEST_SECONDS = 0.12


class Writer:
    """The program that writes, and a way to kill what it started."""

    def __init__(self, workspace: Path, program: ModuleType = snapshot_writer) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", program.__name__, str(workspace)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> int:
        """Return the number that the program answers a line with."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """End the program."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "工作区"


@pytest.fixture
def writer(workspace: Path) -> Iterator[Writer]:
    commit(workspace, REGISTER, lambda _: register("甲"), MOVE)
    program = Writer(workspace)
    yield program
    program.close()


def the_one_name(workspace: Path) -> str:
    """Return the name that all nodes share, after checking that the register is whole."""
    snapshot = open_current(workspace, REGISTER)
    assert snapshot is not None
    assert len(snapshot.tables["nodes"]) == 40
    (name,) = set(snapshot.tables["nodes"]["node_name"])
    assert history(workspace)[-1].snapshot_id == snapshot.snapshot_id
    return str(name)


def leftovers(workspace: Path) -> list[Path]:
    return list(workspace.rglob(f"{TEMPORARY}*"))


def test_killed_at_thirty_moments_the_register_is_whole(writer: Writer, workspace: Path) -> None:
    seen = set()
    for kill in range(KILLS):
        child = writer.ask("forever")
        # A spread of moments without pattern, the same in every run.
        threading.Event().wait(LONGEST_SECONDS * (kill * 0.618034 % 1))
        os.kill(child, signal.SIGKILL)
        assert writer.ask("") == -signal.SIGKILL
        seen.add(the_one_name(workspace))
    assert seen <= {"甲", "乙"}


def test_killed_before_any_single_change_of_the_disk_the_register_is_old_or_new(
    writer: Writer, workspace: Path
) -> None:
    seen = []
    for change in range(1, 60):
        commit(workspace, REGISTER, lambda _: register("甲"), MOVE)
        writer.ask(str(change))
        code = writer.ask("")
        seen.append(the_one_name(workspace))
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert seen[-1] == "乙"
    assert len(seen) > 12
    assert seen == sorted(seen, reverse=True), "once the new register stands, it stays"


def test_the_next_import_removes_what_a_killed_one_left(writer: Writer, workspace: Path) -> None:
    for change in range(1, 25):
        writer.ask(str(change))
        writer.ask("")
    commit(workspace, REGISTER, lambda _: register("丙"), MOVE)
    assert leftovers(workspace) == []
    assert set(snapshot_ids(workspace)) == {entry.snapshot_id for entry in history(workspace)}
    assert the_one_name(workspace) == "丙"
