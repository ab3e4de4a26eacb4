"""Counties without a contract, and centres that may be idle.

Contracts carry counties, not centres: that a county has no contract is a proxy for its centre and
is called one. Only a table of what centres did can say that a centre is idle.
"""

from collections.abc import Collection
from datetime import date

import pandas as pd

from network_map.activity.tables import (
    BLANK_COUNTIES,
    CENTRE_STATES,
    BlankReason,
    BlankState,
    CentreState,
    ContractSide,
    Coverage,
    ResidualReason,
)
from network_map.activity.windows import (
    Window,
    checked_volumes,
    county_sums,
    coverage,
    covered_from,
    last_period,
    placed,
)
from network_map.terms import AdminLevel, NodeKind, NodeStatus

_WORK = ("staff_count", "service_count", "contracts_brokered_count")


def blank_counties(
    divisions: pd.DataFrame,
    output: pd.DataFrame | None,
    absorption: pd.DataFrame | None,
    *,
    window: Window,
    covers_from: date | None = None,
) -> pd.DataFrame:
    """Return for each county and side whether it has no contract in the window.

    Parameters
    ----------
    divisions
        Table ``divisions``.
    output, absorption
        Volumes by county as for :func:`network_map.activity.activity.county_activity`.
    window
        The period.
    covers_from
        First day that the register covers. None takes the first period in either table.

    Returns
    -------
    pandas.DataFrame
        Table ``blank_counties``, every county on both sides. ``state_code`` is ``blank`` only
        where the register covers the whole window and no contract of the county lacks its date.
        ``prefecture_only_count`` counts the window's contracts that are known to the prefecture
        only: some may be the county's.

    Raises
    ------
    TableError, QueryError
        If a volume lacks a column, or its periods are too long for the window.
    """
    is_county = divisions["level"] == AdminLevel.COUNTY
    counties = divisions.loc[is_county].sort_values("adcode").set_index("adcode")
    sides = {
        ContractSide.OUTPUT: checked_volumes(output),
        ContractSide.ABSORPTION: checked_volumes(absorption),
    }
    begins = covers_from or covered_from(*sides.values())
    covered = coverage(window, covers_from=begins) is not Coverage.PART
    parts = [
        _side_rows(counties["parent_adcode"], volumes, window, is_covered=covered).assign(
            side=side.value
        )
        for side, volumes in sides.items()
    ]
    table = pd.concat(parts).rename_axis("adcode").reset_index()
    table = table.assign(window_from=window.first.isoformat(), window_to=window.as_of.isoformat())
    return table.loc[:, BLANK_COUNTIES.names]


def centre_states(
    nodes: pd.DataFrame,
    blanks: pd.DataFrame,
    centre_activity: pd.DataFrame | None = None,
    *,
    window: Window,
    kinds: Collection[str] = (NodeKind.COUNTY_CENTRE,),
) -> pd.DataFrame:
    """Return whether each centre is idle, works, or what a proxy says of it.

    Parameters
    ----------
    nodes
        Table ``nodes``; withdrawn and planned ones are left out.
    blanks
        Table ``blank_counties`` of the same window.
    centre_activity
        Table ``centre_activity``, None where there is none. The latest year counts, if the window
        reaches into it.
    window
        The period.
    kinds
        Which kinds of node are centres.

    Returns
    -------
    pandas.DataFrame
        Table ``centre_states``. ``idle``: the table states no service and no contract brokered.
        ``working``: it states some. Where it does not say, the county's contracts are a proxy:
        ``proxy_no_contract`` (none on either side), ``proxy_has_contract``, or ``unknown``.
    """
    is_centre = nodes["kind"].isin(list(kinds))
    is_there = ~nodes["status"].isin([NodeStatus.WITHDRAWN, NodeStatus.PLANNED])
    centres = nodes.loc[is_centre & is_there, ["node_id", "kind", "adcode"]].sort_values("node_id")
    work = _latest_work(centre_activity, window)
    table = centres.merge(work, how="left", on="node_id", validate="one_to_one")
    state = table["adcode"].map(_proxies(blanks)).fillna(CentreState.UNKNOWN.value)
    done = table[["service_count", "contracts_brokered_count"]]
    is_idle = (done == 0).fillna(value=False).all(axis=1)
    is_working = (done > 0).fillna(value=False).any(axis=1)
    state = state.mask(is_idle, CentreState.IDLE.value).mask(is_working, CentreState.WORKING.value)
    table = table.assign(
        centre_state_code=state.astype("str"),
        window_from=window.first.isoformat(),
        window_to=window.as_of.isoformat(),
    )
    return table.loc[:, CENTRE_STATES.names].reset_index(drop=True)


