"""Every number in the reason of a gap is its own column, in both languages and data sets."""

import re
from collections.abc import Hashable, Iterator, Mapping
from functools import cache

import pandas as pd
import pytest

from network_map.app import gap_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.gaps.answer import Gaps, gap_answer
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.tables import ReachVerdict
from network_map.i18n import LANGUAGES, catalog, number_text, text
from network_map.places.reference import kind_names
from tests.shipped import dataset, places

pytestmark = pytest.mark.long

PRESENCE = {
    "county_centre": "county_centre",
    "demonstration_county": "demonstration_county_here",
}
Numbers = dict[str, tuple[str, int]]
"""By placeholder: the column, and the digits it is shown with."""


def answer(name: str, language: str) -> Gaps:
    data, query = shipped_dataset(name), GapQuery(language=language, draws=200)
    found = gap_answers.facts(data, query)
    return gap_answer(places(), data, found, gap_answers.scores(data, query), query=query)


@cache
def short_names(language: str) -> dict[str, str]:
    return kind_names(dataset("demo").node_kinds, language, short=True)


def pattern(key: str, numbers: Numbers, language: str, **words: str) -> re.Pattern[str]:
    """Return a part of a reason as a pattern: words as they are, numbers as named groups."""
    parts = re.split(r"\{(\w+)\}", catalog(language)[f"gap.reason.{key}"])
    for place, name in enumerate(parts):
        if place % 2 == 0:
            parts[place] = re.escape(name)
        elif name in numbers:
            parts[place] = rf"(?P<{name}>[\d,]+(?:\.\d+)?)"
        else:
            parts[place] = re.escape({"unit": catalog(language)["unit.km"], **words}[name])
    return re.compile("".join(parts))


def parts_of(
    row: Mapping[Hashable, object], language: str
) -> Iterator[tuple[re.Pattern[str], Numbers]]:
    """Yield the parts that the reason of a row must have, each with its numbers."""
    kinds = short_names(language)
    ranked: Numbers = {name: (name, 0) for name in ("rank", "rank_low", "rank_high")}
    ranked |= {"score": ("score", 2)}
    if row["rank"] is not None:
        yield pattern("score_interval", ranked, language), ranked
    for kind, name in PRESENCE.items():
        words = {"kind": kinds[kind], "verdict": text(
            f"term.presence_verdict.{row[f'{name}_presence']}", language)}  # fmt: skip
        if row[f"{name}_presence"] != "possible":
            yield pattern("presence", {}, language, **words), {}
            continue
        count: Numbers = {"count": (f"{name}_missing_count", 0)}
        missing = pattern("missing", count, language, kind=kinds[kind])
        told = missing.search(str(row["reason"]))
        assert told is not None
        share: Numbers = {"percent": (f"{name}_present_percent", 1)}
        words |= {"missing": told.group()}
        yield pattern("presence_possible", share, language, **words), share
        yield missing, count
    for kind in REACH_KINDS:
        verdict = str(row[f"{kind}_verdict"])
        words = {"kind": kinds[kind], "verdict": text(f"gap.verdict.{verdict}", language)}
        numbers: Numbers = {"standard": (f"{kind}_standard_km", 0)}
        key = "reach"
        if verdict == ReachVerdict.POSSIBLE:
            key = "reach_possible"
            numbers |= {n: (f"{kind}_{n}", 1) for n in ("gap_percent", "covered_percent")}
        yield pattern(key, numbers, language, **words), numbers
        if row[f"{kind}_km"] is not None:
            near: Numbers = {n: (f"{kind}_{n}", 1) for n in ("km", "low_km", "high_km")}
            method = text(f"term.distance_method.{row[f'{kind}_method']}", language)
            node = str(row[f"{kind}_node_name"])
            yield pattern("reach_node", near, language, node=node, method=method), near
    if row["absorption_contract_count"] is not None:
        numbers = {
            "years": ("contract_years", 0), "output": ("output_contract_count", 0),
            "count": ("absorption_contract_count", 0), "rate": ("absorption_per_10k", 2),
            "peers": ("absorption_peer_per_10k", 2),
        }  # fmt: skip
        yield pattern("activity", numbers, language), numbers
    action = text(f"gap.action.{row['suggested_action']}", language)
    if row["largest_part"] is None:
        yield pattern("advice_only", {}, language, action=action), {}
        return
    part = str(row["largest_part"])
    points: Numbers = {"points": (f"contribution_{part}", 2)}
    word = text(f"gap.component.{part}", language)
    yield pattern("advice", points, language, part=word, action=action), points


@pytest.mark.parametrize("name", ["demo", "public"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_reason_equals_its_column(name: str, language: str) -> None:
    table = answer(name, language).table.astype("object")
    rows = table.where(table.notna(), None).to_dict("records")
    assert len(rows) == 129
    # The unit is written with a number of its own.
    unit = re.compile(r"(?<=per )10 000(?= people)")
    for row in rows:
        rest = str(row["reason"])
        for found, numbers in parts_of(row, language):
            match = found.search(str(row["reason"]))
            assert match is not None, (found.pattern, row["reason"])
            for group, (column, digits) in numbers.items():
                shown = number_text(float(str(row[column])), digits)
                assert match.group(group) == shown, (column, row["reason"])
                assert float(shown.replace(",", "")) == pytest.approx(float(str(row[column])))
            rest = rest.replace(match.group(), " ")
        assert not re.search(r"\d", unit.sub("", rest)), rest


def test_the_demonstration_has_every_part_of_a_reason_and_the_public_data_the_unknown() -> None:
    demo, public = answer("demo", "zh").table, answer("public", "zh").table
    assert demo["absorption_per_10k"].notna().all()
    assert demo["rank_low"].notna().all()
    assert demo["reason"].str.contains("同类县").all()
    assert public["reason"].str.contains("没有合同登记数据").all()
    assert public["reason"].str.contains("19 个示范县名单未公开").sum() == 115
    assert pd.isna(public["contract_years"]).all()
