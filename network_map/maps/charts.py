"""Small charts as HTML of our own: bars, columns over time, the gauge of a target.

They ask no library and no host, speak the page's language, and print as they stand.

The rows of a table as the browser reads them: made once, fetched once.

Class breaks for a choropleth.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from network_map.errors import QueryError
from network_map.i18n import text
from network_map.maps.spec import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.tables import Column, ColumnType, Table
from network_map.terms import Classifier

_FULL = 100.0
_LABELS = 13


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar or column.

    Parameters
    ----------
    label
        Its name.
    size
        Its length in any unit, at least 0.
    text
        What is written beside it, with the unit where the chart does not say it.
    title
        What it says when pointed at; empty for nothing.
    series
        Which of two series it belongs to, 0 or 1.
    """

    label: str
    size: float
    text: str = ""
    title: str = ""
    series: int = 0


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value against a target, with the range it may come to.

    Parameters
    ----------
    value, target
        In one unit.
    low, high
        The range; None for none.
    value_label, target_label, range_label
        What the marks stand for, with numbers and unit.
    watermark
        Written across the gauge; empty for none.
    """

    value: float
    target: float
    low: float | None
    high: float | None
    value_label: str
    target_label: str
    range_label: str = ""
    watermark: str = ""


def bar_list(title: str, bars: Sequence[Bar], *, most: float | None = None) -> str:
    """Return horizontal bars under a title as an HTML element.

    Parameters
    ----------
    title
        What stands above; empty for nothing.
    bars
        The bars.
    most
        Size of a full bar; None: of the largest one.
    """
    most = most or max((bar.size for bar in bars), default=0) or 1
    rows = "".join(
        f'<div class="bar" title="{escape(bar.title)}">'
        f'<span class="name">{escape(bar.label)}</span>'
        f'<span class="track"><i style="width:{_FULL * bar.size / most:.2f}%"></i></span>'
        f'<span class="amount">{escape(bar.text)}</span></div>'
        for bar in bars
    )
    heading = f"<h3>{escape(title)}</h3>" if title else ""
    return f'<section class="bars">{heading}{rows}</section>'


def column_chart(columns: Sequence[Sequence[Bar]], names: Sequence[str], *, label: str) -> str:
    """Return columns over time as an HTML element.

    Parameters
    ----------
    columns
        The bars of each period, one or two.
    names
        Names of the two series; one or none needs no legend.
    label
        What the chart shows, for people who do not see it.
    """
    most = max((bar.size for bars in columns for bar in bars), default=0) or 1
    every = -(-len(columns) // _LABELS) if columns else 1
    last = len(columns) - 1
    # Labels count back from the latest period: that one is always named.
    parts = "".join(
        _column(bars, most, is_named=(last - number) % every == 0)
        for number, bars in enumerate(columns)
    )
    legend = "".join(
        f'<span><i class="s{number}"></i>{escape(name)}</span>' for number, name in enumerate(names)
    )
    shown = f'<div class="keys">{legend}</div>' if len(names) > 1 else ""
    return f'{shown}<div class="columns" role="img" aria-label="{escape(label)}">{parts}</div>'


def gauge(wanted: Gauge) -> str:
    """Return a gauge as an HTML element: the value's bar, the range, the target's line."""
    most = max(wanted.target, wanted.value, wanted.high or 0) * 1.04 or 1
    band = ""
    if wanted.low is not None and wanted.high is not None:
        left, right = (_FULL * end / most for end in (wanted.low, wanted.high))
        band = f'<i class="band" style="left:{left:.2f}%;width:{max(right - left, 0.6):.2f}%"></i>'
    marks = [("value", wanted.value_label), ("aim", wanted.target_label)]
    if band:
        marks.insert(1, ("band", wanted.range_label))
    keys = "".join(f'<div><i class="key {name}"></i>{escape(words)}</div>' for name, words in marks)
    mark = f'<b class="watermark">{escape(wanted.watermark)}</b>' if wanted.watermark else ""
    return (
        f'<div class="gauge">{mark}<div class="dial">{band}'
        f'<i class="value" style="width:{_FULL * wanted.value / most:.2f}%"></i>'
        f'<i class="aim" style="left:{_FULL * wanted.target / most:.2f}%"></i></div>'
        f'<div class="marks">{keys}</div></div>'
    )


def lorenz_chart(points: Sequence[tuple[float, float]], *, label: str, note: str) -> str:
    """Return a Lorenz curve under its diagonal as an HTML element.

    Parameters
    ----------
    points
        Shares of people and of the value, from (0, 0) to (1, 1).
    label
        What the chart shows, for people who do not see it.
    note
        What stands below.
    """
    # As seen from the top: the curve's y counts downwards.
    corners = ", ".join(f"{_FULL * x:.2f}% {_FULL * (1 - y):.2f}%" for x, y in points)
    return (
        f'<figure class="lorenz"><div class="square" role="img" aria-label="{escape(label)}">'
        f'<i class="level"></i><i class="below" style="clip-path:polygon({corners})"></i></div>'
        f"<figcaption>{escape(note)}</figcaption></figure>"
    )


def _column(bars: Sequence[Bar], most: float, *, is_named: bool) -> str:
    stacks = "".join(
        f'<i class="s{bar.series}" title="{escape(bar.title)}" '
        f'style="height:{_FULL * bar.size / most:.2f}%"></i>'
        for bar in bars
    )
    first = bars[0]
    name = escape(first.label) if is_named else ""
    top = f'<span class="top">{escape(first.text)}</span>' if first.text else ""
    return (
        f'<div class="column">{top}<div class="stack">{stacks}</div>'
        f'<span class="under">{name}</span></div>'
    )


_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER)
_DIGITS = {ColumnType.NUMBER: 2}
_SAID_BY_HEADING = ("", "count", "degrees")


def table_rows(
    table: pd.DataFrame,
    declaration: Table,
    *,
    columns: list[str],
    id_column: str,
    label: str,
    language: str,
    missing: str | None = None,
    digits: Mapping[str, int] | None = None,
) -> bytes:
    """Return rows with their headings as compact JSON.

    Parameters
    ----------
    table
        Rows of the declared table.
    declaration
        Gives headings, units and explanations.
    columns
        Names of the columns shown, in order.
    id_column
        Column that names a row; its values are unique.
    label
        What the table holds, for people who do not see it.
    language
        ``zh`` or ``en``.
    missing
        What an empty cell says; the word for unknown where none is given.
    digits
        Decimals of columns that show others than their type does.
    """
    cells = [plain_cells(table[name]) for name in columns]
    document = {
        "label": label,
        "missing": text("term.presence.unknown", language) if missing is None else missing,
        "columns": [
            _heading(declaration.column(name), language, (digits or {}).get(name))
            for name in columns
        ],
        "rows": [
            {"id": str(row_id), "cells": list(row)}
            for row_id, row in zip(table[id_column], zip(*cells, strict=True), strict=True)
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def plain_cells(cells: pd.Series | ExtensionArray) -> list[object]:
    """Return cells as Python's own values, None where one is missing."""
    return [
        None if is_missing else cell
        for cell, is_missing in zip(cells.tolist(), cells.isna().tolist(), strict=True)
    ]


