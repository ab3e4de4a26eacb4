"""Neighbouring colours can be told apart by everybody, and keep their order in a grey print."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import pytest
from coloraide.everything import ColorAll as Color

from network_map.gaps.map import COLOURS
from network_map.gaps.query import GapView
from network_map.maps.spec import ACTIVITY, NEED, NO_DATA_COLOUR, ZERO_COLOUR, class_colours
from network_map.siting.map import COLOURS as PLAN_COLOURS

SIGHTS = (None, "protan", "deutan", "tritan")
LEAST_DIFFERENCE = 10.0
ORDERED = {
    "need": NEED,
    "activity": (ZERO_COLOUR, *ACTIVITY),
    "five classes": class_colours(5),
    "types of gap": tuple(COLOURS[GapView.GAP_TYPE].values())[::-1],
}


def seen(colour: str, sight: str | None) -> Color:
    return Color(colour) if sight is None else Color(colour).filter(sight)


def difference(first: str, second: str, sight: str | None) -> float:
    return float(seen(first, sight).delta_e(seen(second, sight), method="2000"))


def lightness(colour: str) -> float:
    return float(Color(colour).convert("lab-d65")["lightness"])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", ORDERED)
def test_neighbouring_classes_can_be_told_apart(name: str, sight: str | None) -> None:
    close = [
        (first, second, round(found, 1))
        for first, second in pairwise(ORDERED[name])
        if (found := difference(first, second, sight)) < LEAST_DIFFERENCE
    ]
    assert close == []


@pytest.mark.parametrize("name", ORDERED)
def test_the_order_survives_a_greyscale_print(name: str) -> None:
    grey = [lightness(colour) for colour in ORDERED[name]]
    assert grey == sorted(grey, reverse=True)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(
    "fills", [COLOURS[GapView.GAP_TYPE], COLOURS[GapView.CONTRACT_COVERAGE], PLAN_COLOURS]
)
def test_no_two_classes_of_a_view_are_alike(fills: Mapping[str, str], sight: str | None) -> None:
    colours = tuple(fills.values())
    alike = [
        pair for pair in combinations(colours, 2) if difference(*pair, sight) < LEAST_DIFFERENCE
    ]
    assert alike == []


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_unknown_is_never_filled_like_a_middle_need(sight: str | None) -> None:
    middle: Sequence[str] = (*NEED[1:], *COLOURS[GapView.SUB_MARKET].values())
    alike = [
        colour
        for colour in middle
        if colour != NEED[0] and difference(NO_DATA_COLOUR, colour, sight) < LEAST_DIFFERENCE
    ]
    assert alike == []
