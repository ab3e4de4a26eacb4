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

from network_map.completion.choice import Ints
from network_map.siting.conditional import ConditionalPlans, DemandSearch
from network_map.siting.integer_models import CoverRows, relieved_rows
from network_map.siting.provincial import NetworkProblem, changed_lists, cover_rows
from network_map.siting.query import SiteModel
from network_map.siting.solving import EvidencePart, SolveBudget, until_ended

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


@dataclass(frozen=True, slots=True, eq=False)
class FoundReversals:
    """What would overturn a plan, and whether all of it was looked for.

    Parameters
    ----------
    reversals
        For each place, in the order of the sites and then of the rejected, at most one change of
        the standard and one of a demand, the smallest, and up to three entries of the register.
    is_complete
        Whether the search came to its end; else a smaller change may be there, or another cause.
    """

    reversals: tuple[Reversal, ...]
    is_complete: bool


def reversals(
    problem: NetworkProblem,
    sites: Sequence[str],
    *,
    neighbours: int = 3,
    budget: SolveBudget | None = None,
) -> FoundReversals:
    """Return what would overturn each chosen site, and bring in the nearest rejected places.

    Parameters
    ----------
    problem
        A problem of maximal covering; with a complete list of set covering, the p-median or the
        p-center too. The last two know no standard; set covering and the p-center no amount of
        demand, so that a county counts or does not.
    sites
        Its chosen sites.
    neighbours
        How many rejected places are looked at: those with which the plan loses least.
    budget
        Time of all solves together; without end by default.

    Returns
    -------
    FoundReversals
        With lists that are not public only entries: what is known of one more place.
    """
    spent = SolveBudget() if budget is None else budget
    spent.begin(EvidencePart.OVERTURN)
    plans = ConditionalPlans(problem, cover_rows(problem), spent)
    chosen = problem.numbers(sites)
    rivals, has_all = until_ended(_rivals(plans, chosen, neighbours))
    found, is_complete = until_ended(_every_reversal(plans, rivals, chosen))
    order = [rival.place for rival in rivals]
    causes = list(ReversalCause)
    confirmed = sorted(
        (one for one in _nearest_standards(found) if one.is_confirmed),
        key=lambda one: (order.index(one.place), causes.index(one.cause)),
    )
    return FoundReversals(tuple(confirmed), has_all and is_complete)


def _every_reversal(
    plans: ConditionalPlans, rivals: Sequence[_Rival], chosen: Ints
) -> Iterator[Reversal]:
    """Yield every change that turns a choice; of the standard the first on either side."""
    model = plans.problem.query.model
    yield from _by_register(plans, rivals)
    if plans.problem.is_open:
        return
    by_demand = {SiteModel.MCLP: _by_demand, SiteModel.P_MEDIAN: _by_median_demand}
    for rival in rivals:
        yield from by_demand.get(model, _by_county_out)(plans, rival, chosen)
    if model.has_standard:
        yield from _by_standard(plans, rivals)


def _nearest_standards(found: Sequence[Reversal]) -> list[Reversal]:
    """Return the changes, of those of the standard the nearest for each place alone."""
    kept = [one for one in found if one.cause is not ReversalCause.STANDARD]
    nearest: dict[str, Reversal] = {}
    moved = [one for one in found if one.cause is ReversalCause.STANDARD and one.is_confirmed]
    for one in sorted(moved, key=lambda one: abs(one.threshold - one.now)):
        nearest.setdefault(one.place, one)
    return [*kept, *nearest.values()]


def _is_in(plans: ConditionalPlans, rival: _Rival) -> bool:
    """Return whether a place is in; on a draw it stays what it was."""
    with_it, without = plans.sides(rival.place)
    size = _ROUNDING * max(abs(with_it), abs(without), 1.0)
    return with_it >= without - size if rival.was_in else with_it > without + size


