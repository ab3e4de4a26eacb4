"""How active the counties are in technology contracts, against people, wealth and their peers.

Output (by the seller's place) and absorption (by the buyer's) are told side by side and never
added. A register of the province holds what its own sellers registered, so its absorption is
partial. Without a register everything is unknown: a county has 0 only where a register says so.

Rates of rare events, smoothed so that small places do not swing with chance.

Counts are Poisson around a place's own rate, and the rates follow a gamma distribution over the
places (Clayton and Kaldor 1987). Mean and variance of that distribution come from moments, as in
the global estimator of Marshall (1991), whose shrunken rate is the posterior mean of this model.

References
----------
Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
for use in disease mapping. Biometrics 43, 671-681.

Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
Applied Statistics 40, 283-294.

The counties most like a county: by population, wealth, urban share and schooling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from network_map.activity.tables import (
    ACTIVITY,
    ACTIVITY_SEVERITY,
    ActivityReason,
    ActivitySide,
    Coverage,
    Trend,
)
from network_map.activity.windows import (
    Floats,
    Window,
    checked_volumes,
    county_sums,
    coverage,
    covered_from,
    numbers,
)
from network_map.errors import QueryError

PEER_COUNT = 8
"""How many peers a county has where nothing else is asked for."""
LEAST_INDICATORS = 2
"""How many indicators two counties must both have to be compared."""
INDICATORS = ("log_pop_2020", "log_gdp_per_head", "urban_share_2020", "avg_edu_years_2020")
"""What similarity is measured by; the two skewed ones as logarithms."""


def county_peers(counties: pd.DataFrame, *, peer_count: int = PEER_COUNT) -> pd.DataFrame:
    """Return the most similar counties of each county, nearest first.

    Each indicator is brought to mean 0 and standard deviation 1 over the counties that have it.
    Difference is the root mean square over the indicators that both counties have; a county with
    fewer than :data:`LEAST_INDICATORS` has no peers and is nobody's peer.

    Parameters
    ----------
    counties
        Table ``county_indicators``, or its columns ``adcode, pop_2020, gdp_2021_100m,
        urban_share_2020, avg_edu_years_2020``; missing values are allowed.
    peer_count
        How many peers at most, at least 1.

    Returns
    -------
    pandas.DataFrame
        Table ``peers``: ``adcode, peer_rank, peer_adcode, peer_distance, indicator_count``, by
        code and rank. Equally similar counties stand in the order of their codes.

    Raises
    ------
    QueryError
        If no peer is asked for.
    """
    if peer_count < 1:
        raise QueryError("peer_count", found=peer_count)
    ordered = counties.sort_values("adcode", ignore_index=True)
    distance, shared = _distances(_standardised(ordered))
    usable = shared >= LEAST_INDICATORS
    np.fill_diagonal(usable, val=False)
    # Rounded, so that the last bits of a sum do not decide between equal counties.
    distance = np.where(usable, np.round(distance, 10), np.inf)
    kept = min(peer_count, max(len(ordered) - 1, 0))
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :kept]
    rows = np.repeat(np.arange(len(ordered)), kept)
    found = nearest.ravel()
    codes = ordered["adcode"].to_numpy()
    table = pd.DataFrame(
        {
            "adcode": codes[rows],
            "peer_rank": np.tile(np.arange(1, kept + 1), len(ordered)),
            "peer_adcode": codes[found],
            "peer_distance": distance[rows, found],
            "indicator_count": shared[rows, found],
        }
    ).astype({"adcode": "str", "peer_adcode": "str"})
    table = table[usable[rows, found]].reset_index(drop=True)
    return table.astype({"peer_rank": "Int64", "indicator_count": "Int64"})


def peer_medians(values: pd.Series, peers: pd.DataFrame) -> pd.Series:
    """Return the median of each county's peers, over those whose value is known.

    Parameters
    ----------
    values
        Values by adcode.
    peers
        Table ``peers``.

    Returns
    -------
    pandas.Series
        By the index of ``values``; missing where no peer has a value.
    """
    of_peers = pd.Series(numbers(peers["peer_adcode"].map(values)), index=peers.index)
    medians = of_peers.groupby(peers["adcode"]).median()
    return medians.reindex(values.index)


def _standardised(counties: pd.DataFrame) -> Floats:
    people = numbers(counties["pop_2020"])
    wealth = numbers(counties["gdp_2021_100m"])
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = np.column_stack(
            [
                np.log(people),
                np.log(wealth / people),
                numbers(counties["urban_share_2020"]),
                numbers(counties["avg_edu_years_2020"]),
            ]
        )
    columns = np.where(np.isfinite(columns), columns, np.nan)
    known = np.isfinite(columns)
    size = np.maximum(known.sum(axis=0), 1)
    mean = np.nansum(columns, axis=0) / size
    spread = np.sqrt(np.nansum((columns - mean) ** 2, axis=0) / size)
    # Equal for all counties: tells nobody apart. Rounding noise of equal numbers is not a spread.
    is_flat = spread <= 1e-12 * np.maximum(np.abs(mean), 1.0)
    scaled: Floats = (columns - mean) / np.where(is_flat, np.inf, spread)
    return scaled


def _distances(scaled: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return difference and number of shared indicators of each pair of counties."""
    size = len(scaled)
    squares, shared = np.zeros((size, size)), np.zeros((size, size), dtype=np.int64)
    for column in scaled.T:
        gaps = column[:, None] - column[None, :]
        both = np.isfinite(gaps)
        squares += np.where(both, gaps, 0.0) ** 2
        shared += both
    distance: Floats = np.sqrt(squares / np.maximum(shared, 1))
    return distance, shared


