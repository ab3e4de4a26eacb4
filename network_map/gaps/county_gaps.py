"""One table behind every view of the gap map: a row for each county, a column for each thing shown.

Distances are those to the node that serves by its rule; where a node of a higher tier lies nearer
to the standard, that one serves. With a list that is not public they are over all possible lists:
mean, least and greatest. A ranking whose ranks are mostly noise is left out, whatever the data set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.activity.tables import BlankState, CentreState
from network_map.completion.choice import Flags, Floats
from network_map.completion.shares import NearestCost, inclusion_shares
from network_map.consortia.tables import consortium_names
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import GapQuery
from network_map.gaps.reasons import RowWords
from network_map.gaps.severity import (
    FEW_SHARE,
    CountyFacts,
    ReachGaps,
    TierDistances,
    gap_types,
    reach_gaps,
)
from network_map.gaps.tables import COUNTY_GAPS, TIERS, ReachVerdict
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, kind_names, place_names
from network_map.reach.cost import verdict_codes
from network_map.reach.coverage import counted_facilities
from network_map.reach.standards import HIGHER_TIERS
from network_map.tables.check import assembled
from network_map.terms import GapType, MapGap, NodeKind, NodePresence, NodeStatus, Origin

FAR_RATIOS = (1.0, 1.5)
"""Upper ends of the classes of distance over standard but the last."""
_KM_DIGITS, _PERCENT_DIGITS, _RATE_DIGITS = 1, 1, 2
_FEN_A_TEN_THOUSAND_YUAN = 1_000_000.0
_INVENTED = (Origin.ASSUMED.value, Origin.SYNTHETIC.value)
_MARKET = NodeKind.PROVINCIAL_MARKET.value
_SUB, _DEMO = TIERS
# From the best to the weakest support.
_ORIGINS = (Origin.OFFICIAL, Origin.REPORTED, Origin.SYNTHETIC, Origin.ASSUMED)


def county_gaps(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    scores: pd.DataFrame | None,
    *,
    query: GapQuery,
) -> pd.DataFrame:
    """Return table ``county_gaps``: every county of the province, by code.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    scores
        What :func:`~network_map.gaps.answer.scores_of` returned; None leaves the ranking out.
    query
        What is asked for; of its screen only the language matters.
    """
    language = query.language
    and_ = "、" if language == "zh" else ", "
    names = place_names(places.divisions, language)
    codes = pd.Index(facts.counties["adcode"])
    prefectures = facts.counties["prefecture_adcode"].to_numpy("object")
    consortia = consortium_names(dataset, language)
    known = places.divisions.set_index("adcode")
    people = places.county_indicators.set_index("adcode")["pop_2020"]
    tiers = _tiers(dataset, facts)
    reach, beyond = reach_of(facts), reach_of(facts, band="high_km")
    presence = {kind: _presence(dataset, facts, kind, prefectures) for kind in (*TIERS, _CENTRE)}
    types = gap_types(reach, county_facts(dataset, facts))
    parts: list[Mapping[str, object]] = [
        {
            "adcode": codes.to_numpy("object"),
            "county_name": codes.map(names),
            "prefecture_adcode": prefectures,
            "prefecture_name": [names[code] for code in prefectures],
            "name_key": known["pinyin"].reindex(codes).to_numpy("object"),
            "residents": people.reindex(codes).to_numpy(),
            "map_gap": types["map_gap"].to_numpy("object"),
        },
        _type_columns(types),
        *(_tier_columns(facts, kind, tiers[kind], reach, beyond) for kind in TIERS),
        {
            f"{_MARKET}_node_name": tiers[_MARKET].names,
            f"{_MARKET}_km": _rounded(tiers[_MARKET].km),
        },
        *presence.values(),
        {"centre_state": _centre_states(facts, list(codes)).to_numpy("object")},
        _activity_columns(facts, codes, names, and_),
        {"distance_class": _distance_class(facts, tiers)},
        {
            "consortium_verdict": facts.fit["verdict"].reindex(codes).to_numpy("object"),
            "consortium_names": [
                and_.join(consortia[one] for one in ids.split(";")) if ids else None
                for ids in facts.fit["ids"].reindex(codes)
            ],
            "member_km": _rounded(facts.fit["member_km"].reindex(codes).to_numpy("float64")),
        },
    ]
    columns: dict[str, object] = {name: cells for part in parts for name, cells in part.items()}
    columns["rests_on_assumed"] = _rests_on_assumed(dataset, facts, len(codes))
    nothing = [None] * len(codes)
    table = assembled(COUNTY_GAPS, {name: columns.get(name, nothing) for name in COUNTY_GAPS.names})
    words = RowWords(
        kind_names(dataset.node_kinds, language, short=True),
        {kind: int(facts.by_kind[kind].missing_count or 0) for kind in facts.by_kind},
        member_km=facts.fit["member_low_km"].reindex(codes).to_numpy("float64"),
        has_register=facts.activity is not None,
        language=language,
        unit=facts.cost.unit,
    )
    table = table.assign(**words.of_rows(table))
    return table if scores is None else with_ranking(table, scores)


_CENTRE = NodeKind.COUNTY_CENTRE.value
_NAMES = {_SUB: "sub_market", _DEMO: "demonstration"}


def with_ranking(table: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return table ``county_gaps`` with the ranking of scores, all that a weight changes.

    Parameters
    ----------
    table
        What :func:`county_gaps` returned, with whichever scores.
    scores
        What :func:`~network_map.gaps.answer.scores_of` returned.
    """
    rows = scores.reindex(table["adcode"])
    names = ("score", "rank", "rank_low", "rank_high", "top_percent")
    ranking = {
        name: pd.Series(rows[name].to_numpy("float64"), index=table.index).astype(table[name].dtype)
        for name in names
    }
    return table.assign(**ranking)


