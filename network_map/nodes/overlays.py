"""What colours the areas of the overview: a figure in classes, or presence in three values."""

from dataclasses import dataclass

import pandas as pd

from network_map.i18n import number_text, text
from network_map.maps.classes import ClassBreaks, class_breaks, class_of
from network_map.maps.colours import class_colours
from network_map.maps.spec import AreaLayer, ClassEntry
from network_map.nodes.query import Overlay, OverviewQuery
from network_map.places.sources_reference import Places
from network_map.terms import AdminLevel, Presence

PRESENT_COLOUR = "#7fb2d0"
ABSENT_COLOUR = "#d1603d"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that can colour the areas.

    Parameters
    ----------
    column
        Column of the county and of the prefecture indicators.
    unit
        Key of the unit that the legend uses.
    divisor
        What the column is divided by to be in that unit.
    digits
        Decimals shown.
    """

    column: str
    unit: str
    divisor: float
    digits: int


FIGURES = {
    Overlay.POPULATION: Figure("pop_2020", "ten_thousand_persons", 10_000, 1),
    Overlay.GDP: Figure("gdp_2021_100m", "hundred_million_yuan", 1, 1),
}


def area_layer(places: Places, roll: pd.DataFrame, query: OverviewQuery) -> AreaLayer | None:
    """Return the colouring of the areas, or None where the query wants none.

    Parameters
    ----------
    places
        The reference tables.
    roll
        Presence of each kind in each place (``presence.place_roll``).
    query
        What is shown. Classes are cut over the whole province, so that a prefecture filter does
        not change the colour of a county; their counts are those of the shown area.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    if query.overlay is Overlay.NONE:
        return None
    if query.overlay.is_presence:
        return _presence_layer(places, roll, query)
    return _figure_layer(places, query)


def figure_values(places: Places, figure: Figure, level: AdminLevel) -> pd.Series:
    """Return the values of a figure in its legend unit, by adcode."""
    table = (
        places.prefecture_indicators if level is AdminLevel.PREFECTURE else places.county_indicators
    )
    return table.set_index("adcode")[figure.column].astype("float64") / figure.divisor


def shown_areas(places: Places, query: OverviewQuery, level: AdminLevel) -> set[str]:
    """Return the adcodes of a level that the query shows."""
    areas = places.divisions[places.divisions["level"] == level]
    if query.prefecture_adcode is not None:
        name = "adcode" if level is AdminLevel.PREFECTURE else "parent_adcode"
        areas = areas[areas[name] == query.prefecture_adcode]
    return set(areas["adcode"])


def _figure_layer(places: Places, query: OverviewQuery) -> AreaLayer:
    figure = FIGURES[query.overlay]
    values = figure_values(places, figure, query.level)
    breaks = class_breaks(
        values,
        classifier=query.classifier,
        class_count=query.class_count,
        own_breaks=query.own_breaks,
    )
    classes = class_of(values, breaks)
    shown = classes[classes.index.isin(shown_areas(places, query, query.level))]
    counts = [int((shown == number).sum()) for number in range(len(breaks.uppers))]
    known = values.dropna()
    return AreaLayer(
        level=query.level,
        title=text(f"overlay.{query.overlay.value}.title", query.language),
        unit=text(f"unit.{figure.unit}", query.language),
        source=text(f"overlay.{query.overlay.value}.source", query.language),
        classes=_class_entries(breaks, counts, figure.digits),
        class_of={str(adcode): int(number) for adcode, number in classes.dropna().items()},
        value_text={
            str(adcode): number_text(value, figure.digits) for adcode, value in known.items()
        },
        missing_label=text("overlay.no_data", query.language),
        missing_count=int(shown.isna().sum()),
    )


def _class_entries(breaks: ClassBreaks, counts: list[int], digits: int) -> tuple[ClassEntry, ...]:
    lowers = (breaks.lower, *breaks.uppers[:-1])
    colours = class_colours(len(breaks.uppers)) if breaks.uppers else ()
    return tuple(
        ClassEntry(f"{number_text(low, digits)} – {number_text(high, digits)}", colour, count)
        for low, high, colour, count in zip(lowers, breaks.uppers, colours, counts, strict=True)
    )


def _presence_layer(places: Places, roll: pd.DataFrame, query: OverviewQuery) -> AreaLayer:
    rows = roll[roll["kind"] == query.overlay.value]
    level = AdminLevel.PREFECTURE if query.overlay is Overlay.SUB_MARKET else AdminLevel.COUNTY
    presence = dict(zip(rows["adcode"], rows["presence"], strict=True))
    order = (Presence.PRESENT, Presence.ABSENT)
    colours = (PRESENT_COLOUR, ABSENT_COLOUR)
    words = {value: text(f"term.presence.{value}", query.language) for value in Presence}
    is_shown = rows["adcode"].isin(shown_areas(places, query, level))
    counts = rows.loc[is_shown, "presence"].value_counts()
    return AreaLayer(
        level=level,
        title=text(f"overlay.{query.overlay.value}.title", query.language),
        unit="",
        source=text("overlay.presence_source", query.language),
        classes=tuple(
            ClassEntry(words[value], colour, int(counts.get(value.value, 0)))
            for value, colour in zip(order, colours, strict=True)
        ),
        class_of={
            adcode: order.index(Presence(value))
            for adcode, value in presence.items()
            if value != Presence.UNKNOWN
        },
        value_text={adcode: words[Presence(value)] for adcode, value in presence.items()},
        missing_label=words[Presence.UNKNOWN],
        missing_count=int(counts.get(Presence.UNKNOWN.value, 0)),
        is_categorical=True,
    )
