"""The next node: what one more node in each place would bring within the standard.

For every place that may take one more node the counties are counted that are out of reach before
and not after, with their residents and the contracts they absorb. A county is out of reach where
the whole distance band to the node that serves it lies beyond the standard. Over possible lists
the gain is an expectation with the range of nine lists in ten; with one list all three are equal.

By the rule *own prefecture first* a prefecture's first node takes its counties from nearer
neighbours, so a county can also be worse off; such counties are told, never set off.

Which counties would lose which node, if it closed: counted for the page, by name for a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats
from network_map.completion.draws import joint_draws
from network_map.contracts.by_place import FEN_PER_10K_YUAN
from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import GapQuery
from network_map.gaps.reach import place_bands, seats_of
from network_map.gaps.tables import (
    GAP_LOSSES,
    NEXT_NODE_COUNTIES,
    NEXT_NODE_GAINS,
    STANDARD_CURVE,
    TIERS,
)
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, node_labels
from network_map.places.reference import Places, code_words, dataset_label, kind_names, place_names
from network_map.reach.coverage import own_places
from network_map.reach.tables import in_unit
from network_map.tables.check import assembled, conform
from network_map.terms import NodeKind, ServiceRule

RANGE = (0.05, 0.95)
"""Share of the lists below the low and the high end of a range."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLists:
    """One kind of node in each of L possible lists, as n counties see it.

    Parameters
    ----------
    adcodes
        Codes of the counties: (n,).
    places
        Codes of the places that have or may get a node: (m,).
    has_node
        Whether a place has a node that serves in a list: (L, m).
    low_km
        Near end of the band of the distance to each place in kilometres: (n, m).
    is_own
        Which places come first for a county whatever the distance; None for the nearest: (n, m).
    standard_km
        The service standard.
    higher_km
        Near end of the band to the nearest node of a higher tier that serves in its place,
        infinite where none does: (n,), or (L, n) where that depends on the list.
    """

    adcodes: tuple[str, ...]
    places: tuple[str, ...]
    has_node: Flags
    low_km: Floats
    standard_km: float
    higher_km: Floats
    is_own: Flags | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """Of L lists and n counties: has one of its own, is that within, is any within."""

    has_own: Flags
    own_within: Flags
    any_within: Flags
    higher_within: Flags

    @property
    def is_gap(self) -> Flags:
        by_rule = np.where(self.has_own, self.own_within, self.any_within)
        return np.asarray(~(by_rule | self.higher_within), dtype=np.bool_)


def _served(lists: DrawnLists) -> _Served:
    within, own = _within(lists), _own(lists)
    has = lists.has_node.astype(np.float32)
    return _Served(
        has_own=np.asarray(has @ own.T.astype(np.float32) > 0, dtype=np.bool_),
        own_within=np.asarray(has @ (own & within).T.astype(np.float32) > 0, dtype=np.bool_),
        any_within=np.asarray(has @ within.T.astype(np.float32) > 0, dtype=np.bool_),
        higher_within=np.broadcast_to(
            np.atleast_2d(lists.higher_km) <= lists.standard_km,
            (len(lists.has_node), len(lists.adcodes)),
        ),
    )


def _within(lists: DrawnLists) -> Flags:
    return np.asarray(lists.low_km <= lists.standard_km, dtype=np.bool_)


def _own(lists: DrawnLists) -> Flags:
    return np.zeros_like(_within(lists)) if lists.is_own is None else lists.is_own


def _with_node(served: _Served, lists: DrawnLists, place: int) -> _Served:
    within, own = _within(lists)[:, place], _own(lists)[:, place]
    return replace(
        served,
        has_own=served.has_own | own,
        own_within=served.own_within | (own & within),
        any_within=served.any_within | within,
    )


def out_of_reach(lists: DrawnLists) -> Flags:
    """Return which counties are out of reach in which list: (L, n)."""
    return _served(lists).is_gap


