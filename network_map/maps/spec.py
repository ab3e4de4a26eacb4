"""What a map shows, as plain values, and the shapes and colours that every view draws it with.

A shape is a list of corners in a square from -1 to 1, y downwards; the circle has none. The
shapes differ in outline, so that a greyscale print still tells the tiers apart.

One hue has one meaning: sand to terracotta is need, teal is activity, hatched grey is not known.
On light paper dark is read as more (Schiewe 2019, doi:10.1007/s42489-019-00006-3): the worst and
the most are darkest. Neighbouring classes stay apart by ten steps of CIEDE2000 in normal sight and
for protanopes, deuteranopes and tritanopes, and keep their order in a greyscale print (a test).
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import pandas as pd

from network_map.terms import AdminLevel, Origin

MINIMUM_CLASSES, MAXIMUM_CLASSES, DEFAULT_CLASS_COUNT = 3, 9, 5
"""How many classes a layer may have, and has where nobody says."""


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class of an area layer, as its legend shows it.

    Parameters
    ----------
    label
        The range or the name of the class, for people.
    colour
        Fill as ``#rrggbb``.
    count
        Number of areas in the class.
    count_text
        What stands instead of the number, where it would say what is not known.
    """

    label: str
    colour: str
    count: int
    count_text: str = ""


@dataclass(frozen=True, slots=True)
class ClassGrid:
    """A legend of two questions at once, discrete and with its corners named.

    Parameters
    ----------
    column_count
        Classes in a row.
    order
        Index of the class of each square, row by row from the upper left.
    up, side
        The questions along the vertical and the horizontal axis.
    ticks
        What stands under each column.
    corners
        What the corners mean.
    """

    column_count: int
    order: tuple[int, ...]
    up: str
    side: str
    ticks: tuple[str, ...]
    corners: str


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """Areas coloured by class.

    Parameters
    ----------
    level
        Counties or prefectures.
    title, unit, source
        For the legend.
    classes
        In the order of the legend.
    class_of
        Index into ``classes`` by adcode. An area that is not here has no data: it is drawn grey
        and hatched, never as the lowest class.
    value_text
        The value by adcode, written for people, without its unit.
    missing_label, missing_count
        Legend entry of the areas without data.
    is_categorical
        Whether the classes have no order.
    codes, filters
        Codes of the classes, and of the missing one after them, where a click on the legend
        filters; and those that are filtered to.
    faded
        How unsure the class of an area is, 1 or 2, by adcode: the fill goes towards the hatched
        grey of what is not known (value-suppressing: Correll, Moritz & Heer 2018,
        doi:10.1145/3173574.3174216).
    unlisted
        Areas that a filter leaves out: drawn plain.
    grid
        How the legend lays the classes out where they answer two questions at once.
    """

    level: AdminLevel
    title: str
    unit: str
    source: str
    classes: tuple[ClassEntry, ...]
    class_of: Mapping[str, int]
    value_text: Mapping[str, str]
    missing_label: str
    missing_count: int
    is_categorical: bool = False
    codes: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    faded: Mapping[str, int] = field(default_factory=dict)
    unlisted: frozenset[str] = frozenset()
    grid: ClassGrid | None = None

    def __post_init__(self) -> None:
        """Refuse a class that does not exist: the area would silently lose its colour."""
        wrong = {k: v for k, v in self.class_of.items() if not 0 <= v < len(self.classes)}
        if wrong:
            raise ValueError(f"classes 0 to {len(self.classes) - 1} expected, found {wrong}")


@dataclass(frozen=True, slots=True)
class NodeSymbol:
    """One row of the legend of nodes, counted by the caller from the rows.

    Parameters
    ----------
    kind, label
        The kind and its name for people.
    symbol
        One of `network_map.maps.spec.SYMBOLS`.
    colour
        ``#rrggbb``.
    count, assumed_count
        Nodes of the kind in the shown area; how many of them are assumed or synthetic.
    is_visible
        Whether nodes of the kind are drawn.
    """

    kind: str
    label: str
    symbol: str
    colour: str
    count: int
    assumed_count: int
    is_visible: bool