def _rivals(plans: ConditionalPlans, chosen: Ints, neighbours: int) -> Iterator[_Rival]:
    problem, value = plans.problem, plans.worth(chosen)
    names = problem.lists.places
    for one in chosen:
        without, sites = plans.best(left_out=[names[one]])
        yield _Rival(names[one], was_in=True, sites=sites, lead=value - without)
    # By swapping a site: those that come nearest are solved exactly.
    swapped: dict[int, float] = {}
    for j in problem.numbers(problem.candidates):
        plans.budget.check()
        if j not in chosen and len(chosen):
            swapped[int(j)] = max(
                plans.worth(np.append(np.delete(chosen, k), j)) for k in range(len(chosen))
            )
    for j in sorted(swapped, key=lambda one: -swapped[one])[:neighbours]:
        with_it, sites = plans.best(kept=[names[j]])
        yield _Rival(names[j], was_in=False, sites=sites, lead=value - with_it)


# --- the standard ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A standard at which something changes, one just before it, and the rows just beyond it."""

    threshold: float
    near: float
    rows: CoverRows


def _standards(plans: ConditionalPlans, *, is_up: bool) -> Iterator[_Step]:
    """Yield the standards at which anything changes, outward from the one in force."""
    problem = plans.problem
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
    rows, last = plans.rows, now
    for number, km in enumerate(side):
        plans.budget.check()
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


def _by_standard(plans: ConditionalPlans, rivals: Sequence[_Rival]) -> Iterator[Reversal]:
    """Yield the first change of the standard to either side that turns each choice."""
    problem, now = plans.problem, plans.problem.lists.standard_km
    for is_up in (True, False):
        left = list(rivals)
        for number, step in enumerate(_standards(plans, is_up=is_up)):
            if not left or number >= MOST_STEPS:
                break
            moved = replace(plans, rows=step.rows)
            _, sites = moved.best()
            for rival in _turned(moved, sites, left):
                near = replace(plans, rows=cover_rows(problem, standard_km=step.near))
                is_in = _is_in(near, rival)
                yield Reversal(
                    place=rival.place, was_in=rival.was_in, cause=ReversalCause.STANDARD,
                    subject="", now=now, threshold=step.threshold,
                    below=is_in if is_up else not rival.was_in,
                    above=not rival.was_in if is_up else is_in,
                    instead=plans.names(sites),
                )  # fmt: skip
                left.remove(rival)


def _turned(plans: ConditionalPlans, sites: Ints, rivals: Sequence[_Rival]) -> list[_Rival]:
    """Return the places whose choice has turned, given the best sites.

    Where the best sites leave a place what it was nothing has turned; where they do not, the best
    ones that do are solved.
    """
    names = set(plans.names(sites))
    doubtful = [rival for rival in rivals if (rival.place in names) is not rival.was_in]
    return [r for r in doubtful if _is_in(plans, r) is not r.was_in]


# --- the demand of a county -----------------------------------------------------------------------


def _by_demand(plans: ConditionalPlans, rival: _Rival, chosen: Ints) -> Iterator[Reversal]:
    """Yield the smallest change of one county's demand that turns a choice.

    No change smaller than the lead can, and one of just the lead does where the rival has a county
    that the plan lacks and the county counts more, or the plan one that the rival lacks and it
    counts less.
    """
    problem, rows = plans.problem, plans.rows
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
        found = _demand_reversal(plans, rival, int(county), float(demand[county] + change))
        if found.is_confirmed:
            yield found
            return


def _demand_reversal(
    plans: ConditionalPlans, rival: _Rival, county: int, threshold: float
) -> Reversal:
    """Return what a demand of one county does to a choice, solved just below and just above it."""
    now = float(plans.problem.demand.iloc[county])
    step = _MARGIN * max(abs(threshold), abs(threshold - now), 1.0)
    below, above = (
        _is_in(plans.with_demand(county, value), rival)
        for value in (threshold - step, threshold + step)
    )
    beyond = plans.with_demand(county, threshold + step * np.sign((threshold - now) or 1.0))
    return Reversal(
        place=rival.place, was_in=rival.was_in, cause=ReversalCause.DEMAND,
        subject=plans.problem.lists.adcodes[county], now=now, threshold=threshold,
        below=below, above=above, instead=plans.names(beyond.best()[1]),
    )  # fmt: skip


