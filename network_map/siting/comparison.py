"""Two plans side by side: sites and counties that only one of them has."""

from dataclasses import dataclass

import pandas as pd

from network_map.i18n import number_text, people_text, text
from network_map.places.reference import Places, place_names
from network_map.siting.answer import SiteAnswer
from network_map.siting.tables import SITE_COMPARISON
from network_map.tables.check import assembled


@dataclass(frozen=True, slots=True, eq=False)
class PlanComparison:
    """What two plans share and what each has alone; the lists are differences of sets.

    Parameters
    ----------
    both_sites, first_sites, second_sites
        Sites of both, and of the first or the second alone, in the order of their plans.
    both_counties, first_counties, second_counties
        Counties that come within the standard, in some list, by both or by one of them alone.
    rows
        Declared table ``site_comparison``: every county that either brings within the standard.
    headline
        The difference in a sentence.
    notes
        What must be said beside it, a sentence each.
    """

    both_sites: tuple[str, ...]
    first_sites: tuple[str, ...]
    second_sites: tuple[str, ...]
    both_counties: tuple[str, ...]
    first_counties: tuple[str, ...]
    second_counties: tuple[str, ...]
    rows: pd.DataFrame
    headline: str
    notes: tuple[str, ...]


def compared_plans(
    places: Places, first: SiteAnswer, second: SiteAnswer, *, language: str
) -> PlanComparison:
    """Return what two plans share and what each has alone.

    Parameters
    ----------
    places
        The reference tables.
    first, second
        The answers; they may differ in anything, and what they differ in is said.
    language
        ``zh`` or ``en``.
    """
    names = place_names(places.divisions, language)
    sites = _parts(first.plan.sites, second.plan.sites)
    one, two = (answer.effect.shares["gained_share"] for answer in (first, second))
    counties = _parts(first.effect.gained_counties, second.effect.gained_counties)
    people = places.county_indicators.set_index("adcode")["pop_2020"]
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    sides = {
        code: side
        for side, codes in zip(("both", "first_only", "second_only"), counties, strict=True)
        for code in codes
    }
    rows = [
        {"adcode": code, "county_name": names[code], "prefecture_name": names[str(parents[code])],
         "residents": int(people[code]), "first_percent": round(100 * float(one[code]), 1),
         "second_percent": round(100 * float(two[code]), 1), "side": side}
        for code, side in sides.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=SITE_COMPARISON.names)
    table = table.sort_values(["side", "residents"], ascending=[True, False], kind="stable")
    and_ = "、" if language == "zh" else ", "
    values = {
        f"{name}_{what}": said
        for name, answer in (("first", first), ("second", second))
        for what, said in (
            ("counties", number_text(answer.effect.gained["counties"][0], 1)),
            ("residents", people_text(answer.effect.gained["residents"][0], language)),
        )
    }
    headline = text(
        "siting.compare.headline", language, **values,
        first_sites=and_.join(names[site] for site in sites[1]) or "–",
        second_sites=and_.join(names[site] for site in sites[2]) or "–",
        gained=len(counties[2]), lost=len(counties[1]),
    )  # fmt: skip
    notes = [text(f"siting.compare.{name}", language) for name in _differences(first, second)]
    return PlanComparison(
        *sites, *counties, rows=assembled(SITE_COMPARISON, table), headline=headline,
        notes=(*notes, *dict.fromkeys((*first.notes, *second.notes))),
    )  # fmt: skip


def _parts(
    first: tuple[str, ...], second: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what is in both, in the first alone, in the second alone."""
    one, two = set(first), set(second)
    return (
        tuple(code for code in first if code in two),
        tuple(code for code in first if code not in two),
        tuple(code for code in second if code not in one),
    )


def _differences(first: SiteAnswer, second: SiteAnswer) -> list[str]:
    """Return what makes the gains of two plans no like for like."""
    found = []
    if first.query.kind != second.query.kind:
        found.append("other_kind")
    if first.query.standard != second.query.standard:
        found.append("other_standard")
    if first.plan.is_optimal is False or second.plan.is_optimal is False:
        found.append("not_proven")
    return found
