"""A contract register, previewed: what would be taken, in which form, and why some rows not.

Nothing is stored here. The file is read in chunks; what differs in a column is read once. A
preview is made of the file, the options and the person's answers; a changed answer gives a new
preview.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import Problem, Severity
from network_map.schema.contracts import CONTRACTS
from network_map.sources.contract_columns import Mask
from network_map.sources.contract_file import RegisterFile
from network_map.sources.contract_findings import MOST_DESCRIBED, judged
from network_map.sources.contract_headers import CONTRACT_SYNONYMS, Headers, match_register
from network_map.sources.contract_identity import identity
from network_map.sources.contract_open import open_register
from network_map.sources.contract_preview import (
    ContractOptions,
    ContractPreview,
    contract_totals,
    typed_frame,
)
from network_map.sources.contract_reading import (
    Progress,
    ReadFile,
    is_open,
    missing_columns,
    outcome_table,
    read_chunks,
    source_of,
)
from network_map.sources.contract_rows import RowRules, judge_of, read_rows
from network_map.sources.contract_units import UnitCheck, check_units, unit_problems
from network_map.sources.divisions import Gazetteer
from network_map.terms import ContractKind, KindScheme

_MUST = ("contract_id", "contract_kind", "contract_value")
_FIVE_KINDS_FROM = "2022"
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
    file_name
        Its name.
    reference
        The divisions and every way of writing them.
    options
        What a person says about the register.
    progress
        Told after each chunk how many rows are done and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a register at all.
    MissingFileError
        If there is no such file.
    """
    options = options or ContractOptions()
    with open_register(
        content_or_path, file_name, CONTRACT_SYNONYMS,
        sheet=options.sheet, header_row=options.header_row,
    ) as register:  # fmt: skip
        headers = match_register(
            register.headers, register.titles, CONTRACT_SYNONYMS, options.columns
        )
        units = check_units(headers, options.unit)
        rules = replace(
            _rules(register, headers, reference, units, options), most_described=most_described
        )
        read = read_chunks(
            register, lambda chunk: read_rows(chunk, rules), judge_of(rules),
            units=units, counts=rules.counts,
            exclude_rows=options.exclude_rows, progress=progress,
        )  # fmt: skip
    return _preview(register, headers, rules, read, units=units, options=options)


def _rules(
    register: RegisterFile,
    headers: Headers,
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
        source=source_of(register, options),
    )


def _preview(
    register: RegisterFile,
    headers: Headers,
    rules: RowRules,
    read: ReadFile,
    *,
    units: UnitCheck,
    options: ContractOptions,
) -> ContractPreview:
    about_file = (
        *register.notes, *headers.notes, *unit_problems(units),
        *_absent(headers), *missing_columns(headers, CONTRACTS, _MUST),
    )  # fmt: skip
    scheme, scheme_notes = _schemes(read.table, options.scheme)
    table = _with_schemes(read.table, scheme, is_four=options.scheme is KindScheme.FOUR)
    contracts = typed_frame(CONTRACTS, table)
    contracts.insert(0, "row", table.column("row").to_numpy())
    same = identity(contracts)
    verdict = judged(
        contracts["row"].to_numpy(), same.findings, rules.counts,
        most_described=rules.most_described,
    )  # fmt: skip
    rows = outcome_table(
        read.rows, options.exclude_rows, taken=contracts["row"].to_numpy(), verdict=verdict
    )
    stays = same.keeps & (not is_open(about_file))
    kept = contracts if stays.all() else contracts[stays].reset_index(drop=True)
    kept_rows = kept.pop("row").to_numpy()
    problems = (*about_file, *scheme_notes, *read.problems, *verdict.problems)
    return ContractPreview(
        rows=rows,
        problems=tuple(sorted(problems, key=lambda problem: problem.row or 0)),
        problem_counts=dict(rules.counts),
        headers=headers.matches,
        dropped_columns=headers.dropped,
        units=units.units if not units.is_open else {},
        file_name=register.file_name,
        file_sha256=register.file_sha256,
        sheet_name=register.sheet_name,
        header_row=register.header_row,
        encoding=register.encoding,
        contracts=kept,
        contract_rows=kept_rows,
        totals=contract_totals(kept),
        unit_sums=units.sums() if units.is_open else {},
    )


def _absent(headers: Headers) -> tuple[Problem, ...]:
    return tuple(
        Problem(code, Severity.NOTE)
        for code, columns in _ABSENT.items()
        if not set(columns) & set(headers.positions)
    )


def _schemes(
    table: pa.Table, chosen: KindScheme | None
) -> tuple[Mapping[str, Mask | str], tuple[Problem, ...]]:
    """Return which rows come from a register of four kinds, and a note that says why."""
    if chosen is not None:
        return {"all": chosen.value}, ()
    licences = pc.sum(pc.equal(table["contract_kind"], ContractKind.LICENCE.value)).as_py() or 0
    is_early = pc.less(table["signed_on"], _FIVE_KINDS_FROM).fill_null(False)  # noqa: FBT003 - the value to fill in
    early = np.asarray(is_early.to_numpy(), dtype="bool")
    if licences or not early.any():
        return {"all": KindScheme.FIVE.value}, ()
    note = Problem(
        "contract_four_kinds", Severity.NOTE,
        values={"count": int(early.sum()), "year": _FIVE_KINDS_FROM},
    )  # fmt: skip
    return {"early": early}, (note,)


def _with_schemes(table: pa.Table, scheme: Mapping[str, Mask | str], *, is_four: bool) -> pa.Table:
    """Return the table with its scheme; in one of four kinds a licence is inside transfers."""
    if "early" in scheme:
        inferred = pc.if_else(
            pa.array(scheme["early"]), KindScheme.FOUR.value, KindScheme.FIVE.value
        )
        schemes = pc.coalesce(table["kind_scheme"], inferred)
    elif is_four:
        schemes = pa.array([KindScheme.FOUR.value] * len(table), type=pa.string())
    else:
        schemes = table["kind_scheme"].fill_null(str(scheme["all"]))
    is_inside = pc.and_(
        pc.equal(schemes, KindScheme.FOUR.value),
        pc.equal(table["contract_kind"], ContractKind.LICENCE.value),
    )
    kinds = pc.if_else(is_inside, ContractKind.TRANSFER.value, table["contract_kind"])
    return _replaced(_replaced(table, "kind_scheme", schemes), "contract_kind", kinds)


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
