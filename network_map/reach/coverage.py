"""Reach: which node serves a county, how far, how surely, and who would lose it by a closure.

What is here holds within one list of nodes, as if it were all there is. What unnamed nodes would
change is asked by going through completions of the list. A node counts when it is built or its
status is unknown (the count of those stands beside the result); one being built counts on request;
a withdrawn one never.

The nearest of a set of facilities and the next one, and what is left when each one closes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.crs import FloatArray
from network_map.reach.cost import (
    COVERED,
    GAP,
    NO_METHOD,
    UNCERTAIN,
    VERDICTS,
    BoolArray,
    CostMatrix,
    admitted,
    method_names,
    verdict_codes,
)
from network_map.reach.standards import (
    DEFAULT_SERVICES,
    HIGHER_TIERS,
    Service,
    checked_standard,
)
from network_map.reach.tables import CLOSURE_LOSSES, REACH
from network_map.tables.check import conform
from network_map.terms import NodeStatus, ServiceRule

NO_PLACE = -1
"""Column of a facility that is not there."""


@dataclass(frozen=True, eq=False)
class Best:
    """The least and the second least value of each row.

    Parameters
    ----------
    place, second_place
        Their columns, shape (n,); `NO_PLACE` where there is none.
    first, second
        The values, shape (n,); infinite where there is none.
    """

    place: NDArray[np.intp]
    first: FloatArray
    second_place: NDArray[np.intp]
    second: FloatArray

    def without(self, m: int) -> FloatArray:
        """Return the least value of each row when each of m columns is taken away, (n, m)."""
        is_best = np.arange(m)[None, :] == self.place[:, None]
        return np.where(is_best, self.second[:, None], self.first[:, None])


def best_of(values: FloatArray, eligible: BoolArray) -> Best:
    """Return the least and second least of the eligible values of each row.

    Parameters
    ----------
    values
        Shape (n, m); a missing value is as good as none. Of equals, the first column wins.
    eligible
        Shape (n, m).
    """
    n, m = values.shape
    none = np.full(n, NO_PLACE, dtype="intp")
    if m == 0:
        return Best(none, np.full(n, np.inf), none, np.full(n, np.inf))
    rows = np.arange(n)
    left = np.where(eligible & np.isfinite(values), values, np.inf)
    place = left.argmin(axis=1)
    first = left[rows, place]
    left[rows, place] = np.inf
    second_place = left.argmin(axis=1)
    second = left[rows, second_place]
    return Best(
        np.where(np.isfinite(first), place, NO_PLACE),
        first,
        np.where(np.isfinite(second), second_place, NO_PLACE),
        second,
    )


@dataclass(frozen=True, eq=False)
class NearestOf:
    """The nearest eligible facility of each demand point, with the band of its distance.

    Parameters
    ----------
    km, low, high
        Best estimate and best ends of the band, each over all eligible facilities: the distance
        to the nearest lies between the last two, whichever facility that is.
    is_unplaced
        Eligible facilities at an unknown distance, shape (n, m).
    """

    km: Best
    low: Best
    high: Best
    is_unplaced: BoolArray

    @property
    def unplaced_count(self) -> NDArray[np.int64]:
        """Number of eligible facilities at an unknown distance, shape (n,)."""
        return np.asarray(self.is_unplaced.sum(axis=1), dtype="int64")

    @property
    def reach(self) -> "_Ends":
        """Where the band of the distance ends, shape (n,)."""
        return _Ends(self.km.first, self.low.first, self.high.first, self.unplaced_count)

    @property
    def reach_without(self) -> "_Ends":
        """The same when each facility closes, shape (n, m)."""
        m = self.is_unplaced.shape[1]
        left = self.unplaced_count[:, None] - self.is_unplaced
        return _Ends(self.km.without(m), self.low.without(m), self.high.without(m), left)


@dataclass(frozen=True, eq=False)
class _Ends:
    """Estimate and ends of the band of a distance, and the facilities that could be anywhere."""

    km: FloatArray
    low: FloatArray
    high: FloatArray
    unplaced: NDArray[np.int64]

    def codes(self, standard_km: float) -> NDArray[np.int8]:
        """Return the verdicts; unknown distances forbid a gap."""
        return _softened(verdict_codes(self.low, self.high, standard_km), self.unplaced)

    def where(self, condition: BoolArray, other: "_Ends") -> "_Ends":
        """Return these where a condition holds, the others elsewhere."""
        return _Ends(*(
            np.where(condition, getattr(self, name), getattr(other, name))
            for name in ("km", "low", "high", "unplaced")
        ))  # fmt: skip

    def or_nearer(self, others: Iterable["_Ends"]) -> "_Ends":
        """Return the ends where others serve too, theirs of shape (n,)."""
        found = self
        shape = (-1, *(1 for _ in self.km.shape[1:]))
        for other in others:
            found = _Ends(
                np.minimum(found.km, other.km.reshape(shape)),
                np.minimum(found.low, other.low.reshape(shape)),
                np.minimum(found.high, other.high.reshape(shape)),
                found.unplaced + other.unplaced.reshape(shape),
            )
        return found


def nearest_of(cost: CostMatrix, eligible: BoolArray) -> NearestOf:
    """Return the nearest eligible facilities of a matrix.

    Parameters
    ----------
    cost
        n demand points by m facilities.
    eligible
        Which facility may serve which point, shape (n, m).
    """
    return NearestOf(
        km=best_of(cost.km, eligible),
        low=best_of(cost.low_km, eligible),
        high=best_of(cost.high_km, eligible),
        is_unplaced=eligible & np.isnan(cost.km),
    )


def own_facilities(
    counties: pd.DataFrame, facilities: pd.DataFrame, *, area: str = "prefecture_adcode"
) -> BoolArray:
    """Return whether each facility lies in each county's own area, shape (n, m).

    Parameters
    ----------
    counties, facilities
        n and m rows, with the column ``area``.
    area
        ``prefecture_adcode`` or ``adcode``.
    """
    here, there = (table[area].to_numpy("object") for table in (counties, facilities))
    return np.asarray(here[:, None] == there[None, :], dtype="bool")


def own_places(counties: pd.DataFrame, adcodes: Sequence[str]) -> BoolArray:
    """Return whether each place lies in each county's own prefecture, shape (n, m).

    Parameters
    ----------
    counties
        ``adcode, prefecture_adcode``.
    adcodes
        The places; one that is none of the counties is a prefecture.
    """
    prefecture_of = dict(zip(counties["adcode"], counties["prefecture_adcode"], strict=True))
    areas = [prefecture_of.get(code, code) for code in adcodes]
    return own_facilities(counties, pd.DataFrame({"prefecture_adcode": areas}))


def _softened(codes: NDArray[np.int8], unplaced: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the codes with every gap uncertain where a facility could be anywhere."""
    return np.where((codes == GAP) & (unplaced > 0), UNCERTAIN, codes).astype("int8")


