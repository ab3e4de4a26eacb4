"""The encoding of a text that does not say it: UTF-8, UTF-16, GB 18030, or one that is refused."""

import codecs
import re

from network_map.errors import FileFormatError

_MOSTLY = 3
_DOUBLE_BYTES = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_JUDGED = 100_000
_BIG5_FIRST, _BIG5_LAST = 0xA1, 0xC6
"""First bytes of the punctuation and the 5 401 common letters of Big5."""
_GB_LETTERS, _GB_MARKS, _GB_SECOND = 0xB0, 0xA3, 0xA1
"""First byte of the letters of GB 2312, the last one of its punctuation, and the second bytes."""
_LEAST_LETTERS = 6
_MOST_COMMON, _LEAST_KNOWN = 0.9, 0.75


def unmarked_encoding(head: bytes, *, is_all: bool) -> str:
    """Return the encoding of a text without a byte order mark.

    Raises
    ------
    FileFormatError
        If it is mixed, Big5, or no text.
    """
    if b"\x00" in head:
        return _wide_encoding(head)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, is_all)
    except UnicodeDecodeError:
        if _is_mostly_utf8(head):
            raise FileFormatError("file_encoding_mixed") from None
        if is_big5(head[:_JUDGED]):
            raise FileFormatError("file_encoding_big5") from None
        return "gb18030"
    return "utf-8"


def is_big5(text: bytes) -> bool:
    """Return whether a text is Big5: nearly all of it common there, and much of it odd in GB 2312.

    Read as GBK it would be other letters without a word.
    """
    words = set(_DOUBLE_BYTES.findall(text))
    common = sum(_BIG5_FIRST <= word[0] <= _BIG5_LAST for word in words)
    known = sum(
        word[1] >= _GB_SECOND and (word[0] >= _GB_LETTERS or word[0] <= _GB_MARKS) for word in words
    )
    is_valid = len(words) >= _LEAST_LETTERS and all(
        word.decode("cp950", "ignore") for word in words
    )
    return is_valid and common >= _MOST_COMMON * len(words) and known < _LEAST_KNOWN * len(words)


def _wide_encoding(head: bytes) -> str:
    """Return the UTF-16 of a text without a mark: its ASCII has a zero beside each letter."""
    first, second = head[::2].count(0), head[1::2].count(0)
    if max(first, second) < _MOSTLY * min(first, second) or len(head) % 2:
        raise FileFormatError("file_binary")
    return "utf-16-be" if first > second else "utf-16-le"


def _is_mostly_utf8(content: bytes) -> bool:
    """Return whether most of what is not ASCII is good UTF-8; of GBK nearly nothing is."""
    lenient = content.decode("utf-8", errors="replace")
    good = sum(not letter.isascii() and letter != "\ufffd" for letter in lenient)
    return good > _MOSTLY * lenient.count("\ufffd")
