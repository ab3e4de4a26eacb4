"""Rollups: the register counted once at import, so that a page need not count every contract.

A rollup has the columns it is grouped by and the three measures. The expressions of
``contracts.volumes`` take it in place of the contracts and give the same answer. Days are not
kept: which contracts were signed by the day of the year on which the register ends is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network_map.contracts.register.engines import bounded_engine
from network_map.contracts.tables import TO_DATE
from network_map.errors import WorkspaceError
from network_map.terms import ContractStatus

_MONTHS = ("signed_year", "signed_month")
_KINDS = ("kind_scheme", "contract_kind")
_FIELD = "technology_field"
_PARTS = {
    "seller_adcode": (_FIELD, "seller_kind", "ip_kind", "plan_source"),
    "buyer_adcode": (
        _FIELD, "seller_kind", "buyer_kind", "ip_kind", "plan_source",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rollup:
    """A rollup: its name and what it is grouped by.

    Parameters
    ----------
    name
        Name of the table and of its file.
    columns
        The columns it is grouped by.
    """

    name: str
    columns: tuple[str, ...]


def _rollups() -> tuple[Rollup, ...]:
    found = []
    for place, parts in _PARTS.items():
        side = place.removesuffix("_adcode")
        months = (*_MONTHS, place, *_KINDS, TO_DATE)
        found.append(Rollup(f"rollup_{side}_month", months))
        found += [Rollup(f"rollup_{side}_{part}", (*months, part)) for part in parts]
        # A technology field and another part together are asked for by the year only: by the month
        # there would be nearly as many groups as contracts.
        years = ("signed_year", place, TO_DATE, _FIELD)
        found += [
            Rollup(f"rollup_{side}_field_{part}", (*years, part))
            for part in parts
            if part != _FIELD
        ]
    ends = ("seller_adcode", "buyer_adcode")
    found.append(Rollup("rollup_flow_year", ("signed_year", *ends)))
    found.append(Rollup("rollup_flow_month", (*_MONTHS, *ends)))
    found.append(Rollup("rollup_flow_kind", ("signed_year", *ends, *_KINDS)))
    found.append(Rollup("rollup_flow_field", ("signed_year", *ends, _FIELD)))
    return tuple(found)


ROLLUPS = _rollups()
"""Every rollup; coarser ones stand before the finer ones that hold the same columns."""
_CODES = tuple(
    dict.fromkeys(
        name for rollup in ROLLUPS for name in rollup.columns if name not in {*_MONTHS, TO_DATE}
    )
)


def smallest_rollup(columns: Collection[str]) -> Rollup | None:
    """Return the first rollup that has all the columns, None if only the contracts do."""
    wanted = set(columns)
    return next((rollup for rollup in ROLLUPS if wanted <= set(rollup.columns)), None)


def write_rollups(contracts: Sequence[Path], folder: Path) -> list[Path]:
    """Write every rollup of the contracts as a Parquet file, and return the files.

    Parameters
    ----------
    contracts
        The contracts as Parquet files.
    folder
        An existing folder.

    Raises
    ------
    WorkspaceError
        If a sum has more fen than a 64-bit number holds: no wrong sum is ever written. Or if
        neither memory nor disk takes the work.
    """
    import duckdb  # noqa: PLC0415 (0.1 s: only where contracts are imported)

    files = []
    with bounded_engine(folder) as engine:
        engine.read_parquet([str(file) for file in contracts]).create_view("contracts")
        _make_coded(engine)
        for rollup in ROLLUPS:
            path = folder / f"{rollup.name}.parquet"
            try:
                engine.execute(_sql(rollup), [str(path)])
            except duckdb.ConversionException as error:
                raise WorkspaceError("contracts_sum_too_large") from error
            files.append(path)
    return files


def _make_coded(engine: Any) -> None:  # noqa: ANN401 (duckdb's types are not complete)
    """Make the table that is counted: codes as numbers in order of their text, and ``TO_DATE``."""
    for name in _CODES:
        engine.execute(
            f"CREATE TYPE {name}_code AS ENUM "  # noqa: S608 (the names are declared above)
            f"(SELECT DISTINCT {name} FROM contracts WHERE {name} IS NOT NULL ORDER BY 1)"
        )
    month, day = _cut_off(engine)
    coded = ", ".join(f"{name}::{name}_code AS {name}" for name in _CODES)
    engine.execute(
        f"""
        CREATE TEMP TABLE coded AS SELECT signed_year, signed_month, {coded},
            CASE WHEN signed_day IS NOT NULL THEN
                signed_month < {month} OR (signed_month = {month} AND signed_day <= {day}) END
                AS {TO_DATE},
            contract_value_fen, technology_value_fen
        FROM contracts WHERE contract_status <> '{ContractStatus.CANCELLED}'
        """  # noqa: S608 (the same)
    )


def _cut_off(engine: Any) -> tuple[int, int]:  # noqa: ANN401 (the same)
    """Return month and day of the latest date of the register: as ``cut_off_date`` has it."""
    dates = " UNION ALL ".join(
        f"SELECT {name} AS day FROM contracts "  # noqa: S608 (the same)
        f"WHERE length({name}) = 10 AND contract_status <> '{ContractStatus.CANCELLED}'"
        for name in ("signed_on", "registered_on")
    )
    (latest,) = engine.execute(f"SELECT max(day) FROM ({dates})").fetchone()  # noqa: S608 (the same)
    return (12, 31) if latest is None else (int(latest[5:7]), int(latest[8:10]))


def _sql(rollup: Rollup) -> str:
    names = ", ".join(rollup.columns)
    texts = ", ".join(
        f"{name}::VARCHAR AS {name}" if name in _CODES else name for name in rollup.columns
    )
    return f"""
        COPY (
            SELECT {texts}, contract_count, contract_value_fen, technology_value_fen FROM (
                SELECT {names}, count(*) AS contract_count,
                    sum(contract_value_fen)::BIGINT AS contract_value_fen,
                    sum(technology_value_fen)::BIGINT AS technology_value_fen
                FROM coded GROUP BY ALL ORDER BY ALL
            )
        ) TO $1 (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 65536)
    """  # noqa: S608 (the names are declared above)
