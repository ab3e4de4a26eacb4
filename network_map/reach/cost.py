"""The cost matrix: distances from demand points to facilities, with method, legs and band.

Location methods meet here, never at geometry: they see ids on both axes and a number in each
cell. Everything is found by id; the order of rows and columns carries no meaning.

How long a road is for a straight line: an increasing curve with a band, fitted by quantiles.

The curve is ``road = straight × (far + (near - far) / (1 + straight / half_km))``: the factor
falls from ``near`` at the shortest distances to ``far`` at the longest and has come half the way
at ``half_km``. Its slope is ``far + (near - far) / (1 + straight / half_km)²``, which is positive
for every pair of positive factors: a longer straight line never gives a shorter road.

Verdicts and the order of service: distances in, codes out, one question or thousands at once.
Everything here is distances in, codes out. A distance is three numbers: the estimate and the ends
of its band. *The nearest of several* is taken of each of the three on its own: the true distance
to the nearest facility lies between the least lower end and the least upper end, whichever
facility that is, and both can only fall when a facility is added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from network_map.crs import FloatArray, geodesic_matrix_km
from network_map.terms import CostUnit, DistanceMethod, Verdict


@dataclass(frozen=True, slots=True)
class CircuityCurve:
    """Length of a road as a continuous increasing function of the straight line.

    Parameters
    ----------
    near, far
        Factors at distance nought and at infinity; both positive.
    half_km
        Straight line at which the factor stands half-way between them; positive.
    """

    near: float
    far: float
    half_km: float

    def __post_init__(self) -> None:
        """Refuse factors with which a longer line could give a shorter road."""
        if not min(self.near, self.far, self.half_km) > 0:
            raise ValueError(f"positive factors expected, found {self}")

    def road_km(self, straight_km: ArrayLike) -> FloatArray:
        """Return the length of the road in kilometres, of the shape of ``straight_km``."""
        straight = np.asarray(straight_km, dtype="float64")
        share = 1.0 / (1.0 + straight / self.half_km)
        return np.asarray(straight * (self.far + (self.near - self.far) * share))


@dataclass(frozen=True, slots=True)
class CircuityBand:
    """The curve of the estimate and those of its band, ``low <= middle <= high`` everywhere."""

    low: CircuityCurve
    middle: CircuityCurve
    high: CircuityCurve


CIRCUITY = CircuityBand(
    low=CircuityCurve(near=1.10, far=1.157, half_km=270.0),
    middle=CircuityCurve(near=1.53, far=1.30, half_km=750.0),
    high=CircuityCurve(near=3.36, far=1.443, half_km=106.0),
)
"""The curve of Yunnan and its 5-95 % band, fitted on the shipped roads between county seats.

