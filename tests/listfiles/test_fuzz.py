"""Files of every kind and format damaged by chance: a clean table or a sentence, nothing else."""

import random
import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.consortia.tables import CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.contracts.importing.apply import contract_import, payment_import
from network_map.contracts.register.versions import current_contracts
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datasets.imports import (
    node_import,
    preview_list,
    preview_node_list,
    small_list_import,
)
from network_map.errors import FileFormatError, NetworkMapError, QueryError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.nodes.tables import NODES
from network_map.places.tables import COUNTY_FIGURES
from network_map.tables.check import check
from network_map.workspace.imports import ImportPlan, carried_out
from network_map.workspace.register import current_id
from tests.importing import bring_nodes
from tests.listfiles.every_list import CLEAN, READERS, table_of
from tests.listfiles.forked_readers import forked_readers
from tests.listfiles.mutations import MAP_FILES, damaged, seed, written
from tests.shipped import gazetteer, reference
from tests.written import FORMATS, delimited

DECLARED = {
    "nodes": NODES, "contracts": CONTRACTS, "payments": PAID_VALUES,
    "consortia": CONSORTIUM_MEMBERS, "industries": COUNTY_INDUSTRY,
    "centre-activity": CENTRE_ACTIVITY, "county-indicators": COUNTY_FIGURES,
}  # fmt: skip
KINDS = (*FORMATS, "parquet")
MOST_SECONDS, MOST_MEGABYTES = 5.0, 400


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with centres, so that a list of their work can be confirmed too."""
    folder = tmp_path_factory.mktemp("fuzz") / "工作区"
    rows = delimited(CLEAN["nodes"])
    bring_nodes(rows, folder, file_name="名单.csv", confirm=True, reference=reference())
    return folder


@pytest.fixture(scope="module", autouse=True)
def _readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with forked_readers(tmp_path_factory.mktemp("readers")):
        yield


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail if the process grows by more than a few hundred megabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_MEGABYTES * 1024


def sentence(error: NetworkMapError) -> str:
    """Return the code of an error that is a sentence in both languages."""
    assert all(error_text(error, language) for language in LANGUAGES)
    return error.code


def judged(what: str, content: bytes) -> str:
    """Return a file's refusal or the state of its preview, which is fit to be shown and kept."""
    begun = process_time()
    try:
        found = READERS[what](content, "名单")
    except FileFormatError as error:
        return sentence(error)
    finally:
        assert process_time() - begun < MOST_SECONDS
    check(DECLARED[what], table_of(found))
    for problem in found.problems:
        assert all(problem_text(problem, language) for language in LANGUAGES)
    return found.state(confirm=False, skip_rows=True)


def plan_of(what: str, content: bytes, workspace: Path) -> ImportPlan[Any]:
    """Return a list judged against a workspace, as pages and the command line do."""
    if what == "contracts":
        return contract_import(content, "名单", workspace=workspace, gazetteer=gazetteer())
    if what == "payments":
        return payment_import(content, "名单", workspace=workspace)
    if what == "nodes":
        nodes = preview_node_list(content, "名单", workspace=workspace, reference=reference())
        return node_import(nodes, workspace, gazetteer=gazetteer())
    small = preview_list(what, content, "名单", workspace=workspace, gazetteer=gazetteer())
    return small_list_import(small, workspace)


def held(workspace: Path) -> tuple[str | None, str | None]:
    """Return the versions of the two registers of a workspace."""
    contracts = current_contracts(workspace)
    return current_id(workspace), None if contracts is None else contracts.snapshot_id


def confirmed(what: str, content: bytes, workspace: Path) -> str:
    """Return what becomes of a file that is confirmed; nothing changes before, or unless it is."""
    before = held(workspace)
    try:
        plan = plan_of(what, content, workspace)
        carried_out(plan, workspace, confirm=False, skip_rows=True)
        assert held(workspace) == before
        state = carried_out(plan, workspace, confirm=True, skip_rows=True).state
    except (FileFormatError, QueryError) as error:
        state = sentence(error)
    assert (held(workspace) != before) is (state == "applied"), state
    return state


def run(what: str, kind: str, number: int, workspace: Path, *, confirm_one_in: int) -> str:
    """Make one file, and return what becomes of it."""
    chance = random.Random(f"{what} {kind} {number}")  # noqa: S311 - the same files every time
    is_whole = kind not in MAP_FILES and chance.random() < 0.5
    content = written(chance, what, kind) if is_whole else damaged(chance, seed(what, kind))
    if number % confirm_one_in == 0:
        return confirmed(what, content, workspace)
    return judged(what, content)


@pytest.mark.law
@pytest.mark.parametrize("what", CLEAN)
def test_some_damaged_files_are_a_table_or_a_sentence(what: str, workspace: Path) -> None:
    for kind in KINDS:
        for number in range(2):
            run(what, kind, number, workspace, confirm_one_in=2)


@pytest.mark.law
@pytest.mark.parametrize("kind", MAP_FILES)
def test_some_damaged_map_files_are_a_table_or_a_sentence(kind: str, workspace: Path) -> None:
    for number in range(4):
        run("nodes", kind, number, workspace, confirm_one_in=2)


HOW_MANY = dict.fromkeys(CLEAN, 140) | {"nodes": 60, "contracts": 60, "payments": 100}
"""Files of a kind of list in each format; the longest lists to read are the fewest."""
FEW = {"parquet": 20}


@pytest.mark.slow
@pytest.mark.parametrize("what", CLEAN)
@pytest.mark.usefixtures("bounded")
def test_thousands_of_damaged_files_are_a_table_or_a_sentence(what: str, workspace: Path) -> None:
    states = Counter(
        run(what, kind, number, workspace, confirm_one_in=25)
        for kind in KINDS
        for number in range(FEW.get(kind, HOW_MANY[what]))
    )
    # The damage is neither harmless nor deadly: all ways out are taken.
    assert {"waiting", "blocked", "applied"} <= states.keys()
    assert len(states) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAP_FILES)
@pytest.mark.usefixtures("bounded")
def test_hundreds_of_damaged_map_files_are_a_table_or_a_sentence(
    kind: str, workspace: Path
) -> None:
    states = Counter(run("nodes", kind, n, workspace, confirm_one_in=25) for n in range(120))
    assert len(states) >= 2
