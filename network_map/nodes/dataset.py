"""A data set: one register of the network with what is known about it, and its own figures.

How a bundle came about: the recipe to make it again, and the hashes of what it was made of.

A data set's own figures of counties stand in the place of the shipped ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from network_map import __version__
from network_map.datapackage import table_path, table_sha256
from network_map.export import Recipe
from network_map.i18n import text
from network_map.places.reference import Places, kind_names, place_names
from network_map.places.tables import COUNTY_FIGURES, COUNTY_INDICATORS
from network_map.tables.check import conform


@dataclass(frozen=True, eq=False)
class Dataset:
    """One register of the network with what is known about it; treat its tables as read-only.

    Parameters
    ----------
    dataset_id
        ``public``, ``demo``, or the id of a workspace's snapshot: the same id, the same content.
    name
        ``public``, ``demo`` or ``own``.
    nodes, node_kinds, declared_totals, complete_lists
        The declared tables of those names.
    is_demo
        Whether rows are invented: every screen and export then says so.
    input_sha256
        SHA-256 of each file that the tables were read from, by file name.
    further
        The declared tables beside the network's own by name: ``consortia``,
        ``consortium_members``, ``county_industry``, ``centre_activity``. A name that is missing
        is a table that nobody has given.
    further_sha256
        SHA-256 of each file of consortia that those were read from, by file name.
    """

    dataset_id: str
    name: str
    nodes: pd.DataFrame
    node_kinds: pd.DataFrame
    declared_totals: pd.DataFrame
    complete_lists: pd.DataFrame
    is_demo: bool
    input_sha256: Mapping[str, str]
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    further_sha256: Mapping[str, str] = field(default_factory=dict)


REPORT_VERSIONS: Mapping[str, int] = {
    "nodes": 1,
    "county_overview": 1,
    "reconciliation": 1,
    "roll": 1,
    "roll_gaps": 1,
    "rule_findings": 1,
    "consortium_fit": 1,
    "consortia": 1,
    "gaps": 5,
    "site_plan": 1,
    "county_index": 2,
    "index_groups": 2,
    "contract_places": 1,
    "contract_cuts": 1,
    "contract_flows": 1,
    "contract_series": 1,
    "contract_season": 1,
    "contract_subsidy": 1,
    "contract_parties": 1,
}
"""Version of each report: it counts up when the same question gives another answer."""


def made_by(
    dataset: Dataset, report: str, parameters: Mapping[str, Any], *, language: str
) -> Recipe:
    """Return the recipe of a bundle.

    Parameters
    ----------
    dataset
        The open data set; its id says which version of it.
    report
        Name of the report, of those in :data:`REPORT_VERSIONS`.
    parameters
        What was asked for, as plain JSON values.
    language
        ``zh`` or ``en``.
    """
    return Recipe(
        report=report,
        version=REPORT_VERSIONS[report],
        parameters=parameters,
        dataset_name=dataset.name,
        dataset_id=dataset.dataset_id,
        language=language,
        software=__version__,
    )


def input_hashes(dataset: Dataset, *tables: str) -> dict[str, str]:
    """Return the SHA-256 of each file that rows were made of, by file name.

    Parameters
    ----------
    dataset
        The data set brings the hashes of its own files.
    tables
        Names of the shipped reference tables that were read besides.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table cannot be read.
    """
    shipped = {table_path(name).name: table_sha256(name) for name in tables}
    return {**dataset.input_sha256, **shipped}


def node_labels(dataset: Dataset, divisions: pd.DataFrame, language: str) -> dict[str, str]:
    """Return what each node is called by its id: its name, or in English its place and kind.

    The names of nodes are Chinese; nobody has published others, and none are invented.
    """
    nodes = dataset.nodes
    if language == "zh":
        return dict(zip(nodes["node_id"], nodes["node_name"], strict=True))
    places, kinds = place_names(divisions, language), kind_names(dataset.node_kinds, language)
    return {
        node: f"{places.get(adcode, adcode)}: {kinds[kind]}"
        for node, adcode, kind in zip(nodes["node_id"], nodes["adcode"], nodes["kind"], strict=True)
    }


# --- own figures of counties ----------------------------------------------------------------------


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
