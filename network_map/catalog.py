"""Every declared table by name, which of them are shipped, and the check of the shipped data."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import shapely

from network_map.activity import tables as activity_tables
from network_map.consortia import tables as consortia_tables
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.contracts import tables as contracts_tables
from network_map.contracts.tables import (
    CONTRACTS,
    CONTRACTS_NATIONAL,
    CONTRACTS_PREFECTURE,
    CONTRACTS_PROVINCE,
    PAID_VALUES,
    POLICY_INDICATORS,
)
from network_map.crs import area_km2
from network_map.datapackage import data_root, read_table, table_path
from network_map.errors import DamagedFileError, MissingFileError, Problem, TableError
from network_map.gaps import tables as gaps_tables
from network_map.indices import tables as indices_tables
from network_map.nodes import presence
from network_map.nodes import tables as nodes_tables
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.places import tables as places_tables
from network_map.places.reference import read_boundaries
from network_map.places.tables import (
    BOUNDARIES,
    COUNTY_INDICATORS,
    COUNTY_SEATS,
    DATA_SOURCES,
    DIVISION_ALIASES,
    DIVISIONS,
    INSTITUTIONS,
    PARKS,
    PREFECTURE_INDICATORS,
    ROAD_EDGES,
    ROAD_NODES,
    ROAD_PATHS,
)
from network_map.reach import tables as reach_tables
from network_map.siting import tables as siting_tables
from network_map.tables import ColumnType, Table
from network_map.terms import AdminLevel, NodeStatus

_DECLARING = (
    activity_tables,
    presence,
    consortia_tables,
    contracts_tables,
    gaps_tables,
    indices_tables,
    nodes_tables,
    places_tables,
    reach_tables,
    siting_tables,
)
"""The module of each subject that declares its tables; that of logic stands with the logic."""


def _declared() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for module in _DECLARING:
        members = vars(module).values()
        for table in (member for member in members if isinstance(member, Table)):
            if tables.setdefault(table.name, table) != table:
                msg = f"two tables are called {table.name}"
                raise ValueError(msg)
    return tables


TABLES: Mapping[str, Table] = MappingProxyType(_declared())
"""Every table that a subject declares, by name."""

SHIPPED: Mapping[str, Table] = MappingProxyType(
    {
        "boundaries_county": BOUNDARIES,
        "boundaries_prefecture": BOUNDARIES,
        "boundaries_province": BOUNDARIES,
        "divisions": DIVISIONS,
        "division_aliases": DIVISION_ALIASES,
        "county_seats": COUNTY_SEATS,
        "node_kinds": NODE_KINDS,
        "public_nodes": NODES,
        "demo_nodes": NODES,
        "declared_totals": DECLARED_TOTALS,
        "complete_lists": COMPLETE_LISTS,
        "demo_complete_lists": COMPLETE_LISTS,
        "county_indicators": COUNTY_INDICATORS,
        "prefecture_indicators": PREFECTURE_INDICATORS,
        "institutions": INSTITUTIONS,
        "parks": PARKS,
        "consortia": CONSORTIA,
        "demo_consortia": CONSORTIA,
        "demo_consortium_members": CONSORTIUM_MEMBERS,
        "demo_county_industry": COUNTY_INDUSTRY,
        "demo_contracts": CONTRACTS,
        "demo_paid_values": PAID_VALUES,
        "contracts_province": CONTRACTS_PROVINCE,
        "contracts_prefecture": CONTRACTS_PREFECTURE,
        "contracts_national": CONTRACTS_NATIONAL,
        "policy_indicators": POLICY_INDICATORS,
        "road_nodes": ROAD_NODES,
        "road_edges": ROAD_EDGES,
        "road_paths": ROAD_PATHS,
        "data_sources": DATA_SOURCES,
    }
)
"""The declaration of each table in the folder ``data``, by the name of its file."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column whose values must stand in a column of another shipped table.

    Parameters
    ----------
    column
        Name of the column that refers.
    table, target
        Name of the table and of the column referred to.
    """

    column: str
    table: str
    target: str


_BY_COLUMN = {
    "kind": ("node_kinds", "kind"),
    "from_road_node_id": ("road_nodes", "road_node_id"),
    "to_road_node_id": ("road_nodes", "road_node_id"),
    "consortium_id": ("consortia", "consortium_id"),
}
_BEYOND_THE_PROVINCE = frozenset({"seller_adcode", "buyer_adcode"})
"""Parties of a contract may sit in another province, which ``divisions`` does not list."""


def foreign_keys(name: str) -> tuple[ForeignKey, ...]:
    """Return the references of a shipped table to others: codes of places, kinds, road nodes."""
    found = []
    for column in SHIPPED[name].columns:
        if column.type is ColumnType.ADCODE and column.name not in _BEYOND_THE_PROVINCE:
            table, target = "divisions", "adcode"
        else:
            table, target = _BY_COLUMN.get(column.name, ("", ""))
        if table and (table, target) != (name, column.name):
            found.append(ForeignKey(column.name, table, target))
    return tuple(found)


def read_shipped(name: str, root: Path | None = None) -> pd.DataFrame:
    """Return a shipped table by the name of its file, boundaries with their geometry.

    Parameters
    ----------
    name
        Name in :data:`SHIPPED`.
    root
        Folder of the tables; the application's own by default.

    Raises
    ------
    KeyError
        If no table of that name is shipped.
    MissingFileError, DamagedFileError
        If its file is not there or not what it should be.
    """
    table = SHIPPED[name]
    if table.has_geometry:
        boundaries: pd.DataFrame = read_boundaries(
            AdminLevel(name.removeprefix("boundaries_")), root
        )
        return boundaries
    return read_table(table, name, root)


DESCRIPTION = "datapackage.json"
COUNTS = {AdminLevel.PROVINCE: 1, AdminLevel.PREFECTURE: 16, AdminLevel.COUNTY: 129}
CENSUS_PERSONS = 47_209_277
GDP_2021_100M = 27_146.87
# Yearbook figures of counties and of their prefecture are rounded and revised apart.
GDP_TOLERANCE_SHARE = 1e-3
AREA_TOLERANCE_KM2 = 0.5
_SOURCE_IDS = re.compile(r"[SP]\d+(;[SP]\d+)*")
# Mobile and land lines, mail addresses: no contact data may be shipped. Dates and figures with
# fewer digits, and the digits inside web addresses, are none.
_CONTACT = re.compile(r"(?<![\d/=_-])(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)|[\w.]+@[\w.]+\.\w+")

Tables = Mapping[str, pd.DataFrame]


def check_package(root: Path | None = None) -> list[Problem]:
    """Return everything that is wrong with the shipped data; an empty list if nothing is.

    Parameters
    ----------
    root
        Folder of the tables; the application's own by default.

    Returns
    -------
    list of Problem
        First what is wrong with single files; references between tables and the cross-checks
        are looked at only for the tables that could be read.
    """
    folder = root or data_root()
    tables, problems = _read_all(folder)
    problems += _bytes_as_described(folder)
    for name in tables:
        for key in foreign_keys(name):
            if key.table in tables:
                problems += _dangling(tables, name, key)
    problems += _unknown_sources(tables)
    for needed, judge in _CROSS_CHECKS:
        if set(needed) <= set(tables):
            problems += judge(tables)
    return problems


def _read_all(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name in SHIPPED:
        try:
            tables[name] = read_shipped(name, folder)
        except MissingFileError as error:
            problems.append(Problem("package_file_missing", value=str(error.values["file"])))
        except DamagedFileError as error:
            problems += _damage(name, folder, error)
    return tables, problems


def _damage(name: str, folder: Path, error: DamagedFileError) -> list[Problem]:
    """Return what broke a file: the rows where they are known, else the file as a whole."""
    file = table_path(name, folder).name
    if isinstance(error.__cause__, TableError):
        rows = error.__cause__.problems
        return [Problem("package_rows", value=file, values={"found": len(rows)}), *rows]
    told = dict(error.values)
    detail = told.get("detail", told.get("columns", ""))
    return [Problem("package_file_damaged", value=file, values={"detail": detail})]


def _bytes_as_described(folder: Path) -> list[Problem]:
    """Return the files that the description does not know, or knows with another hash."""
    path = folder / DESCRIPTION
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        hashes = {entry["path"]: entry["hash"] for entry in described["resources"]}
    except FileNotFoundError:
        return [Problem("package_file_missing", value=DESCRIPTION)]
    except (ValueError, KeyError, TypeError, OSError) as error:
        return [Problem("package_file_damaged", value=DESCRIPTION, values={"detail": str(error)})]
    problems = []
    for name in SHIPPED:
        file = table_path(name, folder)
        if file.is_file() and hashes.get(file.name) != _hash(file):
            problems.append(Problem("package_hash", value=file.name))
    return problems


def _hash(file: Path) -> str:
    return f"sha256:{sha256(file.read_bytes()).hexdigest()}"


def _dangling(tables: Tables, name: str, key: ForeignKey) -> list[Problem]:
    """Return the values of a column that the table it refers to does not have."""
    cells = tables[name][key.column].dropna()
    lost = cells[~cells.isin(tables[key.table][key.target])]
    return [
        Problem(
            "package_reference", row=int(str(row)) + 2, column=key.column, value=str(value),
            values={"file": name, "table": key.table},
        )
        for row, value in lost.items()
    ]  # fmt: skip


def _unknown_sources(tables: Tables) -> list[Problem]:
    """Return the source ids that the table of sources does not have."""
    if "data_sources" not in tables:
        return []
    known = set(tables["data_sources"]["source_id"])
    problems = []
    for name, table in tables.items():
        for column in [c for c in table.columns if c == "source" or c.endswith("_src")]:
            written = table[column].dropna().drop_duplicates()
            ids = written[written.str.fullmatch(_SOURCE_IDS)].str.split(";").explode()
            lost = sorted(set(ids) - known)
            problems += [_failed("source", file=name, found=source) for source in lost]
    return problems


def _failed(check: str, **values: object) -> Problem:
    return Problem(f"package_{check}", values=values)


def _counts(tables: Tables) -> list[Problem]:
    levels = tables["divisions"]["level"].value_counts()
    return [
        _failed("count", level=level.value, expected=expected, found=int(levels.get(level, 0)))
        for level, expected in COUNTS.items()
        if levels.get(level, 0) != expected
    ]


def _sums(tables: Tables) -> list[Problem]:
    """Compare the sums of the counties with the published ones and with the prefectures."""
    county, prefecture = tables["county_indicators"], tables["prefecture_indicators"]
    codes = county["adcode"].str[:4] + "00"
    above = prefecture.set_index("adcode")
    wanted = {"pop_2020": (CENSUS_PERSONS, 0.0), "gdp_2021_100m": (GDP_2021_100M, 0.01)}
    problems = []
    for column, (total, tolerance) in wanted.items():
        found = float(county[column].astype("float64").sum())
        if abs(found - total) > tolerance:
            problems.append(
                _failed("sum", column=column, area="530000", expected=total, found=found)
            )
        sums = county[column].astype("float64").groupby(codes).sum()
        published = above[column].astype("float64").reindex(sums.index)
        share = 0.0 if column == "pop_2020" else GDP_TOLERANCE_SHARE
        apart = ~((sums - published).abs() <= share * published)
        problems += [
            _failed("sum", column=column, area=code, expected=published[code], found=sums[code])
            for code in sums.index[apart]
        ]
    return problems


def _shapes(tables: Tables) -> list[Problem]:
    """Return what is wrong with the boundaries: codes, validity, shared edges, nested areas."""
    divisions = tables["divisions"]
    problems = []
    for level in COUNTS:
        shapes = tables[f"boundaries_{level.value}"]
        codes = set(divisions.loc[divisions["level"] == level, "adcode"])
        if codes != set(shapes["adcode"]):
            lost = "、".join(sorted(codes ^ set(shapes["adcode"]))[:3])
            problems.append(_failed("boundary_codes", level=level.value, found=lost))
        geometry = shapes.geometry.array if isinstance(shapes, gpd.GeoDataFrame) else []
        if not (shapely.is_valid(geometry).all() and shapely.coverage_is_valid(geometry)):
            problems.append(_failed("coverage", level=level.value))
    return problems + _areas(tables)


def _areas(tables: Tables) -> list[Problem]:
    """Compare the area of each division with its shape, and with the sum of its parts."""
    divisions = tables["divisions"].set_index("adcode")
    written = divisions["computed_area_km2"]
    parts = written.groupby(divisions["parent_adcode"]).sum()
    shapes = pd.concat([tables[f"boundaries_{level.value}"] for level in COUNTS])
    measured = shapes.set_index("adcode")["geometry"].map(area_km2).reindex(written.index)
    expected = parts.reindex(written.index).fillna(measured)
    apart = ~((written - measured).abs() <= AREA_TOLERANCE_KM2)
    apart |= ~((written - expected).abs() <= AREA_TOLERANCE_KM2)
    return [
        _failed("area", area=code, expected=measured[code], found=written[code])
        for code in written.index[apart]
    ]


def _seats(tables: Tables) -> list[Problem]:
    """Return the seat points that do not lie in their county."""
    shapes = tables["boundaries_county"].set_index("adcode")["geometry"]
    seats = tables["county_seats"].set_index("adcode").reindex(shapes.index)
    points = shapely.points(seats["lon"].to_numpy(), seats["lat"].to_numpy())
    inside = shapely.contains(shapes.to_numpy(), points)
    return [_failed("seat", area=code) for code in shapes.index[~inside]]


def _lists(tables: Tables) -> list[Problem]:
    """Return the kinds of which the demonstration list has another number than published."""
    totals = tables["declared_totals"].sort_values("as_of").drop_duplicates("kind", keep="last")
    nodes = tables["demo_nodes"]
    live = nodes.loc[nodes["status"] != NodeStatus.WITHDRAWN, "kind"].value_counts()
    return [
        _failed("demo_count", kind=kind, expected=int(total), found=int(live.get(kind, 0)))
        for kind, total in zip(totals["kind"], totals["declared_count"], strict=True)
        if live.get(kind, 0) != total
    ]


def _contacts(tables: Tables) -> list[Problem]:
    """Return the tables of nodes that hold a telephone number or a mail address."""
    return [
        _failed("contact", file=name, column=column.name)
        for name in _WITH_PEOPLE
        for column in SHIPPED[name].columns
        if column.type is ColumnType.TEXT
        and tables[name][column.name].dropna().str.contains(_CONTACT).any()
    ]


_WITH_PEOPLE = (
    "public_nodes", "demo_nodes", "institutions", "consortia", "demo_consortium_members",
)  # fmt: skip
_BOUNDARIES = tuple(f"boundaries_{level.value}" for level in COUNTS)
_CROSS_CHECKS: Iterable[tuple[tuple[str, ...], Callable[[Tables], list[Problem]]]] = (
    (("divisions",), _counts),
    (("county_indicators", "prefecture_indicators"), _sums),
    (("divisions", *_BOUNDARIES), _shapes),
    (("county_seats", "boundaries_county"), _seats),
    (("declared_totals", "demo_nodes"), _lists),
    (_WITH_PEOPLE, _contacts),
)
