"""The map of a plan: counties by what it does for them, nodes that stand, lines to new sites."""

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

_RADIUS_PX = 15.0
_COLOURS = {"gained": NEXT_COLOURS["gained"], "worse": NEED[4], "other": NEXT_COLOURS["other"]}


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
    classes = pd.Series(2, index=shares.index)
    classes = classes.mask(shares["lost_share"] > 0, 1).mask(shares["gained_share"] > 0, 0)
    counts = classes.value_counts()
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("siting.map.title", language),
        unit="",
        source="",
        classes=tuple(
            ClassEntry(text(f"siting.map.{name}", language), colour, int(counts.get(number, 0)))
            for number, (name, colour) in enumerate(_COLOURS.items())
        ),
        class_of={str(code): int(number) for code, number in classes.items()},
        value_text={
            str(code): text("gap.next.share", language, percent=f"{100 * share:.0f}")
            for code, share in shares["gained_share"].items()
            if share > 0
        },
        missing_label="",
        missing_count=0,
        is_categorical=True,
        faded={str(code): 1 for code, share in shares["gained_share"].items() if 0 < share < 1},
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
    label = text("siting.map.lines", language)
    return HierarchyLayer(label, "", lines, ((LineKind.OWN, label, len(lines)),))


def _sites(places: Places, answer: SiteAnswer) -> FlowLayer | None:
    """Return the new sites as rings; in the language of flows, because they are no nodes yet."""
    if not answer.plan.sites:
        return None
    language, points = answer.query.language, _points(places)
    names = place_names(places.divisions, language)
    return FlowLayer(
        title=text("siting.map.sites", language),
        unit="",
        note=text("siting.map.sites_note", language),
        lines=(),
        circles=tuple(
            FlowCircle(points[site], _RADIUS_PX, names[site]) for site in answer.plan.sites
        ),
    )
