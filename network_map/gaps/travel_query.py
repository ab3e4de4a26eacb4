"""What a query says of own travel times: the file that they rest on, and standards in minutes."""

from network_map.errors import QueryError
from network_map.query import Context, ParameterType
from network_map.terms import CostUnit


def refuse_other_unit(unit: CostUnit, *, in_km: object, in_minutes: object) -> None:
    """Refuse a standard that is not in the unit of the distances.

    Parameters
    ----------
    unit
        Of the method.
    in_km, in_minutes
        The standards that were given in either unit; falsy where none was.

    Raises
    ------
    QueryError
        If one was given that would be compared with numbers of the other unit, or with none.
    """
    if unit is CostUnit.MINUTES and in_km:
        raise QueryError("standard_unit_min")
    if unit is CostUnit.KM and in_minutes:
        raise QueryError("standard_unit_km")


def _travel_of(found: object, context: Context) -> str | None:
    held: str | None = context.get("travel", {}).get(context["method"])
    if found is not None and found != held:
        raise ValueError(found)
    return held


TRAVEL: ParameterType[str | None] = ParameterType(
    of_text=_travel_of,
    to_text=lambda sha256: sha256 or "",
    allowed=lambda context: "、".join(context.get("travel", {}).values()) or "–",
    problem="link_travel",
    of_json=_travel_of,
    expected="SHA-256 of the file of travel times in this version of the data set",
    # No widget: the open data set says it.
    to_state=lambda _key, _value, _context: {},
    of_state=lambda _key, _state, context: _travel_of(None, context),
    is_optional=True,
)
"""The type of the SHA-256 of the input that a method of own travel times rests on.

It stands behind the method; None for a method that needs none, or that the data set has none for.
"""
