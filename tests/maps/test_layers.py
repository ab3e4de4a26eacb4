"""Symbols, colours, node layers and the small state that a rerun sends to the map."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from network_map.config import TileLayer
from network_map.maps.payload import (
    StateFiles,
    areas_json,
    component_data,
    hierarchy_json,
    map_document,
    update_state,
)
from network_map.maps.spec import (
    NO_DATA_COLOUR,
    SYMBOLS,
    AreaLayer,
    ClassEntry,
    HierarchyLayer,
    HierarchyLine,
    LineKind,
    MapSpec,
    NodeSymbol,
    UnplacedNode,
    class_colours,
    node_layer,
)
from network_map.terms import AdminLevel

COUNTIES = tuple(f"53{number:04d}" for number in range(129))


def nodes(**columns: str) -> pd.DataFrame:
    """Three nodes, one of them without a place."""
    table = pd.DataFrame(
        {
            "node_id": ["b", "a", "c"],
            "kind": ["county_centre", "sub_market", "county_centre"],
            "node_name": ["镇雄中心", "昭通分市场", "无处"],
            "adcode": ["530627", "530600", "530621"],
            "prefecture_adcode": ["530600", "530600", None],
            "lon": [104.87347, 103.71722, float("nan")],
            "lat": [27.44161, 27.33817, float("nan")],
            "status": ["built", "planned", "unknown"],
            "origin": ["assumed", "official", "reported"],
            "location_origin": ["county_seat", "given", "unknown"],
        }
    )
    return table.assign(**columns)


KINDS = pd.DataFrame(
    {
        "kind": ["county_centre", "sub_market"],
        "tier": ["county", "prefecture"],
        "symbol": ["circle", "square"],
    }
)


def spec(**fields: object) -> MapSpec:
    plain = MapSpec("zh", None, (), None, None, None, (), "来源")
    return replace(plain, **fields)  # type: ignore[arg-type] # any field


def areas(class_of: dict[str, int], texts: dict[str, str]) -> AreaLayer:
    classes = (ClassEntry("低", "#fee838", 1), ClassEntry("高", "#00224e", 1))
    return AreaLayer(AdminLevel.COUNTY, "人口", "人", "普查", classes, class_of, texts, "无数据", 2)


def state_of(shown: MapSpec) -> dict:
    return written(update_state(shown, nodes_url=None, seen_event=None))


def written(state: dict) -> dict:
    """A state after it has travelled as JSON."""
    return json.loads(json.dumps(state))


# --- nodes --------------------------------------------------------------------------------------


def test_a_node_without_a_place_is_counted_and_left_out() -> None:
    layer = node_layer(nodes(), KINDS)
    told = json.loads(layer.json_bytes)["nodes"]
    assert (layer.row_count, layer.placed_count) == (3, 2)
    assert told["node_id"] == ["a", "b"]
    assert (told["lon"], told["lat"]) == ([103.71722, 104.87347], [27.33817, 27.44161])


def test_the_same_nodes_give_the_same_bytes_in_any_order() -> None:
    layer = node_layer(nodes(), KINDS)
    assert node_layer(nodes().iloc[::-1], KINDS) == layer
    assert node_layer(nodes(node_name="x"), KINDS).sha256 != layer.sha256


@pytest.mark.parametrize(
    ("origin", "is_hollow"),
    [("assumed", 1), ("synthetic", 1), ("official", 0), ("reported", 0)],
)
def test_assumed_and_synthetic_nodes_are_hollow(origin: str, is_hollow: int) -> None:
    told = json.loads(node_layer(nodes(origin=origin), KINDS).json_bytes)
    assert told["nodes"]["assumed"] == [is_hollow, is_hollow]


def test_a_higher_tier_is_larger_and_comes_first() -> None:
    kinds = json.loads(node_layer(nodes(), KINDS).json_bytes)["kinds"]
    assert list(kinds) == ["sub_market", "county_centre"]
    assert kinds["sub_market"] > kinds["county_centre"]


def test_the_table_that_was_given_stays_as_it_was() -> None:
    table = nodes()
    node_layer(table, KINDS)
    pd.testing.assert_frame_equal(table, nodes())


# --- symbols and colours ------------------------------------------------------------------------


def test_every_declared_symbol_has_an_outline_of_its_own() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` by WCAG 2: 0 is black, 1 is white."""
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("count", range(3, 10))
def test_classes_grow_darker_step_by_step_and_none_looks_like_no_data(count: int) -> None:
    shades = [luminance(colour) for colour in class_colours(count)]
    # Lightness of CIE L*: an even scale for the eye.
    lightness = [116 * shade ** (1 / 3) - 16 for shade in shades]
    steps = [one - two for one, two in pairwise(lightness)]
    assert min(steps) > 70 / count / 2
    no_data = _channels(NO_DATA_COLOUR)
    for colour in class_colours(count):
        distance = sum((a - b) ** 2 for a, b in zip(_channels(colour), no_data, strict=True))
        assert distance**0.5 > 60


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.parametrize("count", [0, -1, 10])
def test_more_classes_than_the_eye_tells_apart_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 9 classes"):
        class_colours(count)


# --- the state that travels ---------------------------------------------------------------------


def test_areas_are_grouped_by_class_and_no_data_is_not_a_class() -> None:
    layer = areas({"530102": 1, "530103": 0, "530111": 1}, {"530102": "9", "530112": "待核"})
    assert state_of(spec(areas=layer))["areas"]["groups"] == [
        [-1, "530112", "待核"],
        [0, "530103", ""],
        [1, "530102530111", "9\t"],
    ]


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="classes 0 to 1 expected"):
        areas({"530102": 2}, {})


