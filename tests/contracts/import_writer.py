"""A program that imports whole files until it is killed; see ``workspace/writer.py``."""

from functools import cache
from pathlib import Path

import duckdb  # noqa: F401 - loaded before the children are forked
import pyarrow.csv
import pyarrow.parquet  # noqa: F401 - the same

from network_map.places.gazetteer import Gazetteer, open_divisions
from tests.importing import bring_contracts
from tests.workspace.writer import serve

CONTRACTS = 60
HEAD = "合同登记编号,合同类型,合同成交额(元),签订日期,卖方名称,卖方性质,卖方行政区划代码"


@cache
def divisions() -> Gazetteer:
    """Return the divisions, read once."""
    return open_divisions()


def put(workspace: Path, name: str) -> None:
    """Import a file whose every contract has the seller of that name."""
    rows = [
        f"{number},技术服务,100,{2020 + number % 3}-05-01,卖方{name},内资企业,530102"
        for number in range(CONTRACTS)
    ]
    done = bring_contracts(
        "\n".join([HEAD, *rows]).encode(), workspace, file_name=f"{name}.csv", confirm=True,
        replaces_known=True, gazetteer=divisions(),
    )  # fmt: skip
    assert done.applied


if __name__ == "__main__":
    divisions()
    serve(put)
