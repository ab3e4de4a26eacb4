"""The reference tables that every data set shares."""

from network_map.schema.dataset import Places
from network_map.sources.divisions import open_gazetteer
from network_map.sources.node_list import NodeListReference
from network_map.sources.node_points import Ground
from network_map.sources.package import read_boundaries, read_table
from network_map.terms import AdminLevel


def open_places() -> Places:
    """Return the shipped tables of places.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return Places(
        divisions=read_table("divisions"),
        county_seats=read_table("county_seats"),
        division_aliases=read_table("division_aliases"),
        county_indicators=read_table("county_indicators"),
        prefecture_indicators=read_table("prefecture_indicators"),
    )


def open_reference() -> NodeListReference:
    """Return what a node list is read against.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    seats = read_table("county_seats")[["adcode", "lon", "lat"]]
    counties = read_boundaries(AdminLevel.COUNTY)
    return NodeListReference(
        gazetteer=open_gazetteer(read_table("divisions"), read_table("division_aliases")),
        node_kinds=read_table("node_kinds"),
        ground=Ground(
            {adcode: (lon, lat) for adcode, lon, lat in seats.itertuples(index=False, name=None)},
            dict(zip(counties["adcode"], counties.geometry, strict=True)),
        ),
    )
