"""Whatever the bytes are: a preview or one clear sentence, never a traceback."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListReference,
    preview_nodes,
)
from network_map.nodes.tables import NODES
from network_map.tables.check import check
from tests.paths import NODE_LISTS

TEXTS = sorted(path for path in NODE_LISTS.iterdir() if path.suffix in {".csv", ".tsv", ".txt"})
BOOKS = sorted(path for path in NODE_LISTS.iterdir() if path.suffix in {".xlsx", ".xls"})
WORDS = st.sampled_from(
    [
        "县区", "州市", "类型", "状态", "经度", "名称", "镇雄县", "大理", "昭通市", "弥勒县",
        "示范县", "中心", "分市场", "在建", "2018.1", "43410", "530627", "539999", "102.7", "25",
        "合计", "注:", "=1+1", "<b>", '"', "", " ", "\u3000", "\n", "9", "1e999", "nan", "\u200b",
        "省", "√",
    ]
)  # fmt: skip


def judged(content: bytes, reference: NodeListReference) -> str:
    """Return a file's refusal, or "preview" after checking that it is fit to be shown and kept."""
    try:
        found = preview_nodes(content, "名单", reference, NodeListOptions(default_kind="示范县"))
    except FileFormatError as error:
        return min(error_text(error, language) for language in LANGUAGES)
    check(NODES, found.nodes)
    for problem in found.problems:
        assert all(problem_text(problem, language) for language in LANGUAGES)
    return "preview"


@pytest.mark.law
@given(content=st.binary(max_size=400))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_preview_or_a_sentence(
    reference: NodeListReference, content: bytes
) -> None:
    assert judged(content, reference)


@pytest.mark.law
@given(rows=st.lists(st.lists(WORDS, max_size=6), max_size=8), head=st.sampled_from([0, 1]))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_a_preview_or_a_sentence(
    reference: NodeListReference, rows: list[list[str]], head: int
) -> None:
    table = [["州市", "县区", "类型", "状态", "设立时间", "经度"]] * head + rows
    text = "\n".join(",".join(row) for row in table)
    assert judged(text.encode(), reference)


@pytest.mark.law
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_text_list_is_a_preview_or_a_sentence(
    reference: NodeListReference, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from(TEXTS)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(content) // 2, len(content)))
    assert judged(bytes(content[:cut]), reference)


@pytest.mark.law
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_a_preview_or_a_sentence(
    reference: NodeListReference, data: st.DataObject
) -> None:
    content = data.draw(st.sampled_from(BOOKS)).read_bytes()
    if content.startswith(b"PK") and data.draw(st.booleans()):
        content = with_damaged_part(content, data)
    else:
        damaged = bytearray(content)
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] ^= data.draw(st.integers(1, 255))
        content = bytes(damaged)
    assert judged(content, reference)


def with_damaged_part(content: bytes, data: st.DataObject) -> bytes:
    """Return a workbook with good packing and one wrong byte inside one part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        name = data.draw(st.sampled_from(sorted(old.namelist())))
        for part in old.namelist():
            inside = bytearray(old.read(part))
            if part == name:
                inside[data.draw(st.integers(0, len(inside) - 1))] = data.draw(st.integers(0, 255))
            new.writestr(part, bytes(inside))
    return stream.getvalue()