@dataclass(frozen=True, slots=True)
class Prior:
    """Mean and variance of the rates over places.

    Parameters
    ----------
    mean, variance
        Of events per unit of exposure. One number for all places, or one for each.
    """

    mean: Floats
    variance: Floats

    def smoothed(self, counts: ArrayLike, exposure: ArrayLike) -> Floats:
        """Return the posterior mean rate of counts of a given exposure.

        Parameters
        ----------
        counts
            Events, n.
        exposure
            What they are out of (10 000 people, say), n, above 0.

        Returns
        -------
        numpy.ndarray
            Rates between ``counts / exposure`` and the mean of the prior; n.
        """
        events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
        # Gamma with shape mean²/variance and rate mean/variance; no division by a variance of 0.
        weight = self.variance * base
        with np.errstate(invalid="ignore"):
            own = np.where(weight > 0, weight / (weight + self.mean), 0.0)
        rates: Floats = self.mean + own * (events / base - self.mean)
        return rates


def moment_prior(counts: ArrayLike, exposure: ArrayLike) -> Prior:
    """Return mean and variance of the rates over places, by moments (Marshall 1991).

    Parameters
    ----------
    counts
        Events, n.
    exposure
        Their exposure, n, above 0.
    """
    events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
    return _prior(events.sum(), base.sum(), (events**2 / base).sum(), events.size)


def prior_of_others(counts: ArrayLike, exposure: ArrayLike) -> Prior:
    """Return for each place the prior that all *other* places give.

    A place that does not shape its own prior cannot lower itself by gaining events.

    Parameters
    ----------
    counts, exposure
        As in :func:`moment_prior`; n of at least 2.

    Returns
    -------
    Prior
        Arrays of n.
    """
    events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
    squares = events**2 / base
    return _prior(
        events.sum() - events, base.sum() - base, squares.sum() - squares, events.size - 1
    )


def _prior(events: ArrayLike, exposure: ArrayLike, squares: ArrayLike, place_count: int) -> Prior:
    """Return the prior of sums: of events, of exposure, of squared events over exposure."""
    total, base = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    mean = total / base
    spread = np.asarray(squares, dtype="float64") / base - mean**2
    # What is left of the spread after chance has had its share.
    variance = np.maximum(spread - mean * place_count / base, 0.0)
    return Prior(mean, variance)


TREND_LEVEL = 0.05
"""Two numbers of contracts differ where chance makes such a difference less often than this."""