def _side_rows(
    prefectures: pd.Series, volumes: pd.DataFrame | None, window: Window, *, is_covered: bool
) -> pd.DataFrame:
    counts = ["contract_count", "undated_count", "prefecture_only_count"]
    if volumes is None:
        nothing = pd.Series(pd.NA, index=prefectures.index, dtype="Int64")
        rows = pd.DataFrame(dict.fromkeys(counts, nothing))
        return rows.assign(
            state_code=BlankState.UNKNOWN.value,
            reason_code=BlankReason.NO_REGISTER.value,
            last_signed_on=pd.Series(pd.NA, index=rows.index, dtype="str"),
        )
    rows = county_sums(volumes, prefectures.index, window)[counts[:2]]
    above = county_sums(volumes, pd.Index(prefectures.unique()), window)["contract_count"]
    reason = pd.Series(BlankReason.COUNTED.value, index=rows.index, dtype="str")
    is_zero = rows["contract_count"] == 0
    if not is_covered:
        reason = reason.mask(is_zero, BlankReason.PART_COVERED.value)
    reason = reason.mask(is_zero & (rows["undated_count"] > 0), BlankReason.UNDATED.value)
    state = pd.Series(BlankState.ACTIVE.value, index=rows.index, dtype="str")
    state = state.mask(is_zero, BlankState.BLANK.value)
    state = state.mask(is_zero & (reason != BlankReason.COUNTED), BlankState.UNKNOWN.value)
    return rows.assign(
        state_code=state,
        reason_code=reason,
        prefecture_only_count=prefectures.map(above).astype("Int64"),
        last_signed_on=_last_signed(volumes, window).reindex(rows.index).astype("str"),
    )


def _last_signed(volumes: pd.DataFrame, window: Window) -> pd.Series:
    """Return the latest period with a contract up to the cut-off, by place."""
    is_after = placed(volumes, window) == ResidualReason.AFTER_WINDOW
    has_any = (volumes["contract_count"] > 0).fillna(value=False)
    rows = volumes[has_any & ~is_after]
    return last_period(rows).groupby(rows["place_adcode"]).max()


def _latest_work(centre_activity: pd.DataFrame | None, window: Window) -> pd.DataFrame:
    """Return the latest row of each centre whose year the window reaches into."""
    columns = ["node_id", "activity_year", *_WORK, "origin", "source"]
    if centre_activity is None:
        types = dict.fromkeys(("activity_year", *_WORK), "Int64")
        return pd.DataFrame(columns=columns).astype(dict.fromkeys(columns, "str") | types)
    is_inside = centre_activity["year"].between(window.first.year, window.as_of.year)
    latest = centre_activity[is_inside.fillna(value=False)].sort_values("year")
    latest = latest.drop_duplicates("node_id", keep="last")
    return latest.rename(columns={"year": "activity_year"})[columns]


def _proxies(blanks: pd.DataFrame) -> pd.Series:
    """Return what the contracts of each county say of its centre: both sides, never added."""
    is_active = (blanks["state_code"] == BlankState.ACTIVE).groupby(blanks["adcode"]).any()
    is_blank = (blanks["state_code"] == BlankState.BLANK).groupby(blanks["adcode"]).all()
    proxy = pd.Series(CentreState.UNKNOWN.value, index=is_active.index, dtype="str")
    proxy = proxy.mask(is_active, CentreState.PROXY_HAS_CONTRACT.value)
    return proxy.mask(is_blank, CentreState.PROXY_NO_CONTRACT.value)
