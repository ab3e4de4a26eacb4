"""``network-map import contracts`` and ``payments``: into the contract register of a workspace.

``network-map load contracts``: a workspace's register to a shared database or folder.
"""

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from network_map.cli.output import json_text, refusal_record, say
from network_map.config import Settings
from network_map.contracts.importing.outcome import (
    RegisterOutcome,
    contract_options,
    has_capped_problems,
    run_contract_import,
)
from network_map.contracts.register.open import load_register
from network_map.errors import NetworkMapError
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.preview import MOST_DESCRIBED

_GOOD = frozenset({"applied", "unchanged", "waiting"})


def run(arguments: Namespace, settings: Settings) -> int:
    """Import or preview a list; return 1 if rows stand in the way, nothing applied then.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as such a list.
    QueryError
        If an option cannot be understood.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    try:
        outcome = _outcome(arguments, settings)
    except NetworkMapError as error:
        if arguments.json:
            say(json_text(refusal_record(error)))
        raise
    if arguments.json:
        say(json_text(outcome.to_json()))
    else:
        say(*_lines(outcome, settings))
    return 0 if outcome.state in _GOOD else 1


def _outcome(arguments: Namespace, settings: Settings) -> RegisterOutcome:
    is_payments = arguments.what == "payments"
    options = contract_options(
        payments=is_payments,
        unit=arguments.unit,
        scheme=None if is_payments else arguments.scheme,
        answers=arguments.answer,
        exclude_rows=arguments.exclude_row,
        columns=arguments.column,
        origin=arguments.origin,
        source=arguments.source,
        sheet=arguments.sheet,
        header_row=arguments.header_row,
    )
    return run_contract_import(
        Path(arguments.file),
        settings.workspace_dir,
        payments=is_payments,
        options=options,
        replaces_known=not is_payments and arguments.replace,
        confirm=arguments.yes,
        skip_rows=arguments.skip_bad_rows,
        # A program gets every row with its reason; a person reads the first of each kind.
        most_described=sys.maxsize if arguments.json else MOST_DESCRIBED,
    )


def _lines(outcome: RegisterOutcome, settings: Settings) -> list[str]:
    """Return every problem in row order, then what is taken, then the result."""
    language = settings.language
    preview = outcome.planned.preview
    problems = (*preview.problems, *outcome.planned.notes)
    more = text("cli.import_problems_more", language, most=count_text(MOST_DESCRIBED))
    workspace = text("cli.import_workspace", language, folder=settings.workspace_dir)
    return [
        *(problem_text(problem, language) for problem in problems),
        *([more] if has_capped_problems(preview) else []),
        *outcome.sentences(language),
        workspace,
    ]


def run_load(arguments: Namespace, settings: Settings) -> int:
    """Load the register and say where it is now.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError, DamagedFileError
        If there is no register to load, or the place cannot be written.
    """
    try:
        done = load_register(settings.workspace_dir, arguments.to)
    except NetworkMapError as error:
        if arguments.json:
            say(json_text(refusal_record(error)))
        raise
    if arguments.json:
        say(json_text({"loaded": True, **asdict(done)}))
        return 0
    say(
        text(
            "cli.loaded", settings.language,
            address=done.address, snapshot_id=done.snapshot_id,
            contracts=count_text(done.contract_count), payments=count_text(done.payment_count),
        )
    )  # fmt: skip
    return 0
