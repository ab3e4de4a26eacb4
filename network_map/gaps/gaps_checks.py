"""Whether the parameters of a list of gaps can be used; they may come from a changed file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from network_map.gaps.priority import COMPONENTS
from network_map.gaps.query import (
    GAP_METHODS,
    GAP_RULES,
    MOST_SEED,
    MOST_STANDARD_KM,
    MOST_YEARS,
    REACH_KINDS,
    ListOdds,
)

MOST_DRAWS = 100_000


def _is_number(found: object, most: float) -> bool:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return is_number and 0 <= float(str(found)) <= most


def _is_integer(found: object, least: int, most: int) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and least <= found <= most


def _are_numbers(found: object, names: tuple[str, ...], most: float) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == set(names)
        and all(_is_number(value, most) for value in found.values())
    )


def _are_weights(found: object) -> bool:
    return (
        isinstance(found, dict)
        and _are_numbers(found, COMPONENTS, 1.0)
        and any(value > 0 for value in found.values())
    )


def _are_rules(found: object) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == set(REACH_KINDS)
        and all(isinstance(rule, str) and rule in set(GAP_RULES) for rule in found.values())
    )


GAP_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType(
    {
        "standards_km": (
            lambda found: _are_numbers(found, REACH_KINDS, MOST_STANDARD_KM),
            '{"sub_market": 120, …}',
        ),
        "rules": (_are_rules, '{"sub_market": "own_prefecture", …}'),
        "method": (
            lambda found: isinstance(found, str) and found in set(GAP_METHODS),
            " | ".join(GAP_METHODS),
        ),
        "weights": (_are_weights, '{"presence": 0.3, …}'),
        "years": (lambda found: _is_integer(found, 1, MOST_YEARS), f"1 – {MOST_YEARS}"),
        "seed": (lambda found: _is_integer(found, 0, MOST_SEED), f"0 – {MOST_SEED}"),
        "draws": (lambda found: _is_integer(found, 1, MOST_DRAWS), f"1 – {MOST_DRAWS}"),
        "one_per_place": (lambda found: isinstance(found, bool), "true | false"),
        "nested": (lambda found: isinstance(found, bool), "true | false"),
        "odds": (
            lambda found: isinstance(found, str) and found in set(ListOdds),
            " | ".join(ListOdds),
        ),
        "register": (lambda found: found is None or isinstance(found, str), 'null | "demo-…"'),
    }
)
"""For each parameter beside the prefecture its check, and what it should be, in JSON."""
