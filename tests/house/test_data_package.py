"""The package of shipped data: whole, described, and checked so that a fault is found."""

import importlib
import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frictionless import Package

from network_map.catalog import SHIPPED, check_package, read_shipped
from network_map.datapackage import data_root, table_path, table_sha256
from network_map.errors import DamagedFileError, MissingFileError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.places.reference import read_boundaries
from network_map.terms import AdminLevel
from tests.paths import ROOT

pytestmark = pytest.mark.long

MEGABYTE = 1_000_000


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data_root() / "datapackage.json").read_text("utf-8"))
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_root(), tmp_path / "data", ignore=lambda *_: ["raw"]))


def rewritten(folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = folder / f"{name}.csv"
    change(pd.read_csv(path, dtype="str", keep_default_na=False)).to_csv(path, index=False)


def codes(folder: Path) -> set[str]:
    problems = check_package(folder)
    for problem in problems:
        for language in LANGUAGES:
            assert problem_text(problem, language)
    return {problem.code for problem in problems}


def test_nothing_is_wrong_with_the_shipped_data() -> None:
    assert check_package() == []


def test_the_files_are_the_declared_ones_and_small() -> None:
    found = {path.name for path in data_root().iterdir() if path.is_file()}
    assert found == {table_path(name).name for name in SHIPPED} | {"datapackage.json"}
    sizes = {path.name: path.stat().st_size for path in data_root().iterdir() if path.is_file()}
    assert sum(sizes.values()) < 6 * MEGABYTE
    # The invented register is drawn at random: it takes what 76 000 rows of chance take.
    assert sizes.pop("demo_contracts.parquet") < 1.5 * MEGABYTE
    assert max(sizes.values()) < MEGABYTE


@pytest.mark.golden
def test_the_description_is_what_the_build_script_writes() -> None:
    script = importlib.import_module("scripts.build_datapackage")
    assert (data_root() / "datapackage.json").read_bytes() == script.content()


@pytest.mark.golden
@pytest.mark.parametrize("script", ["build_places", "build_network", "build_context"])
def test_building_again_gives_the_same_bytes(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = importlib.import_module("scripts.build_common")
    module = importlib.import_module(f"scripts.{script}")
    shutil.copytree(data_root(), tmp_path / "data")
    monkeypatch.setattr(common, "DATA", tmp_path / "data")
    monkeypatch.setattr(common, "ROOT", tmp_path)
    files = sorted((tmp_path / "data").glob("*.csv"))
    for path in files:
        os.utime(path, (0, 0))
    module.main()
    written = [path for path in files if path.stat().st_mtime > 0]
    assert written
    for path in written:
        assert path.read_bytes() == (data_root() / path.name).read_bytes(), path.name


@pytest.mark.oracle
def test_the_frictionless_library_finds_the_package_valid() -> None:
    report = Package(str(data_root() / "datapackage.json")).validate()
    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []
    assert report.valid
    assert len(report.tasks) == len(SHIPPED)


@pytest.mark.promise
def test_every_resource_has_a_title_a_licence_a_date_and_a_hash() -> None:
    resources = {entry["name"]: entry for entry in description()["resources"]}
    assert list(resources) == list(SHIPPED)
    for name, entry in resources.items():
        for told in ("title", "title_en", "description", "description_en", "as_of", "version"):
            assert entry[told], (name, told)
        assert entry["licenses"]
        assert entry["hash"] == f"sha256:{table_sha256(name)}"


@pytest.mark.promise
def test_every_table_has_its_terms_in_the_licence_document() -> None:
    told = (ROOT / "DATA-LICENSES.md").read_text("utf-8")
    assert [name for name in SHIPPED if f"`{name}" not in told] == []


def test_the_census_and_the_gdp_add_up() -> None:
    county, prefecture = read_shipped("county_indicators"), read_shipped("prefecture_indicators")
    above = prefecture.set_index("adcode")
    sums = county.groupby(county["adcode"].str[:4] + "00")[["pop_2020", "gdp_2021_100m"]].sum()
    assert county["pop_2020"].sum() == 47_209_277
    assert (sums["pop_2020"] == above["pop_2020"]).all()
    assert county["gdp_2021_100m"].sum() == pytest.approx(27_146.87, abs=0.01)
    apart = (sums["gdp_2021_100m"] - above["gdp_2021_100m"]).abs()
    # Lincang's own figure is 0.70 below the sum of its counties; the others agree to 0.03.
    assert apart.drop("530900").max() < 0.035
    assert apart["530900"] == pytest.approx(0.70, abs=0.005)


def test_the_target_of_2026_counts_other_contracts_than_the_figures_before() -> None:
    figures = read_shipped("contracts_province").set_index("figure_id")
    patent = figures.index[figures["measure"] == "patent_contracts"]
    assert patent.tolist() == ["prov-2026-target"]
    assert figures.loc["prov-2023", "contract_value_100m_yuan"] == 269.36


def test_the_roads_are_the_whole_cut_and_every_edge_ends_at_two_nodes() -> None:
    nodes, edges = read_shipped("road_nodes"), read_shipped("road_edges")
    assert (len(nodes), len(edges)) == (14_759, 21_837)
    assert (edges["from_road_node_id"] < edges["to_road_node_id"]).all()


# --- faults ---------------------------------------------------------------------------------------


def test_a_missing_file_is_a_sentence(copy: Path) -> None:
    (copy / "divisions.csv").unlink()
    with pytest.raises(MissingFileError) as caught:
        read_shipped("divisions", copy)
    assert caught.value.code == "data_missing"
    assert "divisions.csv" in error_text(caught.value, "zh")
    assert codes(copy) == {"package_file_missing"}


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00not utf-8", b'adcode,level\n"530000', b"\x00" * 100]
)
def test_a_table_that_cannot_be_read_is_a_sentence(copy: Path, content: bytes) -> None:
    (copy / "divisions.csv").write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        read_shipped("divisions", copy)
    for language in LANGUAGES:
        assert "divisions.csv" in error_text(caught.value, language)
    assert "package_hash" in codes(copy)


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"PAR1" + b"\x00" * 64 + b"PAR1"])
def test_boundaries_that_cannot_be_read_are_a_sentence(copy: Path, content: bytes) -> None:
    (copy / "boundaries_county.parquet").write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        read_boundaries(AdminLevel.COUNTY, copy)
    assert caught.value.code == "data_damaged"
    assert {"package_file_damaged", "package_hash"} <= codes(copy)


