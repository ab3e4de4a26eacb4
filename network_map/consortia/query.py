"""What a person asks for on the consortia page, and the part of a link that says it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from network_map.errors import Problem, Severity
from network_map.places.tables import PROVINCE_ADCODE

DEFAULT_STANDARD_KM = 100.0
LEAST_STANDARD_KM, LONGEST_STANDARD_KM = 10.0, 500.0
_SHOWN_LENGTH = 40


@dataclass(frozen=True, slots=True)
class ConsortiumQuery:
    """What the consortia page shows.

    Parameters
    ----------
    consortium_id
        The consortium.
    language
        ``zh`` or ``en``.
    standard_km
        The service standard in kilometres.
    prefecture_adcode
        Show this prefecture only; None shows the province.
    selected_adcode
        The county that is looked at.
    """

    consortium_id: str
    language: str = "zh"
    standard_km: float = DEFAULT_STANDARD_KM
    prefecture_adcode: str | None = None
    selected_adcode: str | None = None

    @property
    def area_adcode(self) -> str:
        """Code of the shown area."""
        return self.prefecture_adcode or PROVINCE_ADCODE


def consortium_link(
    consortium_id: str | None, standard_km: float, *, usual_id: str | None
) -> dict[str, str]:
    """Return the parameters of a link that restore the choice; what is usual is left out."""
    parameters = {} if consortium_id in {usual_id, None} else {"consortium": str(consortium_id)}
    if standard_km != DEFAULT_STANDARD_KM:
        parameters["reach_km"] = f"{standard_km:g}"
    return parameters


def choice_from_link(
    parameters: Mapping[str, str], known: Collection[str]
) -> tuple[str | None, float, tuple[Problem, ...]]:
    """Return the consortium (None for the usual one) and standard of a link, and its problems.

    Parameters
    ----------
    parameters
        Name and value of each parameter.
    known
        Ids of the consortia.
    """
    problems = []
    wanted = parameters.get("consortium") or None
    if wanted is not None and wanted not in known:
        problems.append(_problem("link_consortium", "consortium", wanted))
        wanted = None
    written = parameters.get("reach_km", "")
    standard_km = _standard(written) if written else DEFAULT_STANDARD_KM
    if standard_km is None:
        problems.append(_problem("link_standard", "reach_km", written))
    return wanted, standard_km or DEFAULT_STANDARD_KM, tuple(problems)


def _standard(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if LEAST_STANDARD_KM <= value <= LONGEST_STANDARD_KM else None


def _problem(code: str, column: str, value: str) -> Problem:
    return Problem(code, Severity.NOTE, column=column, value=value[:_SHOWN_LENGTH])
