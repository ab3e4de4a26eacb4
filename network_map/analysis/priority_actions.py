"""What a row of the priority list asks for: the action that would take most from its score."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from network_map.analysis.completion_shares import inclusion_shares
from network_map.analysis.constrained_choice import Floats
from network_map.analysis.priority import Severities, weights_of
from network_map.analysis.priority_inputs import NetworkLists
from network_map.analysis.severity import kind_severities, missing_bounds
from network_map.schema.priority import Component, SuggestedAction
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


def action_points(
    severities: Severities, weights: Mapping[str, float], lists: NetworkLists
) -> dict[SuggestedAction, tuple[Floats, Floats]]:
    """Return what each action could take from the score of each county.

    Parameters
    ----------
    severities
        n counties.
    weights
        By component; scaled to sum 1.
    lists
        Ensembles and distances; a kind's points of presence and of reach are one action's.

    Returns
    -------
    dict
        By action: expected points of 100, and the least over what is unknown, each (n,).

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``.
    """
    codes = list(severities.adcodes)
    own = dict(zip(severities.components, weights_of(severities, weights), strict=True))
    parts: list[tuple[str, float, pd.DataFrame]] = []
    for kind, share in lists.presence_shares.items():
        is_joined = lists.nested is not None and kind in {
            lists.nested.inner.kind, lists.nested.outer.kind,
        }  # fmt: skip
        source = lists.nested if lists.nested is not None and is_joined else lists.by_kind[kind]
        found = inclusion_shares(source, kind=kind if is_joined else None)
        parts.append((kind, share * own.get(Component.PRESENCE, 0.0), missing_bounds(found)))
    for reach in lists.reaches:
        points = reach.share * own.get(Component.REACH, 0.0)
        parts.append((reach.ensemble.kind, points, kind_severities(reach)))
    for component in (Component.ACTIVITY, Component.CONSORTIUM):
        if component in own:
            expected, low, _ = severities.column(component)
            table = pd.DataFrame({"expected": expected, "low": low}, index=codes)
            parts.append((component.value, own[component], table))
    none = np.zeros(len(codes))
    result = dict.fromkeys(ACTIONS.values(), (none, none))
    for name, points, table in parts:
        if name in ACTIONS:
            here = table.reindex(codes)
            before = result[ACTIONS[name]]
            result[ACTIONS[name]] = (
                before[0] + 100 * points * here["expected"].to_numpy(dtype=np.float64),
                before[1] + 100 * points * here["low"].to_numpy(dtype=np.float64),
            )
    return result


def suggested_actions(
    scores: pd.DataFrame,
    severities: Severities,
    weights: Mapping[str, float],
    lists: NetworkLists,
) -> pd.Series:
    """Return the action that each county's row asks for.

    Parameters
    ----------
    scores
        What ``priority.priority`` returned for the same severities.
    severities, weights, lists
        As in :func:`action_points`.

    Returns
    -------
    pandas.Series
        Codes of `SuggestedAction`, indexed by adcode in the order of ``scores``. *Verify first*
        where the row is flagged so, and where the leading action might be against nothing: its
        points are 0 in some list, or nothing of them is known. *None* below `LEAST_POINTS`.
        *Activate the centre* is never said of a county that certainly has none.

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``.
    """
    by_action = action_points(severities, weights, lists)
    centres = inclusion_shares(lists.by_kind[NodeKind.COUNTY_CENTRE]).set_index("adcode")
    has_none = (centres["share_of_lists"] == 0).reindex(list(severities.adcodes)).to_numpy()
    actions = np.array([action.value for action in by_action], dtype="object")
    expected = np.stack([points for points, _ in by_action.values()])
    low = np.stack([least for _, least in by_action.values()])
    expected[list(by_action).index(SuggestedAction.ACTIVATE_CENTRE), has_none] = 0.0
    leading = expected.argmax(axis=0)
    counties = np.arange(expected.shape[1])
    codes = actions[leading]
    codes[low[leading, counties] <= 0] = SuggestedAction.VERIFY_FIRST.value
    codes[expected.max(axis=0) < LEAST_POINTS] = SuggestedAction.NONE.value
    found = pd.Series(codes, index=pd.Index(severities.adcodes, name="adcode"))
    found = found.reindex(scores["adcode"])
    flagged = scores["verify_first"].to_numpy(dtype=np.bool_)
    found = found.mask(flagged, SuggestedAction.VERIFY_FIRST.value)
    return found.astype("str").rename("suggested_action")
