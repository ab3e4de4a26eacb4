"""Two plans side by side as a bundle: the same object for the page and the command line.

A comparison rests on two plans, of two data sets perhaps, and a recipe names one: what is verified
are the two files of the plans, not this one, and it says so.
"""

import zlib
from dataclasses import dataclass
from functools import partial

import pandas as pd

from network_map.export import Bundle, Front
from network_map.gaps.facts import GapFacts
from network_map.i18n import count_text, people_text, text
from network_map.maps.spec import AreaLayer, ClassEntry, FlowCircle, FlowLayer, MapSpec
from network_map.nodes.dataset import Dataset
from network_map.nodes.layers import area_shapes
from network_map.places.reference import Places, place_names
from network_map.siting.answer import SiteAnswer
from network_map.siting.comparison import PlanComparison
from network_map.siting.map import COLOURS, site_circles, site_map
from network_map.siting.report import plan_filters, site_bundle
from network_map.siting.tables import SITE_COMPARISON
from network_map.terms import AdminLevel

_SIDES = ("both", "first_only", "second_only")
_SIDE_COLOURS = {"both": "#7fa99b", "first_only": "#c98a3c", "second_only": COLOURS["gained"]}
_WIDTHS = (6, 16, 14, 14, 10, 12, 12)
_MEETING_ROWS = 30


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPlan:
    """One of two plans, with what it was made from.

    Parameters
    ----------
    places, dataset, facts
        The reference tables, data set and facts of the plan.
    answer
        The plan.
    """

    places: Places
    dataset: Dataset
    facts: GapFacts
    answer: SiteAnswer

    @property
    def bundle(self) -> Bundle:
        """The plan as a file of its own has it."""
        return site_bundle(self.places, self.dataset, self.facts, self.answer)


def comparison_bundle(
    first: ComparedPlan,
    second: ComparedPlan,
    found: PlanComparison,
    *,
    language: str,
    made_on: str | None,
) -> Bundle:
    """Return two plans side by side with everything that a file about them must say.

    Parameters
    ----------
    first, second
        The plans.
    found
        What :func:`~network_map.siting.comparison.compared_plans` returned for them.
    language
        ``zh`` or ``en``.
    made_on
        The day on which the file is made, ISO 8601.
    """
    one, two = first.bundle, second.bundle
    labels = dict.fromkeys((one.dataset_label, two.dataset_label))
    between = text("gap.meeting.between", language)
    title = text("siting.compare.title", language)
    return Bundle(
        table=found.rows,
        declaration=SITE_COMPARISON,
        title=title,
        language=language,
        filters=_both_filters(first, second, language),
        method_notes=(
            found.headline, *found.notes, text("siting.method", language),
            text("siting.compare.no_recipe", language),
        ),
        sources=tuple(dict.fromkeys((*one.sources, *two.sources))),
        dataset_label=between.join(labels),
        is_demo=one.is_demo or two.is_demo,
        file_stem=comparison_stem(
            (first.dataset.name, second.dataset.name), (first.answer, second.answer),
            made_on=made_on,
        ),
        words={"side": _side_words(language)},
        created_from={**one.created_from, **two.created_from},
        method_versions=one.method_versions,
        layer_name="site_comparison",
        shapes=partial(area_shapes, found.rows["adcode"]),
        map_document=partial(_document, first, second, found, title, language),
        front=_front(found, between.join(filter(None, (made_on, *labels))), language),
    )  # fmt: skip


def comparison_stem(
    datasets: tuple[str, str], answers: tuple[SiteAnswer, SiteAnswer], *, made_on: str | None
) -> str:
    """Return the name of the files without their ending: both plans in short, and the day.

    Parameters
    ----------
    datasets, answers
        Name of the data set and answer of the first and of the second plan.
    made_on
        The day, ISO 8601.
    """
    asked = [
        f"{name}-{answer.query.kind}-{answer.query.model.value}-{len(answer.plan.sites)}"
        f"-{answer.query.standard:g}{answer.query.unit.value}"
        for name, answer in zip(datasets, answers, strict=True)
    ]
    # Plans that are called alike may have other sites.
    sites = "|".join(",".join(answer.plan.sites) for answer in answers)
    mark = f"{zlib.crc32(sites.encode()):08x}"
    return "_".join(filter(None, ("compare", *asked, mark, made_on)))