def _heading(column: Column, language: str, digits: int | None) -> dict[str, object]:
    heading = column.heading(language)
    if column.unit not in _SAID_BY_HEADING:
        unit = text(f"unit.{column.unit}", language)
        heading = text("export.heading_with_unit", language, heading=heading, unit=unit)
    return {
        "heading": heading,
        "about": column.about_zh if language == "zh" else column.about_en,
        "numeric": column.type in _NUMBERS,
        "digits": _DIGITS.get(column.type, 0) if digits is None else digits,
    }


_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassBreaks:
    """The classes of one column.

    Parameters
    ----------
    lower
        The smallest value that was classified.
    uppers
        Upper bound of each class, included in it, in increasing order.
    counts
        Number of values in each class.
    missing_count
        Number of places without a value: they belong to no class.
    """

    lower: float
    uppers: tuple[float, ...]
    counts: tuple[int, ...]
    missing_count: int


def class_breaks(
    values: pd.Series,
    *,
    classifier: Classifier,
    class_count: int = 5,
    own_breaks: Sequence[float] = (),
) -> ClassBreaks:
    """Return the classes of a column.

    Equal values always share a class. Quantiles and natural breaks give fewer classes than were
    asked for where equal values (many zeros, say) leave no room for more, and never an empty one;
    equal intervals and own breaks keep an empty class, because its bounds were asked for.

    Parameters
    ----------
    values
        Numbers; missing ones are counted apart.
    classifier
        ``QUANTILE`` puts about the same number of places in each class; ``NATURAL_BREAKS`` makes
        the sum of squared deviations from the class means least (Fisher 1958, Jenks 1977), exactly;
        ``EQUAL_INTERVAL`` cuts the range evenly; ``OWN_BREAKS`` takes ``own_breaks``.
    class_count
        How many classes, 3 to 9; not used with own breaks.
    own_breaks
        Upper bounds of all classes but the last, increasing.

    Raises
    ------
    QueryError
        If the number of classes is out of range, or the own breaks are absent or do not increase.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. Journal of the American Statistical
    Association 53, 789-798.
    """
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    known = np.sort(numbers.dropna().to_numpy())
    missing_count = len(numbers) - known.size
    if classifier is not Classifier.OWN_BREAKS and not (
        MINIMUM_CLASSES <= class_count <= MAXIMUM_CLASSES
    ):
        raise QueryError(
            "class_count", found=class_count, minimum=MINIMUM_CLASSES, maximum=MAXIMUM_CLASSES
        )
    if classifier is Classifier.OWN_BREAKS:
        _check_own_breaks(own_breaks)
    if known.size == 0:
        return ClassBreaks(float("nan"), (), (), missing_count)
    if classifier is Classifier.QUANTILE:
        uppers = np.quantile(known, np.arange(1, class_count + 1) / class_count)
    elif classifier is Classifier.EQUAL_INTERVAL:
        uppers = np.linspace(known[0], known[-1], class_count + 1)[1:]
    elif classifier is Classifier.NATURAL_BREAKS:
        uppers = _natural_uppers(known.astype(np.float64), class_count)
    else:
        uppers = np.asarray([*own_breaks, max(known[-1], own_breaks[-1])], dtype=np.float64)
    uppers[-1] = max(uppers[-1], known[-1])
    uppers = np.unique(uppers)
    counts = np.bincount(np.searchsorted(uppers, known, side="left"), minlength=uppers.size)
    if classifier in {Classifier.QUANTILE, Classifier.NATURAL_BREAKS}:
        uppers, counts = uppers[counts > 0], counts[counts > 0]
    return ClassBreaks(
        float(known[0]),
        tuple(float(upper) for upper in uppers),
        tuple(int(count) for count in counts),
        missing_count,
    )


