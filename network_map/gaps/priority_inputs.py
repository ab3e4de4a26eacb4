"""What rank intervals are drawn from: drawn lists of nodes, distances, bounds of what is open."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats
from network_map.completion.completion_shares import inclusion_shares
from network_map.completion.draws import joint_draws
from network_map.completion.ensemble import Ensemble, NestedEnsemble
from network_map.gaps.priority import Severities
from network_map.gaps.schema_priority import Component, RankCause
from network_map.gaps.severity import PRESENCE_SHARES, KindReach, kind_severities, missing_bounds


@dataclass(frozen=True, slots=True, eq=False)
class PresenceDraws:
    """Drawn lists of a kind of node: which county has one.

    Parameters
    ----------
    kind
        The kind of node.
    share
        What it counts in the severity of presence.
    is_present
        (lists, n); one row where the list is known.
    """

    kind: str
    share: float
    is_present: Flags


@dataclass(frozen=True, slots=True, eq=False)
class ReachDraws:
    """Drawn lists of a kind of node, and the distances to its places.

    Parameters
    ----------
    kind
        The kind of node.
    share
        What it counts in the severity of reach.
    standard_km
        The service standard in kilometres.
    km, low_km, high_km
        Estimate and band from n counties to m places; a missing distance never serves: (n, m).
    places
        Codes of the places: (m,).
    is_open
        Which places have a node in each list, (lists, m); one row where the list is known.
    is_own
        Which places come first for a county whatever the distance, (n, m); None for the nearest.
    """

    kind: str
    share: float
    standard_km: float
    km: Floats
    low_km: Floats
    high_km: Floats
    places: tuple[str, ...]
    is_open: Flags
    is_own: Flags | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BoundedPart:
    """A part of a component of which only an expectation and bounds are known.

    It is drawn evenly below the expectation in half of the draws, evenly above in the others.

    Parameters
    ----------
    component, name
        The component, and the name of the part, which chooses its random numbers.
    share
        What it counts in the component.
    cause
        Why it is open.
    expected, low, high
        Severities from 0 to 1: (n,).
    """

    component: str
    name: str
    share: float
    cause: RankCause
    expected: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class DrawInputs:
    """All that rank intervals are drawn from.

    Parameters
    ----------
    severities
        n counties. A component that no part below stands for is drawn within its bounds, as
        `RankCause.FACTS`.
    presence, reach, bounded
        Parts of the components presence, reach and any; the shares of a component sum to 1. Rows
        of lists belong together across kinds; where there are fewer than draws they come again.
    """

    severities: Severities
    presence: tuple[PresenceDraws, ...] = ()
    reach: tuple[ReachDraws, ...] = ()
    bounded: tuple[BoundedPart, ...] = ()

    def parts(self) -> tuple[BoundedPart, ...]:
        """Return the bounded parts, those of components without any other part included."""
        drawn = {part.component for part in self.bounded}
        drawn |= {Component.PRESENCE.value} if self.presence else set()
        drawn |= {Component.REACH.value} if self.reach else set()
        rest = [name for name in self.severities.components if name not in drawn]
        return (
            *self.bounded,
            *(
                BoundedPart(name, name, 1.0, RankCause.FACTS, *self.severities.column(name))
                for name in rest
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class NetworkLists:
    """The possible lists of all kinds, and how the kinds reach the counties.

    Parameters
    ----------
    by_kind
        The ensembles of presence by kind.
    reaches
        The kinds of reach, over the same counties; each has its own ensemble.
    nested
        Takes demonstration counties and centres together.
    presence_shares
        What each kind counts in presence.
    """

    by_kind: Mapping[str, Ensemble]
    reaches: tuple[KindReach, ...]
    nested: NestedEnsemble | None = None
    presence_shares: Mapping[str, float] = field(default_factory=lambda: PRESENCE_SHARES)


def draw_inputs(
    severities: Severities, lists: NetworkLists, *, count: int, seed: int
) -> DrawInputs:
    """Return the inputs of rank intervals from ensembles and distances.

    Parameters
    ----------
    severities
        n counties.
    lists
        Ensembles and distances.
    count, seed
        Number of drawn lists and their seed. A list that is known is drawn once.

    Raises
    ------
    QueryError
        As ``completion_draws.joint_draws``.
    """
    wanted = {kind: lists.by_kind[kind] for kind in lists.presence_shares}
    wanted |= {part.ensemble.kind: part.ensemble for part in lists.reaches}
    drawn = joint_draws(wanted, count=count, seed=seed, nested=lists.nested)
    rows_of = {kind: rows[:1] if _is_one(rows) else rows for kind, rows in drawn.items()}
    codes = list(severities.adcodes)
    presence, reach, bounded = [], [], []
    for kind, share in lists.presence_shares.items():
        ensemble = lists.by_kind[kind]
        if kind in rows_of:
            places = [ensemble.adcodes.index(code) for code in codes]
            presence.append(PresenceDraws(kind, share, rows_of[kind][:, places]))
            continue
        found = missing_bounds(inclusion_shares(ensemble)).loc[codes]
        bounded.append(_bounded(Component.PRESENCE.value, kind, share, found))
    for part in lists.reaches:
        kind = part.ensemble.kind
        if kind not in rows_of:
            found = kind_severities(part).loc[codes]
            bounded.append(_bounded(Component.REACH.value, kind, part.share, found))
            continue
        cost = part.cost.select(demand_ids=codes)
        rows = [part.cost.demand_ids.index(code) for code in codes]
        reach.append(
            ReachDraws(
                kind, part.share, part.standard_km, cost.km, cost.low_km, cost.high_km,
                part.ensemble.adcodes, rows_of[kind],
                None if part.is_own is None else part.is_own[rows],
            )
        )  # fmt: skip
    return DrawInputs(severities, tuple(presence), tuple(reach), tuple(bounded))


def _is_one(rows: Flags) -> bool:
    return bool((rows == rows[:1]).all())


def _bounded(component: str, kind: str, share: float, found: pd.DataFrame) -> BoundedPart:
    values = (found[name].to_numpy(dtype=np.float64) for name in ("expected", "low", "high"))
    return BoundedPart(component, f"{component} {kind}", share, RankCause.NAMES, *values)
