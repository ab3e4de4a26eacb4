"""Colours of areas: cividis for classes, light grey for no data.

Cividis was made to look the same to people with and without red-green blindness (Nuñez,
Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239). Its lightness rises evenly, so that
the order of the classes survives a greyscale print. On light paper more is darker: the lowest
class is the lightest.
"""

NO_DATA_COLOUR = "#d9d9d9"
"""Fill of an area without data; it is hatched as well."""

MIN_CLASSES = 3
MAX_CLASSES = 9

_SRGB_KNEE = 0.04045
_CIVIDIS = (
    "#fee838", "#e1cc55", "#c3b369", "#a59c74", "#8a8678",
    "#707173", "#575d6d", "#3b496c", "#123570", "#00224e",
)  # fmt: skip
"""Ten even steps of cividis, lightest first."""


ZERO_COLOUR = "#f1eee3"
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
    return tuple(_cividis(index / steps) for index in range(class_count))


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` by WCAG 2: 0 is black, 1 is white."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _cividis(share: float) -> str:
    """Return the colour at a share of the scale, 0 lightest to 1 darkest."""
    place = share * (len(_CIVIDIS) - 1)
    lower = min(int(place), len(_CIVIDIS) - 2)
    return _mixed(_CIVIDIS[lower], _CIVIDIS[lower + 1], place - lower)


def _mixed(first: str, last: str, share: float) -> str:
    """Return the colour at a share of the way from one to another."""
    pairs = zip(_channels(first), _channels(last), strict=True)
    mixed = (round(low + (high - low) * share) for low, high in pairs)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _SRGB_KNEE else ((channel + 0.055) / 1.055) ** 2.4
