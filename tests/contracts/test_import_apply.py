"""Registers and payments in a workspace: added, changed, cancelled, asked about, or left alone."""

from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

from network_map.contracts.importing.apply import (
    contract_import,
)
from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.reading import ContractOptions
from network_map.contracts.register.versions import contract_history, current_contracts
from network_map.errors import QueryError
from network_map.i18n import LANGUAGES
from tests.contracts.stored_register import read_tables
from tests.importing import RegisterOutcome, bring_contracts
from tests.shipped import gazetteer

pytestmark = pytest.mark.long

HEAD = (
    "合同登记编号,合同类型,合同成交额(元),技术交易额(元),签订日期,认定登记日期"
    ",卖方行政区划代码,登记状态"
)
FIRST = [
    "1,技术开发,1000,800,2023-06-01,2023-06-10,530102,登记",
    "2,技术服务,500,,2023-06-02,2023-06-10,530627,登记",
    "3,技术转让,70,70,2023-06-03,2023-06-10,,登记",
]
PAID = "合同登记编号,服务机构编号,实收金额(元),凭证类型,到账日期"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "工作区"


def put(workspace: Path, *rows: str, head: str = HEAD, **asked: object) -> RegisterOutcome:
    content = "\n".join([head, *rows]).encode()
    told = {"confirm": True, "file_name": "合同.csv", "gazetteer": gazetteer(), **asked}
    return bring_contracts(content, workspace, **told)  # type: ignore[arg-type]  # keywords


def pay(workspace: Path, *rows: str, **asked: object) -> RegisterOutcome:
    return put(workspace, *rows, head=PAID, payments=True, **asked)


def held(workspace: Path) -> pd.DataFrame:
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    return read_tables(snapshot).contracts.set_index("contract_id")


def paid(workspace: Path) -> list[int]:
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    return list(read_tables(snapshot).paid_values["paid_value_fen"])


def the_one(outcome: RegisterOutcome, what: str) -> dict[str, Any]:
    (row,) = cast("list[dict[str, Any]]", outcome.to_json()[what])
    return row


def effect(outcome: RegisterOutcome) -> tuple[int, int, int, int]:
    found = outcome.plan.effect
    return (found.added, found.replaced, found.cancelled, found.unchanged)


def test_without_the_word_a_register_is_shown_and_nothing_is_written(workspace: Path) -> None:
    outcome = put(workspace, *FIRST, confirm=False)
    assert (outcome.state, outcome.applied, outcome.snapshot_id) == ("waiting", False, None)
    assert effect(outcome) == (3, 0, 0, 0)
    assert not workspace.exists()


def test_an_import_adds_and_the_same_file_again_changes_nothing(workspace: Path) -> None:
    first = put(workspace, *FIRST)
    again = put(workspace, *FIRST)
    assert (first.state, again.state) == ("applied", "unchanged")
    assert first.snapshot_id == again.snapshot_id
    assert effect(again) == (0, 0, 0, 3)
    more = put(workspace, "4,技术咨询,9,,2024-01-01,2024-01-02,530102,登记")
    assert (more.state, effect(more)) == ("applied", (1, 0, 0, 0))
    assert list(held(workspace).index) == ["1", "2", "3", "4"]
    assert more.previous_snapshot_id == first.snapshot_id
    assert [entry.source_file for entry in contract_history(workspace)] == ["合同.csv"] * 2


def test_the_same_contracts_from_another_file_are_the_same_contracts(workspace: Path) -> None:
    first = put(workspace, *FIRST)
    again = put(workspace, *FIRST[::-1], file_name="再次导出.csv")
    assert (again.state, again.snapshot_id) == ("unchanged", first.snapshot_id)


def test_a_change_replaces_and_a_cancellation_takes_out_of_the_totals(workspace: Path) -> None:
    put(workspace, *FIRST)
    outcome = put(
        workspace,
        "1,技术开发,1200,800,2023-06-01,2023-07-01,530102,变更",
        "2,技术服务,500,,2023-06-02,2023-07-01,530627,注销",
    )
    assert (outcome.state, effect(outcome)) == ("applied", (0, 1, 1, 0))
    register = held(workspace)
    assert register.loc["1", "contract_value_fen"] == 120_000
    assert register.loc["2", "contract_status"] == "cancelled"
    assert register.loc["3", "contract_value_fen"] == 7_000


def test_a_row_that_contradicts_the_register_without_saying_so_is_asked(workspace: Path) -> None:
    first = put(workspace, *FIRST)
    other = "1,技术开发,1200,800,2023-06-01,2023-06-10,530102,登记"
    outcome = put(workspace, other, "5,技术开发,1,1,2023-06-01,,530102,")
    assert (outcome.state, outcome.snapshot_id) == ("blocked", first.snapshot_id)
    row = the_one(outcome, "doubtful")
    assert (row["row"], row["reason"]) == (2, "contract_known_differs")
    assert all(row["problems"][0][language] for language in LANGUAGES)
    assert held(workspace).loc["1", "contract_value_fen"] == 100_000

    skipped = put(workspace, other, "5,技术开发,1,1,2023-06-01,,530102,", skip_rows=True)
    assert (skipped.state, skipped.left_out_rows) == ("applied", (2,))
    assert held(workspace).loc["1", "contract_value_fen"] == 100_000
    answered = ContractOptions(answers={(2, "contract_status"): "变更"})
    assert put(workspace, other, options=answered).state == "applied"
    register = held(workspace)
    assert register.loc["1", "contract_value_fen"] == 120_000
    assert register.loc["1", "contract_status"] == "changed"


