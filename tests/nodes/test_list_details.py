"""What lists mean in detail: states, dates, coordinates, people, answers, options."""

import pandas as pd
import pytest

from network_map.catalog import read_shipped
from network_map.errors import FileFormatError, QueryError, Severity
from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    open_reference,
    preview_nodes,
)
from network_map.nodes.importing.words import NewKind, parse_new_kind
from network_map.nodes.tables import NODES
from network_map.terms import AdminLevel, Origin
from tests.nodes.ugly_lists import CENTRE, DEMO, SUB, A, C, D, R, codes, inline, preview


def suggested_answers(preview: NodeListPreview) -> dict[tuple[int | str, str], str]:
    """Return the answer to each open question that takes the offered correction.

    Questions about the whole file, and those that offer nothing, are not among them.
    """
    return {
        (problem.row, problem.column): problem.fix
        for problem in preview.problems
        if problem.severity is Severity.DOUBTFUL
        and problem.row is not None
        and problem.column is not None
        and problem.fix is not None
    }


def nodes_by_adcode(found: NodeListPreview) -> pd.DataFrame:
    return found.nodes.set_index("adcode")


def test_a_renamed_county_is_told_with_row_new_name_and_code(reference: NodeListReference) -> None:
    (problem,) = (p for p in preview(reference, "old_names.csv").problems if p.row == 2)
    assert problem.severity is Severity.CORRECTED
    assert problem.fix == "532504"
    assert problem_text(problem).startswith("第 2 行:「弥勒县」已更名为「弥勒市」(532504)")


def test_words_for_states_are_understood(reference: NodeListReference) -> None:
    found = preview(reference, "status_words.csv").rows.set_index("row")["status"]
    assert found.to_dict() == {
        2: "planned", 3: "planned", 4: "built", 5: "built", 6: "withdrawn", 7: "withdrawn",
        8: "built", 9: "unknown", 10: "unknown",
    }  # fmt: skip


def test_dates_stay_as_exact_as_they_were_written(reference: NodeListReference) -> None:
    found = nodes_by_adcode(preview(reference, "dates.csv"))["established_on"]
    assert set(found) == {"2018-11", "2018-11-06", "2018"}
    sheet = nodes_by_adcode(preview(reference, "title_rows.xlsx"))["established_on"]
    assert sheet.to_dict() == {
        "530103": "2018-01-05", "530127": "2018-11-06", "530303": "2018-11-06",
    }  # fmt: skip


def test_a_dropped_final_zero_is_asked_about_unless_the_list_kept_one() -> None:
    reference = open_reference()
    lost = "县区,类型,设立时间\n盘龙区,示范县,2018.1\n嵩明县,示范县,2018.11\n".encode()
    kept = "县区,类型,设立时间\n盘龙区,示范县,2018.1\n嵩明县,示范县,2018.10\n".encode()
    assert "date_month_doubtful" in codes(preview_nodes(lost, "a.csv", reference))
    assert preview_nodes(kept, "a.csv", reference).is_clean


def test_a_place_without_coordinates_stands_at_its_seat(reference: NodeListReference) -> None:
    seats = read_shipped("county_seats").set_index("adcode")
    found = nodes_by_adcode(preview(reference, "mixed_levels.csv"))
    assert found.loc["530627", "location_origin"] == "county_seat"
    assert found["lon"].to_dict()["530627"] == seats["lon"].to_dict()["530627"]
    assert found.loc["530600", "location_origin"] == "prefecture_seat"
    assert found.loc["532900", "location_origin"] == "county_seat"
    assert found.loc["530000", "location_origin"] == "assumed"
    assert found.loc[["530000"], "prefecture_adcode"].isna().all()
    given = nodes_by_adcode(preview(reference, "coordinates.csv"))
    assert given.loc["530127", "location_origin"] == "given"
    assert given.loc["530181", "lat"] == pytest.approx(24.91667, abs=1e-4)


def test_script_and_formulas_are_kept_as_the_text_they_are(reference: NodeListReference) -> None:
    found = nodes_by_adcode(preview(reference, "script_names.csv"))
    assert found.loc["530627", "node_name"] == "<script>alert(1)</script>"
    assert found.loc["530627", "note"] == "=HYPERLINK(1)"


