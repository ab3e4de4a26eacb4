"""What a year will come to, from how far earlier years had come by the same day."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Projection:
    """A whole year as far as earlier years tell it.

    Parameters
    ----------
    value
        With the pace of the latest earlier year.
    low, high
        With the fastest and the slowest pace of all earlier years; no probability belongs to it.
    years
        The earlier years, oldest first.
    """

    value: float
    low: float
    high: float
    years: tuple[int, ...]


def seasonal_projection(to_date: float, seasons: pd.DataFrame) -> Projection | None:
    """Return the whole year that a sum to date leads to.

    The sum is divided by the share of the year that had come in by the same day in earlier years:
    the multiplicative method for partially known demands. A straight line would mislead, because
    registration piles up at the end of the year.

    Parameters
    ----------
    to_date
        The sum of the year so far, in any unit of money.
    seasons
        One row for each earlier year: ``year``, ``to_date``, ``whole_year``. Years without a sum
        to date or in the whole are left out.

    Returns
    -------
    Projection or None
        None where no earlier year tells a pace, or nothing has come in yet.

    References
    ----------
    Kekre, S., Morton, T. E. & Smunt, T. L. (1990). Forecasting using partially known demands.
    International Journal of Forecasting 6, 115-125.

    Examples
    --------
    >>> years = [(2023, 25, 100), (2024, 40, 100)]
    >>> seasons = pd.DataFrame(years, columns=["year", "to_date", "whole_year"])
    >>> seasonal_projection(50, seasons)
    Projection(value=125.0, low=125.0, high=200.0, years=(2023, 2024))
    """
    known = seasons[(seasons["to_date"] > 0) & (seasons["whole_year"] > 0)].sort_values("year")
    if known.empty or to_date <= 0:
        return None
    shares = known["to_date"].astype("float64") / known["whole_year"].astype("float64")
    return Projection(
        value=float(to_date / shares.iloc[-1]),
        low=float(to_date / shares.max()),
        high=float(to_date / shares.min()),
        years=tuple(int(year) for year in known["year"]),
    )
