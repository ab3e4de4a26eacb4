"""A small province for tests: two prefectures, five counties, four counted kinds."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.tables.check import conform

DIVISIONS = pd.DataFrame(
    [
        ("530000", "province", "云南省", None),
        ("530100", "prefecture", "昆明市", "530000"),
        ("530102", "county", "五华区", "530100"),
        ("530103", "county", "盘龙区", "530100"),
        ("530127", "county", "嵩明县", "530100"),
        ("530600", "prefecture", "昭通市", "530000"),
        ("530602", "county", "昭阳区", "530600"),
        ("530627", "county", "镇雄县", "530600"),
    ],
    columns=["adcode", "level", "name_zh", "parent_adcode"],
).astype("str")

KINDS = conform(
    NODE_KINDS,
    pd.DataFrame(
        [
            ("provincial_market", "province", "省技术市场", "1", "star"),
            ("sub_market", "prefecture", "分市场", "1", "square"),
            ("demonstration_county", "county", "示范县", "1", "triangle"),
            ("county_centre", "county", "县域中心", "1", "circle"),
            ("pilot_base", "county", "中试基地", "0", "diamond"),
        ],
        columns=["kind", "tier", "kind_name_zh", "is_counted", "symbol"],
    ).assign(
        kind_name_en=lambda kinds: kinds["kind"],
        short_zh=lambda kinds: kinds["kind_name_zh"],
        short_en=lambda kinds: kinds["kind"],
        colour="#1f6f8b",
    ),
)

_BOXES = {
    "530102": (0, 0, 1, 1),
    "530103": (1, 0, 2, 1),
    "530127": (2, 0, 3, 1),
    "530602": (0, 1, 1, 2),
    "530627": (1, 1, 3, 2),
}


def boundaries() -> gpd.GeoDataFrame:
    """Return the county areas as unit boxes, and the prefectures as their unions."""
    counties = {adcode: shapely.box(*box) for adcode, box in _BOXES.items()}
    prefectures = {
        f"{prefix}00": shapely.union_all(
            [area for adcode, area in counties.items() if adcode.startswith(prefix)]
        )
        for prefix in ("5301", "5306")
    }
    areas = counties | prefectures
    return gpd.GeoDataFrame({"adcode": list(areas)}, geometry=list(areas.values()), crs="EPSG:4490")


def nodes(*rows: tuple[str, str, Mapping[str, object]] | tuple[str, str]) -> pd.DataFrame:
    """Return a node table from ``(kind, adcode[, more columns])``."""
    records = []
    for number, (kind, adcode, *more) in enumerate(rows):
        prefecture = None if adcode == "530000" else f"{adcode[:4]}00"
        record: dict[str, object] = {
            "node_id": f"n{number}",
            "kind": kind,
            "node_name": f"{kind} {adcode}",
            "adcode": adcode,
            "prefecture_adcode": prefecture,
            "status": "built",
            "origin": "reported",
            "location_origin": "unknown",
            "source": "test",
        }
        for extra in more:
            record |= dict(extra)
        records.append(record)
    return conform(NODES, pd.DataFrame(records, columns=NODES.names))


def totals(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """Return declared totals from ``(kind, adcode, count)``."""
    table = pd.DataFrame(rows, columns=["kind", "adcode", "declared_count"])
    return conform(
        DECLARED_TOTALS, table.assign(as_of="2024-06-11", origin="official", source="test")
    )


def complete(*rows: tuple[str, str]) -> pd.DataFrame:
    """Return completeness claims from ``(kind, adcode)``."""
    table = pd.DataFrame(rows, columns=["kind", "adcode"])
    return conform(COMPLETE_LISTS, table.assign(as_of="2024-06-11", source="test"))
