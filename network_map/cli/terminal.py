"""What a command says and writes: sentences on the terminal, bytes to a file or a pipe."""

import io
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

from network_map.errors import NetworkMapError, Problem, TableError, WorkspaceError
from network_map.i18n import LANGUAGES, error_text, problem_text


def use_utf8() -> None:
    """Let the terminal take Chinese on every system, also where it is piped into a file."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(*lines: str, file: TextIO | None = None) -> None:
    """Print lines, on stdout by default."""
    for line in lines:
        print(line, file=file or sys.stdout)


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
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    try:
        _replace(path, data)
    except OSError as error:
        detail = error.strerror or str(error)
        raise WorkspaceError("file_unwritable", file=str(path), detail=detail) from error


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
