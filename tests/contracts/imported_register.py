"""A random register as a file, imported as a person would, and what it must sum to."""

from collections.abc import Sequence
from pathlib import Path

from tests.importing import bring_contracts

HEAD = "合同登记编号,合同类型,合同成交额(元),签订日期,卖方行政区划代码,买方行政区划代码,登记状态"
PLACES = ("530102", "530627", "532331", "5301", "110108", "火星", "")
DAYS = ("2023.6.1", "2024年2月29日", "45078", "2024-06", "")


def import_register(workspace: Path, fens: Sequence[int]) -> int:
    """Import a contract of each amount, every seventh cancelled; return the sum that stands."""
    rows = [
        f"{number},技术服务,{fen // 100}.{fen % 100:02d},{DAYS[number % 5]},"
        f"{PLACES[number % 7]},{PLACES[number % 6]},{'注销' if number % 7 == 6 else '登记'}"
        for number, fen in enumerate(fens)
    ]
    done = bring_contracts(
        "\n".join([HEAD, *rows]).encode(), workspace, file_name="登记.csv", confirm=True
    )
    assert done.applied, done.state
    return sum(fen for number, fen in enumerate(fens) if number % 7 != 6)
