"""A contract register or a list of payments, previewed: what would be taken, and why some rows not.

Nothing is stored here. The file is read in chunks; what differs in a column is read once. A
preview is made of the file, the options and the person's answers; a changed answer gives a new
preview. Payments are the second file of the subsidy: what was paid, and through which service body.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing import cells as contract_cells
from network_map.contracts.importing.cells import Cells, MoneyState, MoneyUnit
from network_map.contracts.importing.headers import (
    CONTRACT_SYNONYMS,
    PAID_SYNONYMS,
    RegisterHeaders,
    UnitCheck,
    check_units,
    match_register,
    register_rules,
    unit_problems,
    unit_remarks,
)
from network_map.contracts.importing.reading import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    Progress,
    ReadFile,
    ReadRows,
    contract_totals,
    missing_columns,
    outcome_table,
    read_chunks,
    typed_frame,
)
from network_map.contracts.importing.rows import RowRules, in_future, judge_of, read_rows
from network_map.contracts.tables import CONTRACTS, CONTRACTS_PROVINCE, PAID_VALUES
from network_map.datapackage import read_table
from network_map.errors import Problem, Severity
from network_map.listfiles.cells import Mask, Places, today_in_china
from network_map.listfiles.grid import Chunk, ListFile
from network_map.listfiles.headers import figure_headers
from network_map.listfiles.preview import (
    MOST_DESCRIBED,
    Finding,
    Said,
    finding,
    in_row_order,
    is_open,
    judged,
)
from network_map.listfiles.spool import KeptRows
from network_map.listfiles.table import open_list
from network_map.places.gazetteer import Gazetteer
from network_map.terms import ContractKind, ContractStatus, KindScheme, Origin

Preview = TypeVar("Preview", ContractPreview, PaidPreview)
_ABOUT_THE_ROW = {"row", "origin", "source"}


@dataclass(frozen=True)
class Identity:
    """Which rows stand for their contracts.

    Parameters
    ----------
    rows
        Numbers of the rows whose contract has more than one.
    dropped_rows
        Numbers of those that another row stands for, or that contradict each other.
    findings
        What there is to say about `rows`, by their place among them.
    """

    rows: Places
    dropped_rows: Places
    findings: tuple[Finding, ...]


def identity(taken: KeptRows) -> Identity:
    """Return which rows stand for their contracts.

    Rows that say the same are kept once. A row that says 变更 replaces the rows before it, one
    that says 注销 cancels them: of these the last one stands. Rows that contradict each other
    without saying so are doubtful, all of them.
    """
    ids = taken.columns("contract_id")["contract_id"].to_pandas()
    if ids.is_unique:  # to see is cheaper than to mark
        nothing = np.array([], dtype="int64")
        return Identity(nothing, nothing, ())
    some = _rows_of(taken, ids[ids.duplicated()].unique())
    rows = some["row"].to_numpy()
    content = [name for name in some.columns if name not in _ABOUT_THE_ROW]
    same = some.duplicated(content, keep="first").to_numpy()
    order = _in_time(some)
    replaced, differs = _replaced_rows(some, same, order)
    numbers = some.groupby("contract_id")["row"].agg(list).to_dict()

    def said(place: int) -> Said:
        contract = str(some["contract_id"].iloc[place])
        others = [n for n in numbers[contract] if n != rows[place]]
        return Said(contract, values={"rows": "、".join(map(str, others[:5]))})

    return Identity(
        rows,
        rows[same | replaced | differs],
        tuple(
            Finding(code, severity, "contract_id", np.flatnonzero(mask), said)
            for code, severity, mask in (
                ("contract_said_twice", Severity.CORRECTED, same),
                ("contract_replaced", Severity.CORRECTED, replaced),
                ("contract_contradicted", Severity.DOUBTFUL, differs),
            )
        ),
    )


def _rows_of(taken: KeptRows, ids: object) -> pd.DataFrame:
    """Return the rows of some contracts in declared types, with their number."""
    wanted = pa.array(ids, type=pa.string())
    parts = [
        table.filter(pc.is_in(table["contract_id"], value_set=wanted)) for table in taken.chunks()
    ]
    table = pa.concat_tables(parts)
    return typed_frame(CONTRACTS, table).assign(row=table["row"].to_numpy())


def _in_time(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the place of each row in time: by its state, by registration, by its row."""
    later = {
        ContractStatus.REGISTERED.value: 0,
        ContractStatus.CHANGED.value: 1,
        ContractStatus.CANCELLED.value: 2,
    }
    sorted_rows = pd.DataFrame({
        "state": rows["contract_status"].map(later),
        "day": rows["registered_on"].fillna(""),
        "row": rows["row"],
    }).sort_values(["state", "day", "row"])  # fmt: skip
    order = np.empty(len(rows), dtype="int64")
    order[sorted_rows.index.to_numpy()] = np.arange(len(rows))
    return order


