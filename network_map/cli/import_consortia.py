"""``network-map import consortia``, ``industries``, ``centre-activity``: into a workspace."""

import json
from argparse import Namespace
from pathlib import Path

from network_map.cli.output import say
from network_map.config import Settings
from network_map.datasets.list_import import LIST_COLUMNS, run_list_import
from network_map.i18n import problem_text, text
from network_map.nodes.importing.options import import_options

_GOOD = frozenset({"applied", "unchanged", "waiting"})


def run(arguments: Namespace, settings: Settings) -> int:
    """Import or preview a list; return 1 if rows stand in the way, nothing applied then.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    QueryError
        If an option cannot be understood.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    outcome = run_list_import(
        arguments.what,
        Path(arguments.file),
        settings.workspace_dir,
        options=import_options(
            answers=arguments.answer,
            exclude_rows=arguments.exclude_row,
            columns=arguments.column,
            origin=arguments.origin,
            source=arguments.source,
            sheet=arguments.sheet,
            header_row=arguments.header_row,
            known_columns=LIST_COLUMNS[arguments.what],
        ),
        confirm=arguments.yes,
        skip_rows=arguments.skip_bad_rows,
    )
    if arguments.json:
        say(json.dumps(outcome.to_json(), ensure_ascii=False, indent=1))
    else:
        language = settings.language
        say(
            *(problem_text(problem, language) for problem in outcome.preview.problems),
            *outcome.sentences(language),
            text("cli.import_workspace", language, folder=settings.workspace_dir),
        )
    return 0 if outcome.state in _GOOD else 1
