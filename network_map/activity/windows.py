"""A period counted back from the cut-off of the data, and the contracts that fall in it.

A window of N months holds the N whole months that end with the cut-off. Where the cut-off is not
the last day of its month, the days of that month come on top: a window never holds less than it
says, so that "no contract in N months" is never said too early.

Volumes of a period by county, and what of them fits no county or not the period.

A volume is what ``contracts.volumes.volume`` returned, fetched: ``place_adcode``, the period of
signing and the three measures. Every contract of it ends in exactly one county or one residual
row, so the two add up to the table, to the fen.

Counties without a contract, and centres that may be idle.

Contracts carry counties, not centres: that a county has no contract is a proxy for its centre and
is called one. Only a table of what centres did can say that a centre is idle.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.activity.tables import (
    ACTIVITY_RESIDUAL,
    BLANK_COUNTIES,
    CENTRE_STATES,
    ActivitySide,
    BlankReason,
    BlankState,
    CentreState,
    Coverage,
    ResidualReason,
)
from network_map.errors import Problem, QueryError, TableError
from network_map.terms import AdminLevel, NodeKind, NodeStatus

Floats: TypeAlias = NDArray[np.float64]

MEASURES = ("contract_count", "contract_value_fen", "technology_value_fen")
INSIDE = "inside"
"""Placing of a row whose whole period lies in the window."""
_MONTHS_A_YEAR = 12
_MONTHS_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A period of whole months up to a cut-off.

    Parameters
    ----------
    as_of
        The last day, included.
    months
        How many whole months.
    """

    as_of: date
    months: int

    @property
    def first(self) -> date:
        """The first day."""
        number = self._month_after - self.months
        return date(number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.as_of - self.first).days + 1

    @property
    def before(self) -> "Window":
        """The equally long window of whole months that ends the day before this one begins."""
        return Window(date.fromordinal(self.first.toordinal() - 1), self.months)

    @property
    def month_numbers(self) -> tuple[int, int]:
        """The first and the last month, counted from January of the year 0."""
        return _number(self.first), _number(self.as_of)

    @property
    def _month_after(self) -> int:
        """The month that the whole months end before."""
        last = calendar.monthrange(self.as_of.year, self.as_of.month)[1]
        return _number(self.as_of) + (self.as_of.day == last)


def window_of(as_of: date, *, years: int = 0, months: int = 0) -> Window:
    """Return the window of so many years and months up to a cut-off.

    Parameters
    ----------
    as_of
        The cut-off of the data, included; never today.
    years, months
        Its length, together at least one month.

    Raises
    ------
    QueryError
        If the length is less than a month or reaches before the year 1.

    Examples
    --------
    >>> window_of(date(2025, 12, 31), years=3).first
    datetime.date(2023, 1, 1)
    >>> window_of(date(2024, 2, 29), months=12).first
    datetime.date(2023, 3, 1)
    >>> window_of(date(2025, 11, 15), months=12).first
    datetime.date(2024, 11, 1)
    """
    length = years * _MONTHS_A_YEAR + months
    # The window before must be a date as well.
    longest = _number(as_of) // 2 - _MONTHS_A_YEAR
    if years < 0 or months < 0 or not 1 <= length <= longest:
        raise QueryError("activity_window_length", years=years, months=months, maximum=longest)
    return Window(as_of, length)


def in_counties(volumes: pd.DataFrame, window: Window) -> pd.Series:
    """Return where each row of a volume table lies: inside, before, after, or not known.

    Parameters
    ----------
    volumes
        A volume with ``signed_year`` and, where the window does not consist of whole years,
        ``signed_quarter`` or ``signed_month``.
    window
        The period.

    Returns
    -------
    pandas.Series
        :data:`INSIDE`, or ``before_window``, ``after_window``, ``undated`` (the date is not known
        closely enough); the index of the rows.

    Raises
    ------
    QueryError
        If the periods of the table are longer than the window can be cut by.
    """
    return pd.Series(_PLACES[_where(volumes, window)], index=volumes.index, dtype="str")


_INSIDE, _BEFORE, _AFTER, _UNDATED = range(4)
_PLACES = np.array(
    [INSIDE, ResidualReason.BEFORE_WINDOW, ResidualReason.AFTER_WINDOW, ResidualReason.UNDATED],
    dtype="object",
)


def _where(volumes: pd.DataFrame, window: Window) -> NDArray[np.int64]:
    """Return the number in `_PLACES` of each row: texts of thousands of rows take their time."""
    first, last = _row_months(volumes)
    start, end = window.month_numbers
    found = np.select(
        [(first >= start) & (last <= end), last < start, first > end],
        [_INSIDE, _BEFORE, _AFTER],
        _UNDATED,
    )
    straddling = (found == _UNDATED) & ~np.isnan(first)
    if straddling.any() and "signed_month" not in volumes.columns:
        raise QueryError(
            "activity_periods_too_long",
            window_from=window.first.isoformat(),
            window_to=window.as_of.isoformat(),
            found=_period_column(volumes),
        )
    return found


