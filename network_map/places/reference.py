"""The shipped boundaries of province, prefectures and counties.

The reference tables of places, the same for every data set.

Names of places and kinds in the language of the person.

Sources as people read them: an id of the table of data sources becomes a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from network_map.crs import STORAGE_CRS
from network_map.datapackage import declared_table, read_table, table_path
from network_map.i18n import text
from network_map.places.tables import (
    BOUNDARIES,
    COUNTY_INDICATORS,
    COUNTY_SEATS,
    DIVISION_ALIASES,
    DIVISIONS,
    PREFECTURE_INDICATORS,
)
from network_map.terms import AdminLevel, Presence

if TYPE_CHECKING:
    import geopandas as gpd


def read_boundaries(level: AdminLevel, root: Path | None = None) -> gpd.GeoDataFrame:
    """Return the boundaries of a level: ``adcode``, ``name_zh`` and ``geometry`` in EPSG:4490.

    Parameters
    ----------
    level
        Province, prefectures or counties; sorted by code.
    root
        Folder of the tables; the application's own by default.

    Raises
    ------
    MissingFileError
        If the file is not there.
    DamagedFileError
        If it cannot be read, or its rows break the declaration.
    """
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    path = table_path(f"boundaries_{AdminLevel(level).value}", root)
    frame = declared_table(BOUNDARIES, path, gpd.read_parquet)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=STORAGE_CRS)


@dataclass(frozen=True, eq=False)
class Places:
    """The reference tables of places, the same for every data set; treat them as read-only.

    Parameters
    ----------
    divisions, county_seats, division_aliases
        The declared tables of those names.
    county_indicators, prefecture_indicators
        The declared tables of those names.
    """

    divisions: pd.DataFrame
    county_seats: pd.DataFrame
    division_aliases: pd.DataFrame
    county_indicators: pd.DataFrame
    prefecture_indicators: pd.DataFrame


def open_places() -> Places:
    """Return the shipped tables of places.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return Places(
        divisions=read_table(DIVISIONS),
        county_seats=read_table(COUNTY_SEATS),
        division_aliases=read_table(DIVISION_ALIASES),
        county_indicators=read_table(COUNTY_INDICATORS),
        prefecture_indicators=read_table(PREFECTURE_INDICATORS),
    )


_RANKS = re.compile(r" .*Autonomous (?:County|Prefecture)$| (?:District|County|City)$")


def place_names(divisions: pd.DataFrame, language: str, *, short: bool = False) -> dict[str, str]:
    """Return the name of each division by adcode; a short one leaves out rank and peoples."""
    if language == "zh":
        return dict(zip(divisions["adcode"], divisions["short_zh" if short else "name_zh"],
                        strict=True))  # fmt: skip
    names = dict(zip(divisions["adcode"], divisions["name_en"], strict=True))
    return {code: _RANKS.sub("", name) for code, name in names.items()} if short else names


def kind_names(node_kinds: pd.DataFrame, language: str, *, short: bool = False) -> dict[str, str]:
    """Return the name of each kind of node by its id."""
    column = f"{'short' if short else 'kind_name'}_{'zh' if language == 'zh' else 'en'}"
    return dict(zip(node_kinds["kind"], node_kinds[column], strict=True))


def code_words(prefix: str, codes: pd.Series, language: str) -> pd.Series:
    """Return the word of each code from the catalog, missing where the code is missing."""
    words: Mapping[str, str] = {
        code: text(f"{prefix}.{code}", language) for code in codes.dropna().unique()
    }
    return codes.map(words).astype("str")


def presence_word(presence: str, language: str) -> str:
    """Return 有, 无 or 未知."""
    return text(f"term.presence.{Presence(presence).value}", language)


def dataset_label(name: str, language: str) -> str:
    """Return the name of a data set for people."""
    return text(f"term.dataset.{name}", language)


def source_lines(
    sources: Iterable[str], data_sources: pd.DataFrame, *, language: str
) -> tuple[str, ...]:
    """Return each source once, in the order of its first mention.

    Parameters
    ----------
    sources
        Cells of a column ``source``: a text of its own, or ids joined by semicolons.
    data_sources
        The declared table of that name.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of str
        For an id its title, where it was found and its terms; any other text as it is.
    """
    lines = _lines(data_sources, language)
    found: dict[str, None] = {}
    for source in dict.fromkeys(sources):
        ids = [part.strip() for part in source.split(";")]
        if all(part in lines for part in ids):
            found |= dict.fromkeys(lines[part] for part in ids)
        else:
            found[source] = None
    return tuple(found)


def _lines(data_sources: pd.DataFrame, language: str) -> dict[str, str]:
    columns = ["source_id", f"title_{language}", "found_at", "terms"]
    rows = data_sources[columns].itertuples(index=False, name=None)
    return {source_id: " · ".join(parts) for source_id, *parts in rows}
