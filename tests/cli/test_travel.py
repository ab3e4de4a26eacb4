"""Own driving times on the command line: imported, chosen, exported, verified, refused."""

import hashlib
import json
import re
import shlex
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest

from network_map.cli import main
from network_map.datasets import open_dataset
from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.travel_times import preview_travel_times
from network_map.reach.cost import CostMatrix
from tests.paths import ROOT
from tests.shipped import county_cost, gazetteer, places

SLOW = ("530624", "530102")


def router_table(cost: CostMatrix, *, skipped: int = 100) -> pd.DataFrame:
    """Times between county seats: a pace that is slower on short ways, one pair slow, some gone."""
    table = cost.table().rename(columns={"demand_id": "origin_id", "facility_id": "dest_id"})
    table = table[table["origin_id"] != table["dest_id"]].iloc[skipped:]
    minutes = table["km"] * (0.8 + 20.0 / (20.0 + table["km"]))
    is_slow = (table["origin_id"] == SLOW[0]) & (table["dest_id"] == SLOW[1])
    return pd.DataFrame(
        {
            "origin_id": table["origin_id"],
            "dest_id": table["dest_id"],
            "minutes": np.round(minutes.mask(is_slow, 999.0), 1),
            "km": np.round(table["km"] * 1.02, 1),
            "source": "测试路由",
            "retrieved_on": "2026-11-01",
        }
    )