def test_a_state_of_129_counties_stays_below_four_kilobytes() -> None:
    layer = areas(
        {code: index % 2 for index, code in enumerate(COUNTIES)},
        dict.fromkeys(COUNTIES, "1,234,567"),
    )
    row = NodeSymbol("kind", "县域中心", "circle", "#30c2f2", 128, 126, is_visible=True)
    symbols = (row,) * 6
    state = update_state(
        spec(areas=layer, symbols=symbols), nodes_url="media/x.json", seen_event="e"
    )
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) < 4096


def test_nodes_travel_as_an_address_and_a_hash() -> None:
    layer = node_layer(nodes(), KINDS)
    state = update_state(spec(nodes=layer), nodes_url="media/x.json", seen_event=None)
    assert state["nodes"] == {
        "url": "media/x.json",
        "hash": layer.sha256[:16],
        "placed": 2,
    }
    assert "镇雄中心" not in str(state)


def test_an_area_layer_can_travel_as_an_address() -> None:
    layer = areas({"530102": 1}, {"530102": "9"})
    state = update_state(
        spec(areas=layer), nodes_url=None, areas_url="media/y.json", seen_event=None
    )
    assert state["areas"] == {"url": "media/y.json"}
    assert json.loads(areas_json(layer)) == state_of(spec(areas=layer))["areas"]


def test_the_lines_of_the_hierarchy_are_fetched_and_a_rerun_only_says_where() -> None:
    line = HierarchyLine((103.7, 27.3), (102.7, 25.0), LineKind.ORPHAN, "530627", "最近的")
    layer = HierarchyLayer("层级连线", "说明", (line,), ((LineKind.ORPHAN, "虚线", 1),))
    shown = spec(hierarchy=layer)
    told = update_state(shown, nodes_url=None, seen_event=None, hierarchy_url="h.json")
    assert told["hierarchy"] == {"url": "h.json"}
    assert json.loads(hierarchy_json(layer)) == state_of(shown)["hierarchy"]
    assert "hierarchy" not in state_of(spec())


def test_lines_and_unplaced_nodes_travel() -> None:
    shown = spec(
        unplaced=(UnplacedNode("provincial_market", "云南省技术市场", "没有公开地点"),),
        hierarchy=HierarchyLayer(
            "层级连线",
            "说明",
            (HierarchyLine((103.7, 27.3), (102.7, 25.0), LineKind.ORPHAN, "530627", "最近的"),),
            ((LineKind.ORPHAN, "虚线", 1),),
        ),
    )
    state = state_of(shown)
    assert state["unplaced"] == [["provincial_market", "云南省技术市场", "没有公开地点"]]
    assert state["hierarchy"] == {
        "title": "层级连线",
        "note": "说明",
        "lines": [[103.7, 27.3, 102.7, 25.0, 1, "530627", "最近的"]],
        "samples": [[1, "虚线", 1]],
    }


# --- the component -----------------------------------------------------------------------------


def test_the_component_is_told_where_the_files_are_and_never_what_stands_in_them() -> None:
    layer = areas({"530102": 1}, {"530102": "9"})
    shown = spec(nodes=node_layer(nodes(), KINDS), areas=layer)
    told = component_data(
        shown, StateFiles("geometry.json", "n.json", "a.json"), height=540, seen_event="e1"
    )
    assert told["height"] == 540
    assert told["settings"] == {"language": "zh", "geometry": "geometry.json", "tiles": []}
    assert told["state"] == update_state(
        shown, nodes_url="n.json", areas_url="a.json", seen_event="e1"
    )
    assert "镇雄中心" not in str(told)


@pytest.mark.parametrize(("language", "word"), [("zh", "没有取到地图程序"), ("en", "could not be")])
def test_the_component_knows_what_to_say_if_its_script_does_not_arrive(
    language: str, word: str
) -> None:
    told = component_data(spec(language=language), StateFiles("g.json"), height=1)
    assert word in str(told["failure"])


def test_a_tile_layer_reaches_the_map_with_its_key_in_the_address() -> None:
    layer = TileLayer("天地图", "https://t/{z}/{x}/{y}?tk={key}", datum="gcj02", key="abc")
    told = component_data(spec(), StateFiles("g.json"), height=1, tile_layers=[layer])
    (tiles,) = told["settings"]["tiles"]  # type: ignore[index] # plain values
    assert tiles["url"] == "https://t/{z}/{x}/{y}?tk=abc"
    assert tiles["datum"] == "gcj02"


# --- the map as one file ------------------------------------------------------------------------


def test_the_single_file_asks_for_nothing() -> None:
    html = map_document(spec(nodes=node_layer(nodes(), KINDS)), title="云南")
    markup = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)=", markup)
    assert "default-src 'none'" in markup
    assert "镇雄中心" in html
    assert "<title>云南</title>" in markup


def test_a_name_cannot_end_the_script_of_the_single_file() -> None:
    name = "</script><script>alert(1)</script><!--{{ 7 * 191 }}{% endraw %}"
    shown = spec(nodes=node_layer(nodes(node_name=name), KINDS), source_line=name)
    html = map_document(shown, title="x")
    assert "<script>alert" not in html
    assert "{{ 7 * 191 }}" in html  # a name is text, never a template
    # Ours, Leaflet's, the map's: no script that is written in ends its own element.
    assert html.count("<script>") == 3
    assert html.lower().count("</script") == 3


def test_the_title_of_the_single_file_is_text() -> None:
    assert "<title>&lt;b&gt; &amp;</title>" in map_document(spec(), title="<b> &")
