"""What would overturn a choice: the smallest change with which a site leaves the plan, or enters.

A place is *in* where the best plan that has it is no worse than the best that has it not. A
certificate names a change, the value at which the place goes from in to out or back, and what was
found by solving anew just below and just above that value: nothing is told that a re-solve has not
confirmed.

That the smallest change is found: a standard matters only where it passes a distance, and every
such value is solved, outward from the one in force. When the demand of one county changes by d, no
plan's gain changes by more, so that nothing can turn before d is the lead of the plan over
the best rival; the change of just the lead is tried. Entries of the register are tried one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.siting.own_first_cover import CoverRows, greatest_cover, relieved_rows
from network_map.siting.provincial import (
    NetworkProblem,
    changed_lists,
    cover_rows,
    network_limits,
)

_MARGIN = 1e-6
"""Relative step to either side of a threshold."""
_ROUNDING = 1e-9
MOST_STEPS = 400
"""Values of a standard that are looked at on either side."""
FEWEST_LISTS = 20
"""So many drawn lists at least must agree with an entry for it to be told."""
FARTHEST = (0.5, 1.5)
"""Standards that are looked at, as multiples of the one in force."""
_MOST_ENTRIES = 3
_ERRORS = 3.0
"""So many standard errors of the mean over the drawn lists a turn must exceed."""


class ReversalCause(StrEnum):
    """What changes: the codes of :data:`~network_map.siting.tables.REVERSAL_CAUSES`."""

    STANDARD = "standard"
    DEMAND = "demand"
    """What one county counts."""
    REGISTER = "register"
    """Whether one place has a node."""


@dataclass(frozen=True, slots=True, eq=False)
class Reversal:
    """A confirmed change that takes a place out of the plan, or brings it in.

    Parameters
    ----------
    place
        The place.
    was_in
        Whether it is chosen now.
    cause
        What changes.
    subject
        The county whose demand, or the place whose register entry changes; empty for the standard.
    now, threshold
        Its value now, and the one at which the choice turns: kilometres, demand, or 1 and 0 for a
        node that is there and none.
    below, above
        Whether the place is in, solved anew just below and just above the threshold.
    instead
        The sites chosen beyond the threshold.
    """

    place: str
    was_in: bool
    cause: ReversalCause
    subject: str
    now: float
    threshold: float
    below: bool
    above: bool
    instead: tuple[str, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether the choice differs on the two sides, and is that of today on today's side."""
        is_up = self.threshold >= self.now
        today, then = (self.below, self.above) if is_up else (self.above, self.below)
        return today is self.was_in and then is not self.was_in


@dataclass(frozen=True, slots=True, eq=False)
class _Rival:
    """A place, the best sites on the other side of its choice, and how far they fall short."""

    place: str
    was_in: bool
    sites: Ints
    lead: float


def reversals(
    problem: NetworkProblem, sites: Sequence[str], *, neighbours: int = 3
) -> tuple[Reversal, ...]:
    """Return what would overturn each chosen site, and bring in the nearest rejected places.

    Parameters
    ----------
    problem
        A problem of maximal covering.
    sites
        Its chosen sites.
    neighbours
        How many rejected places are looked at: those with which the plan loses least.

    Returns
    -------
    tuple of Reversal
        For each place, in the order of ``sites`` and then of the rejected, at most one change of
        the standard and one of a demand, the smallest, and up to three entries of the register.
        With lists that are not public only entries: what is known of one more place.
    """
    rows = cover_rows(problem)
    chosen = problem.numbers(sites)
    rivals = _rivals(problem, rows, chosen, neighbours)
    found = _by_register(problem, rows, rivals)
    if not problem.is_open:
        for rival in rivals:
            found += _by_demand(problem, rows, rival, chosen)
        found += _by_standard(problem, rivals)
    order = [rival.place for rival in rivals]
    causes = list(ReversalCause)
    return tuple(
        sorted(
            (one for one in found if one.is_confirmed),
            key=lambda one: (order.index(one.place), causes.index(one.cause)),
        )
    )


