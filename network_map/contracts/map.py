"""The map of the contract monitor: areas in classes, zero and difference told apart, and flows."""

from dataclasses import replace

import numpy as np
import pandas as pd

from network_map.contracts.by_place import FEN_PER_10K_YUAN, FEN_PER_100M_YUAN, PlaceTable, measured
from network_map.contracts.query import ContractMeasure, ContractQuery, ContractSide
from network_map.i18n import number_text, text
from network_map.maps.classes import ClassBreaks, class_breaks, class_of
from network_map.maps.spec import MINIMUM_CLASSES, AreaLayer, ClassEntry, FlowLayer, MapSpec
from network_map.maps.symbols import ZERO_COLOUR, class_colours, diverging_colours
from network_map.places.reference import Places
from network_map.terms import AdminLevel, Classifier

_MONEY = (ContractMeasure.VALUE, ContractMeasure.TECHNOLOGY_VALUE)


def legend_unit(query: ContractQuery) -> tuple[str, float, int]:
    """Return the key of the legend's unit, what values are divided by, and its decimals.

    The unit follows measure and level, not the values: own breaks keep their meaning.
    """
    if query.measure is ContractMeasure.NUMBER:
        return "contracts", 1, 0
    if query.measure not in _MONEY:
        return f"10k_yuan_{query.measure.value}", 1, 2
    if query.level is AdminLevel.PREFECTURE:
        return "100m_yuan", FEN_PER_100M_YUAN, 2
    return "10k_yuan", FEN_PER_10K_YUAN, 1


def unit_name(query: ContractQuery) -> str:
    """Return the unit of the legend for people."""
    return text(f"monitor.unit.{legend_unit(query)[0]}", query.language)


def measure_title(query: ContractQuery) -> str:
    """Return what the map shows: the measure and its side."""
    measure = text(f"monitor.measure.{query.measure.value}", query.language)
    return text(f"monitor.title.{query.side.value}", query.language, measure=measure)


def area_layer_of(
    found: PlaceTable, places: Places, query: ContractQuery, *, source: str
) -> AreaLayer:
    """Return the areas in classes.

    A place without a contract is 0 and has a class of its own; a place without population or GDP
    has no data. Other classes are cut over the positive values. A difference of output and
    absorption is cut by its size, with the same breaks on both sides of zero.

    Parameters
    ----------
    found
        The volumes of the whole province: a prefecture filter must not change a colour.
    places
        The reference tables.
    query
        What is asked; its prefecture decides which areas the legend counts.
    source
        Where the figures come from, for the legend.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    _, divisor, digits = legend_unit(query)
    values = measured(found, places, query) / divisor
    if query.side is ContractSide.BOTH:
        labels, colours, classes = _difference(values, query, digits)
    else:
        labels, colours, classes = _amount(values, query, digits)
    shown = classes[classes.index.isin(_inside(places, query))]
    counts = [int((shown == number).sum()) for number in range(len(labels))]
    note = text("monitor.map.source", query.language, source=source, count=len(shown))
    return AreaLayer(
        level=query.level,
        title=measure_title(query),
        unit=unit_name(query),
        source=note,
        classes=tuple(
            ClassEntry(label, colour, count)
            for label, colour, count in zip(labels, colours, counts, strict=True)
        ),
        class_of={str(adcode): int(number) for adcode, number in classes.dropna().items()},
        value_text={
            str(adcode): number_text(value, digits) for adcode, value in values.dropna().items()
        },
        missing_label=text("overlay.no_data", query.language),
        missing_count=int(shown.isna().sum()),
    )


def map_spec_of(
    query: ContractQuery,
    *,
    areas: AreaLayer | None,
    flows: FlowLayer | None,
    selected_adcode: str | None = None,
) -> MapSpec:
    """Return the map: coloured areas or flows, no nodes."""
    return MapSpec(
        language=query.language,
        nodes=None,
        symbols=(),
        areas=areas,
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=selected_adcode,
        unplaced=(),
        source_line=text("map.source_line", query.language),
        flows=flows,
    )


def without_place(query: ContractQuery) -> ContractQuery:
    """Return the query for the whole province, by which classes are cut."""
    return replace(query, prefecture_adcode=None)


def _inside(places: Places, query: ContractQuery) -> set[str]:
    divisions = places.divisions[places.divisions["level"] == query.level.value]
    if query.prefecture_adcode is not None:
        name = "adcode" if query.level is AdminLevel.PREFECTURE else "parent_adcode"
        divisions = divisions[divisions[name] == query.prefecture_adcode]
    return set(divisions["adcode"])


def _breaks(values: pd.Series, query: ContractQuery, class_count: int) -> ClassBreaks:
    return class_breaks(
        values, classifier=query.classifier, class_count=class_count, own_breaks=query.own_breaks
    )


def _ranges(breaks: ClassBreaks, digits: int) -> list[str]:
    if not breaks.uppers:
        return []
    lowers = (breaks.lower, *breaks.uppers[:-1])
    return [
        f"{number_text(low, digits)} – {number_text(high, digits)}"
        for low, high in zip(lowers, breaks.uppers, strict=True)
    ]


def _amount(
    values: pd.Series, query: ContractQuery, digits: int
) -> tuple[list[str], list[str], pd.Series]:
    breaks = _breaks(values[values > 0], query, query.class_count)
    classes = class_of(values.where(values > 0), breaks) + 1
    classes = classes.mask(values == 0, 0)
    colours = class_colours(len(breaks.uppers)) if breaks.uppers else ()
    zero = text("monitor.map.zero", query.language)
    return [zero, *_ranges(breaks, digits)], [ZERO_COLOUR, *colours], classes


def _difference(
    values: pd.Series, query: ContractQuery, digits: int
) -> tuple[list[str], list[str], pd.Series]:
    sizes = values.abs()
    is_own = query.classifier is Classifier.OWN_BREAKS
    count = query.class_count if is_own else max(MINIMUM_CLASSES, (query.class_count + 1) // 2)
    breaks = _breaks(sizes[sizes > 0], query, count)
    steps = len(breaks.uppers)
    ranges = _ranges(breaks, digits)
    below, above = diverging_colours(steps) if steps else ((), ())
    labels = [text("monitor.map.below", query.language, range=r) for r in reversed(ranges)]
    labels += [text("monitor.map.zero", query.language)]
    labels += [text("monitor.map.above", query.language, range=r) for r in ranges]
    step = class_of(sizes.where(sizes > 0), breaks)
    sign = pd.Series(np.sign(values), index=values.index)
    classes = steps + (sign * (step.astype("Float64") + 1)).astype("Float64").astype("Int64")
    return labels, [*reversed(below), ZERO_COLOUR, *above], classes.mask(values == 0, steps)