def test_people_and_telephones_are_nowhere_in_what_is_kept(reference: NodeListReference) -> None:
    found = preview(reference, "contacts.xlsx")
    kept = found.nodes.to_csv() + found.rows.to_csv()
    for text in ("某甲", "1380000", "0871-", "某路"):
        assert text not in kept


def test_a_tick_is_a_node(reference: NodeListReference) -> None:
    found = preview(reference, "ticks.xlsx")
    assert sorted(zip(found.nodes["kind"], found.nodes["adcode"], strict=True)) == [
        (CENTRE, "530627"), (CENTRE, "530628"), (DEMO, "530103"), (DEMO, "530627"),
    ]  # fmt: skip
    assert found.is_clean


def test_a_repeated_node_names_both_rows(reference: NodeListReference) -> None:
    found = preview(reference, "duplicates.csv")
    sentences = {p.row: problem_text(p) for p in found.problems}
    assert "第 2、3 行" in sentences[3]
    assert "第 4、5 行" in sentences[4]
    assert "第 4、5 行" in sentences[5]
    assert set(found.nodes["node_id"]) == {
        "demonstration_county-530627", "county_centre-530127", "county_centre-530127-2",
        "county_centre-530627",
    }  # fmt: skip


# --- answers and options ------------------------------------------------------------------------


def test_a_guessed_kind_counts_only_when_confirmed(reference: NodeListReference) -> None:
    assert not preview(reference, "no_header.txt").is_clean
    confirmed = preview(reference, "no_header.txt", NodeListOptions(default_kind="示范县"))
    assert {p.row for p in confirmed.open_problems} == {4}
    assert set(confirmed.nodes["kind"]) == {DEMO}


def test_an_answer_settles_a_question_and_says_so(reference: NodeListReference) -> None:
    answers: dict[tuple[int | str, str], str] = {
        (2, "place"): "大理市",
        (3, "place"): "昭阳区",
        (4, "place"): "530628",
        (5, "place"): "盘龙区",
    }
    options = NodeListOptions(answers=answers, exclude_rows=frozenset({6}))
    found = preview(reference, "ambiguous.csv", options)
    assert found.is_clean
    assert list(found.nodes["adcode"]) == ["532901", "530602", "530628", "530103"]
    assert codes(found, 3) == {"place_answered"}
    assert list(found.excluded["row"]) == [6]


def test_an_answer_that_is_no_answer_is_a_question_again(reference: NodeListReference) -> None:
    found = preview(reference, "ambiguous.csv", NodeListOptions(answers={(3, "place"): "某地"}))
    assert codes(found, 3) == {"place_unknown"}


def test_suggestions_settle_what_has_one_answer_and_nothing_else(
    reference: NodeListReference,
) -> None:
    first = preview(reference, "ambiguous.csv")
    answers = suggested_answers(first)
    assert answers == {(3, "place"): "530602", (5, "place"): "530103"}
    again = preview(reference, "ambiguous.csv", NodeListOptions(answers=answers))
    assert {p.row for p in again.open_problems} == {2, 4, 6}


@pytest.mark.parametrize(
    ("answer", "lon", "origin"),
    [("swap", 102.75, "given"), ("seat", 102.75045, "county_seat")],
)
def test_swapped_coordinates_are_put_right_or_given_up_by_answer(
    reference: NodeListReference, answer: str, lon: float, origin: str
) -> None:
    options = NodeListOptions(answers={(3, "coordinates"): answer})
    found = nodes_by_adcode(preview(reference, "coordinates.csv", options))
    assert found.loc["530103", "lon"] == lon
    assert found.loc["530103", "location_origin"] == origin


def test_coordinates_outside_the_county_are_kept_when_a_person_says_so(
    reference: NodeListReference,
) -> None:
    options = NodeListOptions(answers={(4, "coordinates"): "keep"})
    found = nodes_by_adcode(preview(reference, "coordinates.csv", options))
    assert found.loc["530627", "lon"] == 102.71


