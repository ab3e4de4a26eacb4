"""How unevenly something is spread over places: Gini, Lorenz, Theil by prefecture.

Values are per head (or per another weight), weights are the people, so that each person of a
place counts with the place's value.

References
----------
Gini, C. (1912). Variabilità e mutabilità. Bologna: Cuppini.

Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
American Statistical Association 9, 209-219.

Theil, H. (1967). Economics and information theory. Amsterdam: North-Holland. The split follows
Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica
48, 613-625.
"""

import numpy as np
import pandas as pd

from network_map.activity.windows import Floats, numbers
from network_map.errors import QueryError
from network_map.indices.tables import INEQUALITY, LORENZ, THEIL_GROUPS, InequalityMeasure


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
    value, weight = _known(values, weights)
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
    value, weight = _known(values, weights)
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
    value, weight = _known(values, weights)
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


def _known(values: pd.Series, weights: pd.Series) -> tuple[Floats, Floats]:
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
