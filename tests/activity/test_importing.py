"""What county centres did: a list into the workspace, and only that makes a centre idle."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from network_map.activity.importing import preview_centre_activity
from network_map.activity.tables import centre_activity_of
from network_map.catalog import read_shipped
from network_map.cli import main
from network_map.datasets import open_dataset
from network_map.gaps.facts import Register
from network_map.gaps.query import GapQuery
from network_map.gaps.report import facts_of, gap_bundle
from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import SmallListPreview
from network_map.places.gazetteer import Gazetteer
from network_map.places.reference import open_places
from network_map.workspace.register import history
from tests.cli.test_contracts import DOCUMENT, write_workbook
from tests.importing import bring_nodes

pytestmark = pytest.mark.long

NODES = (
    "节点名称,节点类型,县(市、区),州(市)\n"
    "镇雄中心,县域中心,镇雄县,昭通市\n昭阳中心,县域中心,昭阳区,昭通市\n"
    "威信中心,县域中心,威信县,昭通市\n昭阳分市场,分市场,昭阳区,昭通市\n"
)
WORK = (
    "县域中心工作情况表,,,,,\n"
    "年度,县(市、区),中心名称,在岗人数,服务次数,促成技术合同数(份),联系电话\n"
    "2025年,镇雄县,,3人,0,0,(略)\n"
    "2025,,昭阳中心,2,14,1,(略)\n"
    "2025,威信县,,2,,,(略)\n"
    "2024,镇雄,,,5,1,(略)\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "工作区"
    (tmp_path / "名单.csv").write_text(NODES, "utf-8")
    assert bring_nodes(tmp_path / "名单.csv", folder, confirm=True).state == "applied"
    return folder


Read = Callable[..., SmallListPreview]


@pytest.fixture
def read(workspace: Path, gazetteer: Gazetteer) -> Read:
    nodes = open_dataset(workspace).nodes

    def preview(content: str, **options: object) -> SmallListPreview:
        chosen = NodeListOptions(**options)  # type: ignore[arg-type]  # the caller's own names
        return preview_centre_activity(content.encode(), "工作.csv", gazetteer, nodes, chosen)

    return preview


def open_codes(preview: SmallListPreview) -> list[tuple[int | None, str]]:
    for problem in preview.problems:
        assert all(problem_text(problem, language) for language in LANGUAGES)
    return [(problem.row, problem.code) for problem in preview.open_problems]


def test_centres_are_found_by_county_or_name_and_a_blank_is_no_zero(read: Read) -> None:
    preview = read(WORK)
    assert open_codes(preview) == []
    assert preview.columns.dropped == ("联系电话",)
    table = preview.tables["centre_activity"]
    counts = ["staff_count", "service_count", "contracts_brokered_count"]
    rows = {
        (row["year"], row["node_id"].split("-")[-1]): [row[name] for name in counts]
        for row in table.astype("object").where(table.notna(), None).to_dict("records")
    }
    assert rows == {
        (2025, "530627"): [3, 0, 0],
        (2025, "530602"): [2, 14, 1],
        (2025, "530629"): [2, None, None],
        (2024, "530627"): [None, 5, 1],
    }
    assert all("(略)" not in cell for cell in table["source"])


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("2025,,镇雄中心,昭通市,,1,1", []), ("2025,,镇雄中心,昭通市,镇雄县,1,1", []),
        ("2025,,镇雄中心,昆明市,,1,1", [(2, "centre_disputed")]),
        ("2025,,镇雄中心,昭通市,昭阳区,1,1", [(2, "centre_disputed")]),
        ("2025,,镇雄中心,曲靖市,大理,1,1", [(2, "centre_disputed")]),
        ("2025,NODE,昭阳中心,,,1,1", [(2, "centre_disputed")]),
        ("2025,NODE,镇雄县中心,昭通市,,1,1", []),
        ("2025,,镇雄县技术中心,,镇雄县,1,1", []),
        ("2025,,镇雄县技术中心,,昭阳区,1,1", [(2, "centre_disputed")]),
        ("2025,,某中心,,,1,1", [(2, "centre_unknown")]),
        ("2099,,镇雄中心,,,1,1", [(2, "centre_year")]),
    ],
)  # fmt: skip
def test_a_centre_that_the_row_contradicts_is_asked_about(
    read: Read, row: str, codes: list[tuple[int, str]]
) -> None:
    head = "年份,节点编号,中心名称,州市,县区,服务次数,促成合同数\n"
    node = read(f"{head}2025,,镇雄中心,,,1,1\n").tables["centre_activity"]["node_id"].iloc[0]
    content = head + row.replace("NODE", str(node))
    assert open_codes(read(content)) == codes
    if codes == [(2, "centre_disputed")]:
        assert open_codes(read(content, answers={(2, "node_id"): str(node)})) == []


def test_every_row_in_the_way_is_named_at_once(read: Read) -> None:
    preview = read(
        "年份,县,服务次数,促成合同数\n"
        "去年,镇雄县,1,1\n2025,镇雄县,-1,1.5\n2025,永善县,1,1\n2025,某某县,1,1\n"
        "2025,昭阳区,1,1\n2025,昭阳区,2,1\n2024,昭阳区,,\n"
    )
    assert open_codes(preview) == [
        (2, "centre_year"), (3, "centre_count"), (3, "centre_count"), (4, "centre_unknown"),
        (5, "place_unknown"), (7, "row_repeated_differs"),
    ]  # fmt: skip
    assert {problem.code for problem in preview.problems} >= {"centre_row_empty"}
    assert preview.left_out_rows == (2, 3, 4, 5, 7)


def test_a_list_that_says_nothing_of_years_or_work_is_refused_as_a_whole(
    read: Read, gazetteer: Gazetteer
) -> None:
    assert open_codes(read("县,备注\n镇雄县,好\n")) == [
        (None, "centre_year_column"), (None, "centre_work_column"),
    ]  # fmt: skip
    none = read_shipped("public_nodes").iloc[:0]
    empty = preview_centre_activity(WORK.encode(), "工作.csv", gazetteer, none)
    assert open_codes(empty) == [(None, "centre_list_first")]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    main(["import", "centre-activity", *words, "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_list_becomes_a_version_and_a_later_one_renews_its_own_rows_only(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace.parent / "工作.csv"
    file.write_text(WORK, "utf-8")
    asked = (str(file), "--workspace", str(workspace))
    assert run(capsys, *asked)["state"] == "waiting"
    assert centre_activity_of(open_dataset(workspace)) is None
    assert run(capsys, *asked, "--yes")["state"] == "applied"
    assert run(capsys, *asked, "--yes")["state"] == "unchanged"
    file.write_text("年份,县,服务次数\n2025,镇雄县,9\n", "utf-8")
    assert run(capsys, *asked, "--yes")["state"] == "applied"
    assert len(history(workspace)) == 3
    work = centre_activity_of(open_dataset(workspace))
    assert work is not None
    assert len(work) == 4
    renewed = work[work["node_id"].str.endswith("530627") & (work["year"] == 2025)].iloc[0]
    assert renewed["service_count"] == 9
    # What the newer list does not say is not known any more.
    assert renewed.isna()["contracts_brokered_count"]


def test_only_the_list_calls_a_centre_idle_and_the_list_of_gaps_says_so(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace.parent / "工作.csv"
    file.write_text(WORK, "utf-8")
    places, query = open_places(), GapQuery(prefecture_adcode="530600", draws=20)

    def states() -> dict[str, tuple[object, str]]:
        dataset = open_dataset(workspace)
        facts = facts_of(places, dataset, Register(), query=query)
        table = gap_bundle(places, dataset, facts, query=query).table
        columns = table[["adcode", "centre_state", "reason"]]
        return {code: (state, said) for code, state, said in columns.to_numpy().tolist()}

    assert not any("闲置" in said for _, said in states().values())
    run(capsys, str(file), "--workspace", str(workspace), "--yes")
    found = states()
    assert {code: found[code][0] for code in ("530627", "530602", "530629")} == {
        "530627": "idle", "530602": "working", "530629": "unknown",
    }  # fmt: skip
    assert [code for code, (_, said) in found.items() if "闲置" in said] == ["530627"]


@pytest.mark.promise
def test_every_command_of_the_document_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("名单.csv").write_text(NODES, "utf-8")
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if "centre-act" in line]
    asked = [shlex.split(line.partition("#")[0])[1:] for line in lines if line.startswith("net")]
    assert len(asked) == 4
    for words in asked:
        bring_nodes(Path("名单.csv"), Path(words[words.index("--workspace") + 1]), confirm=True)
        write_workbook(Path(words[2]), WORK)
        assert main(words) == 0, capsys.readouterr()
    for folder in ("我的数据", "my-data"):
        assert centre_activity_of(open_dataset(Path(folder))) is not None
