"""A register is written piece by piece, and is the same register as written at once."""

import gc
import json
import tempfile
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.contracts import register as bounded_engine
from network_map.contracts.register.tables import (
    CellHash,
    ContractTables,
    RegisterChange,
    arrow_table,
    content_hash,
    empty_tables,
)
from network_map.contracts.register.versions import (
    added_to,
    commit_contracts,
    current_contracts,
    write_contracts,
)
from network_map.contracts.tables import CONTRACTS
from network_map.errors import WorkspaceError
from network_map.i18n import LANGUAGES, error_text
from network_map.listfiles.spool import KeptRows, RowFile
from network_map.workspace import MANIFEST, hash_of, json_bytes, snapshot_folder
from tests.contracts.stored_register import read_tables, whole_register
from tests.contracts.world import ROWS, Row, tables_of
from tests.workspace.writer import MOVE

pytestmark = pytest.mark.long

CUTS = st.lists(st.integers(0, 12), max_size=4).map(sorted)


def in_pieces(table: Any, cuts: list[int]) -> list[Any]:  # noqa: ANN401 (pyarrow, untyped)
    """Return a table cut at some places, the later pieces first."""
    edges = [0, *(min(cut, table.num_rows) for cut in cuts), table.num_rows]
    return [table.slice(start, stop - start) for start, stop in pairwise(edges)][::-1]


def written(change: RegisterChange, folder: str) -> str:
    return write_contracts(Path(folder), change, source_file="", source_sha256="")


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS, cuts=CUTS)
def test_pieces_in_any_order_are_the_register_as_a_whole(rows: list[Row], cuts: list[int]) -> None:
    tables = tables_of(rows)
    pieces = in_pieces(arrow_table(CONTRACTS, tables.contracts), cuts)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        whole = written(whole_register(tables), one)
        assert written(RegisterChange(lambda: iter(pieces), tables.paid_values), other) == whole
        for file in sorted(snapshot_folder(Path(one), whole).iterdir()):
            again = snapshot_folder(Path(other), whole) / file.name
            assert again.read_bytes() == file.read_bytes(), file.name


@pytest.mark.law
@given(rows=ROWS, cuts=CUTS)
def test_the_hash_of_cells_knows_nothing_of_the_pieces(rows: list[Row], cuts: list[int]) -> None:
    table = arrow_table(CONTRACTS, tables_of(rows).contracts)
    found = CellHash(table.column_names)
    for piece in reversed(in_pieces(table, cuts)):
        found.add(piece)
    assert found.hexdigest() == content_hash(table)


