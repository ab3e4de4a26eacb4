"""Building one site after the other: the greedy order beside the optimum, and what it loses.

A plan of five sites need not contain the plan of three. Who builds year by year wants an order in
which every step stands on the last; what that costs against the best plan of each size is said.
"""

from collections.abc import Callable

import pandas as pd

from network_map.siting.plan import SitingPlan

SolvePlan = Callable[[int, tuple[str, ...]], SitingPlan]
"""Returns the plan of so many new sites with these chosen already."""


def nested_order(solve: SolvePlan, *, facility_count: int) -> pd.DataFrame:
    """Return the sites in the order in which each adds the most to those before it.

    Parameters
    ----------
    solve
        Solves the model: called with a number of new sites and the sites that stand besides the
        existing ones.
    facility_count
        Length of the order.

    Returns
    -------
    pandas.DataFrame
        ``step, site_id, nested_objective, best_objective, loss, is_proven``: the objective with
        the sites so far, that of the best plan of as many sites, the difference as a share of the
        latter, and whether that best plan is proven. It ends early where no site adds anything.
    """
    chosen: tuple[str, ...] = ()
    rows: list[dict[str, object]] = []
    for step in range(1, facility_count + 1):
        added = solve(1, chosen)
        if not added.sites:
            break
        chosen = (*chosen, *added.sites)
        best = solve(step, ())
        size = abs(best.objective)
        loss = abs(best.objective - added.objective) / size if size > 0 else 0.0
        rows.append(
            {"step": step, "site_id": added.sites[0], "nested_objective": added.objective,
             "best_objective": best.objective, "loss": loss, "is_proven": best.is_optimal}
        )  # fmt: skip
    names = ["step", "site_id", "nested_objective", "best_objective", "loss", "is_proven"]
    return pd.DataFrame(rows, columns=names)
