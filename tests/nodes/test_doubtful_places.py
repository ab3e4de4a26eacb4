"""A short name of two levels in a node list: asked, unless prefecture, code or point decides."""

import pytest

from network_map.nodes.importing.preview import (
    NodeListPreview,
    NodeListReference,
    preview_nodes,
)


def read(reference: NodeListReference, *rows: str) -> NodeListPreview:
    head = "节点名称,节点类型,州市,县区,行政区划代码,经度,纬度"
    return preview_nodes("\n".join((head, *rows)).encode(), "名单.csv", reference)


@pytest.mark.parametrize("name", ["大理", "红河", "楚雄", "文山", "普洱县", "丽江县", "思茅市"])
def test_a_short_name_alone_is_asked_though_its_header_says_county(
    reference: NodeListReference, name: str
) -> None:
    found = read(reference, f"甲,县域中心,,{name},,,", "乙,县域中心,昭通市,镇雄县,,,")
    assert list(found.rows["outcome"]) == ["doubtful", "accepted"]


@pytest.mark.parametrize(
    ("row", "adcode"),
    [
        ("甲,县域中心,大理州,大理,,,", "532901"),
        ("甲,县域中心,普洱市,普洱县,,,", "530821"),
        ("甲,县域中心,,大理,532901,,", "532901"),
        ("甲,县域中心,,大理,,100.2257,25.5896", "532901"),
        ("甲,分市场,,大理,,,", "532900"),
        ("甲,县域中心,,大理市,,,", "532901"),
        ("甲,县域中心,,大理州大理,,,", "532901"),
        ("甲,县域中心,,云南省红河哈尼族彝族自治州-红河,,,", "532529"),
        ("甲,县域中心,昆明市,盘龙区,530100,,", "530103"),
    ],
)
def test_prefecture_code_or_point_decide(
    reference: NodeListReference, row: str, adcode: str
) -> None:
    assert list(read(reference, row).nodes["adcode"]) == [adcode]


@pytest.mark.parametrize(
    "row",
    [
        "甲,县域中心,曲靖市,,530103,,", "甲,县域中心,昆明市,马龙区,530304,,",
        "甲,县域中心,昆明市,弥勒市,,,", "甲,县域中心,,弥勒市,530100,,",
        "甲,分市场,曲靖市,,530103,,",
    ],
)  # fmt: skip
def test_what_is_sure_alone_is_asked_where_the_row_contradicts_it(
    reference: NodeListReference, row: str
) -> None:
    assert list(read(reference, row).rows["outcome"]) == ["doubtful"]


@pytest.mark.parametrize("name", ["大理", "普洱县", "丽江县"])
def test_a_prefecture_from_the_row_above_that_does_not_fit_decides_nothing(
    reference: NodeListReference, name: str
) -> None:
    found = read(reference, "甲,县域中心,文山州,文山,,,", f"乙,县域中心,,{name},,,",
                 "丙,县域中心,,砚山,,,")  # fmt: skip
    assert list(found.rows["outcome"]) == ["accepted", "doubtful", "accepted"]


def test_a_point_elsewhere_decides_nothing(reference: NodeListReference) -> None:
    found = read(reference, "甲,县域中心,,大理,,102.71,25.04")
    assert list(found.rows["outcome"]) == ["doubtful"]


def test_a_short_name_at_the_head_of_a_node_name_is_asked(reference: NodeListReference) -> None:
    found = read(reference, "红河科技成果转化中心,县域中心,,,,,", "嵩明县科技中心,县域中心,,,,,")
    assert list(found.rows["outcome"]) == ["doubtful", "corrected"]
