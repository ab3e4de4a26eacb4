"""What there is to say of driving times: which are estimates, how good, what turns on them."""

from collections.abc import Mapping
from math import isfinite

from network_map.gaps.facts import GapFacts
from network_map.gaps.tables import TIERS
from network_map.i18n import count_text, share_text, text

_SHA_SHOWN = 12


def travel_notes(facts: GapFacts, kinds: Mapping[str, str], language: str) -> tuple[str, ...]:
    """Return the sentences about the driving times that the facts stand on; none for kilometres.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    kinds
        Short names of the kinds in the language.
    language
        ``zh`` or ``en``.
    """
    travel = facts.cost.travel
    if travel is None:
        return ()
    low, pace, high = travel.minutes_per_km
    said = [
        text(
            "gap.travel.cells", language,
            method=text(f"term.distance_method.{travel.method.value}", language),
            sha256=travel.input_sha256[:_SHA_SHOWN],
            cells=count_text(travel.cell_count), missing=count_text(travel.missing_count),
        ),
        text(
            "gap.travel.pace", language, pace=f"{pace:.2f}", low=f"{low:.2f}", high=f"{high:.2f}",
            compared=count_text(travel.compared_count), error=share_text(travel.error_share),
        ),
    ]  # fmt: skip
    # Missing where the file gave no kilometres.
    if isfinite(travel.km_error_share):
        said.append(text("gap.travel.km", language, error=share_text(travel.km_error_share)))
    and_ = "、" if language == "zh" else ", "
    turned = and_.join(f"{kinds[kind]} {facts.turned_counts[kind]}" for kind in TIERS)
    said.append(text("gap.travel.turned", language, counts=turned))
    band = text(f"gap.travel.band_{travel.method.value}", language)
    return (*said, band)
