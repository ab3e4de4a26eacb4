"""The reference tables of places, the same for every data set."""

from dataclasses import dataclass

import pandas as pd

from network_map.datapackage import read_table
from network_map.places.indicators import COUNTY_INDICATORS, PREFECTURE_INDICATORS
from network_map.places.tables import COUNTY_SEATS, DIVISION_ALIASES, DIVISIONS


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
