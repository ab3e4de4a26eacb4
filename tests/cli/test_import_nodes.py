"""A planner's list goes in by the command line: previewed, confirmed, answered, or left alone."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from network_map.cli import main
from network_map.datasets import open_dataset
from network_map.nodes.dataset import Dataset

GOOD = "类型,县(市、区),州市,状态\n县域中心,镇雄县,昭通市,已建\n县域中心,弥勒县,红河州,在建\n"
BAD = "类型,县(市、区),州市\n县域中心,镇雄县,昭通市\n县域中心,桃花源,昭通市\n"


def listed(dataset: Dataset) -> pd.DataFrame:
    """Return the nodes that a list brought, the public facts left out."""
    nodes = dataset.nodes
    return nodes[~nodes["node_id"].str.startswith("pub-")]


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.csv").write_bytes(GOOD.encode("gb18030"))
    Path("bad.csv").write_text(BAD, "utf-8")


def test_without_yes_a_list_is_shown_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", "nodes", "good.csv", "--workspace", "w"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "弥勒市" in said.out
    assert "--yes" in said.out
    assert not Path("w").exists()


@pytest.mark.long
def test_with_yes_the_list_is_the_workspace_and_the_same_file_again_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = ["import", "nodes", "good.csv", "--workspace", "w", "--yes", "--json"]
    assert main(told) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(told) == 0
    second = json.loads(capsys.readouterr().out)
    assert (first["applied"], first["state"], second["state"]) == (True, "applied", "unchanged")
    assert first["snapshot_id"] == second["snapshot_id"]
    dataset = open_dataset(Path("w"))
    assert list(listed(dataset)["adcode"]) == ["530627", "532504"]
    assert main(["nodes", "--dataset", "w"]) == 0
    assert "弥勒市" in capsys.readouterr().out
    assert main(["nodes", "--dataset", "own", "--out", "x.csv"]) == 1
    assert "--dataset" not in capsys.readouterr().out


def test_a_row_in_the_way_stops_everything_until_it_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = ["import", "nodes", "bad.csv", "--workspace", "w", "--yes"]
    assert main(told) == 1
    assert "第 3 行" in capsys.readouterr().out
    assert not Path("w", "current.json").exists()
    assert main([*told, "--skip-bad-rows"]) == 0
    assert len(listed(open_dataset(Path("w")))) == 1


def test_an_answer_by_row_number_settles_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    told = ["import", "nodes", "bad.csv", "--workspace", "w", "--yes", "--answer", "3=盐津县"]
    assert main(told) == 0
    capsys.readouterr()
    assert set(listed(open_dataset(Path("w")))["adcode"]) == {"530627", "530623"}


def test_a_list_declared_complete_says_so_and_a_wrong_claim_is_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = ["import", "nodes", "good.csv", "--workspace", "w", "--yes"]
    assert main([*told, "--complete", "县域中心:火星"]) == 1
    assert "火星" in capsys.readouterr().err
    assert main([*told, "--complete", "县域中心:昭通市@2026-06-30"]) == 0
    claims = open_dataset(Path("w")).complete_lists
    assert claims[["kind", "adcode", "as_of"]].to_numpy().tolist() == [
        ["county_centre", "530600", "2026-06-30"]
    ]


@pytest.mark.parametrize("file", ["none.csv", "photo.csv"])
def test_a_file_that_is_no_list_is_a_sentence_and_json_for_a_program(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    assert main(["import", "nodes", file, "--workspace", "w", "--yes", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["applied"] is False
    assert said.err.count("\n") == 1
    assert not Path("w").exists()


@pytest.mark.long
def test_an_exported_list_comes_back_in_as_it_went_out(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert main(["nodes", "--dataset", "public", "--out", "public.csv"]) == 0
    assert main(["import", "nodes", "public.csv", "--workspace", "w", "--yes"]) == 0
    capsysbinary.readouterr()
    assert main(["nodes", "--dataset", "w"]) == 0
    text = capsysbinary.readouterr().out.decode("utf-8-sig")
    again = list(csv.DictReader(io.StringIO(text, newline="")))
    before = Path("public.csv").read_text("utf-8-sig")
    first = list(csv.DictReader(io.StringIO(before, newline="")))
    kept = ("节点编号", "节点名称", "节点类型", "行政区划代码", "状态", "来源性质", "设立日期")
    assert sorted([row[name] for name in kept] for row in again) == sorted(
        [row[name] for name in kept] for row in first
    )
