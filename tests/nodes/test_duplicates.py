"""Two different nodes in one county are two nodes; what nothing tells apart is asked."""

import pytest

from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListReference,
    open_reference,
    preview_nodes,
)

HEAD = "节点名称,节点类型,县区,状态"


@pytest.fixture(scope="module")
def reference() -> NodeListReference:
    return open_reference()


@pytest.mark.parametrize(
    ("first", "second", "outcomes"),
    [
        ("花卉中心,县域中心,五华区,", "稀贵金属中心,县域中心,五华区,", ["accepted"] * 2),
        ("五华区技术中心,县域中心,五华区,", "五华区成果所,县域中心,五华区,", ["accepted"] * 2),
        ("一中心,县域中心,五华区,", "一中心,县域中心,五华区,", ["accepted", "doubtful"]),
        (",县域中心,五华区,", ",县域中心,五华区,", ["accepted", "doubtful"]),
        (",县域中心,五华区,已建", ",县域中心,五华区,在建", ["doubtful"] * 2),
        ("镇雄县,示范县,镇雄县,", "镇雄县示范县,示范县,镇雄县,", ["doubtful"] * 2),
        ("一中心,县域中心,五华区,", "一中心,县域中心,盘龙区,", ["accepted"] * 2),
        ("一中心,县域中心,五华区,撤销", "一中心,县域中心,五华区,已建", ["accepted"] * 2),
    ],
)  # fmt: skip
def test_names_tell_nodes_apart(
    reference: NodeListReference, first: str, second: str, outcomes: list[str]
) -> None:
    found = preview_nodes(f"{HEAD}\n{first}\n{second}".encode(), "a.csv", reference)
    assert list(found.rows["outcome"]) == outcomes


def test_a_name_in_answer_makes_two_nodes(reference: NodeListReference) -> None:
    content = f"{HEAD}\n,县域中心,五华区,\n,县域中心,五华区,".encode()
    options = NodeListOptions(
        answers={(2, "node_name"): "花卉中心", (3, "node_name"): "稀贵金属中心"}
    )
    assert preview_nodes(content, "a.csv", reference, options).is_clean


def test_an_own_word_is_offered_as_one_of_the_kinds(reference: NodeListReference) -> None:
    rows = ("甲,县级中心,五华区,", "乙,科技成果转化分中心,盘龙区,")
    content = "\n".join((HEAD, *rows)).encode()
    first = preview_nodes(content, "a.csv", reference)
    assert not first.is_clean
    options = NodeListOptions(kind_words={"县级中心": "县域中心", "科技成果转化分中心": "县域中心"})
    found = preview_nodes(content, "a.csv", reference, options)
    assert set(found.nodes["kind"]) == {"county_centre"}
