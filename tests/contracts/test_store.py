"""The contract register is kept whole, found again, and refused when it is not what it was."""

import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from network_map.contracts.register import parse_address
from network_map.contracts.register.engine import fetch
from network_map.contracts.register.open import load_contracts, open_register
from network_map.contracts.register.tables import (
    ROLLUPS,
    arrow_table,
    content_hash,
    smallest_rollup,
)
from network_map.contracts.register.versions import (
    FORMAT,
    added_to,
    commit_contracts,
    contract_folder,
    contract_history,
    current_contracts,
    roll_back_contracts,
)
from network_map.contracts.tables import CONTRACTS
from network_map.contracts.volumes import total
from network_map.errors import ConfigError, DamagedFileError, NetworkMapError, WorkspaceError
from network_map.i18n import LANGUAGES, error_text
from network_map.workspace import MANIFEST, TEMPORARY, snapshot_ids
from tests.contracts import writer as contract_writer
from tests.contracts.stored_register import read_tables, whole_register
from tests.contracts.world import PAYMENTS, ROWS, Row, tables_of
from tests.contracts.writer import put, register
from tests.workspace.test_crash import Writer
from tests.workspace.writer import MOVE

pytestmark = pytest.mark.long

needs_kill = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
LONGEST_SECONDS = 0.4


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "工作区"


def sentences(error: NetworkMapError) -> list[str]:
    return [error_text(error, language) for language in LANGUAGES]


def test_what_was_imported_is_read_again_and_found_by_a_question(workspace: Path) -> None:
    assert open_register("duckdb://", workspace) is None
    tables = register("甲")
    done = commit_contracts(workspace, lambda _: whole_register(tables), MOVE)
    snapshot = current_contracts(workspace, is_verified=True)
    assert snapshot is not None
    again = read_tables(snapshot)
    pd.testing.assert_frame_equal(again.contracts, tables.contracts)
    pd.testing.assert_frame_equal(again.paid_values, tables.paid_values)
    asked = open_register("duckdb://", workspace)
    assert asked is not None
    assert asked.register_id == done.snapshot_id
    sums = fetch(asked, total(asked.contracts, period="year"))
    assert sums["contract_value_fen"].tolist() == [2000, 2000, 2000]


def test_each_year_of_signing_has_its_file(workspace: Path) -> None:
    rows: list[Row] = [
        {"contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
         "contract_value_fen": 1, "signed_on": signed}
        for signed in ("2023-01-02", "2024", None)
    ]  # fmt: skip
    commit_contracts(workspace, lambda _: whole_register(tables_of(rows)), MOVE)
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    files = snapshot.files("contracts")
    assert [file.name for file in files] == [
        "contracts.2023.parquet", "contracts.2024.parquet", "contracts.undated.parquet",
    ]  # fmt: skip
    days = pq.read_table(files[1]).select(["signed_year", "signed_month", "signed_day"])
    assert days.to_pylist() == [{"signed_year": 2024, "signed_month": None, "signed_day": None}]


def test_the_same_register_is_the_same_version_in_any_order_and_place(tmp_path: Path) -> None:
    tables = register("甲")
    first = commit_contracts(tmp_path / "一", lambda _: whole_register(tables), MOVE)
    turned = type(tables)(tables.contracts.iloc[::-1], tables.paid_values)
    assert not commit_contracts(tmp_path / "一", lambda _: whole_register(turned), MOVE).is_changed
    second = commit_contracts(tmp_path / "二", lambda _: whole_register(turned), MOVE)
    assert second.snapshot_id == first.snapshot_id
    other = commit_contracts(tmp_path / "二", lambda _: whole_register(register("乙")), MOVE)
    assert other.snapshot_id != first.snapshot_id


