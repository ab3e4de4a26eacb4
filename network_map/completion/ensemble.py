"""The ensemble of completions: every list of places that agrees with what is known.

A *completion* of a kind says, for each place, how many nodes of the kind it has. It keeps every
named node, puts none where one is known to be lacking, and comes to the published totals. Two
completions are the same when every place has the same number of nodes. The *ensemble* is the set
of all completions; a *share of lists* is the part of them in which something holds. It is no
probability of the real world.

What is open is told by :class:`CompletionStatus`; without an ensemble the unknown stays unknown.

What is known of one kind of node: place by place, and in numbers by area.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import comb

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats, Ints
from network_map.errors import QueryError
from network_map.i18n import text
from network_map.terms import AdminLevel, NodeKind, NodeStatus, Presence


@dataclass(frozen=True, slots=True, eq=False)
class KindFacts:
    """What is known of one kind, place by place and area by area.

    ``unplaced`` holds named nodes without a place by prefecture (the empty code: unknown);
    ``declared`` the published totals and ``complete`` the completeness by area, the empty code
    being the province.
    """

    roll: pd.DataFrame
    prefectures: pd.Series
    placed: Ints
    unplaced: Mapping[str, int]
    declared: Mapping[str, int]
    complete: frozenset[str]

    @classmethod
    def of(
        cls, kind: str, nodes: pd.DataFrame, roll: pd.DataFrame, reconciled: pd.DataFrame
    ) -> "KindFacts":
        """Return what the tables say of a kind; ``roll`` holds the rows of that kind."""
        live = nodes[(nodes["kind"] == kind) & (nodes["status"] != NodeStatus.WITHDRAWN)]
        prefectures = roll["prefecture_adcode"].fillna("")
        is_placed = live["adcode"].isin(roll["adcode"])
        placed = roll["adcode"].map(live.loc[is_placed, "adcode"].value_counts()).fillna(0)
        lost = live[~is_placed]
        area = lost["adcode"].where(lost["adcode"].isin(prefectures), lost["prefecture_adcode"])
        area = area.where(area.isin(prefectures), "").value_counts()
        rows = reconciled[reconciled["kind"] == kind]
        code = rows["adcode"].mask(rows["level"] == AdminLevel.PROVINCE, "")
        totals = pd.Series(rows["declared_count"].to_numpy(), index=code).dropna()
        complete = code[rows["is_complete"].fillna(value=False).astype("bool")]
        return cls(
            roll=roll,
            prefectures=prefectures,
            placed=np.asarray(placed, dtype=np.int64),
            unplaced={str(name): int(count) for name, count in area.items()},
            declared={str(name): int(count) for name, count in totals.items()},
            complete=frozenset(complete),
        )

    @property
    def unplaced_count(self) -> int:
        """Named nodes without a place."""
        return sum(self.unplaced.values())

    def placed_in(self, prefecture: str) -> int:
        """Return the named nodes known to be in a place of a prefecture."""
        return int(self.placed[(self.prefectures == prefecture).to_numpy()].sum())

    def is_candidate(self, *, one_per_place: bool) -> Flags:
        """Return which places may take a missing node."""
        presence = self.roll["presence"]
        is_open = presence == Presence.UNKNOWN
        if not one_per_place:
            is_open |= (presence == Presence.PRESENT) & self.roll["complete_on"].isna()
        # A complete list that does not say where one of its nodes is leaves its places open.
        can_hold = self.roll["basis_code"] == "complete_list"
        if not one_per_place:
            can_hold |= presence == Presence.PRESENT
        is_open |= can_hold & self.prefectures.isin(self._reopened())
        return is_open.to_numpy(dtype=np.bool_)

    def _reopened(self) -> frozenset[str]:
        """Return the prefectures in which a node of a complete list is not known to be placed."""
        if "" in self.complete and self.unplaced.get("", 0):
            return frozenset(self.prefectures)
        closed = frozenset(self.prefectures) if "" in self.complete else self.complete
        return closed & frozenset(self.unplaced)

    def quotas(self) -> dict[str, int]:
        """Return the missing nodes of each prefecture that is held to a number of its own."""
        numbers: dict[str, int] = {}
        for code in dict.fromkeys(self.prefectures):
            if code and "" not in self.complete and code in self.complete:
                numbers[code] = self.unplaced.get(code, 0)
            elif code and "" not in self.complete and code in self.declared:
                numbers[code] = self.declared[code] - self.placed_in(code)
        return numbers

    def missing_count(self, quotas: Mapping[str, int]) -> int | None:
        """Return the nodes that are not known to be in any place, if a total is known."""
        if "" in self.complete:
            return self.unplaced_count
        if "" in self.declared:
            return self.declared[""] - int(self.placed.sum())
        if set(quotas) == set(self.prefectures):
            return sum(quotas.values())
        return None

    def surplus_count(self, quotas: Mapping[str, int], missing: int | None) -> int:
        """Return the names beyond the totals, of the province or of its prefectures."""
        of_prefectures = sum(
            max(self.unplaced.get(code, 0) - quota, 0) for code, quota in quotas.items()
        )
        of_province = self.unplaced_count - missing if missing is not None else 0
        return max(of_province, of_prefectures, 0)


_EXAMPLES = 3


class CompletionStatus(StrEnum):
    """Whether there is an ensemble of completions, and why not."""

    COMPLETE = "complete"
    """One completion: no name is missing, or the list is declared complete."""
    OPEN = "open"
    """Names are missing, and there are places for them."""
    SURPLUS = "surplus"
    """More names than the published total: no ensemble."""
    UNDECLARED = "undeclared"
    """No total is published: no ensemble."""
    INFEASIBLE = "infeasible"
    """Names are missing, and no list agrees with all that is known: no ensemble."""


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """All completions of one kind.

    Parameters
    ----------
    kind
        Id of the kind.
    status
        Whether there is an ensemble.
    adcodes
        The places that can have a node of the kind, in the order of the roll: shape (places,).
    known_counts
        Named nodes known to be in each place: (places,).
    is_candidate
        Whether a place may take a node that is not known to be in any place. ``one_per_place``:
        a place whose presence is unknown, and it takes at most one. Otherwise also a place that
        has one, and it takes any number. Never a place known to lack one, nor one in an area
        whose list is declared complete, unless a named node of that area is without a place.
    stratum
        Stratum of each place, 0, 1, …: a prefecture that is held to a number of its own, or the
        rest of the province: (places,).
    bounds
        The least and the most of the missing nodes in each stratum, tightened: (strata, 2).
    missing_count
        Nodes that are not known to be in any place: the declared total less those that are. None
        where no total is published.
    declared_count, named_count
        The published total of the province, None where there is none, and the names on the list.
    unplaced_count
        Named nodes without a place of the kind's tier, counted in ``missing_count``.
    surplus_count
        Names beyond the published totals.
    one_per_place
        Whether a place takes at most one of the missing nodes, and only where none is known.
    weights
        Odds of each place to be taken, in the order of ``adcodes``; None: all lists alike.
    """

    kind: str
    status: CompletionStatus
    adcodes: tuple[str, ...]
    known_counts: Ints
    is_candidate: Flags
    stratum: Ints
    bounds: Ints
    missing_count: int | None
    declared_count: int | None
    named_count: int
    unplaced_count: int
    surplus_count: int
    one_per_place: bool
    weights: Floats | None = None

    @property
    def has_lists(self) -> bool:
        """Whether there is an ensemble, be it of one list."""
        return self.status in {CompletionStatus.COMPLETE, CompletionStatus.OPEN}

    @property
    def candidate_count(self) -> int:
        """Number of places that may take a missing node."""
        return int(self.is_candidate.sum())

    def list_count(self) -> int:
        """Return how many completions there are, exactly; 0 without an ensemble."""
        if not self.has_lists or self.missing_count is None:
            return 0
        ways = [1] + [0] * self.missing_count
        for number, (least, most) in enumerate(self.bounds):
            size = int((self.is_candidate & (self.stratum == number)).sum())
            own = {
                taken: _ways(size, taken, one_per_place=self.one_per_place)
                for taken in range(least, most + 1)
            }
            ways = [
                sum(ways[k - taken] * count for taken, count in own.items() if taken <= k)
                for k in range(len(ways))
            ]
        return ways[-1]


@dataclass(frozen=True, slots=True, eq=False)
class NestedEnsemble:
    """All pairs of completions in which every place of the inner kind has the outer kind too.

    Parameters
    ----------
    inner, outer
        The ensembles of demonstration counties and of county centres, over the same places in
        the same order, both with one node per place.
    """

    inner: Ensemble
    outer: Ensemble

    @property
    def has_parts(self) -> bool:
        """Whether both kinds have an ensemble of their own."""
        return self.inner.has_lists and self.outer.has_lists


def ensembles(
    nodes: pd.DataFrame,
    roll: pd.DataFrame,
    reconciled: pd.DataFrame,
    *,
    one_per_place: bool = True,
    weights: Mapping[str, pd.Series] | None = None,
) -> dict[str, Ensemble]:
    """Return the ensemble of completions of each counted kind.

    The published total is that of the province; totals of prefectures, where there are any, hold
    as well, and stand in for a missing provincial one if every prefecture has one.

    Parameters
    ----------
    nodes
        Table ``nodes``.
    roll, reconciled
        What ``presence.place_roll`` and ``presence.reconciliation`` returned for the same nodes.
    one_per_place
        Whether a place takes at most one node that is not known yet.
    weights
        By kind: odds of each candidate, positive, indexed by adcode. Doubling one doubles the
        weight of each list with that place (conditional Poisson). A kind without: all alike.

    Returns
    -------
    dict
        By kind, in the order of the roll.

    Raises
    ------
    QueryError
        If a weight is missing, repeated, or no positive finite number.
    """
    given = weights or {}
    return {
        str(kind): _ensemble(
            KindFacts.of(str(kind), nodes, rows.reset_index(drop=True), reconciled),
            one_per_place=one_per_place,
            weights=given.get(str(kind)),
        )
        for kind, rows in roll.groupby("kind", sort=False)
    }


def nested_ensemble(by_kind: Mapping[str, Ensemble]) -> NestedEnsemble:
    """Return the joint ensemble in which a demonstration county has a centre.

    Parameters
    ----------
    by_kind
        What :func:`ensembles` returned with ``one_per_place``.

    Raises
    ------
    QueryError
        If a place may take several nodes: the switch is defined for one per place.
    """
    inner = by_kind[NodeKind.DEMONSTRATION_COUNTY]
    outer = by_kind[NodeKind.COUNTY_CENTRE]
    if not (inner.one_per_place and outer.one_per_place):
        raise QueryError("completion_nested_several")
    if inner.adcodes != outer.adcodes:
        msg = "both kinds must have the same places in the same order"
        raise ValueError(msg)
    return NestedEnsemble(inner, outer)


def location_ensemble(nodes: pd.DataFrame, divisions: pd.DataFrame, *, kind: str) -> Ensemble:
    """Return the ensemble of counties that the named nodes of a kind without a point may lie in.

    A node with a code of a county lies there; one with a code of a prefecture in a county of it;
    any other in a county of the province. Several may lie in one county. Nodes with coordinates
    are left out: where they are is known.

    Parameters
    ----------
    nodes, divisions
        The declared tables of those names.
    kind
        Id of the kind, of whatever tier.
    """
    counties = divisions[divisions["level"] == AdminLevel.COUNTY].reset_index(drop=True)
    is_open = nodes["lon"].isna() | nodes["lat"].isna()
    live = nodes[(nodes["kind"] == kind) & (nodes["status"] != NodeStatus.WITHDRAWN) & is_open]
    roll = pd.DataFrame(
        {
            "kind": kind,
            "adcode": counties["adcode"],
            "prefecture_adcode": counties["parent_adcode"],
            "presence": Presence.UNKNOWN.value,
            "basis_code": "not_published",
            "complete_on": pd.Series(pd.NA, index=counties.index, dtype="str"),
        }
    )
    province = divisions.loc[divisions["level"] == AdminLevel.PROVINCE, "adcode"].iloc[0]
    counts = pd.DataFrame(
        {
            "kind": [kind],
            "adcode": [province],
            "level": [AdminLevel.PROVINCE.value],
            "declared_count": pd.array([len(live)], dtype="Int64"),
            "is_complete": pd.array([False], dtype="boolean"),
        }
    )
    return _ensemble(KindFacts.of(kind, live, roll, counts), one_per_place=False, weights=None)


def _ensemble(facts: KindFacts, *, one_per_place: bool, weights: pd.Series | None) -> Ensemble:
    quotas = facts.quotas()
    missing = facts.missing_count(quotas)
    surplus = facts.surplus_count(quotas, missing)
    is_candidate = facts.is_candidate(one_per_place=one_per_place)
    if missing is not None:
        missing = max(missing, 0)
    stratum, bounds = _strata(
        facts, quotas, is_candidate, limit=None if one_per_place else missing or 0
    )
    tight = _tightened(bounds, missing or 0)
    if surplus:
        status = CompletionStatus.SURPLUS
    elif missing is None:
        status = CompletionStatus.UNDECLARED
    elif tight is None:
        status = CompletionStatus.INFEASIBLE
    else:
        status = CompletionStatus.OPEN if missing else CompletionStatus.COMPLETE
    adcodes = tuple(facts.roll["adcode"])
    kind = str(facts.roll["kind"].iloc[0])
    return Ensemble(
        kind=kind,
        status=status,
        adcodes=adcodes,
        known_counts=facts.placed,
        is_candidate=is_candidate,
        stratum=stratum,
        bounds=bounds if tight is None else tight,
        missing_count=missing,
        declared_count=facts.declared.get(""),
        named_count=int(facts.placed.sum()) + facts.unplaced_count,
        unplaced_count=facts.unplaced_count,
        surplus_count=surplus,
        one_per_place=one_per_place,
        weights=None if weights is None else _checked(kind, weights, adcodes, is_candidate),
    )


def _strata(
    facts: KindFacts, quotas: Mapping[str, int], is_candidate: Flags, *, limit: int | None
) -> tuple[Ints, Ints]:
    """Return the stratum of each place, and the least and the most missing nodes of each.

    ``limit`` is what a single place may take; None: one.
    """
    # In the order of the codes: random numbers belong to the strata by their numbers.
    codes = sorted({code for code in facts.prefectures if code})
    held = [code for code in codes if code in quotas or facts.unplaced.get(code, 0)]
    names = ["", *held]
    numbers = {code: number for number, code in enumerate(names)}
    stratum = facts.prefectures.map(lambda code: numbers.get(code, 0)).to_numpy(dtype=np.int64)
    bounds = np.zeros((len(names), 2), dtype=np.int64)
    for number, code in enumerate(names):
        inside = is_candidate & (stratum == number)
        capacity = int(inside.sum()) if limit is None else limit * int(inside.any())
        least = quotas.get(code, facts.unplaced.get(code, 0)) if code else 0
        most = quotas.get(code, capacity) if code else capacity
        # A quota beyond the capacity is kept as the least: no list can meet it.
        bounds[number] = least, min(most, capacity)
    return stratum, bounds


def _tightened(bounds: Ints, total: int) -> Ints | None:
    """Return the bounds that lists with the total keep within; None if there is no such list."""
    least, most = bounds[:, 0], bounds[:, 1]
    if (least > most).any() or not least.sum() <= total <= most.sum():
        return None
    low = np.maximum(least, total - (most.sum() - most))
    high = np.minimum(most, total - (least.sum() - least))
    return np.stack([low, high], axis=1)


def _checked(
    kind: str, weights: pd.Series, adcodes: tuple[str, ...], is_candidate: Flags
) -> Floats:
    """Return the weights in the order of the places, 1 where a place is no candidate."""
    if not weights.index.is_unique:
        repeated = weights.index[weights.index.duplicated()]
        raise QueryError("completion_weights", kind=kind, found=_examples(repeated.astype("str")))
    numbers = pd.to_numeric(weights, errors="coerce").reindex(list(adcodes))
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    is_bad = is_candidate & ~(np.isfinite(values) & (values > 0))
    if is_bad.any():
        found = weights.reindex(list(adcodes))[is_bad]
        pairs = [f"{code} = {value}" for code, value in found.items()]
        raise QueryError("completion_weights", kind=kind, found=_examples(pd.Index(pairs)))
    return np.where(is_candidate, values, 1.0)


def _examples(texts: pd.Index) -> str:
    return "、".join(texts[:_EXAMPLES])


def _ways(size: int, taken: int, *, one_per_place: bool) -> int:
    if one_per_place:
        return comb(size, taken)
    return comb(size + taken - 1, taken) if size else int(taken == 0)


def completion_sentence(ensemble: Ensemble, kind_name: str, language: str) -> str:
    """Return what is known of the list of a kind, and what follows for the possible lists.

    Parameters
    ----------
    ensemble
        The completions of the kind.
    kind_name
        Name of the kind in the language.
    language
        ``zh`` or ``en``.
    """
    values: Mapping[str, object] = {
        "kind": kind_name,
        "declared": ensemble.declared_count,
        "named": ensemble.named_count,
        "missing": ensemble.missing_count,
        "unnamed": (ensemble.missing_count or 0) - ensemble.unplaced_count,
        "unplaced": ensemble.unplaced_count,
        "surplus": ensemble.surplus_count,
        "candidates": ensemble.candidate_count,
    }
    sentence = text(f"completion.state_{ensemble.status.value}", language, **values)
    if ensemble.status is CompletionStatus.OPEN and ensemble.unplaced_count:
        space = "" if language == "zh" else " "
        return sentence + space + text("completion.state_unplaced", language, **values)
    return sentence
