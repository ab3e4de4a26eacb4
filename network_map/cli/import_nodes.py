"""``network-map import nodes``: a planner's list into a workspace, previewed before it counts."""

from argparse import Namespace
from pathlib import Path

from network_map.cli.output import json_text, refusal_record, say
from network_map.config import Settings
from network_map.datasets.node_outcome import ImportOutcome, run_import
from network_map.errors import NetworkMapError
from network_map.i18n import count_text, problem_text, text
from network_map.nodes.importing.options import import_options
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.words import parse_new_kind

_GOOD = frozenset({"applied", "unchanged", "waiting"})


def run(arguments: Namespace, settings: Settings) -> int:
    """Import or preview a node list; return 1 if rows stand in the way, nothing applied then.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    QueryError
        If an option cannot be understood.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    try:
        outcome = run_import(
            Path(arguments.file),
            settings.workspace_dir,
            options=_options(arguments),
            complete=arguments.complete,
            confirm=arguments.yes,
            skip_rows=arguments.skip_bad_rows,
        )
    except NetworkMapError as error:
        if arguments.json:
            say(json_text(refusal_record(error)))
        raise
    if arguments.json:
        say(json_text(outcome.to_json()))
    else:
        say(*_lines(outcome, settings))
    return 0 if outcome.state in _GOOD else 1


def _options(arguments: Namespace) -> NodeListOptions:
    return import_options(
        default_kind=arguments.default_kind,
        new_kinds=[parse_new_kind(words) for words in arguments.new_kind],
        kind_words=arguments.kind_word,
        answers=arguments.answer,
        exclude_rows=arguments.exclude_row,
        columns=arguments.column,
        origin=arguments.origin,
        source=arguments.source,
        sheet=arguments.sheet,
        header_row=arguments.header_row,
    )


def _lines(outcome: ImportOutcome, settings: Settings) -> list[str]:
    """Return every problem in row order, then what is taken, then the result."""
    language = settings.language
    problems = (*outcome.preview.problems, *outcome.notes)
    kinds = outcome.preview.node_kinds
    name = "kind_name_zh" if language == "zh" else "kind_name_en"
    names = dict(zip(kinds["kind"], kinds[name], strict=True))
    totals = [
        text("cli.import_total", language, name=names[kind], count=count_text(count))
        for kind, count in outcome.totals.items()
    ]
    workspace = text("cli.import_workspace", language, folder=settings.workspace_dir)
    return [
        *(problem_text(problem, language) for problem in problems),
        *totals,
        *outcome.sentences(language),
        workspace,
    ]
