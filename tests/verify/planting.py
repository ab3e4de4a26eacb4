"""Changes planted in exported files, as a person or a program might make them."""

import io
import json
import zipfile

from network_map.export import META_ENDING, Bundle, file_bytes, meta_bytes


def exported(bundle: Bundle, format_name: str) -> tuple[bytes, bytes]:
    """Return a file and the description that lies beside it."""
    return file_bytes(bundle, format_name), meta_bytes(bundle)


def planted(
    files: tuple[bytes, bytes], format_name: str, old: bytes, new: bytes, *, in_meta: bool = False
) -> tuple[bytes, bytes]:
    """Return a file and its description after one piece of it was replaced.

    Parameters
    ----------
    files
        The file and the description beside it.
    format_name
        Its format.
    old, new
        What is replaced at its first place, and by what; of one length in a GeoPackage.
    in_meta
        Whether the description is changed instead of what people read.
    """
    data, slip = files
    if format_name == "csv" and in_meta:
        return data, _replaced(slip, old, new)
    if format_name != "xlsx":
        return _replaced(data, old, new), slip
    return _in_workbook(data, old, new, in_meta=in_meta), slip


def _in_workbook(data: bytes, old: bytes, new: bytes, *, in_meta: bool) -> bytes:
    parts = unzipped(data)
    name = next(
        name for name, content in parts.items()
        if name.startswith("customXml/") == in_meta and old in content
    )  # fmt: skip
    return zipped({**parts, name: _replaced(parts[name], old, new)})


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name) for name in book.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a workbook of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return buffer.getvalue()


def meta_of(data: bytes, format_name: str, slip: bytes) -> dict:
    """Return the description that a text file holds."""
    if format_name in {"csv", META_ENDING}:
        return json.loads(slip if format_name == "csv" else data)
    return json.loads(data)["network_map_meta"]


def _replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, old
    return data.replace(old, new, 1)
