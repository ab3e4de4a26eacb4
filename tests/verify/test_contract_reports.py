"""Every file of the contract page says how to make it again, and is held to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from network_map.cli import main
from network_map.config import Settings, load_settings
from network_map.contracts import report as files
from network_map.contracts.query import (
    ContractMeasure,
    ContractPeriod,
    ContractQuery,
    ContractSide,
    span_of,
)
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.register.open import open_contract_register, open_contract_version
from network_map.contracts.tables import POLICY_INDICATORS
from network_map.contracts.target import subsidy_table, target_of, target_progress
from network_map.datapackage import read_table
from network_map.datasets import open_dataset
from network_map.export import FORMATS, META_ENDING, Bundle
from network_map.places.reference import Places
from network_map.terms import AdminLevel, ContractKind
from network_map.verify import read_claim, verify
from network_map.verify.reports import REPORTS, derive
from tests.importing import bring_contracts
from tests.verify.planting import exported, planted

pytestmark = pytest.mark.long

HEAD = (
    "合同登记编号,合同类型,合同成交额(元),签订日期,卖方行政区划代码,买方行政区划代码,"
    "知识产权,卖方名称"
)
KINDS, SELLERS, BUYERS = (
    ("技术开发", "技术服务", "技术许可"), ("530102", "530627", "532501"),
    ("530103", "530627", "110000"),
)  # fmt: skip
LINES = [
    HEAD,
    *(
        f"530100{2022 + n % 3}{n:06d},{KINDS[n % 3]},{1000 + 37 * n},"
        f"{2022 + n % 3}-0{1 + n % 9}-1{n % 9},{SELLERS[n % 3]},{BUYERS[n % 3]},发明专利,甲{n % 4}"
        for n in range(60)
    ),
]
PAID = (
    "合同登记编号,服务机构名称,服务机构编号,实收金额(元),到账日期\n"
    "5301002022000000,甲中心,F1,500,2023-04-05\n"
)
QUERY = ContractQuery(
    language="en", prefecture_adcode="530600", side=ContractSide.BOTH,
    measure=ContractMeasure.NUMBER, level=AdminLevel.COUNTY, period=ContractPeriod.QUARTER,
    year=2023, part=2, kinds=(ContractKind.DEVELOPMENT, ContractKind.SERVICE),
)  # fmt: skip
CONTRACT_REPORTS = [name for name, report in REPORTS.items() if report.is_of_register]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts") / "工作区"
    content = "\n".join(LINES).encode()
    bring_contracts(content, folder, file_name="合同.csv", confirm=True)
    bring_contracts(PAID.encode(), folder, file_name="实收.csv", payments=True, confirm=True)
    return folder


@pytest.fixture(scope="module")
def register(workspace: Path) -> Iterator[OpenContracts]:
    opened = open_contract_register("own", settings_of(workspace))
    assert opened is not None
    yield opened
    opened.close()


def settings_of(workspace: Path) -> Settings:
    return load_settings({"NETWORK_MAP_WORKSPACE": str(workspace)})


Derived = Callable[[str, ContractQuery], Bundle]


@pytest.fixture(scope="module")
def made(register: OpenContracts, places: Places) -> Derived:
    def bundle(report: str, query: ContractQuery) -> Bundle:
        name = report.removeprefix("contract_")
        if name == "season":
            goal = target_of(read_table(POLICY_INDICATORS))
            progress = target_progress(register, goal, span_of(query, register.as_of))
            assert progress is not None
            return files.season_bundle(register, places, query, progress)
        if name == "subsidy":
            estimate = subsidy_table(register, query.language)
            assert estimate is not None
            return files.subsidy_bundle(register, places, query, estimate)
        one = {"places": "place", "cuts": "cut", "flows": "flow", "parties": "party"}.get(
            name, name
        )
        made_bundle: Bundle = getattr(files, f"{one}_bundle")(register, places, query)
        return made_bundle

    return bundle


@pytest.mark.parametrize("report", CONTRACT_REPORTS)
def test_a_contract_file_agrees_with_its_recipe_and_a_changed_one_does_not(
    report: str, made: Derived, places: Places, workspace: Path
) -> None:
    contracts = partial(open_contract_version, "own", settings_of(workspace))
    public = open_dataset("public")
    whole, part = made(report, ContractQuery()), made(report, QUERY)
    for bundle, format_name in ((whole, "csv"), (whole, META_ENDING), (part, "xlsx")):
        data, slip = exported(bundle, format_name)
        found = verify(read_claim(data, "x", slip), places, public, contracts=contracts)
        assert found.is_same, [p.code for p in found.findings]
    assert part.recipe is not None
    again = derive(part.recipe, places, public, contracts=contracts)
    assert again.table.equals(part.table)
    assert len(whole.table)
    data, slip = exported(replace(whole, table=whole.table.iloc[:-1]), "csv")
    found = verify(read_claim(data, "x", slip), places, public, contracts=contracts)
    assert not found.is_same


def test_maps_of_contracts_agree_too(made: Derived, places: Places, workspace: Path) -> None:
    contracts = partial(open_contract_version, "own", settings_of(workspace))
    bundle = made("contract_places", ContractQuery())
    for format_name in (name for name in FORMATS if name in {"gpkg", "geojson"}):
        data, slip = exported(bundle, format_name)
        found = verify(
            read_claim(data, "x", slip), places, open_dataset("public"), contracts=contracts
        )
        assert found.is_same


def test_the_command_line_verifies_a_contract_file_by_the_version_it_names(
    workspace: Path,
    made: Derived,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(workspace))
    data, slip = exported(made("contract_cuts", QUERY), "csv")
    (tmp_path / "合同.csv").write_bytes(data)
    (tmp_path / f"合同.{META_ENDING}").write_bytes(slip)
    # A later import makes another version; the file is still held to its own.
    later = "\n".join([LINES[0], LINES[1].replace("5301002022", "5301002029")])
    bring_contracts(later.encode(), workspace, file_name="新.csv", confirm=True)
    assert main(["verify", str(tmp_path / "合同.csv")]) == 0, capsys.readouterr()
    changed, _ = planted((data, slip), "csv", b"5", b"6")
    (tmp_path / "合同.csv").write_bytes(changed)
    assert main(["verify", str(tmp_path / "合同.csv")]) == 1
