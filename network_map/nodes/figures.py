"""A data set's own figures of counties in the place of the shipped ones."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from network_map.i18n import text
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.places.tables import COUNTY_FIGURES, COUNTY_INDICATORS
from network_map.tables.check import conform


def own_figures(dataset: Dataset) -> pd.DataFrame | None:
    """Return table ``county_figures`` of a data set, None where it has no figure of its own."""
    found = dataset.further.get(COUNTY_FIGURES.name)
    return None if found is None or found.empty else found


def places_of(places: Places, dataset: Dataset) -> Places:
    """Return the reference tables with a data set's own figures of counties in them.

    Each figure stands in the place of the shipped one of its county, and its source in the column
    of sources behind it. Figures of prefectures are not made of them.
    """
    figures = own_figures(dataset)
    if figures is None:
        return places
    table = places.county_indicators.astype("object").set_index("adcode")
    sources = _source_columns()
    columns = ["adcode", "indicator", "figure_value", "source"]
    for adcode, name, value, source in figures[columns].itertuples(index=False, name=None):
        if adcode in table.index:
            table.loc[adcode, name] = value
            table.loc[adcode, sources[name]] = source
    table = table.reset_index()[COUNTY_INDICATORS.names]
    return replace(places, county_indicators=conform(COUNTY_INDICATORS, table))


def own_figure_lines(dataset: Dataset, language: str) -> tuple[str, ...]:
    """Return the lines that name a data set's own figures and where they come from."""
    figures = own_figures(dataset)
    if figures is None:
        return ()
    between = text("node_list.separator", language)
    columns = [c for c in COUNTY_INDICATORS.columns if c.name in set(figures["indicator"])]
    return (
        text(
            "source.own_figures", language, count=len(figures),
            figures=between.join(column.heading(language) for column in columns),
            origins=between.join(
                text(f"term.origin.{origin}", language) for origin in sorted(set(figures["origin"]))
            ),
            sources=between.join(dict.fromkeys(figures["source"])),
        ),
    )  # fmt: skip


def _source_columns() -> Mapping[str, str]:
    """Return for each column of indicators the column of sources that stands behind it."""
    found: dict[str, str] = {}
    waiting: list[str] = []
    for name in COUNTY_INDICATORS.names:
        if name.endswith("_src"):
            found |= dict.fromkeys(waiting, name)
            waiting = []
        else:
            waiting.append(name)
    return found
