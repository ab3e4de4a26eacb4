"""What a file may ask is said once, and documents, pages and server say the same."""

import tomllib

import pytest

from network_map.app import contract_import as contract_import_blocks
from network_map.app.kit import tables as style
from network_map.listfiles.grid import (
    BOOK_LIMITS,
    DEFAULT_LIMITS,
    TEXT_LIMITS,
    UPLOAD_BYTES,
    WHOLE_TEXT_BYTES,
)
from tests.paths import ROOT


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


LIMITS = {
    "nodes": megabytes(DEFAULT_LIMITS.max_bytes),
    "node_rows": f"{DEFAULT_LIMITS.max_rows:,}",
    "columns": str(DEFAULT_LIMITS.max_columns),
    "upload": megabytes(UPLOAD_BYTES),
    "sheet_rows": f"{BOOK_LIMITS.max_rows:,}",
    "text": megabytes(TEXT_LIMITS.max_bytes),
    "text_rows": f"{TEXT_LIMITS.max_rows:,}",
    "whole": megabytes(WHOLE_TEXT_BYTES),
    "unpacked": megabytes(BOOK_LIMITS.max_unpacked_bytes),
    "cell": f"{BOOK_LIMITS.max_cell_length:,}",
}
SENTENCES = (
    "文件最大 {nodes}、{node_rows} 行、{columns} 列。",
    "页面上传和表格文件最大 {upload},表格文件最大 {sheet_rows} 行",
    "CSV 最大 {text}、{text_rows} 行(UTF-16、UTF-32 的 {whole})",
    "解压后超过 {unpacked}、列数超过 {columns}、单元格超过 {cell} 字",
    "at most {nodes}, {node_rows} rows and {columns} columns.",
    "may have {upload}, a spreadsheet {sheet_rows} rows",
    "may have {text} and {text_rows} rows ({whole} in UTF-16 or UTF-32)",
    "unpack to more than {unpacked}, more than {columns} columns, cells over {cell} characters",
)


@pytest.mark.promise
@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_document_says_the_limits_that_the_program_keeps(sentence: str) -> None:
    document = (ROOT / "docs" / "import.md").read_text("utf-8")
    assert document.count(sentence.format(**LIMITS)) == 1
    assert "50 MB" not in document


@pytest.mark.promise
def test_pages_and_server_take_what_the_readers_take() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["server"]["maxUploadSize"] == UPLOAD_BYTES // 1_000_000
    assert contract_import_blocks.UPLOAD_MEGABYTES == UPLOAD_BYTES // 1_000_000
    assert DEFAULT_LIMITS.max_bytes // 1_000_000 == style.UPLOAD_MEGABYTES
    assert BOOK_LIMITS.max_columns == TEXT_LIMITS.max_columns
    assert BOOK_LIMITS.max_cell_length == TEXT_LIMITS.max_cell_length