def counted_facilities(
    nodes: pd.DataFrame, kind: str, *, include_planned: bool = False
) -> pd.DataFrame:
    """Return the nodes of a kind that serve: built, of unknown status, and planned on request.

    Parameters
    ----------
    nodes
        Table ``nodes``.
    kind
        The kind of node.
    include_planned
        Whether nodes being built count already.

    Returns
    -------
    pandas.DataFrame
        Rows of ``nodes`` in the order of their ids; withdrawn nodes never.
    """
    counted = [NodeStatus.BUILT, NodeStatus.UNKNOWN]
    if include_planned:
        counted.append(NodeStatus.PLANNED)
    chosen = nodes[(nodes["kind"] == kind) & nodes["status"].isin(counted)]
    return chosen.sort_values("node_id").reset_index(drop=True)


def reach(
    cost: CostMatrix,
    counties: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    services: Sequence[Service] = DEFAULT_SERVICES,
    include_planned: bool = False,
    higher_tier_serves: bool = False,
) -> pd.DataFrame:
    """Return how each county is served by each kind of node.

    Parameters
    ----------
    cost
        Counties by nodes, ids ``adcode`` and ``node_id``. Further ids do no harm; a node without
        coordinates may be missing from it.
    counties
        ``adcode, prefecture_adcode``, n rows, all of them in ``cost``.
    nodes
        Table ``nodes``.
    services
        Kinds with rule and standard.
    include_planned
        Whether nodes being built count already.
    higher_tier_serves
        Whether nodes of :data:`~network_map.reach.standards.HIGHER_TIERS` among the services
        count for the kind too, each by the rule of its own kind.

    Returns
    -------
    pandas.DataFrame
        Declared table ``reach``, by kind in the order of ``services``, then as ``counties``.
        ``low_km`` and ``high_km`` are the band of the distance to the nearest eligible node,
        whichever that is. Raising a standard never adds a gap. Adding a node never does by the
        rules ``nearest`` and ``own_county``, nor by ``own_prefecture`` where the prefecture has a
        node already; a prefecture's first node takes its counties from nearer neighbours.

    Raises
    ------
    QueryError
        If a standard is negative, not a number or infinite.
    KeyError
        If a county is not in ``cost``.
    """
    found = _situations(cost, counties, nodes, services, include_planned=include_planned)
    tables = [_reach_table(tiers) for tiers in _tiers(found, is_joined=higher_tier_serves)]
    return conform(REACH, pd.concat(tables, ignore_index=True))