def test_a_whole_register_exported_again_is_taken_at_its_word(workspace: Path) -> None:
    put(workspace, *FIRST)
    other = "1,技术开发,1200,800,2023-06-01,2023-06-10,530102,登记"
    outcome = put(workspace, other, *FIRST[1:], replaces_known=True)
    assert (outcome.state, effect(outcome)) == ("applied", (0, 1, 0, 2))
    assert held(workspace).loc["1", "contract_value_fen"] == 120_000


@pytest.mark.parametrize(
    ("later", "earlier", "code"),
    [
        ("2023-08-01,530102,注销", "2023-07-01,530102,变更", "contract_known_cancelled"),
        ("2023-08-01,530102,注销", "2023-06-10,530102,登记", "contract_known_cancelled"),
        ("2023-08-01,530102,变更", "2023-07-01,530103,变更", "contract_known_later"),
    ],
)
def test_an_older_file_does_not_undo_a_newer_one(
    workspace: Path, later: str, earlier: str, code: str
) -> None:
    put(workspace, f"1,技术开发,1000,800,2023-06-01,{later}")
    outcome = put(workspace, f"1,技术开发,1000,800,2023-06-01,{earlier}")
    assert outcome.state == "blocked"
    assert list(outcome.preview.doubtful["reason"]) == [code]


def test_what_a_change_takes_away_is_told(workspace: Path) -> None:
    put(workspace, *FIRST)
    outcome = put(workspace, "1,技术开发,1200,,2023-06-01,2023-07-01,,变更", confirm=False)
    told = outcome.to_json()["notes"]
    assert isinstance(told, list)
    lost = [note["column"] for note in told if note["code"] == "contract_known_loses"]
    assert lost == ["seller_adcode", "technology_value_fen"]


def test_a_unit_that_nobody_named_blocks_even_where_rows_may_be_skipped(workspace: Path) -> None:
    head = HEAD.replace("(元)", "")
    outcome = put(workspace, *FIRST, head=head, skip_rows=True)
    assert outcome.state == "blocked"
    report = outcome.to_json()
    assert report["unit_sums"] == {
        "元": 157_000, "万元": 1_570_000_000, "亿元": 15_700_000_000_000,
    }  # fmt: skip
    assert report["units"] == {}
    answered = put(workspace, *FIRST, head=head, options=ContractOptions(unit=MoneyUnit.WAN))
    assert answered.to_json()["totals"] == {
        "contract_count": 3,
        "contract_value_fen": 1_570_000_000,
        "technology_value_fen": 870_000_000,
        "unlocated_count": 1,
        "unlocated_value_fen": 70_000_000,
        "unanswered_place_count": 0,
        "unanswered_place_value_fen": 0,
        "left_out_value_fen": 0,
        "cancelled_count": 0,
    }


def test_a_unit_in_one_header_only_makes_no_false_errors(workspace: Path) -> None:
    head = HEAD.replace("成交额(元)", "成交额").replace("技术交易额(元)", "技术交易额(万元)")
    outcome = put(workspace, *FIRST, head=head)
    assert outcome.preview.counts["refused"] == 0


def test_every_row_is_in_the_report_with_its_reason_and_correction(workspace: Path) -> None:
    rows = ["4,技术开发,1,1,2023-06-01,,532331,", "5,不知道,1,1,2023-06-01,,530102,", FIRST[0]]
    outcome = put(workspace, *rows, confirm=False)
    report = outcome.to_json()
    assert report["accepted_row_ranges"] == [[4, 4]]
    assert the_one(outcome, "corrected")["corrections"] == [
        {"column": "seller_place", "from": "532331", "to": "532302"}
    ]
    refused = the_one(outcome, "refused")
    assert (refused["row"], refused["contract_id"]) == (3, "5")
    assert report["counts"] == {
        "accepted": 1, "corrected": 1, "doubtful": 0, "refused": 1, "excluded": 0,
    }  # fmt: skip


def test_another_import_between_preview_and_word_is_noticed(workspace: Path) -> None:
    planned = contract_import(
        "\n".join([HEAD, *FIRST]).encode(), "a.csv", workspace=workspace, gazetteer=gazetteer()
    )
    put(workspace, "1,技术开发,9,8,2023-06-01,2023-06-10,530102,登记")
    with pytest.raises(QueryError) as raised:
        planned.apply(workspace)
    assert raised.value.code == "import_register_moved"
    assert list(held(workspace).index) == ["1"]


def test_payments_are_added_once_and_contracts_stay(workspace: Path) -> None:
    put(workspace, *FIRST)
    rows = ["1,S1,10,发票,2023-08-01", "1,S1,10,发票,2023-08-01", "9,S2,5,发票,2023-09"]
    first = pay(workspace, *rows)
    assert (first.state, effect(first)) == ("applied", (3, 0, 0, 0))
    assert {p.code for p in first.plan.notes} == {"paid_without_contract"}
    assert first.to_json()["totals"] == {"payment_count": 3, "paid_value_fen": 2_500}
    again = pay(workspace, *rows)
    assert (again.state, again.snapshot_id) == ("unchanged", first.snapshot_id)
    longer = pay(workspace, *rows, "2,S1,7,发票,2023-10-01", file_name="到十月.csv")
    assert effect(longer) == (1, 0, 0, 3)
    assert sorted(paid(workspace)) == [500, 700, 1_000, 1_000]
    assert list(held(workspace).index) == ["1", "2", "3"]


def test_a_payment_without_an_amount_stops_all_until_it_is_left_out(workspace: Path) -> None:
    assert pay(workspace, "1,S1,,发票,").state == "blocked"
    assert pay(workspace, "1,S1,,发票,", skip_rows=True).state == "nothing"
    assert not workspace.exists()
