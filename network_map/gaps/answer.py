"""The list of coverage gaps: where, why, and how sure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from network_map.completion.summary import completion_sentence
from network_map.consortia.tables import consortium_names
from network_map.gaps.facts import PRESENCE_KINDS, GapFacts
from network_map.gaps.query import REACH_KINDS, GapQuery, ListOdds
from network_map.gaps.reasons import facts_told, reasons
from network_map.gaps.tables import FRAGILE_KINDS, GAP_FACTS, GAP_SCORES, GAPS, ReachVerdict
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
_BY_LISTS = (ReachVerdict.CERTAIN_GAP, ReachVerdict.POSSIBLE, ReachVerdict.CERTAIN_COVERED)
_BY_BAND = (ReachVerdict.GAP, ReachVerdict.UNCERTAIN, ReachVerdict.COVERED)


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
    """

    table: pd.DataFrame
    list_notes: Mapping[str, str]
    further_notes: tuple[str, ...]

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
        data_note=text(f"dataset_note.{dataset.name}", language),
    )
    table = table.set_index("adcode", drop=False)
    parts = [table, *(_presence_part(facts, kind) for kind in PRESENCE_KINDS)]
    parts += [_reach_part(facts, kind) for kind in REACH_KINDS]
    parts += [_activity_part(facts, names), _fit_part(dataset, facts, language)]
    joined = pd.concat([part.reindex(table.index) for part in parts], axis=1)
    found = conform(GAP_FACTS, joined).set_index(table.index)
    kinds = kind_names(dataset.node_kinds, language, short=True)
    return found.assign(told=facts_told(found, kinds, language=language))


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
        What :func:`~network_map.gaps.scores.score_table` returned for the weights of the query.
    query
        What is asked for.
    rows
        What :func:`fact_rows` returned for the facts and the language; None: made here.
    """
    language = query.language
    if rows is None:
        rows = fact_rows(places, dataset, facts, language=language)
    scored = assembled(GAP_SCORES, scores.reindex(index=rows.index, columns=GAP_SCORES.names))
    listed = scored["rank"].to_numpy("int64").argsort(kind="stable")
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
    kinds = kind_names(dataset.node_kinds, language, short=True)
    lists = {
        kind: completion_sentence(facts.by_kind[kind], kinds[kind], language)
        for kind in facts.by_kind
        if facts.is_open(kind)
    }
    return Gaps(found, lists, _further_notes(facts, language))


def verdict_counts(answer: Gaps, kind: str) -> dict[ReachVerdict, int]:
    """Return how many counties of a list have each verdict that can occur there.

    Parameters
    ----------
    answer
        The list.
    kind
        The kind of node.

    Returns
    -------
    dict
        Where names or places are missing, what all possible lists say; else what the band of the
        distance says. Others only where a county has them.
    """
    found = Counter(answer.table[f"{kind}_verdict"].tolist())
    is_by_lists = kind in answer.list_notes or any(found[verdict] for verdict in _BY_LISTS)
    usual = _BY_LISTS if is_by_lists else _BY_BAND
    counts = {verdict: found[verdict] for verdict in ReachVerdict}
    others = [verdict for verdict in ReachVerdict if verdict not in usual and counts[verdict]]
    return {verdict: counts[verdict] for verdict in (*usual, *others)}


def _further_notes(facts: GapFacts, language: str) -> tuple[str, ...]:
    notes = []
    if any(facts.is_open(kind) for kind in REACH_KINDS if kind != NodeKind.PROVINCIAL_MARKET):
        notes.append(text("gap.note.assumed_sites", language))
    if facts.query.odds is not ListOdds.EVEN and any(map(facts.is_open, facts.by_kind)):
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
    served = facts.served[facts.served["kind"] == kind].set_index("adcode")
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
            **(second if kind in FRAGILE_KINDS else {}),
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