def _best(
    problem: NetworkProblem,
    rows: CoverRows,
    weight: Floats,
    *,
    kept: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> tuple[float, Ints]:
    """Return what the best sites gain that have some places and lack others, and the sites."""
    count = max(problem.query.count - len(kept), 0)
    limits = network_limits(problem, count=count, kept=kept, left_out=[*left_out, *kept])
    solved = greatest_cover(rows, weight, limits)
    sites = np.union1d(solved.sites, problem.numbers(kept)).astype(np.int64)
    return float(weight @ relieved_rows(rows, sites)), sites


def _sides(
    problem: NetworkProblem, rows: CoverRows, weight: Floats, place: str
) -> tuple[float, float, Ints, Ints]:
    """Return the best gain with a place and without, and the sites of both."""
    with_it, inside = _best(problem, rows, weight, kept=[place])
    without, outside = _best(problem, rows, weight, left_out=[place])
    return with_it, without, inside, outside


def _is_in(problem: NetworkProblem, rows: CoverRows, weight: Floats, rival: _Rival) -> bool:
    """Return whether a place is in; on a draw it stays what it was."""
    with_it, without, _, _ = _sides(problem, rows, weight, rival.place)
    size = _ROUNDING * max(abs(with_it), abs(without), 1.0)
    return with_it >= without - size if rival.was_in else with_it > without + size


def _rivals(
    problem: NetworkProblem, rows: CoverRows, chosen: Ints, neighbours: int
) -> list[_Rival]:
    value = float(rows.weight @ relieved_rows(rows, chosen))
    names = problem.lists.places
    found = []
    for one in chosen:
        without, sites = _best(problem, rows, rows.weight, left_out=[names[one]])
        found.append(_Rival(names[one], was_in=True, sites=sites, lead=value - without))
    # By swapping a site: those that come nearest are solved exactly.
    rejected = [int(j) for j in problem.numbers(problem.candidates) if j not in chosen]
    swapped = {
        j: max(
            float(rows.weight @ relieved_rows(rows, np.append(np.delete(chosen, k), j)))
            for k in range(len(chosen))
        )
        for j in rejected
        if len(chosen)
    }
    for j in sorted(swapped, key=lambda one: -swapped[one])[:neighbours]:
        with_it, sites = _best(problem, rows, rows.weight, kept=[names[j]])
        found.append(_Rival(names[j], was_in=False, sites=sites, lead=value - with_it))
    return found


# --- the standard ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A standard at which something changes, one just before it, and the rows just beyond it."""

    threshold: float
    near: float
    rows: CoverRows


def _standards(problem: NetworkProblem, *, is_up: bool) -> Iterator[_Step]:
    """Yield the standards at which anything changes, outward from the one in force."""
    lists, now = problem.lists, problem.lists.standard_km
    usable = problem.numbers(problem.candidates)
    standing = np.flatnonzero(lists.has_node.any(axis=0))
    distances = np.unique(
        np.concatenate([
            lists.low_km[:, np.union1d(usable, standing)].ravel(), np.ravel(lists.higher_km)
        ])
    )  # fmt: skip
    inside = distances[(distances >= now * FARTHEST[0]) & (distances <= now * FARTHEST[1])]
    side = inside[inside > now] if is_up else inside[inside <= now][::-1]
    rows, last = cover_rows(problem), now
    for number, km in enumerate(side):
        outer = side[number + 1] if number + 1 < len(side) else km * (1 + (1 if is_up else -1) / 99)
        # A county at the standard is within it: going down, the change lies below the distance.
        beyond = cover_rows(problem, standard_km=float(km if is_up else (km + outer) / 2))
        if _differs(rows, beyond, usable):
            yield _Step(float(km), float((last + km) / 2 if is_up else km), beyond)
            rows, last = beyond, km
        last = km


def _differs(first: CoverRows, second: CoverRows, usable: Ints) -> bool:
    """Return whether anything that counts is not the same any more."""
    if not np.array_equal(first.weight_by_list, second.weight_by_list):
        return True
    counts = first.weight > 0
    return any(
        not np.array_equal(one[counts][:, usable], other[counts][:, usable])
        for one, other in ((first.covers, second.covers), (first.blocks, second.blocks))
    )


def _by_standard(problem: NetworkProblem, rivals: Sequence[_Rival]) -> list[Reversal]:
    """Return the nearest change of the standard that turns each choice, where there is one."""
    now = problem.lists.standard_km
    found: list[Reversal] = []
    for is_up in (True, False):
        left = list(rivals)
        for number, step in enumerate(_standards(problem, is_up=is_up)):
            if not left or number >= MOST_STEPS:
                break
            _, sites = _best(problem, step.rows, step.rows.weight)
            for rival in _turned(problem, step.rows, sites, left):
                near = cover_rows(problem, standard_km=step.near)
                is_in = _is_in(problem, near, near.weight, rival)
                found.append(Reversal(
                    place=rival.place, was_in=rival.was_in, cause=ReversalCause.STANDARD,
                    subject="", now=now, threshold=step.threshold,
                    below=is_in if is_up else not rival.was_in,
                    above=not rival.was_in if is_up else is_in,
                    instead=_names(problem, sites),
                ))  # fmt: skip
                left.remove(rival)
    nearest: dict[str, Reversal] = {}
    for one in sorted(found, key=lambda one: abs(one.threshold - now)):
        if one.is_confirmed:
            nearest.setdefault(one.place, one)
    return list(nearest.values())


def _turned(
    problem: NetworkProblem, rows: CoverRows, sites: Ints, rivals: Sequence[_Rival]
) -> list[_Rival]:
    """Return the places whose choice has turned, given the best sites.

    Where the best sites leave a place what it was nothing has turned; where they do not, the best
    ones that do are solved.
    """
    names = set(_names(problem, sites))
    doubtful = [rival for rival in rivals if (rival.place in names) is not rival.was_in]
    return [r for r in doubtful if _is_in(problem, rows, rows.weight, r) is not r.was_in]


def _names(problem: NetworkProblem, sites: Ints) -> tuple[str, ...]:
    return tuple(problem.lists.places[int(one)] for one in sites)


# --- the demand of a county -----------------------------------------------------------------------


def _by_demand(
    problem: NetworkProblem, rows: CoverRows, rival: _Rival, chosen: Ints
) -> list[Reversal]:
    """Return the smallest change of one county's demand that turns a choice.

    No change smaller than the lead can, and one of just the lead does where the rival has a county
    that the plan lacks and the county counts more, or the plan one that the rival lacks and it
    counts less.
    """
    demand = problem.demand.to_numpy(dtype=np.float64)
    mine = np.unique(rows.county[(rows.weight > 0) & relieved_rows(rows, chosen)])
    theirs = np.unique(rows.county[(rows.weight > 0) & relieved_rows(rows, rival.sites)])
    wanted = [(county, rival.lead) for county in np.setdiff1d(theirs, mine)]
    wanted += [
        (county, -rival.lead)
        for county in np.setdiff1d(mine, theirs)
        if demand[county] > rival.lead
    ]
    for county, change in sorted(wanted, key=lambda one: abs(one[1]) / max(demand[one[0]], 1e-12)):
        threshold = demand[county] + change
        step = _MARGIN * max(abs(threshold), abs(change), 1.0)
        sides = []
        for value in (threshold - step, threshold + step):
            moved = _with_demand(rows, int(county), demand[county], max(value, 0.0))
            sides.append(_is_in(problem, moved, moved.weight, rival))
        beyond = threshold + step * np.sign(change or 1.0)
        moved = _with_demand(rows, int(county), demand[county], max(beyond, 0.0))
        found = Reversal(
            place=rival.place, was_in=rival.was_in, cause=ReversalCause.DEMAND,
            subject=problem.lists.adcodes[int(county)], now=float(demand[county]),
            threshold=float(threshold), below=sides[0], above=sides[1],
            instead=_names(problem, _best(problem, moved, moved.weight)[1]),
        )  # fmt: skip
        if found.is_confirmed:
            return [found]
    return []


def _with_demand(rows: CoverRows, county: int, now: float, value: float) -> CoverRows:
    factor = np.where(rows.county == county, value / now if now > 0 else 0.0, 1.0)
    return replace(rows, weight_by_list=rows.weight_by_list * factor)


# --- one entry of the register --------------------------------------------------------------------


def _by_register(
    problem: NetworkProblem, rows: CoverRows, rivals: Sequence[_Rival]
) -> list[Reversal]:
    """Return the places of which it would turn a choice that they have a node, or have none."""
    found: list[Reversal] = []
    share = problem.lists.has_node.mean(axis=0)
    left = dict.fromkeys((rival.place for rival in rivals), _MOST_ENTRIES)
    # What stands first: that it does is what may prove wrong.
    for number in np.argsort(-share, kind="stable"):
        place, now = problem.lists.places[int(number)], float(share[number])
        for has_node in (False, True):
            asked = [r for r in rivals if left[r.place] and r.place != place]
            if now == float(has_node) or not asked:
                continue
            changed = _with_entry(problem, rows, int(number), has_node=has_node)
            if changed is None:
                continue
            other, table = changed
            _, sites = _best(other, table, table.weight)
            for rival in _turned(other, table, sites, asked):
                if problem.is_open and not _is_clear(other, table, sites, rival):
                    continue
                today = _is_in(problem, rows, rows.weight, rival)
                found.append(Reversal(
                    place=rival.place, was_in=rival.was_in, cause=ReversalCause.REGISTER,
                    subject=place, now=now, threshold=float(has_node),
                    below=today if has_node else not rival.was_in,
                    above=not rival.was_in if has_node else today,
                    instead=_names(other, sites),
                ))  # fmt: skip
                left[rival.place] -= 1
    return found


def _is_clear(problem: NetworkProblem, rows: CoverRows, sites: Ints, rival: _Rival) -> bool:
    """Return whether a turn is more than the accident of which lists were drawn."""
    side = {"kept": [rival.place]} if rival.was_in else {"left_out": [rival.place]}
    _, others = _best(problem, rows, rows.weight, **side)
    better = relieved_rows(rows, sites).astype(np.float64) - relieved_rows(rows, others)
    gains = rows.weight_by_list @ better
    error = float(gains.std()) / np.sqrt(len(gains))
    return bool(gains.mean() > _ERRORS * error)


def _with_entry(
    problem: NetworkProblem, rows: CoverRows, number: int, *, has_node: bool
) -> tuple[NetworkProblem, CoverRows] | None:
    """Return the problem if it were known whether a place has a node; None where no list says so.

    With open lists only those that agree are kept; a complete list is changed.
    """
    place = problem.lists.places[number]
    if problem.is_open:
        agrees = problem.lists.has_node[:, number] == has_node
        if agrees.sum() < FEWEST_LISTS:
            return None
        lists = replace(problem.lists, has_node=problem.lists.has_node[agrees])
        table = replace(rows, weight_by_list=rows.weight_by_list[agrees])
        higher = problem.lists.higher_km
        if np.ndim(higher) > 1:
            lists = replace(lists, higher_km=higher[agrees])
    else:
        word = {"added": [place]} if has_node else {"closed": [place]}
        lists, table = changed_lists(problem.lists, **word), None
    candidates = tuple(one for one in problem.candidates if not has_node or one != place)
    other = replace(problem, lists=lists, candidates=candidates)
    return other, cover_rows(other) if table is None else table
