"""Lists of members and of industries as people write them: what is taken, asked, dropped, kept."""

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from network_map.catalog import read_shipped
from network_map.cli import main
from network_map.consortia.importing import preview_industries, preview_members
from network_map.consortia.tables import consortium_tables
from network_map.datasets import REGISTER, open_dataset
from network_map.datasets.imports import node_import, preview_node_list
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import SmallListPreview
from network_map.places.gazetteer import Gazetteer
from network_map.workspace import MANIFEST, snapshot_folder
from network_map.workspace.register import commit, open_current
from tests.workspace.writer import MOVE, register

MEMBERS = (
    "云南省创新联合体成员名单,,,,,\n"
    "联合体,角色,单位名称,所在县,州市,联系电话\n"
    "锡铟产业创新联合体,牵头,甲某公司,个旧市,红河州,(略)\n"
    ",成员,乙某公司,弥勒县,,(略)\n"
    ",成员,丙某大学,,昆明市,(略)\n"
    ",成员单位,丁某研究院,北京市,,(略)\n"
    ",,昆明戊某公司,,,(略)\n"
    "合计,,5,,,\n"
)
INDUSTRIES = "县,产业,有无\n个旧市,锡铟产业、花卉,有\n路南,锡铟,无\n元阳,锡铟,未知\n"


def members(content: str | bytes, gazetteer: Gazetteer, **options: object) -> SmallListPreview:
    raw = content.encode() if isinstance(content, str) else content
    chosen = NodeListOptions(**options)  # type: ignore[arg-type]  # the caller's own names
    return preview_members(raw, "名单.csv", gazetteer, read_shipped("consortia"), chosen)


def rows_of(preview: SmallListPreview) -> dict[str, tuple[object, ...]]:
    table = preview.tables["consortium_members"].astype("object")
    table = table.where(table.notna(), None)
    columns = ["member_name", "role", "adcode", "prefecture_adcode", "is_outside_province"]
    return {name: tuple(rest) for name, *rest in table[columns].itertuples(index=False, name=None)}


def codes(preview: SmallListPreview) -> set[str]:
    for problem in preview.problems:
        assert all(problem_text(problem, language) for language in LANGUAGES)
    return {problem.code for problem in preview.problems}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_an_ugly_list_gives_its_members_and_says_what_it_did(
    gazetteer: Gazetteer, encoding: str
) -> None:
    preview = members(MEMBERS.encode(encoding), gazetteer)
    assert rows_of(preview) == {
        "甲某公司": ("lead", "532501", "532500", False),
        "乙某公司": ("member", "532504", "532500", False),
        "丙某大学": ("member", None, "530100", False),
        "丁某研究院": ("member", None, None, True),
        "昆明戊某公司": ("member", None, None, False),
    }
    assert preview.open_problems == ()
    assert preview.columns.dropped == ("联系电话",)
    assert {
        "contact_columns_dropped", "place_former_name", "consortium_filled_down",
        "total_left_out", "industries_by_field",
    } <= codes(preview)  # fmt: skip
    known = preview.tables["consortia"].iloc[0]
    assert (known["consortium_id"], known["field_en"]) == ("consortium-1", "tin and indium")
    assert known["industries"] == "锡铟"
    assert not any("(略)" in table.to_csv() for table in preview.tables.values())


def test_a_workbook_with_merged_cells_and_the_lead_in_a_column_of_its_own(
    gazetteer: Gazetteer,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["联合体名称", "产业", "牵头单位", "成员单位", "牵头单位所在县", "联系人"],
        ["贵金属创新联合体", "贵金属产业;稀贵金属", "甲所", "乙公司、丙公司;甲所", "五华区", "张"],
    ):
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    preview = members(content.getvalue(), gazetteer, columns={"牵头单位所在县": "county"})
    assert rows_of(preview) == {
        "甲所": ("lead", "530102", "530100", False),
        "乙公司": ("member", None, None, False),
        "丙公司": ("member", None, None, False),
    }
    made = preview.tables["consortia"].iloc[0]
    assert made["consortium_id"].startswith("own-")
    assert (made["field_zh"], made["industries"]) == ("贵金属", "贵金属;稀贵金属")


def test_every_row_in_the_way_is_named_at_once(gazetteer: Gazetteer) -> None:
    preview = members(
        "联合体,角色,单位名称,所在县\n"
        "花卉,牵头,甲,某某县\n花卉,打杂,乙,\n花卉,成员,,嵩明县\n花卉,成员,丁,大理\n"
        "花卉,成员,戊,嵩明县\n花卉,成员,戊,五华区\n花卉,成员,己,嵩明县\n花卉,成员,己,嵩明县\n",
        gazetteer,
    )
    found = [(problem.row, problem.code) for problem in preview.open_problems]
    assert found == [
        (2, "place_unknown"), (3, "role_unknown"), (4, "member_missing"),
        (5, "place_ambiguous"), (7, "row_repeated_differs"),
    ]  # fmt: skip
    assert {"row_repeated_left_out", "consortium_without_lead"} <= codes(preview)
    assert preview.left_out_rows == (2, 3, 4, 5, 7)
    taken = rows_of(preview)
    assert set(taken) == {"戊", "己"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("单位名称,所在县\n甲,嵩明县\n", "consortium_column_missing"),
        ("联合体,所在县\n花卉,嵩明县\n", "member_column_missing"),
    ],
)
def test_a_list_without_a_column_it_needs_says_which(
    gazetteer: Gazetteer, content: str, code: str
) -> None:
    preview = members(content, gazetteer)
    assert [problem.code for problem in preview.open_problems] == [code]
    assert all(table.empty for table in preview.tables.values())