def relieved_shares(lists: DrawnLists, place: str) -> pd.DataFrame:
    """Return what one more node in a place would do to each county.

    Parameters
    ----------
    lists
        The possible lists.
    place
        Code of the place.

    Returns
    -------
    pandas.DataFrame
        ``relieved_share, worse_share`` of the lists, indexed by county.

    Raises
    ------
    KeyError
        If the place is not one of the lists'.
    """
    if place not in lists.places:
        raise KeyError(place)
    before = _served(lists)
    after = _with_node(before, lists, lists.places.index(place)).is_gap
    return pd.DataFrame(
        {
            "relieved_share": (before.is_gap & ~after).mean(axis=0),
            "worse_share": (~before.is_gap & after).mean(axis=0),
        },
        index=pd.Index(lists.adcodes, name="adcode"),
    )


def next_node_gains(
    lists: DrawnLists, weights: pd.DataFrame, *, candidates: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return what one more node in each place would bring within the standard.

    Parameters
    ----------
    lists
        The possible lists.
    weights
        What is summed over the counties that gain (residents, contract value), indexed by county;
        a missing value counts nothing.
    candidates
        Codes of the places; all that lack a node in some list by default.

    Returns
    -------
    pandas.DataFrame
        By place, most counties first, then the first of the weights, then the code:
        ``place_adcode``; ``lacking_share`` of the lists in which it has no node yet;
        ``counties, counties_low, counties_high``; the same three columns of each weight;
        ``worse_counties``, expected.

    Raises
    ------
    KeyError
        If a candidate is not a place of the lists, or a county has no weights.
    """
    before = _served(lists)
    values = weights.loc[list(lists.adcodes)].fillna(0).to_numpy(dtype=np.float64)
    columns = np.column_stack([np.ones(len(values)), values])
    lacking = 1.0 - lists.has_node.mean(axis=0)
    chosen = [p for p, share in zip(lists.places, lacking, strict=True) if share > 0]
    rows = []
    wanted = tuple(chosen if candidates is None else candidates)
    numbers = [_number_of(lists, place) for place in wanted]
    gained, worse = _sums(before, lists, numbers, columns)
    for place, number, sums, lost in zip(wanted, numbers, gained, worse, strict=True):
        low, high = np.quantile(sums, RANGE, axis=0, method="inverted_cdf")
        row = {"place_adcode": place, "lacking_share": lacking[number]}
        for name, mean, least, most in zip(
            ("counties", *weights.columns), sums.mean(axis=0), low, high, strict=True
        ):
            row |= {str(name): mean, f"{name}_low": least, f"{name}_high": most}
        rows.append(row | {"worse_counties": lost})
    names = [f"{n}{end}" for n in ("counties", *weights.columns) for end in ("", "_low", "_high")]
    table = pd.DataFrame(rows, columns=["place_adcode", "lacking_share", *names, "worse_counties"])
    order = ["counties", *(str(name) for name in weights.columns[:1]), "place_adcode"]
    ascending = [False] * (len(order) - 1) + [True]
    return table.sort_values(order, ascending=ascending, ignore_index=True)


def _number_of(lists: DrawnLists, place: str) -> int:
    if place not in lists.places:
        raise KeyError(place)
    return lists.places.index(place)


def _sums(
    before: _Served, lists: DrawnLists, numbers: Sequence[int], columns: Floats
) -> tuple[Floats, Floats]:
    """Return what each place gains in each list, (P, L, columns), and how many are worse off, (P,).

    One more node helps a county that is out of reach and within its standard, if it is the
    county's own or the county has none of its own. It harms a county whose first own node it is,
    beyond the standard, where a neighbour's served it.
    """
    within, own = _within(lists)[:, numbers], _own(lists)[:, numbers]
    is_gap = before.is_gap.astype(np.float64)
    alone = is_gap * ~before.has_own
    gained = np.empty((len(numbers), len(is_gap), columns.shape[1]))
    for column in range(columns.shape[1]):
        value = columns[:, [column]]
        by_own = is_gap @ ((within & own) * value)
        gained[:, :, column] = (by_own + alone @ ((within & ~own) * value)).T
    exposed = ~before.is_gap & ~before.has_own & ~before.higher_within
    worse = exposed.mean(axis=0) @ (own & ~within)
    return gained, worse


def standard_curve(lists: DrawnLists, weights: pd.DataFrame, kilometres: Floats) -> pd.DataFrame:
    """Return how many counties are out of reach at each standard, expected over the lists.

    Parameters
    ----------
    lists
        The possible lists; their own standard plays no part.
    weights
        What is summed over the counties that are out of reach, indexed by county.
    kilometres
        Standards.

    Returns
    -------
    pandas.DataFrame
        ``standard_km, counties`` and a column for each weight; none rises as the standard does.
    """
    values = weights.loc[list(lists.adcodes)].fillna(0).to_numpy(dtype=np.float64)
    columns = np.column_stack([np.ones(len(values)), values])
    serving = np.minimum(serving_km(lists), np.atleast_2d(lists.higher_km))
    sums = [(serving > float(km)).mean(axis=0) @ columns for km in kilometres]
    table = pd.DataFrame(sums, columns=["counties", *weights.columns])
    table.insert(0, "standard_km", np.asarray(kilometres, dtype=np.float64))
    return table


CURVE_KM = tuple(range(40, 310, 10))
"""The standards at which a curve is told."""


@dataclass(frozen=True, slots=True, eq=False)
class NextNode:
    """What one more node would bring, ready to be shown.

    Parameters
    ----------
    gains
        Table ``next_node_gains``: every place that may take one more, most counties first.
    counties
        Table ``next_node_counties`` of the chosen place: whoever gains or loses in some list, by
        residents; None where no place is chosen.
    curve
        Table ``standard_curve``.
    """

    gains: pd.DataFrame
    counties: pd.DataFrame | None
    curve: pd.DataFrame


def next_node(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> NextNode | None:
    """Return what one more node of a kind would bring in each place.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its kind and place of the next node, draws, seed and language; its prefecture lists the
        places of that prefecture alone.

    Returns
    -------
    NextNode or None
        None where no kind is asked for, or a list has no published total to be drawn from.

    Raises
    ------
    QueryError
        If the lists cannot be drawn.
    """
    kind = query.next_kind.value
    wanted = (kind,) if kind == _SUB else (kind, _SUB)
    if kind not in TIERS or not all(facts.by_kind[one].has_lists for one in wanted):
        return None
    lists = drawn_lists(places, dataset, facts, kind, draws=query.draws, seed=query.seed)
    names = place_names(places.divisions, query.language)
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    weights = gain_weights(places, facts)
    gains = next_node_gains(lists, weights)
    gains = gains.assign(
        order=np.arange(1, len(gains) + 1),
        site_name=gains["place_adcode"].map(names),
        lacking_percent=(gains["lacking_share"] * 100).round(1),
    )
    of_counties = gains["place_adcode"] if kind == _SUB else gains["place_adcode"].map(parents)
    if query.prefecture_adcode is not None:
        gains = gains[of_counties == query.prefecture_adcode]
    gains = gains.assign(prefecture_name=of_counties.map(names))
    if facts.activity is None:
        # No register is no contract value of 0.
        gains.loc[:, gains.columns.str.startswith("value_")] = np.nan
    people = weights[["residents"]]
    chosen = None
    if query.next_place in lists.places:
        chosen = _chosen_counties(lists, str(query.next_place), people, names, parents)
    curve = standard_curve(lists, people, np.array(CURVE_KM, dtype=np.float64))
    return NextNode(
        assembled(NEXT_NODE_GAINS, gains.round(2).rename(columns=_gain_name)),
        chosen,
        assembled(
            STANDARD_CURVE,
            curve.round(2).rename(columns=lambda n: n if n == "standard_km" else f"beyond_{n}"),
        ),
    )


_SUB = TIERS[0]
_SUMMED = ("counties", "residents", "value_10k_yuan")


def _gain_name(name: str) -> str:
    """Return how a sum of the gains is called in the declared table."""
    if name == "place_adcode":
        return "site_adcode"
    return f"gained_{name}" if name.startswith(_SUMMED) else name


def gain_weights(places: Places, facts: GapFacts) -> pd.DataFrame:
    """Return what a county that comes within the standard counts, indexed by county.

    Returns
    -------
    pandas.DataFrame
        ``residents, value_10k_yuan``: the contracts that it absorbs, missing without a register.
    """
    codes = facts.counties["adcode"]
    people = places.county_indicators.set_index("adcode")["pop_2020"].reindex(codes)
    value = pd.Series(np.nan, index=people.index)
    if facts.activity is not None:
        fen = facts.activity.set_index("adcode")["absorption_contract_value_fen"].reindex(codes)
        value = fen.astype("Float64") / FEN_PER_10K_YUAN
    return pd.DataFrame({"residents": people, "value_10k_yuan": value}).astype("float64")


def _chosen_counties(
    lists: DrawnLists,
    place: str,
    people: pd.DataFrame,
    names: Mapping[str, str],
    parents: "pd.Series[str]",
) -> pd.DataFrame:
    shares = relieved_shares(lists, place)
    shares = shares[(shares > 0).any(axis=1)].join(people, validate="1:1")
    shares = shares.sort_values("residents", ascending=False, kind="stable")
    codes = list(shares.index)
    return assembled(
        NEXT_NODE_COUNTIES,
        {
            "adcode": codes,
            "county_name": [names[code] for code in codes],
            "prefecture_name": [names[str(parents[code])] for code in codes],
            "residents": shares["residents"].array,
            "relieved_percent": (shares["relieved_share"] * 100).round(1).array,
            "worse_percent": (shares["worse_share"] * 100).round(1).array,
        },
    )


def drawn_lists(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    kind: str,
    *,
    draws: int,
    seed: int,
    band: str = "low_km",
) -> DrawnLists:
    """Return the lists of a kind of node as the counties see them; a complete list once.

    Parameters
    ----------
    places, dataset, facts
        As in :func:`next_node`.
    kind
        One of the tiers.
    draws, seed
        Number of drawn lists and their seed.
    band
        What stands for the distance: ``low_km``, by which a gap is certain, the estimate ``km``
        or ``high_km``.

    Raises
    ------
    QueryError
        If the lists cannot be drawn.
    """
    wanted = {one: facts.by_kind[one] for one in ((kind,) if kind == _SUB else (kind, _SUB))}
    drawn = joint_draws(wanted, count=draws, seed=seed, nested=facts.nested)
    if all(facts.by_kind[one].missing_count == 0 for one in wanted):
        drawn = {one: rows[:1] for one, rows in drawn.items()}
    if not facts.query.higher_tier_serves:
        return _lists_of(places, dataset, facts, kind, drawn[kind], band=band)
    rows = facts.served[facts.served["kind"] == _MARKET].set_index("adcode")
    market = rows[band].reindex(facts.counties["adcode"]).fillna(np.inf).to_numpy("float64")
    lists = _lists_of(places, dataset, facts, kind, drawn[kind], band=band)
    lists = replace(lists, higher_km=market)
    if kind == _SUB:
        return lists
    higher = _lists_of(places, dataset, facts, _SUB, drawn[_SUB], band=band)
    return replace(lists, higher_km=np.minimum(serving_km(higher), market))


_MARKET = NodeKind.PROVINCIAL_MARKET.value


def _lists_of(
    places: Places, dataset: Dataset, facts: GapFacts, kind: str, drawn: Flags, *, band: str
) -> DrawnLists:
    service, codes = facts.reaches[kind].service, facts.by_kind[kind].adcodes
    low = place_bands(places, dataset, facts.cost, kind, adcodes=codes)[band].copy()
    # A node being built serves nobody yet; another one would stand at the seat of the place.
    idle = np.isinf(low).all(axis=0)
    seat = seats_of(places)
    at = [facts.cost.facility_ids.index(seat[code]) for code in np.array(codes)[idle]]
    low[:, idle] = getattr(facts.cost, band)[:, at]
    is_own = None
    if service.rule is ServiceRule.OWN_PREFECTURE:
        is_own = own_places(facts.counties, codes)
    return DrawnLists(
        adcodes=tuple(facts.counties["adcode"]), places=tuple(codes), has_node=drawn & ~idle,
        low_km=low, standard_km=float(service.standard_km or 0.0),
        higher_km=np.full(len(low), np.inf), is_own=is_own,
    )  # fmt: skip


def serving_km(lists: DrawnLists) -> Floats:
    """Return how far the node that serves each county is in each list, no higher tier: (L, n)."""
    own = _own(lists)
    shape = (len(lists.has_node), len(lists.adcodes))
    own_km, any_km = np.full(shape, np.inf), np.full(shape, np.inf)
    has_own = np.zeros(shape, dtype=np.bool_)
    for place in range(len(lists.places)):
        has = lists.has_node[:, place]
        any_km[has] = np.minimum(any_km[has], lists.low_km[:, place])
        if own[:, place].any():
            has_own |= has[:, None] & own[:, place]
            own_km[has] = np.minimum(
                own_km[has], np.where(own[:, place], lists.low_km[:, place], np.inf)
            )
    return np.where(has_own, own_km, any_km)


# --- one node less: who loses whom ----------------------------------------------------------------


_KM_DIGITS = 1


def loss_table(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> pd.DataFrame:
    """Return every county that the closure of a named node would make worse off.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its language and prefecture.

    Returns
    -------
    pandas.DataFrame
        Declared table ``gap_losses``: the nodes that most would miss first, new gaps first.
    """
    language = query.language
    losses = _inside(places, facts, query)
    names = place_names(places.divisions, language)
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    many = losses["node_id"].map(losses["node_id"].value_counts())
    ordered = losses.assign(many=many, old=~losses["is_new_gap"]).sort_values(
        ["many", "node_id", "old", "adcode"], ascending=[False, True, True, True]
    )
    kilometres = {name: ordered[name].round(_KM_DIGITS) for name in ("km", "km_after")}
    named = ordered.assign(
        kind_name=ordered["kind"].map(kind_names(dataset.node_kinds, language)),
        node_label=ordered["node_id"].map(node_labels(dataset, places.divisions, language)),
        county_name=ordered["adcode"].map(names),
        prefecture_name=ordered["adcode"].map(parents).map(names),
        verdict_now=code_words("term.verdict", ordered["reach_verdict"], language),
        verdict_then=code_words("term.verdict", ordered["verdict_after"], language),
        **kilometres,
    )
    return conform(GAP_LOSSES, named)


def loss_bundle(places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery) -> Bundle:
    """Return the losses with what a file about them must say."""
    language = query.language
    area = place_names(places.divisions, language)[query.area_adcode]
    kinds = kind_names(dataset.node_kinds, language, short=True)
    km = text(f"unit.{query.unit.value}", language)
    standards = (f"{kinds[s.kind]} {s.standard_km:g} {km}" for s in query.services)
    method = text(f"term.distance_method.{query.method.value}", language)
    rows, declaration = in_unit(
        loss_table(places, dataset, facts, query=query), GAP_LOSSES, query.unit
    )
    return Bundle(
        table=rows,
        declaration=declaration,
        title=text("gap.losses_title", language, area=area),
        language=language,
        filters=(
            (text("filter.prefecture", language), area),
            (text("gap.filter.standards", language),
             text("node_list.separator", language).join(standards)),
            (text("gap.filter.method", language), method),
        ),
        method_notes=(text("gap.losses_note", language),),
        sources=(text("source.network", language),),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=loss_stem(dataset, query),
    )  # fmt: skip


def loss_stem(dataset: Dataset, query: GapQuery) -> str:
    """Return the name of the files without their ending."""
    return f"closure_losses_{dataset.name}_{query.area_adcode}"


def _inside(places: Places, facts: GapFacts, query: GapQuery) -> pd.DataFrame:
    losses = facts.losses
    if query.prefecture_adcode is None:
        return losses
    divisions = places.divisions
    is_inside = divisions["parent_adcode"] == query.prefecture_adcode
    return losses[losses["adcode"].isin(divisions.loc[is_inside, "adcode"])]