@pytest.mark.law
@settings(max_examples=25)
@given(rows=ROWS, payments=PAYMENTS)
def test_the_hash_changes_with_any_cell(rows: list[Row], payments: list[Row]) -> None:
    frame = tables_of(rows, payments).contracts
    seen = {content_hash(arrow_table(CONTRACTS, frame))}
    for column in ("seller_name", "technology_value_fen", "signed_on", "is_related_party"):
        present = frame[column].notna()
        emptied = frame.assign(**{column: frame[column].mask(present)})
        seen.add(content_hash(arrow_table(CONTRACTS, emptied)) if present.any() else column)
    assert len(seen) == 5


def test_an_earlier_version_can_be_gone_back_to(workspace: Path) -> None:
    first = commit_contracts(workspace, lambda _: whole_register(register("甲")), MOVE).snapshot_id
    second = commit_contracts(workspace, lambda _: whole_register(register("乙")), MOVE).snapshot_id
    assert roll_back_contracts(workspace, first, MOVE).previous_snapshot_id == second
    assert [entry.action for entry in contract_history(workspace)] == [
        "import", "import", "rollback",
    ]  # fmt: skip
    asked = open_register("duckdb://", workspace)
    assert asked is not None
    assert asked.register_id == first


def test_a_failing_import_changes_nothing(workspace: Path) -> None:
    put(workspace, "甲")
    before = sorted(path.name for path in contract_folder(workspace).rglob("*"))
    row = {"contract_kind": "service", "kind_scheme": "five", "contract_status": "registered"}
    huge = tables_of([{**row, "contract_value_fen": 2**53, "signed_on": "2024"}] * 1025)
    with pytest.raises(WorkspaceError) as error:
        commit_contracts(workspace, lambda _: whole_register(huge), MOVE)
    assert all(sentences(error.value))
    commit_contracts(workspace, added_to, MOVE)
    assert sorted(path.name for path in contract_folder(workspace).rglob("*")) == before


@pytest.mark.parametrize("name", ["contracts.2020.parquet", "rollup_seller_month.parquet"])
def test_a_changed_file_is_found_and_a_missing_one_too(workspace: Path, name: str) -> None:
    put(workspace, "甲")
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    file = snapshot.folder / name
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(DamagedFileError) as error:
        current_contracts(workspace, is_verified=True)
    assert all(name in sentence for sentence in sentences(error.value))
    file.unlink()
    with pytest.raises(DamagedFileError):
        open_register("duckdb://", workspace)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"format": 2, "content": {}, "rows": {}}', '{"format": 1, "content": 1}']
)
def test_a_broken_manifest_is_a_sentence(workspace: Path, text: str) -> None:
    put(workspace, "甲")
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    (snapshot.folder / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedFileError) as error:
        current_contracts(workspace)
    assert all(snapshot.snapshot_id in sentence for sentence in sentences(error.value))


def test_a_version_of_a_newer_program_is_refused(workspace: Path) -> None:
    put(workspace, "甲")
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    manifest = json.loads((snapshot.folder / MANIFEST).read_bytes())
    newer = json.dumps({**manifest, "format": FORMAT + 1})
    (snapshot.folder / MANIFEST).write_text(newer, encoding="utf-8")
    with pytest.raises(DamagedFileError) as error:
        current_contracts(workspace)
    assert error.value.code == "snapshot_too_new"


def test_a_rollup_is_used_only_where_it_has_every_column() -> None:
    assert smallest_rollup({"seller_adcode", "contract_kind"}) == ROLLUPS[0]
    pair = smallest_rollup({"ip_kind", "technology_field"})
    assert pair is not None
    assert pair.name == "rollup_seller_field_ip_kind"
    assert smallest_rollup({*pair.columns, "signed_month"}) is None
    assert smallest_rollup({"ip_kind", "plan_source"}) is None
    held = [smallest_rollup(rollup.columns) for rollup in ROLLUPS]
    assert held == list(ROLLUPS), "no rollup is hidden by a finer one before it"


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "contracts", "oracle://host/x", "duckdb:", "duckdb://folder", "pyspark://a/b",
     "postgres://host:port/x", "postgres://[/x"],
)  # fmt: skip
def test_an_address_that_is_none_is_a_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as error:
        open_register(url, tmp_path)
    assert all("duckdb://" in sentence for sentence in sentences(error.value))


