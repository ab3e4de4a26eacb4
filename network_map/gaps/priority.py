"""The priority score: where the network should act first, and what the figure is made of.

A score is ``100 * sum(weight * severity)``, a weighted sum as in multi-attribute value theory
(Keeney & Raiffa 1976) with severities from 0 to 1 and open weights. It is an expectation over
what is not known; the lowest and the highest score take everything unknown at its least and at
its most.

References
----------
Keeney, R. L., Raiffa, H. (1976). Decisions with Multiple Objectives. Wiley.

Paruolo, P., Saisana, M., Saltelli, A. (2013). Ratings and rankings: voodoo or science? Journal of
the Royal Statistical Society A 176, 609–634.

What a row of the priority list asks for: the action that would take most from its score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats, Ints
from network_map.gaps.tables import PRIORITY_SCORES, SuggestedAction
from network_map.gaps.weights import COMPONENTS, Component, scaled_weights
from network_map.tables.check import assembled
from network_map.terms import NodeKind

TOP_COUNT = 10
"""Length of the list that a meeting talks about."""


_TIE_DIGITS = 9
_STEPS, _LARGEST = 10.0**_TIE_DIGITS, 2.0**62


@dataclass(frozen=True, slots=True, eq=False)
class Severities:
    """How severe the gap of each county is by component, with what is unknown bounded.

    Parameters
    ----------
    adcodes
        Codes of the counties, each once: (n,).
    components
        Names of the components, each once, out of `COMPONENTS`: (c,).
    expected, low, high
        From 0 (no gap) to 1, with ``low <= expected <= high``: (n, c).

    Raises
    ------
    ValueError
        If shapes differ, an id repeats, or a value is missing or out of order.
    """

    adcodes: tuple[str, ...]
    components: tuple[str, ...]
    expected: Floats
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        """Refuse what cannot be severities."""
        shape = (len(self.adcodes), len(self.components))
        if any(values.shape != shape for values in (self.expected, self.low, self.high)):
            raise ValueError(f"severities: shape {shape} expected")
        if len(set(self.adcodes)) != shape[0] or len(set(self.components)) != shape[1]:
            raise ValueError("severities: a county or a component occurs twice")
        if not set(self.components) <= set(COMPONENTS):
            raise ValueError(f"severities: components must be among {COMPONENTS}")
        is_ordered = (self.low >= 0) & (self.low <= self.expected)
        if not (is_ordered & (self.expected <= self.high) & (self.high <= 1)).all():
            raise ValueError("severities: 0 <= low <= expected <= high <= 1 expected everywhere")

    @classmethod
    def of(cls, adcodes: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> "Severities":
        """Return the severities from one table for each component, aligned by code.

        Parameters
        ----------
        adcodes
            Codes of the counties, in the order wanted: (n,).
        tables
            By component: columns ``expected, low, high``, indexed by adcode. A county that a
            table lacks, and an empty expectation, are unknown: 0.5 in [0, 1], or the middle of
            the bounds where those are known.
        """
        codes = [str(code) for code in adcodes]
        aligned = [_filled(table.reindex(codes)) for table in tables.values()]
        parts = (
            np.stack([table[name].to_numpy(dtype=np.float64) for table in aligned], axis=1)
            for name in ("expected", "low", "high")
        )
        return cls(tuple(codes), tuple(str(name) for name in tables), *parts)

    def column(self, component: str) -> tuple[Floats, Floats, Floats]:
        """Return expectation, least and most of a component, each (n,)."""
        place = self.components.index(component)
        return self.expected[:, place], self.low[:, place], self.high[:, place]


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    low, high = table["low"].fillna(0.0), table["high"].fillna(1.0)
    middle = (low + high) / 2
    return pd.DataFrame(
        {"expected": table["expected"].fillna(middle), "low": low, "high": high}
    ).astype("float64")


def priority(
    severities: Severities, weights: Mapping[str, float], *, top_count: int = TOP_COUNT
) -> pd.DataFrame:
    """Return the score of each county, its bounds, its rank and what it is made of.

    Parameters
    ----------
    severities
        n counties by component.
    weights
        By component; scaled to sum 1. A component without a severity gives no points, so its
        weight is not used: weights are scaled over the components that ``severities`` has.
    top_count
        Length of the top list, for ``verify_first``.

    Returns
    -------
    pandas.DataFrame
        Declared table ``priority_scores`` in the order of ``severities``; points of 100.
        ``contribution_*`` sum to ``score``. ``verify_first``: the county's own unknown part could
        carry it across the line of the top list while all others stay at their expectation.

    Raises
    ------
    QueryError
        As :func:`scaled_weights`.
    """
    own = component_weights(severities, weights)
    contributions = 100 * severities.expected * own
    score = contributions.sum(axis=1)
    low = np.minimum(100 * severities.low @ own, score)
    high = np.maximum(100 * severities.high @ own, score)
    rank = ranks(score[None], severities.adcodes)[0]
    points = dict(zip(severities.components, contributions.T, strict=True))
    return assembled(
        PRIORITY_SCORES,
        {
            "adcode": severities.adcodes,
            "score": np.clip(score, 0.0, 100.0),
            "score_low": np.clip(low, 0.0, 100.0),
            "score_high": np.clip(high, 0.0, 100.0),
            "rank": rank,
            "verify_first": verify_first(score, low, high, rank, top_count=top_count),
            **{
                f"contribution_{name}": points.get(name, np.zeros(score.shape))
                for name in COMPONENTS
            },
        },
    )


def effective_weights(scores: pd.DataFrame) -> dict[str, float]:
    """Return what each component makes of the differences between counties, summing to 1.

    The share of the variance of the score: the covariance of a contribution with the score over
    the variance of the score (Paruolo, Saisana & Saltelli 2013 tell why it is not the weight).

    Parameters
    ----------
    scores
        ``contribution_…`` of each component, n counties; empty where all scores are alike.
    """
    parts = scores[[f"contribution_{name}" for name in COMPONENTS]].to_numpy(dtype=np.float64)
    parts = parts - parts.mean(axis=0)
    total = parts.sum(axis=1)
    variance = float(total @ total)
    if variance <= 10.0**-_TIE_DIGITS:
        return {}
    return {
        name: float(part @ total) / variance for name, part in zip(COMPONENTS, parts.T, strict=True)
    }


def component_weights(severities: Severities, weights: Mapping[str, float]) -> Floats:
    """Return the weight of each component of the severities, summing to 1: (c,).

    Raises
    ------
    QueryError
        As :func:`scaled_weights`, also when every component that is there weighs 0.
    """
    scaled_weights(weights)
    own = {name: weights.get(name, 0.0) for name in severities.components}
    scaled = scaled_weights(own)
    return np.array([scaled[name] for name in severities.components], dtype=np.float64)


def ranks(scores: Floats, adcodes: Sequence[str]) -> Ints:
    """Return the ranks of each row of scores, 1 the highest; equals by code.

    Parameters
    ----------
    scores
        Points, (draws, n).
    adcodes
        Codes of the columns: (n,).

    Returns
    -------
    numpy.ndarray
        Whole numbers from 1 to n, (draws, n).
    """
    order = orders(scores, adcodes)
    result = np.empty(scores.shape, dtype=np.int64)
    places = np.broadcast_to(np.arange(1, scores.shape[1] + 1), scores.shape)
    np.put_along_axis(result, order, places, axis=1)
    return result


def orders(scores: Floats, adcodes: Sequence[str]) -> Ints:
    """Return the columns of each row of scores from the highest to the lowest; equals by code.

    Parameters, shape: as :func:`ranks`.
    """
    n = scores.shape[1]
    by_code = np.argsort(np.asarray(adcodes, dtype="str"), kind="stable")
    is_sorted = bool((by_code == np.arange(n)).all())
    steps = (scores if is_sorted else scores[:, by_code]) * _STEPS
    np.rint(steps, out=steps)
    bits = max(n - 1, 1).bit_length()
    if scores.size and max(steps.max(), -steps.min()) >= _LARGEST / 2**bits:
        return by_code[np.argsort(-steps, axis=1, kind="stable")]
    # Score and place in one whole number: numbers sort faster than rows can be ordered by them.
    keys = steps.astype(np.int64)
    np.negative(keys, out=keys)
    keys <<= bits
    keys |= np.arange(n)
    keys.sort(axis=1)
    keys &= 2**bits - 1
    return keys if is_sorted else by_code[keys]


def settled(scores: Floats) -> Floats:
    """Return scores to nine decimals: sums that differ by rounding alone are ties."""
    return np.round(scores, _TIE_DIGITS)


def verify_first(
    score: Floats, low: Floats, high: Floats, rank: Ints, *, top_count: int = TOP_COUNT
) -> Flags:
    """Return which counties could cross the line of the top list by what is unknown of them.

    Parameters
    ----------
    score, low, high
        Points: (n,).
    rank
        As :func:`ranks` gives: (n,).
    top_count
        Length of the list.
    """
    if not 0 < top_count < score.size:
        return np.zeros(score.shape, dtype=np.bool_)
    last_in = score[rank == top_count][0]
    first_out = score[rank == top_count + 1][0]
    is_in = rank <= top_count
    is_open = settled(high) > settled(low)
    return np.asarray(is_open & np.where(is_in, low <= first_out, high >= last_in))


ACTIONS: Mapping[str, SuggestedAction] = {
    NodeKind.COUNTY_CENTRE.value: SuggestedAction.BUILD_CENTRE,
    NodeKind.SUB_MARKET.value: SuggestedAction.SET_SUB_MARKET,
    NodeKind.DEMONSTRATION_COUNTY.value: SuggestedAction.GROW_DEMONSTRATION,
    Component.ACTIVITY.value: SuggestedAction.ACTIVATE_CENTRE,
    Component.CONSORTIUM.value: SuggestedAction.BRING_CONSORTIUM,
}
"""The action against the points of a kind of node or of a component."""

LEAST_POINTS = 1.0
"""Points of 100 from which on an action is worth naming."""


@dataclass(frozen=True, slots=True, eq=False)
class KindPart:
    """What a kind of node counts in a component.

    Parameters
    ----------
    component, kind
        Presence or reach, and the kind.
    share
        What it counts in the component.
    expected, low
        Severity of what is lacking, and the least over what is unknown: (n,).
    """

    component: str
    kind: str
    share: float
    expected: Floats
    low: Floats


def suggested_actions(
    severities: Severities,
    weights: Mapping[str, float],
    parts: Sequence[KindPart],
    *,
    is_flagged: Flags,
    impossible: Mapping[SuggestedAction, Flags],
    is_planned: Flags | None = None,
) -> pd.Series:
    """Return the action that each county's row asks for.

    Parameters
    ----------
    severities
        n counties.
    weights
        By component; scaled to sum 1.
    parts
        The kinds of presence and reach, over the same counties in the same order; presence and
        reach of a kind are one action's.
    is_flagged
        Which rows are to be verified first: (n,).
    impossible
        By action the rows at which it cannot be taken: (n,). A county that certainly has no
        centre has none to be activated; a prefecture that certainly has a sub-market gets no
        second one where there is at most one to a place.
    is_planned
        Where a centre is being built: (n,). It is to be finished, not built. None for nowhere.

    Returns
    -------
    pandas.Series
        Codes of `SuggestedAction`, indexed by adcode. *Verify first* where the row is flagged so,
        and where the leading action might be against nothing: its points are 0 in some list, or
        nothing of them is known. *None* below `LEAST_POINTS`.

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``.
    """
    expected, low = _points(severities, weights, parts)
    actions = np.array([action.value for action in expected], dtype="object")
    points, least = np.stack(list(expected.values())), np.stack(list(low.values()))
    for action, rows in impossible.items():
        points[list(expected).index(action), rows] = 0.0
    leading = points.argmax(axis=0)
    codes = actions[leading]
    if is_planned is not None:
        is_unfinished = is_planned & (codes == SuggestedAction.BUILD_CENTRE.value)
        codes[is_unfinished] = SuggestedAction.FINISH_CENTRE.value
    codes[least[leading, np.arange(len(leading))] <= 0] = SuggestedAction.VERIFY_FIRST.value
    codes[points.max(axis=0) < LEAST_POINTS] = SuggestedAction.NONE.value
    codes[is_flagged] = SuggestedAction.VERIFY_FIRST.value
    index = pd.Index(severities.adcodes, name="adcode")
    return pd.Series(codes, index=index, dtype="str", name="suggested_action")


def _points(
    severities: Severities, weights: Mapping[str, float], parts: Sequence[KindPart]
) -> tuple[dict[SuggestedAction, Floats], dict[SuggestedAction, Floats]]:
    """Return the points of 100 that each action could take, expected and at least."""
    own = dict(zip(severities.components, component_weights(severities, weights), strict=True))
    found = [
        (ACTIONS[part.kind], part.share * own.get(part.component, 0.0), part.expected, part.low)
        for part in parts
        if part.kind in ACTIONS
    ]
    for name in (Component.ACTIVITY.value, Component.CONSORTIUM.value):
        if name in own:
            known, least, _ = severities.column(name)
            found.append((ACTIONS[name], own[name], known, least))
    none = np.zeros(len(severities.adcodes))
    expected, low = (dict.fromkeys(ACTIONS.values(), none) for _ in range(2))
    for action, weight, known, least in found:
        expected[action] = expected[action] + 100 * weight * known
        low[action] = low[action] + 100 * weight * least
    return expected, low
