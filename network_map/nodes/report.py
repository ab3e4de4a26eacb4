"""The list of nodes of a data set, ready for a file."""

from collections.abc import Iterable
from functools import partial
from unicodedata import normalize

import pandas as pd

from network_map.datapackage import read_table
from network_map.errors import QueryError
from network_map.export import Bundle
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.layers import node_rows, place_layers
from network_map.nodes.overview import network_document
from network_map.nodes.query import OverviewQuery
from network_map.nodes.tables import NODE_LIST, NODES
from network_map.places.gazetteer import open_gazetteer
from network_map.places.reference import (
    Places,
    dataset_label,
    kind_names,
    place_names,
    source_lines,
)
from network_map.places.tables import DATA_SOURCES, PROVINCE_ADCODE
from network_map.terms import AdminLevel, LocationOrigin, NodeStatus, Origin

_SEATS = frozenset({LocationOrigin.COUNTY_SEAT.value, LocationOrigin.PREFECTURE_SEAT.value})


def nodes_bundle(
    dataset: Dataset,
    places: Places,
    *,
    prefecture_adcode: str | None = None,
    kinds: tuple[str, ...] | None = None,
    language: str = "zh",
) -> Bundle:
    """Return the nodes of a data set as a bundle.

    Parameters
    ----------
    dataset, places
        The register and the reference tables of places.
    prefecture_adcode
        Only nodes in this prefecture, by code or name; None takes all of them, the provincial
        ones too.
    kinds
        Only nodes of these kinds, by id or name; None takes every kind.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Bundle
        Table ``node_list``, by kind in the order of the table ``node_kinds``, then by code and
        id. Withdrawn nodes are in it and say so.

    Raises
    ------
    QueryError
        If there is no such prefecture or kind.
    """
    wanted = _ordered_kinds(dataset.node_kinds, kinds)
    if prefecture_adcode is not None:
        prefecture_adcode = find_prefecture(places, prefecture_adcode)
    nodes = dataset.nodes
    nodes = nodes[nodes["kind"].isin(wanted)]
    if prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
    return Bundle(
        table=node_rows(nodes, dataset.node_kinds, places, language=language),
        declaration=NODE_LIST,
        title=text("node_list.title", language),
        language=language,
        filters=_filters(
            dataset, places, prefecture_adcode, None if kinds is None else wanted, language
        ),
        method_notes=_method_notes(dataset, nodes, language),
        sources=_sources(nodes, places, language),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=nodes_stem(dataset, prefecture_adcode),
        points=("lon", "lat"),
        words=_words(dataset, language),
        created_from=input_hashes(dataset, "divisions", "county_seats", "data_sources"),
        method_versions={"node_list": 1},
        recipe=made_by(
            dataset,
            "nodes",
            {"prefecture": prefecture_adcode, "kinds": None if kinds is None else list(wanted)},
            language=language,
        ),
        layer_name="nodes",
        layers=partial(place_layers, places, prefecture_adcode=prefecture_adcode),
        map_document=partial(
            network_document,
            dataset,
            query=OverviewQuery(
                language=language, prefecture_adcode=prefecture_adcode, kinds=wanted
            ),
            title=text("node_list.title", language),
        ),
    )


def nodes_stem(dataset: Dataset, prefecture_adcode: str | None) -> str:
    """Return the name of the node list's file without its ending."""
    return f"network_nodes_{dataset.name}_{prefecture_adcode or PROVINCE_ADCODE}"


