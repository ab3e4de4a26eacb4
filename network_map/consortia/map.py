"""The map of a consortium: lead, members, the lines between them, and the counties' verdicts."""

from collections.abc import Mapping
from itertools import chain

import pandas as pd

from network_map.consortia.query import ConsortiumQuery
from network_map.i18n import number_text, text
from network_map.maps.spec import (
    AreaLayer,
    ClassEntry,
    HierarchyLine,
    MapSpec,
    NodeLayer,
    NodeSymbol,
    UnplacedNode,
)
from network_map.maps.symbols import INVENTED_ORIGINS, node_layer
from network_map.nodes.tables import NODE_KINDS, NODES
from network_map.places.reference import Places
from network_map.tables.check import conform
from network_map.terms import AdminLevel, ConsortiumRole, FitVerdict, LocationOrigin

_COLOURS = {
    FitVerdict.GAP: "#d1603d",
    FitVerdict.UNCERTAIN: "#f2c45a",
    FitVerdict.COVERED: "#7fb2d0",
    FitVerdict.NOT_CONCERNED: "#f3f1ea",
}
_SYMBOLS = {
    ConsortiumRole.LEAD: ("diamond", "#4a1486", AdminLevel.PROVINCE),
    ConsortiumRole.MEMBER: ("circle", "#6a51a3", AdminLevel.COUNTY),
}


def consortium_map(
    places: Places,
    members: pd.DataFrame,
    fit: pd.DataFrame,
    *,
    name: str,
    query: ConsortiumQuery,
) -> MapSpec:
    """Return the map of a consortium.

    Parameters
    ----------
    places
        The reference tables; members stand at the seat of their county.
    members
        Its rows of ``consortium_members``.
    fit
        Its rows of ``consortium_fit`` in the shown area.
    name
        The consortium, for people.
    query
        What is asked for.
    """
    nodes = _nodes(places, members)
    drawn = nodes
    if query.prefecture_adcode is not None:
        drawn = nodes[nodes["prefecture_adcode"] == query.prefecture_adcode]
    return MapSpec(
        language=query.language,
        nodes=_layer(nodes, query.language),
        symbols=_symbols(drawn, query.language),
        areas=_areas(fit, name, query),
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=_unplaced(members, query.language),
        source_line=text("map.source_line", query.language),
        lines=_lines(nodes, query.prefecture_adcode),
    )


def _nodes(places: Places, members: pd.DataFrame) -> pd.DataFrame:
    """Return the members whose county is known as nodes at its seat."""
    placed = members[members["adcode"].notna()].merge(
        places.county_seats[["adcode", "lon", "lat"]],
        how="left", on="adcode", validate="many_to_one",
    )  # fmt: skip
    return conform(
        NODES,
        placed.assign(
            node_id=[f"{n:04d}" for n in range(len(placed))],
            kind=placed["role"],
            node_name=placed["member_name"],
            status="built",
            location_origin=LocationOrigin.COUNTY_SEAT.value,
        ),
    )


def _layer(nodes: pd.DataFrame, language: str) -> NodeLayer:
    kinds = [
        {
            "kind": role.value,
            "tier": tier.value,
            "is_counted": True,
            "symbol": symbol,
            "colour": colour,
            **{
                column: text(f"term.consortium_role.{role.value}", language)
                for column in ("kind_name_zh", "kind_name_en", "short_zh", "short_en")
            },
        }
        for role, (symbol, colour, tier) in _SYMBOLS.items()
    ]
    return node_layer(nodes, conform(NODE_KINDS, pd.DataFrame(kinds)))


def _symbols(nodes: pd.DataFrame, language: str) -> tuple[NodeSymbol, ...]:
    is_invented = nodes["origin"].isin(list(INVENTED_ORIGINS))
    return tuple(
        NodeSymbol(
            kind=role.value,
            label=text(f"term.consortium_role.{role.value}", language),
            symbol=symbol,
            colour=colour,
            count=int((nodes["kind"] == role).sum()),
            assumed_count=int((is_invented & (nodes["kind"] == role)).sum()),
            is_visible=True,
        )
        for role, (symbol, colour, _) in _SYMBOLS.items()
    )


def _areas(fit: pd.DataFrame, name: str, query: ConsortiumQuery) -> AreaLayer:
    """Return the counties by verdict; what is not known is grey and hatched."""
    words = {v: text(f"term.fit_verdict.{v.value}", query.language) for v in FitVerdict}
    verdicts = dict(zip(fit["adcode"], map(FitVerdict, fit["fit_verdict"]), strict=True))
    counts = fit["fit_verdict"].value_counts()
    order = tuple(_COLOURS)
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("consortium.layer_title", query.language, name=name),
        unit="",
        source=text("consortium.layer_source", query.language, standard=f"{query.standard_km:g}"),
        classes=tuple(
            ClassEntry(words[verdict], colour, int(counts.get(verdict.value, 0)))
            for verdict, colour in _COLOURS.items()
        ),
        class_of={code: order.index(v) for code, v in verdicts.items() if v in _COLOURS},
        value_text=_value_texts(fit, words, query.language),
        missing_label=words[FitVerdict.UNKNOWN],
        missing_count=int(counts.get(FitVerdict.UNKNOWN.value, 0)),
        is_categorical=True,
    )


def _value_texts(
    fit: pd.DataFrame, words: Mapping[FitVerdict, str], language: str
) -> dict[str, str]:
    columns = ["adcode", "fit_verdict", "nearest_km"]
    return {
        adcode: words[FitVerdict(verdict)]
        if pd.isna(km)
        else text("consortium.verdict_at", language, verdict=words[FitVerdict(verdict)],
                  km=number_text(km))
        for adcode, verdict, km in fit[columns].itertuples(index=False, name=None)
    }  # fmt: skip


def _unplaced(members: pd.DataFrame, language: str) -> tuple[UnplacedNode, ...]:
    rows = members.loc[members["adcode"].isna(), ["role", "member_name", "is_outside_province"]]
    return tuple(
        UnplacedNode(
            role,
            name,
            text(f"consortium.unplaced_{'outside' if is_outside else 'unknown'}", language),
        )
        for role, name, is_outside in rows.itertuples(index=False, name=None)
    )


def _lines(nodes: pd.DataFrame, prefecture_adcode: str | None) -> tuple[HierarchyLine, ...]:
    """Return a line from each lead to each other county with a member, once."""
    columns = ["lon", "lat", "prefecture_adcode"]
    leads = nodes[nodes["kind"] == ConsortiumRole.LEAD]
    ends = nodes[columns].drop_duplicates()
    pairs = chain.from_iterable(
        ((lead, end) for end in ends.itertuples(index=False, name=None) if end[:2] != lead[:2])
        for lead in leads[columns].drop_duplicates().itertuples(index=False, name=None)
    )
    return tuple(
        HierarchyLine((lead[0], lead[1]), (end[0], end[1]))
        for lead, end in pairs
        if prefecture_adcode is None or prefecture_adcode in {lead[2], end[2]}
    )
