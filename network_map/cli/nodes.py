"""``network-map nodes``: the list of nodes, byte for byte as the page hands it out."""

import re
from argparse import Namespace

from network_map.cli.output import dataset_of, wanted_format, write_bundle
from network_map.config import Settings
from network_map.datasets.open import open_dataset
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import open_places

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
    format_name = wanted_format(arguments)
    bundle = nodes_bundle(
        open_dataset(dataset_of(arguments.dataset, settings)),
        open_places(),
        prefecture_adcode=arguments.prefecture,
        kinds=_kinds(arguments.kind),
        language=settings.language,
    )
    write_bundle(bundle, format_name, arguments, settings)
    return 0


def _kinds(asked: list[str] | None) -> tuple[str, ...] | None:
    if asked is None:
        return None
    return tuple(kind for words in asked for kind in _BETWEEN_KINDS.split(words) if kind.strip())
