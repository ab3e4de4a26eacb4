"""One question, three engines, the same table; and servers that refuse are sentences."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from network_map.contracts.register.engine import ContractRegister, fetch
from network_map.contracts.register.open import load_contracts, open_register
from network_map.contracts.register.tables import ROLLUPS
from network_map.contracts.register.versions import (
    ContractSnapshot,
    commit_contracts,
    current_contracts,
)
from network_map.contracts.volumes import total
from network_map.errors import NetworkMapError, WorkspaceError
from network_map.i18n import LANGUAGES, error_text
from network_map.terms import ContractKind, ContractStatus, IpKind, TechnologyField
from tests.contracts.imported_register import import_register
from tests.contracts.questions import QUESTIONS
from tests.contracts.stored_register import whole_register
from tests.contracts.world import DATES, PLACES, Row, tables_of
from tests.workspace.writer import MOVE

# PySpark leaves sockets to the collector, and calls pandas by keywords that are going away.
pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark.*"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ROW_COUNT = 400


def some_rows() -> list[Row]:
    """Return contracts of every sort, the same in every run; some are worth 10**15 fen."""
    dice = Random(20240611)  # noqa: S311 (a test's data, no secret)
    choices: dict[str, list[Any]] = {
        "contract_kind": [kind.value for kind in ContractKind],
        "kind_scheme": ["four", "five"],
        "contract_status": [status.value for status in ContractStatus],
        "seller_adcode": PLACES,
        "buyer_adcode": PLACES,
        "seller_name": ["卖方0001", '卖"方,\n0002', "\\.", None],
        "buyer_name": ["买方0001", "买方0002", "a\tb", None],
        "technology_field": [*[field.value for field in TechnologyField], None],
        "ip_kind": [*[kind.value for kind in IpKind], None],
        "technology_value_fen": [None, 0, 1, 10**15],
        "is_related_party": [True, False, None],
        "signed_on": [*DATES, None],
    }
    return [
        {
            **{name: dice.choice(values) for name, values in choices.items()},
            "contract_value_fen": dice.randrange(10**15),
        }
        for _ in range(ROW_COUNT)
    ]


def some_payments() -> list[Row]:
    dice = Random(3)  # noqa: S311 (the same)
    return [
        {
            "number": dice.randrange(ROW_COUNT + 20),
            "service_body_id": dice.choice(["甲", "乙", "丙", None]),
            "paid_value_fen": dice.choice([dice.randrange(10**6), 10**14, 3333333333]),
            "paid_on": dice.choice(["2023-05-01", "2024", "2022", None]),
        }
        for _ in range(150)
    ]


@pytest.fixture(scope="module")
def psycopg() -> ModuleType:
    """Return PostgreSQL's driver, which a plain setup does not bring."""
    return import_module("psycopg")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> ContractSnapshot:
    workspace = tmp_path_factory.mktemp("工作区")
    tables = tables_of(some_rows(), some_payments())
    commit_contracts(workspace, lambda _: whole_register(tables), MOVE)
    found = current_contracts(workspace)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def registers(
    snapshot: ContractSnapshot, postgres_url: str, spark_options: str
) -> Iterator[dict[str, ContractRegister]]:
    workspace = snapshot.folder.parents[2]
    load_contracts(snapshot, postgres_url, MOVE)
    urls = {
        "duckdb": "duckdb://",
        "postgres": postgres_url,
        "pyspark": f"pyspark://?{spark_options}",
    }
    opened = {name: open_register(url, workspace) for name, url in urls.items()}
    yield {name: register for name, register in opened.items() if register is not None}
    for name in ("postgres", "pyspark"):
        register = opened[name]
        assert register is not None
        register.backend.disconnect()


@pytest.mark.parametrize("question", QUESTIONS)
def test_three_engines_give_the_same_table(
    registers: dict[str, ContractRegister], question: str
) -> None:
    answers = {}
    for name, register in registers.items():
        assert register.paid_values is not None
        asked = QUESTIONS[question](register.contracts, register.paid_values)
        answers[name] = fetch(register, asked)
    assert set(answers) == {"duckdb", "postgres", "pyspark"}
    assert not answers["duckdb"].empty
    pd.testing.assert_frame_equal(answers["postgres"], answers["duckdb"])
    pd.testing.assert_frame_equal(answers["pyspark"], answers["duckdb"])


