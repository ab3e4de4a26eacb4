"""Layers that a GeoPackage carries beside the rows of its bundle."""

from dataclasses import dataclass

import pandas as pd

from network_map.tables.columns import Table


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A further table of a file of several layers.

    Parameters
    ----------
    name
        Name of the layer.
    table
        Its rows; a GeoDataFrame in EPSG:4490 where the layer has places.
    declaration
        The declared table.
    is_demo
        Whether its rows belong to the demonstration; each row then says so.
    """

    name: str
    table: pd.DataFrame
    declaration: Table
    is_demo: bool = False
