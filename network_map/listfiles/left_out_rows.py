"""The rows of a list without what is none: totals, remarks, blanks, the header again."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import Mask, clean_column, clean_text, is_matching
from network_map.listfiles.grid import Chunk, shown
from network_map.listfiles.headers import NUMBERED_AGAIN
from network_map.listfiles.preview import MOST_DESCRIBED

_SPACES = r"[\s\x{3000}\x{a0}]*"
_TOTAL_WORD = rf"(合|总|小|共|累|汇){_SPACES}(计|总)(数|额|金额)?|总数"
_TOTAL = (
    rf"(?i)^{_SPACES}[(（【\[]?(本页|累|总|全部)?{_SPACES}({_TOTAL_WORD})[)）】\]]?"
    rf"{_SPACES}([:：(（].*|[0-9,.]+.*)?$|^{_SPACES}((sub|grand )?totals?|sum):?{_SPACES}$"
)
_BEGINS_WITH_TOTAL = (
    rf"(?i)^{_SPACES}[(（【\[]?(本页|累|总|全部)?{_SPACES}({_TOTAL_WORD})"
    rf"|^{_SPACES}((sub|grand )?total|sum)"
)
_COUNTED = re.compile(r"(合计|总计|共计)\W*[\d〇零一二两三四五六七八九十百千]+\D*")
_REMARK = (
    rf"(?i)^{_SPACES}[*※]?(注{_SPACES}[:：1-9]|备注{_SPACES}[:：]|说明{_SPACES}[:：]|附注|填表|制表"
    rf"|审核{_SPACES}[人:：]|填报|联系|数据来源|资料来源|来源{_SPACES}[:：]|单位负责人|日期{_SPACES}[:：]"
    rf"|[(（]?(以上|表中)?(金额|货币)?单位{_SPACES}(均|都)?[为是]?[:：]?{_SPACES}[(（]?(人民币)?[(（]?([亿万千]元|元[)）]?{_SPACES}$)"
    rf"|notes?{_SPACES}:|source{_SPACES}:)"
)
_NUMBERED = re.compile(r"[1-9][.、,,]\D.{10,}")
"""A sentence below a list, no name."""
_FIRST_CELLS = 4
_REMARK_CELLS = 5


def sifted(
    chunk: Chunk, headers: Sequence[str], counts: Counter[str]
) -> tuple[Chunk, tuple[Problem, ...]]:
    """Return the rows of the list, and a note for each other row; ``counts`` is added to."""
    if not len(chunk):
        return chunk, ()
    joined = pc.binary_join_element_wise(*chunk.columns, "")
    has_text = is_matching(joined, r"[^\s\x{3000}\x{a0}\x{feff}\x{200b}]")
    masks = {
        "total_left_out": has_text & _are_totals(chunk, joined),
        "remark_left_out": has_text & _are_remarks(chunk, joined, has_text),
        "header_repeated_left_out": has_text & _is_header(chunk, headers),
    }
    notes: list[Problem] = []
    keep = has_text
    for code, mask in masks.items():
        hit = mask & keep
        room = max(MOST_DESCRIBED - counts[code], 0)
        notes += [
            Problem(code, Severity.NOTE, int(chunk.rows[place]), value=shown(_row(chunk, place)))
            for place in np.flatnonzero(hit)[:room]
        ]
        if hit.any():
            counts[code] += int(hit.sum())
        keep &= ~mask
    return (chunk if keep.all() else chunk.only(keep)), tuple(notes)


def _row(chunk: Chunk, place: int) -> list[str]:
    return [column[int(place)].as_py() for column in chunk.columns]


def _are_totals(chunk: Chunk, joined: pa.Array) -> Mask:
    """Return which rows have 合计 among their first cells, as a cell of its own."""
    found = np.zeros(len(chunk), dtype="bool")
    for column in chunk.columns[:_FIRST_CELLS]:
        found |= is_matching(column, _TOTAL)
    for place in np.flatnonzero(is_matching(joined, _BEGINS_WITH_TOTAL) & ~found):
        cells = pa.array(_filled(chunk, int(place))[:1])
        found[place] = is_matching(cells, _TOTAL).any() or _COUNTED.fullmatch(cells[0].as_py())
    return found


def _are_remarks(chunk: Chunk, joined: pa.Array, has_text: Mask) -> Mask:
    """Return which rows begin with 注:, 说明:, 填表人 … or, at the end, are numbered sentences."""
    found = is_matching(joined, _REMARK)
    for remark in np.flatnonzero(found):
        found[remark] = len(_filled(chunk, int(remark))) <= _REMARK_CELLS
    if len(chunk.columns) > 1:
        for place in reversed(range(len(chunk))):
            cells = _filled(chunk, place) if has_text[place] and not found[place] else []
            if cells and not (len(cells) == 1 and _NUMBERED.fullmatch(cells[0])):
                break
            found[place] |= bool(cells)
    return found


def _filled(chunk: Chunk, place: int) -> list[str]:
    return [text for cell in _row(chunk, place) if (text := clean_text(cell))]


def _is_header(chunk: Chunk, headers: Sequence[str]) -> Mask:
    """Return which rows say the header again."""
    same = np.ones(len(chunk), dtype="bool")
    named = [(place, header) for place, header in enumerate(headers) if header]
    for place, header in named:
        if not same.any():
            break
        clean = clean_column(chunk.columns[place])
        written = NUMBERED_AGAIN.sub("", header)
        same &= np.asarray(pc.equal(clean, written).to_numpy(zero_copy_only=False), dtype="bool")
    return same & bool(named)
