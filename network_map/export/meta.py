"""The paper slip of an export: what was asked, from which files, and what came out.

The same description stands in every file itself and, as ``….meta.json``, beside it. It holds the
recipe to derive the rows again, the hash of what was written, and a hash of its own, so that an
edited file can be told from data that have changed.

The description of an export inside a workbook: one small part, no fifth sheet.

It is a custom XML part of the workbook, ``customXml/item1.xml``: spreadsheet programs show
nothing of it, and Excel keeps it when the file is saved again.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from network_map.export.bundle import (
    Bundle,
    column_heading,
    csv_bytes,
    file_name,
    values,
    writable_text,
)

META_FORMAT = "network_map.export"
"""What a description says it is."""
META_VERSION = 1
"""Version of the description's own layout."""
SEAL = "meta_sha256"


def meta_bytes(bundle: Bundle, data_files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a JSON description of an export in UTF-8.

    Parameters
    ----------
    bundle
        What was exported.
    data_files
        The files that the slip accompanies, by name; the CSV file where none is given.
    """
    if data_files is None:
        data_files = {file_name(bundle, "csv"): csv_bytes(bundle)}
    slip = {
        **description(bundle),
        "data_files": [
            {"name": name, "bytes": len(data), "sha256": content_sha256(data)}
            for name, data in sorted(data_files.items())
        ],
    }
    return _json(sealed(slip), indent=1).encode() + b"\n"


def embedded_json(bundle: Bundle, body_sha256: str) -> str:
    """Return the description that stands in a file itself.

    Parameters
    ----------
    bundle
        What the file holds.
    body_sha256
        Hash of the file without this description; each format says how it is taken.
    """
    return _json(sealed({**description(bundle), "body_sha256": body_sha256}))


def description(bundle: Bundle) -> dict[str, Any]:
    """Return everything that is known about a bundle, as plain JSON values."""
    return {
        "format": META_FORMAT,
        "format_version": META_VERSION,
        "title": writable_text(bundle.title),
        "language": bundle.language,
        "dataset": bundle.dataset_label,
        "is_demo": bundle.is_demo,
        **({"notice": bundle.demo_banner} if bundle.is_demo else {}),
        "filters": [{"label": label, "value": writable_text(v)} for label, v in bundle.filters],
        "weights": dict(bundle.weights),
        "method_notes": [writable_text(note) for note in bundle.method_notes],
        "method_versions": dict(bundle.method_versions),
        "sources": [writable_text(source) for source in bundle.sources],
        "created_from": dict(bundle.created_from),
        "recipe": None if bundle.recipe is None else bundle.recipe.as_json(),
        "row_count": len(bundle.table),
        "rows_sha256": _rows_sha256(bundle),
        "columns": [
            {
                "name": column.name,
                "type": column.type.value,
                "heading": column_heading(column, bundle.language),
            }
            for column in bundle.declaration.columns
        ],
    }


def sealed(slip: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description with its own hash as the last member."""
    plain = {name: value for name, value in slip.items() if name != SEAL}
    return {**plain, SEAL: content_sha256(json.dumps(plain, sort_keys=True).encode())}


def is_sealed(slip: Mapping[str, Any]) -> bool:
    """Return whether a description is as it was written."""
    return bool(slip.get(SEAL) == sealed(slip)[SEAL])


def content_sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _rows_sha256(bundle: Bundle) -> str:
    """Return a hash of the rows that is the same in every format: codes, not words."""
    cells = [values(bundle, column) for column in bundle.declaration.columns]
    rows = [bundle.declaration.names, *map(list, zip(*cells, strict=True))]
    return content_sha256(json.dumps(rows, allow_nan=False).encode())


def _json(value: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


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
    from xml.sax.saxutils import escape  # noqa: PLC0415 (it loads what reads addresses)

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
    listed = [f"{name} {content_sha256(content)}" for name, content in sorted(parts.items())]
    return content_sha256("\n".join(listed).encode())


def meta_in_part(content: bytes) -> str | None:
    """Return the description that a part holds, or None if it is another part.

    No XML reader is needed, and none runs on a file from outside.
    """
    from xml.sax.saxutils import unescape  # noqa: PLC0415 (as above)

    words = content.decode("utf-8", errors="replace")
    if META_NAMESPACE not in words:
        return None
    start = words.find(">", words.find("<meta")) + 1
    end = words.rfind(_TAIL)
    return unescape(words[start:end], {"&quot;": '"', "&apos;": "'"}) if 0 < start < end else None
