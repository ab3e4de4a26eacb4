"""Volumes of a period by county, and what of them fits no county or not the period.

A volume is what ``analysis.contracts.volume`` returned, fetched: ``place_adcode``, the period of
signing and the three measures. Every contract of it ends in exactly one county or one residual
row, so the two add up to the table, to the fen.
"""

from collections.abc import Collection

import pandas as pd

from network_map.activity.tables import ACTIVITY_RESIDUAL, ContractSide, ResidualReason
from network_map.activity.windows import INSIDE, MEASURES, Window, placed
from network_map.errors import Problem, TableError

_NEEDED = ("place_adcode", "signed_year", *MEASURES)


def checked_volumes(volumes: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the volumes with whole numbers, None for no register.

    Raises
    ------
    TableError
        If a column is not there; every one that is missing is named.
    """
    if volumes is None:
        return None
    missing = [name for name in _NEEDED if name not in volumes.columns]
    if missing:
        raise TableError(
            "contract_volumes",
            [Problem("column_missing", column=name, value=name) for name in missing],
        )
    return volumes.astype(dict.fromkeys(MEASURES, "Int64")).reset_index(drop=True)


def county_sums(volumes: pd.DataFrame, codes: pd.Index, window: Window) -> pd.DataFrame:
    """Return the measures of each county in a window, and how many contracts lack the date.

    Parameters
    ----------
    volumes
        Checked volumes.
    codes
        The counties.
    window
        The period.

    Returns
    -------
    pandas.DataFrame
        By ``codes``: ``contract_count, contract_value_fen, technology_value_fen,
        undated_count``. A county without a row has 0; a technology value that no contract states
        is missing.
    """
    where = placed(volumes, window)
    sums = volumes[where == INSIDE].groupby("place_adcode")[list(MEASURES)].sum(min_count=1)
    sums = sums.reindex(codes)
    empty = sums["contract_count"].isna()
    undated = volumes[where == ResidualReason.UNDATED].groupby("place_adcode")["contract_count"]
    found = {name: sums[name].mask(empty, 0) for name in MEASURES}
    found["undated_count"] = undated.sum().reindex(codes).fillna(0)
    return pd.DataFrame(found, index=codes).astype("Int64")


def activity_residual(
    counties: pd.DataFrame,
    output: pd.DataFrame | None,
    absorption: pd.DataFrame | None,
    *,
    window: Window,
) -> pd.DataFrame:
    """Return the contracts that stand in no county's figures, and why.

    Parameters
    ----------
    counties
        A table with the ``adcode`` of every county.
    output, absorption
        Volumes of the two sides, None where no register is loaded.
    window
        The period.

    Returns
    -------
    pandas.DataFrame
        Table ``activity_residual``. Rows before and after the window are not told apart by place.

    Raises
    ------
    TableError, QueryError
        If a volume lacks a column, or its periods are too long for the window.
    """
    parts = [
        _residual(table, set(counties["adcode"]), window).assign(side=side.value)
        for side, volumes in ((ContractSide.OUTPUT, output), (ContractSide.ABSORPTION, absorption))
        if (table := checked_volumes(volumes)) is not None
    ]
    if not parts:
        parts = [pd.DataFrame(columns=ACTIVITY_RESIDUAL.names)]
    table = pd.concat(parts, ignore_index=True)[ACTIVITY_RESIDUAL.names]
    types = dict.fromkeys(("side", "residual_code", "place_adcode"), "str")
    return table.astype(types | dict.fromkeys(MEASURES, "Int64"))


def _residual(volumes: pd.DataFrame, codes: Collection[str], window: Window) -> pd.DataFrame:
    reason = placed(volumes, window)
    is_inside = reason == INSIDE
    is_unlocated = volumes["place_adcode"].isna()
    is_county = volumes["place_adcode"].isin(list(codes))
    reason = reason.mask(is_inside & is_unlocated, ResidualReason.UNLOCATED.value)
    reason = reason.mask(is_inside & ~is_unlocated & ~is_county, ResidualReason.NOT_A_COUNTY.value)
    is_outside = reason.isin([ResidualReason.BEFORE_WINDOW, ResidualReason.AFTER_WINDOW])
    rows = volumes.assign(
        residual_code=reason, place_adcode=volumes["place_adcode"].mask(is_outside)
    )
    rows = rows[~(is_inside & is_county)]
    keys = ["residual_code", "place_adcode"]
    return rows.groupby(keys, as_index=False, dropna=False)[list(MEASURES)].sum(min_count=1)
