"""Small tables of volumes and counties for the tests of activity."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from network_map.activity.windows import Window, window_of

COUNTIES = ("530102", "530103", "530127", "530602", "530627")
WINDOW = window_of(date(2025, 12, 31), years=3)

Row = tuple[str | None, int | None, int | None, int]


def volumes(*rows: Row, yuan_each: int = 1_000) -> pd.DataFrame:
    """Return a monthly volume from ``(place, year, month, count)``."""
    table = pd.DataFrame(rows, columns=["place_adcode", "signed_year", "signed_month", "count"])
    count = table["count"].astype("Int64")
    return pd.DataFrame(
        {
            "place_adcode": table["place_adcode"].astype("str"),
            "signed_year": table["signed_year"].astype("Int64"),
            "signed_month": table["signed_month"].astype("Int64"),
            "contract_count": count,
            "contract_value_fen": count * yuan_each * 100,
            "technology_value_fen": count * yuan_each * 40,
        }
    )


def counties(
    people: Sequence[int | None] = (1_000_000, 900_000, 300_000, 800_000, 1_300_000),
    codes: Sequence[str] = COUNTIES,
) -> pd.DataFrame:
    """Return indicators in which no two counties are alike."""
    size = len(codes)
    return pd.DataFrame(
        {
            "adcode": list(codes),
            "pop_2020": pd.array(list(people), dtype="Int64"),
            "gdp_2021_100m": [1000.0 / (1 + place) for place in range(size)],
            "urban_share_2020": [0.9 - 0.8 * (place / size) ** 2 for place in range(size)],
            "avg_edu_years_2020": [12.0 - (place**1.5) / size for place in range(size)],
        }
    ).astype({"adcode": "str"})


def monthly(counts: Sequence[int], codes: Sequence[str] = COUNTIES) -> pd.DataFrame:
    """Return a volume with the counts in 2024-05, and one contract that opens the register."""
    rows: list[Row] = [(code, 2024, 5, count) for code, count in zip(codes, counts, strict=True)]
    return volumes((None, 2019, 1, 1), *rows)


def window(year: int, month: int, day: int, months: int) -> Window:
    """Return the window of so many months to a day."""
    return window_of(date(year, month, day), months=months)