def covered_from(*volumes: pd.DataFrame | None) -> date | None:
    """Return the first day of the earliest period in the tables, None where there is none.

    It stands in for the first day that the register covers, where that was not declared.
    """
    firsts = [_row_months(table)[0] for table in volumes if table is not None]
    known = [int(np.nanmin(first)) for first in firsts if not np.isnan(first).all()]
    if not known:
        return None
    return date(min(known) // _MONTHS_A_YEAR, min(known) % _MONTHS_A_YEAR + 1, 1)


def coverage(window: Window, *, covers_from: date | None) -> Coverage:
    """Return how much of a window, and of the one before, a register that begins then covers."""
    if covers_from is None or covers_from > window.first:
        return Coverage.PART
    return Coverage.FULL if covers_from <= window.before.first else Coverage.WINDOW


def _number(day: date) -> int:
    return day.year * _MONTHS_A_YEAR + day.month - 1


def _period_column(volumes: pd.DataFrame) -> str:
    return "signed_quarter" if "signed_quarter" in volumes.columns else "signed_year"


def _row_months(volumes: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the first and the last month that a contract of each row can be signed in."""
    year = numbers(volumes["signed_year"]) * _MONTHS_A_YEAR
    part, length = np.full(len(volumes), np.nan), _MONTHS_A_YEAR
    if "signed_month" in volumes.columns:
        part, length = numbers(volumes["signed_month"]) - 1, 1
    elif "signed_quarter" in volumes.columns:
        part = (numbers(volumes["signed_quarter"]) - 1) * _MONTHS_A_QUARTER
        length = _MONTHS_A_QUARTER
    is_year = np.isnan(part)
    first = np.where(is_year, year, year + part)
    last = np.where(is_year, year + _MONTHS_A_YEAR - 1, year + part + length - 1)
    return first, last


def numbers(cells: pd.Series) -> Floats:
    """Return a column as floats, missing as NaN."""
    return np.asarray(cells.astype("Float64").to_numpy(dtype="float64", na_value=np.nan))


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
    where = _where(volumes, window)
    rows = codes.get_indexer(pd.Index(volumes["place_adcode"]))
    inside = (rows >= 0) & (where == _INSIDE)
    sums = {name: _summed(volumes[name], rows, inside, len(codes)) for name in MEASURES}
    _, is_counted = sums["contract_count"]
    found = {
        name: pd.arrays.IntegerArray(values, is_counted & ~is_stated)
        for name, (values, is_stated) in sums.items()
    }
    undated, _ = _summed(
        volumes["contract_count"], rows, (rows >= 0) & (where == _UNDATED), len(codes)
    )
    found["undated_count"] = pd.array(undated, dtype="Int64")
    return pd.DataFrame(found, index=codes)


def _summed(
    cells: pd.Series, rows: NDArray[np.intp], kept: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the exact sum of whole numbers for each row of a result, and whether one is known."""
    kept = kept & cells.notna().to_numpy(dtype=np.bool_)
    values = np.zeros(size, dtype=np.int64)
    np.add.at(values, rows[kept], cells.to_numpy("int64", na_value=0)[kept])
    return values, np.bincount(rows[kept], minlength=size) > 0


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
        for side, volumes in ((ActivitySide.OUTPUT, output), (ActivitySide.ABSORPTION, absorption))
        if (table := checked_volumes(volumes)) is not None
    ]
    if not parts:
        parts = [pd.DataFrame(columns=ACTIVITY_RESIDUAL.names)]
    table = pd.concat(parts, ignore_index=True)[ACTIVITY_RESIDUAL.names]
    types = dict.fromkeys(("side", "residual_code", "place_adcode"), "str")
    return table.astype(types | dict.fromkeys(MEASURES, "Int64"))


def _residual(volumes: pd.DataFrame, codes: Collection[str], window: Window) -> pd.DataFrame:
    reason = in_counties(volumes, window)
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
        ActivitySide.OUTPUT: checked_volumes(output),
        ActivitySide.ABSORPTION: checked_volumes(absorption),
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
    first, last = _row_months(volumes)
    has_any = (volumes["contract_count"] > 0).fillna(value=False).to_numpy(dtype=np.bool_)
    kept = has_any & ~np.isnan(first) & (_where(volumes, window) != _AFTER)
    # A year alone stands before its months.
    month = np.where(last == first, last % _MONTHS_A_YEAR + 1, 0)
    order = pd.Series(last // _MONTHS_A_YEAR * 100 + month)[kept].astype("int64")
    latest = order.groupby(volumes["place_adcode"].to_numpy("object")[kept]).max()
    written = [f"{n // 100}-{n % 100:02d}" if n % 100 else f"{n // 100}" for n in latest]
    return pd.Series(written, index=latest.index, dtype="str")


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