def test_a_date_and_a_status_are_settled_by_answer(reference: NodeListReference) -> None:
    answers: dict[tuple[int | str, str], str] = {
        (9, "established_on"): "2018-06-11",
        (10, "established_on"): "",
        (11, "established_on"): "2018-10",
    }
    found = nodes_by_adcode(preview(reference, "dates.csv", NodeListOptions(answers=answers)))
    assert found.loc["530124", "established_on"] == "2018-06-11"
    assert found.loc[["530125"], "established_on"].isna().all()
    assert found.loc["530126", "established_on"] == "2018-10"
    states: dict[tuple[int | str, str], str] = {(8, "status"): "撤销", (9, "status"): "未知"}
    assert preview(reference, "status_words.csv", NodeListOptions(answers=states)).is_clean


def test_an_unknown_kind_is_an_error_until_it_is_declared(reference: NodeListReference) -> None:
    (problem,) = preview(reference, "new_kind.csv").open_problems
    assert "示范县(demonstration_county)" in problem_text(problem)
    assert "--new-kind 成果转化驿站" in problem_text(problem)
    options = NodeListOptions(new_kinds=(parse_new_kind("成果转化驿站"),))
    found = preview(reference, "new_kind.csv", options)
    assert found.is_clean
    kind = found.node_kinds.iloc[-1]
    assert (kind["kind_name_zh"], kind["tier"], kind["is_counted"]) == (
        "成果转化驿站", "county", False,
    )  # fmt: skip
    assert kind["kind"] in set(found.nodes["kind"])


def test_a_word_for_a_kind_can_be_explained_once(reference: NodeListReference) -> None:
    options = NodeListOptions(kind_words={"成果转化驿站": "县域中心"})
    assert preview(reference, "new_kind.csv", options).is_clean
    with pytest.raises(QueryError):
        preview(reference, "new_kind.csv", NodeListOptions(kind_words={"成果转化驿站": "某词"}))


def test_a_new_kind_may_name_its_level() -> None:
    assert parse_new_kind("甲平台:州(市)") == NewKind("甲平台", AdminLevel.PREFECTURE)
    assert parse_new_kind("甲平台\uff1a省").tier is AdminLevel.PROVINCE
    assert parse_new_kind("甲平台").kind == parse_new_kind(" 甲平台 ").kind
    for text in ("", ":县", "甲:某级"):
        with pytest.raises(QueryError):
            parse_new_kind(text)


def test_a_person_can_say_which_column_is_which(reference: NodeListReference) -> None:
    content = "甲,乙,类型\n镇雄县,第一批,示范县\n".encode()
    options = NodeListOptions(columns={"甲": "county", "乙": "batch"})
    found = preview_nodes(content, "a.csv", reference, options)
    assert found.nodes[["adcode", "batch"]].to_numpy().tolist() == [["530627", "第一批"]]
    as_it_is = preview_nodes(content, "a.csv", reference)
    assert as_it_is.columns.ignored == ("甲", "乙")


