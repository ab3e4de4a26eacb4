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
    pairs = zip(_channels(_CIVIDIS[lower]), _channels(_CIVIDIS[lower + 1]), strict=True)
    mixed = (round(low + (high - low) * (place - lower)) for low, high in pairs)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _SRGB_KNEE else ((channel + 0.055) / 1.055) ** 2.4