@pytest.mark.parametrize("engine", ["duckdb", "postgres", "pyspark"])
def test_the_register_and_its_rollups_add_up_on_each_engine(
    registers: dict[str, ContractRegister], engine: str
) -> None:
    live = [row for row in some_rows() if row["contract_status"] != "cancelled"]
    value = sum(row["contract_value_fen"] for row in live)
    register = registers[engine]
    for name in ("contracts", *(rollup.name for rollup in ROLLUPS)):
        found = fetch(register, total(register.tables[name]))
        assert found["contract_count"].tolist() == [len(live)]
        assert found["contract_value_fen"].tolist() == [value]


def test_an_imported_file_sums_to_the_fen_on_each_engine(
    tmp_path: Path, postgres_url: str, spark_options: str, psycopg: ModuleType
) -> None:
    dice = Random(7)  # noqa: S311 (a test's data, no secret)
    expected = import_register(tmp_path, [dice.randrange(10**12) for _ in range(200)])
    snapshot = current_contracts(tmp_path)
    assert snapshot is not None
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA imported")
    load_contracts(snapshot, f"{postgres_url}/imported", MOVE)
    for url in ("duckdb://", f"{postgres_url}/imported", f"pyspark://?{spark_options}"):
        register = open_register(url, tmp_path)
        assert register is not None
        for name in ("contracts", *(rollup.name for rollup in ROLLUPS)):
            found = fetch(register, total(register.tables[name]))
            assert found["contract_value_fen"].tolist() == [expected], (url, name)
        if not url.startswith("pyspark"):  # other tests still ask this Spark
            register.close()


def test_all_engines_know_the_version(registers: dict[str, ContractRegister]) -> None:
    assert len({register.register_id for register in registers.values()}) == 1


def test_a_database_is_read_and_never_changed(
    registers: dict[str, ContractRegister], psycopg: ModuleType
) -> None:
    connection = registers["postgres"].backend.con
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("DELETE FROM contracts")


def test_loading_again_replaces_the_register_and_keeps_the_rights(
    snapshot: ContractSnapshot, postgres_url: str, psycopg: ModuleType
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA again")
    url = f"{postgres_url}/again"
    load_contracts(snapshot, url, MOVE)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON again.contracts TO PUBLIC")
        load_contracts(snapshot, url, MOVE)
        rights = "SELECT has_table_privilege('pg_monitor', 'again.contracts', 'SELECT')"
        assert connection.execute(rights).fetchone() == (True,)
        counted = connection.execute("SELECT count(*) FROM again.contracts").fetchone()
    assert counted == (ROW_COUNT,)


def test_a_load_that_fails_leaves_the_old_register(
    snapshot: ContractSnapshot,
    postgres_url: str,
    registers: dict[str, ContractRegister],
    psycopg: ModuleType,
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA broken")
        connection.execute("CREATE TABLE broken.contract_register (other integer)")
    with pytest.raises(WorkspaceError) as error:
        load_contracts(snapshot, f"{postgres_url}/broken", MOVE)
    assert error.value.code == "contracts_not_written"
    with psycopg.connect(postgres_url) as connection:
        there = connection.execute("SELECT to_regclass('broken.contracts')").fetchone()
    assert there == (None,)
    assert fetch(registers["postgres"], total(registers["postgres"].contracts)).size


def sentences(error: NetworkMapError) -> list[str]:
    return [error_text(error, language) for language in LANGUAGES]


def test_a_database_without_a_register_is_a_sentence(postgres_url: str, tmp_path: Path) -> None:
    base = postgres_url.removesuffix("/postgres")
    with pytest.raises(WorkspaceError) as error:
        open_register(f"{base}/template1", tmp_path)
    assert all("network-map load contracts" in text for text in sentences(error.value))


@pytest.mark.parametrize(
    "url", ["postgres://somebody@127.0.0.1:1/x", "postgres:///x?host=/nowhere"]
)
def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(WorkspaceError) as error:
        open_register(url, tmp_path)
    assert error.value.code == "contracts_server_silent"
    assert all("somebody" not in text for text in sentences(error.value))
