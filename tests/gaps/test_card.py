"""The card says what the table of counties says, and marks what is assumed."""

import re
from functools import cache
from html import escape

import pandas as pd
import pytest

from network_map.app import gap_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.gaps.card import card_html, comparison_html
from network_map.gaps.query import GapQuery
from network_map.gaps.tables import TIERS
from network_map.i18n import LANGUAGES, number_text, text
from network_map.places.reference import kind_names

NAMES = ("demo", "public")


@cache
def table(name: str, language: str) -> pd.DataFrame:
    return gap_answers.counties(shipped_dataset(name), GapQuery(language=language))


def cards(name: str, language: str) -> list[tuple[pd.Series, str]]:
    data = shipped_dataset(name)
    query = GapQuery(language=language)
    kinds = kind_names(data.node_kinds, language, short=True)
    nodes = gap_answers.node_names(data, language)
    scores = dict(gap_answers.scores(data, query).iterrows())
    return [
        (row, card_html(row, query=query, kinds=kinds, nodes=nodes, scores=scores[code]))
        for code, row in table(name, language).set_index("adcode", drop=False).iterrows()
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_card_has_the_sentences_and_distances_of_its_row(name: str, language: str) -> None:
    for row, html in cards(name, language):
        for column in ("county_name", "reason", "suggestion", "overturn"):
            assert escape(str(row[column])) in html
        for kind in TIERS:
            km = row[f"{kind}_km"]
            is_known = row[f"{kind}_verdict"] in {"gap", "uncertain", "covered"}
            if is_known and pd.notna(km) and km > 0:
                assert number_text(km, 0) in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_rests_on_an_assumed_node_is_marked_on_the_card(language: str) -> None:
    mark = text("gap.row.assumed", language).strip()
    assumed = [
        html
        for row, html in cards("demo", language)
        if any(row[f"{kind}_node_is_assumed"] is not pd.NA and row[f"{kind}_node_is_assumed"]
               for kind in TIERS)
    ]  # fmt: skip
    assert len(assumed) > 100
    assert all(mark in html for html in assumed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_assumed_node_of_a_card_is_marked_by_its_name(language: str) -> None:
    mark = text("gap.row.assumed", language)
    names = gap_answers.node_names(shipped_dataset("demo"), language)
    nodes = shipped_dataset("demo").nodes
    for kind, name, origin in nodes[["kind", "node_name", "origin"]].itertuples(index=False):
        assert names[kind, name].endswith(mark) == (origin in {"assumed", "synthetic"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_demonstration_is_called_certain(language: str) -> None:
    word = {"zh": "必然", "en": r"\bcertain"}[language]
    for _, html in cards("demo", language):
        assert re.search(word, re.sub(r"<[^>]*>", " ", html)) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_order_no_card_has_a_rank_or_a_score(language: str) -> None:
    rank = text("gap.card.rank", language, rank=1, low=1, high=1).partition("1")[0]
    score = text("gap.card.parts", language, score="").partition("(")[0].strip()
    for row, html in cards("public", language):
        assert pd.isna(row["rank"])
        assert rank not in html
        assert score not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_tells_both_numbers_and_their_difference(language: str) -> None:
    rows = table("demo", language)
    kinds = kind_names(shipped_dataset("demo").node_kinds, language, short=True)
    first, second = rows.iloc[0], rows.iloc[1]
    html = comparison_html(first, second, query=GapQuery(language=language), kinds=kinds)
    change = second["residents"] - first["residents"]
    for value in (first["residents"], second["residents"], abs(change)):
        assert number_text(float(value), 0) in html
    assert ("+" if change > 0 else "−") + number_text(abs(float(change)), 0) in html
