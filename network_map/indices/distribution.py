"""Distribution over places: how unevenly something is spread, and whether neighbours are alike.

Inequality: Gini, Lorenz, Theil by prefecture. Values are per head (or per another weight), weights
are the people, so that each person of a place counts with the place's value.

Clusters: Moran's I, and where, by its local form. Places are compared with the mean of their
neighbours; sharing an edge or a single point makes neighbours (queen contiguity). How far chance
goes is found by permuting the values over the places, by a seed. All p values are two-sided: the
smaller tail, doubled.

References
----------
Gini, C. (1912). Variabilità e mutabilità. Bologna: Cuppini.

Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
American Statistical Association 9, 209-219.

Theil, H. (1967). Economics and information theory. Amsterdam: North-Holland. The split follows
Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica
48, 613-625.

Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17-23.

Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27,
93-115.

Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
Statistical Society B 57, 289-300.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from network_map.activity.windows import Floats, numbers
from network_map.errors import QueryError
from network_map.indices.tables import (
    INEQUALITY,
    LISA,
    LORENZ,
    MORAN,
    THEIL_GROUPS,
    ClusterReason,
    InequalityMeasure,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import scipy.sparse as sp


# --- inequality -----------------------------------------------------------------------------------


def lorenz_curve(values: pd.Series, weights: pd.Series) -> pd.DataFrame:
    """Return the Lorenz curve: which share of the people has which share of the value.

    Parameters
    ----------
    values
        Value per unit of weight by place, not negative; missing ones are left out.
    weights
        Weight (people) by the same index, not negative; missing where the value's place is
        left out too.

    Returns
    -------
    pandas.DataFrame
        Table ``lorenz``: ``share_population, share_value``, from (0, 0) to (1, 1), poorest
        first; empty where nothing is known or all is zero.

    Raises
    ------
    QueryError
        If a value or a weight is negative or infinite, or the two have not the same index.
    """
    value, weight = _known_pairs(values, weights)
    points = _lorenz(value, weight)
    return pd.DataFrame(points, columns=LORENZ.names)


def theil_groups(values: pd.Series, weights: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Return the parts of each group in the Theil index.

    The index is the sum of all ``within_part`` and all ``between_part``.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    groups
        Code of the group (prefecture) by the same index.

    Returns
    -------
    pandas.DataFrame
        Table ``theil_groups`` by code: ``group_adcode, place_count, share_population,
        share_value, theil_inside, within_part, between_part``. A group whose values are all zero
        has no index inside and adds nothing; a group without a known value has no row.

    Raises
    ------
    QueryError
        As in :func:`lorenz_curve`.
    """
    value, weight = _known_pairs(values, weights)
    code = groups[_is_known(values, weights)].to_numpy()
    total, people = (value * weight).sum(), weight.sum()
    rows = []
    for group in sorted(set(code)) if total > 0 else ():
        inside = code == group
        has = (value[inside] * weight[inside]).sum() / total
        share = weight[inside].sum() / people
        index = _theil(value[inside], weight[inside])
        within = has * index if has > 0 else 0.0
        between = has * np.log(has / share) if has > 0 else 0.0
        rows.append((group, int(inside.sum()), share, has, index, within, between))
    table = pd.DataFrame(rows, columns=THEIL_GROUPS.names)
    floats = dict.fromkeys(THEIL_GROUPS.names[2:], "float64")
    return table.astype({"group_adcode": "str", "place_count": "Int64"} | floats)


