"""What an import changes is seen by name before it happens; public facts of other kinds stay."""

from pathlib import Path

from network_map.datasets import open_dataset
from network_map.i18n import LANGUAGES
from tests.importing import NodeOutcome, bring_nodes

HEAD = "节点名称,节点类型,县区,状态"
FIRST = (
    "甲中心,县域中心,五华区,已建",
    "乙中心,县域中心,盘龙区,已建",
    "丙中心,县域中心,官渡区,已建",
)


def put(folder: Path, *rows: str, confirm: bool = True) -> NodeOutcome:
    content = "\n".join((HEAD, *rows)).encode()
    return bring_nodes(content, folder, file_name="名单.csv", confirm=confirm)


def test_the_first_import_starts_from_the_public_facts(tmp_path: Path) -> None:
    done = put(tmp_path, *FIRST)
    assert done.applied
    own, public = open_dataset(tmp_path).nodes, open_dataset("public").nodes
    kept = public.loc[public["kind"] != "county_centre", "node_id"]
    assert set(own["node_id"]) >= set(kept)
    assert (own["kind"] == "provincial_market").sum() == 1
    assert set(own.loc[own["kind"] == "county_centre", "origin"]) == {"official"}


def test_what_goes_comes_and_changes_is_named(tmp_path: Path) -> None:
    put(tmp_path, *FIRST)
    told = put(tmp_path, "甲中心,县域中心,五华区,撤销", "丁中心,县域中心,西山区,已建",
               "乙中心,县域中心,盘龙区,已建", confirm=False)  # fmt: skip
    (change,) = told.plan.changes
    assert (change.before, change.after) == (3, 3)
    assert (change.added, change.removed, change.changed) == (("丁中心",), ("丙中心",), ("甲中心",))
    for language in LANGUAGES:
        said = " ".join(told.sentences(language))
        assert all(name in said for name in ("丁中心", "丙中心", "甲中心"))
        assert "{" not in said
    assert told.to_json()["changes"]


def test_a_list_of_demonstration_counties_names_the_public_ones_that_go(tmp_path: Path) -> None:
    public = open_dataset("public").nodes
    known = int((public["kind"] == "demonstration_county").sum())
    told = put(tmp_path, "镇雄示范县,示范县,镇雄县,已建", confirm=False)
    (change,) = told.plan.changes
    assert (change.before, change.after) == (known, 1)
    assert len(change.removed) in {known, known - 1}
    assert not tmp_path.exists() or not any(tmp_path.iterdir())


def test_the_same_list_again_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, *FIRST)
    (change,) = put(tmp_path, *FIRST, confirm=False).plan.changes
    assert (change.added, change.removed, change.changed) == ((), (), ())
