"""A location problem and its plan by id: demand points, candidate sites, limits, then the choice.

Nothing is ever aligned by position: a demand Series in another order than the rows of the cost
matrix gives the same problem. All that is wrong with an input is found before anything is solved,
and said at once, a sentence each.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from network_map.completion.choice import Flags, Floats
from network_map.errors import Problem, SitingError
from network_map.i18n import number_text, share_text, text
from network_map.siting.solving import SiteLimits, SolveStatus

_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SiteRules:
    """What limits the choice of sites beside their number; nothing by default.

    Parameters
    ----------
    candidates
        Ids that may be chosen; every column of the cost matrix where it is None.
    groups
        Group of each site by id, its prefecture say; a site without one is in no group.
    most_per_group
        Most new sites in one group.
    site_costs
        Cost of a new site by id; needed with a budget for every candidate.
    budget
        Most that the new sites may cost together.
    capacity
        Most demand that a site can serve, by id, for every candidate and fixed site.
    """

    candidates: Iterable[str] | None = None
    groups: Mapping[str, Hashable] | None = None
    most_per_group: int | None = None
    site_costs: Mapping[str, float] | None = None
    budget: float | None = None
    capacity: Mapping[str, float] | None = None


NO_RULES = SiteRules()


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """A checked problem of n demand points and m sites as arrays.

    Parameters
    ----------
    demand_ids, site_ids
        Ids of the rows (n) and columns (m), as in the cost matrix.
    weight
        Demand of each point: (n,).
    cost
        From demand point to site, infinite where the site cannot serve it: (n, m).
    limits
        What may be chosen, for the solvers.
    service_standard
        Largest cost at which a site covers; None where nothing is covered.
    capacity
        Most demand a site can serve, infinite without one: (m,); None where no site has one.
    """

    demand_ids: tuple[str, ...]
    site_ids: tuple[str, ...]
    weight: Floats
    cost: Floats
    limits: SiteLimits
    service_standard: float | None = None
    capacity: Floats | None = None

    @property
    def covers(self) -> Flags:
        """Which site covers which demand point: (n, m)."""
        standard = np.inf if self.service_standard is None else self.service_standard
        return np.asarray((self.cost <= standard) & np.isfinite(self.cost), dtype=np.bool_)

    @property
    def is_usable(self) -> Flags:
        """Which sites stand already or may be chosen: (m,)."""
        return np.asarray(self.limits.fixed | self.limits.allowed, dtype=np.bool_)


@dataclass(slots=True)
class _Findings:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, found: Iterable[object] = (), **values: object) -> None:
        ids = [str(one) for one in found]
        shown = "、".join(ids[:_SHOWN]) + ("…" if len(ids) > _SHOWN else "")
        self.problems.append(Problem(code, value=shown, values={"count": len(ids), **values}))


def siting_problem(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    facility_count: int | None,
    service_standard: float | None = None,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
) -> SitingProblem:
    """Return the problem of some demand and a cost matrix, checked.

    Parameters
    ----------
    demand
        Demand of each point, indexed by id in any order.
    cost
        Cost from each demand point (rows, by id) to each site (columns, by id), in any unit;
        infinite where a site cannot serve a point.
    facility_count
        How many new sites, the fixed ones not counted; None where their number is what is sought
        or a budget decides it.
    service_standard
        Largest cost at which a site covers a point, in the unit of the cost; None where the
        problem has none.
    fixed
        Ids of sites that stand and stay.
    forbidden
        Ids that may not be chosen.
    rules
        Further limits.

    Raises
    ------
    SitingError
        With everything that is wrong, a problem each.
    """
    findings = _Findings()
    standing, barred = tuple(dict.fromkeys(fixed)), frozenset(forbidden)
    _check_ids(demand, cost, findings)
    _check_numbers(demand, cost, findings)
    candidates = _candidates(cost, standing, barred, rules, findings)
    _check_wanted(facility_count, service_standard, candidates, rules, findings)
    _check_rules(rules, (*standing, *candidates), candidates, findings)
    if not findings.problems:
        _check_reach(demand, cost, (*standing, *candidates), service_standard, findings)
    if findings.problems:
        raise SitingError("siting_problem", findings.problems)
    site_ids = tuple(str(one) for one in cost.columns)
    is_standing = np.isin(np.array(site_ids, dtype=object), np.array(standing, dtype=object))
    is_candidate = np.isin(np.array(site_ids, dtype=object), np.array(candidates, dtype=object))
    rows, upper = _limit_rows(site_ids, is_candidate, rules)
    return SitingProblem(
        demand_ids=tuple(str(one) for one in cost.index),
        site_ids=site_ids,
        weight=demand.reindex(cost.index).to_numpy(dtype=np.float64),
        cost=cost.to_numpy(dtype=np.float64),
        limits=SiteLimits(
            fixed=is_standing, allowed=is_candidate, count=facility_count, rows=rows, upper=upper
        ),
        service_standard=service_standard,
        capacity=_capacity(site_ids, rules),
    )


def _check_ids(demand: pd.Series, cost: pd.DataFrame, findings: _Findings) -> None:
    for code, index in (
        ("siting_demand_repeated", demand.index),
        ("siting_row_repeated", cost.index),
        ("siting_site_repeated", cost.columns),
    ):
        if not index.is_unique:
            findings.add(code, index[index.duplicated()].unique())
    if cost.shape[0] == 0 or cost.shape[1] == 0:
        findings.add("siting_empty", rows=cost.shape[0], columns=cost.shape[1])
    if missing := _difference(cost.index, demand.index):
        findings.add("siting_demand_missing", missing)
    if unknown := _difference(demand.index, cost.index):
        findings.add("siting_demand_unknown", unknown)


def _difference(these: Iterable[Any], those: Iterable[Any]) -> list[Any]:
    held = set(those)
    return [one for one in dict.fromkeys(these) if one not in held]


def _check_numbers(demand: pd.Series, cost: pd.DataFrame, findings: _Findings) -> None:
    values = pd.to_numeric(demand, errors="coerce").to_numpy(dtype=np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        findings.add("siting_demand_no_number", demand.index[bad])
    if (values < 0).any():
        findings.add("siting_demand_negative", demand.index[values < 0])
    if not bad.any() and len(values) and (values == 0).all():
        findings.add("siting_demand_zero")
    cells = cost.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    missing = np.isnan(cells)
    if missing.any():
        findings.add("siting_cost_missing", cost.index[missing.any(axis=1)])
    if (cells < 0).any():
        findings.add("siting_cost_negative", cost.index[(cells < 0).any(axis=1)])


def _candidates(
    cost: pd.DataFrame,
    standing: tuple[str, ...],
    barred: Collection[str],
    rules: SiteRules,
    findings: _Findings,
) -> tuple[str, ...]:
    """Return the ids that may be chosen; what is named and no column is a problem."""
    wanted = tuple(cost.columns) if rules.candidates is None else tuple(rules.candidates)
    for code, ids in (
        ("siting_candidate_unknown", wanted),
        ("siting_fixed_unknown", standing),
        ("siting_forbidden_unknown", sorted(barred)),
    ):
        if unknown := _difference(ids, cost.columns):
            findings.add(code, unknown)
    if both := [one for one in standing if one in barred]:
        findings.add("siting_fixed_forbidden", both)
    taken = {*standing, *barred}
    return tuple(one for one in dict.fromkeys(wanted) if one not in taken)


def _check_wanted(
    count: int | None,
    standard: float | None,
    candidates: tuple[str, ...],
    rules: SiteRules,
    findings: _Findings,
) -> None:
    if count is None:
        if not candidates:
            findings.add("siting_no_candidates")
    elif not _is_whole(count) or count < 1:
        findings.add("siting_count", [count])
    elif count > len(candidates):
        findings.add("siting_count_large", [count], candidates=len(candidates))
    if standard is not None and not 0 <= standard < np.inf:
        findings.add("siting_standard", [standard])
    if rules.most_per_group is not None and rules.most_per_group < 0:
        findings.add("siting_group_most", [rules.most_per_group])
    if rules.budget is not None and not 0 <= rules.budget < np.inf:
        findings.add("siting_budget", [rules.budget])


def _is_whole(found: object) -> bool:
    return isinstance(found, int | np.integer) and not isinstance(found, bool)


def _check_rules(
    rules: SiteRules, usable: tuple[str, ...], candidates: tuple[str, ...], findings: _Findings
) -> None:
    for code, given, needed in (
        ("siting_site_cost", rules.site_costs, candidates if rules.budget is not None else ()),
        ("siting_capacity", rules.capacity, usable if rules.capacity is not None else ()),
    ):
        found = {} if given is None else dict(given)
        if bad := [one for one in needed if not 0 <= found.get(one, np.nan) < np.inf]:
            findings.add(code, bad)
    if rules.most_per_group is not None and rules.groups is None:
        findings.add("siting_groups_missing")


def _check_reach(
    demand: pd.Series,
    cost: pd.DataFrame,
    usable: tuple[str, ...],
    standard: float | None,
    findings: _Findings,
) -> None:
    """With a standard somebody must be within it; without one, everybody must be reached at all."""
    cells = cost.loc[:, list(usable)].to_numpy(dtype=np.float64)
    has_demand = demand.reindex(cost.index).to_numpy(dtype=np.float64) > 0
    nearest = cells.min(axis=1, initial=np.inf)
    if standard is not None:
        if not (nearest[has_demand] <= standard).any():
            findings.add("siting_none_within", standard=f"{standard:g}")
    elif np.isinf(nearest[has_demand]).any():
        findings.add("siting_unreachable", cost.index[has_demand & np.isinf(nearest)])


def _limit_rows(
    site_ids: tuple[str, ...], is_candidate: Flags, rules: SiteRules
) -> tuple[sparse.csr_array, Floats]:
    """Return rows and upper ends of what new sites may come to: groups, then the budget."""
    rows: list[Floats] = []
    upper: list[float] = []
    if rules.most_per_group is not None and rules.groups is not None:
        groups = dict(rules.groups)
        held = [groups.get(one) for one in site_ids]
        for group in dict.fromkeys(one for one in held if one is not None):
            is_member = np.array([one == group for one in held])
            rows.append((is_member & is_candidate).astype(np.float64))
            upper.append(float(rules.most_per_group))
    if rules.budget is not None and rules.site_costs is not None:
        costs = dict(rules.site_costs)
        rows.append(
            np.array([costs.get(one, 0.0) for one in site_ids], dtype=np.float64) * is_candidate
        )
        upper.append(float(rules.budget))
    table = np.array(rows).reshape(len(rows), len(site_ids))
    return sparse.csr_array(table), np.array(upper, dtype=np.float64)


def _capacity(site_ids: tuple[str, ...], rules: SiteRules) -> Floats | None:
    if rules.capacity is None:
        return None
    held = dict(rules.capacity)
    return np.array([held.get(one, 0.0) for one in site_ids], dtype=np.float64)


# --- the plan, with its proof ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class SitingPlan:
    """Chosen sites, who is served by which, and how sure it is that nothing is better.

    Parameters
    ----------
    method
        Name of the model.
    sites
        Ids of the new sites, in the order of the cost matrix.
    fixed
        Ids of the sites that stood already.
    assignment
        Id of the site that serves each demand point, indexed by demand id; missing where none
        does.
    objective
        What the model maximises or minimises, of this plan; missing without a plan.
    status
        How far it is proven: ``OPTIMAL`` only with a proof.
    bound
        What no plan can be better than.
    gap
        How far objective and bound lie apart, as a share of the objective; 0 where proven.
    seconds
        Wall time of the solver.
    blocking
        Ids of the demand points that make the demands impossible to meet; empty otherwise.
    shares
        Where demand is split between sites of limited capacity: which share of each point
        (rows) each open site (columns) serves; None otherwise.
    """

    method: str
    sites: tuple[str, ...]
    fixed: tuple[str, ...]
    assignment: "pd.Series[str]"
    objective: float
    status: SolveStatus
    bound: float
    gap: float
    seconds: float
    blocking: tuple[str, ...] = ()
    shares: pd.DataFrame | None = None

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that no other choice is better."""
        return self.status is SolveStatus.OPTIMAL

    def to_frame(self, demand: pd.Series, cost: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each open site, new ones first.

        Parameters
        ----------
        demand, cost
            As the model was given them, by id.

        Returns
        -------
        pandas.DataFrame
            ``site_id, is_new, points`` (demand points served), ``demand`` (theirs together),
            ``mean_cost`` (weighted by demand) and ``largest_cost``; missing where it serves none.
        """
        served = self.assignment.dropna()
        rows = cost.index.get_indexer(served.index)
        columns = cost.columns.get_indexer(pd.Index(served))
        cells = cost.to_numpy(dtype="float64")[rows, columns]
        costs = pd.Series(cells, index=served.index, dtype="float64")
        weight = demand.reindex(served.index).astype("float64")
        table = pd.DataFrame({"site": served, "cost": costs, "weight": weight})
        lines = []
        for site in (*self.sites, *self.fixed):
            own = table[table["site"] == site]
            total = float(own["weight"].sum())
            mean = float((own["cost"] * own["weight"]).sum() / total) if total > 0 else np.nan
            lines.append(
                {"site_id": site, "is_new": site in self.sites, "points": len(own),
                 "demand": total, "mean_cost": mean, "largest_cost": own["cost"].max()}
            )  # fmt: skip
        names = ["site_id", "is_new", "points", "demand", "mean_cost", "largest_cost"]
        return pd.DataFrame(lines, columns=names)

    def summary(self, language: str = "zh") -> str:
        """Return how far the plan is proven, in a sentence; what is not is never called so.

        Parameters
        ----------
        language
            ``zh`` or ``en``.
        """
        values = {
            "model": text(f"siting.model.{self.method}", language),
            "objective": _figure(self.objective),
            "bound": _figure(self.bound),
            "gap": "–" if not np.isfinite(self.gap) else share_text(self.gap, 2),
            "count": len(self.blocking),
        }
        return text(f"siting.status.{self.status.value}", language, **values)


def _figure(value: float) -> str:
    """Return a number for people: as exact as it is short."""
    if not np.isfinite(value):
        return "–"
    return number_text(value, 0 if abs(value - round(value)) < 1e-6 else 2)  # noqa: PLR2004