def closure_losses(
    cost: CostMatrix,
    counties: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    services: Sequence[Service] = DEFAULT_SERVICES,
    include_planned: bool = False,
    higher_tier_serves: bool = False,
) -> pd.DataFrame:
    """Return the counties whose verdict would be worse if a node closed, for each node.

    Parameters
    ----------
    cost, counties, nodes, services, include_planned, higher_tier_serves
        As in :func:`reach`.

    Returns
    -------
    pandas.DataFrame
        Declared table ``closure_losses``, by kind that is reached, node and county; a node that
        nobody would miss has no row.

    Raises
    ------
    QueryError, KeyError
        As in :func:`reach`.
    """
    found = _situations(cost, counties, nodes, services, include_planned=include_planned)
    tables = [_loss_table(tiers) for tiers in _tiers(found, is_joined=higher_tier_serves)]
    return conform(CLOSURE_LOSSES, pd.concat(tables, ignore_index=True))


@dataclass(frozen=True, eq=False)
class _Situation:
    """One service in one list of nodes.

    ``cost`` holds the counted facilities, unplaced ones too; ``is_own`` says which lie in a
    county's own prefecture (or in the county itself, by that rule). The nearest is taken over all
    facilities, over the own ones, and over those that the rule admits.
    """

    service: Service
    counties: pd.DataFrame
    facilities: pd.DataFrame
    cost: CostMatrix
    is_own: BoolArray
    over_all: NearestOf
    over_own: NearestOf
    by_rule: NearestOf

    @property
    def standard_km(self) -> float:
        """The standard; infinite where presence is what counts."""
        return float("inf") if self.service.standard_km is None else self.service.standard_km

    @property
    def has_own(self) -> BoolArray:
        """Whether a county has a facility of its own, shape (n,)."""
        return np.asarray(self.is_own.any(axis=1), dtype="bool")

    @property
    def place(self) -> NDArray[np.intp]:
        """Column of the facility that serves each county, shape (n,)."""
        if self.service.rule is ServiceRule.OWN_COUNTY:
            return np.where(self.has_own, self.over_own.km.place, self.by_rule.km.place)
        return self.by_rule.km.place

    @property
    def rules(self) -> NDArray[np.object_]:
        """Names of the rules that were used, shape (n,)."""
        rules = np.full(len(self.counties), self.service.rule.value, dtype="object")
        if self.service.rule is ServiceRule.OWN_PREFECTURE:
            rules[~self.has_own] = ServiceRule.NEAREST.value
        return rules

    @property
    def loses_own(self) -> BoolArray:
        """Whether a county's only own facility is the one that closes, shape (n, m)."""
        is_single = np.asarray(self.is_own.sum(axis=1) == 1, dtype="bool")
        return np.asarray(self.is_own & is_single[:, None], dtype="bool")

    @property
    def reach_without(self) -> _Ends:
        """The ends by the rule when each facility closes, shape (n, m)."""
        left = self.by_rule.reach_without
        if self.service.rule is not ServiceRule.OWN_PREFECTURE:
            return left
        return self.over_all.reach_without.where(self.loses_own, left)