PEOPLE = 10_000.0
"""A rate is of contracts for so many people."""
_FEN_A_YUAN = 100.0
_FEN_A_TEN_THOUSAND_YUAN = 1_000_000.0


def county_activity(
    counties: pd.DataFrame,
    output: pd.DataFrame | None,
    absorption: pd.DataFrame | None,
    peers: pd.DataFrame,
    *,
    window: Window,
    covers_from: date | None = None,
    trend_level: float = TREND_LEVEL,
) -> pd.DataFrame:
    """Return rates, values, trend and severity of each county, for output and absorption.

    Parameters
    ----------
    counties
        Table ``county_indicators``, or its columns ``adcode, pop_2020, gdp_2021_100m``.
    output, absorption
        What ``contracts.volumes.volume`` returned for the two sides by county, fetched; by month,
        or by periods that fit the window. None where no register is loaded.
    peers
        Table ``peers`` of the same counties.
    window
        The period, see :func:`network_map.activity.windows.window_of`.
    covers_from
        First day that the register covers. None takes the first period in either table.
    trend_level
        Two-sided level of the trend test, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Table ``activity`` by code. For each side: counts and values; ``…_per_10k`` and its
        smoothed form, whose prior is that of all other counties; the peers' median of the same;
        ``…_severity`` = 1 − own ÷ peers' median, and 0 at or above the peers; its bounds (0 and
        1 where unknown; otherwise with contracts of inexact date counted in for the county, or
        for its peers). The trend is against the growth of all counties together.

    Raises
    ------
    TableError
        If a volume lacks a column.
    QueryError
        If the periods of a volume are too long for the window, or the level is none.

    References
    ----------
    Clayton and Kaldor (1987) and Marshall (1991), see :mod:`network_map.activity.activity`.

    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from
    Poisson series. Biometrika 31, 313-323.
    """
    if not 0 < trend_level < 1:
        raise QueryError("trend_level", found=trend_level)
    ordered = counties.sort_values("adcode").set_index("adcode")
    sides = {
        ActivitySide.OUTPUT: checked_volumes(output),
        ActivitySide.ABSORPTION: checked_volumes(absorption),
    }
    begins = covers_from or covered_from(*sides.values())
    frames = [
        _side(
            ordered, volumes, peers, window=window, begins=begins, trend_level=trend_level
        ).add_prefix(f"{side}_")
        for side, volumes in sides.items()
    ]
    table: pd.DataFrame = pd.concat([ordered[["pop_2020", "gdp_2021_100m"]], *frames], axis=1)
    table = table.reset_index().assign(
        window_from=window.first.isoformat(), window_to=window.as_of.isoformat()
    )
    return table.loc[:, ACTIVITY.names]


def activity_severity(
    activity: pd.DataFrame, *, side: ActivitySide = ActivitySide.ABSORPTION
) -> pd.DataFrame:
    """Return the severity of one side; by default absorption, of contracts registered here only.

    Parameters
    ----------
    activity
        Table ``activity``.
    side
        Output or absorption.

    Returns
    -------
    pandas.DataFrame
        Table ``activity_severity``: ``adcode, side, activity_severity, activity_severity_low,
        activity_severity_high, reason_code``.
    """
    names = ("severity", "severity_low", "severity_high")
    renamed = {f"{side.value}_{name}": f"activity_{name}" for name in names}
    renamed |= {f"{side.value}_reason_code": "reason_code"}
    table = activity[["adcode", *renamed]].rename(columns=renamed)
    return table.assign(side=side.value).loc[:, ACTIVITY_SEVERITY.names]


def trend_p(counts: Floats, counts_before: Floats, *, share: float) -> Floats:
    """Return how often chance makes two Poisson counts differ so much or more, two-sided.

    Given their sum, the first count is binomial with the share that is expected of it
    (Przyborowski and Wilenski 1940); the smaller tail is doubled, at most 1.

    Parameters
    ----------
    counts, counts_before
        Contracts in two periods; n.
    share
        Share of the first period in both where there is no difference.

    Returns
    -------
    numpy.ndarray
        n, from 0 to 1; 1 where neither period has a contract.
    """
    total = counts + counts_before
    low, high = _binomial_tails(counts.astype("int64"), total.astype("int64"), share)
    smaller: Floats = np.minimum(2 * np.minimum(low, high), 1.0)
    return smaller


