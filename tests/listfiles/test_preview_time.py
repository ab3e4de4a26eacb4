"""A list of ordinary length is previewed before a person has looked up."""

import io
import resource

import pytest
from python_calamine import CalamineWorkbook

from network_map.datasets.imports import preview_node_list
from network_map.terms import AdminLevel
from tests.shipped import gazetteer, reference
from tests.written import Value, xlsx

pytestmark = [pytest.mark.promise, pytest.mark.long]

ROWS, SECONDS, TIMES_CALAMINE = 200, 0.5, 1.5


def processor_seconds() -> float:
    """Return what this process and the readers that it started and ended have used."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def test_two_hundred_rows_are_previewed_in_half_a_second() -> None:
    places = gazetteer().places
    counties = [code for code, place in places.items() if place.level is AdminLevel.COUNTY]
    rows: list[list[Value]] = [["节点类型", "节点名称", "县(市、区)", "行政区划代码", "设立日期"]]
    for number in range(ROWS):
        code = counties[number % len(counties)]
        kind = "县域中心" if number < len(counties) else "示范县"
        rows.append([kind, f"中心{number}", places[code].name_zh, code, "2024-03-05"])
    content = xlsx(rows)
    found = preview_node_list(content, "名单.xlsx", reference=reference())
    assert (found.is_clean, found.taken_count) == (True, ROWS)
    times = []
    for _ in range(3):
        begun = processor_seconds()
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        read = processor_seconds() - begun
        preview_node_list(content, "名单.xlsx", reference=reference())
        times.append(processor_seconds() - begun - read - TIMES_CALAMINE * read)
    assert min(times) <= SECONDS
