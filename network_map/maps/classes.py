"""Class breaks for a choropleth."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from network_map.errors import QueryError
from network_map.maps.spec import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.terms import Classifier

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassBreaks:
    """The classes of one column.

    Parameters
    ----------
    lower
        The smallest value that was classified.
    uppers
        Upper bound of each class, included in it, in increasing order.
    counts
        Number of values in each class.
    missing_count
        Number of places without a value: they belong to no class.
    """

    lower: float
    uppers: tuple[float, ...]
    counts: tuple[int, ...]
    missing_count: int


def class_breaks(
    values: pd.Series,
    *,
    classifier: Classifier,
    class_count: int = 5,
    own_breaks: Sequence[float] = (),
) -> ClassBreaks:
    """Return the classes of a column.

    Equal values always share a class. Quantiles and natural breaks give fewer classes than were
    asked for where equal values (many zeros, say) leave no room for more, and never an empty one;
    equal intervals and own breaks keep an empty class, because its bounds were asked for.

    Parameters
    ----------
    values
        Numbers; missing ones are counted apart.
    classifier
        ``QUANTILE`` puts about the same number of places in each class; ``NATURAL_BREAKS`` makes
        the sum of squared deviations from the class means least (Fisher 1958, Jenks 1977), exactly;
        ``EQUAL_INTERVAL`` cuts the range evenly; ``OWN_BREAKS`` takes ``own_breaks``.
    class_count
        How many classes, 3 to 9; not used with own breaks.
    own_breaks
        Upper bounds of all classes but the last, increasing.

    Raises
    ------
    QueryError
        If the number of classes is out of range, or the own breaks are absent or do not increase.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. Journal of the American Statistical
    Association 53, 789-798.
    """
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    known = np.sort(numbers.dropna().to_numpy())
    missing_count = len(numbers) - known.size
    if classifier is not Classifier.OWN_BREAKS and not (
        MINIMUM_CLASSES <= class_count <= MAXIMUM_CLASSES
    ):
        raise QueryError(
            "class_count", found=class_count, minimum=MINIMUM_CLASSES, maximum=MAXIMUM_CLASSES
        )
    if classifier is Classifier.OWN_BREAKS:
        _check_own_breaks(own_breaks)
    if known.size == 0:
        return ClassBreaks(float("nan"), (), (), missing_count)
    if classifier is Classifier.QUANTILE:
        uppers = np.quantile(known, np.arange(1, class_count + 1) / class_count)
    elif classifier is Classifier.EQUAL_INTERVAL:
        uppers = np.linspace(known[0], known[-1], class_count + 1)[1:]
    elif classifier is Classifier.NATURAL_BREAKS:
        uppers = _natural_uppers(known.astype(np.float64), class_count)
    else:
        uppers = np.asarray([*own_breaks, max(known[-1], own_breaks[-1])], dtype=np.float64)
    uppers[-1] = max(uppers[-1], known[-1])
    uppers = np.unique(uppers)
    counts = np.bincount(np.searchsorted(uppers, known, side="left"), minlength=uppers.size)
    if classifier in {Classifier.QUANTILE, Classifier.NATURAL_BREAKS}:
        uppers, counts = uppers[counts > 0], counts[counts > 0]
    return ClassBreaks(
        float(known[0]),
        tuple(float(upper) for upper in uppers),
        tuple(int(count) for count in counts),
        missing_count,
    )


def class_of(values: pd.Series, breaks: ClassBreaks) -> pd.Series:
    """Return the class of each value, counted from 0, missing where the value is missing.

    Parameters
    ----------
    values
        The column that the breaks were made from; its index comes out again.
    breaks
        Its classes.
    """
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if not breaks.uppers:
        return pd.Series(pd.NA, index=values.index, dtype="Int64")
    positions = np.searchsorted(np.asarray(breaks.uppers), numbers.to_numpy(), side="left")
    classes = pd.Series(positions, index=values.index, dtype="Int64")
    return classes.mask(numbers.isna())


def _check_own_breaks(own_breaks: Sequence[float]) -> None:
    increasing = all(low < high for low, high in pairwise(own_breaks))
    finite = all(np.isfinite(own_break) for own_break in own_breaks)
    if not own_breaks or not increasing or not finite or len(own_breaks) >= MAXIMUM_CLASSES:
        raise QueryError(
            "own_breaks",
            found=", ".join(f"{own_break:g}" for own_break in own_breaks) or "-",
            maximum=MAXIMUM_CLASSES - 1,
        )


def _natural_uppers(known: _Floats, class_count: int) -> _Floats:
    """Return the upper bounds with the least within-class sum of squares, by dynamic programming.

    Works on the distinct values with their multiplicities, so that equal values stay together.
    """
    distinct, weights = np.unique(known, return_counts=True)
    groups = min(class_count, distinct.size)
    if groups == distinct.size:
        return distinct
    # Centred values keep the difference of two large squares accurate.
    centred = distinct - np.average(distinct, weights=weights)
    weight = np.concatenate([[0.0], np.cumsum(weights)])
    total = np.concatenate([[0.0], np.cumsum(weights * centred)])
    square = np.concatenate([[0.0], np.cumsum(weights * centred**2)])

    def spread(starts: npt.NDArray[np.intp], end: int) -> _Floats:
        sums = total[end] - total[starts]
        spreads: _Floats = square[end] - square[starts] - sums**2 / (weight[end] - weight[starts])
        return spreads

    count = distinct.size
    best = np.full((groups + 1, count + 1), np.inf)
    best[0, 0] = 0.0
    cut = np.zeros((groups + 1, count + 1), dtype=np.intp)
    for group in range(1, groups + 1):
        for end in range(group, count + 1):
            starts = np.arange(group - 1, end)
            costs = best[group - 1, starts] + spread(starts, end)
            choice = int(np.argmin(costs))
            best[group, end] = costs[choice]
            cut[group, end] = starts[choice]
    uppers = np.empty(groups)
    end = count
    for group in range(groups, 0, -1):
        uppers[group - 1] = distinct[end - 1]
        end = cut[group, end]
    return uppers