@pytest.mark.law
@settings(max_examples=8)
@given(before=ROWS, after=ROWS, shared=st.integers(0, 8))
def test_added_contracts_take_the_place_of_those_with_their_numbers(
    before: list[Row], after: list[Row], shared: int
) -> None:
    held, new = tables_of(before).contracts, tables_of(after).contracts
    known = held["contract_id"].tolist()[:shared]
    own = [*known, *(f"n{number}" for number in range(len(new)))][: len(new)]
    new = new.assign(contract_id=pd.Series(own, dtype="str"))
    expected = pd.concat([held[~held["contract_id"].isin(own)], new])
    with TemporaryDirectory() as name:
        folder = Path(name)
        first = ContractTables(held, empty_tables().paid_values)
        commit_contracts(folder, lambda _: whole_register(first), MOVE)
        pieces = [arrow_table(CONTRACTS, new)]
        commit_contracts(folder, lambda now: added_to(now, lambda: iter(pieces)), MOVE)
        snapshot = current_contracts(folder, is_verified=True)
        assert snapshot is not None
        found = read_tables(snapshot).contracts
    expected = expected.sort_values("contract_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected.astype(found.dtypes.to_dict()))


def test_a_version_of_the_first_format_is_still_read(tmp_path: Path) -> None:
    row: Row = {"contract_kind": "service", "kind_scheme": "five", "contract_status": "registered"}
    tables = tables_of([{**row, "contract_value_fen": 5}])
    folder = tmp_path / "contracts"
    now = written(whole_register(tables), str(folder))
    place = snapshot_folder(folder, now)
    manifest = json.loads((place / MANIFEST).read_bytes())
    content = {"contracts": "0" * 64, "paid_values": "1" * 64}  # as that format counted them
    first = hash_of(json_bytes({"format": 1, "content": content}))[:16]
    place = place.rename(place.with_name(first))
    changed = {**manifest, "format": 1, "content": content, "snapshot_id": first}
    (place / MANIFEST).write_bytes(json_bytes(changed))
    (folder / "journal").mkdir()
    (folder / "current.json").write_text(json.dumps({"snapshot_id": first, "journal_number": 1}))
    snapshot = current_contracts(tmp_path, is_verified=True)
    assert snapshot is not None
    assert snapshot.snapshot_id == first
    assert read_tables(snapshot).contracts["contract_value_fen"].tolist() == [5]


def test_more_than_memory_and_disk_take_is_a_sentence_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row: Row = {"contract_kind": "service", "kind_scheme": "five", "contract_status": "registered"}
    few = tables_of([{**row, "contract_value_fen": 5}])
    commit_contracts(tmp_path, lambda _: whole_register(few), MOVE)
    before = sorted(tmp_path.rglob("*"))
    many = tables_of([{**row, "contract_value_fen": 5, "title": "长" * 400}] * 3_000)
    monkeypatch.setattr(bounded_engine, "MEMORY", "1MB")
    with pytest.raises(WorkspaceError) as raised:
        commit_contracts(tmp_path, lambda _: whole_register(many), MOVE)
    said = [error_text(raised.value, language) for language in LANGUAGES]
    assert all("Memory" in sentence for sentence in said)
    assert sorted(tmp_path.rglob("*")) == before


# --- rows kept apart while a list is looked at ----------------------------------------------------


@pytest.fixture
def kept() -> KeptRows:
    """Seven rows in three chunks, the second one empty."""
    file = RowFile()
    for numbers in ([1, 2, 3], [], [4, 5, 6, 7]):
        texts = pa.array([f"第{n}行" for n in numbers], pa.string())
        file.add(pa.table({"row": pa.array(numbers, pa.int64()), "text": texts}))
    return KeptRows(file)


def rows_of(kept: KeptRows) -> list[list[int]]:
    return [table["row"].to_pylist() for table in kept.chunks()]


def test_what_is_left_out_twice_is_left_out_and_nothing_else(kept: KeptRows) -> None:
    odd = kept.only(
        [np.array([True, False, True]), np.array([], bool), np.array([False, True] * 2)]
    )
    assert rows_of(odd) == [[1, 3], [], [5, 7]]
    last = odd.only([np.array([False, True]), np.array([], bool), np.array([True, True])])
    assert (rows_of(last), len(last)) == ([[3], [], [5, 7]], 3)
    assert last.columns("text")["text"].to_pylist() == ["第3行", "第5行", "第7行"]
    assert (rows_of(last.none()), len(last.none())) == ([[], [], []], 0)
    assert (rows_of(kept), len(kept)) == ([[1, 2, 3], [], [4, 5, 6, 7]], 7)


def test_what_is_done_to_a_chunk_is_done_when_it_is_read(kept: KeptRows) -> None:
    def doubled(table: pa.Table) -> pa.Table:
        rows = pa.array([2 * row for row in table["row"].to_pylist()], pa.int64())
        return table.set_column(0, "row", rows)

    some = kept.only([np.array([False, True, True]), np.array([], bool), np.array([True] * 4)])
    assert rows_of(some.finished(doubled)) == [[4, 6], [], [8, 10, 12, 14]]
    assert some.finished(doubled).columns("row")["row"].to_pylist() == [2, 3, 4, 5, 6, 7]


def test_two_threads_read_the_same_rows(kept: KeptRows) -> None:
    wrong: list[list[list[int]]] = []

    def look() -> None:
        wrong.extend(found for _ in range(50) if (found := rows_of(kept)) != rows_of(kept))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_list_that_is_forgotten_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = RowFile()
    file.add(pa.table({"row": [1]}))
    assert list(tmp_path.iterdir()) == []  # without a name from the start
    del file
    gc.collect()


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Iterator[None]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(WorkspaceError) as raised:
        RowFile().add(pa.table({"row": [1]}))
    said = [error_text(raised.value, language) for language in LANGUAGES]
    assert all("No space left" in sentence for sentence in said)
