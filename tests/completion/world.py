"""A small province for completions, and every completion of it found by trying them all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, combinations_with_replacement, product
from math import prod

import pandas as pd

from network_map.completion.ensemble import Ensemble, ensembles
from network_map.nodes.presence import place_roll, reconciliation
from tests.nodes.world import KINDS, complete, nodes, totals

CENTRE = "county_centre"
DEMONSTRATION = "demonstration_county"
PROVINCE = "530000"
COUNTIES = ["530102", "530103", "530127", "530602", "530627", "530802", "530821"]
PREFECTURES = ["530100", "530600", "530800"]
DIVISIONS = pd.DataFrame(
    [(PROVINCE, "province", None)]
    + [(code, "prefecture", PROVINCE) for code in PREFECTURES]
    + [(code, "county", f"{code[:4]}00") for code in COUNTIES],
    columns=["adcode", "level", "parent_adcode"],
).astype("str")

Counts = tuple[int, ...]
"""The missing nodes of a completion, by county in the order of ``COUNTIES``."""


@dataclass(frozen=True)
class Facts:
    """What is known of one kind: codes of counties, and of areas for what is without a county."""

    declared: Mapping[str, int]
    named: Sequence[str] = ()
    withdrawn: Sequence[str] = ()
    unplaced: Sequence[str] = ()
    complete: Sequence[str] = ()
    kind: str = CENTRE
    weights: Mapping[str, float] | None = None
    one_per_place: bool = True
    order: Sequence[str] = field(default_factory=lambda: tuple(COUNTIES))


def tables(*facts: Facts) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return nodes, roll and reconciliation of the facts, as the application makes them."""
    register = nodes(
        *[(f.kind, code) for f in facts for code in [*f.named, *f.unplaced]],
        *[(f.kind, code, {"status": "withdrawn"}) for f in facts for code in f.withdrawn],
    )
    declared = totals(*[(f.kind, area, n) for f in facts for area, n in f.declared.items()])
    claims = complete(*[(f.kind, area) for f in facts for area in f.complete])
    roll = place_roll(register, DIVISIONS, KINDS, claims)
    return register, roll, reconciliation(register, roll, DIVISIONS, declared)


def quick_tables(*facts: Facts) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what the ensembles read of :func:`tables`, made directly: for many examples."""
    live, roll, counts = [], [], []
    for f in facts:
        live += [(f.kind, c, _area(c), "built") for c in [*f.named, *f.unplaced]]
        for code in f.order:
            is_complete = _area(code) in f.complete or PROVINCE in f.complete
            basis = "complete_list" if is_complete else "not_published"
            basis = "withdrawn" if code in f.withdrawn else basis
            basis = "named" if code in f.named else basis
            presence = {"named": "present", "not_published": "unknown"}.get(basis, "absent")
            on = "2024-06-11" if is_complete else None
            roll.append((f.kind, code, _area(code), presence, basis, on))
        for area in [PROVINCE, *PREFECTURES]:
            level = "province" if area == PROVINCE else "prefecture"
            is_complete = area in f.complete or PROVINCE in f.complete
            counts.append((f.kind, area, level, f.declared.get(area), is_complete))
    return (
        pd.DataFrame(live, columns=["kind", "adcode", "prefecture_adcode", "status"], dtype="str"),
        pd.DataFrame(
            roll,
            columns=[
                "kind", "adcode", "prefecture_adcode", "presence", "basis_code", "complete_on",
            ],
            dtype="str",
        ),
        pd.DataFrame(
            counts, columns=["kind", "adcode", "level", "declared_count", "is_complete"]
        ).astype({"declared_count": "Int64", "is_complete": "boolean"}),
    )  # fmt: skip


def kinds(*facts: Facts) -> dict[str, Ensemble]:
    """Return the ensembles of the kinds that the facts are about."""
    return ensembles(
        *quick_tables(*facts),
        one_per_place=facts[0].one_per_place,
        weights={f.kind: pd.Series(f.weights) for f in facts if f.weights is not None},
    )


def ensemble(facts: Facts) -> Ensemble:
    """Return the ensemble of the kind that the facts are about."""
    return kinds(facts)[facts.kind]


def every_completion(facts: Facts) -> Iterator[tuple[Counts, float]]:
    """Yield every completion and its weight, from the definition alone."""
    lost = {area: facts.unplaced.count(area) for area in [PROVINCE, *PREFECTURES]}
    if PROVINCE in facts.complete:
        missing = len(facts.unplaced)
    else:
        missing = facts.declared[PROVINCE] - len(facts.named)
    barred = set(facts.withdrawn) - set(facts.named)
    if facts.one_per_place:
        barred |= set(facts.named)
    choose = combinations if facts.one_per_place else combinations_with_replacement
    weights = facts.weights or {}
    if missing < 0:
        return
    for taken in choose([code for code in COUNTIES if code not in barred], missing):
        counts = tuple(taken.count(code) for code in COUNTIES)
        inside = {
            area: sum(n for code, n in zip(COUNTIES, counts, strict=True) if code[:4] == area[:4])
            for area in PREFECTURES
        }
        if all(_is_kept(facts, area, inside[area], lost[area]) for area in PREFECTURES):
            yield counts, prod(weights.get(code, 1.0) for code in taken)


def every_pair(inner: Facts, outer: Facts) -> Iterator[tuple[Counts, Counts, float]]:
    """Yield every pair of completions in which a place of the inner kind has the outer one."""
    pairs = product(every_completion(inner), every_completion(outer))
    for (added, weight), (placed, other) in pairs:
        has_inner = {c for c, n in zip(COUNTIES, added, strict=True) if n} | set(inner.named)
        has_outer = {c for c, n in zip(COUNTIES, placed, strict=True) if n} | set(outer.named)
        if has_inner <= has_outer:
            yield added, placed, weight * other


def _area(code: str) -> str | None:
    return None if code == PROVINCE else f"{code[:4]}00"


def _is_kept(facts: Facts, area: str, count: int, lost: int) -> bool:
    if count < lost:
        return False
    if PROVINCE in facts.complete:
        return True
    if area in facts.complete:
        return count == lost
    placed = sum(code[:4] == area[:4] for code in facts.named)
    return area not in facts.declared or count + placed == facts.declared[area]
