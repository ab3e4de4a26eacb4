"""A list of gaps of last year: the same again, or which digit, sentence, filter or file is not."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from network_map.cli import main
from network_map.contracts.register.versions import FOLDER, contract_history
from network_map.export import FORMATS, META_ENDING, Bundle
from network_map.gaps.facts import Register
from network_map.gaps.query import GapQuery, changed_standards
from network_map.gaps.report import facts_of, gap_bundle
from network_map.i18n import problem_text
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.verify import Verification, read_claim, verify
from network_map.workspace import snapshot_folder
from network_map.workspace.register import history
from tests.importing import bring_contracts, bring_nodes
from tests.shipped import dataset, places
from tests.verify.planting import exported, planted

pytestmark = pytest.mark.long

PLANTED = ("csv", "xlsx", "geojson", "html")
"""The formats whose cells are text, so that a test can change one."""
HEAD = "合同登记编号,合同类型,合同成交额(元),签订日期,买方行政区划代码,卖方行政区划代码"


@cache
def public() -> tuple[Places, Dataset]:
    return places(), dataset("public")


@cache
def bundle() -> Bundle:
    """Return the list of a prefecture of the public data, another standard, few draws."""
    places, dataset = public()
    query = GapQuery(
        prefecture_adcode="530600", standards_km=changed_standards({"sub_market": 140.0}),
        draws=100,
    )  # fmt: skip
    facts = facts_of(places, dataset, Register(), query=query)
    return gap_bundle(places, dataset, facts, query=query)


def checked(files: tuple[bytes, bytes]) -> Verification:
    data, slip = files
    return verify(read_claim(data, "gaps.csv", slip), *public())


def codes(found: Verification) -> list[str]:
    return [problem.code for problem in found.findings]


def said(found: Verification) -> str:
    return "\n".join(problem_text(problem, "zh") for problem in (*found.findings, *found.notes))


@pytest.mark.parametrize("format_name", [*FORMATS, META_ENDING])
def test_a_fresh_list_agrees_in_every_format(format_name: str) -> None:
    found = checked(exported(bundle(), format_name))
    assert found.is_same, said(found)
    assert found.notes == ()
    assert found.row_count == len(bundle().table) == 11


def changed_digit(column: str) -> tuple[str, str]:
    """Return a number of the fifth county as every format writes it, and another one."""
    value = bundle().table[column].iloc[4]
    written = str(int(value)) if column == "residents" else f"{value:g}"
    return written, written[:-1] + ("1" if written[-1] != "1" else "2")


@pytest.mark.parametrize("format_name", PLANTED)
def test_one_changed_digit_and_one_changed_sentence_are_found_with_their_place(
    format_name: str,
) -> None:
    old, new = changed_digit("residents")
    changed = exported(bundle(), format_name)
    for one, other in ((old, new), ("的可能名单超过", "的可能名单不到")):
        changed = planted(changed, format_name, one.encode(), other.encode())
    found = checked(changed)
    # The list as a map is one document: it is the same or not.
    cells = [code for code in codes(found) if code != "verify_document"]
    # The sheet for a meeting comes first in a workbook, and is compared line by line.
    expected = {"verify_sentence"} if format_name == "xlsx" else {"verify_cell"}
    assert len(cells) >= 2
    assert set(cells) - {"verify_cell"} <= expected, said(found)
    assert new in said(found)
    assert "的可能名单不到" in said(found)


def test_a_changed_digit_of_the_full_table_of_a_workbook_is_found() -> None:
    old, new = changed_digit("sub_market_high_km")
    fresh = exported(bundle(), "xlsx")
    found = checked(planted(fresh, "xlsx", f"<v>{old}</v>".encode(), f"<v>{new}</v>".encode()))
    assert codes(found) == ["verify_cell"], said(found)


@pytest.mark.parametrize("format_name", [*FORMATS, META_ENDING])
def test_a_list_of_an_earlier_method_is_told_so_and_not_called_changed(format_name: str) -> None:
    fresh = bundle()
    assert fresh.recipe is not None
    parameters = {k: v for k, v in fresh.recipe.parameters.items() if k != "higher_tier_serves"}
    earlier = replace(fresh, recipe=replace(fresh.recipe, version=2, parameters=parameters))
    found = checked(exported(earlier, format_name))
    assert codes(found) == ["verify_method_newer"]
    assert "方法在导出后有了新版本" in said(found)
    assert found.notes == ()


@pytest.mark.parametrize("format_name", ["csv", "xlsx", "geojson"])
def test_one_changed_filter_is_found(format_name: str) -> None:
    fresh = exported(bundle(), format_name)
    old, new = b'"sub_market": 140.0', b'"sub_market": 160.0'
    found = checked(planted(fresh, format_name, old, new, in_meta=True))
    assert not found.is_same
    assert "verify_meta_edited" in codes(found)
    assert "160" in said(found)


@pytest.mark.parametrize("format_name", [*PLANTED, META_ENDING])
def test_one_changed_snapshot_is_found(format_name: str) -> None:
    fresh = exported(bundle(), format_name)
    old, new = b'"dataset_id": "public"', b'"dataset_id": "0123456789abcdef"'
    found = checked(planted(fresh, format_name, old, new, in_meta=True))
    assert not found.is_same
    assert "0123456789abcdef" in said(found)


# --- an own list --------------------------------------------------------------------------------


def nodes(workspace: Path, county: str, kind: str = "分市场") -> None:
    """Import a list of one node."""
    path = workspace.parent / "名单.csv"
    rows = f"节点名称,节点类型,县(市、区),州(市)\n{county}{kind},{kind},{county},昭通市"
    path.write_text(rows, "utf-8")
    done = bring_nodes(path, workspace, confirm=True)
    assert done.state == "applied", done


def contracts(workspace: Path, *rows: str) -> None:
    content = "\n".join([HEAD, *rows]).encode()
    assert bring_contracts(content, workspace, file_name="合同.csv", confirm=True).applied


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "工作区"
    nodes(folder, "昭阳区")
    contracts(
        folder,
        "1,技术开发,1000,2023-06-01,530627,530102",
        "2,技术服务,500,2025-06-02,530602,530627",
    )
    return folder


def written(workspace: Path, ending: str = "csv") -> Path:
    out = workspace.parent / f"gaps.{ending}"
    asked = ["gaps", "--dataset", str(workspace), "--prefecture", "530600", "--out", str(out)]
    assert main(asked) == 0
    return out


def told(out: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return what ``verify`` ends with, and the findings it tells."""
    capsys.readouterr()
    code = main(["verify", str(out), "--workspace", str(workspace), "--json"])
    report = json.loads(capsys.readouterr().out)
    return code, [finding["sentence"] for finding in report["findings"]]


