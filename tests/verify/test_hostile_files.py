"""A file that wants something of the program gets one sentence, little memory and little time."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from network_map.export import Bundle
from network_map.nodes.dataset import Dataset
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import Places
from tests.paths import ROOT
from tests.verify.hostile import hostile_files, write

MOST_MB = 300
MOST_SECONDS = 5

# One process loads the program; each file has a copy of it, with its own limits, and is measured by
# the kernel (wait4). Two at a time.
MEASURED = """
import json, os, resource, sys
import network_map.cli.verify
from network_map.cli import main
paths = json.loads(sys.stdin.readline())
running, found = {}, {}
def reap():
    pid, status, used = os.wait4(-1, 0)
    found[running.pop(pid)] = [os.waitstatus_to_exitcode(status), used.ru_maxrss / 1024,
                               used.ru_utime + used.ru_stime]
for name, path in paths.items():
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (8, 8))
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        for number in (1, 2):
            os.dup2(os.open(f"{path}.said{number}", os.O_CREAT | os.O_WRONLY), number)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
        code = 70
        try:
            code = main(["verify", path])
        except BaseException as error:
            print(f"broken: {error!r}", file=sys.stderr)
        finally:
            sys.stdout.flush(); sys.stderr.flush()
            os._exit(code)
    running[pid] = name
    while len(running) >= 2:
        reap()
while running:
    reap()
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Told:
    """How the command ended on a file."""

    code: int
    memory_mb: float
    seconds: float
    out: str
    err: str


@pytest.fixture(scope="module")
def bundle(places: Places, demo: Dataset) -> Bundle:
    return nodes_bundle(demo, places, prefecture_adcode="530600")


@pytest.fixture(scope="module")
def told(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """Every hostile file verified, each in a process of its own."""
    folder = tmp_path_factory.mktemp("hostile")
    kinds = hostile_files(bundle)
    paths = {
        name: str(write(make(), folder / str(number)))
        for number, (name, make) in enumerate(kinds.items())
    }
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=json.dumps(paths).encode() + b"\n", check=True,
        stdout=subprocess.PIPE, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    found = json.loads(done.stdout)
    yield {
        name: Told(*found[name], *(Path(f"{path}.said{n}").read_text("utf-8") for n in (1, 2)))
        for name, path in paths.items()
    }
    for path in folder.rglob("*"):  # some are large
        if path.is_file():
            path.unlink()


@pytest.mark.long
def test_every_hostile_file_is_answered_with_a_sentence_in_little_time_and_memory(
    told: dict[str, Told],
) -> None:
    assert len(told) >= 30
    wrong = {}
    for name, end in told.items():
        is_refused = end.code == 1 and not end.out and end.err.count("\n") == 1
        is_compared = end.code == 1 and "不一致" in end.out and not end.err
        is_quick = end.memory_mb <= MOST_MB and end.seconds <= MOST_SECONDS
        is_plain = "\x1b" not in end.out + end.err and "Traceback" not in end.err
        if not ((is_refused or is_compared) and is_quick and is_plain):
            said = (end.out + end.err)[-160:]
            wrong[name] = (end.code, round(end.memory_mb), round(end.seconds, 1), said)
    assert wrong == {}, "\n".join(f"{name}: {end}" for name, end in wrong.items())
