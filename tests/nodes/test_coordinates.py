"""Coordinates of a list in any writing and any system: read, found out, or asked about."""

import numpy as np
import pytest
from pyproj import Transformer

from network_map.crs import gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.coordinates import Datum, judged_datum, parse_system
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    preview_nodes,
)

SHIFTS = {Datum.GCJ02: wgs84_to_gcj02, Datum.BD09: wgs84_to_bd09}
Placed = tuple[np.ndarray, list[str]]


def drawn(
    reference: NodeListReference, seed: int, count: int, noise_km: float, datum: Datum
) -> Placed:
    """Points in the built-up surroundings (1 km) of seats, with noise, in a system."""
    draw = np.random.default_rng(seed)
    seats = reference.ground.seats
    codes = [str(code) for code in draw.permutation(sorted(seats))[:count]]
    angle = draw.uniform(0, 2 * np.pi, (2, len(codes)))
    radius = np.array([[1.0], [noise_km]]) * np.sqrt(draw.uniform(0, 1, (2, len(codes))))
    east, north = (radius * np.cos(angle)).sum(axis=0), (radius * np.sin(angle)).sum(axis=0)
    points = np.array([seats[code] for code in codes])
    points[:, 0] += east / (111.32 * np.cos(np.radians(points[:, 1])))
    points[:, 1] += north / 110.8
    if datum in SHIFTS:
        points = np.stack(SHIFTS[datum](points[:, 0], points[:, 1]), axis=1)
    return points, codes


def judged(reference: NodeListReference, placed: Placed) -> Datum | None:
    points, codes = placed
    found = judged_datum([(x, y) for x, y in points], codes, reference.ground.seats)
    return found.datum


def read(
    reference: NodeListReference, rows: list[str], options: NodeListOptions | None = None,
    head: str = "节点名称,节点类型,行政区划代码,经度,纬度",
) -> NodeListPreview:  # fmt: skip
    return preview_nodes("\n".join((head, *rows)).encode(), "名单.csv", reference, options)


def list_of(placed: Placed) -> list[str]:
    points, codes = placed
    return [
        f"{n}号中心,县域中心,{code},{x:.6f},{y:.6f}"
        for n, (code, (x, y)) in enumerate(zip(codes, points, strict=True))
    ]


def codes_of(found: NodeListPreview) -> set[str]:
    said = {problem.code for problem in found.problems}
    assert all(problem_text(p, language) for p in found.problems for language in LANGUAGES)
    return said


# --- the shift of a whole column ----------------------------------------------------------------


@pytest.mark.long
def test_of_a_thousand_clean_lists_none_is_called_shifted(reference: NodeListReference) -> None:
    alarms = [
        (count, seed)
        for count, lists in ((5, 300), (20, 400), (128, 300))
        for seed in range(lists)
        if judged(reference, drawn(reference, seed, count, seed % 5 / 4, Datum.WGS84))
        in {Datum.GCJ02, Datum.BD09}
    ]
    assert alarms == []


@pytest.mark.parametrize(
    ("datum", "count", "noise_km", "least"),
    [
        (Datum.GCJ02, 128, 0.0, 0.9), (Datum.GCJ02, 128, 0.5, 0.85), (Datum.GCJ02, 128, 1.0, 0.7),
        (Datum.BD09, 128, 0.0, 0.95), (Datum.BD09, 128, 1.0, 0.95), (Datum.BD09, 20, 0.0, 0.9),
        (Datum.BD09, 20, 0.5, 0.7), (Datum.WGS84, 128, 0.5, 0.9),
    ],
)  # fmt: skip
def test_a_system_is_found_as_often_as_the_documents_say(
    reference: NodeListReference, datum: Datum, count: int, noise_km: float, least: float
) -> None:
    found = [
        judged(reference, drawn(reference, seed, count, noise_km, datum)) for seed in range(40)
    ]
    assert found.count(datum) >= least * len(found)
    assert set(found) <= {datum, None}


def test_five_points_do_not_tell_and_points_of_one_town_count_once(
    reference: NodeListReference,
) -> None:
    for datum in Datum:
        assert judged(reference, drawn(reference, 1, 5, 1.0, datum)) is None
    points, codes = drawn(reference, 2, 1, 0.0, Datum.BD09)
    assert judged(reference, (np.repeat(points, 50, axis=0), codes * 50)) is None


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_list_is_asked_about_and_turned_back_without_moving_seats(
    reference: NodeListReference, datum: Datum
) -> None:
    points, codes = drawn(reference, 3, 128, 0.3, datum)
    clean, _ = drawn(reference, 3, 128, 0.3, Datum.WGS84)
    seat = reference.ground.seats[codes[0]]
    points[0] = seat  # filled in by an earlier export
    rows = list_of((points, codes))
    rows[1] = f"无坐标,县域中心,{codes[1]},,"
    asked = read(reference, rows)
    (problem,) = [p for p in asked.file_problems if p.code == "coordinates_shifted"]
    assert problem.fix == datum
    assert datum in problem_text(problem, "zh")
    undone = read(reference, rows, NodeListOptions(coordinate_system=problem.fix))
    assert "coordinates_shift_undone" in codes_of(undone)
    assert undone.file_problems == ()
    nodes = undone.nodes.set_index("adcode")
    for n, code in enumerate(codes):
        expected = reference.ground.seats[code] if n < 2 else clean[n]
        found = nodes.loc[code, ["lon", "lat"]].to_numpy(dtype=float)
        assert found == pytest.approx(expected, abs=2e-6), (n, code)
    kept = read(reference, rows, NodeListOptions(coordinate_system="wgs84"))
    assert not {"coordinates_shifted", "coordinates_shift_undone"} & codes_of(kept)


