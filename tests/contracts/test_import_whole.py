"""From the file to the workspace: damaged, enormous or killed, the register is old or new."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from network_map.cli import main
from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.reading import ContractOptions
from network_map.contracts.register.versions import contract_history, current_contracts
from network_map.contracts.tables import CONTRACTS
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text
from network_map.tables.check import check
from tests.contracts import import_writer
from tests.contracts.stored_register import read_tables
from tests.contracts.test_import_guards import with_part, workbook
from tests.contracts.test_import_laws import BOOKS, TEXTS, damaged, damaged_inside, seeded
from tests.contracts.ugly_lists import HEAD, REFUSED, ROW, UGLY
from tests.importing import RegisterOutcome, bring_contracts
from tests.paths import CONTRACT_LISTS
from tests.shipped import gazetteer
from tests.workspace.test_crash import Writer

pytestmark = pytest.mark.long

needs_kill = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
LONGEST_SECONDS = 0.8
LONGEST_FILE_SECONDS = 20


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "工作区"
    import_writer.put(folder, "甲")
    return folder


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace for tests that change nothing."""
    folder = tmp_path_factory.mktemp("contracts") / "工作区"
    import_writer.put(folder, "甲")
    return folder


def fingerprint(workspace: Path) -> str:
    """Return a hash of every file of a workspace, its lock left out."""
    digest = sha256()
    for path in sorted(workspace.rglob("*")):
        if path.is_file() and path.name != ".lock":
            digest.update(str(path.relative_to(workspace)).encode() + path.read_bytes())
    return digest.hexdigest()


def imported(content: bytes | Path, workspace: Path, name: str, *, confirm: bool) -> str:
    """Import a file; return its state, or the code of its refusal."""
    options = ContractOptions(unit=MoneyUnit.YUAN)
    try:
        outcome: RegisterOutcome = bring_contracts(
            content, workspace, file_name=name, options=options, confirm=confirm,
            skip_rows=True, replaces_known=True, gazetteer=gazetteer(),
        )  # fmt: skip
    except FileFormatError as error:
        return error.code if all(error_text(error, one) for one in LANGUAGES) else "silent"
    json.dumps(outcome.to_json(), ensure_ascii=False)
    return outcome.state


def without_a_line(content: bytes, chance: Random) -> bytes:
    """Return a text that lost a line, and can still be read."""
    lines = content.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def damage_and_import(workspace: Path, chance: Random, *, count: int, confirm_each: int) -> None:
    """Import damaged files; now and then one is confirmed, and the register must stay whole."""
    contents = {path: path.read_bytes() for path in (*TEXTS, *BOOKS)}
    before, states = fingerprint(workspace), set()
    for number in range(count):
        path = chance.choice(BOOKS if number % 25 == 0 else TEXTS)
        kind = chance.random()
        if contents[path].startswith(b"PK"):
            content = (damaged_inside if kind < 0.7 else damaged)(contents[path], chance)
        else:
            content = (without_a_line if kind < 0.3 else damaged)(contents[path], chance)
        began = monotonic()
        confirm = number % confirm_each == 1
        state = imported(content, workspace, "名单", confirm=confirm)
        assert monotonic() - began < LONGEST_FILE_SECONDS
        states.add(state)
        if state == "applied":
            before = fingerprint(workspace)
            snapshot = current_contracts(workspace, is_verified=True)
            assert snapshot is not None
            check(CONTRACTS, read_tables(snapshot).contracts)
        else:
            assert fingerprint(workspace) == before
    assert {"applied", "waiting"} <= states
    assert "silent" not in states


@pytest.mark.law
def test_damaged_files_leave_the_register_alone_or_whole(workspace: Path) -> None:
    damage_and_import(workspace, seeded(4), count=90, confirm_each=3)


@pytest.mark.law
@pytest.mark.slow
def test_two_thousand_damaged_files_leave_the_register_alone_or_whole(workspace: Path) -> None:
    damage_and_import(workspace, seeded(5), count=2_000, confirm_each=50)