# --- reach ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Tier:
    """How far n counties are from a tier, over its lists; infinite where there may be no node.

    ``near`` and ``far`` are the least and greatest estimate over the lists.
    """

    km: Floats
    low: Floats
    high: Floats
    near: Floats
    far: Floats
    kinds: Sequence[str]
    names: Sequence[str | None]
    is_assumed: Sequence[bool | None]

    def codes(self, standard_km: float) -> Floats:
        """Return the verdict on each county, as its code."""
        return verdict_codes(self.low, self.high, standard_km).astype(np.float64)


def _ends(nearest: NearestCost) -> tuple[Floats, Floats, Floats]:
    """Return mean, least and greatest distance over the lists; the mean is missing without any."""
    is_possible = nearest.shares != 0
    with np.errstate(invalid="ignore"):
        mean = np.where(is_possible, nearest.shares * nearest.costs, 0.0).sum(axis=1)
    least = np.where(is_possible, nearest.costs, np.inf).min(axis=1)
    most = np.where(is_possible, nearest.costs, -np.inf).max(axis=1)
    return mean, least, np.where(most < 0, np.inf, most)


def _tier(dataset: Dataset, facts: GapFacts, kind: str) -> _Tier:
    rows = facts.served[facts.served["kind"] == kind].set_index("adcode")
    rows = rows.reindex(facts.counties["adcode"])
    nearest, size = facts.reaches[kind].nearest, len(rows)
    if kind == _MARKET or not nearest:
        # A market whose place is not known serves nobody for certain.
        km, low, high = (
            rows[name].fillna(np.inf).to_numpy("float64") for name in ("km", "low_km", "high_km")
        )
        near = far = km
    else:
        km, near, far = _ends(nearest["km"])
        low, high = _ends(nearest["low_km"])[1], _ends(nearest["high_km"])[2]
    if facts.lacks_names(kind):
        return _Tier(km, low, high, near, far, [kind] * size, [None] * size, [None] * size)
    origins = dict(zip(dataset.nodes["node_id"], dataset.nodes["origin"], strict=True))
    names = [None if pd.isna(name) else str(name) for name in rows["node_name"]]
    invented = [None if pd.isna(i) else origins[i] in _INVENTED for i in rows["node_id"]]
    return _Tier(km, low, high, near, far, [kind] * size, names, invented)


def _tiers(dataset: Dataset, facts: GapFacts) -> dict[str, _Tier]:
    """Return each tier as it serves, a higher one in its place where that is better."""
    own = {kind: _tier(dataset, facts, kind) for kind in (_MARKET, *TIERS)}
    standards = {kind: _standard(facts, kind) for kind in TIERS}
    if not facts.query.higher_tier_serves:
        return own
    return {
        _MARKET: own[_MARKET],
        _SUB: _better(own[_SUB], own[_MARKET], standard_km=standards[_SUB]),
        _DEMO: _better(own[_DEMO], own[_SUB], own[_MARKET], standard_km=standards[_DEMO]),
    }


def _better(tier: _Tier, *higher: _Tier, standard_km: float) -> _Tier:
    """Return the tier, at each county the higher one whose verdict is better."""
    tiers = (tier, *higher)
    chosen = np.argmin(np.stack([one.codes(standard_km) for one in tiers]), axis=0)
    rows = np.arange(len(chosen))
    taken = (
        np.stack([getattr(one, name) for one in tiers])[chosen, rows]
        for name in ("km", "low", "high", "near", "far")
    )
    named = [
        [getattr(tiers[number], name)[row] for row, number in enumerate(chosen)]
        for name in ("kinds", "names", "is_assumed")
    ]
    return _Tier(*taken, *named)


