"""What can be asked of an industry consortium."""

from dataclasses import dataclass

from network_map.places.query import AreaQuery
from network_map.query import Context, ParameterType, parameter, real_number

DEFAULT_STANDARD_KM = 100.0
LEAST_STANDARD_KM, LONGEST_STANDARD_KM = 10.0, 500.0


def _of_text(found: object, context: Context) -> str:
    if not isinstance(found, str) or found not in context["consortia"]:
        raise ValueError(found)
    return found


def _or_first(found: str, context: Context) -> str:
    known = context.get("consortia", ())
    return found if found in known else next(iter(known), "")


_CONSORTIUM: ParameterType[str] = ParameterType(
    of_text=_of_text,
    allowed=lambda context: "、".join(context["consortia"]),
    problem="link_consortium",
    of_json=_of_text,
    expected='"consortium-1"',
    of_state=lambda key, state, context: _or_first(state[key], context),
    possible=_or_first,
    usual=_or_first,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumQuery(AreaQuery):
    """What the consortia page shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page.
    consortium_id
        The consortium; the first of the data set where none is named.
    standard_km
        The service standard in kilometres.
    """

    consortium_id: str = parameter(
        "", _CONSORTIUM, link="consortium", json="consortium", key="consortium"
    )
    standard_km: float = parameter(
        DEFAULT_STANDARD_KM,
        real_number(LEAST_STANDARD_KM, LONGEST_STANDARD_KM, problem="link_standard"),
        link="reach_km", json="standard_km", key="member_standard_km",
    )  # fmt: skip
