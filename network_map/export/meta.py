"""The paper slip of an export: what was asked, from which files, and what came out."""

import hashlib
import json
from collections.abc import Mapping

from network_map.export.bundle import Bundle, column_heading
from network_map.export.cells import clean_text
from network_map.export.delimited import csv_bytes
from network_map.export.names import file_name


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
        "title": bundle.title,
        "language": bundle.language,
        "dataset": bundle.dataset_label,
        "is_demo": bundle.is_demo,
        **({"notice": bundle.demo_banner} if bundle.is_demo else {}),
        "filters": [{"label": label, "value": clean_text(v)} for label, v in bundle.filters],
        "method_notes": list(bundle.method_notes),
        "sources": [clean_text(source) for source in bundle.sources],
        "created_from": dict(bundle.created_from),
        "row_count": len(bundle.table),
        "columns": [
            {
                "name": column.name,
                "type": column.type.value,
                "heading": column_heading(column, bundle.language),
            }
            for column in bundle.declaration.columns
        ],
        "data_files": [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(data_files.items())
        ],
    }
    return json.dumps(slip, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"
