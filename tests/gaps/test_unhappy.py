"""Coverage gaps with inputs that cannot be used: a sentence, and the rest goes on."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from network_map.app import gap_answers
from network_map.cli import main
from network_map.errors import MissingFileError
from network_map.export import FORMATS, file_bytes, read_export
from network_map.gaps.query import GapQuery
from network_map.gaps.report import gap_bundle
from network_map.gaps.tables import GAP_CALLS, AskedList
from network_map.i18n import LANGUAGES, text
from tests.app.test_pages import CountyRows, county_rows, opened, own_list, told_finding, workspace
from tests.shipped import dataset, places

pytestmark = pytest.mark.page

__all__ = ["county_rows", "own_list", "workspace"]

MEMBERS = "联合体,角色,单位名称,所在县\n锡铟产业创新联合体,牵头,甲某公司,个旧市\n"


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"prefecture": "999999"}, "999999"),
        ({"gap_method": "teleport"}, "teleport"),
        ({"gap_km": "sub_market:很远"}, "sub_market:很远"),
        ({"gap_km": "sub_market:-5"}, "sub_market:-5"),
        ({"gap_km": "sub_market:nan"}, "sub_market:nan"),
        ({"weights": "一半,一半"}, "一半,一半"),
        ({"weights": "0,0,0,0"}, "0,0,0,0"),
        ({"gap_rule": "sub_market:magic"}, "sub_market:magic"),
        ({"view": "tea_leaves"}, "tea_leaves"),
    ],
)
def test_a_bad_part_of_a_link_is_named_and_the_list_is_there(
    link: dict[str, str], said: str, county_rows: CountyRows
) -> None:
    app = opened(dataset="public", **link)
    # Streamlit reads warnings as Markdown: what has a meaning there is written with a backslash.
    warnings = " ".join(str(warning.value) for warning in app.warning).replace("\\", "")
    assert said in warnings
    assert len(county_rows.cells) == 129
    assert not app.exception


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--prefecture", "999999"], "999999"),
        (["--standard", "sub_market=很远"], "sub_market=很远"),
        (["--standard", "sub_market=-5"], "-5"),
        (["--standard", "sub_market=nan"], "nan"),
        (["--standard", "county_centre=50"], "county_centre"),
        (["--weights", "一半"], "一半"),
        (["--weights", "presence=0"], "0"),
        (["--weights", "presence=nan"], "nan"),
        (["--rule", "sub_market=magic"], "sub_market=magic"),
        (["--standard", "sub_market"], "sub_market=150"),
        (["--rule", "x=nearest"], "x"),
        (["--years", "0"], "0"),
        (["--seed", "-1"], "-1"),
        (["--nested", "--several-per-place"], ""),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_says_what_it_cannot_use_and_writes_nothing(
    asked: list[str], said: str, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gaps.csv"
    words = ["gaps", "--dataset", "public", *asked, "--lang", language, "--out", str(out)]
    assert main(words) == 1
    told = capsys.readouterr().err
    assert said in told
    assert len(told.strip()) > len(said) + 10
    assert "Traceback" not in told
    assert not out.exists()


def test_an_unknown_method_is_a_wrong_usage_that_names_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["gaps", "--method", "teleport"]) == 2
    told = capsys.readouterr().err
    assert "teleport" in told
    assert "road_network_km" in told


def test_weights_that_do_not_sum_are_scaled_and_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gaps.csv"
    asked = ["gaps", "--dataset", "public", "--prefecture", "530600", "--out", str(out)]
    assert main([*asked, "--weights", "presence=1,reach=3"]) == 0
    assert "权重合计为 4" in capsys.readouterr().err
    slip = json.loads(out.with_suffix(".meta.json").read_text("utf-8"))
    assert slip["weights"] == {"presence": 0.25, "reach": 0.75, "activity": 0, "consortium": 0}
    # Without contracts the file says so itself.
    assert any("没有载入合同登记数据" in note for note in slip["method_notes"])
    _, *lines = csv.reader(out.read_text("utf-8-sig").splitlines())
    asked_for = [line for line in lines if any(cell.startswith("先索取:") for cell in line)]
    assert asked_for
    assert all("合同登记" in "".join(line) for line in asked_for)


def test_what_cannot_be_counted_is_said_once_and_every_choice_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(*_: object) -> NoReturn:
        raise MissingFileError("map_asset_missing", files="roads")

    monkeypatch.setattr(gap_answers, "counties", unreadable)
    app = opened(dataset="public")
    (told,) = [error.value for error in app.error]
    assert "roads" in told
    assert {box.key for box in app.selectbox} >= {"gap_method", "gap_preset", "dataset"}
    assert app.pills(key="gap_view").value == "gap_type"
    assert not app.exception


def test_a_workspace_without_any_node_is_listed_as_unknown_on_page_and_in_the_file(
    workspace: Path, tmp_path: Path, county_rows: CountyRows
) -> None:
    file = tmp_path / "成员.csv"
    file.write_text(MEMBERS, "utf-8")
    assert main(["import", "consortia", str(file), "--workspace", str(workspace), "--yes"]) == 0
    app = opened(dataset="own")
    assert len(county_rows.cells) == 129
    assert any("未知,先核实" in part for part, _ in told_finding(app)["parts"])
    assert not app.exception
    out = tmp_path / "gaps.csv"
    asked = ["gaps", "--dataset", str(workspace), "--prefecture", "532800", "--out", str(out)]
    assert main(asked) == 0
    rows = out.read_text("utf-8-sig").splitlines()
    assert len(rows) == 4
    assert all("未知" in row for row in rows[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_line_says_which_lists_to_ask_for_and_whom(
    tmp_path: Path, language: str
) -> None:
    out = tmp_path / "ask.csv"
    asked = ["gaps", "--dataset", "public", "--ask", "--lang", language, "--out", str(out)]
    assert main(asked) == 0
    _, *lines = csv.reader(out.read_text("utf-8-sig").splitlines())
    rows = [dict(zip(GAP_CALLS.names, line, strict=True)) for line in lines]
    whole = [row for row in rows if not row["adcode"]]
    assert rows[0] in whole
    named = {text(f"priority.fact.{one}", language) for one in AskedList}
    assert {row["list_name"] for row in whole} <= named
    assert len(whole) >= 4
    changes = [float(row["expected_changes"]) for row in whole]
    assert changes == sorted(changes, reverse=True)
    keepers = {text(f"priority.keeper.{one}", language) for one in AskedList}
    assert {row["keeper"] for row in rows} <= keepers


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_list_without_rows_is_a_file_that_says_so(format_name: str) -> None:
    query = GapQuery(prefecture_adcode="532800", draws=20)
    facts = gap_answers.facts(dataset("public"), query)
    bundle = gap_bundle(places(), dataset("public"), facts, query=query)
    shapes = bundle.shapes
    assert shapes is not None
    assert bundle.front is not None
    nothing = replace(
        bundle, table=bundle.table.iloc[:0], shapes=lambda: shapes().iloc[:0],
        front=replace(bundle.front, rows=()),
    )  # fmt: skip
    data = file_bytes(nothing, format_name)
    if format_name == "geojson":
        assert json.loads(data)["features"] == []
        return
    found = read_export(data, format_name)
    assert len(found.grids[0].rows) == 0
    # HTML lists eight columns beside the map; the others hold the full table, also behind a sheet.
    widest = max(found.grids, key=lambda grid: len(grid.headings))
    assert len(widest.rows) == 0
    wide = len(widest.headings)
    assert wide == 8 if format_name == "html" else wide > 60