def test_a_file_that_is_no_list_is_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(FileFormatError):
        members(b"\x00\x01\x02", gazetteer)


def test_industries_are_split_old_names_read_and_the_unknown_left_unknown(
    gazetteer: Gazetteer,
) -> None:
    preview = preview_industries(INDUSTRIES.encode("gb18030"), "产业.csv", gazetteer)
    table = preview.tables["county_industry"]
    found = {(a, i, p) for a, i, p in table[["adcode", "industry", "presence"]].to_numpy().tolist()}
    assert found == {
        ("532501", "锡铟", "present"), ("532501", "花卉", "present"), ("530126", "锡铟", "absent"),
    }  # fmt: skip
    assert preview.open_problems == ()
    bad = preview_industries(
        "县,产业,有无\n个旧,,有\n某县,锡铟,也许\n".encode(), "a.csv", gazetteer
    )
    assert [(p.row, p.code) for p in bad.open_problems] == [
        (2, "industry_missing"), (3, "presence_unreadable"), (3, "place_unknown"),
    ]  # fmt: skip
    none = preview_industries("县,备注\n个旧,甲\n".encode(), "a.csv", gazetteer)
    assert [p.code for p in none.open_problems] == ["industry_column_missing"]


# --- into a workspace ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("m.csv").write_text(MEMBERS, encoding="utf-8")
    Path("i.csv").write_text(INDUSTRIES, encoding="utf-8")
    return tmp_path / "w"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["import", *words, "--workspace", "w"])
    return code, capsys.readouterr().out


@pytest.mark.long
def test_nothing_is_applied_without_yes_and_the_same_list_twice_is_one_version(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "consortia", "m.csv")
    assert code == 0
    assert "--yes" in said
    assert "联系电话" in said
    assert not folder.exists()
    states = []
    for _ in range(2):
        _, said = run(capsys, "consortia", "m.csv", "--yes", "--json")
        states.append(json.loads(said))
    assert [found["state"] for found in states] == ["applied", "unchanged"]
    assert sum(states[0]["counts"].values()) == 5
    assert states[0]["totals"] == {"consortia": 1, "consortium_members": 5}
    assert states[0]["snapshot_id"] == states[1]["snapshot_id"]


@pytest.mark.long
def test_lists_add_up_in_one_version_and_a_list_of_nodes_keeps_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "industries", "i.csv", "--yes")[0] == 0
    assert run(capsys, "consortia", "m.csv", "--yes")[0] == 0
    Path("other.csv").write_text("联合体,单位名称\n花卉,己\n", encoding="utf-8")
    assert run(capsys, "consortia", "other.csv", "--yes")[0] == 0
    preview = preview_node_list("县区,类型\n镇雄县,县域中心\n".encode(), "n.csv", workspace=folder)
    node_import(preview, folder).apply(folder)
    dataset = open_dataset(folder)
    tables = consortium_tables(dataset)
    assert not dataset.nodes["node_id"].str.startswith("pub-").all()
    assert set(tables.consortia["consortium_id"]) == {"consortium-1", "consortium-5"}
    assert len(tables.members) == 6
    assert len(tables.county_industry) == 3
    Path("again.csv").write_text("联合体,单位名称\n锡铟联合体,庚\n", encoding="utf-8")
    assert run(capsys, "consortia", "again.csv", "--yes")[0] == 0
    assert set(consortium_tables(open_dataset(folder)).members["member_name"]) == {"己", "庚"}


def test_bad_rows_stop_everything_until_they_are_left_out_or_answered(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.csv").write_text(
        "联合体,单位名称,所在县\n花卉,甲,嵩明县\n花卉,乙,某某县\n", encoding="utf-8"
    )
    code, said = run(capsys, "consortia", "bad.csv", "--yes")
    assert (code, folder.exists()) == (1, False)
    assert "第 3 行" in said
    assert run(capsys, "consortia", "bad.csv", "--answer", "3=五华区")[0] == 0
    assert run(capsys, "consortia", "bad.csv", "--yes", "--skip-bad-rows")[0] == 0
    current = open_current(folder, REGISTER)
    assert current is not None
    assert list(current.tables["consortium_members"]["member_name"]) == ["甲"]


def test_a_version_from_before_the_consortia_is_read_and_keeps_its_id(tmp_path: Path) -> None:
    old = commit(tmp_path, REGISTER, lambda _: register("甲"), MOVE).snapshot_id
    manifest = json.loads((snapshot_folder(tmp_path, old) / MANIFEST).read_bytes())
    assert set(manifest["files"]) == {
        "nodes.csv", "node_kinds.csv", "declared_totals.csv", "complete_lists.csv",
    }  # fmt: skip
    snapshot = open_current(tmp_path, REGISTER)
    assert snapshot is not None
    empty = {name for name, table in snapshot.tables.items() if table.empty}
    assert {"consortia", "consortium_members", "county_industry"} <= empty
    assert commit(tmp_path, REGISTER, lambda _: snapshot.tables, MOVE).snapshot_id == old
    with_industry = {
        **snapshot.tables,
        "county_industry": pd.DataFrame(
            [["530102", "花卉", "present", "reported", "t"]],
            columns=["adcode", "industry", "presence", "origin", "source"],
        ),
    }
    assert commit(tmp_path, REGISTER, lambda _: with_industry, MOVE).snapshot_id != old


def test_rows_without_a_header_are_refused_and_none_is_taken_for_one(gazetteer: Gazetteer) -> None:
    with pytest.raises(FileFormatError) as refused:
        members("花卉联合体,牵头单位,甲\n花卉联合体,成员单位,乙\n", gazetteer)
    assert refused.value.code == "file_no_header"