All pairs of seats with access legs up to 10 km: the median of the road estimates, the 5 %
quantile of their lower ends and the 95 % quantile of their upper ends. ``far``
is the mean of the five known trips, 1.30, less and more the error of the road method.
"""


METHODS: tuple[DistanceMethod, ...] = tuple(DistanceMethod)
"""The methods in the order of their codes in a matrix."""

NO_METHOD = -1
"""Code of a cell without a distance: a point has no coordinates."""


@dataclass(frozen=True, eq=False)
class TravelBasis:
    """What a matrix of minutes was made from, beside the times that were given.

    Parameters
    ----------
    method
        Whose times were given.
    input_sha256
        SHA-256 of the file that they came from.
    kilometres
        The matrix in kilometres from which the other cells were estimated.
    minutes_per_km
        Median of minutes over kilometres in the cells that both have, and the ends of its middle
        90 %: low, middle, high.
    error_share
        Median of how far the estimates of those cells are off, as a share of the given minutes.
    km_error_share
        The same of the kilometres against those that were given with the minutes; missing where
        none were.
    compared_count, missing_count, cell_count
        Cells that both have; cells that were estimated; cells between different places.
    """

    method: DistanceMethod
    input_sha256: str
    kilometres: "CostMatrix"
    minutes_per_km: tuple[float, float, float]
    error_share: float
    km_error_share: float
    compared_count: int
    missing_count: int
    cell_count: int


@dataclass(frozen=True, eq=False)
class CostMatrix:
    """Distances from n demand points to m facilities, or driving times; read-only.

    Parameters
    ----------
    demand_ids, facility_ids
        Ids of the rows (n) and of the columns (m); none occurs twice on its side.
    km, low_km, high_km
        The estimate and the ends of its band in kilometres, shape (n, m), with
        ``low_km <= km <= high_km``; missing where a point has no coordinates.
    method
        Place of the method in `METHODS`, shape (n, m), small integers; `NO_METHOD` where the
        distance is missing.
    demand_leg_km, facility_leg_km
        Straight line from each point to the road network, shapes (n,) and (m,); missing where
        the method knows no network.
    travel
        What a matrix of driving times was made from: with it, ``km, low_km, high_km`` hold
        minutes. None for kilometres.
    """

    demand_ids: tuple[str, ...]
    facility_ids: tuple[str, ...]
    km: FloatArray
    low_km: FloatArray
    high_km: FloatArray
    method: NDArray[np.int8]
    demand_leg_km: FloatArray
    facility_leg_km: FloatArray
    travel: TravelBasis | None = None

    @property
    def unit(self) -> CostUnit:
        """What ``km, low_km, high_km`` are measured in."""
        return CostUnit.KM if self.travel is None else CostUnit.MINUTES

    @property
    def kilometres(self) -> "CostMatrix":
        """The matrix in kilometres: this one, or the one that stands beside the minutes."""
        return self if self.travel is None else self.travel.kilometres

    def __post_init__(self) -> None:
        """Refuse ids that repeat and shapes that differ, and close the arrays for writing."""
        n, m = len(self.demand_ids), len(self.facility_ids)
        for ids in (self.demand_ids, self.facility_ids):
            if len(set(ids)) != len(ids):
                raise ValueError("an id occurs twice on one side of a cost matrix")
        shapes = dict.fromkeys(("km", "low_km", "high_km", "method"), (n, m))
        for name, shape in (shapes | {"demand_leg_km": (n,), "facility_leg_km": (m,)}).items():
            view = getattr(self, name).view()
            if view.shape != shape:
                raise ValueError(f"{name}: shape {shape} expected, found {view.shape}")
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def select(
        self, facility_ids: Iterable[str] | None = None, *, demand_ids: Iterable[str] | None = None
    ) -> "CostMatrix":
        """Return the matrix of these facilities and demand points, in the order asked for.

        Parameters
        ----------
        facility_ids, demand_ids
            Ids, each at most once; None keeps a side as it is.

        Raises
        ------
        KeyError
            If the matrix lacks an id.
        """
        rows = _places(self.demand_ids, demand_ids)
        columns = _places(self.facility_ids, facility_ids)
        cells = np.ix_(rows, columns)
        return replace(
            self,
            demand_ids=tuple(self.demand_ids[row] for row in rows),
            facility_ids=tuple(self.facility_ids[column] for column in columns),
            km=self.km[cells],
            low_km=self.low_km[cells],
            high_km=self.high_km[cells],
            method=self.method[cells],
            demand_leg_km=self.demand_leg_km[rows],
            facility_leg_km=self.facility_leg_km[columns],
        )

    def covering(
        self, facility_ids: Iterable[str], *, demand_ids: Iterable[str] | None = None
    ) -> "CostMatrix":
        """Return the matrix of these facilities, an unknown distance to those it lacks.

        Parameters
        ----------
        facility_ids, demand_ids
            As in :meth:`select`.

        Raises
        ------
        KeyError
            If the matrix lacks a demand point.
        """
        wanted = tuple(facility_ids)
        held = set(self.facility_ids)
        lacking = tuple(name for name in wanted if name not in held)
        side = (len(self.demand_ids), len(lacking))
        unknown = np.full(side, np.nan)
        wider = replace(
            self,
            facility_ids=(*self.facility_ids, *lacking),
            km=np.hstack([self.km, unknown]),
            low_km=np.hstack([self.low_km, unknown]),
            high_km=np.hstack([self.high_km, unknown]),
            method=np.hstack([self.method, np.full(side, NO_METHOD, dtype="int8")]),
            facility_leg_km=np.append(self.facility_leg_km, np.full(side[1], np.nan)),
        )
        return wider.select(wanted, demand_ids=demand_ids)

    def at(self, demand_id: str, facility_id: str) -> tuple[float, float, float, str]:
        """Return the distance of one pair: ``km, low_km, high_km`` and the name of the method.

        Raises
        ------
        KeyError
            If the matrix lacks an id.
        """
        cell = self.select([facility_id], demand_ids=[demand_id])
        kilometres = (float(value[0, 0]) for value in (cell.km, cell.low_km, cell.high_km))
        return (*kilometres, method_name(int(cell.method[0, 0])))  # type: ignore[return-value]

    def table(self) -> pd.DataFrame:
        """Return one row for each cell: ``demand_id, facility_id, km, low_km, high_km, method``."""
        n, m = self.km.shape
        return pd.DataFrame(
            {
                "demand_id": np.repeat(np.array(self.demand_ids, dtype="object"), m),
                "facility_id": np.tile(np.array(self.facility_ids, dtype="object"), n),
                "km": self.km.ravel(),
                "low_km": self.low_km.ravel(),
                "high_km": self.high_km.ravel(),
                "method": method_names(self.method.ravel()),
            }
        ).astype({"demand_id": "str", "facility_id": "str"})


def method_name(code: int) -> str:
    """Return the name of a method by its code, empty for `NO_METHOD`."""
    return "" if code == NO_METHOD else METHODS[code].value


def method_names(codes: NDArray[np.int8]) -> pd.Series:
    """Return the names of methods by their codes, missing for `NO_METHOD`; shape (n,)."""
    names = np.array([*(method.value for method in METHODS), None], dtype="object")
    return pd.Series(names[codes], dtype="str")


def geodesic_x_circuity(
    demand: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    demand_id: str = "adcode",
    facility_id: str = "node_id",
    circuity: CircuityBand = CIRCUITY,
) -> CostMatrix:
    """Return the distances as straight line times circuity.

    Parameters
    ----------
    demand
        ``lon, lat`` and the column of ids, n rows; degrees of CGCS2000.
    facilities
        The same, m rows.
    demand_id, facility_id
        Names of the columns of ids.
    circuity
        The curve and its band.

    Returns
    -------
    CostMatrix
        Missing where a point has no coordinates; without access legs.
    """
    return circuity_costs(
        tuple(demand[demand_id]),
        tuple(facilities[facility_id]),
        straight_km(demand, facilities),
        circuity=circuity,
    )


def circuity_costs(
    demand_ids: tuple[str, ...],
    facility_ids: tuple[str, ...],
    straight: FloatArray,
    *,
    circuity: CircuityBand = CIRCUITY,
) -> CostMatrix:
    """Return the matrix of `geodesic_x_circuity` from straight lines in kilometres, (n, m)."""
    n, m = straight.shape
    code = METHODS.index(DistanceMethod.GEODESIC_X_CIRCUITY)
    return CostMatrix(
        demand_ids=demand_ids,
        facility_ids=facility_ids,
        km=circuity.middle.road_km(straight),
        low_km=circuity.low.road_km(straight),
        high_km=circuity.high.road_km(straight),
        method=np.where(np.isfinite(straight), code, NO_METHOD).astype("int8"),
        demand_leg_km=np.full(n, np.nan),
        facility_leg_km=np.full(m, np.nan),
    )


def straight_km(demand: pd.DataFrame, facilities: pd.DataFrame) -> FloatArray:
    """Return the straight lines in kilometres, shape (n, m), missing without coordinates."""
    return geodesic_matrix_km(
        *(demand[name].to_numpy("float64") for name in ("lon", "lat")),
        *(facilities[name].to_numpy("float64") for name in ("lon", "lat")),
    )


def _places(ids: Sequence[str], wanted: Iterable[str] | None) -> NDArray[np.intp]:
    if wanted is None:
        return np.arange(len(ids))
    place = {name: number for number, name in enumerate(ids)}
    return np.array([place[name] for name in wanted], dtype="intp")


# --- verdicts against a standard ------------------------------------------------------------------


BoolArray: TypeAlias = NDArray[np.bool_]
_BEHIND_KM, _DIGITS = 1e6, 9
"""Puts what another prefecture has behind all of one's own; no distance comes near it.

