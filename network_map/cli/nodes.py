"""``network-map nodes``: the list of nodes, byte for byte as the page hands it out."""

import re
from argparse import Namespace
from pathlib import Path

from network_map.answers.nodes import nodes_bundle
from network_map.cli.terminal import say, write_bytes
from network_map.config import DATASETS, Settings
from network_map.errors import QueryError
from network_map.export import (
    BINARY_FORMATS,
    FORMATS,
    META_ENDING,
    file_bytes,
    file_name,
    meta_bytes,
)
from network_map.i18n import count_text, text
from network_map.workspace import open_dataset, open_places

_BETWEEN_KINDS = re.compile(r"[,;、,;]")


def run(arguments: Namespace, settings: Settings) -> int:
    """Write the nodes of a data set.

    Raises
    ------
    QueryError
        If the data set, prefecture or kind is unknown, or a binary file has no name.
    WorkspaceError
        If a file cannot be written.
    """
    format_name = arguments.format or format_of(arguments.out)
    if format_name in BINARY_FORMATS and arguments.out is None:
        raise QueryError("binary_to_terminal", format=format_name.upper())
    bundle = nodes_bundle(
        open_dataset(dataset_of(arguments.dataset, settings)),
        open_places(),
        prefecture_adcode=arguments.prefecture,
        kinds=_kinds(arguments.kind),
        language=settings.language,
    )
    data = file_bytes(bundle, format_name)
    write_bytes(data, arguments.out)
    slip = arguments.meta or _usual_slip(format_name, arguments.out)
    if slip is not None:
        write_bytes(meta_bytes(bundle, {file_name(bundle, format_name): data}), slip)
    if arguments.out is not None:
        rows = count_text(len(bundle.table))
        say(text("cli.wrote", settings.language, rows=rows, file=arguments.out))
    return 0


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


def format_of(out: str | None) -> str:
    """Return the format that the ending of a file asks for, else CSV."""
    ending = "" if out is None else Path(out).suffix.removeprefix(".").lower()
    return ending if ending in FORMATS else "csv"


def _kinds(asked: list[str] | None) -> tuple[str, ...] | None:
    if asked is None:
        return None
    return tuple(kind for words in asked for kind in _BETWEEN_KINDS.split(words) if kind.strip())
