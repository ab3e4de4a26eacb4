"""Small networks with possible lists, and what new nodes do in them by the definition alone."""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from network_map.gaps.next_node import DrawnLists
from network_map.siting.provincial import NetworkProblem
from network_map.siting.query import SiteModel, SitingQuery


def network(
    seed: int,
    *,
    lists: int = 1,
    own: bool = False,
    model: SiteModel = SiteModel.MCLP,
    count: int = 2,
) -> NetworkProblem:
    """Return a network of six counties and five places."""
    rng = np.random.default_rng(seed)
    n, m = 6, 5
    adcodes = tuple(f"53010{i}" for i in range(n))
    places = tuple(f"53020{j}" for j in range(m))
    drawn = DrawnLists(
        adcodes=adcodes,
        places=places,
        has_node=rng.random((lists, m)) < 0.25,
        low_km=rng.permutation(np.arange(1, n * m + 1) * 8.0 + 5).reshape(n, m),
        standard_km=100.0,
        higher_km=np.where(rng.random(n) < 0.2, 50.0, np.inf),
        is_own=rng.random((n, m)) < 0.3 if own else None,
    )
    demand = pd.Series(rng.integers(1, 60, n) * 1.0 + rng.random(n), index=list(adcodes))
    lacking = drawn.has_node.sum(axis=0) < lists
    return NetworkProblem(
        query=SitingQuery(count=count, model=model),
        lists=drawn,
        weights=pd.DataFrame(
            {"counties": 1.0, "residents": demand, "value_10k_yuan": 1.0}, index=list(adcodes)
        ),
        demand=demand,
        candidates=tuple(p for p, lacks in zip(places, lacking, strict=True) if lacks),
        prefecture_of={**dict.fromkeys(adcodes, "530100"), **dict.fromkeys(places, "530100")},
        is_open=lists > 1,
    )


def gaps_by_hand(problem: NetworkProblem, row: int, added: Collection[str]) -> set[str]:
    """Return the counties out of reach in a list with some more nodes."""
    lists = problem.lists
    nodes = {j for j, place in enumerate(lists.places) if lists.has_node[row, j] or place in added}
    found = set()
    for county, code in enumerate(lists.adcodes):
        own = set() if lists.is_own is None else {j for j in nodes if lists.is_own[county, j]}
        km = min((lists.low_km[county, j] for j in own or nodes), default=np.inf)
        if min(km, np.atleast_2d(lists.higher_km)[0, county]) > lists.standard_km:
            found.add(code)
    return found


def gained_by_hand(problem: NetworkProblem, added: Sequence[str]) -> list[float]:
    """Return the demand that some more nodes bring within the standard, list by list."""
    return [
        float(sum(problem.demand[code] for code in
                  gaps_by_hand(problem, row, ()) - gaps_by_hand(problem, row, added)))
        for row in range(problem.list_count)
    ]  # fmt: skip


def plans(problem: NetworkProblem, count: int) -> Iterator[tuple[str, ...]]:
    """Yield every choice of up to so many candidates."""
    for size in range(count + 1):
        yield from combinations(problem.candidates, size)