def find_prefecture(places: Places, words: str) -> str:
    """Return the adcode of a prefecture named by its code, a name or the pinyin of its short name.

    Raises
    ------
    QueryError
        If no prefecture is called that; the sentence offers the nearest names.
    """
    gazetteer = open_gazetteer(places.divisions, places.division_aliases)
    found = gazetteer.resolve(words, level=AdminLevel.PREFECTURE)
    if found.adcode is not None:
        return found.adcode
    prefectures = places.divisions[places.divisions["level"] == AdminLevel.PREFECTURE]
    spelled = prefectures.loc[prefectures["pinyin"].map(_folded) == _folded(words), "adcode"]
    if len(spelled) == 1:
        return str(spelled.iloc[0])
    every = prefectures["adcode"].tolist()
    near = [adcode for adcode in found.candidates if adcode in every]
    raise QueryError(
        "prefecture_unknown",
        found=words,
        offered="、".join(f"{gazetteer.name(adcode)}({adcode})" for adcode in near or every),
    )


def find_kinds(node_kinds: pd.DataFrame, words: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of node named by their ids, names or other accepted wordings.

    Raises
    ------
    QueryError
        With every wording that names no kind.
    """
    known: dict[str, str] = {}
    for column in ("synonyms", "short_en", "short_zh", "kind_name_en", "kind_name_zh", "kind"):
        for kind, names in zip(node_kinds["kind"], node_kinds[column].fillna(""), strict=True):
            known |= {_folded(name): kind for name in names.split(";") if name.strip()}
    asked = [word for word in words if word.strip()]
    unknown = [word for word in asked if _folded(word) not in known]
    if unknown:
        shown = " | ".join(node_kinds["kind"])
        raise QueryError("kind_unknown", found="、".join(unknown), known=shown)
    return tuple(dict.fromkeys(known[_folded(word)] for word in asked))


def _folded(words: str) -> str:
    return "".join(normalize("NFKC", words).casefold().split())


def _ordered_kinds(node_kinds: pd.DataFrame, kinds: tuple[str, ...] | None) -> tuple[str, ...]:
    found = None if kinds is None else find_kinds(node_kinds, kinds)
    return tuple(kind for kind in node_kinds["kind"] if found is None or kind in found)


def _filters(
    dataset: Dataset,
    places: Places,
    prefecture_adcode: str | None,
    kinds: tuple[str, ...] | None,
    language: str,
) -> tuple[tuple[str, str], ...]:
    filters = [(text("node_list.dataset_id", language), dataset.dataset_id)]
    if prefecture_adcode is not None:
        name = place_names(places.divisions, language)[prefecture_adcode]
        filters.append((text("term.level.prefecture", language), f"{name} {prefecture_adcode}"))
    if kinds is not None:
        names = kind_names(dataset.node_kinds, language)
        shown = text("node_list.separator", language).join(names[kind] for kind in kinds)
        filters.append(
            (NODES.column("kind").heading(language), shown or text("node_list.none", language))
        )
    return tuple(filters)


def _method_notes(dataset: Dataset, nodes: pd.DataFrame, language: str) -> tuple[str, ...]:
    notes = ["row", "unknown"]
    if nodes["location_origin"].isin(_SEATS).any():
        notes.append("seat")
    if nodes["lon"].isna().any():
        notes.append("placeless")
    if (nodes["origin"] == Origin.ASSUMED).any():
        notes.append("assumed")
    if not dataset.complete_lists.empty:
        notes.append("complete")
    return tuple(text(f"node_list.note.{note}", language) for note in notes)


def _sources(nodes: pd.DataFrame, places: Places, language: str) -> tuple[str, ...]:
    """Return each source of the rows once, and that of the points that are seats."""
    cells = nodes["source"].dropna().tolist()
    if nodes["location_origin"].isin(_SEATS).any():
        cells += places.county_seats["source"].dropna().tolist()
    return source_lines(cells, read_table(DATA_SOURCES), language=language)


def _words(dataset: Dataset, language: str) -> dict[str, dict[str, str]]:
    return {
        "kind": kind_names(dataset.node_kinds, language),
        "status": {code: text(f"term.status.{code}", language) for code in NodeStatus},
        "origin": {code: text(f"term.origin.{code}", language) for code in Origin},
        "location_origin": {
            code: text(f"term.location_origin.{code}", language) for code in LocationOrigin
        },
    }
