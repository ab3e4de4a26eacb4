"""Rollups: the register counted once at import, so that a page need not count every contract.

A rollup has the columns it is grouped by and the three measures. The expressions of
``analysis.contracts`` take it in place of the contracts and give the same answer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network_map.errors import WorkspaceError
from network_map.terms import ContractStatus

OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""DuckDB never looks for an extension on a network."""
_MONTHS = ("signed_year", "signed_month")
_KINDS = ("kind_scheme", "contract_kind")
_PARTS = {
    "seller_adcode": ("technology_field", "seller_kind", "ip_kind", "plan_source"),
    "buyer_adcode": (
        "technology_field", "seller_kind", "buyer_kind", "ip_kind", "plan_source",
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
        months = (*_MONTHS, place, *_KINDS)
        found.append(Rollup(f"rollup_{side}_month", months))
        found.append(Rollup(f"rollup_{side}_day", (*months, "signed_day")))
        found += [Rollup(f"rollup_{side}_{part}", (*months, part)) for part in parts]
    ends = ("signed_year", "seller_adcode", "buyer_adcode")
    found.append(Rollup("rollup_flow_year", ends))
    found.append(Rollup("rollup_flow_kind", (*ends, *_KINDS)))
    return tuple(found)


ROLLUPS = _rollups()
"""Every rollup; coarser ones stand before the finer ones that hold the same columns."""


def smallest_rollup(columns: Collection[str]) -> Rollup | None:
    """Return the first rollup that has all the columns, None if only the contracts do."""
    wanted = set(columns)
    return next((rollup for rollup in ROLLUPS if wanted <= set(rollup.columns)), None)


def write_rollups(contracts: Any, folder: Path) -> list[Path]:  # noqa: ANN401 (pyarrow, untyped)
    """Write every rollup of the contracts as a Parquet file, and return the files.

    Parameters
    ----------
    contracts
        The contracts as an Arrow table.
    folder
        An existing folder.

    Raises
    ------
    WorkspaceError
        If a sum has more fen than a 64-bit number holds: no wrong sum is ever written.
    """
    import duckdb  # noqa: PLC0415 (0.1 s: only where contracts are imported)

    files = []
    with duckdb.connect(config=OFFLINE) as engine:
        engine.register("contracts", contracts)
        for rollup in ROLLUPS:
            path = folder / f"{rollup.name}.parquet"
            try:
                engine.execute(_sql(rollup), [str(path)])
            except duckdb.ConversionException as error:
                raise WorkspaceError("contracts_sum_too_large") from error
            files.append(path)
    return files


def _sql(rollup: Rollup) -> str:
    columns = ", ".join(rollup.columns)
    return f"""
        COPY (
            SELECT {columns}, count(*) AS contract_count,
                sum(contract_value_fen)::BIGINT AS contract_value_fen,
                sum(technology_value_fen)::BIGINT AS technology_value_fen
            FROM contracts WHERE contract_status <> '{ContractStatus.CANCELLED}'
            GROUP BY ALL ORDER BY ALL
        ) TO $1 (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)
    """  # noqa: S608 (the names are declared above)
