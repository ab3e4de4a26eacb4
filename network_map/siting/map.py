"""The map of a plan: counties by what it does for them, nodes that stand, lines to new sites."""

from collections.abc import Mapping, Sequence

import pandas as pd

from network_map.gaps.map import NEXT_COLOURS, node_symbols
from network_map.i18n import text
from network_map.maps.spec import (
    NEED,
    AreaLayer,
    ClassEntry,
    FlowCircle,
    FlowLayer,
    HierarchyLayer,
    HierarchyLine,
    LineKind,
    MapSpec,
    node_layer,
)
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, place_names
from network_map.siting.answer import SiteAnswer
from network_map.terms import AdminLevel, NodeKind

_RADIUS_PX = 11.0
COLOURS = {
    "gained": NEXT_COLOURS["gained"], "worse": NEED[4], "open": NEED[2],
    "other": NEXT_COLOURS["other"],
}  # fmt: skip
"""Fill of what a plan does for a county: brought in, dropped out, still beyond, within before."""


def site_map(places: Places, dataset: Dataset, answer: SiteAnswer) -> MapSpec:
    """Return the map of a plan: existing nodes, chosen sites, and lines from the counties gained.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    answer
        What :func:`~network_map.siting.answer.site_answer` returned.
    """
    query = answer.query
    kinds = (NodeKind.PROVINCIAL_MARKET.value, query.kind)
    return MapSpec(
        language=query.language,
        nodes=node_layer(dataset.nodes, dataset.node_kinds),
        symbols=node_symbols(dataset, kinds, language=query.language, prefecture_adcode=None),
        areas=_areas(answer),
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=(),
        source_line=text("map.source_line", query.language),
        hierarchy=_lines(places, answer),
        circles=_sites(places, answer),
        is_bare=True,
        watermark=text("gap.watermark", query.language) if dataset.is_demo else "",
    )


def _areas(answer: SiteAnswer) -> AreaLayer:
    language, shares = answer.query.language, answer.effect.shares
    decisive = ("gained_share", "lost_share", "open_share")
    classes = pd.Series(len(decisive), index=shares.index)
    for number, name in reversed(list(enumerate(decisive))):
        classes = classes.mask(shares[name] > 0, number)
    # What holds in some lists alone is paler, whatever it is.
    told = {name: shares.loc[classes == number, name] for number, name in enumerate(decisive)}
    counts = classes.value_counts()
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("siting.map.title", language),
        unit="",
        source="",
        classes=tuple(
            ClassEntry(text(f"siting.map.{name}", language), colour, int(counts.get(number, 0)))
            for number, (name, colour) in enumerate(COLOURS.items())
        ),
        class_of={str(code): int(number) for code, number in classes.items()},
        value_text={
            str(code): text("gap.next.share", language, percent=f"{100 * share:.0f}")
            for code, share in told["gained_share"].items()
        },
        missing_label="",
        missing_count=0,
        is_categorical=True,
        faded={
            str(code): 1
            for of_class in told.values()
            for code, share in of_class.items()
            if share < 1
        },
    )


def _points(places: Places) -> dict[str, tuple[float, float]]:
    """Return where a node of each county or prefecture would stand: at its seat."""
    seats = places.county_seats
    points = {
        str(code): (float(lon), float(lat))
        for code, lon, lat in zip(seats["adcode"], seats["lon"], seats["lat"], strict=True)
    }
    divisions = places.divisions
    known = divisions["seat_adcode"].notna()
    for code, seat in zip(
        divisions.loc[known, "adcode"], divisions.loc[known, "seat_adcode"], strict=True
    ):
        if str(seat) in points:
            points.setdefault(str(code), points[str(seat)])
    return points


def _lines(places: Places, answer: SiteAnswer) -> HierarchyLayer:
    language, points = answer.query.language, _points(places)
    unit = text(f"unit.{answer.query.unit.value}", language)
    rows = answer.counties[answer.counties["gained_percent"] > 0]
    lines = tuple(
        HierarchyLine(
            points[code], points[site], LineKind.OWN, code,
            text("siting.map.line", language, site=name, km=f"{km:.0f}", unit=unit),
        )
        for code, site, name, km in zip(
            rows["adcode"], rows["site_adcode"], rows["site_name"], rows["km"], strict=True
        )
        if points[code] != points[site]
    )  # fmt: skip
    served = text("siting.map.served", language)
    return HierarchyLayer(
        text("siting.map.lines", language), "", lines, ((LineKind.OWN, served, len(lines)),)
    )


def _sites(places: Places, answer: SiteAnswer) -> FlowLayer | None:
    """Return the new sites as numbers in the order of the list; they are no nodes yet."""
    if not answer.plan.sites:
        return None
    language = answer.query.language
    names = place_names(places.divisions, language)
    sites = [str(site) for site in answer.rows["site_adcode"]]
    numbers = [str(number) for number in range(1, len(sites) + 1)]
    return FlowLayer(
        title=text("siting.map.sites", language),
        unit="",
        note=text("siting.map.sites_note", language),
        lines=(),
        circles=site_circles(places, sites, names, marks=numbers),
    )


def site_circles(
    places: Places, sites: Sequence[str], names: Mapping[str, str], *, marks: Sequence[str]
) -> tuple[FlowCircle, ...]:
    """Return new sites as marked circles at their seats.

    Parameters
    ----------
    places
        The reference tables.
    sites, marks
        Their codes, and what stands in each circle.
    names
        Name of each place.
    """
    points = _points(places)
    return tuple(
        FlowCircle(points[site], _RADIUS_PX, names[site], mark=mark)
        for site, mark in zip(sites, marks, strict=True)
    )
