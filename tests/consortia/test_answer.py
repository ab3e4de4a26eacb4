"""The consortia page's answer: numbers, sentences, map and files say the same."""

import re
from dataclasses import replace
from functools import cache

import pytest

from network_map.consortia.answer import ConsortiumAnswer, ConsortiumQuery, consortium_answer
from network_map.consortia.report import consortium_bundle, fit_bundle, member_bundle, member_table
from network_map.consortia.tables import consortium_tables
from network_map.errors import QueryError
from network_map.export import csv_bytes, xlsx_bytes
from network_map.i18n import problem_text
from network_map.query import query_link, query_of_link
from network_map.verify.reports import derive
from tests.shipped import county_cost, dataset, places

TIN = "consortium-1"
IDS = tuple(f"consortium-{number}" for number in range(1, 6))


@cache
def answer(query: ConsortiumQuery, name: str = "demo") -> ConsortiumAnswer:
    return consortium_answer(places(), dataset(name), county_cost(), query=query)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("consortium_id", IDS)
def test_every_number_of_a_reason_stands_in_its_columns(consortium_id: str, language: str) -> None:
    fit = answer(
        ConsortiumQuery(consortium_id=consortium_id, language=language, standard_km=120.0)
    ).fit
    columns = ["nearest_km", "nearest_low_km", "nearest_high_km"]
    assert len(fit) == 129
    for reason, name, count, *km in fit[
        ["reason", "nearest_member_name", "member_count", *columns]
    ].itertuples(index=False, name=None):
        told = reason.replace(str(name), "").replace(",", "")
        found = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", told)}
        assert found <= {120.0, float(count), *km}, reason


def test_the_legend_counts_the_rows_and_the_prefecture_cuts_them() -> None:
    whole = answer(ConsortiumQuery(consortium_id=TIN))
    areas = whole.map_spec.areas
    assert areas is not None
    assert sum(entry.count for entry in areas.classes) + areas.missing_count == 129
    assert len(areas.class_of) == 129 - areas.missing_count
    counts = whole.fit["fit_verdict"].value_counts()
    assert [entry.count for entry in areas.classes] == [
        counts.get(code, 0) for code in ("gap", "uncertain", "covered", "not_concerned")
    ]
    zhaotong = answer(ConsortiumQuery(consortium_id=TIN, prefecture_adcode="530600"))
    assert len(zhaotong.fit) == 11
    same = whole.fit[whole.fit["adcode"].isin(zhaotong.fit["adcode"])]
    assert list(same["fit_verdict"]) == list(zhaotong.fit["fit_verdict"])


def test_the_map_joins_the_lead_with_each_county_of_a_member_and_lists_the_others() -> None:
    spec = answer(ConsortiumQuery(consortium_id=TIN)).map_spec
    members = consortium_tables(dataset("demo")).members
    own = members[members["consortium_id"] == TIN]
    placed = own.dropna(subset="adcode")
    assert len(spec.lines) == placed["adcode"].nunique() - 1
    assert {symbol.kind: symbol.count for symbol in spec.symbols} == {
        "lead": 1, "member": len(placed) - 1,
    }  # fmt: skip
    assert all(symbol.assumed_count == symbol.count for symbol in spec.symbols)
    assert [node.name for node in spec.unplaced] == list(own[own["adcode"].isna()]["member_name"])


def test_in_the_public_data_nothing_is_judged() -> None:
    public = answer(ConsortiumQuery(consortium_id=TIN), "public")
    assert set(public.fit["fit_verdict"]) == {"unknown"}
    assert public.map_spec.lines == ()
    said = csv_bytes(consortium_bundle(dataset("public"), language="zh")).decode()
    assert "锡铟" in said
    assert "演示" not in said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_file_is_marked_and_the_same_twice(language: str) -> None:
    query = ConsortiumQuery(consortium_id=TIN, language=language)
    demo, cost = dataset("demo"), county_cost()
    bundles = [
        fit_bundle(places(), demo, cost, query=query),
        member_bundle(places(), demo, answer(query), None, language=language),
        consortium_bundle(demo, language=language),
    ]
    for bundle in bundles:
        assert bundle.is_demo
        assert bundle.created_from
        assert csv_bytes(bundle) == csv_bytes(bundle)
        assert xlsx_bytes(bundle)[:2] == b"PK"
    assert len(member_table(places(), demo, answer(query).members, None, language=language)) == 11


@pytest.mark.long
def test_a_recipe_makes_the_same_file_again() -> None:
    query = ConsortiumQuery(
        consortium_id=TIN, language="en", standard_km=80.0, prefecture_adcode="530600"
    )
    fit = fit_bundle(places(), dataset("demo"), county_cost(), query=query)
    fields = consortium_bundle(dataset("public"), language="zh")
    for bundle, name in ((fit, "demo"), (fields, "public")):
        assert bundle.recipe is not None
        again = derive(bundle.recipe, places(), dataset(name))
        assert csv_bytes(again) == csv_bytes(bundle)
    assert fit.recipe is not None
    for wrong in ({"standard_km": True}, {"standard_km": 5}, {"consortium": "x"}):
        parameters = {**fit.recipe.parameters, **wrong}
        with pytest.raises(QueryError):
            derive(replace(fit.recipe, parameters=parameters), places(), dataset("demo"))


def test_a_link_names_what_it_cannot_use_and_takes_the_first_consortium() -> None:
    context = {"prefectures": (), "counties": (), "consortia": IDS}
    assert query_link(ConsortiumQuery(consortium_id=IDS[0]), context) == {}
    for link in ({"consortium": "x", "reach_km": "-1"}, {"consortium": "x", "reach_km": "nan"}):
        query, problems = query_of_link(ConsortiumQuery, link, context)
        assert (query.consortium_id, query.standard_km) == (IDS[0], 100.0)
        assert [problem.code for problem in problems] == ["link_consortium", "link_standard"]
        assert all(link[str(p.column)] in problem_text(p) for p in problems)
