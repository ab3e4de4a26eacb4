"""What a map shows, as plain values: pages and commands build it, the views draw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from network_map.terms import AdminLevel

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
    """

    label: str
    colour: str
    count: int


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
        One of `network_map.maps.symbols.SYMBOLS`.
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
    """

    centre: tuple[float, float]
    radius_px: float
    label: str


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