@pytest.fixture(scope="module")
def with_times(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that has own driving times."""
    folder = tmp_path_factory.mktemp("travel")
    router_table(county_cost()).to_csv(folder / "router.csv", index=False)
    told = ["import", "travel-times", str(folder / "router.csv"), "--workspace", str(folder / "w")]
    assert main([*told, "--yes"]) == 0
    return folder


def test_an_imported_matrix_is_one_list_of_the_workspace_and_the_next_one_replaces_it(
    with_times: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = open_dataset(with_times / "w").further["travel_times"]
    assert len(held) == 129 * 128 - 100
    assert len(set(held["input_sha256"])) == 1
    router_table(county_cost(), skipped=0).to_csv(tmp_path / "more.csv", index=False)
    for file in (with_times / "router.csv", tmp_path / "more.csv"):
        told = ["import", "travel-times", str(file), "--workspace", str(tmp_path / "w"), "--yes"]
        assert main(told) == 0
    assert len(open_dataset(tmp_path / "w").further["travel_times"]) == 129 * 128
    assert "驾车时间" in capsys.readouterr().out


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_gaps_is_judged_in_minutes_says_what_is_an_estimate_and_verifies(
    with_times: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    out = tmp_path / "gaps.csv"
    told = ["gaps", "--dataset", str(with_times / "w"), "--method", "router_matrix", "--lang",
            language, "--minutes", "sub_market=150", "--out", str(out)]  # fmt: skip
    assert main(told) == 0
    meta = json.loads(out.with_suffix(".meta.json").read_text("utf-8"))
    said = json.dumps(meta, ensure_ascii=False)
    assert meta["recipe"]["parameters"]["standards_min"]["sub_market"] == 150
    sha256 = open_dataset(with_times / "w").further["travel_times"]["input_sha256"].iloc[0]
    assert meta["recipe"]["parameters"]["travel"] == sha256
    assert "min" in out.read_text("utf-8-sig").splitlines()[0] or "分钟" in out.read_text(
        "utf-8-sig"
    )
    assert ("为估计" if language == "zh" else "are estimates") in said
    capsys.readouterr()
    assert main(["verify", str(out), "--workspace", str(with_times / "w")]) == 0


def test_a_plan_of_sites_is_judged_in_minutes_too(
    with_times: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["site", "--dataset", str(with_times / "w"), "--method", "router_matrix", "--count", "1",
            "--kind", "sub_market", "--minutes", "180", "--json"]  # fmt: skip
    assert main(told) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unit"] == "min"
    assert "180 分钟" in found["headline"]
    assert "公里" not in found["headline"]
    assert any("180 分钟" in note for note in found["notes"])
    assert "min" in found["counties"][0]
    assert "km" not in found["counties"][0]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("gaps", "--method", "router_matrix", "--standard", "sub_market=150"), "--minutes"),
        (("gaps", "--minutes", "sub_market=150"), "--standard"),
        (("site", "--method", "router_matrix", "--standard", "150"), "--minutes"),
        (("site", "--minutes", "150"), "--standard"),
        (("gaps", "--dataset", "demo", "--method", "router_matrix"), "驾车时间"),
        (("site", "--dataset", "demo", "--method", "osm_network_time"), "驾车时间"),
    ],
)
def test_minutes_are_never_compared_with_kilometres_nor_made_of_nothing(
    told: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(told)) == 1
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err + said.out


def preview_of(text: str) -> list[tuple[int | None, str]]:
    """Return row and code of what is wrong with a matrix."""
    counties = [code for code, place in gazetteer().places.items() if place.level == "county"]
    nodes = pd.DataFrame({"node_id": ["n-1"], "adcode": ["530102"]})
    found = preview_travel_times(text.encode(), "r.csv", counties, nodes)
    for problem in found.problems:
        for language in LANGUAGES:
            assert problem_text(problem, language)
    return [(problem.row, problem.code) for problem in found.problems]


def test_everything_that_is_wrong_with_a_matrix_is_said_at_once_with_its_row() -> None:
    head = "origin_id,dest_id,minutes,km,source,retrieved_on\n"
    rows = (
        "999999,530103,10,,,\n530102,nowhere,10,,,\n530102,530103,-5,,,\n530102,530111,nan,,,\n"
        "530102,530112,0,,,\n530102,530113,10,-1,,\n530102,530114,10,,,gestern\n"
        "530103,530102,10,,,\n530103,530102,11,,,\n530103,530111,12,,,\n530103,530111,12,,,\n"
        "530111,530111,0,,,\n530102,n-1,0,,,\n"
    )
    assert preview_of(head + rows) == [
        (None, "travel_same_place"),
        (2, "travel_origin"), (3, "travel_dest"), (4, "travel_minutes"), (5, "travel_minutes"),
        (6, "travel_minutes"), (7, "travel_km"), (8, "travel_day"), (10, "row_repeated_differs"),
        (12, "row_repeated_left_out"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "内容"),
        ("origin_id,dest_id,minutes\n", "表头"),
        ("origin_id,dest_id\n530102,530103\n", "minutes"),
        ("origin_id,dest_id,minutes\n530102,530103,10\n", "20"),
    ],
)
def test_a_file_that_is_no_such_matrix_is_a_sentence(
    content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.csv").write_text(content, "utf-8")
    told = ["import", "travel-times", str(tmp_path / "r.csv"), "--workspace", str(tmp_path / "w")]
    assert main([*told, "--yes"]) == 1
    said = capsys.readouterr()
    assert words in said.out + said.err
    assert not (tmp_path / "w" / "current.json").exists()


def seat_roads(path: Path) -> None:
    """Write every seat joined to the next two by a road of its own: times lead everywhere."""
    seats = places().county_seats
    ways = []
    for step in (1, 2):
        ways += [((n + 1, n + 1 + step), {"highway": "primary"}) for n in range(len(seats) - step)]
    with osmium.SimpleWriter(str(path)) as writer:
        for number, at in enumerate(zip(seats["lon"], seats["lat"], strict=True), start=1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=at))
        for number, (nodes, tags) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=list(nodes), tags=tags))


def test_a_file_of_roads_gives_times_and_the_list_of_gaps_stands_on_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "roads.osm.pbf"
    seat_roads(path)
    told = ["import", "osm-roads", str(path), "--workspace", str(tmp_path / "w"), "--yes"]
    assert main([*told, "--speed", "primary=80"]) == 0
    assert "县" in capsys.readouterr().err
    held = open_dataset(tmp_path / "w").further["travel_times"]
    assert set(held["travel_method"]) == {"osm_network_time"}
    assert set(held["input_sha256"]) == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert held["source"].str.endswith("primary=80").all()
    assert len(held) >= 129 * 128
    out = tmp_path / "gaps.csv"
    told = ["gaps", "--dataset", str(tmp_path / "w"), "--method", "osm_network_time",
            "--out", str(out)]  # fmt: skip
    assert main(told) == 0
    assert main(["verify", str(out), "--workspace", str(tmp_path / "w")]) == 0
    assert main(["import", "osm-roads", str(path), "--speed", "primary=fast"]) == 1
    told = ["remove", "osm-roads", "--workspace", str(tmp_path / "w")]
    assert main(told) == 0
    assert len(open_dataset(tmp_path / "w").further["travel_times"])
    assert main([*told, "--yes"]) == 0
    assert not len(open_dataset(tmp_path / "w").further["travel_times"])
    # The file stands on a version that the workspace still has.
    assert main(["verify", str(out), "--workspace", str(tmp_path / "w")]) == 0
    assert main([*told, "--yes"]) == 1
    assert "没有可移除的" in capsys.readouterr().err
    assert main(["verify", str(out), "--workspace", str(tmp_path / "another")]) == 1


@pytest.mark.promise
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_documents_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"zh": ("路由.csv", "云南.osm.pbf"), "en": ("router.csv", "yunnan.osm.pbf")}[language]
    router_table(county_cost(), skipped=15_000).to_csv(names[0], index=False)
    seat_roads(Path(names[1]))
    blocks = re.findall(r"```sh\n(.+?)```", (ROOT / "docs/import.md").read_text("utf-8"), re.DOTALL)
    block = next(block for block in blocks if names[0] in block)
    asked = [shlex.split(line)[1:] for line in block.splitlines() if line.startswith("network-map")]
    assert len(asked) == 3
    for words in asked:
        assert main(words) == 0
