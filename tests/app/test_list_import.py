"""Each list beside the nodes comes in by its page, and nothing changes before it is confirmed."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from network_map.datasets import open_dataset
from tests.app.test_pages import opened, own_list, workspace

pytestmark = pytest.mark.page

__all__ = ["own_list", "workspace"]

LISTS: Mapping[str, tuple[str, str, int]] = {
    "consortia": (
        "联合体,牵头单位,成员单位,所在县\n花卉产业创新联合体,甲公司,乙公司、丙公司,呈贡区\n",
        "consortium_members", 3,
    ),
    "industries": ("县区,产业\n镇雄县,竹子\n呈贡区,花卉、蔬菜\n", "county_industry", 3),
    "centre-activity": (
        "年份,中心名称,服务次数,促成合同数\n2024,镇雄中心,3,0\n2024,维西中心,0,0\n",
        "centre_activity", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LISTS)
def test_a_list_is_imported_from_its_page(own_list: Path, what: str) -> None:
    text, table, count = LISTS[what]
    before = open_dataset(own_list).dataset_id
    app = opened("import_nodes", dataset="own")
    app.radio(key="import_what").set_value(what).run()
    app.file_uploader[0].upload("名单.csv", text.encode()).run()
    assert not app.exception
    assert not app.error
    assert open_dataset(own_list).dataset_id == before
    app.button(key=f"import_{what.replace('-', '_')}_confirm").click().run()
    assert not app.exception
    assert len(open_dataset(own_list).further[table]) == count
    assert app.success


def test_own_figures_of_counties_are_removed_by_their_button(own_list: Path) -> None:
    app = opened("import_nodes", dataset="own")
    app.radio(key="import_what").set_value("county-indicators").run()
    assert not [button for button in app.button if button.key == "remove_county-indicators"]
    app.file_uploader[0].upload(
        "指标.csv", "县区,2020年普查人口(人)\n镇雄县,1350000\n".encode()
    ).run()
    app.button(key="import_county_indicators_confirm").click().run()
    assert len(open_dataset(own_list).further["county_figures"]) == 1
    button = app.button(key="remove_county-indicators")
    assert "1 个" in button.label
    button.click().run()
    assert not app.exception
    assert "已移除自有县域指标" in app.success[0].value
    assert not len(open_dataset(own_list).further["county_figures"])
    assert not [button for button in app.button if button.key == "remove_county-indicators"]


def test_a_list_with_an_open_row_waits_for_an_answer_or_for_leave_to_skip_it(
    own_list: Path,
) -> None:
    app = opened("import_nodes", dataset="own")
    app.radio(key="import_what").set_value("industries").run()
    app.file_uploader[0].upload("名单.csv", "县区,产业\n镇雄县,竹子\n某某县,竹子\n".encode()).run()
    assert app.button(key="import_industries_confirm").disabled
    assert any("某某县" in table.value.to_string() for table in app.dataframe)
    app.checkbox[0].check().run()
    app.button(key="import_industries_confirm").click().run()
    assert list(open_dataset(own_list).further["county_industry"]["adcode"]) == ["530627"]


@pytest.mark.usefixtures("own_list")
def test_a_file_that_is_no_such_list_is_a_sentence() -> None:
    app = opened("import_nodes", dataset="own")
    app.radio(key="import_what").set_value("consortia").run()
    app.file_uploader[0].upload("图.csv", b'{"type": "FeatureCollection"}').run()
    assert "GeoJSON" in app.error[0].value
