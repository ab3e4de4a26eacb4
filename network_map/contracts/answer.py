"""Everything that the contract page shows of one query, from contracts that are counted already."""

from dataclasses import dataclass

import pandas as pd

from network_map.contracts.by_place import PlaceTable, place_table
from network_map.contracts.counts import Counts
from network_map.contracts.flows import flow_layer
from network_map.contracts.map import area_layer_of, map_spec_of, without_place
from network_map.contracts.query import ContractPicture, ContractQuery
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.series import YearToDate, series_table, year_to_date_sums
from network_map.contracts.span import Span, span_name, span_of
from network_map.i18n import text
from network_map.maps.spec import MapSpec
from network_map.places.reference import Places


@dataclass(frozen=True, eq=False)
class ContractMonitor:
    """The finished answer.

    Parameters
    ----------
    span, span_text
        The period, and its name.
    places
        The volumes by place.
    series
        Table ``contract_series``.
    year_to_date
        The year to the cut-off date against the year before.
    map_spec
        What the map draws.
    undated
        Contracts that no comparison up to a day can hold.
    """

    span: Span
    span_text: str
    places: PlaceTable
    series: pd.DataFrame
    year_to_date: YearToDate | None
    map_spec: MapSpec
    undated: int


def contract_monitor(
    opened: OpenContracts,
    counts: Counts,
    places: Places,
    flows: pd.DataFrame,
    *,
    query: ContractQuery,
) -> ContractMonitor:
    """Return what the contract page shows.

    Parameters
    ----------
    opened
        The register.
    counts
        The contracts of the query's choice, counted.
    places
        The reference tables.
    flows
        Table ``contract_flows`` of the query.
    query
        What is asked.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    span = span_of(query, opened.as_of)
    found = place_table(counts, places, query, span)
    source = text(
        "monitor.map.register", query.language,
        register=register_line(opened, query.language), span=span_name(span, query.language),
    )  # fmt: skip
    if query.picture is ContractPicture.FLOWS:
        areas, layer = None, flow_layer(flows, places, query, source=source)
    else:
        whole = found
        if query.prefecture_adcode is not None:
            whole = place_table(counts, places, without_place(query), span)
        areas, layer = area_layer_of(whole, places, query, source=source), None
    return ContractMonitor(
        span=span,
        span_text=span_name(span, query.language),
        places=found,
        series=series_table(counts, places, query),
        year_to_date=year_to_date_sums(counts, places, query),
        map_spec=map_spec_of(query, areas=areas, flows=layer),
        undated=counts.undated,
    )


def years_of(counts: Counts) -> tuple[int, ...]:
    """Return the years that contracts were signed in, the latest first."""
    years = counts.months["output"]["signed_year"].dropna().unique()
    return tuple(sorted((int(year) for year in years), reverse=True))


def register_line(opened: OpenContracts, language: str) -> str:
    """Return which register the figures come from and until when it reaches."""
    label = text(f"monitor.register.{opened.name}", language)
    if opened.as_of is None:
        return label
    return text("monitor.register.line", language, label=label, day=opened.as_of.isoformat())
