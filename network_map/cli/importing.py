"""``network-map import``: a planner's list into a workspace, previewed before it counts.

``network-map load contracts``: a workspace's register to a shared database or folder.
"""

# What reads a kind of list is imported when one is given: no other kind needs its libraries.
# ruff: noqa: PLC0415

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from network_map.cli.output import json_text, refusal_record, say
from network_map.config import Settings
from network_map.errors import NetworkMapError
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.headers import Synonyms
from network_map.listfiles.preview import MOST_DESCRIBED, Options, options_in_words
from network_map.terms import KindScheme
from network_map.workspace.imports import ImportOutcome, ImportPlan, carried_out

_GOOD = frozenset({"applied", "unchanged", "waiting"})
_PLACES = ("source", "sheet", "header_row")


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
    workspace = settings.workspace_dir
    plan: dict[str, Callable[..., ImportPlan[Any]]] = {
        "nodes": _nodes,
        "contracts": _contracts,
        "payments": _payments,
        "osm-roads": partial(_roads, language=settings.language),
    }
    make: Callable[..., ImportPlan[Any]] = plan.get(arguments.what, _small_list)
    try:
        outcome = carried_out(
            make(arguments, workspace),
            workspace,
            confirm=arguments.yes,
            skip_rows=arguments.skip_bad_rows,
        )
    except NetworkMapError as error:
        if arguments.json:
            say(json_text(refusal_record(error)))
        raise
    say(*([json_text(outcome.to_json())] if arguments.json else _lines(outcome, settings)))
    return 0 if outcome.state in _GOOD else 1


def _nodes(arguments: Namespace, workspace: Path) -> ImportPlan[Any]:
    from network_map.datasets.imports import node_import, preview_node_list
    from network_map.nodes.importing.coordinates import parse_system
    from network_map.nodes.importing.preview import NodeListOptions
    from network_map.nodes.importing.words import (
        NODE_SYNONYMS,
        parse_kind_words,
        parse_new_kind,
    )

    system = arguments.coordinate_system
    options = NodeListOptions(
        default_kind=arguments.default_kind,
        new_kinds=tuple(parse_new_kind(words) for words in arguments.new_kind),
        kind_words=parse_kind_words(arguments.kind_word),
        coordinate_system=None if system is None else parse_system(system),
        **_place(arguments),
    )
    said = _said(arguments, options, NODE_SYNONYMS)
    preview = preview_node_list(Path(arguments.file), None, said, workspace=workspace)
    return node_import(preview, workspace, complete=arguments.complete)


def _small_list(arguments: Namespace, workspace: Path) -> ImportPlan[Any]:
    from network_map.datasets.imports import SMALL_LISTS, preview_list, small_list_import
    from network_map.listfiles.preview import ListOptions

    what = arguments.what
    options = _said(arguments, ListOptions(**_place(arguments)), SMALL_LISTS[what].columns)
    preview = preview_list(what, Path(arguments.file), None, options, workspace=workspace)
    return small_list_import(preview, workspace)


def _roads(arguments: Namespace, workspace: Path, *, language: str) -> ImportPlan[Any]:
    from network_map.datasets.imports import ROADS, preview_list, small_list_import
    from network_map.nodes.importing.travel_times import RoadOptions
    from network_map.reach.travel_times import told_of_reading

    def tell(step: str, count: int) -> None:
        say(text(f"travel.step_{step}", language, count=count_text(count)), file=sys.stderr)

    options = RoadOptions(source=arguments.source, speeds=tuple(arguments.speed))
    with told_of_reading(tell):
        preview = preview_list(ROADS, Path(arguments.file), None, options, workspace=workspace)
    return small_list_import(preview, workspace)


def _contracts(arguments: Namespace, workspace: Path) -> ImportPlan[Any]:
    from network_map.contracts.importing.apply import contract_import
    from network_map.contracts.importing.cells import parse_unit
    from network_map.contracts.importing.headers import CONTRACT_SYNONYMS
    from network_map.contracts.importing.reading import ContractOptions

    options = ContractOptions(
        unit=parse_unit(arguments.unit),
        scheme=None if arguments.scheme is None else KindScheme(arguments.scheme),
        **_place(arguments),
    )
    return contract_import(
        Path(arguments.file),
        options=_said(arguments, options, CONTRACT_SYNONYMS),
        workspace=workspace,
        replaces_known=arguments.replace,
        most_described=_most_described(arguments),
    )


def _payments(arguments: Namespace, workspace: Path) -> ImportPlan[Any]:
    from network_map.contracts.importing.apply import payment_import
    from network_map.contracts.importing.cells import parse_unit
    from network_map.contracts.importing.headers import PAID_SYNONYMS
    from network_map.contracts.importing.reading import ContractOptions

    options = ContractOptions(unit=parse_unit(arguments.unit), **_place(arguments))
    return payment_import(
        Path(arguments.file),
        options=_said(arguments, options, PAID_SYNONYMS),
        workspace=workspace,
        most_described=_most_described(arguments),
    )


def _place(arguments: Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in _PLACES}


def _said(arguments: Namespace, options: Options, known: Synonyms) -> Options:
    return options_in_words(
        options,
        known,
        columns=arguments.column,
        answers=arguments.answer,
        exclude_rows=arguments.exclude_row,
        origin=arguments.origin,
    )


def _most_described(arguments: Namespace) -> int:
    """Return how much is said: a program gets every row with its reason, a person the first."""
    return sys.maxsize if arguments.json else MOST_DESCRIBED


def _lines(outcome: ImportOutcome[Any], settings: Settings) -> list[str]:
    """Return every problem in row order, then what is taken, then the result."""
    language, preview = settings.language, outcome.preview
    problems = (*preview.problems, *outcome.plan.notes)
    more = text("cli.import_problems_more", language, most=count_text(MOST_DESCRIBED))
    return [
        *(problem_text(problem, language) for problem in problems),
        *([more] if preview.has_capped_problems else []),
        *outcome.plan.totals_told(language),
        *outcome.sentences(language),
        text("cli.import_workspace", language, folder=settings.workspace_dir),
    ]


def run_remove(arguments: Namespace, settings: Settings) -> int:
    """Take own driving times or figures out of the workspace, once it is confirmed.

    Raises
    ------
    QueryError
        If there are none.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    from network_map.datasets import REMOVABLE, held_list, remove_list

    workspace, language = settings.workspace_dir, settings.language
    words = f"removal.{REMOVABLE[arguments.what]}"
    if not arguments.yes:
        held = held_list(workspace, arguments.what)
        say(text(f"{words}.{'waiting' if held else 'nothing'}", language, held=held))
        return 0
    done = remove_list(workspace, arguments.what)
    say(text(f"{words}.done", language, snapshot_id=done.snapshot_id))
    return 0


def run_load(arguments: Namespace, settings: Settings) -> int:
    """Load the register and say where it is now.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError, DamagedFileError
        If there is no register to load, or the place cannot be written.
    """
    from network_map.contracts.register.open import load_register

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