@pytest.mark.parametrize("name", [*UGLY, *REFUSED])
def test_an_ugly_file_without_the_word_leaves_the_register_alone(standing: Path, name: str) -> None:
    before = fingerprint(standing)
    state = imported(CONTRACT_LISTS / name, standing, name, confirm=False)
    if name in REFUSED:
        assert state == REFUSED[name][1]
    elif UGLY[name].options.columns:  # headings that say nothing without a person's word
        assert state == "contract_no_header"
    else:
        assert state in {"waiting", "blocked", "nothing"}
    assert fingerprint(standing) == before


# --- what a file may ask of the machine ---------------------------------------------------------


def too_much(name: str, path: Path) -> Path:
    """Write a file that asks too much, or cannot be read."""
    rows = [HEAD.split(","), ROW.split(",")]
    content = {
        "zip_bomb": with_part(workbook(rows), "xl/media/bomb.bin", bytes(50_000_000)),
        "many_columns": workbook(rows, columns=16_384),
        "long_cell": f"{HEAD}\n{ROW}\n2,{'长' * 1_000_000},1,1,,\n".encode(),
        "encrypted": bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
        "upload_of_200_mb": b"PK\x03\x04",
    }[name]
    path.write_bytes(content)
    if name == "upload_of_200_mb":
        with path.open("r+b") as file:
            file.truncate(200_000_001)  # a hole: nothing is written to the disk
    return path


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zip_bomb", "file_unpacks_too_large"),
        ("many_columns", "file_columns_too_many"),
        ("long_cell", "file_cell_too_long"),
        ("encrypted", "file_encrypted"),
        ("upload_of_200_mb", "file_too_big"),
    ],
)
def test_a_file_that_asks_too_much_is_a_sentence_and_no_workspace(
    name: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = too_much(name, tmp_path / "合同.xlsx")
    told = ["--workspace", str(tmp_path / "w"), "--yes", "--json"]
    assert main(["import", "contracts", str(path), *told]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["code"] == code
    assert said.err.count("\n") == 1
    assert not (tmp_path / "w").exists()


# --- killed -------------------------------------------------------------------------------------


@pytest.fixture
def writer(workspace: Path) -> Iterator[Writer]:
    program = Writer(workspace, import_writer)
    yield program
    program.close()


def the_one_seller(workspace: Path) -> str:
    """Return the seller that all contracts share, after checking that the register is whole."""
    snapshot = current_contracts(workspace, is_verified=True)
    assert snapshot is not None
    contracts = read_tables(snapshot).contracts
    assert len(contracts) == import_writer.CONTRACTS
    (name,) = set(contracts["seller_name"])
    assert contract_history(workspace)[-1].snapshot_id == snapshot.snapshot_id
    return str(name)


def kill(writer: Writer, workspace: Path, times: int) -> set[str]:
    """Return the sellers that were found after each kill."""
    seen = set()
    for number in range(times):
        child = writer.ask("forever")
        # A spread of moments without pattern, the same in every run.
        threading.Event().wait(LONGEST_SECONDS * (number * 0.618034 % 1))
        os.kill(child, signal.SIGKILL)
        assert writer.ask("") == -signal.SIGKILL
        seen.add(the_one_seller(workspace))
    return seen


@needs_kill
def test_an_import_killed_at_some_moments_leaves_the_old_register_or_the_new(
    writer: Writer, workspace: Path
) -> None:
    assert kill(writer, workspace, 4) <= {"卖方甲", "卖方乙"}


@pytest.mark.slow
@needs_kill
def test_an_import_killed_at_fifty_moments_leaves_the_old_register_or_the_new(
    writer: Writer, workspace: Path
) -> None:
    seen = kill(writer, workspace, 50)
    assert seen <= {"卖方甲", "卖方乙"}
    import_writer.put(workspace, "丙")
    assert the_one_seller(workspace) == "卖方丙"