@dataclass(frozen=True, slots=True)
class UnplacedNode:
    """A node that cannot be drawn, and why: it is listed beside the map instead."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeLayer:
    """All placed nodes of a data set as the browser reads them; see `node_layer`.

    Parameters
    ----------
    json_bytes
        Compact JSON, UTF-8.
    sha256
        Hash of the bytes: the browser keeps the nodes by it.
    row_count
        Rows of the table.
    placed_count
        Rows that have coordinates and so stand in the JSON.
    """

    json_bytes: bytes = field(repr=False)
    sha256: str
    row_count: int
    placed_count: int


class LineKind(IntEnum):
    """What a line of the hierarchy joins; the browser knows it by its number."""

    OWN = 0
    """A county and the sub-market of its own prefecture: solid."""
    ORPHAN = 1
    """A county whose prefecture has no sub-market, and the nearest one: dashed."""
    UPPER = 2
    """A sub-market and the provincial market: solid and wider."""


@dataclass(frozen=True, slots=True)
class HierarchyLine:
    """A line from a place to the node above it.

    Parameters
    ----------
    start, end
        Longitude and latitude in degrees.
    kind
        What it joins.
    adcode
        The county it starts from; empty where it starts from a node.
    label
        What the county says of it when pointed at.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    kind: LineKind = LineKind.OWN
    adcode: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class HierarchyLayer:
    """The lines of the three tiers.

    Parameters
    ----------
    title, note
        For the legend; the note says how distances were found and what is not drawn.
    lines
        In the order of drawing.
    samples
        Legend rows: kind, its meaning in words, number of lines.
    """

    title: str
    note: str
    lines: tuple[HierarchyLine, ...]
    samples: tuple[tuple[LineKind, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A curved arrow from one place to another, as wide as what flows.

    Parameters
    ----------
    start, end
        Longitude and latitude in degrees.
    width_px
        Width of the line.
    label
        What the line says when pointed at.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    width_px: float
    label: str


@dataclass(frozen=True, slots=True)
class FlowCircle:
    """A circle for what stays in a place; its area is the amount.

    Parameters
    ----------
    centre
        Longitude and latitude in degrees.
    radius_px
        Radius of the circle.
    label
        What it says when pointed at.
    mark
        A number in it: then it is a place that is meant, and no amount.
    """

    centre: tuple[float, float]
    radius_px: float
    label: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FlowLayer:
    """Flows between places.

    Parameters
    ----------
    title, unit, note
        For the legend; the note says what is not drawn, and the source.
    lines
        Thinnest first, so that the widest lie on top.
    circles
        What stays within a place.
    samples
        Legend rows: width in pixels and the amount it stands for, written for people.
    circle_label
        What a circle stands for.
    """

    title: str
    unit: str
    note: str
    lines: tuple[FlowLine, ...]
    circles: tuple[FlowCircle, ...] = ()
    samples: tuple[tuple[float, str], ...] = ()
    circle_label: str = ""


@dataclass(frozen=True, slots=True)
class MapSpec:
    """Everything that one map shows.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    nodes
        The nodes of the data set, or None for a map without nodes.
    symbols
        Legend rows; nodes of a kind without a row are drawn as grey circles, never dropped.
    areas
        Area colouring, or None.
    prefecture_adcode
        The prefecture the page is filtered to: the map fits it, other counties are pale, and only
        nodes whose ``prefecture_adcode`` equals it are drawn.
    selected_adcode
        The selected county.
    unplaced
        Nodes without coordinates.
    source_line
        Source of the boundaries, shown lower left.
    words
        Further words for the map in this language, by key below ``map.``.
    lines
        Lines that the legend does not tell.
    hierarchy
        Lines between places and the nodes above them, or None.
    flows
        Flows between places, or None.
    circles
        Amounts of places as circles without lines, or None.
    compared_adcode
        A second county, outlined with dashes.
    watermark
        A word across the map that says that it is not real, or nothing.
    is_bare
        Whether the kinds of node stand beside the map, and not in its legend.
    """

    language: str
    nodes: NodeLayer | None
    symbols: tuple[NodeSymbol, ...]
    areas: AreaLayer | None
    prefecture_adcode: str | None
    selected_adcode: str | None
    unplaced: tuple[UnplacedNode, ...]
    source_line: str
    words: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[HierarchyLine, ...] = ()
    hierarchy: HierarchyLayer | None = None
    flows: FlowLayer | None = None
    circles: FlowLayer | None = None
    compared_adcode: str | None = None
    watermark: str = ""
    is_bare: bool = False


Corners = tuple[tuple[float, float], ...]

_ARM = 0.36


def _star(point_count: int = 5, inner: float = 0.46) -> Corners:
    corners = []
    for step in range(2 * point_count):
        radius = 1.08 if step % 2 == 0 else inner
        angle = math.pi * (step / point_count - 0.5)
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        corners.append((round(x, 3), round(y, 3)))
    return tuple(corners)


SYMBOLS: Mapping[str, Corners] = {
    "star": _star(),
    "square": ((-0.84, -0.84), (0.84, -0.84), (0.84, 0.84), (-0.84, 0.84)),
    "triangle": ((0.0, -1.0), (0.98, 0.76), (-0.98, 0.76)),
    "circle": (),
    "diamond": ((0.0, -1.08), (1.08, 0.0), (0.0, 1.08), (-1.08, 0.0)),
    "cross": (
        (-_ARM, -1.0), (_ARM, -1.0), (_ARM, -_ARM), (1.0, -_ARM), (1.0, _ARM), (_ARM, _ARM),
        (_ARM, 1.0), (-_ARM, 1.0), (-_ARM, _ARM), (-1.0, _ARM), (-1.0, -_ARM), (-_ARM, -_ARM),
    ),
}  # fmt: skip
"""Corners by name of the symbol."""

TIER_RADIUS_PX: Mapping[str, float] = {"province": 10.0, "prefecture": 7.5, "county": 5.0}
"""Radius on screen by the tier that a kind serves: the higher the tier, the larger."""


NO_DATA_COLOUR = "#d9d9d9"
"""Fill of an area without data; it is hatched as well."""

MAX_CLASSES = 9

NEED = ("#f5efe2", "#ecc9a0", "#d98f5c", "#b0522f", "#6d1b12")
"""Sand to terracotta: what a place needs, the worst darkest."""
ACTIVITY = ("#a3c9b8", "#6da9a2", "#3f8089", "#1f5a69", "#0d2f44")
"""Light to dark teal: how much happens in a place, the most darkest."""


ZERO_COLOUR = "#faf4e6"
"""Fill of an area that is known to have nothing: neither grey nor hatched."""

_BELOW = ("#f6c99a", "#7f3b08")
_ABOVE = ("#b9d3ea", "#0b2c5c")


def diverging_colours(steps: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return colours below and above zero, the ones next to zero first.

    Brown and blue stay apart for people with and without red-green blindness, and both darken
    away from zero (after PuOr of Harrower & Brewer 2003, doi:10.1179/000870403235002042).

    Parameters
    ----------
    steps
        Classes on each side, 1 to 9.

    Raises
    ------
    ValueError
        If there are more classes than the eye can tell apart, or none.
    """
    if not 1 <= steps <= MAX_CLASSES:
        raise ValueError(f"1 to {MAX_CLASSES} classes expected, found {steps}")
    shares = [index / max(steps - 1, 1) for index in range(steps)]
    below, above = (tuple(_mixed(*ends, share) for share in shares) for ends in (_BELOW, _ABOVE))
    return below, above


def class_colours(class_count: int) -> tuple[str, ...]:
    """Return the colours of ordered classes, lowest class first.

    Parameters
    ----------
    class_count
        3 to 9; 1 and 2 are taken too, because few distinct values give few classes.

    Raises
    ------
    ValueError
        If there are more classes than the eye can tell apart, or none.
    """
    if not 1 <= class_count <= MAX_CLASSES:
        raise ValueError(f"1 to {MAX_CLASSES} classes expected, found {class_count}")
    steps = max(class_count - 1, 1)
    return tuple(_activity(index / steps) for index in range(class_count))


def _activity(share: float) -> str:
    """Return the colour at a share of the scale, 0 lightest to 1 darkest."""
    place = share * (len(ACTIVITY) - 1)
    lower = min(int(place), len(ACTIVITY) - 2)
    return _mixed(ACTIVITY[lower], ACTIVITY[lower + 1], place - lower)


def _mixed(first: str, last: str, share: float) -> str:
    """Return the colour at a share of the way from one to another."""
    pairs = zip(_channels(first), _channels(last), strict=True)
    mixed = (round(low + (high - low) * share) for low, high in pairs)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


INVENTED_ORIGINS = (Origin.ASSUMED, Origin.SYNTHETIC)
"""Origins whose nodes are drawn hollow."""

_DEGREE_DIGITS = 6
_TEXT_COLUMNS = ("node_id", "kind", "node_name", "adcode", "prefecture_adcode")
_CODE_COLUMNS = ("status", "origin", "location_origin")


def node_layer(nodes: pd.DataFrame, node_kinds: pd.DataFrame) -> NodeLayer:
    """Return all placed nodes as compact JSON.

    The same rows give the same bytes, in whatever order they come.

    Parameters
    ----------
    nodes
        Declared table ``nodes``; rows without coordinates are counted and left out.
    node_kinds
        Declared table ``node_kinds``: gives the size and the drawing order of each kind.

    Returns
    -------
    NodeLayer
        One list per column; ``assumed`` is 1 for assumed and synthetic nodes, coordinates are
        degrees with six decimals (0.1 m).
    """
    placed = nodes.loc[nodes["lon"].notna() & nodes["lat"].notna()].sort_values("node_id")
    columns: dict[str, object] = {
        name: placed[name].astype("object").where(placed[name].notna(), "").tolist()
        for name in _TEXT_COLUMNS
    }
    columns |= {name: placed[name].astype("str").tolist() for name in _CODE_COLUMNS}
    columns |= {name: placed[name].round(_DEGREE_DIGITS).tolist() for name in ("lon", "lat")}
    columns["assumed"] = placed["origin"].isin(list(INVENTED_ORIGINS)).astype("int").tolist()
    document = {"kinds": _kinds(node_kinds), "nodes": columns}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return NodeLayer(content, hashlib.sha256(content).hexdigest(), len(nodes), len(placed))


def _kinds(node_kinds: pd.DataFrame) -> dict[str, float]:
    """Return the radius in pixels by kind, highest tier first, then as the table has them."""
    order = {str(level): rank for rank, level in enumerate(AdminLevel)}
    ranked = sorted(
        zip(node_kinds["kind"], node_kinds["tier"], node_kinds["symbol"], strict=True),
        key=lambda row: order[str(row[1])],
    )
    return {str(kind): _radius(str(tier), str(symbol)) for kind, tier, symbol in ranked}


def _radius(tier: str, symbol: str) -> float:
    # A triangle or a star of the same radius covers less ink than a circle.
    return TIER_RADIUS_PX[tier] + (0 if symbol == "circle" else 1)
