"""The shapes of nodes, defined once: the live map, its legend and printed maps draw these.

A shape is a list of corners in a square from -1 to 1, y downwards; the circle has none. The
shapes differ in outline, so that a greyscale print still tells the tiers apart.
"""

import math
from collections.abc import Mapping
from html import escape

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


def symbol_path(symbol: str, x: float, y: float, radius: float) -> str:
    """Return the outline of a symbol as the ``d`` of an SVG path.

    Parameters
    ----------
    symbol
        One of `SYMBOLS`.
    x, y, radius
        Centre and size, in the units of the drawing.

    Raises
    ------
    KeyError
        If there is no such symbol.
    """
    corners = SYMBOLS[symbol]
    if not corners:
        arc = f"a{radius:g},{radius:g} 0 1,0"
        return f"M{x - radius:g},{y:g}{arc} {2 * radius:g},0{arc} {-2 * radius:g},0Z"
    points = (f"{x + radius * across:.4g},{y + radius * down:.4g}" for across, down in corners)
    return "M" + "L".join(points) + "Z"


def symbol_svg(symbol: str, *, colour: str, is_hollow: bool = False, size: float = 16) -> str:
    """Return a symbol as an SVG element of its own, for legends.

    Parameters
    ----------
    symbol
        One of `SYMBOLS`.
    colour
        ``#rrggbb``.
    is_hollow
        Whether only the outline is drawn: an assumed node.
    size
        Width and height in pixels.
    """
    half = size / 2
    fill = "#ffffff" if is_hollow else escape(colour, quote=True)
    path = symbol_path(symbol, half, half, half - 2)
    stroke = escape(colour, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size:g}" height="{size:g}">'
        f'<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/></svg>'
    )
