"""What a row of the priority list asks for: the action that would take most from its score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats
from network_map.gaps.priority import Severities, weights_of
from network_map.gaps.schema_priority import Component, SuggestedAction
from network_map.terms import NodeKind

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
    codes[least[leading, np.arange(len(leading))] <= 0] = SuggestedAction.VERIFY_FIRST.value
    codes[points.max(axis=0) < LEAST_POINTS] = SuggestedAction.NONE.value
    codes[is_flagged] = SuggestedAction.VERIFY_FIRST.value
    index = pd.Index(severities.adcodes, name="adcode")
    return pd.Series(codes, index=index, dtype="str", name="suggested_action")


def _points(
    severities: Severities, weights: Mapping[str, float], parts: Sequence[KindPart]
) -> tuple[dict[SuggestedAction, Floats], dict[SuggestedAction, Floats]]:
    """Return the points of 100 that each action could take, expected and at least."""
    own = dict(zip(severities.components, weights_of(severities, weights), strict=True))
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
