"""The lines of the three tiers on the map and in words, from a table that was measured before."""

import math

import pandas as pd

from network_map.i18n import count_text, number_text, text
from network_map.maps.spec import HierarchyLayer, HierarchyLine, LineKind
from network_map.nodes.dataset import Dataset
from network_map.nodes.query import OverviewQuery


def hierarchy_layer(
    dataset: Dataset, table: pd.DataFrame, *, query: OverviewQuery
) -> HierarchyLayer | None:
    """Return the lines of the shown area, or None where not a single one can be drawn.

    Parameters
    ----------
    dataset
        The open data set.
    table
        What :func:`hierarchy_table` returned for it.
    query
        The area and the language.
    """
    rows = table
    if query.prefecture_adcode is not None:
        rows = rows[rows["prefecture_adcode"] == query.prefecture_adcode]
    drawn = rows[rows["line"] == "drawn"]
    if drawn.empty:
        return None
    language = query.language
    kinds = _kinds(drawn)
    columns = ["level", "from_id", "from_lon", "from_lat", "to_lon", "to_lat"]
    lines = tuple(
        HierarchyLine(
            (from_lon, from_lat),
            (to_lon, to_lat),
            LineKind(kind),
            *((adcode, label) if level == "county" else ()),
        )
        for (level, adcode, from_lon, from_lat, to_lon, to_lat), kind, label in zip(
            drawn[columns].itertuples(index=False, name=None),
            kinds,
            _labels(drawn, language),
            strict=True,
        )
    )
    counts = kinds.value_counts()
    return HierarchyLayer(
        title=text("hierarchy.switch", language),
        note=_note(dataset, rows, language),
        lines=tuple(sorted(lines, key=lambda line: line.kind)),
        samples=tuple(
            (kind, text(f"hierarchy.{kind.name.lower()}", language), int(counts.get(kind, 0)))
            for kind in LineKind
        ),
    )


def above_sentence(table: pd.DataFrame, adcode: str, language: str) -> str:
    """Return to which sub-market a county belongs and how far it is, by which method.

    Parameters
    ----------
    table
        Table ``hierarchy``.
    adcode
        Code of the county.
    language
        ``zh`` or ``en``.
    """
    row = table[(table["level"] == "county") & (table["from_id"] == adcode)]
    if row["line"].iloc[0] == "no_node":
        return nothing_drawn(row, language)
    return _labels(row, language)[0]


def nothing_drawn(table: pd.DataFrame, language: str) -> str:
    """Return why not a single line can be drawn: nobody is named, or nobody has coordinates.

    Parameters
    ----------
    table
        Rows of the table ``hierarchy``, none of them drawn.
    language
        ``zh`` or ``en``.
    """
    is_unnamed = bool((table["line"] == "no_node").all())
    return text(f"hierarchy.{'none' if is_unnamed else 'no_coordinates'}", language)


def _kinds(rows: pd.DataFrame) -> pd.Series:
    kinds = rows["is_orphan"].map({True: LineKind.ORPHAN, False: LineKind.OWN}).astype("Int64")
    return kinds.mask(rows["level"] == "sub_market", LineKind.UPPER)


def _labels(rows: pd.DataFrame, language: str) -> list[str]:
    columns = ["to_node_name", "km", "method", "is_orphan"]
    return [
        text(
            "hierarchy.to_nearest" if is_orphan else "hierarchy.to_own",
            language,
            node=text("hierarchy.unplaced_node", language) if pd.isna(node) else node,
            distance=_distance(km, method, language),
        )
        for node, km, method, is_orphan in rows[columns].itertuples(index=False, name=None)
    ]


def _distance(km: float, method: str, language: str) -> str:
    if math.isnan(km):
        return text("hierarchy.no_distance", language)
    if km == 0:
        return text("hierarchy.same_place", language)
    words = text(f"term.distance_method.{method}", language)
    return text("hierarchy.distance", language, km=number_text(km, 0), method=words)


def _note(dataset: Dataset, rows: pd.DataFrame, language: str) -> str:
    """Return how distances were found, what is not drawn, and whether a place is assumed."""
    counties = rows[rows["level"] == "county"]
    counts = counties["method"].value_counts()
    methods = text("hierarchy.separator", language).join(
        f"{text(f'term.distance_method.{method}', language)} {count_text(int(count))}"
        for method, count in counts.items()
    )
    parts = [text("hierarchy.methods", language, methods=methods)] if methods else []
    missing = int((rows["line"] != "drawn").sum())
    if missing:
        parts.append(text("hierarchy.not_drawn", language, count=count_text(missing)))
    ends = dataset.nodes.loc[dataset.nodes["node_id"].isin(rows["to_node_id"]), "location_origin"]
    if (ends == "assumed").any():
        parts.append(text("hierarchy.assumed_place", language))
    return "".join(parts) if language == "zh" else " ".join(parts)
