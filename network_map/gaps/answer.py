"""The list of coverage gaps: where, why, and how sure.

Scores, ranks and what to do first: all that the weights change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags
from network_map.completion.ensemble import completion_sentence
from network_map.completion.shares import inclusion_shares
from network_map.consortia.tables import consortium_names
from network_map.crs import FloatArray
from network_map.gaps.facts import PRESENCE_KINDS, GapFacts
from network_map.gaps.priority import (
    KindPart,
    Severities,
    effective_weights,
    priority,
    suggested_actions,
)
from network_map.gaps.query import REACH_KINDS, GapQuery, ListOdds
from network_map.gaps.rank_draws import (
    BoundedPart,
    DrawInputs,
    DrawnSeverities,
    NetworkLists,
    draw_inputs,
    drawn_severities,
    fact_numbers,
)
from network_map.gaps.rank_interval import is_noise, rank_intervals
from network_map.gaps.reasons import facts_told, reasons
from network_map.gaps.severity import (
    PRESENCE_SHARES,
    REACH_SHARES,
    missing_bounds,
    summed_severities,
)
from network_map.gaps.tables import (
    GAP_FACTS,
    GAP_SCORES,
    GAPS,
    TIERS,
    SuggestedAction,
)
from network_map.gaps.weights import COMPONENTS, Component
from network_map.i18n import text
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, kind_names, place_names
from network_map.tables.check import assembled, conform
from network_map.terms import NodeKind, ServiceRule

_KM_DIGITS, _PERCENT_DIGITS, _RATE_DIGITS = 1, 1, 2
PRESENCE_NAMES = dict(
    zip(PRESENCE_KINDS, ("county_centre", "demonstration_county_here"), strict=True)
)
"""What the columns of presence are called, by kind."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """The finished answer.

    Parameters
    ----------
    table
        Declared table ``gaps``: the counties of the listed area, by rank.
    list_notes
        By kind: what its list lacks, a sentence each; none for a complete list.
    further_notes
        What else is not known, a sentence each.
    weights_in_effect
        What each component makes of the differences in the whole province; none where there is
        no order.
    """

    table: pd.DataFrame
    list_notes: Mapping[str, str]
    further_notes: tuple[str, ...]
    weights_in_effect: Mapping[str, float] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """All the sentences."""
        return (*self.list_notes.values(), *self.further_notes)


def fact_rows(places: Places, dataset: Dataset, facts: GapFacts, *, language: str) -> pd.DataFrame:
    """Return what the facts say of each county, in words of a language; no weight changes it.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    language
        ``zh`` or ``en``.

    Returns
    -------
    pandas.DataFrame
        Declared table ``gap_facts``, indexed by county, and a column ``told``: the part of the
        reason that they give.
    """
    names = place_names(places.divisions, language)
    table = facts.counties.assign(
        county_name=facts.counties["adcode"].map(names),
        prefecture_name=facts.counties["prefecture_adcode"].map(names),
        residents=facts.counties["adcode"].map(
            places.county_indicators.set_index("adcode")["pop_2020"]
        ),
        data_note=text(f"dataset_note.{dataset.name}", language),
    )
    table = table.set_index("adcode", drop=False)
    parts = [table, *(_presence_part(facts, kind) for kind in PRESENCE_KINDS)]
    parts += [_reach_part(facts, kind) for kind in REACH_KINDS]
    parts += [_activity_part(facts, names), _fit_part(dataset, facts, language)]
    joined = pd.concat([part.reindex(table.index) for part in parts], axis=1)
    found = conform(GAP_FACTS, joined).set_index(table.index)
    kinds = kind_names(dataset.node_kinds, language, short=True)
    return found.assign(told=facts_told(found, kinds, language=language, unit=facts.cost.unit))


def gap_answer(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    scores: pd.DataFrame,
    *,
    query: GapQuery,
    rows: pd.DataFrame | None = None,
) -> Gaps:
    """Return the list of gaps of the area of a query.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    scores
        What :func:`~network_map.gaps.answer.score_table` returned for the weights of the query.
    query
        What is asked for.
    rows
        What :func:`fact_rows` returned for the facts and the language; None: made here.
    """
    language = query.language
    if rows is None:
        rows = fact_rows(places, dataset, facts, language=language)
    scored = assembled(GAP_SCORES, scores.reindex(index=rows.index, columns=GAP_SCORES.names))
    listed = scored["rank"].to_numpy("float64", na_value=np.nan).argsort(kind="stable")
    if query.prefecture_adcode is not None:
        is_inside = (facts.counties["prefecture_adcode"] == query.prefecture_adcode).to_numpy(bool)
        listed = listed[is_inside[listed]]
    columns = {
        str(name): cells.array.take(listed)
        for part in (rows, scored)
        for name, cells in part.items()
    }
    told = columns.pop("told")
    columns["reason"] = reasons(columns, told, language=language)
    found = pd.DataFrame({name: columns[name] for name in GAPS.names}, copy=False)
    has_order = bool(scored["rank"].notna().any())
    return Gaps(
        found, list_notes(dataset, facts, language),
        further_notes(facts, language, has_order=has_order),
        effective_weights(scored) if has_order else {},
    )  # fmt: skip


def list_notes(dataset: Dataset, facts: GapFacts, language: str) -> dict[str, str]:
    """Return what each list lacks, a sentence by kind; none for a complete list."""
    kinds = kind_names(dataset.node_kinds, language, short=True)
    return {
        kind: completion_sentence(facts.by_kind[kind], kinds[kind], language)
        for kind in facts.by_kind
        if facts.lacks_names(kind)
    }


def further_notes(facts: GapFacts, language: str, *, has_order: bool) -> tuple[str, ...]:
    """Return what else is not known, a sentence each."""
    notes = [] if has_order else [text("gap.note.no_order", language)]
    if any(facts.lacks_names(kind) for kind in REACH_SHARES):
        notes.append(text("gap.note.assumed_sites", language))
    if facts.query.odds is not ListOdds.EVEN and any(map(facts.lacks_names, facts.by_kind)):
        odds = text(f"gap.odds.{facts.query.odds.value}", language)
        notes.append(text("gap.note.odds", language, odds=odds))
    if facts.query.nested and facts.nested is None:
        notes.append(text("gap.note.no_nested", language))
    if facts.activity is None:
        notes.append(text("gap.note.no_register", language))
    if (facts.fit["ids"] == "").all() and (facts.fit["high"] == 1).all():
        notes.append(text("gap.note.no_consortia", language))
    return tuple(notes)


def _presence_part(facts: GapFacts, kind: str) -> pd.DataFrame:
    name, shares, ensemble = PRESENCE_NAMES[kind], facts.presence[kind], facts.by_kind[kind]
    missing = (ensemble.missing_count or 0) - ensemble.unplaced_count
    return pd.DataFrame(
        {
            f"{name}_presence": shares["verdict_code"],
            f"{name}_present_percent": _percent(shares["share_of_lists"]),
            f"{name}_missing_count": missing,
        }
    )


def _percent(shares: pd.Series) -> pd.Series:
    """Return shares in percent; one that is neither 0 nor 1 is never shown as either."""
    step = 10.0**-_PERCENT_DIGITS
    shown = (shares * 100).round(_PERCENT_DIGITS)
    inside = (shares > 0) & (shares < 1)
    return shown.where(~inside, shown.clip(step, 100 - step))


def _reach_part(facts: GapFacts, kind: str) -> pd.DataFrame:
    found = facts.reaches[kind]
    other = (
        ServiceRule.NEAREST
        if found.service.rule is ServiceRule.OWN_PREFECTURE
        else ServiceRule.OWN_PREFECTURE
    )
    served = facts.served_by_tiers[facts.served_by_tiers["kind"] == kind].set_index("adcode")
    second = {
        f"{kind}_second_node_name": served["second_node_name"],
        f"{kind}_second_km": served["second_km"].round(_KM_DIGITS),
        f"{kind}_only_one": served["only_one_within"],
    }
    return pd.DataFrame(
        {
            f"{kind}_verdict": found.rows["verdict"],
            f"{kind}_gap_percent": _percent(found.rows["gap_share"]),
            f"{kind}_covered_percent": _percent(found.rows["covered_share"]),
            f"{kind}_other_verdict": found.by_rule[other],
            f"{kind}_node_name": served["node_name"],
            **{f"{kind}_{n}": served[n].round(_KM_DIGITS) for n in ("km", "low_km", "high_km")},
            **(second if kind in TIERS else {}),
            f"{kind}_method": served["method"],
            f"{kind}_rule": found.service.rule.value,
            f"{kind}_standard_km": found.service.standard_km,
        }
    )


def _activity_part(facts: GapFacts, names: dict[str, str]) -> pd.DataFrame:
    peers = facts.peers.sort_values(["adcode", "peer_rank"])
    peer_names = peers["peer_adcode"].map(names).groupby(peers["adcode"]).agg("、".join)
    found = {"peer_names": peer_names}
    if facts.states is not None:
        states = facts.states.sort_values("node_id").drop_duplicates("adcode").set_index("adcode")
        found["centre_state"] = states["centre_state_code"]
    if facts.activity is None or facts.blanks is None:
        return pd.DataFrame(found)
    rows = facts.activity.set_index("adcode")
    blanks = facts.blanks[facts.blanks["side"] == "absorption"].set_index("adcode")
    return pd.DataFrame(
        {
            **found,
            "contract_years": facts.query.years,
            **_side_part(rows, "output"),
            **_side_part(rows, "absorption"),
            "blank_state": blanks["state_code"],
        }
    )


def _side_part(rows: pd.DataFrame, side: str) -> dict[str, pd.Series]:
    """Return one side of the activity: number, smoothed rate, value against the peers, trend."""
    return {
        f"{side}_contract_count": rows[f"{side}_contract_count"],
        f"{side}_per_10k": rows[f"{side}_smoothed_per_10k"].round(_RATE_DIGITS),
        f"{side}_peer_per_10k": rows[f"{side}_peer_per_10k"].round(_RATE_DIGITS),
        f"{side}_value_log_ratio": rows[f"{side}_value_log_ratio"].round(_RATE_DIGITS),
        f"{side}_trend": rows[f"{side}_trend_code"],
    }


def _fit_part(dataset: Dataset, facts: GapFacts, language: str) -> pd.DataFrame:
    names = consortium_names(dataset, language)
    words = {
        ids: "、".join(names[one] for one in ids.split(";")) for ids in set(facts.fit["ids"]) if ids
    }
    return pd.DataFrame(
        {
            "consortium_verdict": facts.fit["verdict"],
            "consortium_names": facts.fit["ids"].map(words),
        }
    )


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
    is_planned
        Where a centre is being built: (n,).
    """

    by_kind: tuple[KindPart, ...]
    impossible: Mapping[SuggestedAction, Flags]
    is_planned: Flags


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
    parts = [(share, _lacking(facts, kind, codes)) for kind, share in PRESENCE_SHARES.items()]
    return _columns(summed_severities(parts))