def class_of(values: pd.Series, breaks: ClassBreaks) -> pd.Series:
    """Return the class of each value, counted from 0, missing where the value is missing.

    Parameters
    ----------
    values
        The column that the breaks were made from; its index comes out again.
    breaks
        Its classes.
    """
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if not breaks.uppers:
        return pd.Series(pd.NA, index=values.index, dtype="Int64")
    positions = np.searchsorted(np.asarray(breaks.uppers), numbers.to_numpy(), side="left")
    classes = pd.Series(positions, index=values.index, dtype="Int64")
    return classes.mask(numbers.isna())


def _check_own_breaks(own_breaks: Sequence[float]) -> None:
    increasing = all(low < high for low, high in pairwise(own_breaks))
    finite = all(np.isfinite(own_break) for own_break in own_breaks)
    if not own_breaks or not increasing or not finite or len(own_breaks) >= MAXIMUM_CLASSES:
        raise QueryError(
            "own_breaks",
            found=", ".join(f"{own_break:g}" for own_break in own_breaks) or "-",
            maximum=MAXIMUM_CLASSES - 1,
        )


def _natural_uppers(known: _Floats, class_count: int) -> _Floats:
    """Return the upper bounds with the least within-class sum of squares, by dynamic programming.

    Works on the distinct values with their multiplicities, so that equal values stay together.
    """
    distinct, weights = np.unique(known, return_counts=True)
    groups = min(class_count, distinct.size)
    if groups == distinct.size:
        return distinct
    # Centred values keep the difference of two large squares accurate.
    centred = distinct - np.average(distinct, weights=weights)
    weight = np.concatenate([[0.0], np.cumsum(weights)])
    total = np.concatenate([[0.0], np.cumsum(weights * centred)])
    square = np.concatenate([[0.0], np.cumsum(weights * centred**2)])

    def spread(starts: npt.NDArray[np.intp], end: int) -> _Floats:
        sums = total[end] - total[starts]
        spreads: _Floats = square[end] - square[starts] - sums**2 / (weight[end] - weight[starts])
        return spreads

    count = distinct.size
    best = np.full((groups + 1, count + 1), np.inf)
    best[0, 0] = 0.0
    cut = np.zeros((groups + 1, count + 1), dtype=np.intp)
    for group in range(1, groups + 1):
        for end in range(group, count + 1):
            starts = np.arange(group - 1, end)
            costs = best[group - 1, starts] + spread(starts, end)
            choice = int(np.argmin(costs))
            best[group, end] = costs[choice]
            cut[group, end] = starts[choice]
    uppers = np.empty(groups)
    end = count
    for group in range(groups, 0, -1):
        uppers[group - 1] = distinct[end - 1]
        end = cut[group, end]
    return uppers