@pytest.mark.parametrize(
    "url", ["postgres://me:secret@host/x", "postgres://host/x?password=secret"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as error:
        open_register(url, tmp_path)
    assert all("PGPASSWORD" in text and "secret" not in text for text in sentences(error.value))


def test_an_address_is_shown_without_user_and_options() -> None:
    address = parse_address("postgresql://me@host:5433/base/schema?sslmode=require")
    assert address.shown == "postgres://host:5433/base/schema"
    assert (address.user, address.options) == ("me", {"sslmode": "require"})


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [("postgres://host/x", "psycopg", "postgres"), ("pyspark://", "pyspark.sql", "spark")],
)
def test_a_missing_driver_names_its_extra(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, url: str, module: str, extra: str
) -> None:
    put(workspace, "甲")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError) as error:
        open_register(url, workspace)
    assert all(f"[{extra}]" in sentence for sentence in sentences(error.value))


def test_a_register_loaded_into_another_folder_is_the_same(workspace: Path, tmp_path: Path) -> None:
    put(workspace, "甲")
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    url = f"duckdb://{tmp_path / 'shared'}"
    assert load_contracts(snapshot, url, MOVE) == url
    there = open_register(url, workspace)
    assert there is not None
    assert there.register_id == snapshot.snapshot_id
    assert open_register("duckdb://", tmp_path / "nothing") is None


# --- killed -------------------------------------------------------------------------------------


@pytest.fixture
def writer(workspace: Path) -> Iterator[Writer]:
    put(workspace, "甲")
    program = Writer(workspace, contract_writer)
    yield program
    program.close()


def the_one_name(workspace: Path) -> str:
    """Return the name that all contracts share, after checking that the register is whole."""
    snapshot = current_contracts(workspace, is_verified=True)
    assert snapshot is not None
    tables = read_tables(snapshot)
    assert len(tables.contracts) == 60
    (name,) = {*tables.contracts["seller_name"], *tables.paid_values["service_body_id"]}
    assert contract_history(workspace)[-1].snapshot_id == snapshot.snapshot_id
    return str(name)


def kill(writer: Writer, workspace: Path, times: int) -> set[str]:
    """Return the names that were found after each kill."""
    seen = set()
    for number in range(times):
        child = writer.ask("forever")
        # A spread of moments without pattern, the same in every run.
        threading.Event().wait(LONGEST_SECONDS * (number * 0.618034 % 1))
        os.kill(child, signal.SIGKILL)
        assert writer.ask("") == -signal.SIGKILL
        seen.add(the_one_name(workspace))
    return seen


@needs_kill
def test_killed_at_some_moments_the_contracts_are_old_or_new(
    writer: Writer, workspace: Path
) -> None:
    assert kill(writer, workspace, 6) <= {"甲", "乙"}
    put(workspace, "丙")
    assert the_one_name(workspace) == "丙"
    assert not list(workspace.rglob(f"{TEMPORARY}*"))
    kept = {entry.snapshot_id for entry in contract_history(workspace)}
    assert set(snapshot_ids(contract_folder(workspace))) == kept


@pytest.mark.slow
@needs_kill
def test_killed_at_fifty_moments_the_contracts_are_old_or_new(
    writer: Writer, workspace: Path
) -> None:
    assert kill(writer, workspace, 50) <= {"甲", "乙"}


@pytest.mark.slow
@needs_kill
def test_killed_before_any_change_of_the_disk_the_contracts_are_old_or_new(
    writer: Writer, workspace: Path
) -> None:
    seen = []
    for change in range(1, 60):
        shutil.rmtree(workspace)
        put(workspace, "甲")
        writer.ask(str(change))
        code = writer.ask("")
        seen.append(the_one_name(workspace))
        if code == 0:
            break
    assert seen[-1] == "乙"
    assert seen == sorted(seen, reverse=True), "once the new register stands, it stays"
