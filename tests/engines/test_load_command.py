"""A register goes to a real PostgreSQL by the command line, and is read there by it."""

import secrets
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from network_map.cli import main
from tests.engines.conftest import PG_GUARDED

pytestmark = pytest.mark.engine
REGISTER = """\
合同登记编号,合同类型,合同成交额(元),签订日期,卖方行政区划代码,买方行政区划代码
1,技术开发,1234567.89,2024-06-01,530102,530627
2,技术服务,0.01,2024-03-05,532504,110108
3,技术咨询,9999999999.99,2023-05-01,,530102
"""
LATER = "4,技术许可,7,2024-07-01,530627,530102\n"
ASKED = [
    "contracts", "--dataset", "own", "--by", "county", "--side", "both", "--period", "all",
    "--overwrite",
]  # fmt: skip


@dataclass(frozen=True)
class Shared:
    """A schema of a server, one account that fills it and one that may only look."""

    url: str
    filler: str
    looker: str
    password: str

    def as_user(self, name: str) -> str:
        """Return the address with the name of an account, never with its password."""
        return self.url.replace("postgres://", f"postgres://{name}@")


@pytest.fixture(scope="module")
def psycopg() -> ModuleType:
    """Return PostgreSQL's driver, which a plain setup does not bring."""
    return import_module("psycopg")


@pytest.fixture(scope="module")
def shared(postgres_url: str, psycopg: ModuleType) -> Shared:
    """Return a schema and two accounts that must give a password."""
    word, filler, looker = secrets.token_hex(16), "filler", "looker"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {PG_GUARDED}")
        for name in (filler, looker):
            connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{word}' IN ROLE {PG_GUARDED}")
        connection.execute(f"CREATE SCHEMA shared AUTHORIZATION {filler}")
        connection.execute(f"GRANT USAGE ON SCHEMA shared TO {looker}")
        connection.execute(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {filler} IN SCHEMA shared "
            f"GRANT SELECT ON TABLES TO {looker}"
        )
    host = postgres_url.partition("@")[2]
    return Shared(f"postgres://{host}/shared", filler, looker, word)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a workspace that holds the register, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    Path("register.csv").write_text(REGISTER, "utf-8")
    assert main(["import", "contracts", "register.csv", "--workspace", "w", "--yes"]) == 0
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", "w")


def loaded(url: str) -> int:
    return main(["load", "contracts", "--workspace", "w", "--to", url])


def test_what_is_loaded_reads_as_the_workspace_does_and_loading_twice_replaces_it(
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PGPASSWORD", shared.password)
    answers = []
    for content in (REGISTER, REGISTER + LATER):
        Path("register.csv").write_text(content, "utf-8")
        assert main(["import", "contracts", "register.csv", "--workspace", "w", "--yes"]) == 0
        assert loaded(shared.as_user(shared.filler)) == 0
        assert loaded(shared.as_user(shared.filler)) == 0
        monkeypatch.setenv("NETWORK_MAP_CONTRACTS", "duckdb://")
        assert main([*ASKED, "--out", "here.csv"]) == 0
        monkeypatch.setenv("NETWORK_MAP_CONTRACTS", shared.as_user(shared.looker))
        assert main([*ASKED, "--out", "there.csv"]) == 0
        assert Path("there.csv").read_bytes() == Path("here.csv").read_bytes()
        answers.append(Path("there.csv").read_text("utf-8-sig"))
    total = 123456789 + 1 + 999999999999
    assert str(total) in answers[0]
    assert str(total + 700) in answers[1]
    said = capsys.readouterr()
    assert "合同 4 份" in said.out
    assert shared.password not in said.out + said.err


def test_an_account_that_may_only_look_can_ask_and_cannot_load(
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PGPASSWORD", shared.password)
    assert loaded(shared.as_user(shared.filler)) == 0
    capsys.readouterr()
    assert loaded(shared.as_user(shared.looker)) == 1
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1
    assert shared.password not in refusal
    monkeypatch.setenv("NETWORK_MAP_CONTRACTS", shared.as_user(shared.looker))
    assert main([*ASKED, "--out", "there.csv"]) == 0


@pytest.mark.parametrize("password", ["wrong" * 3, None])
def test_a_wrong_or_missing_password_is_a_sentence_that_does_not_say_it(
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str | None,
) -> None:
    if password is None:
        monkeypatch.delenv("PGPASSWORD", raising=False)
    else:
        monkeypatch.setenv("PGPASSWORD", password)
    url = shared.as_user(shared.filler)
    capsys.readouterr()
    assert loaded(url) == 1
    monkeypatch.setenv("NETWORK_MAP_CONTRACTS", url)
    assert main([*ASKED, "--out", "there.csv"]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 2
    assert all(word not in said.err for word in ("wrongwrong", shared.filler, "Traceback"))
    assert not Path("there.csv").exists()


def test_a_server_that_is_not_reachable_is_a_sentence_and_the_workspace_stays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert loaded("postgres://somebody@127.0.0.1:1/x") == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "127.0.0.1:1" in said.err
    assert "somebody" not in said.err
    assert main([*ASKED, "--out", "here.csv"]) == 0


def test_a_password_in_the_address_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert loaded("postgres://somebody:hidden@127.0.0.1:1/x") == 1
    said = capsys.readouterr()
    assert "PGPASSWORD" in said.err
    assert "hidden" not in said.out + said.err
