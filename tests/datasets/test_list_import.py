"""A planner's lists in a workspace: what an import replaces, what it leaves, what it says."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from network_map.datasets import REGISTER, open_dataset
from network_map.datasets.imports import node_import, preview_node_list
from network_map.errors import (
    DamagedFileError,
    FileFormatError,
    MissingFileError,
    QueryError,
    WorkspaceError,
)
from network_map.i18n import error_text
from network_map.listfiles.preview import options_in_words
from network_map.nodes.importing.preview import NodeListOptions, NodeListReference
from network_map.nodes.importing.words import NODE_SYNONYMS, parse_kind_words, parse_new_kind
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.places.reference import open_places
from network_map.tables.check import check
from network_map.workspace.register import Move, current_snapshot, has_register, history, roll_back
from tests.importing import NodeOutcome, bring_nodes

pytestmark = pytest.mark.long

TODAY = date(2024, 12, 31)
DEMO_LIST = "县区,类型\n镇雄县,示范县\n盘龙区,示范县\n"
CENTRE_LIST = "县区,类型\n镇雄县,县域中心\n嵩明县,县域中心\n五华区,县域中心\n"
BAD_LIST = "县区,类型\n镇雄县,示范县\n某某县,示范县\n丽江县,示范县\n弥勒县,示范县\n"


def listed(folder: Path) -> pd.DataFrame:
    """Return the nodes of a workspace that a list brought, the public facts left out."""
    nodes = open_dataset(folder).nodes
    return nodes[~nodes["node_id"].str.startswith("pub-")]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "工作区"


def bring(
    workspace: Path,
    reference: NodeListReference,
    text: str,
    *,
    complete: tuple[str, ...] = (),
    confirm: bool = True,
    skip_rows: bool = False,
    options: NodeListOptions | None = None,
) -> NodeOutcome:
    return bring_nodes(
        text.encode(),
        workspace,
        file_name="名单.csv",
        options=options,
        complete=complete,
        confirm=confirm,
        skip_rows=skip_rows,
        today=TODAY,
        reference=reference,
    )


asked = partial(options_in_words, NodeListOptions(), NODE_SYNONYMS)


# --- data sets ----------------------------------------------------------------------------------


def test_the_shipped_data_sets_open_by_name() -> None:
    public, demo = open_dataset("public"), open_dataset("demo")
    assert (public.name, public.is_demo, demo.name, demo.is_demo) == ("public", False, "demo", True)
    assert "public_nodes.csv" in public.input_sha256
    assert len(demo.nodes) > len(public.nodes)
    assert len(open_places().county_seats) == 129


def test_a_workspace_opens_by_its_folder(workspace: Path, reference: NodeListReference) -> None:
    done = bring(workspace, reference, DEMO_LIST)
    own = open_dataset(workspace)
    assert own.name == "own"
    assert not own.is_demo
    assert own.dataset_id == done.snapshot_id
    tables = (NODES, own.nodes), (NODE_KINDS, own.node_kinds)
    more = (DECLARED_TOTALS, own.declared_totals), (COMPLETE_LISTS, own.complete_lists)
    for table, frame in (*tables, *more):
        check(table, frame)
    assert own.declared_totals["declared_count"].max() == 128
    assert open_dataset(str(workspace)).dataset_id == own.dataset_id


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("nothing", QueryError, "dataset_unknown"),
        ("./nothing/here", WorkspaceError, "workspace_not_found"),
    ],
)
def test_what_is_no_data_set_is_told(name: str, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as found:
        open_dataset(name)
    assert getattr(found.value, "code", "") == code


def test_a_folder_without_register_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as error:
        open_dataset(tmp_path)
    assert str(tmp_path) in error_text(error.value)
    assert current_snapshot(tmp_path) is None


# --- importing ----------------------------------------------------------------------------------


def test_without_confirmation_nothing_is_touched(
    workspace: Path, reference: NodeListReference
) -> None:
    outcome = bring(workspace, reference, DEMO_LIST, confirm=False)
    assert (outcome.state, outcome.applied, outcome.snapshot_id) == ("waiting", False, None)
    assert not workspace.exists()


def test_the_same_file_twice_is_the_same_version(
    workspace: Path, reference: NodeListReference
) -> None:
    first = bring(workspace, reference, DEMO_LIST, complete=("示范县",))
    second = bring(workspace, reference, DEMO_LIST, complete=("示范县",))
    assert (first.state, second.state) == ("applied", "unchanged")
    assert first.snapshot_id == second.snapshot_id
    assert len(history(workspace)) == 1


def test_a_list_replaces_its_own_kinds_and_no_others(
    workspace: Path, reference: NodeListReference
) -> None:
    bring(workspace, reference, DEMO_LIST)
    bring(workspace, reference, CENTRE_LIST)
    both = listed(workspace)
    assert both["kind"].value_counts().to_dict() == {
        "county_centre": 3, "demonstration_county": 2,
    }  # fmt: skip
    bring(workspace, reference, "县区,类型\n宜良县,示范县\n")
    nodes = listed(workspace).groupby("kind")["adcode"].apply(sorted).to_dict()
    assert nodes == {
        "county_centre": ["530102", "530127", "530627"],
        "demonstration_county": ["530125"],
    }


def test_the_order_of_three_imports_does_not_matter(
    tmp_path: Path, reference: NodeListReference
) -> None:
    first, second = tmp_path / "一", tmp_path / "二"
    bring(first, reference, DEMO_LIST)
    bring(second, reference, CENTRE_LIST)
    done = bring(first, reference, CENTRE_LIST), bring(second, reference, DEMO_LIST)
    assert done[0].snapshot_id == done[1].snapshot_id


def test_with_one_bad_row_nothing_is_applied(workspace: Path, reference: NodeListReference) -> None:
    outcome = bring(workspace, reference, BAD_LIST)
    assert outcome.state == "blocked"
    assert not has_register(workspace)
    preview = preview_node_list(BAD_LIST.encode(), "名单.csv", reference=reference)
    with pytest.raises(QueryError) as error:
        node_import(preview, workspace).apply(workspace)
    assert error.value.code == "import_open_rows"


def test_bad_rows_are_left_out_only_when_asked_and_are_named(
    workspace: Path, reference: NodeListReference
) -> None:
    outcome = bring(workspace, reference, BAD_LIST, skip_rows=True)
    assert outcome.state == "applied"
    assert outcome.left_out_rows == (3, 4)
    assert list(listed(workspace)["adcode"]) == ["530627", "532504"]
    assert list(history(workspace)[-1].left_out_rows) == [3, 4]
    assert "3、4" in " ".join(outcome.sentences("zh"))


def test_an_answered_question_is_applied(workspace: Path, reference: NodeListReference) -> None:
    options = asked(answers=["4=古城区"], exclude_rows=[3])
    outcome = bring(workspace, reference, BAD_LIST, options=options)
    assert outcome.state == "applied"
    assert outcome.left_out_rows == (3,)
    assert "530702" in set(open_dataset(workspace).nodes["adcode"])


def test_a_list_of_nothing_but_bad_rows_is_not_applied(
    workspace: Path, reference: NodeListReference
) -> None:
    outcome = bring(workspace, reference, "县区,类型\n某县,示范县\n", skip_rows=True)
    assert outcome.state == "nothing"
    assert not has_register(workspace)


def test_a_guessed_kind_blocks_even_when_rows_may_be_left_out(
    workspace: Path, reference: NodeListReference
) -> None:
    text = "示范县\n镇雄县\n盘龙区\n"
    assert bring(workspace, reference, text, skip_rows=True).state == "blocked"
    options = NodeListOptions(default_kind="示范县")
    assert bring(workspace, reference, text, options=options).state == "applied"


def test_a_new_kind_is_kept_and_known_the_next_time(
    workspace: Path, reference: NodeListReference
) -> None:
    text = "县区,类型\n镇雄县,成果转化驿站\n"
    options = NodeListOptions(new_kinds=(parse_new_kind("成果转化驿站"),))
    assert bring(workspace, reference, text, options=options).state == "applied"
    assert bring(workspace, reference, text).state == "unchanged"
    assert "成果转化驿站" in set(open_dataset(workspace).node_kinds["kind_name_zh"])


def test_a_failed_import_leaves_the_register(workspace: Path, reference: NodeListReference) -> None:
    first = bring(workspace, reference, DEMO_LIST)
    assert bring(workspace, reference, BAD_LIST).snapshot_id == first.snapshot_id
    assert open_dataset(workspace).dataset_id == first.snapshot_id


def test_going_back_brings_the_former_list(workspace: Path, reference: NodeListReference) -> None:
    first = bring(workspace, reference, DEMO_LIST)
    bring(workspace, reference, "县区,类型\n宜良县,示范县\n")
    assert first.snapshot_id is not None
    roll_back(
        workspace, REGISTER, first.snapshot_id, Move(at="2024-12-31T00:00:00+00:00", who="测试")
    )
    assert set(listed(workspace)["adcode"]) == {"530627", "530103"}
    now = current_snapshot(workspace)
    assert now is not None
    assert now.snapshot_id == first.snapshot_id


def test_an_id_of_another_kind_is_not_taken_over(
    workspace: Path, reference: NodeListReference
) -> None:
    bring(workspace, reference, "节点编号,县区,类型\nYN-00001,镇雄县,示范县\n")
    with pytest.raises(WorkspaceError) as error:
        bring(workspace, reference, "节点编号,县区,类型\nYN-00001,镇雄县,县域中心\n")
    assert "YN-00001" in error_text(error.value)


# --- completeness -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "area", "as_of"),
    [
        ("示范县", "530000", "2024-12-31"),
        ("demonstration_county", "530000", "2024-12-31"),
        ("示范县:昭通市", "530600", "2024-12-31"),
        ("示范县\uff1a昭通", "530600", "2024-12-31"),
        ("示范县:530600", "530600", "2024-12-31"),
        ("示范县:云南省", "530000", "2024-12-31"),
        ("示范县:昭通市@2024-06-11", "530600", "2024-06-11"),
    ],
)
def test_a_claim_of_completeness_is_kept(
    workspace: Path, reference: NodeListReference, claim: str, area: str, as_of: str
) -> None:
    bring(workspace, reference, DEMO_LIST, complete=(claim,))
    claims = open_dataset(workspace).complete_lists
    assert claims[["kind", "adcode", "as_of"]].to_numpy().tolist() == [
        ["demonstration_county", area, as_of]
    ]


@pytest.mark.parametrize(
    "claim", ["", ":昭通市", "某类", "示范县:某市", "示范县@明天", "示范县:镇雄县"]
)
def test_a_claim_that_is_not_understood_is_told(
    workspace: Path, reference: NodeListReference, claim: str
) -> None:
    with pytest.raises(QueryError) as error:
        bring(workspace, reference, DEMO_LIST, complete=(claim,))
    assert error_text(error.value)
    assert not has_register(workspace)


def test_a_new_list_ends_the_claims_of_its_kinds_only(
    workspace: Path, reference: NodeListReference
) -> None:
    bring(workspace, reference, DEMO_LIST, complete=("示范县",))
    bring(workspace, reference, CENTRE_LIST, complete=("县域中心:昆明市",))
    assert set(open_dataset(workspace).complete_lists["kind"]) == {
        "demonstration_county", "county_centre",
    }  # fmt: skip
    bring(workspace, reference, DEMO_LIST)
    assert set(open_dataset(workspace).complete_lists["kind"]) == {"county_centre"}


def test_a_complete_list_may_not_leave_rows_out(
    workspace: Path, reference: NodeListReference
) -> None:
    with pytest.raises(QueryError) as error:
        bring(workspace, reference, BAD_LIST, complete=("示范县",), skip_rows=True)
    assert error.value.code == "complete_but_rows_left_out"


def test_a_complete_list_of_another_length_than_published_is_remarked(
    workspace: Path, reference: NodeListReference
) -> None:
    outcome = bring(workspace, reference, DEMO_LIST, complete=("示范县",), confirm=False)
    (note,) = outcome.plan.notes
    assert note.code == "complete_fewer_than_declared"
    assert dict(note.values) == {
        "name": "示范县(demonstration_county)",
        "area": "云南省",
        "found": 2,
        "declared": 33,
        "as_of": "2024-06-11",
    }


# --- what an import says ------------------------------------------------------------------------


def test_an_outcome_is_plain_json_with_every_row_and_reason(
    workspace: Path, reference: NodeListReference
) -> None:
    outcome = bring(workspace, reference, BAD_LIST, confirm=False)
    found = json.loads(json.dumps(outcome.to_json(), ensure_ascii=False, allow_nan=False))
    assert found["applied"] is False
    assert found["counts"] == {
        "accepted": 1, "corrected": 1, "doubtful": 1, "refused": 1, "excluded": 0,
    }  # fmt: skip
    assert found["totals"] == {"demonstration_county": 2}
    assert [row["row"] for row in found["refused"]] == [3]
    (problem,) = found["doubtful"][0]["problems"]
    assert problem["adcodes"] == ["530702", "530721"]
    assert "丽江县" in problem["zh"]
    assert problem["en"].startswith("Row 4")
    (renamed,) = found["corrected"][0]["problems"]
    assert renamed["fix"] == "532504"


def test_the_options_of_a_command_line_are_understood_or_told() -> None:
    options = asked(
        answers=["17:established_on=2018-11", "3=镇雄县"],
        columns=["甲=county", "乙="],
        origin="official",
    )
    assert options.answers == {(17, "established_on"): "2018-11", (3, "place"): "镇雄县"}
    assert options.columns == {"甲": "county", "乙": None}
    assert parse_kind_words(["驿站=县域中心"]) == {"驿站": "县域中心"}


@pytest.mark.parametrize(
    "read",
    [
        partial(asked, answers=["x"]),
        partial(asked, answers=["a:b=c"]),
        partial(asked, columns=["甲=某列"]),
        partial(parse_kind_words, ["驿站"]),
        partial(asked, origin="somewhere"),
    ],
)
def test_an_option_that_is_not_understood_is_told(read: Callable[[], object]) -> None:
    with pytest.raises(QueryError) as error:
        read()
    assert error_text(error.value)


def test_a_file_that_is_not_there_or_no_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        bring_nodes(tmp_path / "没有.csv", tmp_path / "w")
    with pytest.raises(FileFormatError):
        bring_nodes(tmp_path, tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_a_damaged_workspace_is_told_before_anything_is_written(
    workspace: Path, reference: NodeListReference
) -> None:
    done = bring(workspace, reference, DEMO_LIST)
    assert done.snapshot_id is not None
    (workspace / "snapshots" / done.snapshot_id / "nodes.csv").write_text("x", encoding="utf-8")
    with pytest.raises(DamagedFileError):
        bring(workspace, reference, CENTRE_LIST)
    with pytest.raises(DamagedFileError):
        open_dataset(workspace)


def test_unknown_cells_stay_empty_through_a_workspace(
    workspace: Path, reference: NodeListReference
) -> None:
    bring(workspace, reference, "县区,类型,备注\n镇雄县,示范县,NA\n盘龙区,示范县,\n")
    nodes = listed(workspace).set_index("adcode")
    assert nodes["note"].isna().tolist() == [True, True]
    assert pd.isna(nodes["established_on"]).all()
    assert set(nodes["status"]) == {"unknown"}