def test_every_row_carries_where_it_comes_from(reference: NodeListReference) -> None:
    found = preview(reference, "utf16.tsv")
    assert set(found.nodes["origin"]) == {"official"}
    assert set(found.nodes["source"]) == {f"utf16.tsv ({found.file_sha256[:8]})"}
    options = NodeListOptions(origin=Origin.OFFICIAL, source="省科技厅 2025 年名单")
    stated = preview(reference, "utf16.tsv", options).nodes
    assert set(stated["origin"]) == {"official"}
    assert set(stated["source"]) == {"省科技厅 2025 年名单"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", ["public_nodes", "demo_nodes"])
def test_an_exported_list_comes_in_again_unchanged(
    reference: NodeListReference, table: str, language: str
) -> None:
    nodes = read_shipped(table)
    exported = nodes.rename(columns=NODES.headings(language)).to_csv(index=False)
    found = preview_nodes(exported.encode("utf-8-sig"), "导出.csv", reference)
    assert found.is_clean
    columns = [name for name in NODES.names if name not in {"lon", "lat", "location_origin"}]
    again = found.nodes.set_index("node_id").loc[nodes["node_id"]].reset_index()
    pd.testing.assert_frame_equal(again[columns], nodes[columns])


def test_what_is_no_list_of_places_is_refused(reference: NodeListReference) -> None:
    with pytest.raises(FileFormatError) as error:
        preview_nodes("甲,乙\n1,2\n3,4\n".encode(), "a.csv", reference)
    assert error.value.code == "file_no_header"


# --- more of what real lists look like ----------------------------------------------------------


def test_of_type_and_level_the_column_that_names_kinds_is_the_kind(
    reference: NodeListReference,
) -> None:
    text = "县区,级别,类型\n镇雄县,县级,示范县\n盘龙区,县级,县域中心\n"
    assert list(inline(reference, text).nodes["kind"]) == [DEMO, CENTRE]
    other = "县区,节点类型,类别\n镇雄县,示范县,民生福祉型\n"
    assert list(inline(reference, other).nodes["node_type"]) == ["民生福祉型"]


def test_a_kind_below_a_kind_is_asked_about_and_can_be_taken_over(
    reference: NodeListReference,
) -> None:
    text = "县区,类型\n镇雄县,示范县\n盘龙区,\n嵩明县,县域中心\n"
    first = inline(reference, text)
    assert codes(first, 3) == {"kind_from_row_above"}
    again = inline(reference, text, NodeListOptions(answers=suggested_answers(first)))
    assert list(again.nodes["kind"]) == [DEMO, DEMO, CENTRE]
    assert again.is_clean


def test_a_header_that_asks_whether_it_is_built_takes_yes_and_asks_about_no(
    reference: NodeListReference,
) -> None:
    text = "县区,类型,是否建成\n镇雄县,示范县,是\n盘龙区,示范县,否\n"
    found = inline(reference, text)
    assert list(found.nodes["status"]) == ["built"]
    assert codes(found, 3) == {"status_not_known"}  # being built, or not there at all


def test_rows_filled_from_the_row_above_are_named(reference: NodeListReference) -> None:
    text = (
        "州市,县区,类型\n昭通市,镇雄县,示范县\n,威信县,示范县\n,彝良县,示范县\n"
        "昆明市,盘龙区,示范县\n,五华区,示范县\n"
    )
    problems = inline(reference, text).problems
    (note,) = (p for p in problems if p.code == "prefecture_filled_down")
    assert "有 3 个空格" in problem_text(note)
    assert "第 3–4、6 行" in problem_text(note)


def test_a_state_that_may_be_no_node_at_all_is_asked(reference: NodeListReference) -> None:
    text = "县区,类型,状态\n镇雄县,示范县,未建\n盘龙区,示范县,未建成\n会泽县,示范县,建成?\n"
    found = inline(reference, text)
    assert found.nodes.empty
    assert codes(found) >= {"status_not_known"}


def test_only_what_is_being_built_is_founded_in_days_to_come(
    reference: NodeListReference,
) -> None:
    text = (
        "县区,类型,状态,成立时间\n镇雄县,示范县,在建,2099-01-01\n盘龙区,示范县,已建,2099-01-01\n"
        "会泽县,示范县,已建,2019年\n"
    )
    found = inline(reference, text)
    assert list(found.nodes["status"]) == ["planned", "built"]
    assert codes(found, 3) == {"node_date_in_future"}


def test_a_footnote_mark_or_a_bracket_does_not_hide_a_county(reference: NodeListReference) -> None:
    text = '县区,类型\n镇雄县①,示范县\n盘龙区*,示范县\n"澄江市(原澄江县)",示范县\n'
    assert list(inline(reference, text).nodes["adcode"]) == ["530627", "530103", "530481"]


def test_the_prefecture_of_a_row_and_the_county_in_a_name_are_read_together(
    reference: NodeListReference,
) -> None:
    text = (
        "州市,单位名称,类型\n"
        "大理州,大理科技成果转化中心,县域中心\n"
        "昆明市,镇雄县科技成果转化中心,县域中心\n"
    )
    found = inline(reference, text)
    assert list(found.nodes["adcode"]) == ["532901"]
    assert codes(found, 3) == {"place_not_in_name"}


def test_a_sub_market_sits_in_a_county_and_serves_its_prefecture(
    reference: NodeListReference,
) -> None:
    text = "州市,县区,类型\n昭通市,鲁甸县,分市场\n大理州,镇雄县,分市场\n,麒麟区,分市场\n"
    found = inline(reference, text)
    assert found.nodes[["adcode", "location_origin"]].to_numpy().tolist() == [
        ["530600", "county_seat"],
        ["530300", "county_seat"],
    ]
    assert codes(found, 3) == {"prefectures_differ"}
    assert codes(found, 4) == {"place_taken_to_prefecture"}


def test_a_county_that_fits_no_prefecture_above_it_stands_on_its_own(
    reference: NodeListReference,
) -> None:
    text = "州市,县区,类型\n昆明市,盘龙区,示范县\n,镇雄县,示范县\n"
    found = inline(reference, text)
    assert list(found.nodes["adcode"]) == ["530103", "530627"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("云南省技术市场州市分市场名单", SUB),
        ("县域科技成果转化中心一览表", CENTRE),
        ("第二批科技成果转化示范县(市、区)名单", DEMO),
    ],
)
def test_the_title_suggests_the_kind_and_a_person_confirms_it(
    reference: NodeListReference, title: str, kind: str
) -> None:
    found = inline(reference, f"{title},\n州市,县区\n昭通市,镇雄县\n")
    (problem,) = (p for p in found.open_problems if p.row is None)
    assert (problem.code, problem.fix) == ("kind_guessed", kind)


