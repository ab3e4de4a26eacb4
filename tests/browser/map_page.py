"""A page with one map, for tests: what it shows is typed into a field as JSON."""

import json

import pandas as pd
import streamlit as st

from network_map.app.kit.map import missing_assets, show_map
from network_map.config import TileLayer, app_root
from network_map.maps.spec import (
    AreaLayer,
    ClassEntry,
    HierarchyLayer,
    HierarchyLine,
    LineKind,
    MapSpec,
    NodeLayer,
    NodeSymbol,
    UnplacedNode,
    class_colours,
    node_layer,
)
from network_map.terms import AdminLevel

CLASS_COUNT = 5
NO_DATA = ("530921", "533401")
PLANTED = '<script>window.planted=1</script><img src=x onerror="window.planted=1">'
DATA = app_root() / "data"
TEXT = {"adcode": "str", "prefecture_adcode": "str", "parent_adcode": "str"}


@st.cache_resource
def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return node kinds, divisions, and the seeded list with a few nodes planted among it."""
    kinds = pd.read_csv(DATA / "node_kinds.csv")
    divisions = pd.read_csv(DATA / "divisions.csv", dtype=TEXT)
    nodes = pd.read_csv(DATA / "demo_nodes.csv", dtype=TEXT)
    odd = nodes[nodes["kind"] == "county_centre"].iloc[:5].copy()
    odd["node_id"] = ["odd-1", "odd-2", "odd-3", "odd-4", "odd-5"]
    odd["node_name"] = [PLANTED, "{{ 'withdrawn' }}", "being built", "of a new kind", "nowhere"]
    odd["status"] = ["built", "withdrawn", "planned", "built", "built"]
    odd["kind"] = ["county_centre"] * 3 + ["never_declared", "county_centre"]
    odd.loc[odd["node_id"] == "odd-5", ["lon", "lat"]] = float("nan")
    return kinds, divisions, pd.concat([nodes, odd], ignore_index=True)


@st.cache_resource
def layer_of(copies: int) -> NodeLayer:
    """Return the nodes as the browser reads them, once or many times over."""
    kinds, _, nodes = tables()
    placed = nodes[nodes["lon"].notna()]
    repeated = [placed.assign(node_id=placed["node_id"] + f"-{n}") for n in range(1, copies)]
    shifted = [t.assign(lon=t["lon"] + 0.013 * n, lat=t["lat"] + 0.007 * n)
               for n, t in enumerate(repeated, start=1)]  # fmt: skip
    return node_layer(pd.concat([nodes, *shifted], ignore_index=True), kinds)


def symbols_of(wanted: dict) -> tuple[NodeSymbol, ...]:
    """Return the legend rows, counted in the filtered area."""
    kinds, _, nodes = tables()
    nodes = nodes[nodes["lon"].notna()]
    if wanted.get("prefecture"):
        nodes = nodes[nodes["prefecture_adcode"] == wanted["prefecture"]]
    hidden = wanted.get("hidden", [])
    counted = kinds[kinds["is_counted"] == 1].to_dict("records")
    return tuple(
        NodeSymbol(
            row["kind"], row[f"short_{wanted['language']}"], row["symbol"], row["colour"],
            int((nodes["kind"] == row["kind"]).sum()),
            int(((nodes["kind"] == row["kind"]) & (nodes["origin"] == "assumed")).sum()),
            row["kind"] not in hidden,
        )
        for row in counted
    )  # fmt: skip


def areas_of(level: str | None) -> AreaLayer | None:
    """Return the areas coloured by their size."""
    if level is None:
        return None
    _, divisions, _ = tables()
    values = divisions[divisions["level"] == level].set_index("adcode")["computed_area_km2"]
    values = values.drop(list(NO_DATA), errors="ignore")
    cut = pd.qcut(values, CLASS_COUNT)
    classes = tuple(
        ClassEntry(f"{part.left:,.0f} – {part.right:,.0f}", colour, int((cut == part).sum()))
        for part, colour in zip(cut.cat.categories, class_colours(CLASS_COUNT), strict=True)
    )
    codes = {str(adcode): int(code) for adcode, code in cut.cat.codes.items()}
    texts = {str(adcode): f"{value:,.0f}" for adcode, value in values.items()}
    missing = len(NO_DATA) if level == "county" else 0
    return AreaLayer(
        AdminLevel(level), "计算面积", "平方公里", "测试", classes, codes, texts, "无数据", missing
    )


wanted = {"language": "zh", **json.loads(st.text_input("state", "{}", key="state"))}
layer = layer_of(wanted.get("copies", 1)) if wanted.get("nodes", True) else None
clicked = st.session_state.get("clicked", [])


def note_click(adcode: str) -> None:
    """Remember a click, and select its county."""
    st.session_state["clicked"] = [*clicked, adcode]


selected = wanted.get("selected") or (clicked[-1] if clicked else None)
_, _, all_nodes = tables()
spec = MapSpec(
    language=wanted["language"],
    nodes=layer,
    symbols=symbols_of(wanted),
    areas=areas_of(wanted.get("level")),
    prefecture_adcode=wanted.get("prefecture"),
    selected_adcode=selected,
    unplaced=tuple(
        UnplacedNode(str(kind), PLANTED, "没有坐标")
        for kind in all_nodes.loc[all_nodes["lon"].isna(), "kind"]
    ),
    source_line="行政区划数据来源:国家地理信息公共服务平台“天地图”。本图为规划分析示意图。" * 3,
    hierarchy=HierarchyLayer(
        "层级连线",
        "测试",
        (HierarchyLine((103.7, 27.3), (102.7, 25.0), LineKind.ORPHAN, "530627", "最近的分市场"),),
        ((LineKind.OWN, "本州(市)", 0), (LineKind.ORPHAN, "最近的", 1)),
    )
    if wanted.get("lines")
    else None,
)
tiles = (TileLayer("<b>瓦片</b>", "/tiles/{z}/{x}/{y}.png", datum=wanted.get("datum", "wgs84")),)
if missing := missing_assets():
    st.error("、".join(missing))
else:
    use_callback = wanted.get("callback", True)
    now = show_map(
        spec,
        key="map",
        height=560,
        on_click=note_click if use_callback else None,
        tile_layers=tiles if wanted.get("tiles") else (),
    )
    if now is not None:
        note_click(now)
st.write("clicked:" + ",".join(st.session_state.get("clicked", [])))
