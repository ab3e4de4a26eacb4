"""Tables of figures are no lists, other datums are asked about, whole numbers keep their digits."""

import pytest

from network_map.contracts.importing.preview import preview_contracts
from network_map.i18n import LANGUAGES, problem_text
from network_map.listfiles.workbook_process import cell_text
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListReference,
    open_reference,
    preview_nodes,
)


@pytest.fixture(scope="module")
def reference() -> NodeListReference:
    return open_reference()


def open_codes(reference: NodeListReference, content: str) -> set[str]:
    found = preview_nodes(content.encode(), "名单.csv", reference)
    assert all(problem_text(p, language) for p in found.problems for language in LANGUAGES)
    return {problem.code for problem in found.open_problems if problem.row is None}


@pytest.mark.parametrize(
    "content",
    [
        "州市,示范县数,县域中心数\n昆明市,3,14\n曲靖市,2,9\n",
        "州市,节点总数,同比增长(%)\n昆明市,30,5.5\n曲靖市,22,-1\n",
        "县区,中心数量,占比\n五华区,3,1.5\n镇雄县,2,0.5\n",
        "州市,示范县,县域中心\n昆明市,3,12\n曲靖市,2,9\n",
        "州市,示范县(个),县域中心(个)\n昆明市,3,12\n曲靖市,2,9\n",
        "节点类型,数量\n示范县,33\n县域中心,128\n",
        "州市,节点类型,节点数(个)\n昆明市,分市场,1\n曲靖市,县域中心,4\n",
    ],
)
def test_a_table_of_figures_is_called_a_summary(reference: NodeListReference, content: str) -> None:
    assert "list_is_summary" in open_codes(reference, content)


@pytest.mark.parametrize(
    "content",
    [
        "县区,节点类型,人员数\n五华区,县域中心,3\n",
        "州市,县区,类型\n昆明市,五华区,县域中心\n",
        "县区,示范县,县域中心\n五华区,√,\n镇雄县,,√\n",
        "县区,示范县,县域中心\n五华区,1,0\n镇雄县,0,1\n",
        "县区,类型,数量\n五华区,县域中心,1\n镇雄县,县域中心,1\n",
        "类型,示范县\n示范县,530102\n示范县,530627\n",
    ],
)
def test_a_list_is_no_summary(reference: NodeListReference, content: str) -> None:
    assert "list_is_summary" not in open_codes(reference, content)


def test_a_table_of_contracts_by_place_is_called_a_summary(reference: NodeListReference) -> None:
    content = "合同类型,合同数,成交额(万元),技术交易额(万元)\n技术开发,3,1,1\n技术服务,2,1,1\n"
    found = preview_contracts(content.encode(), "汇总.csv", reference.gazetteer)
    assert "list_is_summary" in {problem.code for problem in found.file_problems}
    plain = "合同编号,合同类型,成交额(元),份数\n1,技术开发,1,2\n"
    clean = preview_contracts(plain.encode(), "合同.csv", reference.gazetteer)
    assert "list_is_summary" not in {problem.code for problem in clean.problems}


@pytest.mark.parametrize(
    "headers",
    [
        "百度经度,百度纬度", "高德经度,高德纬度", "经度(GCJ-02),纬度(GCJ-02)", "经度(BD09),纬度",
        "lng_bd09,lat_bd09", "gcj02_x,gcj02_y", "经度(西安80),纬度(西安80)",
    ],
)  # fmt: skip
def test_another_datum_in_a_header_is_asked(reference: NodeListReference, headers: str) -> None:
    content = f"县区,类型,{headers}\n五华区,县域中心,102.70,25.04\n"
    assert open_codes(reference, content) == {"coordinates_other_datum"}
    dropped = dict.fromkeys(headers.split(","))
    found = preview_nodes(content.encode(), "a.csv", reference, NodeListOptions(columns=dropped))
    assert found.is_clean
    assert list(found.nodes["location_origin"]) == ["county_seat"]


@pytest.mark.parametrize(
    "content",
    [
        "县区,类型,高德坐标\n五华区,县域中心,102.70 25.04\n",
        "节点表(坐标系:GCJ-02),,,\n县区,类型,经度,纬度\n五华区,县域中心,102.70,25.04\n",
        "县区,类型,经度,纬度,坐标系\n五华区,县域中心,102.70,25.04,百度BD-09\n",
        "县区,类型,经度,纬度\n五华区,县域中心,102.70,25.04\n注:坐标取自高德地图,,,\n",
    ],
)
def test_another_datum_is_asked_wherever_the_file_names_it(
    reference: NodeListReference, content: str
) -> None:
    assert open_codes(reference, content) == {"coordinates_other_datum"}
    told = NodeListOptions(coordinate_system="gcj02")
    assert preview_nodes(content.encode(), "a.csv", reference, told).is_clean


def test_a_datum_of_a_line_that_speaks_of_ours_too_is_not_asked(
    reference: NodeListReference,
) -> None:
    title = "高德坐标已转换为WGS84,,,\n"
    content = f"{title}县区,类型,经度,纬度\n五华区,县域中心,102.70,25.04\n"
    assert not open_codes(reference, content)


@pytest.mark.parametrize(
    "headers", ["wgs84_lng,wgs84_lat", "经度,纬度", "东经,北纬", "经度(CGCS2000),纬度(CGCS2000)"]
)
def test_plain_coordinates_are_not_asked(reference: NodeListReference, headers: str) -> None:
    assert not open_codes(reference, f"县区,类型,{headers}\n五华区,县域中心,102.70,25.04\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2024530102000001.0, "2024530102000001"), (2024530102000010.0, "2.02453010200001e+15"),
        (20245301020010.0, "20245301020010"), (9.1e15, "9.1e+15"), (1.5, "1.5"),
    ],
)  # fmt: skip
def test_a_whole_number_keeps_its_digits_if_it_has_them(value: float, text: str) -> None:
    assert cell_text(value) == text
