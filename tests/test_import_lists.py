"""Ugly node lists, each with what must become of it row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from network_map.errors import FileFormatError, QueryError, Severity
from network_map.i18n import LANGUAGES, problem_text
from network_map.schema.check import check
from network_map.schema.network import NODES
from network_map.sources.node_kinds import NewKind, parse_new_kind
from network_map.sources.node_list import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    preview_nodes,
    suggested_answers,
)
from network_map.sources.package import read_table
from network_map.terms import AdminLevel, Origin
from network_map.workspace import open_reference

LISTS = Path(__file__).parent / "fixtures" / "node_lists"
A, C, D, R = "accepted", "corrected", "doubtful", "refused"
DEMO, CENTRE, SUB, MARKET = (
    "demonstration_county", "county_centre", "sub_market", "provincial_market",
)  # fmt: skip


@pytest.fixture(scope="module")
def reference() -> NodeListReference:
    return open_reference()


def preview(
    reference: NodeListReference, name: str, options: NodeListOptions | None = None
) -> NodeListPreview:
    return preview_nodes((LISTS / name).read_bytes(), name, reference, options)


def codes(found: NodeListPreview, row: int | None = None) -> set[str]:
    return {p.code for p in found.problems if row is None or p.row == row}


@dataclass(frozen=True)
class Expected:
    """For each row of the file: outcome, kind and adcode; and problem codes that must occur."""

    rows: Mapping[int, tuple[str, str | None, str | None]]
    codes: set[str] = field(default_factory=set)
    dropped: tuple[str, ...] = ()


EXPECTED = {
    "old_names.csv": Expected(
        {
            2: (C, DEMO, "532504"),
            3: (C, CENTRE, "532302"),
            4: (C, CENTRE, "530126"),
            5: (C, CENTRE, "533401"),
            6: (C, CENTRE, "533103"),
            7: (D, CENTRE, None),
            8: (C, CENTRE, "530821"),
        },
        {"place_former_name", "place_split", "prefecture_filled_down"},
    ),
    "short_names_gbk.csv": Expected(
        {
            2: (A, DEMO, "532822"),
            3: (A, DEMO, "533325"),
            4: (A, CENTRE, "530103"),
            5: (A, CENTRE, "530627"),
            6: (A, CENTRE, "532301"),
            7: (A, SUB, "530600"),
        },
        {"prefecture_filled_down"},
    ),
    "ambiguous.csv": Expected(
        {
            2: (C, CENTRE, "532901"),
            3: (D, CENTRE, None),
            4: (D, CENTRE, None),
            5: (D, CENTRE, None),
            6: (D, CENTRE, None),
        },
        {
            "place_by_level", "place_now_other_level", "place_ambiguous", "place_similar",
            "place_split",
        },
    ),
    "mixed_levels.csv": Expected(
        {
            2: (A, SUB, "530600"),
            3: (D, SUB, None),
            4: (D, CENTRE, None),
            5: (A, CENTRE, "530627"),
            6: (R, CENTRE, None),
            7: (C, SUB, "532900"),
            8: (A, MARKET, "530000"),
        },
        {"place_ambiguous", "place_wrong_level", "place_taken_to_prefecture", "location_assumed"},
    ),
    "title_rows.xlsx": Expected(
        {5: (A, DEMO, "530103"), 6: (A, DEMO, "530127"), 7: (C, DEMO, "530303")},
        {
            "merged_cells_filled", "kind_guessed", "place_former_code", "total_left_out",
            "remark_left_out",
        },
    ),
    "two_row_header.xlsx": Expected({4: (A, CENTRE, "530627"), 5: (A, CENTRE, "530628")}),
    "duplicates.csv": Expected(
        {
            2: (A, DEMO, "530627"),
            3: (R, DEMO, "530627"),
            4: (R, CENTRE, "530103"),
            5: (R, CENTRE, "530103"),
            6: (A, CENTRE, "530127"),
            7: (A, CENTRE, "530127"),
            8: (A, CENTRE, "530627"),
        },
        {"node_repeated"},
    ),
    "status_words.csv": Expected(
        {
            2: (A, CENTRE, "530102"),
            3: (A, CENTRE, "530103"),
            4: (A, CENTRE, "530111"),
            5: (A, CENTRE, "530112"),
            6: (A, CENTRE, "530113"),
            7: (C, CENTRE, "530114"),
            8: (D, CENTRE, "530115"),
            9: (D, CENTRE, "530124"),
            10: (A, CENTRE, "530125"),
        },
        {"status_from_date", "status_and_date_differ", "status_not_known"},
    ),
    "spaces_and_width.csv": Expected({2: (A, DEMO, "530627"), 3: (A, CENTRE, "530103")}),
    "wrong_codes.csv": Expected(
        {
            2: (C, DEMO, "532504"),
            3: (C, CENTRE, "532302"),
            4: (D, CENTRE, None),
            5: (C, CENTRE, "530127"),
            6: (R, CENTRE, None),
            7: (R, CENTRE, None),
            8: (C, CENTRE, "530627"),
            9: (A, SUB, "530100"),
            10: (A, CENTRE, "530602"),
        },
        {
            "place_former_code", "code_and_name_differ", "code_not_used", "place_unknown",
            "place_outside",
        },
    ),
    "contacts.xlsx": Expected(
        {2: (A, CENTRE, "530627"), 3: (C, CENTRE, "530103")},
        {"contact_columns_dropped", "contact_removed"},
        ("联系人", "联系电话", "通讯地址"),
    ),
    "script_names.csv": Expected({2: (A, CENTRE, "530627"), 3: (A, CENTRE, "530103")}),
    "three_sheets.xlsx": Expected({2: (A, SUB, "530600")}, {"sheet_chosen", "kind_guessed"}),
    "sections.csv": Expected(
        {
            3: (A, DEMO, "530627"),
            4: (A, DEMO, "530127"),
            6: (A, CENTRE, "530627"),
            7: (A, CENTRE, "530628"),
        },
        {"section_heading", "total_left_out", "remark_left_out"},
    ),
    "no_header.txt": Expected(
        {
            2: (A, DEMO, "530627"),
            3: (C, DEMO, "532504"),
            4: (C, DEMO, "532901"),
            5: (A, DEMO, "530103"),
        },
        {"no_header_columns_guessed", "kind_guessed", "place_by_level"},
    ),
    "coordinates.csv": Expected(
        {
            2: (A, CENTRE, "530127"),
            3: (D, CENTRE, "530103"),
            4: (D, CENTRE, "530627"),
            5: (D, CENTRE, "530125"),
            6: (A, CENTRE, "530181"),
            7: (D, CENTRE, "530124"),
            8: (A, CENTRE, "530126"),
        },
        {
            "coordinates_swapped", "coordinates_outside_place", "coordinates_outside_province",
            "coordinates_unreadable",
        },
    ),
    "dates.csv": Expected(
        {row: (D if row in {9, 10, 11} else A, CENTRE, None) for row in range(2, 13)},
        {"date_not_read", "date_month_doubtful"},
    ),
    "new_kind.csv": Expected(
        {
            2: (A, "pilot_base", "530114"),
            3: (A, "pilot_base", "530114"),
            4: (R, None, "530102"),
            5: (A, DEMO, "530103"),
        },
        {"kind_unknown"},
    ),
    "names_only.csv": Expected(
        {
            2: (C, CENTRE, "530127"),
            3: (C, CENTRE, "530103"),
            4: (C, CENTRE, "530125"),
            5: (R, CENTRE, None),
        },
        {"place_from_name", "place_not_in_name", "kind_guessed"},
    ),
    "fullwidth_commas.txt": Expected({2: (A, DEMO, "530627"), 3: (A, DEMO, "530127")}),
    "utf16.tsv": Expected({2: (A, DEMO, "530627"), 3: (A, DEMO, "530127")}),
    "old_format.xls": Expected(
        {3: (A, DEMO, "530127"), 4: (A, DEMO, "530103"), 5: (A, DEMO, "530627")},
        {"merged_cells_filled", "kind_guessed", "contact_columns_dropped", "total_left_out"},
        ("联系电话",),
    ),
}  # fmt: skip


def test_every_list_in_the_folder_has_an_expectation() -> None:
    files = {path.name for path in LISTS.iterdir() if path.suffix not in {".py", ""}}
    assert files == set(EXPECTED) | {"ticks.xlsx"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_ugly_list_becomes_what_it_says(reference: NodeListReference, name: str) -> None:
    expected, found = EXPECTED[name], preview(reference, name)
    rows = {
        row: (outcome, None if pd.isna(kind) else kind, None if pd.isna(adcode) else adcode)
        for row, outcome, kind, adcode in found.rows[
            ["row", "outcome", "kind", "adcode"]
        ].itertuples(index=False)
    }
    if name == "dates.csv":
        rows = {row: (outcome, kind, None) for row, (outcome, kind, _) in rows.items()}
    assert rows == dict(expected.rows)
    assert expected.codes <= codes(found)
    assert found.dropped_columns == expected.dropped
    check(NODES, found.nodes)
    assert len(found.nodes) == len(found.accepted) + len(found.corrected)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_problem_is_a_sentence_in_both_languages(
    reference: NodeListReference, name: str
) -> None:
    for problem in preview(reference, name).problems:
        sentences = [problem_text(problem, language) for language in LANGUAGES]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)


# --- what the tables above do not say -----------------------------------------------------------


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
    seats = read_table("county_seats").set_index("adcode")
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
    for text in ("某甲", "13800000000", "0871-60000000", "某路"):
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
    assert confirmed.is_clean
    assert set(confirmed.nodes["kind"]) == {DEMO}


def test_an_answer_settles_a_question_and_says_so(reference: NodeListReference) -> None:
    answers = {(3, "place"): "昭阳区", (4, "place"): "530628", (5, "place"): "盘龙区"}
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
    assert {p.row for p in again.open_problems} == {4, 6}


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
    answers = {
        (9, "established_on"): "2018-06-11",
        (10, "established_on"): "",
        (11, "established_on"): "2018-10",
    }
    found = nodes_by_adcode(preview(reference, "dates.csv", NodeListOptions(answers=answers)))
    assert found.loc["530124", "established_on"] == "2018-06-11"
    assert found.loc[["530125"], "established_on"].isna().all()
    assert found.loc["530126", "established_on"] == "2018-10"
    states = {(8, "status"): "撤销", (9, "status"): "未知"}
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
    assert as_it_is.ignored_columns == ("甲", "乙")


def test_every_row_carries_where_it_comes_from(reference: NodeListReference) -> None:
    found = preview(reference, "utf16.tsv")
    assert set(found.nodes["origin"]) == {"reported"}
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
    nodes = read_table(table)
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
