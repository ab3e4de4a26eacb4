"""The nodes of a data set as the browser reads them: made once, fetched once."""

import hashlib
import json

import pandas as pd

from network_map.maps.spec import NodeLayer
from network_map.maps.symbols import TIER_RADIUS_PX
from network_map.terms import AdminLevel, Origin

INVENTED_ORIGINS = (Origin.ASSUMED, Origin.SYNTHETIC)
"""Origins whose nodes are drawn hollow."""

_DEGREE_DIGITS = 6
_TEXT_COLUMNS = ("node_id", "kind", "node_name", "adcode", "prefecture_adcode")
_CODE_COLUMNS = ("status", "origin", "location_origin")


def node_layer(nodes: pd.DataFrame, node_kinds: pd.DataFrame) -> NodeLayer:
    """Return all placed nodes as compact JSON.

    The same rows give the same bytes, in whatever order they come.

    Parameters
    ----------
    nodes
        Declared table ``nodes``; rows without coordinates are counted and left out.
    node_kinds
        Declared table ``node_kinds``: gives the size and the drawing order of each kind.

    Returns
    -------
    NodeLayer
        One list per column; ``assumed`` is 1 for assumed and synthetic nodes, coordinates are
        degrees with six decimals (0.1 m).
    """
    placed = nodes.loc[nodes["lon"].notna() & nodes["lat"].notna()].sort_values("node_id")
    columns: dict[str, object] = {
        name: placed[name].astype("object").where(placed[name].notna(), "").tolist()
        for name in _TEXT_COLUMNS
    }
    columns |= {name: placed[name].astype("str").tolist() for name in _CODE_COLUMNS}
    columns |= {name: placed[name].round(_DEGREE_DIGITS).tolist() for name in ("lon", "lat")}
    columns["assumed"] = placed["origin"].isin(list(INVENTED_ORIGINS)).astype("int").tolist()
    document = {"kinds": _kinds(node_kinds), "nodes": columns}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return NodeLayer(content, hashlib.sha256(content).hexdigest(), len(nodes), len(placed))


def _kinds(node_kinds: pd.DataFrame) -> dict[str, float]:
    """Return the radius in pixels by kind, highest tier first, then as the table has them."""
    order = {str(level): rank for rank, level in enumerate(AdminLevel)}
    ranked = sorted(
        zip(node_kinds["kind"], node_kinds["tier"], node_kinds["symbol"], strict=True),
        key=lambda row: order[str(row[1])],
    )
    return {str(kind): _radius(str(tier), str(symbol)) for kind, tier, symbol in ranked}


def _radius(tier: str, symbol: str) -> float:
    # A triangle or a star of the same radius covers less ink than a circle.
    return TIER_RADIUS_PX[tier] + (0 if symbol == "circle" else 1)
