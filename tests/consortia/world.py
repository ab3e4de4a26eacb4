"""A small world of consortia: four counties in two prefectures, and distances between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.tables import ColumnType, Table

COUNTIES = ("530102", "530103", "530602", "530627")
PARENTS = {"530102": "530100", "530103": "530100", "530602": "530600", "530627": "530600"}
Place = str | None
"""A county, a prefecture, "outside", or None for unknown."""


@dataclass(frozen=True)
class SmallCost:
    """Distances with a band of a tenth on either side."""

    demand_ids: tuple[str, ...]
    facility_ids: tuple[str, ...]
    km: NDArray[np.float64]

    @property
    def low_km(self) -> NDArray[np.float64]:
        return self.km * 0.9

    @property
    def high_km(self) -> NDArray[np.float64]:
        return self.km * 1.1


def _typed(table: Table, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return rows in the declared types, without the time that a full check takes."""
    marked = [{"origin": "reported", "source": "test", **row} for row in rows]
    kinds = {ColumnType.BOOLEAN: "boolean"}
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [row.get(column.name) for row in marked], dtype=kinds.get(column.type, "str")
            )
            for column in table.columns
        }
    )


def cost_of(places: Sequence[float], counties: Sequence[str] = COUNTIES) -> SmallCost:
    """Return distances between counties that stand on a line."""
    at = np.asarray(places, dtype="float64")
    return SmallCost(tuple(counties), tuple(counties), np.abs(at[:, None] - at[None, :]))


def consortia_of(*ids: str, industries: str | None = "花卉") -> pd.DataFrame:
    """Return table ``consortia``."""
    rows = [{"consortium_id": name, "field_zh": name, "industries": industries} for name in ids]
    return _typed(CONSORTIA, rows)


def members_of(*rows: tuple[str, Place], consortium_id: str = "c") -> pd.DataFrame:
    """Return table ``consortium_members`` from names and places."""
    records = []
    for name, place in rows:
        is_county = place in PARENTS
        records.append(
            {
                "consortium_id": consortium_id,
                "role": "member",
                "member_name": name,
                "adcode": place if is_county else None,
                "prefecture_adcode": PARENTS.get(place or "") if is_county else place,
                "is_outside_province": place == "outside",
            }
        )
        if place == "outside":
            records[-1]["prefecture_adcode"] = None
    return _typed(CONSORTIUM_MEMBERS, records)


def industry_of(**presence: str) -> pd.DataFrame:
    """Return table ``county_industry`` of the industry 花卉 from ``c530102="present"``."""
    rows = [
        {"adcode": code.removeprefix("c"), "industry": "花卉", "presence": value}
        for code, value in presence.items()
    ]
    return _typed(COUNTY_INDUSTRY, rows)