def test_a_cut_off_table_is_found(copy: Path) -> None:
    path = copy / "boundaries_county.parquet"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DamagedFileError):
        read_boundaries(AdminLevel.COUNTY, copy)


def test_one_changed_byte_is_found(copy: Path) -> None:
    path = copy / "parks.csv"
    path.write_bytes(path.read_bytes().replace(b"11.5", b"11.6", 1))
    assert codes(copy) == {"package_hash"}


FAULTS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "a word where a number belongs": (
        "county_indicators", lambda t: t.assign(pop_2020="many"), "cell_not_integer",
    ),
    "a code that no place has": (
        "institutions", lambda t: t.assign(adcode="539999"), "package_reference",
    ),
    "a kind that is not declared": (
        "public_nodes", lambda t: t.assign(kind="kiosk"), "package_reference",
    ),
    "a source that is not listed": (
        "parks", lambda t: t.assign(source="S999"), "package_source",
    ),
    "a county with one person more": (
        "county_indicators",
        lambda t: t.assign(pop_2020=t["pop_2020"].mask(t.index == 0, "1143086")),
        "package_sum",
    ),
    "a seat in another county": (
        "county_seats",
        lambda t: t.assign(lon=t["lon"].mask(t.index == 0, "100.2")),
        "package_seat",
    ),
    "an area that no shape has": (
        "divisions",
        lambda t: t.assign(computed_area_km2=t["computed_area_km2"].mask(t.index == 20, "1")),
        "package_area",
    ),
    "a division too few": ("divisions", lambda t: t.iloc[:-1], "package_count"),
    "a telephone number": (
        "public_nodes", lambda t: t.assign(note="电话 0871-" + "6313" * 2), "package_contact",
    ),
    "a demonstration node too few": (
        "demo_nodes", lambda t: t.iloc[:-1], "package_demo_count",
    ),
    "a column too few": (
        "parks", lambda t: t.drop(columns="source"), "package_file_damaged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, copy: Path) -> None:
    name, change, code = FAULTS[fault]
    rewritten(copy, name, change)
    assert code in codes(copy)
