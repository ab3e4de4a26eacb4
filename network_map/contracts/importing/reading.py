"""A whole file of a register, read chunk by chunk, and what would be taken of it."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.headers import (
    MONEY_COLUMNS,
    RegisterHeaders,
    UnitCheck,
    amount_check,
)
from network_map.contracts.importing.row_units import RowUnits, bare_unit_place
from network_map.contracts.tables import CONTRACTS
from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles.cells import Places
from network_map.listfiles.grid import Chunk, ListFile, shown
from network_map.listfiles.preview import (
    OUTCOMES,
    WEIGHT,
    Answers,
    Finding,
    Judgement,
    ListOptions,
    ListPreview,
    Outcome,
    Said,
    problem_values,
    sifted,
)
from network_map.listfiles.spool import KeptRows, RowFile, in_turn, one_ahead
from network_map.listfiles.table import in_usual_days, is_date, merge_note, twin_check
from network_map.tables import ColumnType, Table
from network_map.terms import ContractStatus, KindScheme

Progress = Callable[[int, int], None]
"""Told how many rows are done, and how many there are about."""

_MISSING = {"contract_value_missing", "paid_value_missing"}
Judge = Callable[[Places, Sequence[Finding]], Judgement]
"""Says what becomes of rows, by their numbers and what was found."""


@dataclass(frozen=True, kw_only=True)
class ContractOptions(ListOptions):
    """What a person says about a register.

    An answer may be about all rows at once where a text stands: ``{("大理", "place"): "532901",
    (17, "contract_kind"): "技术开发"}``. ``place`` answers for both parties, ``seller_place`` and
    ``buyer_place`` for one.

    Parameters
    ----------
    unit
        Unit of the money columns whose header names none.
    scheme
        How many kinds of contract the register knew; by default told from its words and years.
    """

    answers_by_text: ClassVar[bool] = True
    unit: MoneyUnit | None = None
    scheme: KindScheme | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class RegisterPreview(ListPreview):
    """What would be taken of a list of contracts or of paid values.

    ``rows`` says ``reason`` (code of its worst problem, "" if none), ``contract_id`` and
    ``read_value_fen`` (its contract value as far as it was read) of each row as well.

    Parameters
    ----------
    problem_counts
        How often each code occurs in the whole file; described are the first thousand.
    units
        Unit of each money column; empty while it must be asked.
    unit_sums
        While the unit must be asked: the sum in fen under each reading.
    """

    problem_counts: Mapping[str, int]
    units: Mapping[str, MoneyUnit]
    unit_sums: Mapping[MoneyUnit, int] = field(default_factory=dict)

    @property
    def open_count(self) -> int:
        """Number of refused and unanswered rows, and of such problems of the whole file."""
        return len(self.open_rows) + len(self.file_problems)

    @property
    def has_capped_problems(self) -> bool:
        """Whether some problem occurs more often than it is described."""
        described = Counter(problem.code for problem in self.problems if problem.row is not None)
        return any(self.problem_counts.get(code, 0) > count for code, count in described.items())

    def row_values(
        self, cells: Mapping[str, object], problems: Sequence[Problem]
    ) -> dict[str, object]:
        """Return a row of ``rows`` with what is said about it as plain values."""
        return {
            "row": cells["row"],
            "contract_id": cells["contract_id"],
            "reason": cells["reason"] or None,
            "corrections": [
                {"column": p.column, "from": p.value, "to": p.fix}
                for p in problems
                if p.severity is Severity.CORRECTED and p.fix
            ],
            "problems": [problem_values(problem) for problem in problems],
        }


@dataclass(frozen=True)
class ContractTotals:
    """Sums of the rows that would be taken, cancelled contracts left out.

    Parameters
    ----------
    contract_count
        Number of contracts.
    contract_value_fen, technology_value_fen
        Their sums in whole fen.
    unlocated_count, unlocated_value_fen
        Number and contract value of those whose seller has no place.
    cancelled_count
        Number of rows that cancel a contract.
    """

    contract_count: int
    contract_value_fen: int
    technology_value_fen: int
    unlocated_count: int
    unlocated_value_fen: int
    cancelled_count: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ContractPreview(RegisterPreview):
    """What would be taken of a contract register.

    Parameters
    ----------
    taken
        The rows that can be taken, one for each contract, in chunks: the columns of
        ``contracts`` and ``row``, the number in the file. A contract that the list cancels
        stands in them with the status ``cancelled``.
    totals
        Sums of these rows.
    """

    taken: KeptRows
    totals: ContractTotals

    @property
    def taken_count(self) -> int:
        """Number of rows that would be stored."""
        return len(self.taken)

    @property
    def contracts(self) -> pd.DataFrame:
        """Table ``contracts`` of all these rows; a long list is looked at chunk by chunk."""
        return typed_frame(CONTRACTS, pa.concat_tables(self.taken.chunks()))

    def first_taken(self, last_row: int) -> pd.DataFrame:
        """Return the rows that can be taken down to a row of the list, without their ids."""
        parts = []
        for table in self.taken.chunks():
            parts.append(table.filter(pc.less_equal(table["row"], last_row)))
            if len(parts[-1]) < len(table):
                break
        table = pa.concat_tables(parts)
        taken = typed_frame(CONTRACTS, table).drop(columns="contract_id")
        return taken.assign(row=table["row"].to_numpy())

    @property
    def unanswered_rows(self) -> tuple[int, ...]:
        """Numbers of the rows with a doubtful place: taken, and 未定位 until it is answered."""
        doubtful = self.doubtful["row"].to_numpy()
        if not len(doubtful):
            return ()
        found = [
            np.intersect1d(part["row"].to_numpy(), doubtful) for part in self.taken.parts("row")
        ]
        return tuple(int(row) for rows in found for row in rows)

    @property
    def left_out_value_fen(self) -> int:
        """Contract value of the refused and unanswered rows that are not taken."""
        taken = set(self.unanswered_rows)
        return self.value_fen_of([row for row in self.open_rows if row not in taken])

    def value_fen_of(self, rows: Sequence[int]) -> int:
        """Return the contract value of some rows of the file, as it was read."""
        return exact_sum(self.rows.loc[self.rows["row"].isin(rows), "read_value_fen"])


@dataclass(frozen=True, eq=False, kw_only=True)
class PaidPreview(RegisterPreview):
    """What would be taken of a list of paid values.

    Parameters
    ----------
    paid_values
        Table ``paid_values``: the rows that can be taken.
    """

    paid_values: pd.DataFrame

    @property
    def taken_count(self) -> int:
        """Number of rows that would be stored."""
        return len(self.paid_values)

    @property
    def paid_value_fen(self) -> int:
        """Their sum in whole fen."""
        return exact_sum(self.paid_values["paid_value_fen"])


def typed_frame(table: Table, columns: pa.Table) -> pd.DataFrame:
    """Return columns that hold what a table declares as a data frame in its declared types."""
    return pd.DataFrame(
        {column.name: _typed(columns.column(column.name), column.type) for column in table.columns}
    )


def _typed(values: pa.ChunkedArray, kind: ColumnType) -> pd.Series:
    if kind is ColumnType.INTEGER:
        return pd.Series(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    if kind is ColumnType.BOOLEAN:
        flags = values.cast(pa.bool_())
        return pd.Series(flags.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get))
    return pd.Series(values.to_pandas()).astype("str")


def contract_totals(taken: KeptRows) -> ContractTotals:
    """Return the sums of rows of ``contracts``, cancelled contracts left out."""
    rows = taken.columns(
        "contract_status", "seller_adcode", "contract_value_fen", "technology_value_fen"
    ).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    is_cancelled = rows["contract_status"] == ContractStatus.CANCELLED.value
    standing = rows[~is_cancelled]
    unlocated = standing[standing["seller_adcode"].isna()]
    return ContractTotals(
        contract_count=len(standing),
        contract_value_fen=exact_sum(standing["contract_value_fen"]),
        technology_value_fen=exact_sum(standing["technology_value_fen"]),
        unlocated_count=len(unlocated),
        unlocated_value_fen=exact_sum(unlocated["contract_value_fen"]),
        cancelled_count=int(is_cancelled.sum()),
    )


def exact_sum(fen: "pd.Series[int]") -> int:
    """Return a sum of whole fen that no number of rows can make overflow."""
    values = fen.dropna().to_numpy(dtype="int64")
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


@dataclass(frozen=True)
class ReadRows:
    """The rows of a chunk, read.

    Parameters
    ----------
    columns
        The declared columns, of every row, and ``row``.
    findings
        What there is to say about the rows.
    """

    columns: Mapping[str, pa.Array]
    findings: Sequence[Finding]


@dataclass(frozen=True)
class ReadFile:
    """Every row of a file, read.

    Parameters
    ----------
    taken
        The rows that can be taken, in declared columns, and ``row``; kept in a file apart.
    rows
        ``row``, ``contract_id``, ``weight``, ``reason`` and ``read_value_fen`` of every row.
    problems
        What there is to say about rows.
    """

    taken: KeptRows
    rows: pd.DataFrame
    problems: tuple[Problem, ...]


def read_chunks(
    register: ListFile,
    reader: Callable[[Chunk], ReadRows],
    judge: Judge,
    *,
    headers: RegisterHeaders,
    units: UnitCheck,
    counts: Counter[str],
    options: ContractOptions,
    progress: Progress | None,
) -> ReadFile:
    """Return every row of a file.

    Parameters
    ----------
    register
        The file; its rows are read here.
    reader
        What reads a chunk; called for two chunks side by side.
    judge
        Asked about one chunk after the other.
    headers
        What was made of the headers: money in merged cells is not repeated.
    units
        Told of every chunk, to sum what has no unit.
    counts
        How often each problem was found; it is added to.

    Raises
    ------
    FileFormatError
        If there is no row below the header.
    WorkspaceError
        If the disk does not take what is kept apart.
    """
    kept = RowFile()
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    done: deque[int] = deque([0])
    exclude_rows, twins = options.exclude_rows, twin_check(headers.matches)
    amounts = amount_check(headers, units.units)
    row_units = RowUnits(headers.positions, units.units, bare_unit_place(headers.matches))
    money = {headers.positions[c]: c for c in MONEY_COLUMNS if c in headers.positions}
    merged = [(first, last, money[at]) for first, last, at in register.merged if at in money]

    def read_chunk(chunk: Chunk) -> ReadRows:
        read = _with_merged(reader(chunk), merged, options.answers)
        return replace(read, findings=[*read.findings, *row_units.findings(chunk, options.answers)])

    dates = {at for column, at in headers.positions.items() if is_date(column)}
    if not register.is_1904:
        dates = set()

    def rows_of_the_list() -> Iterator[Chunk]:
        for whole in one_ahead(register.chunks(money)):
            chunk, notes = sifted(whole, register.headers, counts)
            problems.extend(notes)
            if exclude_rows:
                chunk = chunk.only(~np.isin(chunk.rows, sorted(exclude_rows)))
            chunk = in_usual_days(chunk, dates)
            chunk = row_units.written_in(chunk)
            units.add(chunk)
            amounts.add(chunk)
            twins.add(chunk.rows.tolist(), dict(enumerate(chunk.columns)))
            done.append(done[-1] + len(whole))
            yield chunk

    for chunk, read in in_turn(read_chunk, rows_of_the_list()):
        judgement = judge(chunk.rows, read.findings)
        problems += judgement.problems
        kept.add(pa.table(dict(read.columns)).filter(pa.array(judgement.is_takeable)))
        frames.append(_row_frame(read.columns, judgement))
        done.popleft()
        if progress is not None:
            progress(done[0], max(register.total_rows, done[0]))
    if not frames or not (exclude_rows or any(len(frame) for frame in frames)):
        raise FileFormatError(
            "file_only_header", row=register.header_row, found=shown(register.headers)
        )
    if progress is not None:
        progress(done[0], done[0])
    problems += [*merge_note(register, money), *twins.problems(), *amounts.problems()]
    return ReadFile(KeptRows(kept), pd.concat(frames, ignore_index=True), tuple(problems))


def _with_merged(
    read: ReadRows, merged: Sequence[tuple[int, int, str]], answers: Answers
) -> ReadRows:
    """Return the rows with a question about money in a cell that is merged over several."""
    if not merged:
        return read
    rows = read.columns["row"].to_numpy()
    findings = list(read.findings)
    for first, last, column in merged:
        open_rows = [n for n in rows if first <= n <= last and (int(n), column) not in answers]
        places = np.flatnonzero(np.isin(rows, open_rows))
        values = {"first": first, "last": last}
        findings = [
            replace(one, places=np.setdiff1d(one.places, places)) if one.code in _MISSING else one
            for one in findings
        ]
        findings.append(
            Finding(
                "contract_money_merged", Severity.DOUBTFUL, column, places,
                partial(_said, values),
            )
        )  # fmt: skip
    return ReadRows(read.columns, findings)


def _said(values: Mapping[str, object], _place: int) -> Said:
    return Said(values=values)


def outcome_table(
    rows: pd.DataFrame, exclude_rows: frozenset[int], *, taken: Places, verdict: Judgement
) -> pd.DataFrame:
    """Return for each row of a list what becomes of it, and why."""
    found = pd.DataFrame(
        {
            "row": rows["row"],
            "outcome": pd.Series(_outcome_words()[rows["weight"].to_numpy()], dtype="str"),
            "reason": rows["reason"],
            "contract_id": rows["contract_id"],
            "read_value_fen": rows["read_value_fen"],
        }
    )
    found = with_verdict(found, taken, verdict)
    excluded = pd.DataFrame({"row": sorted(exclude_rows)}, dtype="int64").assign(
        outcome=Outcome.EXCLUDED.value, reason="", contract_id=None, read_value_fen=0
    )
    both = pd.concat([found, excluded], ignore_index=True) if len(excluded) else found
    return both.sort_values("row", ignore_index=True).astype(
        {
            "row": "int64",
            "outcome": "str",
            "reason": "str",
            "contract_id": "str",
            "read_value_fen": "int64",
        }
    )


def with_verdict(rows: pd.DataFrame, taken: Places, verdict: Judgement) -> pd.DataFrame:
    """Return what becomes of the rows of a list after more was found about some of them."""
    if not verdict.weight.any():
        return rows
    words = _outcome_words()
    weight_of = {word: weight for weight, word in enumerate(words)}
    places = np.searchsorted(rows["row"].to_numpy(), taken)
    weights = rows["outcome"].iloc[places].map(weight_of).to_numpy()
    heavier = verdict.weight > weights
    outcomes, reasons = (
        rows[name].to_numpy(dtype="object", copy=True) for name in ("outcome", "reason")
    )
    outcomes[places[heavier]] = words[verdict.weight[heavier]]
    reasons[places[heavier]] = verdict.reason[heavier]
    return rows.assign(
        outcome=pd.Series(outcomes, index=rows.index, dtype="str"),
        reason=pd.Series(reasons, index=rows.index, dtype="str"),
    )


def missing_columns(
    headers: RegisterHeaders, table: Table, must: tuple[str, ...]
) -> tuple[Problem, ...]:
    """Return a problem for each column that a list must have and has not."""
    declared = {column.name.removesuffix("_fen"): column for column in table.columns}
    return tuple(
        Problem(
            "contract_column_missing", Severity.ERROR, None, column,
            values={"zh": declared[column].zh, "en": declared[column].en},
        )
        for column in must
        if column not in headers.positions
    )  # fmt: skip


def _row_frame(columns: Mapping[str, pa.Array], judgement: Judgement) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": columns["row"].to_numpy(),
            "contract_id": pd.Series(columns["contract_id"].to_pandas()).astype("str"),
            "weight": judgement.weight,
            "reason": pd.Series(judgement.reason, dtype="str"),
            "read_value_fen": _read_values(columns),
        }
    )


def _read_values(columns: Mapping[str, pa.Array]) -> npt.NDArray[np.int64]:
    """Return the contract value of each row as far as it was read; a cancelled one has none."""
    if "contract_value_fen" not in columns:
        return np.zeros(len(columns["row"]), dtype="int64")
    is_cancelled = pc.equal(columns["contract_status"], ContractStatus.CANCELLED.value)
    values = pc.if_else(is_cancelled, 0, columns["contract_value_fen"])
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype="int64")


def _outcome_words() -> npt.NDArray[np.object_]:
    """Return what becomes of a row, by the weight of its worst finding."""
    words = sorted((weight, OUTCOMES[severity].value) for severity, weight in WEIGHT.items())
    return np.array([word for _, word in words], dtype="object")