def test_a_title_of_two_kinds_suggests_none(reference: NodeListReference) -> None:
    found = inline(reference, "示范县和县域中心名单,\n州市,县区\n昭通市,镇雄县\n")
    assert {"kinds_known", "kind_missing"} <= codes(found)


@pytest.mark.parametrize(
    ("word", "kind", "outcome"),
    [
        ("科技成果转化示范县（市、区）", DEMO, A),
        ("云南省科技成果转化示范县(第二批)", DEMO, A),
        ("县级科技成果转化中心", CENTRE, A),
        ("DEMONSTRATION COUNTY", DEMO, A),
        ("某某成果转化示范县", DEMO, C),
        ("昭通分市场", SUB, D),
        ("某某中心", None, D),
        ("某某驿站", None, R),
    ],
)
def test_a_word_for_a_kind_is_sure_likely_or_unknown(
    reference: NodeListReference, word: str, kind: str | None, outcome: str
) -> None:
    place = "昭通市" if kind == SUB else "镇雄县"
    row = inline(reference, f"地区,类型\n{place},{word}\n").rows.iloc[0]
    assert row["outcome"] == outcome
    assert pd.isna(row["kind"]) if kind is None else row["kind"] == kind


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("镇雄县,示范县\n盘龙区,示范县\n五华区,示范县\n", 3),
        ("镇雄县,科技成果转化中心\n盘龙区,科技成果转化中心\n", 2),
        ("镇雄县,示范县,已建\n盘龙区,县域中心,在建\n五华区,示范县,在建\n", 3),
    ],
)
def test_a_first_row_that_names_a_kind_is_no_header(
    reference: NodeListReference, rows: str, expected: int
) -> None:
    found = preview_nodes(rows.encode(), "名单.csv", reference)
    assert len(found.nodes) == expected
    assert "no_header_columns_guessed" in {problem.code for problem in found.problems}


@pytest.mark.parametrize(
    "rows",
    [
        "示范县,州市\n镇雄县,昭通市\n盘龙区,昆明市\n",
        "县区,类型\n县区,类型\n镇雄县,示范县\n盘龙区,示范县\n",
        "州市,示范县\n昭通市,镇雄县\n昭通市,盐津县\n",
    ],
)
def test_a_header_with_the_word_of_a_kind_is_one(reference: NodeListReference, rows: str) -> None:
    options = NodeListOptions(default_kind="示范县")
    assert len(preview_nodes(rows.encode(), "名单.csv", reference, options).nodes) == 2
