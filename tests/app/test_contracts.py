"""The contract page without a browser, and the command line beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from network_map.app.kit import memo as cached
from network_map.cli import main
from network_map.contracts.query import ContractQuery, ContractSide
from network_map.contracts.register.open import (
    contract_register_id,
    demo_contract_register,
    open_contract_register,
)
from network_map.contracts.register.versions import commit_contracts
from network_map.contracts.report import place_bundle, places_stem
from network_map.export import file_bytes
from network_map.terms import AdminLevel
from tests.app.test_pages import opened, texts
from tests.contracts.stored_register import whole_register
from tests.contracts.world import Row, tables_of
from tests.shipped import places
from tests.workspace.writer import MOVE

pytestmark = pytest.mark.page

ROWS: list[Row] = [
    {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
        "seller_adcode": seller, "buyer_adcode": "440000", "contract_value_fen": value,
        "signed_on": signed, "ip_kind": "patent",
    }
    for seller, value, signed in (
        ("530627", 12_345_678_901, "2024-03-05"), ("530102", 99, "2023-02-01"),
        (None, 7, "2024-01-01"),
    )
]  # fmt: skip


@pytest.fixture
def own_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with a register of three contracts."""
    folder = tmp_path / "workspace"
    commit_contracts(folder, lambda _: whole_register(tables_of(ROWS)), MOVE)
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(folder))
    cached.settings.clear()
    yield folder
    monkeypatch.undo()
    cached.settings.clear()


@pytest.mark.usefixtures("own_contracts")
def test_an_own_register_is_opened_from_the_workspace_until_its_last_day() -> None:
    settings = cached.settings()
    found = open_contract_register("own", settings)
    assert found is not None
    assert (found.register_id, str(found.as_of)) == (contract_register_id(settings), "2024-03-05")
    assert found.origins == ("synthetic",)
    assert open_contract_register("public", settings) is None
    assert open_contract_register(settings.workspace_dir / "nothing", settings) is None


@pytest.mark.usefixtures("own_contracts")
def test_the_page_of_an_own_register_speaks_one_language_and_keeps_its_choices_in_the_link() -> (
    None
):
    app = opened("contracts", dataset="own", side="absorption", by="prefecture", lang="zh")
    told = " ".join(texts(app))
    assert "仅含本省登记" in told
    assert "1.23 亿元" in told
    assert app.query_params["side"] == "absorption"
    app.selectbox(key="contract_side").set_value("both").run()
    assert app.query_params["side"] == "both"
    assert app.query_params["year"] == "2024"
    assert [error.message for error in app.exception] == []


def test_a_link_with_a_bad_choice_is_said_and_the_page_is_shown(
    own_contracts: Path,
) -> None:
    assert own_contracts.is_dir()
    app = opened("contracts", dataset="own", side="sideways", year="1999", lang="zh")
    assert any("sideways" in warning.value for warning in app.warning)
    assert any("1999" in info.value for info in app.info)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_the_command_line_writes_the_bytes_of_the_page(
    own_contracts: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"out.{ending}"
    asked = ["--by", "prefecture", "--side", "both", "--year", "2024", "--out", str(out)]
    assert main(["contracts", "--dataset", str(own_contracts), *asked]) == 0
    opened_register = open_contract_register(own_contracts, cached.settings())
    assert opened_register is not None
    query = ContractQuery(side=ContractSide.BOTH, level=AdminLevel.PREFECTURE, year=2024)
    bundle = place_bundle(opened_register, places(), query)
    assert out.read_bytes() == file_bytes(bundle, ending)
    assert bundle.file_stem == places_stem(opened_register, query)


def test_what_the_command_cannot_do_is_a_sentence(
    own_contracts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(own_contracts)
    assert main(["contracts", "--dataset", "public"]) == 1
    assert "没有合同登记" in capsys.readouterr().err
    assert main(["contracts", "--dataset", folder, "--period", "quarter", "--part", "5"]) == 1
    assert "--part" in capsys.readouterr().err
    assert main(["contracts", "--dataset", folder, "--kind", "礼物"]) == 1
    assert "礼物" in capsys.readouterr().err
    assert main(["contracts", "--dataset", folder, "--kind", "技术服务", "--field", "energy"]) == 0
    assert capsys.readouterr().out.startswith("\ufeff位次")


def test_the_demonstration_register_is_marked_and_reaches_its_cut_off_date() -> None:
    found = demo_contract_register()
    assert (found.is_demo, found.origins, str(found.as_of)) == (True, ("synthetic",), "2025-12-31")
    bundle = place_bundle(found, places(), ContractQuery(level=AdminLevel.PREFECTURE))
    assert bundle.is_demo
    total = bundle.table.iloc[-1]
    assert (total["contract_count"], total["contract_value_fen"]) == (25_005, 3_173_517_647_489)
