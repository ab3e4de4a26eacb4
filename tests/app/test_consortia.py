"""The consortia page without a browser: demonstration, public and imported data."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from network_map.datasets.imports import preview_list, small_list_import
from tests.app.test_pages import county_rows, opened, own_list, texts, workspace

pytestmark = pytest.mark.page

__all__ = ["county_rows", "own_list", "workspace"]


def words(app: AppTest) -> str:
    return " ".join(texts(app))


def test_the_demonstration_shows_contracts_members_and_the_chosen_consortium() -> None:
    app = opened("consortia", dataset="demo", consortium="consortium-5", reach_km="150")
    assert app.selectbox(key="consortium").value == "consortium-5"
    assert app.number_input(key="member_standard_km").value == 150
    assert len(app.metric) == 3
    assert "花卉:名单上的成员 11 个" in words(app)
    assert app.query_params["consortium"] == "consortium-5"
    app.selectbox(key="consortium").select("consortium-1").run()
    assert "锡铟:名单上的成员 11 个" in words(app)
    assert "consortium" not in app.query_params
    assert not app.exception


def test_a_higher_standard_leaves_fewer_gaps() -> None:
    app = opened("consortia", dataset="demo")
    gaps = []
    for standard in (50, 400):
        app.number_input(key="member_standard_km").set_value(standard).run()
        found = re.search(r"其中缺口 (\d+) 个", words(app))
        assert found is not None
        gaps.append(int(found.group(1)))
    assert gaps[0] > gaps[1]


def test_the_public_data_name_five_fields_and_say_what_is_not_public() -> None:
    app = opened("consortia", dataset="public")
    assert list(app.dataframe[0].value["field_zh"]) == [
        "锡铟", "铜铅锌", "新能源材料", "铝基材料", "花卉",
    ]  # fmt: skip
    assert "牵头单位、成员、所在地和对应产业都没有公开" in words(app)
    assert not app.metric


@pytest.mark.usefixtures("own_list")
def test_an_own_list_without_consortia_says_how_to_import_them_and_then_shows_them(
    workspace: Path,
    tmp_path: Path,
) -> None:
    assert "还没有导入联合体成员名单" in words(opened("consortia", dataset="own"))
    file = tmp_path / "m.csv"
    file.write_text("联合体,角色,单位名称,所在县\n锡铟,牵头,甲,个旧市\n锡铟,成员,乙,\n", "utf-8")
    listed = preview_list("consortia", file, workspace=workspace)
    assert small_list_import(listed, workspace).apply(workspace).is_changed
    app = opened("consortia", dataset="own")
    assert "锡铟:名单上的成员 2 个,其中省外 0 个、所在县不明 1 个" in words(app)
    assert "还没有“锡铟”的县(市、区)产业表" in words(app)
    assert "没有导入技术合同登记" in words(app)
