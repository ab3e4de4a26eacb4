"""``network-map verify`` (an earlier export derived again) and ``check`` (the shipped data)."""

import json
from argparse import Namespace
from functools import partial
from pathlib import Path

from network_map.catalog import SHIPPED, check_package
from network_map.cli.output import problem_record, say
from network_map.config import Settings
from network_map.contracts.register.open import open_contract_version
from network_map.datapackage import data_root
from network_map.datasets import open_dataset, open_snapshot
from network_map.errors import (
    DamagedFileError,
    MissingFileError,
    QueryError,
    Severity,
    WorkspaceError,
)
from network_map.export import META_ENDING, MOST_BYTES, format_of
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.table import read_file
from network_map.nodes.dataset import Dataset
from network_map.places.reference import open_places
from network_map.terms import DatasetName
from network_map.verify import (
    MOST_FINDINGS,
    Claim,
    Verification,
    not_opened,
    read_claim,
    verify,
)
from network_map.verify.reports import is_of_register

_MOST_SHOWN = 50


def run(arguments: Namespace, settings: Settings) -> int:
    """Say whether an export agrees with its recipe; return 1 if not.

    Raises
    ------
    FileFormatError
        If the file is none that this program exported.
    MissingFileError
        If there is no such file, or no description beside a CSV file.
    """
    claim = read_exported(Path(arguments.file), arguments.meta)
    found = _verified(claim, settings)
    if arguments.json:
        say(json.dumps(_report(claim, found, settings.language), ensure_ascii=False, indent=1))
    else:
        say(*_lines(claim, found, settings.language))
    return 0 if found.is_same else 1


def read_exported(path: Path, meta: str | None = None) -> Claim:
    """Return what an exported file says of itself.

    Parameters
    ----------
    path
        The file.
    meta
        The description of a CSV file; the one beside it by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If it is none that this program exported, or there is no such file or description.
    """
    data = read_file(path, max_bytes=MOST_BYTES)
    return read_claim(data, path.name, _sidecar(path, data, meta))


def _verified(claim: Claim, settings: Settings) -> Verification:
    try:
        dataset = recipe_dataset(claim, settings)
    except (WorkspaceError, DamagedFileError) as error:
        return not_opened(claim, error)
    contracts = partial(open_contract_version, claim.recipe.dataset_name, settings)
    return verify(claim, open_places(), dataset, contracts=contracts)


def recipe_dataset(claim: Claim, settings: Settings) -> Dataset:
    """Return the data set of the recipe, for a workspace the very snapshot.

    What is made of a contract register alone asks nothing of one: then it is the public one.
    """
    name = claim.recipe.dataset_name
    if is_of_register(claim.recipe):
        return open_dataset(DatasetName.PUBLIC.value)
    if name in set(DatasetName):
        return open_dataset(name)
    if name != "own":
        raise QueryError("dataset_unknown", value=name)
    return open_snapshot(settings.workspace_dir, claim.recipe.dataset_id)


def _sidecar(path: Path, data: bytes, named: str | None) -> bytes | None:
    """Return the description beside a CSV file; other files carry theirs."""
    if format_of(data) != "csv":
        return None
    if named is not None:
        return read_file(Path(named), max_bytes=MOST_BYTES)
    beside = path.with_suffix(f".{META_ENDING}")
    if not beside.is_file():
        raise MissingFileError("verify_no_meta", file=path.name, meta=beside.name)
    return read_file(beside, max_bytes=MOST_BYTES)


def _lines(claim: Claim, found: Verification, language: str) -> list[str]:
    notes = [problem_text(note, language) for note in found.notes]
    if found.is_same:
        same = text(
            "cli.verify_same", language,
            file=claim.file_name, rows=count_text(found.row_count or 0),
            report=claim.recipe.report, dataset=claim.recipe.dataset_id,
        )  # fmt: skip
        return [same, *notes]
    at_least = "≥ " if len(found.findings) >= MOST_FINDINGS else ""
    count = f"{at_least}{count_text(len(found.findings))}"
    differs = text("cli.verify_differs", language, file=claim.file_name, count=count)
    lines = [f"  {problem_text(p, language)}" for p in found.findings[:_MOST_SHOWN]]
    rest = len(found.findings) - len(lines)
    more = [text("cli.verify_more", language, count=count_text(rest))] if rest else []
    return [differs, *notes, *lines, *more]


def _report(claim: Claim, found: Verification, language: str) -> dict[str, object]:
    return {
        "same": found.is_same,
        "file": claim.file_name,
        "format": claim.format_name,
        "edited": claim.is_edited,
        "row_count": found.row_count,
        "recipe": claim.recipe.as_json(),
        "findings": [problem_record(problem, language) for problem in found.findings],
        "notes": [problem_record(problem, language) for problem in found.notes],
    }


def run_check(arguments: Namespace, settings: Settings) -> int:
    """Check the data package, say everything that is wrong, and return 1 if anything is."""
    language = settings.language
    problems = check_package()
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    if arguments.json:
        found = [problem_record(problem, language) for problem in problems]
        report = {"ok": not failed, "table_count": len(SHIPPED), "problems": found}
        say(json.dumps(report, ensure_ascii=False, indent=1))
        return int(failed)
    say(*(problem_text(problem, language) for problem in problems))
    verdict = "check_failed" if failed else "check_passed"
    values = {"tables": len(SHIPPED), "problems": len(problems), "folder": data_root()}
    say(text(f"cli.{verdict}", language, **values))
    return int(failed)
