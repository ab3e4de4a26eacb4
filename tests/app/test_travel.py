"""Own driving times in the application: imported on the data page, chosen on map and site page."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from network_map.app import gap_answers, siting_answers
from network_map.app.kit import memo as cached
from network_map.cli import main
from network_map.config import day_of_making
from network_map.datasets import open_dataset
from network_map.export import file_bytes
from network_map.gaps.query import GapQuery, GapView
from network_map.gaps.report import gap_report
from network_map.i18n import LANGUAGES
from network_map.reach.travel_times import own_travel
from network_map.siting.query import SitingQuery
from network_map.terms import AdminLevel, DistanceMethod
from tests.app.test_pages import opened, texts, told_finding, workspace
from tests.cli.test_travel import router_table, seat_roads
from tests.shipped import county_cost, places

__all__ = ["workspace"]
pytestmark = pytest.mark.page
ROUTER = DistanceMethod.ROUTER_MATRIX


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with driving times between county seats, which nobody changes."""
    folder = tmp_path_factory.mktemp("travel")
    router_table(county_cost()).to_csv(folder / "router.csv", index=False)
    asked = ["import", "travel-times", str(folder / "router.csv"), "--yes"]
    assert main([*asked, "--workspace", str(folder / "workspace")]) == 0
    return folder / "workspace"


@pytest.fixture
def own_times(imported: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The application's workspace, with driving times between county seats."""
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(imported))
    cached.settings.clear()
    yield imported
    monkeypatch.undo()
    cached.settings.clear()


def test_a_matrix_is_imported_on_the_data_page_and_offered_on_the_map(
    workspace: Path,
) -> None:
    app = opened("gaps", dataset="demo")
    assert ROUTER.value not in app.selectbox(key="gap_method").options
    app = opened("import_nodes", dataset="public")
    app.radio(key="import_what").set_value("travel-times").run()
    content = router_table(county_cost()).to_csv(index=False).encode()
    app.file_uploader[0].upload("router.csv", content).run()
    assert not app.exception
    assert not app.error
    app.button(key="import_travel_times_confirm").click().run()
    assert not app.exception
    assert own_travel(open_dataset(workspace).further).keys() == {ROUTER}
    app = opened("gaps", dataset="own")
    app.selectbox(key="gap_method").select(ROUTER.value).run()
    assert not app.exception
    said = " ".join(texts(app))
    assert "100 格为估计" in told_finding(app)["note"]
    assert "180 分钟" in said
    assert app.query_params["gap_travel"] == own_travel(open_dataset(workspace).further)[ROUTER]


@pytest.mark.parametrize("language", LANGUAGES)
def test_map_and_site_page_say_minutes_wherever_they_show_a_time(
    own_times: Path, language: str
) -> None:
    wrong = "公里" if language == "zh" else " km"
    app = opened("gaps", dataset="own", gap_method=ROUTER.value, lang=language,
                 view="sub_market", gap_min="sub_market:150", county="530624")  # fmt: skip
    headings = {words for words in texts(app) if "≤150" in words}
    assert headings
    assert not any("km" in words for words in headings)
    dataset = open_dataset(own_times)
    query = GapQuery(method=ROUTER, standards_min=(("sub_market", 150.0),), language=language,
                     view=GapView.SUB_MARKET)  # fmt: skip
    rows = gap_answers.counties(dataset, query)
    told = rows["reason"] + rows["overturn"].fillna("")
    assert not told[~told.str.contains("成员|member")].str.contains(wrong).any()
    app = opened("siting", dataset="own", site_method=ROUTER.value, lang=language, site_min="150")
    asked = SitingQuery(method=ROUTER, standard_min=150.0, language=language)
    found = siting_answers.answer(dataset, asked)
    said = " ".join(texts(app))
    assert found.headline in said
    assert wrong not in found.headline
    assert found.notes[-1] in said


def test_the_page_hands_out_what_the_command_line_writes(own_times: Path, tmp_path: Path) -> None:
    dataset = open_dataset(own_times)
    query = GapQuery(
        method=ROUTER, travel=own_travel(dataset.further)[ROUTER],
        standards_min=(("sub_market", 150.0),), made_on=day_of_making(os.environ),
    )  # fmt: skip
    told = ["gaps", "--dataset", "own", "--method", "router_matrix", "--minutes",
            "sub_market=150", "--out", str(tmp_path / "gaps.csv")]  # fmt: skip
    assert main(told) == 0
    bundle = gap_report(places(), dataset, None, query=query)
    assert file_bytes(bundle, "csv") == (tmp_path / "gaps.csv").read_bytes()
    of_prefectures = replace(query, level=AdminLevel.PREFECTURE)
    front = gap_report(places(), dataset, None, query=of_prefectures).front
    assert front is not None
    assert any("最远距离" in heading and "分钟" in heading for heading in front.headings)


@pytest.mark.usefixtures("own_times")
def test_a_link_to_times_that_are_not_there_is_a_sentence() -> None:
    app = opened("gaps", dataset="own", gap_method=ROUTER.value, gap_travel="0" * 64)
    assert any("SHA-256 0000" in words for words in texts(app))
    app = opened("gaps", dataset="demo", gap_method=ROUTER.value)
    assert any("驾车时间" in error.value for error in app.error)
    app = opened("siting", dataset="demo", site_method=ROUTER.value)
    assert any("驾车时间" in error.value for error in app.error)


def test_roads_are_read_on_the_data_page_chosen_on_the_map_and_removed(
    workspace: Path, tmp_path: Path
) -> None:
    path = tmp_path / "roads.osm.pbf"
    seat_roads(path)
    app = opened("import_nodes", dataset="public")
    app.radio(key="import_what").set_value("osm-roads").run()
    app.file_uploader[0].upload(path.name, path.read_bytes()).run()
    app.text_input(key="import_speeds").set_value("primary=90").run()
    assert not app.exception
    assert not app.error
    app.button(key="import_osm_roads_confirm").click().run()
    assert own_travel(open_dataset(workspace).further).keys() == {DistanceMethod.OSM_NETWORK_TIME}
    app = opened("gaps", dataset="own", gap_method="osm_network_time")
    assert not app.error
    assert any("0.8" in words for words in texts(app))
    app = opened("import_nodes", dataset="own")
    app.radio(key="import_what").set_value("osm-roads").run()
    app.button(key="remove_osm-roads").click().run()
    assert not app.exception
    assert own_travel(open_dataset(workspace).further) == {}
