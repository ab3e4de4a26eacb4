"""The command line in bad company: full disks, closed pipes, endless files, names that are none."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from network_map.cli import main
from network_map.config import load_settings
from network_map.errors import ConfigError, QueryError
from network_map.gaps.weights import weights_named
from tests.paths import ROOT

LIST = "县区,类型\n盘龙区,示范县\n"


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = f"{sys.executable} -m network_map"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("network-map", program)],
        cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence of an error."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


# --- where the answer goes ----------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "code", "why"),
    [
        ("network-map nodes >/dev/full", 1, errno.ENOSPC),
        ("network-map check >/dev/full", 1, errno.ENOSPC),
        ("network-map nodes >&-", 1, errno.EBADF),
        ("network-map check >&-", 0, None),
        ("mkdir gone && cd gone && rmdir ../gone && network-map check", 1, errno.ENOENT),
    ],
)
def test_no_room_no_ear_and_no_floor_are_each_one_sentence(
    command: str, code: int, why: int | None, tmp_path: Path
) -> None:
    done = shell(command, tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == (0 if why is None else 1), done.stderr
    assert why is None or os.strerror(why) in done.stderr


def test_a_file_that_is_there_is_replaced_only_when_that_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.csv"
    out.write_text("mine", encoding="utf-8")
    assert main(["nodes", "--out", "a.csv"]) == 1
    assert "--overwrite" in told(capsys)
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["nodes", "--out", "a.csv", "--overwrite"]) == 0
    assert out.stat().st_size > 1000
    out.unlink()
    # The description beside a table counts as well, and then neither is written.
    assert main(["nodes", "--out", "a.csv"]) == 1
    assert not out.exists()


def test_what_is_no_file_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "target.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("target.csv")
    (tmp_path / "dangling.csv").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    before = sorted((path.name, path.lstat().st_mode) for path in tmp_path.iterdir())
    for name in ("folder", "link.csv", "dangling.csv", "pipe", "/dev/full", "/dev/null"):
        assert main(["nodes", "--format", "csv", "--out", name, "--overwrite"]) == 1
        assert name in told(capsys)
    assert sorted((path.name, path.lstat().st_mode) for path in tmp_path.iterdir()) == before


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "pipe", "."])
@pytest.mark.parametrize("command", [["verify"], ["import", "nodes"], ["import", "contracts"]])
def test_what_has_no_end_is_not_read(
    command: list[str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert main([*command, name]) == 1
    assert "不是普通文件" in told(capsys)


@pytest.mark.parametrize("command", ["nodes", "contracts"])
def test_a_name_that_is_no_text_is_a_name(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"\xff\xfe.csv")
    Path(name).write_text(LIST, encoding="utf-8")
    code = main(["import", command, name, "--workspace", "own", "--yes", "--json"])
    assert code == (0 if command == "nodes" else 1)
    assert json.loads(capsys.readouterr().out)["state"] in {"applied", "refused", "blocked"}
    assert main(["nodes", "--dataset", "own", "--workspace", "own"]) == 2
    assert main(["nodes", "--out", os.fsdecode(b"\xfe.csv")]) == 0
    assert Path(os.fsdecode(b"\xfe.meta.json")).is_file()


def test_columns_without_end_are_counted_and_not_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wide.csv").write_text(",".join(["县区"] * 100_000) + "\n", encoding="utf-8")
    assert main(["import", "nodes", "wide.csv"]) == 1
    assert "最多可读 512 列" in told(capsys)


@pytest.mark.parametrize(
    "content",
    ["a = " + "[" * 50_000, "a = " + "{a = " * 5_000, 'workspace = "a\\u0000b"', "\0",
     "a = 1\n" * 9, "x" * 1_000_001],
    ids=["brackets", "braces", "NUL in a name", "NUL", "twice", "endless"],
)  # fmt: skip
def test_settings_that_are_none_are_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "network_map.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_settings({}, tmp_path)


@pytest.mark.parametrize(
    "written",
    ["presence=0.3,presence=0.5", "presence=0.3,有无=0.5", "presence=nan", "reach=inf",
     "reach=1e999", "reach=-1", "presence=0"],
)  # fmt: skip
def test_weights_that_are_none_or_stand_twice_are_refused(written: str) -> None:
    with pytest.raises(QueryError):
        weights_named(written)