@dataclass(frozen=True, eq=False)
class _Tiers:
    """A service, and those of higher tiers that serve in its place, each by its own rule.

    ``place`` is among the facilities of all tiers, one after the other.
    """

    own: _Situation
    higher: tuple[_Situation, ...] = ()

    @property
    def all(self) -> tuple[_Situation, ...]:
        return (self.own, *self.higher)

    @property
    def facilities(self) -> pd.DataFrame:
        return pd.concat([tier.facilities for tier in self.all], ignore_index=True)

    @property
    def reach(self) -> _Ends:
        return self.own.by_rule.reach.or_nearer(tier.by_rule.reach for tier in self.higher)

    @property
    def codes(self) -> NDArray[np.int8]:
        """Verdicts by the rule, shape (n,)."""
        if self.own.service.rule is ServiceRule.OWN_COUNTY:
            return np.where(self.own.has_own, COVERED, GAP).astype("int8")
        return self.reach.codes(self.own.standard_km)

    @property
    def place(self) -> NDArray[np.intp]:
        """Column of the facility that serves each county, shape (n,)."""
        serving = np.stack([tier.by_rule.km.first for tier in self.all]).argmin(axis=0)
        sizes = [len(tier.facilities) for tier in self.all]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        columns = np.stack([tier.place for tier in self.all])
        found = columns[serving, np.arange(len(serving))]
        return np.where(found == NO_PLACE, NO_PLACE, found + starts[serving])

    def without(self, closing: _Situation) -> _Ends:
        """Return the ends when each facility of a tier closes, shape (n, m)."""
        rest = [tier.by_rule.reach for tier in self.all if tier is not closing]
        return closing.reach_without.or_nearer(rest)

    def codes_without(self, closing: _Situation) -> NDArray[np.int8]:
        """Return the verdicts when each facility of a tier closes, shape (n, m)."""
        if self.own.service.rule is ServiceRule.OWN_COUNTY:
            has_left = self.own.has_own[:, None] & ~self.own.loses_own
            return np.where(has_left, COVERED, GAP).astype("int8")
        return self.without(closing).codes(self.own.standard_km)

    def second(self) -> Best:
        """Return the nearest facility other than the one that serves."""
        km = np.concatenate([tier.cost.km for tier in self.all], axis=1)
        return best_of(km, np.arange(km.shape[1])[None, :] != self.place[:, None])


def _tiers(found: list[_Situation], *, is_joined: bool) -> Iterator[_Tiers]:
    by_kind = {situation.service.kind: situation for situation in found}
    for situation in found:
        kinds = HIGHER_TIERS.get(situation.service.kind, ()) if is_joined else ()
        is_presence = situation.service.rule is ServiceRule.OWN_COUNTY
        higher = (by_kind[kind] for kind in kinds if kind in by_kind and not is_presence)
        yield _Tiers(situation, tuple(higher))


def _situations(
    cost: CostMatrix,
    counties: pd.DataFrame,
    nodes: pd.DataFrame,
    services: Iterable[Service],
    *,
    include_planned: bool,
) -> list[_Situation]:
    found = []
    for service in services:
        if service.standard_km is not None:
            checked_standard(service.kind, service.standard_km)
        facilities = counted_facilities(nodes, service.kind, include_planned=include_planned)
        found.append(_situation(cost, counties, facilities, service))
    return found


def _situation(
    cost: CostMatrix, counties: pd.DataFrame, facilities: pd.DataFrame, service: Service
) -> _Situation:
    chosen = cost.covering(facilities["node_id"], demand_ids=counties["adcode"])
    area = "adcode" if service.rule is ServiceRule.OWN_COUNTY else "prefecture_adcode"
    is_own = own_facilities(counties, facilities, area=area)
    admits = np.ones_like(is_own)
    if service.rule is ServiceRule.OWN_PREFECTURE:
        admits = admitted(is_own)
    return _Situation(
        service=service,
        counties=counties,
        facilities=facilities,
        cost=chosen,
        is_own=is_own,
        over_all=nearest_of(chosen, np.ones_like(is_own)),
        over_own=nearest_of(chosen, is_own),
        by_rule=nearest_of(chosen, admits),
    )


