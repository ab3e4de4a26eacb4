"""The second file of the subsidy: what was actually paid, and through which service body."""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from network_map.contracts.importing import cells as contract_cells
from network_map.contracts.importing.cells import Cells
from network_map.contracts.importing.headers import (
    PAID_SYNONYMS,
    Headers,
    UnitCheck,
    check_units,
    match_register,
    register_rules,
    unit_problems,
)
from network_map.contracts.importing.money import MoneyState, MoneyUnit
from network_map.contracts.importing.options import (
    ContractOptions,
    PaidPreview,
    exact_sum,
    typed_frame,
)
from network_map.contracts.importing.reading import (
    Progress,
    ReadFile,
    ReadRows,
    is_open,
    missing_columns,
    outcome_table,
    read_chunks,
    register_source,
)
from network_map.contracts.tables import PAID_VALUES
from network_map.errors import Problem, Severity
from network_map.listfiles.grid import Chunk, ListFile
from network_map.listfiles.open import open_list
from network_map.listfiles.preview import MOST_DESCRIBED, Finding, finding, judged
from network_map.terms import Origin

_MUST = ("contract_id", "paid_value")
_TEXTS = ("service_body_id", "service_body_name", "evidence_kind")


def preview_paid_values(
    content_or_path: bytes | Path,
    file_name: str,
    options: ContractOptions | None = None,
    *,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> PaidPreview:
    """Return what would be taken of a list of paid values; a contract may have several rows.

    Parameters
    ----------
    content_or_path
        The file: CSV, TSV, a spreadsheet or Parquet; its content, or where it is.
    file_name
        Its name.
    options
        What a person says about the list; a scheme says nothing here.
    progress
        Told after each chunk how many rows are done and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError
        If the file cannot be read as such a list at all.
    MissingFileError
        If there is no such file.
    """
    options = options or ContractOptions()
    counts: Counter[str] = Counter()
    judge = partial(judged, counts=counts, most_described=most_described)
    with open_list(
        content_or_path, file_name, register_rules(PAID_SYNONYMS),
        sheet=options.sheet, header_row=options.header_row,
    ) as register:  # fmt: skip
        headers = match_register(register.headers, register.titles, PAID_SYNONYMS, options.columns)
        units = check_units(headers, options.unit)
        source, origin = register_source(register, options), options.origin
        read = read_chunks(
            register,
            lambda chunk: _read_rows(
                Cells(chunk, headers.positions, options.answers), units, origin, source
            ),
            judge,
            headers=headers, units=units, counts=counts, options=options, progress=progress,
        )  # fmt: skip
    return _preview(register, headers, read, units=units, options=options, counts=counts)


def _read_rows(cells: Cells, units: UnitCheck, origin: Origin, source: str) -> ReadRows:
    cells, formulas = contract_cells.without_formulas(cells)
    chunk: Chunk = cells.chunk
    too_wide = finding("contract_row_too_wide", Severity.ERROR, "", chunk.is_too_wide)
    findings = [too_wide, *formulas]

    def take(result: tuple[pa.Array, list[Finding]]) -> pa.Array:
        findings.extend(result[1])
        return result[0]

    columns = {"row": pa.array(chunk.rows), "contract_id": take(contract_cells.contract_ids(cells))}
    columns |= {column: take(contract_cells.names(cells, column)) for column in _TEXTS}
    columns["paid_on"] = take(contract_cells.dates(cells, "paid_on"))
    unit = units.units.get("paid_value", MoneyUnit.YUAN)
    paid, said = contract_cells.money(cells, "paid_value", unit)
    is_missing = paid.state == MoneyState.EMPTY
    missing = finding("paid_value_missing", Severity.ERROR, "paid_value", is_missing)
    columns["paid_value_fen"] = take((pa.array(paid.fen), [*said, missing]))
    columns["origin"] = pa.repeat(origin.value, len(chunk))
    columns["source"] = take(contract_cells.names(cells, "source")).fill_null(source)
    return ReadRows(columns, findings)


def _preview(
    register: ListFile,
    headers: Headers,
    read: ReadFile,
    *,
    units: UnitCheck,
    options: ContractOptions,
    counts: Counter[str],
) -> PaidPreview:
    no_body = not {"service_body_id", "service_body_name"} & set(headers.positions)
    about_file = (
        *register.notes, *headers.notes, *unit_problems(units),
        *missing_columns(headers, PAID_VALUES, _MUST),
        *((Problem("paid_no_service_body", Severity.NOTE),) if no_body else ()),
    )  # fmt: skip
    paid = typed_frame(PAID_VALUES, pa.concat_tables(read.taken.chunks()))
    if is_open(about_file):
        paid = paid.iloc[:0]
    nothing = np.array([], dtype="int64")
    return PaidPreview(
        rows=outcome_table(
            read.rows, options.exclude_rows, taken=nothing, verdict=judged(nothing, (), counts)
        ),
        problems=tuple(sorted((*about_file, *read.problems), key=lambda p: p.row or 0)),
        problem_counts=dict(counts),
        headers=headers.matches,
        dropped_columns=headers.dropped,
        units=units.units if not units.is_open else {},
        file_name=register.file_name,
        file_sha256=register.file_sha256,
        sheet_name=register.sheet_name,
        header_row=register.header_row,
        encoding=register.encoding,
        paid_values=paid,
        paid_value_fen=exact_sum(paid["paid_value_fen"]),
        unit_sums=units.sums() if units.is_open else {},
    )
