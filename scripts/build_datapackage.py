"""Build ``data/datapackage.json``: a Frictionless Data Package of everything in ``data``.

Run ``python -m scripts.build_datapackage`` after the other build scripts. Fields come from the
declarations, the rest from ``data/raw/package.toml`` and ``data/raw/sources.csv``.
"""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from network_map.catalog import SHIPPED, foreign_keys
from network_map.datapackage import table_path
from network_map.i18n import text
from network_map.tables import Column, ColumnType, Table
from scripts.build_common import DATA, RAW, read_raw, sha256_of, write_bytes

NAME = "yunnan-technology-transfer-network"
TITLES = ("云南省技术转移网络数据", "Data of Yunnan's technology-transfer network")
DATE_PATTERN = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
FIELD_TYPES = {
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.BOOLEAN: "boolean",
}
PATTERNS = {ColumnType.ADCODE: r"\d{6}", ColumnType.DATE: DATE_PATTERN}
GEOMETRY = {
    "name": "geometry",
    "type": "any",
    "title": "边界",
    "title_en": "Boundary",
    "description": "多边形,EPSG:4490",
    "description_en": "Polygons, EPSG:4490",
}

Entry = dict[str, Any]


def described(titles: tuple[str, str], descriptions: tuple[str, str]) -> Entry:
    """Return title and description in both languages, empty ones left out."""
    entry = {
        "title": titles[0],
        "title_en": titles[1],
        "description": descriptions[0],
        "description_en": descriptions[1],
    }
    return {name: words for name, words in entry.items() if words}


def field(column: Column) -> Entry:
    """Return a declared column as a field of a Table Schema."""
    constraints: Entry = {}
    if column.is_required:
        constraints["required"] = True
    if column.codes:
        constraints["enum"] = [str(code) for code in column.codes]
    if column.type in PATTERNS:
        constraints["pattern"] = PATTERNS[column.type]
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    constraints |= {name: bound for name, bound in bounds.items() if bound is not None}
    entry = {
        "name": column.name,
        "type": FIELD_TYPES.get(column.type, "string"),
        **described((column.zh, column.en), (column.about_zh, column.about_en)),
    }
    if column.unit:
        entry["unit"] = text(f"unit.{column.unit}", "zh")
        entry["unit_en"] = text(f"unit.{column.unit}", "en")
    return entry | ({"constraints": constraints} if constraints else {})


def table_schema(name: str, table: Table) -> Entry:
    """Return the Table Schema of a shipped table."""
    fields = [field(column) for column in table.columns]
    schema: Entry = {"fields": [*fields, GEOMETRY] if table.has_geometry else fields}
    if table.key:
        schema["primaryKey"] = list(table.key)
    keys = [
        {
            "fields": [key.column],
            # An empty name means the table itself.
            "reference": {
                "resource": "" if key.table == name else key.table,
                "fields": [key.target],
            },
        }
        for key in foreign_keys(name)
    ]
    return schema | ({"foreignKeys": keys} if keys else {})


def resource(name: str, table: Table, notes: Mapping[str, Any], sources: Entry) -> Entry:
    """Return a shipped table as a resource of the package."""
    path = table_path(name, DATA)
    told = notes["tables"][name]
    is_csv = path.suffix == ".csv"
    entry: Entry = {
        "name": name,
        "path": path.name,
        **described((table.zh, table.en), (told["zh"], told["en"])),
        "version": notes["version"],
        "as_of": told["as_of"],
        "format": path.suffix[1:],
        "mediatype": "text/csv" if is_csv else "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "licenses": [notes["licences"][licence] for licence in told["licence"]],
        "sources": [sources[source] for source in told["sources"]],
    }
    # A Parquet file carries its own types: readers of the package check its bytes alone.
    entry |= {"type": "table", "encoding": "utf-8"} if is_csv else {"type": "file"}
    return entry | {"schema": table_schema(name, table)}


def package() -> Entry:
    """Return the whole description."""
    notes = tomllib.loads((RAW / "package.toml").read_text(encoding="utf-8"))
    sources = {
        source_id: {"title": f"{source_id} {title_zh} / {title_en}", "found_at": found_at}
        for source_id, title_zh, title_en, found_at in read_raw("sources.csv")[
            ["source_id", "title_zh", "title_en", "found_at"]
        ].itertuples(index=False)
    }
    return {
        "name": NAME,
        **described(TITLES, ("", "")),
        "version": notes["version"],
        "created": f"{notes['created']}T00:00:00Z",
        "licenses": list(notes["licences"].values()),
        "resources": [resource(name, table, notes, sources) for name, table in SHIPPED.items()],
    }


def content() -> bytes:
    """Return the text of the file; the same tables give the same bytes."""
    return (json.dumps(package(), ensure_ascii=False, indent=1) + "\n").encode()


def main() -> None:
    """Write ``data/datapackage.json``."""
    write_bytes(DATA / "datapackage.json", content())


if __name__ == "__main__":
    main()