def _binomial_tails(
    counts: NDArray[np.int64], totals: NDArray[np.int64], share: float
) -> tuple[Floats, Floats]:
    """Return how likely so few, and so many, of all draws have a share; every term is summed."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, totals.max(initial=0) + 1)))])
    starts = np.concatenate([[0], np.cumsum(totals[:-1] + 1)])
    row = np.repeat(np.arange(totals.size), totals + 1)
    drawn = np.arange(row.size) - starts[row]
    other = totals[row] - drawn
    hit, miss = np.log(np.maximum([share, 1.0 - share], np.finfo(np.float64).tiny))
    terms = np.exp(logs[totals[row]] - logs[drawn] - logs[other] + drawn * hit + other * miss)
    few, many = (
        np.where(kept, terms, 0.0) for kept in (drawn <= counts[row], drawn >= counts[row])
    )
    return np.add.reduceat(few, starts), np.add.reduceat(many, starts)


def _side(
    counties: pd.DataFrame,
    volumes: pd.DataFrame | None,
    peers: pd.DataFrame,
    *,
    window: Window,
    begins: date | None,
    trend_level: float,
) -> pd.DataFrame:
    if volumes is None:
        return _unknown_side(counties.index)
    sums = county_sums(volumes, counties.index, window)
    before = county_sums(volumes, counties.index, window.before)["contract_count"]
    covered = coverage(window, covers_from=begins)
    people = _positive(counties["pop_2020"])
    columns: dict[str, object] = {
        **{name: sums[name] for name in sums.columns},
        **_per_wealth(sums, _positive(counties["gdp_2021_100m"])),
        **_values(sums, people, peers),
        **_rates(sums, people, peers),
        "coverage_code": covered.value,
    }
    if covered is Coverage.FULL:
        columns |= _trend(sums["contract_count"], before, window, trend_level)
    else:
        columns |= {"before_count": pd.NA, "trend_code": Trend.UNKNOWN.value, "trend_p": np.nan}
    return _typed(pd.DataFrame(columns, index=counties.index))


def _unknown_side(codes: pd.Index) -> pd.DataFrame:
    known: Mapping[str, object] = {
        "severity_low": 0.0,
        "severity_high": 1.0,
        "trend_code": Trend.UNKNOWN.value,
        "coverage_code": Coverage.NONE.value,
        "reason_code": ActivityReason.NO_REGISTER.value,
    }
    names = [name.removeprefix("output_") for name in ACTIVITY.names if name.startswith("output_")]
    return _typed(pd.DataFrame({name: known.get(name, pd.NA) for name in names}, index=codes))


def _typed(side: pd.DataFrame) -> pd.DataFrame:
    types = {
        name: "Int64" if name.endswith(("_count", "_fen")) else "float64"
        for name in side.columns
        if not name.endswith("_code")
    }
    codes = {name: "str" for name in side.columns if name.endswith("_code")}
    wholes = {name: kind for name, kind in types.items() if kind == "Int64"}
    floats = [name for name, kind in types.items() if kind == "float64"]
    return side.assign(**{name: numbers(side[name]) for name in floats}).astype(wholes | codes)


def _positive(cells: pd.Series) -> Floats:
    """Return a base to divide by; what is missing or not above 0 is no base."""
    values = numbers(cells)
    return np.where(values > 0, values, np.nan)


def _per_wealth(sums: pd.DataFrame, gdp_100m: Floats) -> dict[str, Floats]:
    value = numbers(sums["contract_value_fen"]) / _FEN_A_TEN_THOUSAND_YUAN
    return {
        "per_100m_gdp": numbers(sums["contract_count"]) / gdp_100m,
        "value_per_100m_gdp": value / gdp_100m,
    }


def _values(sums: pd.DataFrame, people: Floats, peers: pd.DataFrame) -> dict[str, object]:
    """Return value per head against the peers; one yuan a head is added, so that 0 has a log."""
    own = pd.Series(numbers(sums["contract_value_fen"]) / _FEN_A_YUAN / people, index=sums.index)
    median = peer_medians(own, peers)
    return {
        "yuan_per_head": own,
        "peer_yuan_per_head": median,
        "value_log_ratio": np.log1p(own) - np.log1p(median),
    }


def _rates(sums: pd.DataFrame, people: Floats, peers: pd.DataFrame) -> dict[str, object]:
    """Return raw and smoothed rates, those of the peers, severity and its bounds."""
    counts, undated = numbers(sums["contract_count"]), numbers(sums["undated_count"])
    base = people / PEOPLE
    prior = county_priors(counts, base)
    own = prior.smoothed(counts, base)
    own_more = prior.smoothed(counts + undated, base)
    median = _seen_median(prior, counts, base, peers, sums.index)
    median_more = _seen_median(prior, counts + undated, base, peers, sums.index)
    severity = _shortfall(own, median)
    reason = np.where(
        np.isnan(base),
        ActivityReason.NO_POPULATION.value,
        np.where(np.isnan(severity), ActivityReason.NO_PEERS.value, ActivityReason.KNOWN.value),
    )
    return {
        "per_10k": counts / base,
        "smoothed_per_10k": own,
        "peer_per_10k": median,
        "severity": severity,
        "severity_low": np.nan_to_num(_shortfall(own_more, median), nan=0.0),
        "severity_high": np.nan_to_num(_shortfall(own, median_more), nan=1.0),
        "reason_code": reason,
    }


def county_priors(counts: Floats, base: Floats) -> Prior:
    """Return each county's prior from the others; missing for a county without people.

    Where the others show no spread beyond chance (they have hardly a contract), that of all takes
    its place: else the only county with contracts would be drawn to the others' nothing.
    """
    known = np.isfinite(base)
    mean, variance = np.full(base.size, np.nan), np.full(base.size, np.nan)
    if known.sum() > 1:
        prior = prior_of_others(counts[known], base[known])
        of_all = moment_prior(counts[known], base[known]).variance
        mean[known] = prior.mean
        variance[known] = np.where(prior.variance > 0, prior.variance, of_all)
    return Prior(mean, variance)


def _seen_median(
    prior: Prior, counts: Floats, base: Floats, peers: pd.DataFrame, codes: pd.Index
) -> Floats:
    """Return the median rate of each county's peers, smoothed by the county's own prior."""
    rows, found = (
        codes.get_indexer(pd.Index(peers["adcode"])),
        codes.get_indexer(pd.Index(peers["peer_adcode"])),
    )
    listed = (rows >= 0) & (found >= 0)
    rows, found = rows[listed], found[listed]
    seen = Prior(prior.mean[rows], prior.variance[rows]).smoothed(counts[found], base[found])
    medians = pd.Series(seen).groupby(rows).median()
    return numbers(medians.reindex(range(len(codes))))


def _shortfall(own: Floats, median: Floats) -> Floats:
    """Return the share of the median that is lacking: 0 at or above it, also where both are 0."""
    lacking: Floats = np.maximum(1.0 - own / np.where(median > 0, median, 1.0), 0.0)
    return np.where(np.isnan(own + median), np.nan, np.where(median > 0, lacking, 0.0))


def _trend(
    counts: pd.Series, before: pd.Series, window: Window, trend_level: float
) -> dict[str, object]:
    now, then = numbers(counts), numbers(before)
    total = now.sum() + then.sum()
    # Against the growth of the province: where all grow, a county that grows like all is steady.
    share = now.sum() / total if total else window.days / (window.days + window.before.days)
    p = trend_p(now, then, share=share)
    is_more = now > share * (now + then)
    sign = np.where(is_more, Trend.RISING.value, Trend.FALLING.value)
    code = np.where(p < trend_level, sign, Trend.STEADY.value)
    return {"before_count": before, "trend_code": code, "trend_p": p}