def inequality(values: pd.Series, weights: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Return Gini, Theil and the split of Theil between and within groups.

    Parameters
    ----------
    values, weights, groups
        As in :func:`theil_groups`.

    Returns
    -------
    pandas.DataFrame
        Table ``inequality``: ``measure_code`` (``gini``, ``theil``, ``theil_between``,
        ``theil_within``), ``index_value``, ``share_of_theil``, ``place_count``,
        ``missing_count``.

    Raises
    ------
    QueryError
        As in :func:`lorenz_curve`.
    """
    value, weight = _known_pairs(values, weights)
    parts = theil_groups(values, weights, groups)
    between = float(parts["between_part"].sum()) if len(parts) else np.nan
    within = float(parts["within_part"].sum()) if len(parts) else np.nan
    whole = _theil(value, weight)
    share = (lambda part: part / whole) if whole > 0 else (lambda _: np.nan)
    rows = [
        (InequalityMeasure.GINI.value, _gini(value, weight), np.nan),
        (InequalityMeasure.THEIL.value, whole, share(whole)),
        (InequalityMeasure.THEIL_BETWEEN.value, between, share(between)),
        (InequalityMeasure.THEIL_WITHIN.value, within, share(within)),
    ]
    table = pd.DataFrame(rows, columns=["measure_code", "index_value", "share_of_theil"])
    table = table.assign(place_count=value.size, missing_count=len(values) - value.size)
    counts = dict.fromkeys(("place_count", "missing_count"), "Int64")
    return table.astype(counts).loc[:, INEQUALITY.names]


def _is_known(values: pd.Series, weights: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(values.notna() & weights.notna(), dtype="bool")


def _known_pairs(values: pd.Series, weights: pd.Series) -> tuple[Floats, Floats]:
    """Return the values and weights of the places that have both."""
    if not values.index.equals(weights.index):
        raise QueryError("inequality_index", found=len(weights), expected=len(values))
    known = _is_known(values, weights)
    value, weight = numbers(values)[known], numbers(weights)[known]
    for cells in (value, weight):
        wrong = cells[~(np.isfinite(cells) & (cells >= 0))]
        if wrong.size:
            raise QueryError("inequality_negative", found=f"{wrong[0]:g}", count=wrong.size)
    return value, weight


def _lorenz(value: Floats, weight: Floats) -> Floats:
    """Return the points of the curve, two columns; none where the total is zero."""
    order = np.argsort(value, kind="stable")
    people, has = np.cumsum(weight[order]), np.cumsum((value * weight)[order])
    if not has.size or has[-1] <= 0:
        return np.empty((0, 2))
    points = np.column_stack([people / people[-1], has / has[-1]])
    return np.vstack([np.zeros((1, 2)), points])


def _gini(value: Floats, weight: Floats) -> float:
    people, has = _lorenz(value, weight).T
    if not people.size:
        return float("nan")
    return float(1.0 - (np.diff(people) * (has[1:] + has[:-1])).sum())


def _theil(value: Floats, weight: Floats) -> float:
    total = (value * weight).sum()
    if not total > 0:
        return float("nan")
    ratio = value / (total / weight.sum())
    share = value * weight / total
    logs = np.log(np.where(share > 0, ratio, 1.0))
    return float((share * logs).sum())


# --- clusters -------------------------------------------------------------------------------------


PERMUTATIONS = 9_999
"""How many are drawn where nothing else is asked for; of 999 the least p is 0.002, and with false
discoveries held down among 129 counties hardly a cluster is found."""
SIGNIFICANCE = 0.05
"""Expected share of false clusters among those found."""
LEAST_PLACES = 3
"""With fewer places there is no pattern."""

_Whole: TypeAlias = NDArray[np.int64]


def moran(
    rates: pd.Series, neighbours: pd.DataFrame, *, seed: int, permutations: int = PERMUTATIONS
) -> pd.DataFrame:
    """Return Moran's I of rates over places.

    Parameters
    ----------
    rates
        A rate by adcode; places without one are left out, also as neighbours.
    neighbours
        Table ``county_neighbours``. Weights are row-standardised: every neighbour counts alike.
    seed
        Chooses the permutations.
    permutations
        How many, at least 1.

    Returns
    -------
    pandas.DataFrame
        Table ``moran``, one row; the index is missing where all rates are equal, no two places
        touch, or fewer than three are known.

    Raises
    ------
    QueryError
        If no permutation is asked for, or a code of the rates is repeated.
    """
    known = _known_rates(rates, permutations)
    weights = _weights(known.index, neighbours)
    scores, pair_sum = _scores(numbers(known)), float(weights.sum())
    index = p_value = float("nan")
    if scores is not None and pair_sum > 0:
        scale = float(scores.size / pair_sum / (scores @ scores))
        orders = _orders(np.random.default_rng(seed), permutations, scores.size)
        shuffled = scores[orders]
        index = scale * float(scores @ (weights @ scores))
        drawn = scale * np.einsum("ij,ij->i", shuffled, (weights @ shuffled.T).T)
        p_value = float(_two_sided(drawn[:, None], np.asarray([index]))[0])
    row = {
        "moran_i": index,
        "expected_i": -1.0 / (len(known) - 1) if len(known) > 1 else np.nan,
        "p_value": p_value,
        "place_count": len(known),
        "missing_count": len(rates) - len(known),
        "permutation_count": permutations,
    }
    counts = {name: "Int64" for name in row if name.endswith("_count")}
    return pd.DataFrame([row]).astype(counts).loc[:, MORAN.names]


def local_moran(
    rates: pd.Series,
    neighbours: pd.DataFrame,
    *,
    seed: int,
    permutations: int = PERMUTATIONS,
    significance: float = SIGNIFICANCE,
) -> pd.DataFrame:
    """Return where high or low rates stand together, with false discoveries held down.

    Parameters
    ----------
    rates, neighbours, seed, permutations
        As in :func:`moran`. A place keeps its own rate while its neighbours' are drawn from all
        others (conditional permutation).
    significance
        Expected share of false clusters among those found, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Table ``lisa`` by code, a row for every place. ``quadrant_code`` names the place's own
        level first, then its neighbours'; only where ``is_cluster`` is it more than chance.
        ``cluster_reason_code`` says why not: ``chance``, ``no_neighbours`` (none has a rate),
        ``unknown`` (the place has none), ``no_variation``.

    Raises
    ------
    QueryError
        As in :func:`moran`, or if the significance is none.
    """
    if not 0 < significance < 1:
        raise QueryError("lisa_significance", found=significance)
    known = _known_rates(rates, permutations)
    weights = _weights(known.index, neighbours)
    degree = np.diff(weights.indptr)
    scores = _scores(numbers(known))
    table = pd.DataFrame({"rate": known, "neighbour_count": degree})
    reason = pd.Series(ClusterReason.NO_VARIATION.value, index=known.index, dtype="str")
    if scores is not None:
        found = _local(scores, weights, np.random.default_rng(seed), permutations)
        table = pd.concat([table, found.set_index(table.index)], axis=1)
        table = table.assign(adjusted_p=_false_discovery_p(table["p_value"]))
        is_cluster = table["adjusted_p"] <= significance
        reason = is_cluster.map(
            {True: ClusterReason.SIGNIFICANT.value, False: ClusterReason.CHANCE.value}
        ).mask(degree == 0, ClusterReason.NO_NEIGHBOURS.value)
        table = table.assign(is_cluster=is_cluster.astype("boolean"))
    table = table.assign(cluster_reason_code=reason).reindex(rates.sort_index().index)
    unknown = table["cluster_reason_code"].fillna(ClusterReason.UNKNOWN.value)
    table = table.assign(cluster_reason_code=unknown).rename_axis("adcode").reset_index()
    return _as_lisa(table)


_EXACT_DIGITS = 12


def _false_discovery_p(p_values: pd.Series) -> pd.Series:
    """Return p values adjusted for the false discovery rate (Benjamini and Hochberg 1995).

    Missing ones stay missing and do not count.
    """
    from scipy.stats import false_discovery_control  # noqa: PLC0415 (takes longer than the rest)

    known = p_values.dropna()
    # 0.42 × 129 ÷ 72 is 0.7525: what is shown of it must not depend on which is reckoned first.
    adjusted = false_discovery_control(known).round(_EXACT_DIGITS)
    return pd.Series(adjusted, known.index).reindex(p_values.index)


def _known_rates(rates: pd.Series, permutations: int) -> pd.Series:
    """Return the known rates in the order of their codes: position never decides."""
    if permutations < 1:
        raise QueryError("lisa_permutations", found=permutations)
    repeated = rates.index[rates.index.duplicated()]
    if len(repeated):
        raise QueryError("lisa_repeated", found=str(repeated[0]), count=len(repeated))
    return rates.sort_index().dropna()


def _scores(values: Floats) -> Floats | None:
    """Return the values with mean 0 and standard deviation 1, None where there is no pattern."""
    if values.size < LEAST_PLACES or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return None
    centred = values - values.mean()
    scores: Floats = centred / np.sqrt((centred**2).mean())
    return scores


def _weights(codes: pd.Index, neighbours: pd.DataFrame) -> sp.csr_array:
    """Return the row-standardised weights between the places that are there."""
    import scipy.sparse as sp  # noqa: PLC0415 (only where clusters are looked for)

    rows = codes.get_indexer(pd.Index(neighbours["adcode"]))
    columns = codes.get_indexer(pd.Index(neighbours["neighbour_adcode"]))
    inside = (rows >= 0) & (columns >= 0) & (rows != columns)
    ones = np.ones(int(inside.sum()))
    shape = (len(codes), len(codes))
    touching = sp.csr_array((ones, (rows[inside], columns[inside])), shape=shape)
    touching.data[:] = 1.0  # a pair that was listed twice is one pair
    degree = np.maximum(np.diff(touching.indptr), 1)
    return sp.csr_array(sp.diags_array(1.0 / degree) @ touching)


def _local(
    scores: Floats, weights: sp.csr_array, generator: np.random.Generator, permutations: int
) -> pd.DataFrame:
    """Return scores, neighbours' means, local indices, p values and quadrants."""
    degree = np.diff(weights.indptr)
    lag = weights @ scores
    # One draw of strangers serves all places (Anselin 1995): the first k of it are k neighbours.
    width = max(int(degree.max()), 1)
    strangers = _orders(generator, permutations, scores.size - 1)[:, :width]
    p_values = np.full(scores.size, np.nan)
    for place in np.flatnonzero(degree):
        drawn = np.delete(scores, place)[strangers[:, : degree[place]]].mean(axis=1)
        p_values[place] = _two_sided(
            (scores[place] * drawn)[:, None], np.asarray([scores[place] * lag[place]])
        )[0]
    own = np.where(scores > 0, "high", "low")
    around = np.where(lag > 0, "high", "low")
    quadrant = pd.Series([f"{mine}_{theirs}" for mine, theirs in zip(own, around, strict=True)])
    has_neighbours = degree > 0
    return pd.DataFrame(
        {
            "z_score": scores,
            "neighbour_z": np.where(has_neighbours, lag, np.nan),
            "local_i": np.where(has_neighbours, scores * lag, np.nan),
            "p_value": p_values,
            "quadrant_code": quadrant.where(has_neighbours).to_numpy(),
        }
    )


def _orders(generator: np.random.Generator, permutations: int, size: int) -> _Whole:
    """Return that many random orders of the places."""
    return generator.random((permutations, size)).argsort(axis=1)


def _two_sided(drawn: Floats, observed: Floats) -> Floats:
    """Return the doubled smaller tail of each column of draws, the observed one counted in."""
    # A draw that is the same arrangement may differ in the last bits.
    slack = 1e-12 * np.maximum(np.abs(observed), 1.0)
    above = (drawn >= observed - slack).sum(axis=0)
    below = (drawn <= observed + slack).sum(axis=0)
    p_values: Floats = 2.0 * (np.minimum(above, below) + 1.0) / (drawn.shape[0] + 1.0)
    return np.minimum(p_values, 1.0)


def _as_lisa(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reindex(columns=LISA.names)
    floats = ("rate", "z_score", "neighbour_z", "local_i", "p_value", "adjusted_p")
    codes = ("adcode", "quadrant_code", "cluster_reason_code")
    return table.astype(
        dict.fromkeys(floats, "float64")
        | dict.fromkeys(codes, "str")
        | {"neighbour_count": "Int64", "is_cluster": "boolean"}
    )


def queen_neighbours(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return each pair of touching areas, in both directions.

    Touching is a matter of shared points, so nothing is measured and any CRS will do; the areas
    must come from one coverage, as the shipped boundaries do.

    Parameters
    ----------
    areas
        ``adcode`` and ``geometry``; boundaries of one level.

    Returns
    -------
    pandas.DataFrame
        Table ``county_neighbours``: ``adcode, neighbour_adcode``, by code.
    """
    shapes = areas.geometry.to_numpy()
    codes = areas["adcode"].to_numpy()
    own, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    is_pair = own != other
    pairs = pd.DataFrame(
        {
            "adcode": np.asarray(codes[own[is_pair]], dtype="object"),
            "neighbour_adcode": np.asarray(codes[other[is_pair]], dtype="object"),
        },
        dtype="str",
    )
    return pairs.sort_values(["adcode", "neighbour_adcode"], ignore_index=True)
