"""What a person says about a contract register, and what would be taken of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from network_map.contracts.importing.cells import Answers
from network_map.contracts.importing.money import MoneyUnit
from network_map.contracts.tables import CONTRACTS
from network_map.errors import Problem, Severity
from network_map.listfiles.headers import HeaderMatch
from network_map.listfiles.outcome import Outcome
from network_map.listfiles.spool import KeptRows
from network_map.tables.columns import ColumnType, Table
from network_map.terms import ContractStatus, KindScheme, Origin


@dataclass(frozen=True)
class ContractOptions:
    """What a person says about a register.

    Parameters
    ----------
    unit
        Unit of the money columns whose header names none.
    columns
        For a header as written the declared column, or None to leave it out.
    answers
        The text to take for a column, by the row's number or, for all rows at once, by the text
        that stands there: ``{("大理", "place"): "532901", (17, "contract_kind"): "技术开发"}``.
        ``place`` answers for both parties, ``seller_place`` and ``buyer_place`` for one.
    exclude_rows
        Rows to leave out.
    scheme
        How many kinds of contract the register knew; by default told from its words and years.
    origin
        Origin of the rows that name none.
    source
        Source of the rows that name none; by default the file's name and the start of its
        SHA-256.
    sheet, header_row
        Where the list stands, if that is not found.
    """

    unit: MoneyUnit | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    exclude_rows: frozenset[int] = frozenset()
    scheme: KindScheme | None = None
    origin: Origin = Origin.OFFICIAL
    source: str | None = None
    sheet: str | None = None
    header_row: int | None = None


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


@dataclass(frozen=True)
class RegisterPreview:
    """What would be taken of a list of contracts or of paid values.

    Parameters
    ----------
    rows
        One row for each row of the list: ``row`` (its number in the file), ``outcome``,
        ``reason`` (code of its worst problem, "" if none), ``contract_id``, ``read_value_fen``
        (its contract value as far as it was read).
    problems
        What there is to say, the whole file first, then by row; of each code the first
        thousand.
    problem_counts
        How often each code occurs in the whole file.
    headers
        What was made of each header.
    dropped_columns
        Columns of people and doors, which are never read.
    units
        Unit of each money column; empty while it must be asked.
    file_name, file_sha256
        The file.
    sheet_name, header_row, encoding
        Where and how the list was read.
    """

    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, int]
    headers: tuple[HeaderMatch, ...]
    dropped_columns: tuple[str, ...]
    units: Mapping[str, MoneyUnit]
    file_name: str
    file_sha256: str
    sheet_name: str | None
    header_row: int
    encoding: str | None

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows taken as they are."""
        return self._rows(Outcome.ACCEPTED)

    @property
    def corrected(self) -> pd.DataFrame:
        """The rows taken in a corrected form, and those that another row stands for."""
        return self._rows(Outcome.CORRECTED)

    @property
    def doubtful(self) -> pd.DataFrame:
        """The rows that need an answer."""
        return self._rows(Outcome.DOUBTFUL)

    @property
    def refused(self) -> pd.DataFrame:
        """The rows that cannot be taken."""
        return self._rows(Outcome.REFUSED)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that a person left out."""
        return self._rows(Outcome.EXCLUDED)

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by outcome."""
        found = self.rows["outcome"].value_counts()
        return {outcome.value: int(found.get(outcome.value, 0)) for outcome in Outcome}

    @property
    def open_problems(self) -> tuple[Problem, ...]:
        """The errors and unanswered questions, as far as they are described."""
        heavy = {Severity.ERROR, Severity.DOUBTFUL}
        return tuple(p for p in self.problems if p.severity in heavy)

    @property
    def open_count(self) -> int:
        """Number of refused and unanswered rows, and of such problems of the whole file."""
        rows = self.rows["outcome"].isin([Outcome.REFUSED.value, Outcome.DOUBTFUL.value])
        return int(rows.sum()) + len(self.file_problems)

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Headers that were not recognised, contact columns left out."""
        return tuple(
            match.header
            for match in self.headers
            if match.header and match.column is None and match.header not in self.dropped_columns
        )

    @property
    def file_problems(self) -> tuple[Problem, ...]:
        """The errors and questions about the whole file: no skipping of rows answers them."""
        return tuple(p for p in self.open_problems if p.row is None)

    @property
    def unanswered_rows(self) -> tuple[int, ...]:
        """Numbers of the rows with an open question that are taken without an answer."""
        return ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong or open, so that the list may be applied as it is."""
        return not self.file_problems and self.doubtful.empty and self.refused.empty

    def _rows(self, outcome: Outcome) -> pd.DataFrame:
        return self.rows[self.rows["outcome"] == outcome.value].reset_index(drop=True)


@dataclass(frozen=True)
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
    unit_sums
        While the unit must be asked: the sum of the contract values in fen under each reading.
    """

    taken: KeptRows
    totals: ContractTotals
    unit_sums: Mapping[MoneyUnit, int] = field(default_factory=dict)

    @property
    def contracts(self) -> pd.DataFrame:
        """Table ``contracts`` of all these rows; a long list is looked at chunk by chunk."""
        return typed_frame(CONTRACTS, pa.concat_tables(self.taken.chunks()))

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
        is_open = self.rows["outcome"].isin([Outcome.REFUSED.value, Outcome.DOUBTFUL.value])
        is_open &= ~self.rows["row"].isin(self.unanswered_rows)
        return exact_sum(self.rows.loc[is_open, "read_value_fen"])

    def value_fen_of(self, rows: Sequence[int]) -> int:
        """Return the contract value of some rows of the file, as it was read."""
        return exact_sum(self.rows.loc[self.rows["row"].isin(rows), "read_value_fen"])


@dataclass(frozen=True)
class PaidPreview(RegisterPreview):
    """What would be taken of a list of paid values.

    Parameters
    ----------
    paid_values
        Table ``paid_values``: the rows that can be taken.
    paid_value_fen
        Their sum in whole fen.
    unit_sums
        While the unit must be asked: the sum in fen under each reading.
    """

    paid_values: pd.DataFrame
    paid_value_fen: int
    unit_sums: Mapping[MoneyUnit, int] = field(default_factory=dict)


def typed_frame(table: Table, columns: pa.Table) -> pd.DataFrame:
    """Return columns that hold what a table declares as a data frame in its declared types.

    Parameters
    ----------
    table
        The declaration.
    columns
        An Arrow table with at least the declared columns; text, whole numbers, ``true`` and
        ``false``.
    """
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
