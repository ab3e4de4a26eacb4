"""The counties most like a county: by population, wealth, urban share and schooling."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.activity.windows import Floats, numbers
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