def _reach_table(tiers: _Tiers) -> pd.DataFrame:
    situation, served, second = tiers.own, tiers.reach, tiers.second()
    anywhere, own = situation.over_all, situation.over_own
    method = np.concatenate([tier.cost.method for tier in tiers.all], axis=1)
    columns: dict[str, object] = {
        **{name: situation.counties[name].array for name in ("adcode", "prefecture_adcode")},
        "kind": situation.service.kind,
        "standard_km": situation.service.standard_km,
        "service_rule": situation.rules,
        "km": _finite(served.km),
        "low_km": _finite(served.low),
        "high_km": _finite(served.high),
        "method": method_names(_taken(method, tiers.place, NO_METHOD)),
        "nearest_km": _finite(anywhere.km.first),
        "second_km": _finite(second.first),
        "own_km": _finite(own.km.first),
        "only_one_within": _loses_cover(tiers),
        "unplaced_count": served.unplaced,
        "unknown_status_count": int((situation.facilities["status"] == NodeStatus.UNKNOWN).sum()),
        **_verdict_columns(tiers),
    }
    everywhere = tiers.facilities
    for prefix, facilities, found in (
        ("", everywhere, tiers.place),
        ("nearest_", situation.facilities, anywhere.km.place),
        ("second_", everywhere, second.place),
        ("own_", situation.facilities, own.km.place),
    ):
        columns |= _name_columns(facilities, found, prefix)
    return pd.DataFrame(columns)


def _verdict_columns(tiers: _Tiers) -> dict[str, pd.Series]:
    situation, codes = tiers.own, tiers.codes
    nearest, own = codes, codes
    if situation.service.rule is not ServiceRule.OWN_COUNTY:
        higher = [tier.by_rule.reach for tier in tiers.higher]
        nearest = situation.over_all.reach.or_nearer(higher).codes(situation.standard_km)
        own = situation.over_own.reach.or_nearer(higher).codes(situation.standard_km)
    words = {
        "reach_verdict": _verdicts(codes),
        "nearest_verdict": _verdicts(nearest),
        "own_verdict": _verdicts(own),
    }
    found = {name: pd.Series(values, dtype="str") for name, values in words.items()}
    return found | {"own_verdict": found["own_verdict"].where(situation.has_own)}


def _loss_table(tiers: _Tiers) -> pd.DataFrame:
    return pd.concat([_losses(tiers, closing) for closing in tiers.all], ignore_index=True)


def _losses(tiers: _Tiers, closing: _Situation) -> pd.DataFrame:
    """Return who would be worse off if a facility of one of the tiers closed."""
    before, after = tiers.codes, tiers.codes_without(closing)
    rows, columns = (after > before[:, None]).T.nonzero()[::-1]
    ids = closing.facilities.iloc[columns]
    return pd.DataFrame(
        {
            "kind": tiers.own.service.kind,
            "node_id": ids["node_id"].to_numpy(),
            "node_name": ids["node_name"].to_numpy(),
            "adcode": tiers.own.counties["adcode"].to_numpy()[rows],
            "reach_verdict": _verdicts(before[rows]),
            "verdict_after": _verdicts(after[rows, columns]),
            "is_new_gap": after[rows, columns] == GAP,
            "km": _finite(tiers.reach.km[rows]),
            "km_after": _finite(tiers.without(closing).km[rows, columns]),
        }
    )


def _loses_cover(tiers: _Tiers) -> BoolArray:
    """Return whether a covered county is no longer surely covered without its serving node."""
    codes = np.concatenate([tiers.codes_without(tier) for tier in tiers.all], axis=1)
    after = _taken(codes, tiers.place, COVERED)
    return np.asarray((tiers.codes == COVERED) & (after != COVERED), dtype="bool")


def _taken(cells: NDArray[np.int8], place: NDArray[np.intp], otherwise: int) -> NDArray[np.int8]:
    """Return the cell of each row at its column, another value where there is no column."""
    if cells.shape[1] == 0:
        return np.full(len(place), otherwise, dtype="int8")
    found = cells[np.arange(len(place)), place]
    return np.where(place == NO_PLACE, otherwise, found).astype("int8")


def _verdicts(codes: NDArray[np.int8]) -> NDArray[np.object_]:
    return np.array([verdict.value for verdict in VERDICTS], dtype="object")[codes]


def _finite(kilometres: FloatArray) -> FloatArray:
    return np.where(np.isfinite(kilometres), kilometres, np.nan)


def _name_columns(
    facilities: pd.DataFrame, places: NDArray[np.intp], prefix: str
) -> dict[str, pd.Series]:
    """Return id and name of the facilities at these places, missing where there is none."""
    none = np.array([None], dtype="object")
    return {
        f"{prefix}{name}": pd.Series(
            np.concatenate([facilities[name].to_numpy("object"), none])[places], dtype="str"
        )
        for name in ("node_id", "node_name")
    }