Beside a million kilometres a float keeps nine decimals: fewer would move severities by more than
they differ by."""

VERDICTS: tuple[Verdict, ...] = tuple(Verdict)
"""The verdicts in the order of their codes, from good to bad: a larger code is a worse verdict."""

COVERED, UNCERTAIN, GAP = range(3)


def own_first(km: FloatArray, is_own: BoolArray | None) -> FloatArray:
    """Return distances in whose order facilities serve: those of the own prefecture first.

    Parameters
    ----------
    km
        Kilometres from n demand points to m facilities.
    is_own
        Which facilities lie in a point's own prefecture, (n, m); None where none comes first.
    """
    return km if is_own is None else np.where(is_own, km, km + _BEHIND_KM)


def without_order(ordered: FloatArray) -> FloatArray:
    """Return kilometres from those of :func:`own_first`, without the bits that these have cost."""
    is_behind = np.isfinite(ordered) & (ordered >= _BEHIND_KM)
    return np.where(is_behind, np.round(ordered - _BEHIND_KM, _DIGITS), ordered)


def admitted(is_own: BoolArray) -> BoolArray:
    """Return which facilities may serve: a point's own ones, all where it has none, (n, m)."""
    return np.asarray(is_own | ~is_own.any(axis=1, keepdims=True), dtype="bool")


def verdict_codes(
    low_km: ArrayLike, high_km: ArrayLike, standard_km: ArrayLike
) -> NDArray[np.int8]:
    """Return the verdict on each distance as its place in `VERDICTS`.

    Parameters
    ----------
    low_km, high_km
        Ends of the band in kilometres; infinite where there is no facility, missing where there
        is one and its distance is not known.
    standard_km
        Kilometres. All three are broadcast: distances (draws, n) against standards (draws, 1).

    Returns
    -------
    numpy.ndarray
        `COVERED` where the band ends within the standard, `GAP` where it begins beyond it, else
        `UNCERTAIN`, an unknown distance among them. A larger standard never gives a larger code.
    """
    standard = np.asarray(standard_km, dtype="float64")
    is_covered = np.asarray(high_km, dtype="float64") <= standard
    is_gap = np.asarray(low_km, dtype="float64") > standard
    codes = np.where(is_gap, GAP, np.where(is_covered, COVERED, UNCERTAIN))
    return np.asarray(codes, dtype="int8")