def _lacking(facts: GapFacts, kind: str, codes: list[str]) -> pd.DataFrame:
    found = facts.presence[kind].rename_axis("adcode").reset_index()
    return missing_bounds(found, planned=facts.planned).loc[codes]


def _reach(facts: GapFacts, codes: list[str]) -> tuple[FloatArray, ...]:
    names = dict(zip(_BOUNDS, _SEVERITIES, strict=True))
    parts = [
        (share, facts.reaches[kind].rows.reindex(codes).rename(columns=names))
        for kind, share in REACH_SHARES.items()
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
    """Return score, contributions, rank and suggested action of each county.

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
        Indexed by county: ``score, rank, contribution_…, largest_part, verify_first,
        suggested_action``. Contributions sum to the score.
    """
    if severities is None:
        severities = severities_of(facts)
    given = dict(zip(COMPONENTS, weights, strict=True))
    found = priority(severities, given)
    names = [f"contribution_{name}" for name in COMPONENTS]
    contributions = found[names].to_numpy("float64")
    shown = _shown_parts(contributions, np.array([given[name] for name in COMPONENTS]))
    table = (
        found.drop(columns=["score_low", "score_high"])
        .assign(
            score=shown.sum(axis=1).round(_DIGITS),
            largest_part=np.array(COMPONENTS)[contributions.argmax(axis=1)],
            **dict(zip(names, shown.T, strict=True)),
        )
        .set_index("adcode")
    )
    parts = parts or action_parts(facts)
    return table.assign(
        suggested_action=suggested_actions(
            severities, given, parts.by_kind,
            is_flagged=table["verify_first"].to_numpy(dtype=np.bool_),
            impossible=parts.impossible,
            is_planned=parts.is_planned,
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
    inputs = draw_inputs(severities, lists_of(facts), count=draws, seed=seed)
    return replace(inputs, bounded=(*inputs.bounded, *_fit_parts(facts, severities)))


def lists_of(facts: GapFacts) -> NetworkLists:
    """Return the possible lists of all kinds, and how the kinds that count reach the counties."""
    return NetworkLists(facts.by_kind, facts.parts, facts.nested, facts.planned)


def _fit_parts(facts: GapFacts, severities: Severities) -> tuple[BoundedPart, ...]:
    """Return what is open of the consortium fit: what is not known, and how far members are."""
    name = Component.CONSORTIUM.value
    fit = facts.fit.loc[list(severities.adcodes)]
    band = (fit[end].to_numpy("float64") for end in ("severity", "near", "far"))
    return (
        BoundedPart(name, name, 1.0, *severities.column(name)),
        BoundedPart(name, f"{name} distance", 1.0, *band),
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
    """Return the scores with the range of each rank; nothing of either where it would be noise.

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
    if is_noise(found):
        told = [name for name in GAP_SCORES.names if name != "suggested_action"]
        return table[["suggested_action"]].reindex(columns=[*told, "suggested_action"])
    return table.assign(
        rank_low=found["rank_low"],
        rank_high=found["rank_high"],
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
    for kind, share in PRESENCE_SHARES.items():
        table = _lacking(facts, kind, codes)
        bounds = (table[name].to_numpy("float64") for name in ("expected", "low"))
        parts.append(KindPart(Component.PRESENCE, kind, share, *bounds))
    for kind, share in REACH_SHARES.items():
        rows = facts.reaches[kind].rows.reindex(codes)
        bounds = (rows[name].to_numpy("float64") for name in _BOUNDS[:2])
        parts.append(KindPart(Component.REACH, kind, share, *bounds))
    centres = facts.presence[NodeKind.COUNTY_CENTRE]["share_of_lists"].reindex(codes)
    impossible = {SuggestedAction.ACTIVATE_CENTRE: (centres == 0).to_numpy(dtype=np.bool_)}
    if facts.query.one_per_place:
        markets = inclusion_shares(facts.by_kind[NodeKind.SUB_MARKET]).set_index("adcode")
        own = facts.counties["prefecture_adcode"].map(markets["share_of_lists"])
        impossible[SuggestedAction.SET_SUB_MARKET] = (own == 1).to_numpy(dtype=np.bool_)
    is_planned = np.array([code in facts.planned for code in codes], dtype=np.bool_)
    return ActionParts(tuple(parts), impossible, is_planned)