@pytest.mark.parametrize("ending", ["csv", "gpkg"])
def test_a_list_of_older_snapshots_is_derived_again_from_them(
    workspace: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written(workspace, ending)
    nodes(workspace, "镇雄县", "县域中心")
    contracts(workspace, "3,技术服务,700,2026-06-02,530602,530627")
    assert told(out, workspace, capsys) == (0, [])


def test_a_list_from_before_the_first_contract_is_derived_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "工作区"
    nodes(folder, "昭阳区")
    out = written(folder)
    contracts(folder, "1,技术开发,1000,2023-06-01,530627,530102")
    assert told(out, folder, capsys) == (0, [])


def test_a_register_that_the_workspace_never_had_is_named(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written(workspace)
    slip = out.with_suffix(".meta.json")
    (version,) = {entry.snapshot_id for entry in contract_history(workspace)}
    slip.write_text(slip.read_text("utf-8").replace(version, "0123456789abcdef"), "utf-8")
    code, findings = told(out, workspace, capsys)
    assert code == 1
    assert any("0123456789abcdef" in str(finding) for finding in findings)


def test_a_changed_file_of_the_old_register_is_named(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written(workspace)
    (version,) = {entry.snapshot_id for entry in contract_history(workspace)}
    folder = snapshot_folder(workspace / FOLDER, version)
    changed = min(folder.glob("contracts.*.parquet"))
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    code, findings = told(out, workspace, capsys)
    assert code == 1
    assert any(changed.name in str(finding) for finding in findings)


def test_a_changed_file_of_the_old_node_list_is_named(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written(workspace)
    (version,) = {entry.snapshot_id for entry in history(workspace)}
    changed = snapshot_folder(workspace, version) / "nodes.csv"
    changed.write_text(changed.read_text("utf-8").replace("昭阳区分市场", "昭阳区市场"), "utf-8")
    code, findings = told(out, workspace, capsys)
    assert code == 1
    assert any("nodes.csv" in str(finding) for finding in findings)
