"""Ugly files of every kind of list in every format, and what must become of each.

A file is a clean list with one thing wrong, or one thing that only looks wrong. The letters are
the outcomes of its rows (``A`` accepted, ``C`` corrected, ``D`` doubtful, ``R`` refused); a code
after ``!`` is the refusal of the whole file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.listfiles.every_list import CLEAN, Rows
from tests.written import BOOKS, FORMATS, NOTHING, Beside, Cell, Value, delimited

PLACED = (
    "nodes", "contracts", "consortia", "industries", "centre-activity", "county-indicators",
)  # fmt: skip
"""The lists that name counties."""
COUNTY = {"nodes": 3, "contracts": 4, "consortia": 4, "industries": 1, "centre-activity": 2,
          "county-indicators": 1}  # fmt: skip
NUMBER = {"contracts": 2, "payments": 3, "centre-activity": 4}
DATE = {"nodes": 5, "contracts": 5, "payments": 4}
DATE_COLUMN = {"nodes": "established_on", "contracts": "signed_on", "payments": "paid_on"}
TEXT = {"nodes": 1, "contracts": 1, "payments": 1, "consortia": 2, "industries": 2,
        "centre-activity": 2, "county-indicators": 1}  # fmt: skip


@dataclass(frozen=True)
class Ugly:
    """A file, and what must become of it.

    Parameters
    ----------
    what
        The kind of list.
    content
        Makes the file.
    outcomes
        Letters of its rows, or the code of its refusal after an exclamation mark.
    codes
        Codes of problems that must occur.
    is_open
        Whether it may not be applied as it is.
    cells
        Values of columns of what is taken.
    """

    what: str
    content: Callable[[], bytes]
    outcomes: str
    codes: frozenset[str] = frozenset()
    is_open: bool = False
    cells: Mapping[str, Sequence[object]] = field(default_factory=dict)


def changed(what: str, *changes: tuple[int, int, Value | Cell]) -> Rows:
    """Return a clean list with some cells changed: row, column, cell."""
    rows = [list(row) for row in CLEAN[what]]
    for row, column, cell in changes:
        rows[row][column] = cell
    return rows


def with_column(what: str, header: str, cells: Sequence[Value | Cell]) -> Rows:
    """Return a clean list with one more column."""
    return [[*row, cell] for row, cell in zip(CLEAN[what], [header, *cells], strict=True)]


def files() -> Iterator[tuple[str, Ugly]]:
    """Yield every file with its name."""
    for made in (
        _controls, _texts, _formulas, _places, _dates, _amounts, _units, _figure_units, _ids,
        _workbooks, _headers, _kinds, _names,
    ):  # fmt: skip
        yield from made()


def _in(
    formats: Sequence[str], rows: Rows, beside: Beside
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for name in formats:
        is_book = name in BOOKS
        yield name, partial(BOOKS[name], rows, beside) if is_book else partial(FORMATS[name], rows)


def _case(
    name: str, what: str, rows: Rows, outcomes: str, *said: str, formats: Sequence[str] = ("csv",),
    beside: Beside = NOTHING, is_open: bool | None = None,
    cells: Mapping[str, Sequence[object]] | None = None,
) -> Iterator[tuple[str, Ugly]]:  # fmt: skip
    for kind, content in _in(formats, rows, beside):
        waits = bool(set(outcomes) & set("DR!")) if is_open is None else is_open
        ugly = Ugly(what, content, outcomes, frozenset(said), waits, cells or {})
        yield f"{name}.{what}.{kind}", ugly


# --- controls: nothing is wrong -------------------------------------------------------------------


def _controls() -> Iterator[tuple[str, Ugly]]:
    for what in CLEAN:
        yield from _case("clean", what, CLEAN[what], "AAA", formats=tuple(FORMATS))
        total: list[Value | Cell] = ["合计", "", *[""] * (len(CLEAN[what][0]) - 2)]
        rows: Rows = [["云南省统计表"], *CLEAN[what], total, ["注:由各州(市)填报"]]
        yield from _case("title_and_total", what, rows, "AAA", "total_left_out", formats=(
            "gbk", "ods"))  # fmt: skip
        yield from _case(
            "wide_letters", what,
            changed(what, (1, TEXT[what], f"\u3000{CLEAN[what][1][TEXT[what]]}\u00a0\u200b")),
            "AAA", formats=("csv", "xls"),
        )  # fmt: skip
        note = with_column(what, "说明", ['有"引号"', "逗号,和\n换行", "€ 与 ①"])
        yield from _case("good_quotes", what, note, "AAA", formats=("csv", "gbk"))
        noted = with_column(what, "合计公式", [Cell(n, formula="=1") for n in range(3)])
        yield from _case("formula_unused", what, noted, "AAA", formats=("xlsx", "ods", "xls"))


# --- text files -----------------------------------------------------------------------------------


TRADITIONAL = ("雲南科技服務公司", "昆明技術轉移中心", "鎮雄縣")
BIG5: Mapping[str, Rows] = {
    "nodes": [
        ["節點類型", "節點名稱", "州(市)", "縣(市、區)"],
        ["縣域中心", "甲中心", "昭通市", "鎮雄縣"],
    ],
    "payments": [
        ["contract id", "service body", "service body id", "paid value(yuan)"],
        ["5301002024000001", "昆明技術轉移中心", "F1", 100],
        ["5301002024000002", "雲南科技服務公司", "F2", 100],
    ],
}  # fmt: skip


def _texts() -> Iterator[tuple[str, Ugly]]:
    for what in CLEAN:
        lines = delimited(CLEAN[what]).decode().splitlines()
        first, last = lines[1].split(","), lines[3].split(",")
        first[-2], last[-2] = f'"{first[-2]}', f'{last[-2]}"'
        swallowed = "\n".join([lines[0], ",".join(first), lines[2], ",".join(last)]) + "\n"
        opened = "\n".join([lines[0], ",".join(first), *lines[2:]]) + "\n"
        for name, text in (("quote_swallows", swallowed), ("quote_open", opened)):
            ugly = Ugly(what, partial(str.encode, text), f"!file_{name}", is_open=True)
            yield f"{name}.{what}.csv", ugly
        for end in ("\r", "\r\n", "\n\n"):
            ugly = Ugly(what, partial(delimited, CLEAN[what], end=end), "AAA")
            yield f"line_end_{end!r}.{what}.csv", ugly
        euro = delimited(with_column(what, "说明", ["€", "欧€", "元"]), encoding="gb18030")
        euro = euro.replace("€".encode("gb18030"), b"\x80")
        yield f"euro_936.{what}.csv", Ugly(what, partial(bytes, euro), "AAA")
        wide = partial(delimited, CLEAN[what], encoding="utf-16-le")
        yield f"utf16_unmarked.{what}.csv", Ugly(what, wide, "AAA")
        old = partial(delimited, with_column(what, "說明", TRADITIONAL), encoding="gbk")
        yield f"traditional_gbk.{what}.csv", Ugly(what, old, "AAA")
    for what, rows in BIG5.items():
        taiwan = partial(delimited, rows, encoding="big5", end="\r\n")
        yield f"big5.{what}.csv", Ugly(what, taiwan, "!file_encoding_big5", is_open=True)


# --- cells ----------------------------------------------------------------------------------------


def _formulas() -> Iterator[tuple[str, Ugly]]:
    for what, column in TEXT.items():
        said = "contract_formula" if what in {"contracts", "payments"} else "cell_formula"
        cell = Cell(str(CLEAN[what][2][column]), formula="=A1")
        yield from _case(
            "formula", what, changed(what, (2, column, cell)), "ARA", said,
            formats=("xlsx", "ods", "xls"),
        )  # fmt: skip
        yield from _case(
            "too_narrow", what, changed(what, (2, column, "########")), "ARA", "cell_too_narrow",
            formats=("csv", "ods"),
        )  # fmt: skip
        yield from _case(
            "excel_error", what, changed(what, (2, column, "#N/A")), "ARA", said,
            formats=("csv", "xlsx"),
        )  # fmt: skip


def _places() -> Iterator[tuple[str, Ugly]]:
    for what in PLACED:
        at = COUNTY[what]
        adcode = "seller_adcode" if what == "contracts" else "adcode"
        has_code = what not in {"centre-activity", "county-indicators"}

        def coded(*codes: str, has_code: bool = has_code, name: str = adcode) -> dict[str, list]:
            return {name: list(codes)} if has_code else {}

        for name, rows, code in (
            ("scientific", changed(what, (1, at - 1, "昭通市"), (1, at, "5.30627E+05")), "530627"),
            ("radicals", changed(what, (1, at - 1, "曲靖市"), (1, at, "⻢⻰区")), "530304"),
        ):
            said = "place_radicals" if name == "radicals" else "place_code_scientific"
            yield from _case(name, what, rows, "CAA", said, formats=("csv", "xls"),
                             cells=_first(coded(code), what))  # fmt: skip
        yield from _case("rounded_code", what, changed(what, (1, at, "5.306E+05")),
                         "RAA" if what != "contracts"
                         else "DAA")  # fmt: skip
        former = changed(what, (1, at - 1, "红河州"), (1, at, "弥勒县"))
        yield from _case("former_name", what, former, "CAA", "place_former_name",
                         formats=("csv", "ods"), cells=_first(coded("532504"), what))  # fmt: skip
        doubtful = changed(what, (1, at - 1, "曲靖市"), (1, at, "大理"))
        yield from _case("sure_and_doubtful", what, doubtful, "DAA", formats=("csv", "xlsx"))
        header = "卖方行政区划代码" if what == "contracts" else "行政区划代码"
        for number, (prefecture, county, code) in enumerate((
            ("曲靖市", "", "530103"), ("昆明市", "马龙区", "530304"),
            ("昆明市", "弥勒市", "530100"),
        )):  # fmt: skip
            coded_row = changed(what, (1, at - 1, prefecture), (1, at, county))
            beside = [[*row, cell] for row, cell in zip(
                coded_row, (header, code, "", ""), strict=True)]  # fmt: skip
            yield from _case(f"code_elsewhere_{number}", what, beside, "DAA",
                             formats=("csv", "xlsx"))  # fmt: skip
        alone = changed(what, (1, at - 1, ""), (1, at, "大理"))
        yield from _case("short_alone", what, alone, "DAA", formats=("csv", "xls"))
        inside = changed(what, (1, at - 1, "大理州"), (1, at, "大理"))
        yield from _case("short_inside", what, inside, "AAA", formats=("csv", "ods"),
                         cells=_first(coded("532901"), what))  # fmt: skip


def _first(cells: Mapping[str, Sequence[object]], what: str) -> dict[str, list[object]]:
    """Return the values with those of the clean rows behind them."""
    rest = {"nodes": ["530103", "532501"], "contracts": ["530103", "532501"],
            "consortia": ["530103", "530627"], "industries": ["530103", "530627"],
            "centre-activity": [], "county-indicators": []}[what]  # fmt: skip
    return {name: [*values, *rest] for name, values in cells.items()}


def _dates() -> Iterator[tuple[str, Ugly]]:
    for what, at in DATE.items():
        column = DATE_COLUMN[what]
        rest = [row[at] for row in CLEAN[what][2:]]

        def dated(day: str, column: str = column, rest: Sequence[object] = rest) -> dict:
            return {column: [day, *rest]}

        days = changed(what, (1, at, 43894))
        yield from _case("days_of_1904", what, days, "AAA", formats=("xlsx", "ods", "xls"),
                         beside=Beside(is_1904=True), cells=dated("2024-03-05"))  # fmt: skip
        shown = changed(what, (1, at, Cell(43894, "yyyy-mm-dd")))
        yield from _case("dates_of_1904", what, shown, "AAA", formats=("xlsx", "xls"),
                         beside=Beside(is_1904=True), cells=dated("2024-03-05"))  # fmt: skip
        moved = changed(what, (1, at, 45355.9995023))
        yield from _case("off_midnight", what, moved, "CAA", "date_moved_off_midnight",
                         formats=("csv", *BOOKS), cells=dated("2024-03-05"))  # fmt: skip
        zone = changed(what, (1, at, "2023-12-31T16:00:00.000Z"))
        yield from _case("utc", what, zone, "CAA", "date_in_beijing", formats=("csv", "ods"),
                         cells=dated("2024-01-01"))  # fmt: skip
        home = changed(what, (1, at, "2024-03-05T00:00:00+08:00"))
        yield from _case("beijing", what, home, "AAA", cells=dated("2024-03-05"))
        later = changed(what, (1, at, "2097-03-05"))
        yield from _case("to_come", what, later, "DAA", formats=("csv", "xls"))


def _amounts() -> Iterator[tuple[str, Ugly]]:
    books = tuple(BOOKS)
    for what in ("contracts", "payments"):
        at = NUMBER[what]
        column = "contract_value_fen" if what == "contracts" else "paid_value_fen"
        merged = Beside(merged=[(1, at, 3, at)])
        rows = changed(what, (1, at, 9000), (2, at, ""), (3, at, ""))
        yield from _case("merged_amount", what, rows, "DDD", "contract_money_merged",
                         formats=books, beside=merged)  # fmt: skip
        wan = str(CLEAN[what][0][at]).replace("元", "万元")
        scaled = changed(what, (0, at, wan), *(
            (row, at, Cell(1_230_000, "0!.0,")) for row in (1, 2, 3)))  # fmt: skip
        yield from _case("scaled_amount", what, scaled, "AAA", "contract_money_scaled",
                         "contract_unit_unknown", formats=books, is_open=True)  # fmt: skip
        shown = changed(what, *((row, at, Cell(1000, "#,##0.00")) for row in (1, 2, 3)))
        yield from _case("plain_amount", what, shown, "AAA", formats=books,
                         cells={column: [100_000] * 3})  # fmt: skip
        half = changed(what, (1, at, "0.125"))
        yield from _case("half_fen", what, half, "DAA", "contract_money_half_fen",
                         formats=("csv", "ods"))  # fmt: skip
        yield from _case("negative", what, changed(what, (1, at, -5)), "RAA",
                         "contract_money_negative", formats=("csv", "xls"))  # fmt: skip
    above = changed("contracts", (1, 2, 9_000_000_000_000))
    yield from _case("above_province", "contracts", above, "DAA", "contract_value_above_province",
                     formats=("csv", "xls"))  # fmt: skip
    for what, at in (("centre-activity", 4), ("county-indicators", 2)):
        counts = changed(what, (2, at, ""), (3, at, ""))
        yield from _case("merged_count", what, counts, "DDD", "number_merged",
                         formats=books, beside=Beside(merged=[(1, at, 3, at)]))  # fmt: skip
    for name, header, cell, outcomes, codes, is_open in (
        ("no_unit", "2021年GDP", 250, "AAA", ("figure_unit_unknown",), True),
        ("other_unit", "2021年GDP(万元)", 2_505_000, "AAA", (), False),
        ("wrong_unit", "2021年GDP(亿元)", 2_505_000, "DAA", ("figure_far",), True),
        ("no_year", "GDP(亿元)", 250, "AAA", ("columns_ignored",), False),
        ("growth", "2021年GDP增速(%)", 5, "AAA", ("columns_ignored",), False),
    ):
        rows = changed("county-indicators", (0, 2, header), (1, 2, cell))
        if name == "other_unit":
            rows[2][2], rows[3][2] = 9_900_000, 4_002_500
        yield from _case(name, "county-indicators", rows, outcomes, *codes,
                         formats=("csv", "xls"), is_open=is_open)  # fmt: skip


def _units() -> Iterator[tuple[str, Ugly]]:
    asked = ("contract_unit_unknown",)
    for what in ("contracts", "payments"):
        at = NUMBER[what]
        column = "contract_value_fen" if what == "contracts" else "paid_value_fen"
        yuan = str(CLEAN[what][0][at])
        wan, bare = yuan.replace("元", "万元"), yuan.replace("(元)", "")
        usual = {column: [100_000, 200_000, 300_000] if what == "contracts" else
                 [10_000, 20_000, 30_000]}  # fmt: skip
        for name, header, code, is_open in (
            ("format_says_wan", yuan, '0.00"万元"', True),
            ("format_says_wan_too", wan, '0.00"万元"', False),
        ):
            rows = changed(what, (0, at, header), *(
                (row, at, Cell(12.5, code)) for row in (1, 2, 3)))  # fmt: skip
            codes = ("contract_money_format", *asked) if is_open else ()
            yield from _case(name, what, rows, "AAA", *codes, formats=tuple(BOOKS),
                             is_open=is_open)  # fmt: skip
        for name, code in (("dollars", "[$$-409]#,##0.00"), ("yuan_sign", '"¥"#,##0.00')):
            rows = changed(what, *((row, at, Cell(12.5, code)) for row in (1, 2, 3)))
            yield from _case(f"format_of_{name}", what, rows, "AAA", formats=("xlsx", "xls"),
                             is_open=name == "dollars")  # fmt: skip
        for name, header, words, outcomes, said in (
            ("same", "金额单位", ("元", "元", ""), "AAA", ()),
            ("other", "金额单位", ("元", "万元", "人民币元"), "ADA", ("contract_row_unit",)),
            ("short", "单位", ("元", "万元", "元"), "ADA", ("contract_row_unit",)),
            ("body", "单位", ("甲处", "乙处", "丙处"), "AAA", ("columns_ignored",)),
            ("own_money", "币种", ("人民币", "CNY", ""), "AAA", ()),
            ("dollar", "币种", ("人民币", "美元", "RMB"), "ADA", ("contract_row_currency",)),
        ):  # fmt: skip
            yield from _case(f"row_unit_{name}", what, with_column(what, header, words), outcomes,
                             *said, formats=("csv", "xls"))  # fmt: skip
        rows = with_column(what, "单位(金额)", ["万元", "万元", "元"])
        rows[0][at] = bare
        used = [cell * (10_000 if n < 2 else 1) for n, cell in enumerate(usual[column])]
        yield from _case("row_unit_used", what, rows, "CCA", "contract_money_own_unit",
                         formats=("csv", "xlsx"), cells={column: used})  # fmt: skip
        for name, header, note, is_open in (
            ("differs", yuan, "注:金额单位为万元", True), ("alone", yuan, "单位:万元", True),
            ("same", yuan, "说明:以上金额单位均为元", False),
            ("brackets", yuan, "注:(万元)", True),
            ("place", yuan, "填表单位:元谋县科技局", False), ("gives", bare, "注:单位:元", False),
        ):  # fmt: skip
            rows = [*changed(what, (0, at, header)), [note]]
            told = ("contract_unit_above", *asked) if is_open else ("remark_left_out",)
            yield from _case(f"note_below_{name}", what, rows, "AAA", *told,
                             formats=("csv", "ods"), is_open=is_open,
                             cells={} if is_open else usual)  # fmt: skip


def _figure_units() -> Iterator[tuple[str, Ugly]]:
    figures: Rows = [row[:3] for row in CLEAN["county-indicators"]]
    shown: Rows = [figures[0], *([*row[:2], Cell(250.5, '0.00"万元"')] for row in figures[1:2])]
    beside: Sequence[tuple[str, Rows, bool]] = (
        ("title", [["单位:万元"], *figures], True), ("note", [*figures, ["注:单位为万元"]], True),
        ("same_title", [["单位:亿元、人"], *figures], False),
        ("place", [*figures, ["填报单位:元阳县统计局"]], False),
    )  # fmt: skip
    for name, rows, is_open in beside:
        yield from _case(f"figure_unit_{name}", "county-indicators", rows, "AAA",
                         *(("figure_unit_differs",) if is_open else ()),
                         formats=("csv", "ods"), is_open=is_open)  # fmt: skip
    yield from _case("figure_unit_format", "county-indicators", shown, "A", "figure_unit_differs",
                     formats=tuple(BOOKS), is_open=True)  # fmt: skip


def _ids() -> Iterator[tuple[str, Ugly]]:
    for what in ("contracts", "payments"):
        for name, text in (("excel", "2.02453E+15"), ("java", "2.02453010200001E15")):
            yield from _case(f"id_of_{name}", what, changed(what, (1, 0, text)), "RAA",
                             "contract_id_rounded", formats=("csv", "ods"))  # fmt: skip
        full = changed(what, (1, 0, 2024530102000011))
        yield from _case("id_in_full", what, full, "AAA", formats=("xlsx", "xls", "ods"),
                         cells={"contract_id": ["2024530102000011", "5301002024000002",
                                                "5301002024000003"]})  # fmt: skip
        two = changed(what, (1, 0, "5301002024000001、5301002024000004"))
        yield from _case("two_ids", what, two, "DAA", "contract_ids_several",
                         formats=("csv", "xlsx"))  # fmt: skip
        for number, text in enumerate(("5301002024000001-02", "2024-滇-0001", "YN20240000001/2")):
            yield from _case(f"id_of_parts_{number}", what, changed(what, (1, 0, text)), "AAA")
    paid = CLEAN["payments"]
    twice = [*paid, paid[1]]
    yield from _case("paid_twice", "payments", twice, "AAAA", "paid_repeated",
                     formats=("csv", "ods"))  # fmt: skip
    parts = [*paid, [*paid[1][:4], "2024-05-05"], [*paid[1][:3], 50, paid[1][4]]]
    yield from _case("paid_in_parts", "payments", parts, "AAAAA", formats=("csv", "ods"))
    undated = [row[:4] for row in twice]
    yield from _case("paid_without_days", "payments", undated, "AAAA")
    body = changed("payments", (1, 2, 9.15301e17))
    yield from _case("body_rounded", "payments", body, "DAA", "id_rounded",
                     formats=("csv", "xlsx"))  # fmt: skip
    nodes = with_column("nodes", "节点编号", ["2.02453E+15", "YN-0000002", "YN-0000003"])
    yield from _case("id_of_excel", "nodes", nodes, "DAA", "id_rounded", formats=("csv", "xls"))


# --- workbooks ------------------------------------------------------------------------------------


def _workbooks() -> Iterator[tuple[str, Ugly]]:
    books = tuple(BOOKS)
    for what in CLEAN:
        yield from _case("hidden_row", what, CLEAN[what], "AAA", "rows_hidden", formats=books,
                         beside=Beside(hidden=[2]))  # fmt: skip
    for what in PLACED:
        at = COUNTY[what]
        rows = changed(
            what, *((row, at - 1, "昆明市" if row == 1 else "") for row in (1, 2, 3)),
            *((row, at, name) for row, name in enumerate(("盘龙区", "五华区", "盘龙区"), 1)),
        )  # fmt: skip
        if what not in {"contracts", "consortia"}:
            rows = rows[:3]
        last = len(rows) - 1
        area = Beside(merged=[(1, at - 1, last, at - 1)])
        yield from _case("merged_place", what, rows, "A" * last, "merged_cells_filled",
                         formats=books, beside=area)  # fmt: skip


# --- headers --------------------------------------------------------------------------------------


OTHER_WORDS: Mapping[str, tuple[Sequence[str], Mapping[str, Sequence[object]]]] = {
    "nodes": (["载体类型", "载体名称", "所属地州", "县(市)区", "建设进展", "挂牌年份"],
              {"established_on": ["2024-03-05", "2023-06", "2024"]}),
    "contracts": (["编号", "合同分类", "合同总价(元)", "技术输出方所属市州", "技术输出方所属区县",
                   "签定日期"],
                  {"seller_adcode": ["530627", "530103", "532501"],
                   "signed_on": ["2024-03-05", "2024-03-06", "2024-03-07"]}),
    "payments": (["登记编号", "机构名称", "统一社会信用代码", "到款金额(元)", "到款日期"],
                 {"service_body_name": ["甲中心", "乙公司", "丙公司"],
                  "service_body_id": ["F001", "F002", "F003"],
                  "paid_value_fen": [10_000, 20_000, 30_000]}),
    "industries": (["市州", "区县", "支柱产业", "是否有"],
                   {"industry": ["锡", "花卉", "竹"],
                    "presence": ["present", "present", "absent"]}),
    "centre-activity": (["年", "地州", "所属县", "工作人员", "服务企业(家次)", "促成技术合同数量"],
                        {"year": [2024] * 3, "staff_count": [3, 2, 5],
                         "service_count": [12, 0, 7], "contracts_brokered_count": [1, 0, 2]}),
}  # fmt: skip
"""Headers as other offices word them, and what comes in under them."""


MISSING = {"contracts": "!contract_column_missing", "payments": "!contract_column_missing",
           "centre-activity": "!centre_work_column"}  # fmt: skip
OF_OTHERS: Mapping[str, Sequence[str]] = {
    "contracts": (
        "预计合同金额(元)",
        "上年合同成交额(元)",
        "合同成交额(预计)(元)",
        "成交额目标(元)",
    ),
    "payments": ("未到账金额(元)", "应支付金额(元)", "计划支付金额(元)"),
    "centre-activity": (
        "促成合同金额(万元)",
        "促成交易额",
        "服务次数(万次)",
        "累计服务次数",
        "计划服务次数",
    ),
    "nodes": ("预计建成时间", "计划建成时间"),
}
"""Headers that hold the words of a column and mean another amount or date."""


def _headers() -> Iterator[tuple[str, Ugly]]:
    for what, (headers, cells) in OTHER_WORDS.items():
        yield from _case("other_words", what, [list(headers), *CLEAN[what][1:]], "AAA",
                         cells=cells)  # fmt: skip
    for what in CLEAN:
        at = TEXT[what]
        header = str(CLEAN[what][0][at])
        same = with_column(what, header, [row[at] for row in CLEAN[what][1:]])
        yield from _case("equal_headers_same", what, same, "AAA", formats=("csv", "ods"))
        other = with_column(what, header, ["别的", "", ""])
        yield from _case("equal_headers_differ", what, other, "AAA", "headers_repeated",
                         formats=("csv", "xls"), is_open=True)  # fmt: skip
    for what, headers in OF_OTHERS.items():
        at = {"contracts": 2, "payments": 3, "nodes": 5, "centre-activity": 4}[what]
        for number, header in enumerate(headers):
            rows = changed(what, (0, at, header))
            is_date = what == "nodes"
            if what == "centre-activity":
                rows[0][5] = "备注"
            yield from _case(
                f"header_of_others_{number}", what, rows,
                "AAA" if is_date else MISSING[what], "columns_ignored",
                cells={"established_on": [None] * 3} if is_date else None,
            )  # fmt: skip
    summaries: Mapping[str, Sequence[Rows]] = {
        "nodes": (
            [["州(市)", "示范县数", "县域中心数"], ["昆明市", 3, 14], ["曲靖市", 2, 9]],
            [["地区", "数量"], ["昆明市", 3], ["曲靖市", 2]],
            [["州(市)", "2022年", "2023年"], ["昆明市", 3, 4], ["曲靖市", 2, 3]],
        ),
        "contracts": (
            [["州(市)", "合同数", "成交额(万元)"], ["昆明市", 3, 14], ["曲靖市", 2, 9]],
            [["地区", "合同份数", "合同成交额(万元)", "同比增长(%)"], ["昆明市", 3, 14, 1.5]],
            [["州(市)", "2022年", "2023年"], ["昆明市", 3, 4], ["曲靖市", 2, 3]],
            [["月份", "登记项数", "成交额(万元)", "技术交易额(万元)"], ["1月", 3, 14, 9]],
        ),
        "payments": (
            [["州(市)", "合同数", "实收金额(万元)"], ["昆明市", 3, 14], ["曲靖市", 2, 9]],
            [["服务机构名称", "合同数", "实收金额(万元)"], ["甲中心", 3, 14], ["乙", 2, 9]],
        ),
        "consortia": (
            [["州(市)", "联合体数", "成员单位数"], ["昆明市", 3, 14], ["曲靖市", 2, 9]],
            [["州(市)", "2022年", "2023年"], ["昆明市", 3, 4], ["曲靖市", 2, 3]],
            [["联合体名称", "成员数量"], ["锡铟产业创新联合体", 14], ["花卉", 9]],
        ),
        "industries": (
            [["州(市)", "产业数"], ["昆明市", 3], ["曲靖市", 2]],
            [["州(市)", "产业", "企业数"], ["昆明市", "花卉", 14], ["曲靖市", "锡", 9]],
            [["产业", "县数", "企业数量"], ["锡", 1, 14], ["花卉", 2, 9]],
            [["州(市)", "县(市、区)", "产业数量"], ["昆明市", "盘龙区", 3]],
        ),
        "centre-activity": (
            [["州(市)", "中心数", "服务次数"], ["昆明市", 14, 30], ["曲靖市", 9, 20]],
            [["年份", "地区", "服务次数"], [2024, "昆明市", 30], [2024, "曲靖市", 20]],
            [["年度", "服务次数", "促成合同数"], [2023, 300, 40], [2024, 200, 20]],
        ),
    }  # fmt: skip
    for what, tables in summaries.items():
        for number, rows in enumerate(tables):
            yield from _case(f"summary_{number}", what, rows, "!list_is_summary",
                             formats=("csv", "xlsx"))  # fmt: skip
    named: Sequence[tuple[str, str, Rows]] = (
        ("consortia", "leads_and_count", [
            ["联合体名称", "牵头单位", "成员单位数"], ["锡铟产业创新联合体", "甲公司", 14],
        ]),
        ("industries", "firms_beside", [
            ["州(市)", "县(市、区)", "产业", "企业数"], ["昆明市", "盘龙区", "花卉", 3],
        ]),
        ("centre-activity", "centre_by_name", [
            ["年份", "中心名称", "服务次数"], [2024, "镇雄中心", 3],
        ]),
    )  # fmt: skip
    for what, name, rows in named:
        yield from _case(name, what, rows, "A", formats=("csv", "xlsx"))
    points: Rows = [["经度", "纬度"], [104.87, 27.44], [102.75, 25.12], [103.15, 23.36]]
    rows = [[*row, *point] for row, point in zip(CLEAN["nodes"], points, strict=True)]
    yield from _case("points", "nodes", rows, "AAA", formats=("csv", "ods"))
    turned = [rows[0], *([*row[:-2], row[-1], row[-2]] for row in rows[1:])]
    yield from _case("points_swapped", "nodes", turned, "AAA", "coordinates_swapped_all",
                     formats=("csv", "ods"), is_open=True)  # fmt: skip
    baidu = [[*rows[0][:-2], "百度经度", "百度纬度"], *rows[1:]]
    yield from _case("baidu", "nodes", baidu, "AAA", "coordinates_other_datum",
                     formats=("csv", "xls"), is_open=True)  # fmt: skip


ELSEWHERE: Sequence[Sequence[Value | Cell]] = (
    ("县域中心", "盘龙区县域中心", "昭通市", "镇雄县"), ("分市场", "曲靖分市场", "昆明市", ""),
    ("示范县", "云南省盘龙示范县", "昭通市", "镇雄县"),
    ("县域中心", "富源中心", "昭通市", "镇雄县"),
    ("县域中心", "大理市县域中心", "大理州", "漾濞县"),
)  # fmt: skip
"""Nodes whose name speaks of another place than their row."""
AT_HOME: Sequence[Sequence[Value | Cell]] = (
    ("县域中心", "大理大学转化中心", "昆明市", "盘龙区"), ("分市场", "大理分市场", "大理州", ""),
    ("县域中心", "大理市县域中心", "大理州", "大理市"), ("分市场", "大理市分市场", "大理州", ""),
    ("县域中心", "思茅县域中心", "普洱市", "思茅区"), ("分市场", "思茅分市场", "普洱市", ""),
    ("县域中心", "路南县县域中心", "昆明市", "石林县"), ("示范县", "禄丰县", "楚雄州", "禄丰市"),
    ("县域中心", "昆明市技术转移中心镇雄分中心", "昭通市", "镇雄县"),
    ("分市场", "昆明分市场(盘龙区)", "昆明市", ""), ("县域中心", "云县中心", "临沧市", "云县"),
)  # fmt: skip


def _kinds() -> Iterator[tuple[str, Ugly]]:
    for number, word in enumerate(("县级中心", "县域服务中心", "分中心")):
        rows = changed("nodes", (1, 0, word))
        yield from _case(f"own_word_{number}", "nodes", rows, "DAA", "kind_own_word",
                         formats=("csv", "ods"))  # fmt: skip
        only = changed("nodes", (0, 0, "类型"), *((row, 0, word) for row in (1, 2, 3)))
        yield from _case(f"only_own_word_{number}", "nodes", only, "DDD", "kind_own_word")
        alone: Rows = [["类型", *CLEAN["nodes"][0][1:]], [word, *CLEAN["nodes"][1][1:]]]
        yield from _case(f"own_word_alone_{number}", "nodes", alone, "D", "kind_own_word")
    for word, outcome in (("示范县(培育)", "D"), ("示范县(已取消)", "D"), ("示范县(第二批)", "A")):
        yield from _case(f"kind_{word}", "nodes", changed("nodes", (1, 0, word)), f"{outcome}AA")
    for note, outcome in (
        ("2023年已撤销,并入邻县", "D"), ("已撤销", "D"), ("2019年撤县设市", "A"),
        ("撤销原乡镇站后设立", "A"),
    ):  # fmt: skip
        noted = with_column("nodes", "备注", [note, "", ""])
        yield from _case(f"note_{note}", "nodes", noted, f"{outcome}AA")
    head: list[Value | Cell] = ["节点类型", "节点名称", "州(市)", "县(市、区)"]
    for name, nodes in (("names_elsewhere", ELSEWHERE), ("names_at_home", AT_HOME)):
        outcome = "D" if nodes is ELSEWHERE else "A"
        yield from _case(name, "nodes", [head, *([*node] for node in nodes)], outcome * len(nodes),
                         formats=("csv", "ods"))  # fmt: skip
    strange = changed("nodes", (1, 0, "某某驿站"))
    yield from _case("strange_word", "nodes", strange, "RAA", "kind_unknown")
    years = changed("contracts", (1, 5, "2019-06-01"), (1, 1, "技术转让"))
    schemes = {"kind_scheme": ["four", "five", "five"]}
    yield from _case("four_kinds_of_old_years", "contracts", years, "AAA", "contract_four_kinds",
                     formats=("csv", "xls"), cells=schemes)  # fmt: skip


def _names() -> Iterator[tuple[str, Ugly]]:
    head: list[Value | Cell] = ["联合体名称", "牵头单位", "成员单位"]
    for name, cell, members, outcome, said in (
        ("usual", "乙大学、丙公司;丁所", ["乙大学", "丙公司", "丁所"], "A", ()),
        ("numbered", "1.乙大学 2.丙公司", ["乙大学", "丙公司"], "A", ()),
        ("numbered_dots", "1、乙大学2、丙公司", ["乙大学", "丙公司"], "A", ()),
        ("circled", "①乙大学②3D打印公司", ["乙大学", "3D打印公司"], "A", ()),
        ("brackets", "乙(集团、控股)公司、丙所", ["乙(集团、控股)公司", "丙所"], "A", ()),
        ("english", "Yi Co., Ltd.、丙所", ["Yi Co., Ltd.", "丙所"], "A", ()),
        ("number_in_name", "昆明第1中学、403所", ["昆明第1中学", "403所"], "A", ()),
        ("department", "乙大学 化学院、丙所", ["乙大学 化学院", "丙所"], "A", ()),
        ("none", "无", [], "A", ()),
        ("and_more", "乙大学、丙公司等5家", ["乙大学", "丙公司"], "C", ("names_more",)),
        ("spaces", "乙大学 丙公司 丁所", None, "D", ("names_spaced",)),
        ("count", "5", None, "R", ("member_number",)),
        ("not_yet", "待定", None, "R", ("member_missing",)),
    ):
        rows: Rows = [head, ["锡铟产业创新联合体", "甲公司", cell]]
        cells = {} if members is None else {"member_name": ["甲公司", *members]}
        yield from _case(f"members_{name}", "consortia", rows, outcome, *said,
                         formats=("csv", "ods"), cells=cells)  # fmt: skip
    leads = changed("consortia", (2, 1, "牵头"))
    yield from _case("two_leads", "consortia", leads, "AAA", "consortium_several_leads")
    for name, cell, kept, outcome, said in (
        ("none", "无", ["花卉", "竹"], "A", ("industry_none_left_out",)),
        ("wide", "花 卉", ["花卉", "花卉", "竹"], "A", ()),
        ("and_more", "锡、有色金属等", ["锡", "有色金属", "花卉", "竹"], "C", ("names_more",)),
        ("spaces", "锡 铅 锌", None, "D", ("names_spaced",)),
        ("count", "3", None, "R", ("industry_number",)),
        ("not_yet", "待补充", None, "R", ("industry_missing",)),
    ):
        rows = changed("industries", (1, 2, cell))
        yield from _case(f"industry_{name}", "industries", rows, outcome + "AA", *said,
                         formats=("csv", "xls"),
                         cells={} if kept is None else {"industry": kept})  # fmt: skip
