"""The same list says the same in every format it may come in."""

import io
from collections.abc import Callable, Mapping

import pandas as pd
import pytest
from xlsxwriter import Workbook

from network_map.nodes.importing.preview import NodeListOptions, open_reference, preview_nodes
from tests.fixtures.contract_lists.make import open_document

ROWS = [
    ["县区", "类型", "名称", "日期"],
    ["镇雄县", "示范县", "甲", "2024-03-05"],
    ["盘龙区", "县域中心", '乙"丙', "2024-03"],
    ["合计", "2", "", ""],
]


def delimited(delimiter: str, encoding: str) -> bytes:
    lines = [delimiter.join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row) for row in ROWS]
    return "\r\n".join(lines).encode(encoding)


def workbook() -> bytes:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(ROWS):
            sheet.write_row(place, 0, row)
    return stream.getvalue()


def parquet() -> bytes:
    return pd.DataFrame(ROWS[1:3], columns=ROWS[0]).to_parquet()


FORMATS: Mapping[str, Callable[[], bytes]] = {
    "utf-8": lambda: delimited(",", "utf-8"),
    "excel csv": lambda: delimited(",", "gb18030"),
    "unicode text": lambda: delimited("\t", "utf-16"),
    "utf-32": lambda: delimited(";", "utf-32"),
    "xlsx": workbook,
    "ods": lambda: open_document({"名单": ROWS}),
    "parquet": parquet,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_node_list_says_the_same_in_every_format(name: str) -> None:
    options = NodeListOptions(source="名单")
    found = preview_nodes(FORMATS[name](), "名单", open_reference(), options)
    assert found.is_clean
    names = ["kind", "adcode", "node_name", "established_on"]
    assert found.nodes.sort_values("adcode")[names].to_numpy().tolist() == [
        ["county_centre", "530103", '乙"丙', "2024-03"],
        ["demonstration_county", "530627", "甲", "2024-03-05"],
    ]
