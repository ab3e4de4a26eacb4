"""A bundle as a file of the wanted format: what every command that lists something does last."""

from argparse import Namespace
from pathlib import Path

from network_map.cli.terminal import say, write_bytes
from network_map.config import DATASETS, Settings
from network_map.errors import QueryError
from network_map.export import (
    BINARY_FORMATS,
    FORMATS,
    META_ENDING,
    Bundle,
    file_bytes,
    file_name,
    meta_bytes,
)
from network_map.i18n import count_text, text


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
    data = file_bytes(bundle, format_name)
    write_bytes(data, arguments.out)
    slip = arguments.meta or _usual_slip(format_name, arguments.out)
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
