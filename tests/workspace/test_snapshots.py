"""Snapshots are written once, verified when read, and moved between in one step."""

import errno
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from network_map.datasets import REGISTER
from network_map.errors import DamagedFileError, NetworkMapError, WorkspaceError
from network_map.i18n import LANGUAGES, error_text
from network_map.workspace import MANIFEST, read_snapshot, snapshot_folder, snapshot_ids
from network_map.workspace import register as register_module
from network_map.workspace.register import (
    LOCK,
    POINTER,
    commit,
    current_id,
    has_register,
    history,
    open_current,
    roll_back,
)
from tests.workspace.writer import MOVE, register


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "工作区"


def put(workspace: Path, name: str) -> str:
    return commit(workspace, REGISTER, lambda _: register(name), MOVE).snapshot_id


def sentences(error: NetworkMapError) -> list[str]:
    return [error_text(error, language) for language in LANGUAGES]


def test_what_was_written_is_read_again(workspace: Path) -> None:
    assert not has_register(workspace)
    assert open_current(workspace, REGISTER) is None
    snapshot_id = put(workspace, '甲,"乙"\u3000<丙>')
    snapshot = open_current(workspace, REGISTER)
    assert snapshot is not None
    assert (snapshot.snapshot_id, current_id(workspace)) == (snapshot_id, snapshot_id)
    expected = register('甲,"乙"\u3000<丙>')
    for name, table in expected.items():
        pd.testing.assert_frame_equal(snapshot.tables[name], table)


def test_the_same_content_has_the_same_id_anywhere_and_any_time(tmp_path: Path) -> None:
    first = put(tmp_path / "一", "甲")
    assert put(tmp_path / "二", "甲") == first
    assert put(tmp_path / "一", "甲") == first
    assert put(tmp_path / "一", "乙") != first
    assert [entry.number for entry in history(tmp_path / "一")] == [1, 2]


def test_the_order_of_rows_does_not_make_another_version(workspace: Path) -> None:
    first = put(workspace, "甲")
    turned = dict(register("甲"))
    turned["nodes"] = turned["nodes"].iloc[::-1]
    assert not commit(workspace, REGISTER, lambda _: turned, MOVE).is_changed
    assert current_id(workspace) == first


def test_old_versions_stay_and_can_be_gone_back_to(workspace: Path) -> None:
    first, second = put(workspace, "甲"), put(workspace, "乙")
    assert set(snapshot_ids(workspace)) == {first, second}
    roll_back(workspace, REGISTER, first, MOVE)
    assert current_id(workspace) == first
    assert [entry.action for entry in history(workspace)] == ["import", "import", "rollback"]
    with pytest.raises(WorkspaceError) as error:
        roll_back(workspace, REGISTER, "0" * 16, MOVE)
    assert first in sentences(error.value)[0]


@pytest.mark.parametrize("file", ["nodes.csv", "complete_lists.csv", MANIFEST])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_version_is_refused_with_a_sentence(
    workspace: Path, file: str, damage: str
) -> None:
    snapshot_id = put(workspace, "甲")
    path = snapshot_folder(workspace, snapshot_id) / file
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-3] if damage == "cut" else content.replace(b"0", b"1", 1) + b" ")
    with pytest.raises(DamagedFileError) as error:
        read_snapshot(workspace, REGISTER, snapshot_id)
    assert all(snapshot_id in sentence for sentence in sentences(error.value))


def test_an_import_of_the_same_content_heals_a_version_that_is_not_current(workspace: Path) -> None:
    first = put(workspace, "甲")
    put(workspace, "乙")
    (snapshot_folder(workspace, first) / "nodes.csv").write_text("x", encoding="utf-8")
    assert put(workspace, "甲") == first
    assert open_current(workspace, REGISTER) is not None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"snapshot_id": "../../etc"}', '{"snapshot_id": "x"}', "null"]
)
def test_a_damaged_pointer_is_told_and_can_be_repaired(workspace: Path, content: str) -> None:
    first = put(workspace, "甲")
    (workspace / POINTER).write_text(content, encoding="utf-8")
    with pytest.raises(DamagedFileError) as error:
        open_current(workspace, REGISTER)
    assert all(first in sentence for sentence in sentences(error.value))
    with pytest.raises(DamagedFileError):
        put(workspace, "乙")
    roll_back(workspace, REGISTER, first, MOVE)
    assert current_id(workspace) == first


def test_a_version_whose_folder_is_gone_is_told(workspace: Path) -> None:
    first = put(workspace, "甲")
    snapshot_folder(workspace, first).rename(workspace / "别处")
    with pytest.raises(DamagedFileError) as error:
        open_current(workspace, REGISTER)
    assert error.value.code == "snapshot_missing"


def test_a_version_of_a_newer_program_is_not_guessed_at(workspace: Path) -> None:
    first = put(workspace, "甲")
    path = snapshot_folder(workspace, first) / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"format": 99}), encoding="utf-8")
    with pytest.raises(DamagedFileError) as error:
        open_current(workspace, REGISTER)
    assert error.value.code == "snapshot_too_new"


def test_a_full_disk_leaves_the_old_register(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(workspace, "甲")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(WorkspaceError) as error:
            put(workspace, "乙")
    assert error.value.code == "workspace_unwritable"
    assert current_id(workspace) == first
    assert snapshot_ids(workspace) == (first,)
    assert put(workspace, "乙") != first


def test_a_workspace_that_is_a_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError) as error:
        put(path, "甲")
    assert str(path) in sentences(error.value)[0]
    assert open_current(path, REGISTER) is None


def test_two_writers_do_not_write_at_once(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "LOCK_SECONDS", 0.05)
    put(workspace, "甲")
    with FileLock(workspace / LOCK), pytest.raises(WorkspaceError) as error:
        put(workspace, "乙")
    assert error.value.code == "workspace_busy"
    assert all(sentences(error.value))


def test_an_error_while_building_leaves_everything_as_it_was(workspace: Path) -> None:
    first = put(workspace, "甲")

    def fail(_: object) -> dict[str, pd.DataFrame]:
        raise WorkspaceError("node_ids_taken", ids="x", count=1)

    with pytest.raises(WorkspaceError):
        commit(workspace, REGISTER, fail, MOVE)
    assert current_id(workspace) == first
