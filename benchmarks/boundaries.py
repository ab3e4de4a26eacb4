"""The boundaries that the application ships, as the yardstick page takes them."""

import json
from typing import Any

import geopandas as gpd

from benchmarks.servers import ROOT


def county_geojson() -> dict[str, Any]:
    """Return the 129 counties as a GeoJSON feature collection."""
    counties = gpd.read_parquet(ROOT / "data" / "boundaries_county.parquet")
    features: dict[str, Any] = json.loads(counties[["adcode", "name_zh", "geometry"]].to_json())
    return features


def county_adcodes() -> tuple[str, ...]:
    """Return the adcodes of the counties."""
    counties = gpd.read_parquet(
        ROOT / "data" / "boundaries_county.parquet", columns=["adcode", "geometry"]
    )
    return tuple(str(adcode) for adcode in counties["adcode"])
