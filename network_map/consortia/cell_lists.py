"""Several names in one cell: what stands between them, and what is no name."""

import re

from network_map.listfiles.cells import bare_text, is_blank, number, plain_text

_BETWEEN = re.compile(
    r"(?:[、;\uff1b\uff0c\n|/]|,(?!\s*(?:ltd|inc|llc|corp|co)\b))+(?![^(\uff08]*[)\uff09])",
    re.IGNORECASE,
)
"""What stands between names, but for what stands in brackets."""
_NUMBERED = re.compile(r"\s*(?:[(\uff08]?1[.、)\uff09](?!\d)|①)")
_NUMBER = re.compile(r"[(\uff08]?(?<!\d)\d{1,2}[.、)\uff09](?!\d)|[①-⑳]")
_AND_MORE = re.compile(
    r"(?<=[^高中同平初优对])等((\d+|[一二三四五六七八九十]+)(家|个|所|户))?(单位|企业|机构|成员|产业)?$"
)
"""The end of a list that names only some."""
_NOT_YET = {"待定", "待补", "待补充", "未定", "未知", "不详", "不明", "空", "暂缺"}
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a cell that lists several things, each once."""
    if _NUMBERED.match(text):
        text = _NUMBER.sub("\n", text)
    parts = _BETWEEN.split(_AND_MORE.sub("", text.strip()))
    return tuple(dict.fromkeys(part.strip() for part in parts if bare_text(part)))


def says_more(text: str) -> bool:
    """Return whether a cell says at its end that it names only some: 甲公司等5家."""
    return _AND_MORE.search(text.strip()) is not None


def spaced_names(text: str) -> str | None:
    """Return a cell whose names seem to be parted by spaces alone, with commas between them.

    花 卉 is one word set wide, and a cell with other separators has its spaces inside names.
    """
    parts = _SPACED.split(text.strip())
    is_one = len(parts) == 1 or [len(part) for part in parts] == [1, 1]
    return None if is_one or len(listed(text)) != 1 else "、".join(parts)


def odd_name(text: str) -> str | None:
    """Return what is wrong with a name: ``missing`` or ``number``; None if nothing is."""
    if is_blank(text) or plain_text(text) in _NOT_YET:
        return "missing"
    return "number" if number(text) is not None else None
