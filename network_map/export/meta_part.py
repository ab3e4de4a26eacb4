"""The description of an export inside a workbook: one small part, no fifth sheet.

It is a custom XML part of the workbook, ``customXml/item1.xml``: spreadsheet programs show
nothing of it, and Excel keeps it when the file is saved again.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, unescape

from network_map.export.meta import hash_of

META_PART = "customXml/item1.xml"
"""The part that our writer uses; another program may number it anew."""
META_NAMESPACE = "urn:network_map:export-meta:1"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<meta xmlns="{META_NAMESPACE}">'
_TAIL = "</meta>"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION = (
    '<Relationship Id="rIdNetworkMapMeta" Target="../customXml/item1.xml" Type="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships/customXml"/></Relationships>'
)
_DATE = (1980, 1, 1, 0, 0, 0)


def with_meta_part(workbook: bytes, make_meta: Callable[[str], str]) -> bytes:
    """Return a workbook with the description in it.

    Parameters
    ----------
    workbook
        The workbook as it was written.
    make_meta
        Returns the description, given the hash of all other parts.
    """
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    relations = parts[_RELATIONS].decode().replace("</Relationships>", _RELATION)
    parts[_RELATIONS] = relations.encode()
    meta = f"{_HEAD}{escape(make_meta(parts_sha256(parts)))}{_TAIL}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {**parts, META_PART: meta.encode()}.items():
            book.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def parts_sha256(parts: Mapping[str, bytes]) -> str:
    """Return the hash of the parts of a workbook, whatever their order in the file."""
    listed = [f"{name} {hash_of(content)}" for name, content in sorted(parts.items())]
    return hash_of("\n".join(listed).encode())


def meta_in_part(content: bytes) -> str | None:
    """Return the description that a part holds, or None if it is another part.

    No XML reader is needed, and none runs on a file from outside.
    """
    words = content.decode("utf-8", errors="replace")
    if META_NAMESPACE not in words:
        return None
    start = words.find(">", words.find("<meta")) + 1
    end = words.rfind(_TAIL)
    return unescape(words[start:end], {"&quot;": '"', "&apos;": "'"}) if 0 < start < end else None
