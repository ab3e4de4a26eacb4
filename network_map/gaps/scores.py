"""Scores, ranks and what to do first: all that the weights change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags
from network_map.completion.shares import inclusion_shares
from network_map.crs import FloatArray
from network_map.gaps.facts import PRESENCE_KINDS, GapFacts
from network_map.gaps.priority import KindPart, Severities, priority, suggested_actions
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.rank_draws import (
    BoundedPart,
    DrawInputs,
    DrawnSeverities,
    NetworkLists,
    draw_inputs,
    drawn_severities,
    fact_numbers,
)
from network_map.gaps.rank_interval import rank_intervals
from network_map.gaps.severity import (
    PRESENCE_SHARES,
    REACH_SHARES,
    missing_bounds,
    summed_severities,
)
from network_map.gaps.tables import RankCause, SuggestedAction
from network_map.gaps.weights import COMPONENTS, Component
from network_map.terms import NodeKind

_BOUNDS = ("severity", "severity_low", "severity_high")
_SEVERITIES = ("expected", "low", "high")
_DIGITS = 2


@dataclass(frozen=True, slots=True, eq=False)
class ActionParts:
    """What actions are chosen from, over n counties.

    Parameters
    ----------
    by_kind
        What each kind of node counts in presence and in reach.
    impossible
        By action the counties at which it cannot be taken: (n,).
    """

    by_kind: tuple[KindPart, ...]
    impossible: Mapping[SuggestedAction, Flags]


def severities_of(facts: GapFacts) -> Severities:
    """Return the severities that the facts give; what is unknown counts one half, from 0 to 1."""
    codes = list(facts.counties["adcode"])
    parts = [_presence(facts, codes), _reach(facts, codes), _activity(facts, codes)]
    fit = facts.fit.loc[codes]
    parts.append(tuple(fit[name].to_numpy("float64") for name in ("severity", "low", "high")))
    expected, low, high = (np.stack(columns, axis=1) for columns in zip(*parts, strict=True))
    return Severities(tuple(codes), COMPONENTS, np.clip(expected, low, high), low, high)


def _presence(facts: GapFacts, codes: list[str]) -> tuple[FloatArray, ...]:
    """Return the share of lists in which the kinds of the county are missing."""
    parts = [(PRESENCE_SHARES[kind], _lacking(facts, kind, codes)) for kind in PRESENCE_KINDS]
    return _columns(summed_severities(parts))


def _lacking(facts: GapFacts, kind: str, codes: list[str]) -> pd.DataFrame:
    return missing_bounds(facts.presence[kind].rename_axis("adcode").reset_index()).loc[codes]


def _reach(facts: GapFacts, codes: list[str]) -> tuple[FloatArray, ...]:
    names = dict(zip(_BOUNDS, _SEVERITIES, strict=True))
    parts = [
        (REACH_SHARES[kind], facts.reaches[kind].rows.reindex(codes).rename(columns=names))
        for kind in REACH_KINDS
    ]
    return _columns(summed_severities(parts))


def _columns(table: pd.DataFrame) -> tuple[FloatArray, ...]:
    return tuple(table[name].to_numpy("float64") for name in _SEVERITIES)


def _activity(facts: GapFacts, codes: list[str]) -> tuple[FloatArray, ...]:
    table = facts.activity_severity
    if table is None:
        return tuple(np.full(len(codes), value) for value in (0.5, 0.0, 1.0))
    rows = table.set_index("adcode").reindex(codes)
    low = rows["activity_severity_low"].astype("float64").fillna(0.0).to_numpy()
    high = rows["activity_severity_high"].astype("float64").fillna(1.0).to_numpy()
    expected = rows["activity_severity"].astype("float64").to_numpy()
    expected = np.where(np.isnan(expected), (low + high) / 2, expected)
    return tuple(np.asarray(values, dtype="float64") for values in (expected, low, high))


def scores_of(facts: GapFacts, query: GapQuery) -> pd.DataFrame:
    """Return scores with the range of each rank, all of it made anew.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its weights, draws and seed count.
    """
    inputs = inputs_of(facts, draws=query.draws, seed=query.seed)
    table = score_table(facts, query.weights, severities=inputs.severities)
    return with_intervals(table, inputs, query.weights, draws=query.draws, seed=query.seed)


def score_table(
    facts: GapFacts,
    weights: tuple[float, ...],
    *,
    severities: Severities | None = None,
    parts: ActionParts | None = None,
) -> pd.DataFrame:
    """Return score, bounds, contributions, rank and suggested action of each county.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    weights
        Of the components, summing to 1.
    severities
        What :func:`severities_of` returned for the facts; None: made here.
    parts
        What :func:`action_parts` returned for the facts; None: made here.

    Returns
    -------
    pandas.DataFrame
        Indexed by county: ``score, score_low, score_high, rank, contribution_…, largest_part,
        verify_first, suggested_action``. Contributions sum to the score.
    """
    if severities is None:
        severities = severities_of(facts)
    given = dict(zip(COMPONENTS, weights, strict=True))
    found = priority(severities, given)
    names = [f"contribution_{name}" for name in COMPONENTS]
    contributions = found[names].to_numpy("float64")
    shown = _shown_parts(contributions, np.array([given[name] for name in COMPONENTS]))
    score = shown.sum(axis=1).round(_DIGITS)
    table = found.assign(
        score=score,
        score_low=np.minimum(found["score_low"].round(_DIGITS), score),
        score_high=np.maximum(found["score_high"].round(_DIGITS), score),
        largest_part=np.array(COMPONENTS)[contributions.argmax(axis=1)],
        **dict(zip(names, shown.T, strict=True)),
    ).set_index("adcode")
    parts = parts or action_parts(facts)
    return table.assign(
        suggested_action=suggested_actions(
            severities, given, parts.by_kind,
            is_flagged=table["verify_first"].to_numpy(dtype=np.bool_),
            impossible=parts.impossible,
        )
    )  # fmt: skip


def inputs_of(facts: GapFacts, *, draws: int, seed: int) -> DrawInputs:
    """Return what rank intervals are drawn from; no weight changes it.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    draws, seed
        Number of drawn lists and their seed.

    Raises
    ------
    QueryError
        If the lists cannot be drawn.
    """
    severities = severities_of(facts)
    lists = NetworkLists(facts.by_kind, facts.parts, facts.nested)
    inputs = draw_inputs(severities, lists, count=draws, seed=seed)
    known = {part.ensemble.kind for part in facts.parts}
    unknown = tuple(
        BoundedPart(
            Component.REACH.value, f"reach {kind}", REACH_SHARES[kind], RankCause.NAMES,
            *(facts.reaches[kind].rows[name].to_numpy("float64") for name in _BOUNDS),
        )
        for kind in REACH_KINDS
        if kind not in known
    )  # fmt: skip
    return replace(inputs, bounded=(*inputs.bounded, *unknown, *_fit_parts(facts, severities)))


def _fit_parts(facts: GapFacts, severities: Severities) -> tuple[BoundedPart, ...]:
    """Return what is open of the consortium fit: what is not known, and how far members are."""
    name = Component.CONSORTIUM.value
    fit = facts.fit.loc[list(severities.adcodes)]
    band = (fit[end].to_numpy("float64") for end in ("severity", "near", "far"))
    return (
        BoundedPart(name, name, 1.0, RankCause.FACTS, *severities.column(name)),
        BoundedPart(name, f"{name} distance", 1.0, RankCause.DISTANCES, *band),
    )


def drawn_of(inputs: DrawInputs, *, draws: int, seed: int) -> DrawnSeverities:
    """Return the drawn severities behind the ranges of ranks; no weight changes them.

    Parameters
    ----------
    inputs
        What :func:`inputs_of` returned.
    draws, seed
        Of the joint draws.
    """
    return drawn_severities(inputs, fact_numbers(inputs, draws=draws, seed=seed))


def with_intervals(
    table: pd.DataFrame,
    inputs: DrawInputs,
    weights: tuple[float, ...],
    *,
    draws: int,
    seed: int,
    drawn: DrawnSeverities | None = None,
) -> pd.DataFrame:
    """Return the scores with the range of each rank and what makes it unsure.

    Parameters
    ----------
    table
        What :func:`score_table` returned.
    inputs
        What :func:`inputs_of` returned for the same facts.
    weights
        Of the components.
    draws, seed
        Of the joint draws.
    drawn
        What :func:`drawn_of` returned for them; None: drawn here.
    """
    given = dict(zip(COMPONENTS, weights, strict=True))
    found = rank_intervals(inputs, given, draws=draws, seed=seed, drawn=drawn).set_index("adcode")
    return table.assign(
        **{str(n): cells for n, cells in found.items() if str(n).startswith("rank_")},
        largest_cause=found["largest_cause"],
        top_percent=(found["share_in_top"] * 100).round(1),
    )


def _shown_parts(contributions: FloatArray, weights: FloatArray) -> FloatArray:
    """Return contributions to two decimals whose sum is the score to two decimals.

    What rounding leaves goes to the largest one that it carries neither below 0 nor above what the
    component may give.
    """
    shown = contributions.round(_DIGITS)
    rest = contributions.sum(axis=1).round(_DIGITS) - shown.sum(axis=1)
    moved = (shown + rest[:, None]).round(_DIGITS)
    has_room = (moved >= 0) & (moved <= (100 * weights).round(_DIGITS))
    taking = np.where(has_room, contributions, -1.0).argmax(axis=1)
    rows = np.arange(len(shown))
    shown[rows, taking] = moved[rows, taking]
    return shown


def action_parts(facts: GapFacts) -> ActionParts:
    """Return what actions are chosen from; no weight changes it.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    """
    codes = list(facts.counties["adcode"])
    parts = []
    for kind in PRESENCE_KINDS:
        table = _lacking(facts, kind, codes)
        bounds = (table[name].to_numpy("float64") for name in ("expected", "low"))
        parts.append(KindPart(Component.PRESENCE, kind, PRESENCE_SHARES[kind], *bounds))
    for kind in REACH_KINDS:
        rows = facts.reaches[kind].rows.reindex(codes)
        bounds = (rows[name].to_numpy("float64") for name in _BOUNDS[:2])
        parts.append(KindPart(Component.REACH, kind, REACH_SHARES[kind], *bounds))
    centres = facts.presence[NodeKind.COUNTY_CENTRE]["share_of_lists"].reindex(codes)
    impossible = {SuggestedAction.ACTIVATE_CENTRE: (centres == 0).to_numpy(dtype=np.bool_)}
    if facts.query.one_per_place:
        markets = inclusion_shares(facts.by_kind[NodeKind.SUB_MARKET]).set_index("adcode")
        share = facts.counties["prefecture_adcode"].map(markets["share_of_lists"])
        impossible[SuggestedAction.SET_SUB_MARKET] = (share == 1).to_numpy(dtype=np.bool_)
    return ActionParts(tuple(parts), impossible)
