"""A contract whose place is open stays in the totals, before the answer and after it."""

from pathlib import Path

import pandas as pd
import pytest

from network_map.contracts.importing.apply import import_totals
from network_map.contracts.importing.reading import ContractOptions
from network_map.contracts.register.versions import current_contracts, read_contracts_of
from network_map.i18n import LANGUAGES
from tests.importing import RegisterOutcome, bring_contracts

HEAD = "合同登记编号,合同类型,成交额(元),技术交易额(元),签订日期,卖方所在地,买方所在地"
ROWS = (
    "1,技术开发,100,80,2023-06-01,大理,五华区",
    "2,技术开发,200,80,2023-06-01,五华区,五华区",
    "3,技术开发,300,80,2023-06-01,五华区,盘龙县",
    "4,技术开发,400,80,六月,五华区,五华区",
    "5,怪,500,80,2023-06-01,五华区,五华区",
    "6,技术开发,600,80,6/1/2023,大理,五华区",
)


def run(
    folder: Path, *, skip: bool = False, answers: dict[tuple[int | str, str], str] | None = None
) -> RegisterOutcome:
    content = "\n".join((HEAD, *ROWS)).encode()
    return bring_contracts(
        content,
        folder,
        file_name="合同.csv",
        options=ContractOptions(answers=answers or {}),
        confirm=True,
        skip_rows=skip,
    )


def test_open_places_count_before_and_after(tmp_path: Path) -> None:
    asked = run(tmp_path)
    assert asked.state == "blocked"
    totals = import_totals(asked.plan.preview)
    assert totals["contract_value_fen"] == 60_000
    assert (totals["unanswered_place_count"], totals["unanswered_place_value_fen"]) == (2, 40_000)
    assert totals["left_out_value_fen"] == 150_000
    for language in LANGUAGES:
        said = " ".join(asked.sentences(language))
        assert "2,100.00" in said
        assert "400.00" in said
        assert "{" not in said


def test_skipping_writes_them_without_a_place(tmp_path: Path) -> None:
    done = run(tmp_path, skip=True)
    assert done.state == "applied"
    assert done.left_out_rows == (5, 6, 7)
    snapshot = current_contracts(tmp_path)
    assert snapshot is not None
    held = read_contracts_of(snapshot, pd.Series(["1", "2", "3", "4", "5", "6"]))
    assert held["contract_value_fen"].sum() == 60_000
    places = held.sort_values("contract_id")[["seller_adcode", "buyer_adcode"]]
    assert places.isna().to_numpy().tolist() == [[True, False], [False, False], [False, True]]


@pytest.mark.parametrize("word", ["未定位", "暂记未定位", "unlocated"])
def test_an_answer_may_leave_the_place_open(tmp_path: Path, word: str) -> None:
    asked = run(tmp_path, answers={("大理", "seller_place"): word, (4, "buyer_place"): "盘龙区"})
    assert asked.preview.unanswered_rows == ()
    totals = import_totals(asked.plan.preview)
    assert totals["unlocated_count"] == 1
    assert totals["contract_value_fen"] == 60_000
