"""A register goes in by the command line, and from there to a shared place."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from network_map.cli import main
from network_map.contracts.register.tables import ContractTables
from network_map.contracts.register.versions import current_contracts
from tests.contracts.stored_register import read_tables
from tests.paths import DOCS

pytestmark = pytest.mark.long

DOCUMENT = DOCS / "import.md"
Ask = Callable[..., tuple[int, dict[str, Any]]]
GOOD = (
    "合同登记编号,合同类型,合同额,技术交易额,签订日期,卖方行政区划代码\n"
    "1,技术开发,10.5,8,2023-06-01,530102\n"
    "2,技术服务,1,1,2023.6.1,532331\n"
)
BAD = GOOD.replace("532331", "大理") + "3,不知道,1,1,2023-06-01,530102\n"
PAID = "合同登记编号,服务机构名称,实收金额(元),到账日期\n1,某技术转移中心,100.25,2023-08-01\n"
TOLD = ["--workspace", "w", "--unit", "万元", "--column", "合同额=contract_value"]


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.csv").write_bytes(GOOD.encode("gb18030"))
    Path("bad.csv").write_text(BAD, "utf-8")
    Path("paid.csv").write_text(PAID, "utf-8")


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command with ``--json``; return its exit code and its report."""

    def ask(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return ask


def register() -> ContractTables:
    snapshot = current_contracts(Path("w"))
    assert snapshot is not None
    return read_tables(snapshot)


def test_without_yes_a_register_is_shown_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", "contracts", "good.csv", *TOLD]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "成交额 115,000.00 元" in said.out
    assert "532302" in said.out
    assert "--yes" in said.out
    assert not Path("w").exists()


def test_with_yes_the_register_is_the_workspace_and_the_report_says_all(asked: Ask) -> None:
    code, report = asked("import", "contracts", "good.csv", *TOLD, "--yes")
    assert (code, report["state"], report["applied"]) == (0, "applied", True)
    assert report["totals"]["contract_value_fen"] == 11_500_000
    assert report["totals"]["technology_value_fen"] == 9_000_000
    assert report["units"] == {"contract_value": "万元", "technology_value": "万元"}
    assert [row["row"] for row in report["accepted"]] == [2]
    assert [row["row"] for row in report["corrected"]] == [3]
    assert report["corrected"][0]["corrections"][0]["to"] == "532302"
    assert report["file"]["encoding"] == "gb18030"
    assert len(register().contracts) == 2
    again = asked("import", "contracts", "good.csv", *TOLD, "--yes")[1]
    assert (again["state"], again["snapshot_id"]) == ("unchanged", report["snapshot_id"])


@pytest.mark.parametrize(
    ("word", "fen"),
    [("元", 1_150), ("万元", 11_500_000), ("亿元", 115_000_000_000), ("10k_yuan", 11_500_000),
     ("yuan", 1_150), ("100m_yuan", 115_000_000_000)],
)  # fmt: skip
def test_units_are_taken_in_both_languages(asked: Ask, word: str, fen: int) -> None:
    code, report = asked("import", "contracts", "good.csv", "--workspace", "w", "--unit", word)
    assert (code, report["totals"]["contract_value_fen"]) == (0, fen)


def test_what_is_not_listed_is_said_and_json_lists_it(
    asked: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "合同登记编号,合同类型,合同成交额(元)\n"
    rows = [f"{number:06d},技术开发,不详数\n" for number in range(1_003)]
    Path("many.csv").write_text(head + "".join(rows), encoding="utf-8")
    Path("few.csv").write_text(head + "".join(rows[:9]), encoding="utf-8")
    more = "同一种问题只列出前 1,000 条;加 --json 列出全部。"
    for file, is_said in (("many.csv", True), ("few.csv", False)):
        assert main(["import", "contracts", file, *TOLD]) == 1
        assert (more in capsys.readouterr().out) is is_said
    report = asked("import", "contracts", "many.csv", *TOLD)[1]
    assert len(report["refused"]) == len(rows)


def test_a_unit_nobody_named_stops_all_and_the_sums_are_shown(asked: Ask) -> None:
    told = ["import", "contracts", "good.csv", "--workspace", "w", "--yes", "--skip-bad-rows"]
    code, report = asked(*told)
    assert (code, report["state"]) == (1, "blocked")
    assert report["unit_sums"]["万元"] == 11_500_000
    assert not Path("w").exists()


def test_a_doubtful_row_is_never_taken_silently_but_answered_or_left_out(asked: Ask) -> None:
    told = ["import", "contracts", "bad.csv", *TOLD, "--yes"]
    code, report = asked(*told)
    assert (code, report["state"]) == (1, "blocked")
    assert [row["row"] for row in report["doubtful"]] == [3]
    assert [row["row"] for row in report["refused"]] == [4]
    assert all(report["refused"][0]["problems"][0][language] for language in ("zh", "en"))
    assert not Path("w").exists()
    answered = [*told, "--answer", "3=大理市", "--answer", "4:contract_kind=技术开发"]
    code, report = asked(*answered)
    assert (code, report["counts"]["refused"]) == (0, 0)
    assert list(register().contracts["seller_adcode"]) == ["530102", "532901", "530102"]


def test_an_answer_by_the_text_settles_every_row_that_says_so(asked: Ask) -> None:
    told = ["import", "contracts", "bad.csv", *TOLD, "--yes"]
    code, report = asked(*told, "--answer", "大理=532901", "--exclude-row", "4")
    assert (code, report["counts"]["excluded"]) == (0, 1)
    assert report["left_out_rows"] == [4]
    code, report = asked(*told, "--skip-bad-rows")
    assert (code, report["left_out_rows"]) == (0, [3, 4])


@pytest.mark.parametrize(
    "words",
    [["--unit", "两"], ["--column", "合同额=nothing"], ["--answer", "大理"],
     ["--answer", "3:nothing=1"], ["--origin", "heard"], ["--scheme", "six"]],
)  # fmt: skip
def test_words_that_mean_nothing_are_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["import", "contracts", "good.csv", "--workspace", "w", *words]
    assert main(told) in {1, 2}
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("what", ["contracts", "payments"])
def test_a_file_that_is_no_list_is_a_sentence_and_json_for_a_program(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", what, "none.csv", "--workspace", "w", "--yes", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["applied"] is False
    assert said.err.count("\n") == 1
    assert not Path("w").exists()


def test_payments_go_beside_the_contracts_and_all_of_it_to_a_shared_place(
    asked: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", "contracts", "--to", "duckdb:///x", "--workspace", "w"]) == 1
    assert "import contracts" in capsys.readouterr().err
    assert asked("import", "contracts", "good.csv", *TOLD, "--yes")[0] == 0
    code, report = asked("import", "payments", "paid.csv", "--workspace", "w", "--yes")
    assert (code, report["totals"]) == (0, {"payment_count": 1, "paid_value_fen": 10_025})
    assert len(register().contracts) == 2
    target = Path("shared").resolve()
    told = ["load", "contracts", "--workspace", "w"]
    assert main([*told, "--to", f"duckdb://{target}"]) == 0
    assert "合同 2 份,实收 1 笔" in capsys.readouterr().out
    there = current_contracts(target)
    assert there is not None
    assert there.snapshot_id == report["snapshot_id"]
    code, refused = asked(*told, "--to", "mysql://host/database")
    assert (code, refused["code"]) == (1, "contracts_url_unknown")


@pytest.mark.promise
def test_every_command_of_the_documents_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = GOOD.encode()
    for name in ("合同.xlsx", "contracts.xlsx"):
        write_workbook(Path(name), content.decode())
    for name in ("实收.csv", "paid.csv"):
        Path(name).write_text(PAID, "utf-8")
    blocks = re.findall(r"```sh\n(.+?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    asked = [
        shlex.split(line)[1:] for line in lines if " contracts " in line or " payments " in line
    ]  # the others have their own tests
    assert len(asked) == 8
    for words in asked:
        told = [word.replace("/srv/contracts", str(tmp_path / "shared")) for word in words]
        assert main(told) == 0, capsys.readouterr()
    assert current_contracts(tmp_path / "shared") is not None


def write_workbook(path: Path, text: str) -> None:
    """Write lines of text as a workbook."""
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(text.splitlines()):
            sheet.write_row(number, 0, line.split(","))
