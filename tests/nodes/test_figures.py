"""A planner's own figures of counties: into the workspace, into the answers, into their files."""

import json
from pathlib import Path

import pytest

from network_map.cli import main
from network_map.datasets import open_dataset
from network_map.nodes.dataset import own_figure_lines, places_of
from network_map.nodes.importing.small_lists import preview_figures, without_unit
from network_map.nodes.presence import roll_of
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import county_table
from network_map.places.gazetteer import Gazetteer
from network_map.places.reference import Places

HEAD = "州市,县区,2021年GDP(万元),2020年普查人口(人),城镇人口占比(2020年)(%)\n"
FIRST = HEAD + "昭通市,镇雄县,2600000,1350000,40.5\n昆明市,盘龙区,9900000,,\n"
SECOND = "行政区划代码,2021年GDP(亿元),来源,来源性质\n530627,270,统计快报,公开报道\n"


def bring(
    folder: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> dict[str, object]:
    path = folder / name
    path.write_text(text, "utf-8")
    options = ["--workspace", str(folder / "工作区"), "--yes", "--json"]
    assert main(["import", "county-indicators", str(path), *options]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def figures_of(places: Places) -> dict[str, dict[str, object]]:
    table = places.county_indicators.set_index("adcode").astype("object")
    rows: dict[str, dict[str, object]] = table.where(table.notna(), None).to_dict("index")  # type: ignore[assignment]  # by code
    return rows


@pytest.mark.long
def test_own_figures_take_the_place_of_the_shipped_ones_and_say_so(
    tmp_path: Path, places: Places, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    first = bring(tmp_path, "指标.csv", FIRST, capsys)
    assert first["totals"] == {"county_figures": 4}
    own = open_dataset(tmp_path / "工作区")
    found, before = figures_of(places_of(places, own)), figures_of(places)
    names = ("gdp_2021_100m", "pop_2020", "urban_share_2020")
    assert [found["530627"][name] for name in names] == [260.0, 1_350_000, 0.405]
    assert str(found["530627"]["gdp_2021_src"]).startswith("指标.csv")
    assert found["530103"]["pop_2020"] == before["530103"]["pop_2020"]
    changed = {adcode for adcode in before if found[adcode] != before[adcode]}
    assert changed == {"530627", "530103"}
    # A later list renews its own figures, and no others.
    bring(tmp_path, "快报.csv", SECOND, capsys)
    own = open_dataset(tmp_path / "工作区")
    merged = places_of(places, own)
    overview = county_table(merged, own, roll_of(merged, own), query=OverviewQuery())
    row = overview.set_index("adcode").loc["530627"]
    assert (row["gdp_2021_100m"], row["pop_2020"]) == (270.0, 1_350_000)
    (line,) = own_figure_lines(own, "zh")
    assert "统计快报" in line
    assert "公开报道" in line
    # The figures reach the files of the gaps, and their verification.
    out = tmp_path / "缺口.csv"
    folder = str(tmp_path / "工作区")
    assert main(["gaps", "--dataset", folder, "--out", str(out)]) == 0
    assert "1350000" in out.read_text("utf-8-sig")
    assert main(["verify", str(out), "--workspace", folder]) == 0, capsys.readouterr()
    # Removed, the shipped ones hold again; the file is still held to its own version.
    removal = ["remove", "county-indicators", "--workspace", folder]
    assert main(removal) == 0
    assert own_figure_lines(open_dataset(folder), "zh") != ()
    assert main([*removal, "--yes"]) == 0
    assert own_figure_lines(open_dataset(folder), "zh") == ()
    assert main([*removal, "--yes"]) != 0
    assert main(["verify", str(out), "--workspace", folder]) == 0, capsys.readouterr()


def test_a_data_set_without_own_figures_has_the_shipped_ones(places: Places) -> None:
    public = open_dataset("public")
    assert places_of(places, public) is places
    assert own_figure_lines(public, "en") == ()


def test_figures_may_stand_one_in_each_row(gazetteer: Gazetteer, places: Places) -> None:
    text = "行政区划代码,指标,数值\n530103,gdp_2021_100m,1000\n530103,地区生产总值(2020 年),900\n"
    found = preview_figures(text.encode(), "a.csv", gazetteer, places.county_indicators)
    assert found.is_clean
    table = found.tables["county_figures"]
    assert table[["indicator", "figure_value"]].to_numpy().tolist() == [
        ["gdp_2021_100m", 1000.0], ["gdp_2020_100m", 900.0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "bare"),
    [
        ("2021年GDP(亿元)", "2021年gdp"), ("2021年GDP（单位：万元）", "2021年gdp"),
        ("地区生产总值(2021 年)(亿元)", "地区生产总值(2021年)"),
        ("常住人口(2020 年普查)", "常住人口(2020 年普查)"), ("县(市、区)", "县(市、区)"),
    ],
)  # fmt: skip
def test_a_unit_at_the_end_of_a_header_is_no_part_of_its_name(header: str, bare: str) -> None:
    assert without_unit(header) == bare
