"""Which areas touch: sharing an edge or a single point makes neighbours (queen contiguity)."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def queen_neighbours(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return each pair of touching areas, in both directions.

    Touching is a matter of shared points, so nothing is measured and any CRS will do; the areas
    must come from one coverage, as the shipped boundaries do.

    Parameters
    ----------
    areas
        ``adcode`` and ``geometry``; boundaries of one level.

    Returns
    -------
    pandas.DataFrame
        Table ``county_neighbours``: ``adcode, neighbour_adcode``, by code.
    """
    shapes = areas.geometry.to_numpy()
    codes = areas["adcode"].to_numpy()
    own, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    is_pair = own != other
    pairs = pd.DataFrame(
        {
            "adcode": np.asarray(codes[own[is_pair]], dtype="object"),
            "neighbour_adcode": np.asarray(codes[other[is_pair]], dtype="object"),
        },
        dtype="str",
    )
    return pairs.sort_values(["adcode", "neighbour_adcode"], ignore_index=True)
