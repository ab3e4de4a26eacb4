"""The plan that a siting model returns, with its proof."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.i18n import number_text, share_text, text
from network_map.siting.solved import SolveStatus


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