def _standard(facts: GapFacts, kind: str) -> float:
    return float(facts.reaches[kind].service.standard_km or 0.0)


def reach_of(facts: GapFacts, *, band: str = "low_km") -> ReachGaps:
    """Return in which share of the lists counties are out of reach, by one end of the bands.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    band
        ``low_km``: beyond the standard for certain; ``high_km``: not within it for certain.
    """
    rows = facts.served[facts.served["kind"] == _MARKET].set_index("adcode")
    market = rows[band].reindex(facts.counties["adcode"]).fillna(np.inf)
    distances = TierDistances(
        facts.reaches[_SUB].nearest[band],
        facts.reaches[_DEMO].nearest[band],
        market.to_numpy("float64"),
    )
    return reach_gaps(
        distances, sub_market_km=_standard(facts, _SUB), demonstration_km=_standard(facts, _DEMO),
        higher_tier_serves=facts.query.higher_tier_serves,
    )  # fmt: skip


def _tier_columns(
    facts: GapFacts, kind: str, tier: _Tier, reach: ReachGaps, beyond: ReachGaps
) -> dict[str, object]:
    standard = _standard(facts, kind)
    km, low, high = _rounded(tier.km), _rounded(tier.low), _rounded(tier.high)
    gaps, uncovered = getattr(reach, _NAMES[kind]), getattr(beyond, _NAMES[kind])
    verdicts = _verdicts(facts, kind, gaps, uncovered)
    return {
        f"{kind}_verdict": verdicts,
        f"{kind}_gap_percent": _percent(gaps["share"].to_numpy("float64")),
        f"{kind}_node_kind": tier.kinds,
        f"{kind}_node_name": tier.names,
        f"{kind}_node_is_assumed": tier.is_assumed,
        f"{kind}_km": km,
        f"{kind}_low_km": low,
        f"{kind}_high_km": high,
        f"{kind}_excess_km": np.round(_sure_km(verdicts, km, low, high) - standard, _KM_DIGITS),
        f"{kind}_threshold_km": _thresholds(facts, kind),
        f"{kind}_standard_km": np.full(len(km), standard),
        **_other_node(facts, kind, tier),
    }


def _sure_km(verdicts: Sequence[str], km: Floats, low: Floats, high: Floats) -> Floats:
    """Return the distance that every list bears out; missing where the lists disagree."""
    said = np.asarray(verdicts)
    ends = {
        ReachVerdict.CERTAIN_GAP: low, ReachVerdict.CERTAIN_COVERED: high,
        ReachVerdict.POSSIBLE: np.full(len(km), np.nan),
    }  # fmt: skip
    return np.select([said == verdict for verdict in ends], list(ends.values()), km)


def _thresholds(facts: GapFacts, kind: str) -> Floats:
    """Return the least standard, in tenths of a kilometre, at which no county is a certain gap."""
    kinds = (kind, *(HIGHER_TIERS[kind] if facts.query.higher_tier_serves else ()))
    codes = facts.counties["adcode"]
    lows = []
    for one in kinds:
        if one == _MARKET:
            rows = facts.served[facts.served["kind"] == one].set_index("adcode")
            lows.append(rows["low_km"].reindex(codes).fillna(np.inf).to_numpy("float64"))
        else:
            lows.append(_ends(facts.reaches[one].nearest["low_km"])[1])
    least = np.min(np.stack(lows), axis=0)
    tenths = np.ceil(least * 10)
    # What is a tenth already must not become the next one by the bits of a product.
    tenths = np.where((tenths - 1) / 10 >= least, tenths - 1, tenths)
    return _finite(np.where(tenths / 10 >= least, tenths, tenths + 1) / 10)


def _verdicts(
    facts: GapFacts, kind: str, gaps: pd.DataFrame, beyond: pd.DataFrame
) -> Sequence[str]:
    by_sub = kind == _DEMO and facts.query.higher_tier_serves
    is_open = facts.lacks_names(kind) or (by_sub and facts.lacks_names(_SUB))
    gap, most, uncovered, least_uncovered = (
        table[name].to_numpy("float64")
        for table, name in (
            (gaps, "share"), (gaps, "most"), (beyond, "share"), (beyond, "least"),
        )
    )  # fmt: skip
    certain, covered = (
        (ReachVerdict.CERTAIN_GAP, ReachVerdict.CERTAIN_COVERED)
        if is_open
        else (ReachVerdict.GAP, ReachVerdict.COVERED)
    )
    conditions = [
        gap == 1, uncovered == 0, (most == 0) & (least_uncovered == 1),
        np.isfinite(gap) & np.isfinite(uncovered),
    ]  # fmt: skip
    told = ReachVerdict.POSSIBLE if is_open else ReachVerdict.UNCERTAIN
    words = [certain, covered, ReachVerdict.UNCERTAIN, told]
    found = np.select(conditions, [word.value for word in words], ReachVerdict.UNKNOWN.value)
    return [str(word) for word in found]