def test_a_header_that_names_another_system_is_answered_by_the_choice(
    reference: NodeListReference,
) -> None:
    head = "节点名称,节点类型,行政区划代码,百度经度,百度纬度"
    row = "甲,县域中心,530102,102.716,25.047"
    assert "coordinates_other_datum" in codes_of(read(reference, [row], head=head))
    found = read(reference, [row], NodeListOptions(coordinate_system="bd09"), head)
    assert found.file_problems == ()
    assert found.nodes["lon"].item() < 102.71


# --- one point ----------------------------------------------------------------------------------

PLACE = (102.708333, 25.041944)  # 102°42′30″, 25°2′31″


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("102°42′30″", "25°2′31″"), ("东经102度42分30秒", "北纬25度2分31秒"),
        ("1024230", "250231"), ("1024230.0", "250231.0"), ("102°42.5′", "25°2.5167′"),
        ("102.708333E", "25.041944N"), ("102-42-30", "25-2-31"), ("102:42:30", "25:02:31"),
    ],
)  # fmt: skip
def test_degrees_are_read_however_they_are_written(
    reference: NodeListReference, lon: str, lat: str
) -> None:
    found = read(reference, [f"甲,县域中心,530102,{lon},{lat}"])
    assert found.nodes[["lon", "lat"]].to_numpy()[0] == pytest.approx(PLACE, abs=1e-4)


@pytest.mark.parametrize(
    "cell",
    [
        "102.708333 25.041944", "25.041944;102.708333", "POINT (102.708333 25.041944)",
        "(102.708333、25.041944)", "东经102°42′30″北纬25°2′31″", "E102°42′30″ N25°2′31″",
        "经度:102.708333 纬度:25.041944", "1024230 250231",
    ],
)  # fmt: skip
def test_both_may_stand_in_one_cell(reference: NodeListReference, cell: str) -> None:
    head = "节点名称,节点类型,行政区划代码,经纬度"
    found = read(reference, [f"甲,县域中心,530102,{cell}"], head=head)
    assert found.nodes[["lon", "lat"]].to_numpy()[0] == pytest.approx(PLACE, abs=1e-4)


def test_coordinates_in_each_other_s_place_are_asked_and_a_far_node_says_how_far(
    reference: NodeListReference,
) -> None:
    found = read(reference, ["甲,县域中心,530102,25.04,102.71", "乙,县域中心,530102,103.8,25.5"])
    by_code = {problem.code: problem for problem in found.open_problems}
    assert by_code["coordinates_swapped"].fix == "swap"
    far = by_code["coordinates_outside_place"]
    assert 60 < float(far.values["km"]) < 130  # type: ignore[arg-type]
    assert str(far.values["km"]) in problem_text(far, "zh")


# --- metres -------------------------------------------------------------------------------------


def metres(reference: NodeListReference, epsg: int, count: int = 12) -> tuple[list[str], Placed]:
    points, codes = drawn(reference, 5, count, 0.2, Datum.WGS84)
    easting, northing = Transformer.from_crs(4490, epsg, always_xy=True).transform(*points.T)
    rows = [
        f"{n}号,县域中心,{code},{north:.1f},{east:.1f}"
        for n, (code, north, east) in enumerate(zip(codes, northing, easting, strict=True))
    ]
    return rows, (points, codes)


@pytest.mark.parametrize("epsg", [4522, 4521, 4523, 4495, 4543, 4542, 4544])
def test_metres_of_every_zone_are_found(reference: NodeListReference, epsg: int) -> None:
    rows, (points, codes) = metres(reference, epsg)
    found = read(reference, rows, head="节点名称,节点类型,行政区划代码,X坐标,Y坐标")
    assert "coordinates_projected" in codes_of(found)
    nodes = found.nodes.set_index("adcode").loc[codes, ["lon", "lat"]].to_numpy(dtype=float)
    assert nodes == pytest.approx(points, abs=3e-6)


def test_metres_without_zone_or_county_are_asked_about(reference: NodeListReference) -> None:
    rows = ["甲,分市场,530100,2770000,571000", "乙,分市场,530300,2820000,680000"]
    asked = read(reference, rows)
    assert "coordinates_in_metres" in codes_of(asked)
    told = read(reference, rows, NodeListOptions(coordinate_system="EPSG:4543"))
    assert told.nodes["lon"].iloc[0] == pytest.approx(102.7, abs=0.01)


@pytest.mark.parametrize(
    ("words", "system"),
    [("GCJ-02", "gcj02"), ("bd09", "bd09"), ("WGS 84", "wgs84"), ("CGCS2000", "wgs84"),
     ("epsg:4543", "EPSG:4543"), ("4522", "EPSG:4522")],
)  # fmt: skip
def test_a_system_may_be_named_in_several_ways(words: str, system: str) -> None:
    assert parse_system(words) == system


@pytest.mark.parametrize("words", ["", "utm", "EPSG:4326x", "EPSG:99999", "火星"])
def test_a_system_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(QueryError):
        parse_system(words)


def test_what_is_turned_back_was_turned() -> None:
    lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02(102.7, 25.0))
    assert (float(lon), float(lat)) == pytest.approx((102.7, 25.0), abs=1e-9)