def _replaced_rows(
    rows: pd.DataFrame, same: Mask, order: Sequence[int] | npt.NDArray[np.int64]
) -> tuple[Mask, Mask]:
    """Return which rows a later one replaces, and which contradict each other."""
    replaced = np.zeros(len(rows), dtype="bool")
    differs = np.zeros(len(rows), dtype="bool")
    registered = (rows["contract_status"] == ContractStatus.REGISTERED.value).to_numpy()
    left = np.flatnonzero(~same)
    ids = rows["contract_id"].to_numpy()
    many = Counter(ids[left])
    groups: dict[str, list[int]] = {}
    for place in left:
        if many[ids[place]] > 1:
            groups.setdefault(ids[place], []).append(int(place))
    for group in groups.values():
        if sum(bool(registered[place]) for place in group) > 1:
            differs[group] = True
            continue
        last = max(group, key=lambda place: order[place])
        replaced[[place for place in group if place != last]] = True
    return replaced, differs


_MUST = ("contract_id", "contract_kind", "contract_value")
_FIVE_KINDS_FROM = "2022"
_FEN_IN_YI = 10_000_000_000
_ALWAYS, _NEVER = "", "9999"
_ABSENT = {
    "contract_no_place": ("seller_adcode", "seller_place", "seller_prefecture", "seller_county"),
    "contract_no_date": ("signed_on", "registered_on"),
    "contract_no_field": ("technology_field",),
    "contract_no_ip": ("ip_kind",),
    "contract_no_technology_value": ("technology_value",),
}
"""What a list without any of these columns cannot say."""


