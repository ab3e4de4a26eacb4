"""``network-map nodes``: the list of nodes, byte for byte as the page hands it out."""

from argparse import Namespace

from network_map.cli.output import dataset_of, wanted_format, write_bundle
from network_map.config import Settings
from network_map.datasets.open import open_dataset
from network_map.nodes.query import NodeListQuery
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import open_places
from network_map.query import query_of_arguments


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
    query = query_of_arguments(NodeListQuery, arguments)
    bundle = nodes_bundle(
        open_dataset(dataset_of(arguments.dataset, settings)),
        open_places(),
        prefecture_adcode=query.prefecture_adcode,
        kinds=query.kinds,
        language=settings.language,
    )
    write_bundle(bundle, format_name, arguments, settings)
    return 0