def _by_median_demand(plans: ConditionalPlans, rival: _Rival, chosen: Ints) -> Iterator[Reversal]:
    """Yield the smallest change of one county's demand that turns a choice of the p-median."""
    search = DemandSearch(plans, chosen, rival.place, rival.was_in, rival.lead)
    smallest = None
    for county, threshold in search.turns():
        found = _demand_reversal(plans, rival, county, threshold)
        # Where a third plan comes between, nothing turns there.
        smallest = found if found.is_confirmed else smallest
    if smallest is not None:
        yield smallest


def _by_county_out(plans: ConditionalPlans, rival: _Rival, _chosen: Ints) -> Iterator[Reversal]:
    """Yield the county without which a choice turns, the one with the least demand.

    Set covering and the p-center know who has a demand, not how much: it is all or nothing.
    """
    demand = plans.problem.demand.to_numpy(dtype=np.float64)
    for county in np.argsort(demand, kind="stable"):
        if demand[county] <= 0:
            continue
        _, sites = plans.with_demand(int(county), 0.0).best()
        if not _turned(plans.with_demand(int(county), 0.0), sites, [rival]):
            continue
        found = _demand_reversal(plans, rival, int(county), 0.0)
        if found.is_confirmed:
            yield found
            return


# --- one entry of the register --------------------------------------------------------------------


def _by_register(plans: ConditionalPlans, rivals: Sequence[_Rival]) -> Iterator[Reversal]:
    """Yield the places of which it would turn a choice that they have a node, or have none."""
    problem = plans.problem
    share = problem.lists.has_node.mean(axis=0)
    left = dict.fromkeys((rival.place for rival in rivals), _MOST_ENTRIES)
    # What stands first: that it does is what may prove wrong.
    for number in np.argsort(-share, kind="stable"):
        place, now = problem.lists.places[int(number)], float(share[number])
        for has_node in (False, True):
            asked = [r for r in rivals if left[r.place] and r.place != place]
            if now == float(has_node) or not asked:
                continue
            plans.budget.check()
            other = _with_entry(plans, int(number), has_node=has_node)
            if other is None:
                continue
            _, sites = other.best()
            for rival in _turned(other, sites, asked):
                if problem.is_open and not _is_clear(other, sites, rival):
                    continue
                today = _is_in(plans, rival)
                yield Reversal(
                    place=rival.place, was_in=rival.was_in, cause=ReversalCause.REGISTER,
                    subject=place, now=now, threshold=float(has_node),
                    below=today if has_node else not rival.was_in,
                    above=not rival.was_in if has_node else today,
                    instead=plans.names(sites),
                )  # fmt: skip
                left[rival.place] -= 1


def _is_clear(plans: ConditionalPlans, sites: Ints, rival: _Rival) -> bool:
    """Return whether a turn is more than the accident of which lists were drawn."""
    side = {"kept": [rival.place]} if rival.was_in else {"left_out": [rival.place]}
    _, others = plans.best(**side)
    gains = plans.gains_by_list(sites) - plans.gains_by_list(others)
    error = float(gains.std()) / np.sqrt(len(gains))
    return bool(gains.mean() > _ERRORS * error)


def _with_entry(plans: ConditionalPlans, number: int, *, has_node: bool) -> ConditionalPlans | None:
    """Return the same if it were known whether a place has a node; None where no list says so.

    With open lists only those that agree are kept; a complete list is changed.
    """
    problem, place = plans.problem, plans.problem.lists.places[number]
    candidates = tuple(one for one in problem.candidates if not has_node or one != place)
    if not problem.is_open:
        word = {"added": [place]} if has_node else {"closed": [place]}
        lists = changed_lists(problem.lists, **word)
        other = replace(problem, lists=lists, candidates=candidates)
        return replace(plans, problem=other, rows=cover_rows(other))
    agrees = problem.lists.has_node[:, number] == has_node
    if agrees.sum() < FEWEST_LISTS:
        return None
    lists = replace(problem.lists, has_node=problem.lists.has_node[agrees])
    higher = problem.lists.higher_km
    if np.ndim(higher) > 1:
        lists = replace(lists, higher_km=higher[agrees])
    rows = replace(plans.rows, weight_by_list=plans.rows.weight_by_list[agrees])
    return replace(plans, problem=replace(problem, lists=lists, candidates=candidates), rows=rows)
