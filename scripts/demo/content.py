"""What the contracts of the demonstration register are about: kind, field, IP, plan, state."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from network_map.terms import (
    ContractKind,
    ContractStatus,
    IpKind,
    KindScheme,
    PartyKind,
    PlanSource,
    TechnologyField,
)
from scripts.demo.blocks import Drafts
from scripts.demo.draws import Cells, Draws, Whole, below, draws, picked

FIVE_KINDS_FROM = 2023
"""First year whose rows know licences as a kind of their own."""

Texts = NDArray[np.object_]
_Code = TypeVar("_Code", bound=str)

_CHANGED_IN_1000 = 10
_RELATED_IN_1000 = 25
_MAIN_FIELD_IN_100 = 70
_LONGEST_LAG = 30
_SHORTEST_MONTHS = 3
_LONGEST_MONTHS = 36

# Of a thousand contracts, how many are of a kind, and how their values compare, in tenths.
_KINDS = {
    ContractKind.SERVICE: 560, ContractKind.DEVELOPMENT: 300, ContractKind.CONSULTING: 85,
    ContractKind.TRANSFER: 35, ContractKind.LICENCE: 20,
}  # fmt: skip
_KIND_TENTHS = {
    ContractKind.SERVICE: 10, ContractKind.DEVELOPMENT: 9, ContractKind.CONSULTING: 2,
    ContractKind.TRANSFER: 20, ContractKind.LICENCE: 15,
}  # fmt: skip
_UNIVERSITY_TENTHS = 5
_FIELDS = {
    TechnologyField.INFORMATION: 22, TechnologyField.AEROSPACE: 1,
    TechnologyField.MANUFACTURING: 13, TechnologyField.BIOMEDICINE: 11,
    TechnologyField.MATERIALS: 9, TechnologyField.ENERGY: 9, TechnologyField.ENVIRONMENT: 10,
    TechnologyField.NUCLEAR: 1, TechnologyField.AGRICULTURE: 9, TechnologyField.TRANSPORT: 5,
    TechnologyField.URBAN: 10,
}  # fmt: skip
_IP_KINDS = (
    IpKind.INVENTION_PATENT, IpKind.UTILITY_PATENT, IpKind.DESIGN_PATENT, IpKind.PATENT,
    IpKind.TECHNICAL_SECRET, IpKind.SOFTWARE_COPYRIGHT, IpKind.CIRCUIT_LAYOUT, IpKind.NEW_DRUG,
    IpKind.PLANT_VARIETY, IpKind.NONE,
)  # fmt: skip
_IP_WEIGHTS = {
    ContractKind.SERVICE: (80, 100, 5, 25, 100, 90, 1, 2, 2, 595),
    ContractKind.DEVELOPMENT: (180, 110, 5, 35, 270, 170, 5, 10, 5, 210),
    ContractKind.CONSULTING: (10, 10, 0, 5, 45, 20, 0, 0, 0, 910),
    ContractKind.TRANSFER: (360, 170, 20, 40, 290, 50, 5, 20, 45, 0),
    ContractKind.LICENCE: (400, 160, 15, 45, 240, 60, 5, 15, 60, 0),
}
_PLANS = {
    PlanSource.OUTSIDE_PLAN: 790, PlanSource.PROVINCE: 75, PlanSource.PREFECTURE: 45,
    PlanSource.NATIONAL: 30, PlanSource.MINISTRY: 20, PlanSource.OTHER_PLAN: 40,
}  # fmt: skip


def texts(words: list[str], positions: Whole) -> Texts:
    """Return the word at each position."""
    return np.asarray(np.array(words, dtype=np.object_)[positions])


def _coded(weights: Mapping[_Code, int], numbers: Draws) -> Texts:
    return texts([str(code) for code in weights], picked(numbers, list(weights.values())))


def contract_kinds(count: int, *, seed: int) -> Texts:
    """Return a kind for each contract, of the five that are known today."""
    return _coded(_KINDS, draws(seed, "kind", count))


def value_hundredths(kinds: Texts, seller_kinds: Texts) -> Whole:
    """Return how the value of each contract compares with others of its block, in hundredths."""
    tenths = np.zeros(len(kinds), dtype=np.int64)
    for kind, weight in _KIND_TENTHS.items():
        tenths[kinds == kind] = weight
    is_university = seller_kinds == PartyKind.UNIVERSITY
    return tenths * np.where(is_university, _UNIVERSITY_TENTHS, 10)


def content(drafts: Drafts, kinds: Texts, seller_numbers: Whole, *, seed: int) -> dict[str, Cells]:
    """Return the columns of the register that say what each contract is about."""
    count = len(drafts)
    is_four = drafts.registered_on < np.datetime64(f"{FIVE_KINDS_FROM}-01-01")
    licence_inside = is_four & (kinds == ContractKind.LICENCE)
    changed = below(draws(seed, "changed", count), 1000) < _CHANGED_IN_1000
    status = np.where(changed, ContractStatus.CHANGED.value, ContractStatus.REGISTERED.value)
    return {
        "contract_kind": np.where(licence_inside, ContractKind.TRANSFER.value, kinds),
        "kind_scheme": np.where(is_four, KindScheme.FOUR.value, KindScheme.FIVE.value),
        "is_related_party": below(draws(seed, "related", count), 1000) < _RELATED_IN_1000,
        "technology_field": _technology_fields(seller_numbers, seed=seed),
        "ip_kind": _ip_kinds(kinds, seed=seed),
        "plan_source": _coded(_PLANS, draws(seed, "plan", count)),
        "contract_status": np.where(drafts.is_cancelled, ContractStatus.CANCELLED.value, status),
    }


def _technology_fields(seller_numbers: Whole, *, seed: int) -> Texts:
    """Return mostly the main field of the seller, now and then another."""
    count = len(seller_numbers)
    main = _coded(_FIELDS, draws(seed, "main field", int(seller_numbers.max()) + 1))
    other = _coded(_FIELDS, draws(seed, "field", count))
    is_main = below(draws(seed, "is main field", count), 100) < _MAIN_FIELD_IN_100
    return np.asarray(np.where(is_main, main[seller_numbers], other))


def _ip_kinds(kinds: Texts, *, seed: int) -> Texts:
    codes = [kind.value for kind in _IP_KINDS]
    numbers = draws(seed, "ip", len(kinds))
    chosen = np.empty(len(kinds), dtype=np.object_)
    for kind, weights in _IP_WEIGHTS.items():
        of_kind = kinds == kind
        chosen[of_kind] = texts(codes, picked(numbers[of_kind], weights))
    return chosen


def dates(drafts: Drafts, *, seed: int) -> dict[str, Texts]:
    """Return the four dates of each contract as text.

    A contract is signed up to 30 days before it is registered, and in the same span: so the
    totals hold by either date.
    """
    count = len(drafts)
    lag = np.minimum(
        below(draws(seed, "lag", count), _LONGEST_LAG + 1),
        below(draws(seed, "other lag", count), _LONGEST_LAG + 1),
    )
    elapsed = (drafts.registered_on - drafts.not_before).astype(np.int64)
    lag = np.where(lag > elapsed, lag % (elapsed + 1), lag)
    spread = _LONGEST_MONTHS - _SHORTEST_MONTHS + 1
    months = _SHORTEST_MONTHS + below(draws(seed, "months", count), spread)
    signed_on = drafts.registered_on - lag.astype("timedelta64[D]")
    days = {
        "signed_on": signed_on,
        "registered_on": drafts.registered_on,
        "starts_on": signed_on,
        "ends_on": signed_on + (30 * months).astype("timedelta64[D]"),
    }
    return {name: np.datetime_as_string(cells).astype(np.object_) for name, cells in days.items()}
