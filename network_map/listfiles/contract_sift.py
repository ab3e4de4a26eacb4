"""Rows of a file that are no contracts: blanks, totals, remarks, headers said again."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import clean_text
from network_map.listfiles.contract_columns import Mask, clean_column, is_matching
from network_map.listfiles.contract_file import Chunk, shown
from network_map.listfiles.preview import MOST_DESCRIBED

_SPACES = r"[\s\x{3000}\x{a0}]*"
_TOTAL = (
    rf"(?i)^{_SPACES}(本页|累|总|全部)?{_SPACES}(合|总|小|共|累|汇){_SPACES}(计|总)(数|额|金额)?"
    rf"{_SPACES}([:：(（].*|[0-9,.]+.*)?$|^{_SPACES}(sub|grand )?totals?:?{_SPACES}$"
)
_REMARK = (
    rf"(?i)^{_SPACES}[*※]?(注{_SPACES}[:：1-9]|备注{_SPACES}[:：]|说明{_SPACES}[:：]|附注|填表|制表"
    rf"|审核{_SPACES}[人:：]|填报|联系|数据来源|资料来源|来源{_SPACES}[:：]|单位负责人|日期{_SPACES}[:：]"
    rf"|notes?{_SPACES}:|source{_SPACES}:)"
)
_FIRST_CELLS = 4
_REMARK_CELLS = 3


def sifted(
    chunk: Chunk, headers: Sequence[str], counts: Counter[str]
) -> tuple[Chunk, tuple[Problem, ...]]:
    """Return the rows of a chunk that are rows of the list, and a note for each other one.

    Parameters
    ----------
    chunk
        The rows as they stand.
    headers
        The headers as written.
    counts
        How often each code was found before; it is added to.
    """
    if not len(chunk):
        return chunk, ()
    joined = pc.binary_join_element_wise(*chunk.columns, "")
    has_text = is_matching(joined, r"[^\s\x{3000}\x{a0}\x{feff}\x{200b}]")
    masks = {
        "total_left_out": has_text & _is_total(chunk),
        "remark_left_out": has_text & _is_remark(chunk, joined),
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


def _is_total(chunk: Chunk) -> Mask:
    """Return which rows have 合计 among their first cells, as a cell of its own."""
    found = np.zeros(len(chunk), dtype="bool")
    for column in chunk.columns[:_FIRST_CELLS]:
        found |= is_matching(column, _TOTAL)
    return found


def _is_remark(chunk: Chunk, joined: pa.Array) -> Mask:
    """Return which rows begin with 注:, 说明:, 填表人 … and have little else."""
    found = is_matching(joined, _REMARK)
    for place in np.flatnonzero(found):
        filled = [cell for cell in _row(chunk, int(place)) if clean_text(cell)]
        found[place] = len(filled) <= _REMARK_CELLS
    return found


def _is_header(chunk: Chunk, headers: Sequence[str]) -> Mask:
    """Return which rows say the header again."""
    same = np.ones(len(chunk), dtype="bool")
    named = [(place, header) for place, header in enumerate(headers) if header]
    for place, header in named:
        if not same.any():
            break
        clean = clean_column(chunk.columns[place])
        same &= np.asarray(pc.equal(clean, header).to_numpy(zero_copy_only=False), dtype="bool")
    return same & bool(named)
