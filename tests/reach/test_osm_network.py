"""An .osm.pbf written here gives the times that a person works out by hand."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import osmium
import pandas as pd
import pytest

from network_map.errors import FileFormatError, NetworkMapError, QueryError
from network_map.i18n import LANGUAGES, error_text
from network_map.reach import travel_times
from network_map.reach.osm_process import directions
from network_map.reach.travel_times import (
    ROAD_SPEEDS,
    osm_network_time,
    road_speeds,
    told_of_reading,
)

KM = 1.0 / 111.32
"""Degrees of longitude of a kilometre on the equator, where the towns of these tests lie."""
Way = tuple[Sequence[int], Mapping[str, str]]


def pbf(folder: Path, places: Mapping[int, tuple[float, float]], ways: Iterable[Way]) -> bytes:
    """Write a file of nodes, in kilometres east and north, and of ways; return its content."""
    path = folder / "roads.osm.pbf"
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for node, (east, north) in places.items():
            location = (100.0 + east * KM, north / 110.574)
            writer.add_node(osmium.osm.mutable.Node(id=node, location=location))
        for number, (nodes, tags) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=list(nodes), tags=dict(tags)))
    return path.read_bytes()


def points(**at: tuple[float, float]) -> pd.DataFrame:
    """Return points by name, in kilometres east and north."""
    rows = [(name, 100.0 + east * KM, north / 110.574) for name, (east, north) in at.items()]
    return pd.DataFrame(rows, columns=["place_id", "lon", "lat"]).astype({"place_id": "str"})


def minutes(
    content: bytes, where: pd.DataFrame, speeds: Mapping[str, float] = ROAD_SPEEDS
) -> dict[str, float]:
    found = osm_network_time(content, where, where, speeds=speeds)
    return {f"{a}{b}": m for a, b, m in found.itertuples(index=False)}


# A trunk road a - b of 60 km with a bend; a one-way primary from b on to c, 30 km; back from c to a
# by a slow loop of 120 km; a track that would be shorter; an island; a private road.
PLACES = {
    1: (0.0, 0.0), 2: (30.0, 0.0), 3: (60.0, 0.0), 4: (90.0, 0.0),
    5: (90.0, 40.0), 6: (0.0, 30.0), 7: (0.0, 500.0), 8: (10.0, 500.0), 9: (60.0, -5.0),
}  # fmt: skip
WAYS: tuple[Way, ...] = (
    ((1, 2, 3), {"highway": "trunk"}),
    ((3, 4), {"highway": "primary", "oneway": "yes"}),
    ((4, 5), {"highway": "secondary"}),
    ((6, 5), {"highway": "tertiary", "oneway": "-1"}),
    ((6, 1), {"highway": "residential", "junction": "roundabout"}),
    ((1, 4), {"highway": "track"}),
    ((1, 4), {"highway": "motorway", "access": "private"}),
    ((7, 8), {"highway": "motorway"}),
    ((3, 9), {"highway": "unclassified", "oneway": "yes"}),
    ((1, 3), {"building": "yes"}),
)
SPEEDS = {
    "trunk": 60.0, "primary": 45.0, "secondary": 40.0, "tertiary": 30.0, "residential": 20.0,
    "unclassified": 20.0, "motorway": 100.0,
}  # fmt: skip


def test_times_over_classes_and_one_ways_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    content = pbf(tmp_path, PLACES, WAYS)
    found = minutes(content, points(a=(0, 0), b=(60, 0), c=(90, 0)), SPEEDS)
    slope = (90.0**2 + 10.0**2) ** 0.5
    back = 40 / 40 * 60 + slope / 30 * 60 + 30 / 20 * 60  # c - 5 - 6 - a
    assert found == pytest.approx(
        {"ab": 60.0, "ba": 60.0, "bc": 40.0, "ac": 100.0, "ca": back, "cb": back + 60.0}, rel=2e-3
    )


def test_a_point_beside_a_road_adds_the_way_to_it_and_one_far_away_gets_no_time(
    tmp_path: Path,
) -> None:
    content = pbf(tmp_path, PLACES, WAYS)
    where = points(a=(0, 0), n=(30, 2.5), far=(30, -20), island=(0, 500))
    found = minutes(content, where, SPEEDS)
    assert set(found) == {"an", "na"}
    # Half of the trunk road, met at the shape's own node, and 2.5 km × 1.5 at 25 km/h.
    assert found["an"] == pytest.approx(30.0 + 2.5 * 1.5 / 25 * 60, rel=2e-3)


def test_an_end_that_cannot_be_left_again_is_no_place_to_start_from(tmp_path: Path) -> None:
    found = minutes(pbf(tmp_path, PLACES, WAYS), points(a=(0, 0), dead=(60, -4.9)), SPEEDS)
    # Node 9 lies nearest, but leads nowhere: the way begins at node 3.
    assert found["adead"] == pytest.approx(60 + 4.9 * 3.6, rel=2e-3)


def test_a_changed_speed_changes_the_time_and_a_class_at_nought_is_not_driven_on(
    tmp_path: Path,
) -> None:
    content = pbf(tmp_path, PLACES, WAYS)
    where = points(a=(0, 0), b=(60, 0))
    assert minutes(content, where, {**SPEEDS, "trunk": 120.0})["ab"] == pytest.approx(30, rel=2e-3)
    with pytest.raises(FileFormatError, match="osm_elsewhere"):
        minutes(content, where, {**SPEEDS, "trunk": 0.0})


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({"highway": "primary"}, (True, True)),
        ({"highway": "primary", "oneway": "yes"}, (True, False)),
        ({"highway": "primary", "oneway": "-1"}, (False, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway_link", "oneway": "no"}, (True, True)),
        ({"highway": "tertiary", "junction": "roundabout"}, (True, False)),
    ],
)
def test_a_way_is_driven_as_its_tags_say(tags: Mapping[str, str], both: tuple[bool, bool]) -> None:
    assert directions(tags) == both


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    with told_of_reading(lambda step, count: told.append((step, count))):
        minutes(pbf(tmp_path, PLACES, WAYS), points(a=(0, 0), b=(60, 0)), SPEEDS)
    assert [step for step, _ in told] == ["nodes", "paths"]


def refusal(content: bytes) -> str:
    """Return the code of the refusal of a file, its sentence complete in both languages."""
    with pytest.raises(NetworkMapError) as caught:
        osm_network_time(content, points(a=(0, 0)), points(a=(0, 0), b=(60, 0)))
    assert all(error_text(caught.value, language) for language in LANGUAGES)
    return caught.value.code


def test_a_file_that_says_nothing_of_roads_here_is_a_sentence(tmp_path: Path) -> None:
    whole = pbf(tmp_path, PLACES, WAYS)
    assert refusal(b"") == "osm_not_pbf"
    assert refusal(b"PK\x03\x04 a workbook") == "osm_not_pbf"
    assert refusal(whole[: len(whole) // 2]) == "osm_damaged"
    assert refusal(whole[:80] + bytes(400)) == "osm_damaged"
    assert refusal(pbf(tmp_path, PLACES, [((1, 3), {"building": "yes"})])) == "osm_no_roads"
    far = {node: (east, north + 3000.0) for node, (east, north) in PLACES.items()}
    assert refusal(pbf(tmp_path, far, WAYS)) == "osm_elsewhere"


def test_without_the_reading_library_the_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(travel_times, "find_spec", lambda _: None)
    with pytest.raises(FileFormatError) as caught:
        osm_network_time(b"", points(), points())
    assert "network-map[osm]" in error_text(caught.value, "en")


def test_speeds_are_said_by_class_and_a_wrong_one_is_a_sentence() -> None:
    assert road_speeds(["motorway=80", " trunk = 0"]) == {
        **ROAD_SPEEDS, "motorway": 80.0, "trunk": 0.0,
    }  # fmt: skip
    for wrong in ("motorway", "autobahn=80", "motorway=-1", "motorway=nan", "trunk=500"):
        with pytest.raises(QueryError, match="osm_speed"):
            road_speeds([wrong])