def _side_words(language: str) -> dict[str, str]:
    return {side: text(f"siting.compare.{side}", language) for side in _SIDES}


def _both_filters(
    first: ComparedPlan, second: ComparedPlan, language: str
) -> tuple[tuple[str, str], ...]:
    """Return each setting once where both plans have it alike, else that of each."""
    one, two = (
        dict(plan_filters(plan.places, plan.dataset, plan.answer.query, language=language))
        for plan in (first, second)
    )
    return tuple(
        (label, one[label])
        if one.get(label) == two.get(label)
        else (label, text("siting.compare.setting", language,
                          first=one.get(label, "–"), second=two.get(label, "–")))
        for label in dict.fromkeys((*one, *two))
    )  # fmt: skip


def _front(found: PlanComparison, rests_on: str, language: str) -> Front:
    columns = ("order", "side", "county", "prefecture", "people", "first", "second")
    words = _side_words(language)
    # What only one of them has is what the meeting talks about.
    table = found.rows.assign(is_both=found.rows["side"] == "both")
    table = table.sort_values("is_both", kind="stable")
    rows = tuple(
        (
            number, words[row["side"]], str(row["county_name"]), str(row["prefecture_name"]),
            people_text(float(row["residents"]), language),
            f"{row['first_percent']:.0f}%", f"{row['second_percent']:.0f}%",
        )
        for number, row in enumerate(table.to_dict("records"), start=1)
    )  # fmt: skip
    counts = text(
        "siting.compare.counts", language,
        **{side: count_text(int((found.rows["side"] == side).sum())) for side in _SIDES},
    )  # fmt: skip
    return Front(
        lines=(found.headline, counts, rests_on, *found.notes[:2]),
        headings=tuple(text(f"siting.compare.column_{name}", language) for name in columns),
        rows=rows,
        widths=_WIDTHS,
        most_rows=_MEETING_ROWS,
    )


def comparison_map(
    first: ComparedPlan, second: ComparedPlan, found: PlanComparison, *, language: str
) -> MapSpec:
    """Return the map of two plans: whose counties are whose, the sites of A and of B.

    Parameters
    ----------
    first, second, found, language
        As for :func:`comparison_bundle`.
    """
    side_of = dict(zip(found.rows["adcode"], found.rows["side"], strict=True))
    classes = [*_SIDES, "neither"]
    every = [str(code) for code in second.answer.effect.shares.index]
    class_of = {code: classes.index(side_of.get(code, "neither")) for code in every}
    counts = pd.Series(class_of).value_counts()
    colours = {**_SIDE_COLOURS, "neither": COLOURS["other"]}
    areas = AreaLayer(
        level=AdminLevel.COUNTY, title=text("siting.compare.title", language), unit="", source="",
        classes=tuple(
            ClassEntry(text(f"siting.compare.{side}", language), colours[side],
                       int(counts.get(number, 0)))
            for number, side in enumerate(classes)
        ),
        class_of=class_of, value_text={}, missing_label="", missing_count=0, is_categorical=True,
    )  # fmt: skip
    spec = site_map(second.places, second.dataset, second.answer)
    return MapSpec(
        language=language, nodes=spec.nodes, symbols=spec.symbols, areas=areas,
        prefecture_adcode=None, selected_adcode=None, unplaced=(), source_line=spec.source_line,
        circles=_circles(first, second, language), is_bare=True,
        watermark=text("gap.watermark", language)
        if first.dataset.is_demo or second.dataset.is_demo else "",
    )  # fmt: skip


def _circles(first: ComparedPlan, second: ComparedPlan, language: str) -> FlowLayer | None:
    sides: dict[str, str] = {}
    for mark, plan in zip(text("siting.compare.marks", language), (first, second), strict=True):
        for site in plan.answer.plan.sites:
            sides[site] = sides.get(site, "") + mark
    circles: list[FlowCircle] = []
    names = place_names(second.places.divisions, language)
    for site, mark in sides.items():
        circles += site_circles(second.places, [site], names, marks=[mark])
    if not circles:
        return None
    return FlowLayer(
        title=text("siting.map.sites", language), unit="",
        note=text("siting.compare.marks_note", language), lines=(), circles=tuple(circles),
    )  # fmt: skip


def _document(
    first: ComparedPlan, second: ComparedPlan, found: PlanComparison, title: str, language: str
) -> str:
    from network_map.maps.standalone import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(comparison_map(first, second, found, language=language), title=title)
