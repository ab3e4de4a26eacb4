"""What a command reads of its options, says on the terminal, and writes to a file or a pipe."""

import errno
import io
import json
import os
import stat
import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO, TypeVar

from network_map.config import DATASETS, Settings
from network_map.errors import NetworkMapError, Problem, QueryError, TableError, WorkspaceError
from network_map.export import (
    BINARY_FORMATS,
    FORMATS,
    META_ENDING,
    Bundle,
    file_bytes,
    file_name,
    meta_bytes,
)
from network_map.i18n import LANGUAGES, count_text, error_text, problem_text, text
from network_map.places.query import AreaQuery
from network_map.places.reference import Places
from network_map.query import query_of_arguments

_STEERING = dict.fromkeys({*range(0x20), 0x7F} - {ord("\n"), ord("\t")}, "\ufffd")


def use_utf8() -> None:
    """Let the terminal take Chinese on every system, also where it is piped into a file."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(*lines: str, file: TextIO | None = None) -> None:
    """Print lines, on stdout by default; no sign in them steers the terminal."""
    try:
        for line in lines:
            print(line.translate(_STEERING), file=file or sys.stdout)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def error_lines(error: NetworkMapError, language: str) -> list[str]:
    """Return the sentence of an error, and one line for each problem of a table."""
    lines = [error_text(error, language)]
    if isinstance(error, TableError):
        lines += [f"  {problem_text(problem, language)}" for problem in error.problems]
    return lines


def problem_record(problem: Problem, language: str) -> dict[str, object]:
    """Return a problem for a program: its code and place, and its sentence."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "fix": problem.fix,
        "sentence": problem_text(problem, language),
    }


def refusal_record(error: NetworkMapError) -> dict[str, object]:
    """Return why a command did nothing, for a program, in both languages."""
    return {
        "applied": False,
        "state": "refused",
        "code": error.code,
        "message": {language: [error_text(error, language)] for language in LANGUAGES},
    }


def json_text(report: Mapping[str, object]) -> str:
    """Return a report as JSON."""
    return json.dumps(report, ensure_ascii=False, indent=1)


def _unsaid(error: OSError) -> WorkspaceError:
    """Return the error of a stdout that takes no more; what waits for it is let go."""
    quiet_stdout()
    return WorkspaceError("stdout_unwritable", detail=error.strerror or str(error))


def finish_stdout() -> None:
    """Send what was said on its way.

    Raises
    ------
    WorkspaceError
        If it cannot be: the disk behind it is full.
    """
    if sys.stdout is None:  # closed before the program began
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def quiet_stdout() -> None:
    """Give stdout a place to end: the reader of the pipe has gone."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stdout without a file behind it has nothing to flush
        return


def write_bytes(data: bytes, out: str | None) -> None:
    """Write a file whole or not at all; without a name, write to stdout.

    Raises
    ------
    WorkspaceError
        If the file cannot be written; an older file of that name is still there.
    """
    if out is None:
        _write_to_stdout(data)
        return
    path = Path(out)
    try:
        _replace(path, data)
    except (OSError, ValueError) as error:  # the name may hold what no name may
        detail = getattr(error, "strerror", None) or str(error)
        raise WorkspaceError("file_unwritable", file=str(path), detail=detail) from error


def _write_to_stdout(data: bytes) -> None:
    finish_stdout()
    if sys.stdout is None:
        detail = os.strerror(errno.EBADF)
        raise WorkspaceError("stdout_unwritable", detail=detail)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def check_free(out: str, *, overwrite: bool) -> None:
    """Refuse to write where something else lies.

    Parameters
    ----------
    out
        Where a file is to be written.
    overwrite
        Whether the person said that a file of that name may be replaced.

    Raises
    ------
    WorkspaceError
        If there is a file and nobody said so; if there is a link, a folder, a device or a pipe,
        whatever was said.
    """
    try:
        mode = os.lstat(out).st_mode
    except (OSError, ValueError):  # nothing there, or what the writing itself will say
        return
    if not stat.S_ISREG(mode):
        raise WorkspaceError("out_not_a_file", file=out)
    if not overwrite:
        raise WorkspaceError("out_exists", file=out)


def _replace(path: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
            draft.close()
            _as_readable_as_usual(Path(draft.name))
            Path(draft.name).replace(path)
        except OSError:
            draft.close()
            Path(draft.name).unlink(missing_ok=True)
            raise


def _as_readable_as_usual(path: Path) -> None:
    """A temporary file is private; a file for people has the usual rights."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


def wanted_format(arguments: Namespace) -> str:
    """Return the format that was asked for, by its name or by the ending of the file, else CSV.

    Raises
    ------
    QueryError
        If a binary file has no name.
    """
    ending = "" if arguments.out is None else Path(arguments.out).suffix.removeprefix(".").lower()
    name = str(arguments.format or (ending if ending in FORMATS else "csv"))
    if name in BINARY_FORMATS and arguments.out is None:
        raise QueryError("binary_to_terminal", format=name.upper())
    return name


def write_bundle(
    bundle: Bundle, format_name: str, arguments: Namespace, settings: Settings
) -> None:
    """Write a bundle, its description where one is wanted, and say so.

    Raises
    ------
    WorkspaceError
        If a file cannot be written.
    """
    slip = arguments.meta or _usual_slip(format_name, arguments.out)
    for out in filter(None, (arguments.out, slip)):
        check_free(out, overwrite=arguments.overwrite)
    data = file_bytes(bundle, format_name)
    write_bytes(data, arguments.out)
    if slip is not None:
        write_bytes(meta_bytes(bundle, {file_name(bundle, format_name): data}), slip)
    if arguments.out is not None:
        rows = count_text(len(bundle.table))
        say(text("cli.wrote", settings.language, rows=rows, file=arguments.out))


def dataset_of(named: str | None, settings: Settings) -> str | Path:
    """Return what to open: the name of a shipped data set, or the folder of a workspace."""
    name = named or settings.dataset
    if name == "own":
        return settings.workspace_dir
    return name if name in DATASETS else Path(name)


def _usual_slip(format_name: str, out: str | None) -> str | None:
    """Return where the description of a CSV file goes: it cannot hold its own."""
    if format_name != "csv" or out is None:
        return None
    return str(Path(out).with_suffix(f".{META_ENDING}"))


_Query = TypeVar("_Query", bound=AreaQuery)


def area_query(query: type[_Query], arguments: Namespace, places: Places, language: str) -> _Query:
    """Return the query that the options ask for; the prefecture may be named by a name.

    Raises
    ------
    QueryError
        If an option has a value that cannot be used.
    """
    asked = replace(query_of_arguments(query, arguments), language=language)
    if arguments.prefecture is None:
        return replace(asked, prefecture_adcode=None)
    from network_map.nodes.report import find_prefecture  # noqa: PLC0415 (only for a name)

    return replace(asked, prefecture_adcode=find_prefecture(places, arguments.prefecture))