def _other_node(facts: GapFacts, kind: str, tier: _Tier) -> dict[str, object]:
    """Return the nearest node of the kind beside the one that serves; nothing with an open list."""
    rows = facts.served[facts.served["kind"] == kind].set_index("adcode")
    rows = rows.reindex(facts.counties["adcode"])
    if facts.lacks_names(kind):
        return {}
    is_nearest = (np.array(tier.kinds) == kind) & (
        rows["node_id"] == rows["nearest_node_id"]
    ).to_numpy(dtype=np.bool_)
    name = np.where(is_nearest, rows["second_node_name"], rows["nearest_node_name"])
    return {
        f"{kind}_other_node_name": [None if pd.isna(one) else str(one) for one in name],
        f"{kind}_other_km": _rounded(
            np.where(is_nearest, rows["second_km"], rows["nearest_km"]).astype("float64")
        ),
    }


def _distance_class(facts: GapFacts, tiers: Mapping[str, _Tier]) -> Floats:
    """Return the class of the farther tier, missing where the lists do not agree on it."""
    ends = []
    for name in ("near", "far"):
        by_tier = []
        for kind in TIERS:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = getattr(tiers[kind], name) / _standard(facts, kind)
            by_tier.append(np.where(np.isnan(ratio), 0.0, ratio))
        ends.append(np.searchsorted(FAR_RATIOS, np.max(by_tier, axis=0), side="left"))
    return np.where(ends[0] == ends[1], ends[0].astype("float64"), np.nan)


# --- presence, activity, types --------------------------------------------------------------------


def _presence(
    dataset: Dataset, facts: GapFacts, kind: str, prefectures: Floats
) -> dict[str, object]:
    """Return whether a county has a node, of sub-markets whether its prefecture has one."""
    codes = prefectures if kind == _SUB else facts.counties["adcode"].to_numpy("object")
    shares = facts.presence.get(kind)
    if shares is None:
        shares = inclusion_shares(facts.by_kind[kind]).set_index("adcode")
    share = shares["share_of_lists"].reindex(codes).to_numpy("float64")
    planned = np.isin(codes.astype("str"), _planned(dataset, kind))
    found = np.select(
        [planned, share == 1, share == 0],
        [NodePresence.PLANNED.value, NodePresence.PRESENT.value, NodePresence.ABSENT.value],
        NodePresence.UNKNOWN.value,
    )
    nodes = dataset.nodes[dataset.nodes["kind"] == kind]
    origins = dict(zip(nodes["adcode"], nodes["origin"], strict=True))
    # That a place has none rests on the whole list.
    weakest = max(nodes["origin"], key=_ORIGINS.index, default=None)
    return {
        f"{kind}_presence": found,
        f"{kind}_present_percent": _percent(np.where(planned, 0.0, share)),
        f"{kind}_presence_origin": [
            None if word == NodePresence.UNKNOWN else origins.get(code, weakest)
            for code, word in zip(codes, found, strict=True)
        ],
    }


def _planned(dataset: Dataset, kind: str) -> list[str]:
    """Return the places whose only nodes of a kind are being built."""
    nodes = dataset.nodes[dataset.nodes["kind"] == kind]
    planned = set(nodes.loc[nodes["status"] == NodeStatus.PLANNED, "adcode"].dropna())
    return sorted(planned - set(counted_facilities(nodes, kind)["adcode"].dropna()))