def preview_contracts(
    content_or_path: bytes | Path,
    file_name: str,
    reference: Gazetteer,
    options: ContractOptions | None = None,
    *,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> ContractPreview:
    """Return what would be taken of a contract register.

    Parameters
    ----------
    content_or_path
        The file: CSV, TSV, a spreadsheet or Parquet; its content, or where it is.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a register.
    WorkspaceError
        If the disk does not take the rows that are kept apart meanwhile.
    """
    options = options or ContractOptions()

    def read_with(below: Sequence[str]) -> ContractPreview:
        return _read_contracts(
            content_or_path, file_name, reference, options, below,
            progress=progress, most_described=most_described,
        )  # fmt: skip

    return with_remarks(read_with)


def _read_contracts(
    content_or_path: bytes | Path,
    file_name: str,
    reference: Gazetteer,
    options: ContractOptions,
    below: Sequence[str],
    *,
    progress: Progress | None,
    most_described: int,
) -> ContractPreview:
    """Return the preview of a register, below which remarks may name the unit of its money."""
    with open_list(
        content_or_path, file_name, register_rules(CONTRACT_SYNONYMS),
        sheet=options.sheet, header_row=options.header_row,
    ) as register:  # fmt: skip
        headers = match_register(register, CONTRACT_SYNONYMS, options.columns, below)
        units = check_units(headers, options.unit)
        rules = replace(
            _rules(register, headers, reference, units, options), most_described=most_described
        )
        read = read_chunks(
            register, lambda chunk: read_rows(chunk, rules), judge_of(rules),
            headers=headers, units=units, counts=rules.counts,
            options=options, progress=progress,
        )  # fmt: skip
    return _preview(register, headers, rules, read, units=units, options=options)


def with_remarks(read_with: Callable[[Sequence[str]], Preview]) -> Preview:
    """Return a preview; where a remark below the list names another unit, it is read again.

    A remark is found only when every row is read.
    """
    found = read_with(())
    below = unit_remarks(found.problems, found.columns)
    return read_with(below) if below else found


def _rules(
    register: ListFile,
    headers: RegisterHeaders,
    reference: Gazetteer,
    units: UnitCheck,
    options: ContractOptions,
) -> RowRules:
    return RowRules(
        gazetteer=reference,
        positions=headers.positions,
        units=units.units,
        answers=options.answers,
        origin=options.origin,
        source=options.source_of(register),
        most_by_year=_province_by_year(),
    )


@cache
def _province_by_year() -> dict[str, int]:
    """Return what the province's contracts came to in each published year, in fen."""
    figures = read_table(CONTRACTS_PROVINCE)
    is_year = figures["starts_on"].str.endswith("-01-01") & figures["ends_on"].str.endswith(
        "-12-31"
    )
    is_year &= (figures["measure"] == "all_contracts") & (figures["figure_kind"] != "target")
    years = figures[is_year].dropna(subset="contract_value_100m_yuan")
    fen = (years["contract_value_100m_yuan"] * _FEN_IN_YI).round().astype("int64")
    return dict(zip(years["ends_on"].str[:4], fen.tolist(), strict=True))


def _preview(
    register: ListFile,
    headers: RegisterHeaders,
    rules: RowRules,
    read: ReadFile,
    *,
    units: UnitCheck,
    options: ContractOptions,
) -> ContractPreview:
    about_file = (
        *register.notes, *headers.notes, *unit_problems(units),
        *_absent(headers), *_summary(headers), *missing_columns(headers, CONTRACTS, _MUST),
    )  # fmt: skip
    five_from, scheme_notes = _scheme(read.taken, options.scheme)
    is_four = options.scheme is KindScheme.FOUR
    taken = read.taken.finished(partial(_with_schemes, five_from=five_from, is_four=is_four))
    same = identity(taken)
    verdict = judged(same.rows, same.findings, rules.counts, most_described=rules.most_described)
    rows = outcome_table(read.rows, options.exclude_rows, taken=same.rows, verdict=verdict)
    taken = taken.none() if is_open(about_file) else _without(taken, same.dropped_rows)
    return ContractPreview(
        file=register.without_rows(),
        columns=headers,
        rows=rows,
        problems=in_row_order(*about_file, *scheme_notes, *read.problems, *verdict.problems),
        problem_counts=dict(rules.counts),
        units=units.known(),
        unit_sums=units.sums(),
        taken=taken,
        totals=contract_totals(taken),
    )


def _summary(headers: RegisterHeaders) -> tuple[Problem, ...]:
    """Return the refusal of a table of figures by place, kind or body: it lists no contract."""
    figures = figure_headers([match.header for match in headers.matches])
    if not figures or {"contract_id", "title"} & set(headers.positions):
        return ()
    return (Problem("list_is_summary", values={"columns": "、".join(figures)}),)


def _absent(headers: RegisterHeaders) -> tuple[Problem, ...]:
    return tuple(
        Problem(code, Severity.NOTE)
        for code, columns in _ABSENT.items()
        if not set(columns) & set(headers.positions)
    )


def _scheme(taken: KeptRows, chosen: KindScheme | None) -> tuple[str, tuple[Problem, ...]]:
    """Return the first year of five kinds for rows that name no scheme, and what to say of it.

    Decided by years and not for the whole file: five kinds are known from the first year that has
    a licence, from 2022 at the latest. A person's choice holds for every year.
    """
    if chosen is not None:
        return _ALWAYS if chosen is KindScheme.FIVE else _NEVER, ()
    table = taken.columns("contract_kind", "signed_on")
    is_licence = pc.equal(table["contract_kind"], ContractKind.LICENCE.value)
    first = pc.min(pc.utf8_slice_codeunits(table["signed_on"].filter(is_licence), 0, 4)).as_py()
    five_from = min(first or _FIVE_KINDS_FROM, _FIVE_KINDS_FROM)
    early = pc.sum(_is_early(table, five_from)).as_py() or 0
    values = {"count": early, "year": five_from}
    note = Problem("contract_four_kinds", Severity.NOTE, values=values)
    return five_from, (note,) if early else ()


def _is_early(table: pa.Table, five_from: str) -> pa.ChunkedArray:
    return pc.less(table["signed_on"], five_from).fill_null(False)  # noqa: FBT003 - the value to fill in


def _with_schemes(table: pa.Table, *, five_from: str, is_four: bool) -> pa.Table:
    """Return the table with its scheme; in one of four kinds a licence is inside transfers."""
    if five_from != _ALWAYS and not is_four:
        inferred = pc.if_else(
            _is_early(table, five_from), KindScheme.FOUR.value, KindScheme.FIVE.value
        )
        schemes = pc.coalesce(table["kind_scheme"], inferred)
    elif is_four:
        schemes = pa.array([KindScheme.FOUR.value] * len(table), type=pa.string())
    else:
        schemes = table["kind_scheme"].fill_null(KindScheme.FIVE.value)
    is_inside = pc.and_(
        pc.equal(schemes, KindScheme.FOUR.value),
        pc.equal(table["contract_kind"], ContractKind.LICENCE.value),
    )
    kinds = pc.if_else(is_inside, ContractKind.TRANSFER.value, table["contract_kind"])
    return _replaced(_replaced(table, "kind_scheme", schemes), "contract_kind", kinds)


def _without(taken: KeptRows, rows: Places) -> KeptRows:
    """Return what is left without the rows of some numbers."""
    if not len(rows):
        return taken
    numbers = (part["row"].to_numpy() for part in taken.parts("row"))
    return taken.only([~np.isin(found, rows) for found in numbers])


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


# --- payments ----------------------------------------------------------------------------------

_PAID_MUST = ("contract_id", "paid_value")
_PAID_TEXTS = ("service_body_id", "service_body_name", "evidence_kind")


def preview_paid_values(
    content_or_path: bytes | Path,
    file_name: str,
    options: ContractOptions | None = None,
    *,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> PaidPreview:
    """Return what would be taken of a list of paid values; a contract may have several rows.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as such a list.
    """
    options = options or ContractOptions()

    def read_with(below: Sequence[str]) -> PaidPreview:
        return _read_paid(
            content_or_path, file_name, options, below,
            progress=progress, most_described=most_described,
        )  # fmt: skip

    return with_remarks(read_with)


def _read_paid(
    content_or_path: bytes | Path,
    file_name: str,
    options: ContractOptions,
    below: Sequence[str],
    *,
    progress: Progress | None,
    most_described: int,
) -> PaidPreview:
    """Return the preview of payments, below which remarks may name the unit of their money."""
    counts: Counter[str] = Counter()
    judge = partial(judged, counts=counts, most_described=most_described)
    with open_list(
        content_or_path, file_name, register_rules(PAID_SYNONYMS),
        sheet=options.sheet, header_row=options.header_row,
    ) as register:  # fmt: skip
        headers = match_register(register, PAID_SYNONYMS, options.columns, below)
        units = check_units(headers, options.unit)
        source, origin = options.source_of(register), options.origin
        read = read_chunks(
            register,
            lambda chunk: _read_payments(
                Cells(chunk, headers.positions, options.answers), units, origin, source
            ),
            judge,
            headers=headers, units=units, counts=counts, options=options, progress=progress,
        )  # fmt: skip
    return _paid_preview(register, headers, read, units=units, options=options, counts=counts)


def _read_payments(cells: Cells, units: UnitCheck, origin: Origin, source: str) -> ReadRows:
    cells, formulas = contract_cells.without_formulas(cells)
    chunk: Chunk = cells.chunk
    too_wide = finding("contract_row_too_wide", Severity.ERROR, "", chunk.is_too_wide)
    findings = [too_wide, *formulas]

    def take(result: tuple[pa.Array, list[Finding]]) -> pa.Array:
        findings.extend(result[1])
        return result[0]

    columns = {"row": pa.array(chunk.rows), "contract_id": take(contract_cells.contract_ids(cells))}
    columns |= {column: take(contract_cells.names(cells, column)) for column in _PAID_TEXTS}
    columns["paid_on"] = take(contract_cells.dates(cells, "paid_on"))
    findings.append(in_future("paid_on", columns["paid_on"], today_in_china()))
    findings.append(contract_cells.rounded(cells, "service_body_id"))
    unit = units.units.get("paid_value", MoneyUnit.YUAN)
    paid, said = contract_cells.money(cells, "paid_value", unit)
    is_missing = paid.state == MoneyState.EMPTY
    missing = finding("paid_value_missing", Severity.ERROR, "paid_value", is_missing)
    columns["paid_value_fen"] = take((pa.array(paid.fen), [*said, missing]))
    columns["origin"] = pa.repeat(origin.value, len(chunk))
    columns["source"] = take(contract_cells.names(cells, "source")).fill_null(source)
    return ReadRows(columns, findings)


def _repeated_payments(paid: pd.DataFrame, rows: Places) -> Finding:
    """Return a note about payments of one day that say the same as an earlier row.

    A contract may be paid in several parts, but hardly twice the same on one day; both are kept.
    """
    content = [name for name in paid.columns if name not in _ABOUT_THE_ROW]
    again = paid.duplicated(content, keep="first") & paid["paid_on"].notna()
    first = paid.assign(row=rows).groupby(content, dropna=False)["row"].transform("first")

    def said(place: int) -> Said:
        yuan = f"{int(paid['paid_value_fen'].iloc[place]) / 100:.2f}"
        return Said(yuan, values={"first": int(first.iloc[place])})

    places = np.flatnonzero(again.to_numpy(dtype="bool"))
    return Finding("paid_repeated", Severity.NOTE, "paid_value", places, said)


def _paid_preview(
    register: ListFile,
    headers: RegisterHeaders,
    read: ReadFile,
    *,
    units: UnitCheck,
    options: ContractOptions,
    counts: Counter[str],
) -> PaidPreview:
    no_body = not {"service_body_id", "service_body_name"} & set(headers.positions)
    about_file = (
        *register.notes, *headers.notes, *unit_problems(units),
        *_summary(headers), *missing_columns(headers, PAID_VALUES, _PAID_MUST),
        *((Problem("paid_no_service_body", Severity.NOTE),) if no_body else ()),
    )  # fmt: skip
    table = pa.concat_tables(read.taken.chunks())
    paid, taken = typed_frame(PAID_VALUES, table), table["row"].to_numpy()
    verdict = judged(taken, [_repeated_payments(paid, taken)], counts)
    if is_open(about_file):
        paid = paid.iloc[:0]
    return PaidPreview(
        file=register.without_rows(),
        columns=headers,
        rows=outcome_table(read.rows, options.exclude_rows, taken=taken, verdict=verdict),
        problems=in_row_order(*about_file, *read.problems, *verdict.problems),
        problem_counts=dict(counts),
        units=units.known(),
        unit_sums=units.sums(),
        paid_values=paid,
    )
