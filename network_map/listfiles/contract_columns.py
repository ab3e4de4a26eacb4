"""Columns of text worked on together: what differs is read once, what is clean is left alone."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from network_map.listfiles.cells import clean_text

Read = TypeVar("Read")
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_UNCLEAN = (
    r"[\x00-\x1f\x7f-\x9f\x{a0}\x{ad}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{2069}"
    r"\x{3000}\x{feff}]|^ | $|  "
)

_IS_SUSPECT = np.zeros(256, dtype="bool")
_IS_SUSPECT[
    [*range(0x21), 0x7F, *(char.encode()[0] for char in "\x80\xa0\u1680\u2000\u3000\ufeff")]
] = True
"""Which bytes an unclean character may begin with in UTF-8."""


def is_matching(texts: pa.Array, pattern: str) -> Mask:
    """Return which cells match a regular expression somewhere."""
    found = pc.match_substring_regex(texts, pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype="bool")


def distinct(texts: pa.Array) -> tuple[Places, list[str]]:
    """Return the different texts of a column, and for each cell the place of its text."""
    encoded = texts.dictionary_encode()
    places = encoded.indices.to_numpy(zero_copy_only=False).astype("int64")
    return places, encoded.dictionary.to_pylist()


def clean_column(texts: pa.Array) -> pa.Array:
    """Return a column with every cell cleaned of control and invisible characters and spaces."""
    return mended(texts, _UNCLEAN, clean_text) if _may_be_unclean(texts) else texts


def _may_be_unclean(texts: pa.Array) -> bool:
    """Return whether a byte stands anywhere that an unclean cell has: cheaper than expressions."""
    _, ends, letters = texts.buffers()
    if letters is None:
        return False
    places = np.frombuffer(ends, "int32")[[texts.offset, texts.offset + len(texts)]]
    return bool(_IS_SUSPECT[np.frombuffer(letters, "uint8")[slice(*places)]].any())


def mended(texts: pa.Array, pattern: str, mend: Callable[[str], str]) -> pa.Array:
    """Return a column whose cells that match a pattern went through a function."""
    mask = is_matching(texts, pattern)
    if not mask.any():
        return texts
    places, words = distinct(texts.filter(pa.array(mask)))
    new = pa.array([mend(word) for word in words], type=pa.string()).take(pa.array(places))
    return pc.replace_with_mask(texts, pa.array(mask), new)


def read_column(
    texts: pa.Array, read: Callable[[str], Read], known: dict[str, Read]
) -> tuple[Places, list[str], list[Read]]:
    """Return for each cell the place of its text, the different texts, and what each means.

    Parameters
    ----------
    texts
        The cells.
    read
        What one text means.
    known
        Texts that were read before; it is added to.
    """
    places, words = distinct(texts)
    for word in words:
        if word not in known:
            known[word] = read(word)
    return places, words, [known[word] for word in words]


def replaced(texts: pa.Array, cells: Mapping[int, str]) -> pa.Array:
    """Return a column with other texts at some places."""
    if not cells:
        return texts
    mask = np.zeros(len(texts), dtype="bool")
    mask[list(cells)] = True
    new = pa.array([cells[place] for place in sorted(cells)], type=pa.string())
    return pc.replace_with_mask(texts, pa.array(mask), new)