def county_facts(dataset: Dataset, facts: GapFacts) -> CountyFacts:
    """Return what types of gap need beside the reach, of every county by code.

    Parameters
    ----------
    dataset, facts
        As in :func:`county_gaps`.
    """
    codes = facts.counties["adcode"].to_numpy("object")
    shares = facts.presence[_CENTRE]["share_of_lists"].reindex(codes).to_numpy("float64")
    planned = np.isin(codes.astype("str"), _planned(dataset, _CENTRE))
    unknown = np.full(len(codes), np.nan)
    rate, peers, is_blank = unknown, unknown, np.zeros(len(codes), dtype=np.bool_)
    if facts.activity is not None and facts.blanks is not None:
        rows = facts.activity.set_index("adcode").reindex(codes)
        rate = rows["absorption_smoothed_per_10k"].to_numpy("float64")
        peers = rows["absorption_peer_per_10k"].to_numpy("float64")
        blanks = facts.blanks[facts.blanks["side"] == "absorption"].set_index("adcode")
        is_blank = (blanks["state_code"].reindex(codes) == BlankState.BLANK).to_numpy(np.bool_)
    return CountyFacts(
        centre_share=np.where(planned, 0.0, shares),
        centre_planned=planned,
        rate=rate,
        peer_rate=peers,
        is_blank=is_blank,
        lacks_consortium=facts.fit["is_lacking"].reindex(codes).to_numpy("float64"),
        is_idle=(_centre_states(facts, list(codes)) == CentreState.IDLE).to_numpy(dtype=np.bool_),
    )


def _centre_states(facts: GapFacts, codes: list[str]) -> pd.Series:
    """Return the state of the centre of each county, missing where no list tells it."""
    if facts.states is None:
        return pd.Series(None, index=pd.Index(codes), dtype="str")
    states = facts.states.sort_values("node_id").drop_duplicates("adcode").set_index("adcode")
    return states["centre_state_code"].reindex(codes)


def _type_columns(types: pd.DataFrame) -> dict[str, object]:
    shares = types[[gap.value for gap in GapType]].to_numpy("float64")
    width = np.where(np.isnan(shares), 1.0, 1.0 - np.abs(2.0 * shares - 1.0)).max(axis=1)
    is_open = (types["map_gap"] == MapGap.UNKNOWN).to_numpy(dtype=np.bool_)
    columns: dict[str, object] = {"certainty_width": np.where(is_open, width, 0.0)}
    for gap in GapType:
        columns[f"{gap.value}_share"] = types[gap.value].to_numpy("float64")
        columns[f"{gap.value}_certainty"] = types[f"{gap.value}_certainty"].to_numpy("object")
    return columns


def _activity_columns(
    facts: GapFacts, codes: pd.Index, names: Mapping[str, str], and_: str
) -> dict[str, object]:
    peers = facts.peers.sort_values(["adcode", "peer_rank"])
    named = peers["peer_adcode"].map(names).groupby(peers["adcode"]).agg(and_.join)
    columns: dict[str, object] = {"peer_names": named.reindex(codes).to_numpy("object")}
    if facts.activity is None:
        return columns
    rows = facts.activity.set_index("adcode").reindex(codes)
    for side in ("absorption", "output"):
        own = rows[f"{side}_smoothed_per_10k"].to_numpy("float64")
        peer = rows[f"{side}_peer_per_10k"].to_numpy("float64")
        fen = rows[f"{side}_contract_value_fen"].to_numpy("float64", na_value=np.nan)
        ratio = np.divide(own, peer, out=np.full(len(own), np.nan), where=peer > 0)
        columns |= {
            f"{side}_contract_count": rows[f"{side}_contract_count"].array,
            f"{side}_value_10k_yuan": np.round(fen / _FEN_A_TEN_THOUSAND_YUAN, 2),
            f"{side}_per_10k": np.round(own, _RATE_DIGITS),
            f"{side}_peer_per_10k": np.round(peer, _RATE_DIGITS),
            f"{side}_peer_ratio": np.round(ratio, _RATE_DIGITS),
        }
        if side == "absorption":
            few = np.where(own < FEW_SHARE * peer, 0.0, np.where(own < peer, 1.0, 2.0))
            columns["absorption_class"] = np.where(np.isnan(own + peer), np.nan, few)
    return columns


def _rests_on_assumed(dataset: Dataset, facts: GapFacts, size: int) -> Flags:
    """Return whether rows rest on nodes or contracts that nobody has published."""
    kinds = dataset.nodes["kind"].isin([*TIERS, _CENTRE])
    is_assumed = dataset.nodes.loc[kinds, "origin"].isin(_INVENTED).any()
    return np.full(size, bool(is_assumed) or (facts.activity is not None and dataset.is_demo))


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _rounded(kilometres: Floats) -> Floats:
    return np.round(_finite(kilometres), _KM_DIGITS)


def _percent(shares: Floats) -> Floats:
    """Return shares in percent; one that is neither 0 nor 1 is never shown as either."""
    step = 10.0**-_PERCENT_DIGITS
    shown = np.round(shares * 100, _PERCENT_DIGITS)
    inside = (shares > 0) & (shares < 1)
    return np.where(inside, np.clip(shown, step, 100 - step), shown)
