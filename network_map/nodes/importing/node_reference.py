"""What a node list is read against: gazetteer, kinds of node, county shapes and seats."""

from network_map.datapackage import read_table
from network_map.nodes.importing.node_points import Ground
from network_map.nodes.importing.preview import NodeListReference
from network_map.nodes.tables import NODE_KINDS
from network_map.places.gazetteer import open_gazetteer
from network_map.places.reference import read_boundaries
from network_map.places.tables import COUNTY_SEATS, DIVISION_ALIASES, DIVISIONS
from network_map.terms import AdminLevel


def open_reference() -> NodeListReference:
    """Return what a node list is read against.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    seats = read_table(COUNTY_SEATS)[["adcode", "lon", "lat"]]
    counties = read_boundaries(AdminLevel.COUNTY)
    return NodeListReference(
        gazetteer=open_gazetteer(read_table(DIVISIONS), read_table(DIVISION_ALIASES)),
        node_kinds=read_table(NODE_KINDS),
        ground=Ground(
            {adcode: (lon, lat) for adcode, lon, lat in seats.itertuples(index=False, name=None)},
            dict(zip(counties["adcode"], counties.geometry, strict=True)),
        ),
    )
