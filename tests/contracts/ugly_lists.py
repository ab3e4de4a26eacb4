"""The ugly contract registers of the fixtures, and what must become of each, row by row.

Every contract and every name is invented; only the places are real. ``A`` to ``R`` are the
outcomes of the rows in the order of the file; ``X`` marks one that was excluded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.places.gazetteer import Gazetteer
from network_map.terms import KindScheme
from tests.paths import CONTRACT_LISTS
from tests.shipped import gazetteer

LETTERS = {"A": "accepted", "C": "corrected", "D": "doubtful", "R": "refused", "X": "excluded"}
HEAD = "合同登记编号,合同类型,合同成交额(元),技术交易额(元),签订日期,卖方行政区划代码"
MOBILE = "138" + "0" * 8
"""Nobody's number, put together here so that no file of the project holds a number."""

Cell = str | int | float
Options = ContractOptions


@dataclass(frozen=True)
class Ugly:
    """A register, and what must become of it.

    Parameters
    ----------
    content
        Lines of text, or the rows of sheets by name.
    outcomes
        The outcome of each row of the list, as letters.
    fen
        Sum of the contract values to be taken.
    codes
        Codes of problems that must occur.
    encoding
        Of a text file.
    options
        What a person says about it.
    cells
        Cells of the table of contracts: by column the values in order.
    merged
        Merged ranges of a sheet (first row, first column, last row, last column; from 0).
    hidden
        Name of a sheet that is hidden.
    """

    content: str | Mapping[str, Sequence[Sequence[Cell]]]
    outcomes: str
    fen: int
    codes: frozenset[str] = frozenset()
    encoding: str = "utf-8"
    options: Options = field(default_factory=Options)
    cells: Mapping[str, Sequence[str | int | bool | None]] = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden: str = ""


def text(*rows: str, head: str = HEAD) -> str:
    """Return a list of lines with a header."""
    return "\n".join((head, *rows)) + "\n"


def codes(*names: str) -> frozenset[str]:
    """Return codes of problems."""
    return frozenset(names)


ID = "53010020230{:05d}"
ROW = "5301002023000001,技术开发,1000,800,2023-06-01,530102"
SHORT_HEAD = "编号,名称,卖方单位,成交金额,技术交易金额,类型"

UGLY: dict[str, Ugly] = {
    "utf8.csv": Ugly(text(ROW), "A", 100_000),
    "bom.csv": Ugly(text(ROW), "A", 100_000, encoding="utf-8-sig"),
    "gbk.csv": Ugly(text(ROW), "A", 100_000, encoding="gb18030"),
    "utf16.txt": Ugly(text(ROW).replace(",", "\t"), "A", 100_000, encoding="utf-16"),
    "fullwidth_commas.txt": Ugly(text(ROW).replace(",", "\uff0c"), "A", 100_000),
    "semicolons.csv": Ugly(text(ROW).replace(",", ";"), "A", 100_000),
    "old_mac_lines.csv": Ugly(
        text(ROW, ROW.replace("0001,", "0002,")).replace("\n", "\r"), "AA", 200_000
    ),
    "in_wan_yuan.csv": Ugly(
        text("1,技术服务,12.5,10,2023-06-01,530102", head=HEAD.replace("元", "万元")),
        "A",
        12_500_000,
    ),
    "in_yi_yuan.csv": Ugly(
        text("1,技术服务,1.00000001,1,2023-06-01,530102", head=HEAD.replace("元", "亿元")),
        "A",
        10_000_000_100,
    ),
    "unit_above.csv": Ugly(
        "技术合同登记情况表\n单位:万元,,,,,\n" + text(ROW, head=HEAD.replace("(元)", "")),
        "A",
        1_000_000_000,
    ),
    "no_unit.csv": Ugly(
        text(ROW, head=HEAD.replace("(元)", "")), "A", 0, codes("contract_unit_unknown")
    ),
    "unit_answered.csv": Ugly(
        text(ROW, head=HEAD.replace("(元)", "")),
        "A",
        1_000_000_000,
        options=Options(unit=MoneyUnit.WAN),
    ),
    "unit_against_header.csv": Ugly(
        text(ROW), "A", 0, codes("contract_unit_differs"), options=Options(unit=MoneyUnit.WAN)
    ),
    "money_words.csv": Ugly(
        text(
            '1,技术开发,"1,234.50",1,2023-06-01,530102',
            "2,技术开发,\uff11\uff12\uff13\uff14,1,2023-06-01,530102",
            "3,技术开发,12.3万元,1,2023-06-01,530102",
            "4,技术开发,¥100元整,1,2023-06-01,530102",
            "5,技术开发,-5,,2023-06-01,530102",
            "6,技术开发,(500),,2023-06-01,530102",
            "7,技术开发,面议,,2023-06-01,530102",
            "8,技术开发,100美元,,2023-06-01,530102",
            "9,技术开发,,,2023-06-01,530102",
            "10,技术开发,99.999,1,2023-06-01,530102",
            "11,技术开发,1.2e3,1,2023-06-01,530102",
            '12,技术开发,"12,34",1,2023-06-01,530102',
        ),
        "AACARRRRRCAR",
        123_450 + 123_400 + 12_300_000 + 10_000 + 10_000 + 120_000,
        codes(
            "contract_money_own_unit",
            "contract_money_negative",
            "contract_money_unreadable",
            "contract_money_foreign",
            "contract_value_missing",
            "contract_money_rounded",
        ),
    ),
    "technology_above_contract.csv": Ugly(
        text("1,技术开发,100,100.01,2023-06-01,530102", "2,技术开发,100,100,2023-06-01,530102"),
        "RA",
        10_000,
        codes("contract_technology_above"),
    ),
    "dates.csv": Ugly(
        text(
            "1,技术开发,1,1,45078,530102",
            "2,技术开发,1,1,2023.6.1,530102",
            "3,技术开发,1,1,2023年6月1日,530102",
            "4,技术开发,1,1,2023/6/1,530102",
            "5,技术开发,1,1,20230601,530102",
            "6,技术开发,1,1,二〇二三年六月一日,530102",
            "7,技术开发,1,1,2023-06-01 10:20:30,530102",
            "8,技术开发,1,1,2023.1,530102",
            "9,技术开发,1,1,6/1/2023,530102",
            "10,技术开发,1,1,2023-02-30,530102",
            "11,技术开发,1,1,,530102",
        ),
        "AAAAAAADDDA",
        800,
        codes("date_not_read", "date_month_doubtful"),
        cells={"signed_on": ["2023-06-01"] * 7 + [None]},
    ),
    "dates_to_come.csv": Ugly(
        text(
            "1,技术开发,1,1,2023-06-01,530102",
            "2,技术开发,1,1,2099-06-01,530102",
            "3,技术开发,1,1,2099,530102",
        ),
        "ADD",
        100,
        codes("contract_date_in_future"),
        cells={"signed_on": ["2023-06-01"]},
    ),
    "valid_spans.csv": Ugly(
        text(
            "1,技术开发,1,2023年1月1日至2024年12月31日",
            "2,技术开发,1,2023.1.1-2024.12.31",
            "3,技术开发,1,2023-01-01~2024-12-31",
            "4,技术开发,1,一年",
            "5,技术开发,1,2024-12-31至2023-01-01",
            head="合同编号,合同类型,合同金额(元),合同有效期限",
        ),
        "AAAAD",
        400,
        codes("contract_span_not_read", "contract_dates_reversed"),
        cells={"ends_on": ["2024-12-31"] * 3 + [None]},
    ),
    "kinds.csv": Ugly(
        text(
            *(
                f"{n},{kind},1,1,2023-06-01,530102"
                for n, kind in enumerate(
                    (
                        "01技术开发",
                        "委托开发",
                        "合作开发",
                        "技术转让-专利权转让",
                        "专利申请权转让",
                        "技术秘密转让",
                        "专利实施许可",
                        "技术咨询合同",
                        "技术培训",
                        "四、技术服务",
                        "其他",
                        "",
                        "development",
                    ),
                    start=1,
                )
            )
        ),
        "AAAAAAAAAARRA",
        1_100,
        codes("contract_kind_unknown", "contract_kind_missing"),
        cells={
            "contract_kind": [
                *["development"] * 3,
                *["transfer"] * 3,
                "licence",
                "consulting",
                "service",
                "service",
                "development",
            ],
            "kind_scheme": ["five"] * 11,
        },
    ),
    "four_kinds.csv": Ugly(
        text(
            "1,技术转让,1,1,2019-06-01,530102",
            "2,技术转让(专利实施许可),1,1,2021-12-31,530102",
            "3,技术服务,1,1,2022-01-01,530102",
        ),
        "AAA",
        300,
        codes("contract_four_kinds"),
        cells={
            "contract_kind": ["transfer", "transfer", "service"],
            "kind_scheme": ["four", "four", "five"],
        },
    ),
    "four_kinds_chosen.csv": Ugly(
        text("1,技术许可,1,1,2023-06-01,530102"),
        "A",
        100,
        options=Options(scheme=KindScheme.FOUR),
        cells={"contract_kind": ["transfer"], "kind_scheme": ["four"]},
    ),
    "fields.csv": Ugly(
        text(
            *(
                f"{n},技术开发,1,{field_}"
                for n, field_ in enumerate(
                    (
                        "电子信息技术",
                        "生物、医药和医疗器械",
                        "新材料及其应用",
                        "新能源与高效节能",
                        "环境保护与资源综合利用技术",
                        "核应用",
                        "农业",
                        "现代交通",
                        "城市建设与社会发展",
                        "航空航天",
                        "先进制造",
                        "人文社科",
                        "/",
                    ),
                    start=1,
                )
            ),
            head="合同编号,合同类型,合同金额(元),技术领域",
        ),
        "AAAAAAAAAAADA",
        1_200,
        codes("contract_field_unknown"),
    ),
    "ip_and_plans.csv": Ugly(
        text(
            "1,技术开发,1,发明专利,国家科技计划,是",
            "2,技术开发,1,未涉及知识产权,计划外,否",
            "3,技术开发,1,软件著作权,省、自治区、直辖市计划,",
            "4,技术开发,1,商标,计划外,否",
            "5,技术开发,1,专利,宇宙计划,否",
            "6,技术开发,1,专利,计划外,可能",
            head="合同编号,合同类型,合同金额(元),知识产权,计划来源,是否关联交易",
        ),
        "AAADDD",
        300,
        codes("contract_ip_unknown", "contract_plan_unknown", "contract_yes_no_unknown"),
        cells={
            "ip_kind": ["invention_patent", "none", "software_copyright"],
            "plan_source": ["national", "outside_plan", "province"],
            "is_related_party": [True, False, None],
        },
    ),
    "party_kinds.csv": Ugly(
        text(
            "1,技术开发,1,甲研究院,021,张三,411",
            "2,技术开发,1,乙大学,22,李四有限公司,内资企业",
            "3,技术开发,1,丙局,机关法人,丁医院,023医疗卫生",
            "4,技术开发,1,戊公司,外星人,己公司,110",
            head="合同编号,合同类型,合同金额(元),卖方名称,卖方性质,买方名称,买方性质",
        ),
        "AAAD",
        300,
        codes("contract_party_unknown"),
        cells={
            "buyer_name": ["个人", "李四有限公司", "丁医院"],
            "seller_kind": ["research_institute", "university", "government"],
            "buyer_kind": ["person", "domestic_firm", "health_institution"],
        },
    ),
    "persons_without_kind.csv": Ugly(
        text(
            "1,技术开发,1,张三,甲公司",
            "2,技术开发,1,甲公司,欧阳小明",
            head="合同编号,合同类型,合同金额(元),转让方,受让方",
        ),
        "CC",
        200,
        codes("contract_party_looks_personal"),
        cells={"seller_name": ["个人", "甲公司"], "buyer_name": ["甲公司", "个人"]},
    ),
    "contacts.xlsx": Ugly(
        {
            "合同": [
                [
                    "合同编号",
                    "合同类型",
                    "合同金额(元)",
                    "卖方名称",
                    "卖方联系人",
                    "联系电话",
                    "卖方地址",
                    "卖方法定代表人",
                ],
                ["1", "技术开发", 1, f"甲公司(电话{MOBILE})", "王五", MOBILE, "某路1号", "赵六"],
            ]
        },
        "C",
        100,
        codes("contact_columns_dropped", "contact_removed"),
        cells={"seller_name": ["甲公司(电话…)"]},
    ),
    "places.csv": Ugly(
        text(
            *(
                f"{n},技术开发,1,{place}"
                for n, place in enumerate(
                    (
                        "530102",
                        "5301",
                        "5300",
                        "532331",
                        "弥勒县",
                        "云南省昭通市镇雄县",
                        "110108",
                        "广东省深圳市",
                        "大理",
                        "丽江县",
                        "火星",
                        "",
                        "530101",
                        "539999",
                        "盘龙区",
                        "云南",
                        "530102.0",
                    ),
                    start=1,
                )
            ),
            head="合同编号,合同类型,合同金额(元),卖方行政区划代码",
        ),
        "AAACCAAADDAACAAAA",
        1_700,
        codes(
            "place_former_code",
            "place_former_name",
            "place_ambiguous",
            "place_split",
            "contract_place_unknown",
            "contract_place_city",
        ),
        cells={
            "seller_adcode": [
                "530102",
                "530100",
                "530000",
                "532302",
                "532504",
                "530627",
                "110000",
                "440000",
                None,
                None,
                None,
                None,
                "530100",
                None,
                "530103",
                "530000",
                "530102",
            ]
        },
    ),
    "place_columns.csv": Ugly(
        text(
            "1,技术开发,1,云南省,大理州,大理,530102",
            "2,技术开发,1,四川省,成都市,武侯区,532901",
            "3,技术开发,1,云南省,昆明市,,大理",
            head="合同编号,合同类型,合同金额(元),卖方省份,卖方州市,卖方县区,买方所在地",
        ),
        "AAD",
        300,
        codes("place_ambiguous"),
        cells={
            "seller_adcode": ["532901", "510000", "530100"],
            "buyer_adcode": ["530102", "532901", None],
        },
    ),
    "code_and_name_differ.csv": Ugly(
        text(
            "1,技术开发,1,530102,镇雄县",
            "2,技术开发,1,532901,大理",
            head="合同编号,合同类型,合同金额(元),卖方行政区划代码,卖方所在地",
        ),
        "DA",
        200,
        codes("contract_places_differ"),
    ),
    "answered_by_value.csv": Ugly(
        text(
            "1,技术开发,1,1,2023-06-01,大理",
            "2,产学研,1,1,2023.1,大理",
            "3,技术服务,1,1,2023-06-01,丽江县",
        ),
        "AAA",
        300,
        options=Options(
            answers={
                ("大理", "place"): "532901",
                ("产学研", "contract_kind"): "技术开发",
                ("2023.1", "signed_on"): "2023-10",
                (4, "seller_place"): "古城区",
            }
        ),
        cells={
            "seller_adcode": ["532901", "532901", "530702"],
            "signed_on": ["2023-06-01", "2023-10", "2023-06-01"],
        },
    ),
    "excluded.csv": Ugly(
        text("1,技术开发,坏,1,2023-06-01,530102", "2,技术开发,1,1,2023-06-01,530102"),
        "XA",
        100,
        options=Options(exclude_rows=frozenset({2})),
    ),
    "same_row_twice.csv": Ugly(text(ROW, ROW), "AC", 100_000, codes("contract_said_twice")),
    "contradiction.csv": Ugly(
        text(ROW, ROW.replace("1000", "2000")), "DD", 0, codes("contract_contradicted")
    ),
    "changed_and_cancelled.csv": Ugly(
        text(
            "1,技术开发,100,2023-01-01,登记",
            "1,技术开发,150,2023-03-01,变更",
            "2,技术开发,200,2023-01-01,登记",
            "2,技术开发,,2023-04-01,注销",
            "3,技术开发,300,2023-01-01,",
            "4,技术开发,400,2023-01-01,审批中",
            head="合同编号,合同类型,合同金额(元),登记日期,登记状态",
        ),
        "CACAAD",
        45_000,
        codes("contract_replaced", "contract_status_unknown"),
        cells={
            "contract_id": ["1", "2", "3"],
            "contract_status": ["changed", "cancelled", "registered"],
        },
    ),
    "ids.csv": Ugly(
        text(
            "0053010020230001,技术开发,1,1,2023-06-01,530102",
            "'5301002023000002,技术开发,1,1,2023-06-01,530102",
            "5301002023000003,技术开发,1,1,2023-06-01,530102",
            "5.3010020230E+15,技术开发,1,1,2023-06-01,530102",
            ",技术开发,1,1,2023-06-01,530102",
            "/,技术开发,1,1,2023-06-01,530102",
        ),
        "AAARRR",
        300,
        codes("contract_id_rounded", "contract_id_missing"),
        cells={"contract_id": ["0053010020230001", "5301002023000002", "5301002023000003"]},
    ),
    "short_list.csv": Ugly(
        text("1,某项目,甲公司,12,10,技术开发", head=SHORT_HEAD),
        "A",
        12_000_000,
        codes("contract_no_place", "contract_no_date", "contract_no_field", "contract_no_ip"),
        options=Options(unit=MoneyUnit.WAN),
    ),
    "no_id_column.csv": Ugly(
        text("技术开发,1,2023-06-01", head="合同类型,合同金额(元),签订日期"),
        "R",
        0,
        codes("contract_column_missing"),
    ),
    "totals_and_remarks.csv": Ugly(
        "云南省技术合同认定登记情况表,,,,,\n"
        + text(
            ROW,
            ",,,,,",
            HEAD,
            "小计,,1000,800,,",
            "合 计,1份,1000,800,,",
            "注:数据截至2023年底",
            "填表人:,,,,,",
        ),
        "A",
        100_000,
        codes("total_left_out", "remark_left_out", "header_repeated_left_out"),
    ),
    "commas_in_titles.csv": Ugly(
        text(
            "1,甲,乙,技术开发,1",
            '2,"甲,乙",技术开发,1',
            "3,甲",
            '4,"甲\n乙",技术开发,1',
            head="合同编号,项目名称,合同类型,合同金额(元)",
        ),
        "RARA",
        200,
        codes("contract_row_too_wide", "contract_kind_missing"),
        cells={"title": ["甲,乙", "甲 乙"]},
    ),
    "spaces.csv": Ugly(
        text(
            " 5301002023000001 , 技术开发 ,\u3000100\u3000, 80 , 2023-06-01 , 530102 ",
            "\u200b2,技术 开发,1 000.50,\u00a01,2023 -06-01,530102",
        ),
        "AA",
        10_000 + 100_050,
    ),
    "english.csv": Ugly(
        text(
            "1,development,1000,2023-06-01",
            head="Contract number,Contract kind,Contract value (yuan),Signing date",
        ),
        "A",
        100_000,
    ),
    "declared_names.csv": Ugly(
        text(
            "1,service,12345,2023-06-01,530102,true",
            head="contract_id,contract_kind,contract_value_fen,signed_on,"
            "seller_adcode,is_related_party",
        ),
        "A",
        12_345,
        cells={"is_related_party": [True]},
    ),
    "chosen_columns.csv": Ugly(
        text("1,技术开发,7,530102", head="甲,乙,丙(元),卖方区划代码"),
        "A",
        700,
        options=Options(
            columns={"甲": "contract_id", "乙": "contract_kind", "丙(元)": "contract_value"},
            header_row=1,
        ),
    ),
    "numbers.xlsx": Ugly(
        {
            "合同": [
                ["合同登记编号", "合同类型", "合同成交额(万元)", "签订日期", "卖方区划代码"],
                ["5301002023000001", "技术开发", 12.3456789, 45078, 530102],
                ["5301002023000002", "技术服务", 0.1, "2023.6.1", 5301],
                [5301002023000003, "技术服务", 1, 45078, 530102],
                [53010020230004, "技术服务", 1, 45078.5, 530102],
            ]
        },
        "CAAA",
        12_345_679 + 100_000 + 1_000_000 + 1_000_000,
        codes("contract_money_rounded"),
        cells={
            "contract_id": [
                "5301002023000001",
                "5301002023000002",
                "5301002023000003",
                "53010020230004",
            ]
        },
    ),
    "title_rows.xlsx": Ugly(
        {
            "说明": [["填表说明"], ["请按要求填写"]],
            "合同": [
                ["云南省技术合同登记表"],
                ["单位:万元"],
                [],
                ["合同登记编号", "项目名称", "合同类别", "合同成交额", "卖方名称", "卖方地区"],
                ["1", "甲", "技术开发", 1, "甲公司", "盘龙区"],
                ["2", "乙", "技术开发", 2, "甲公司", "盘龙区"],
                ["合计", "", "", 3],
            ],
        },
        "AA",
        3_000_000,
        codes("sheet_chosen", "total_left_out"),
        merged=((0, 0, 0, 5),),
    ),
    "two_row_header.xlsx": Ugly(
        {
            "合同": [
                ["合同登记编号", "合同类型", "金额(元)", "", "卖方", ""],
                ["", "", "合同成交额(元)", "技术交易额(元)", "卖方名称", "卖方区划代码"],
                ["1", "技术开发", 100, 80, "甲公司", "530102"],
            ]
        },
        "A",
        10_000,
    ),
    "merged_cells.xlsx": Ugly(
        {
            "合同": [
                ["合同登记编号", "合同类型", "合同金额(元)", "卖方区划代码", "登记机构"],
                ["1", "技术开发", 100, "530102", "昆明登记站"],
                ["2", "技术开发", 200, "530102", ""],
                ["3", "技术开发", 300, "530102", ""],
            ]
        },
        "AAA",
        60_000,
        codes("merged_cells_filled"),
        cells={"registry_name": ["昆明登记站"] * 3},
        merged=((1, 4, 3, 4),),
    ),
    "formulas.xlsx": Ugly(
        {
            "合同": [
                ["合同登记编号", "合同类型", "合同金额(元)"],
                ["1", "技术开发", '=HYPERLINK("http://example.org")'],
                ["2", "技术开发", "=1+1"],
                ["3", "技术开发", 5],
                ["合计", "", "=SUM(C2:C4)"],
            ]
        },
        "RRA",
        500,
        codes("contract_formula", "total_left_out"),
    ),
    "unit_in_title.csv": Ugly(
        "昆明市技术合同登记表(单位:万元),,,,,\n" + text(ROW, head=HEAD.replace("(元)", "")),
        "A",
        1_000_000_000,
    ),
    "thousands_of_yuan.csv": Ugly(
        text("1,技术开发,5", head="合同编号,合同类型,合同金额(千元)"), "A", 500_000
    ),
    "units_differ.csv": Ugly(
        text(
            "1,技术开发,50000,4",
            "2,技术开发,50000,6",
            head="合同编号,合同类型,合同成交额(元),技术交易额(万元)",
        ),
        "AR",
        5_000_000,
        codes("contract_technology_above"),
        cells={"technology_value_fen": [4_000_000]},
    ),
    "decimal_commas.csv": Ugly(
        text(
            "1;技术开发;1,5;1;2023-06-01;530102",
            "2;技术开发;1.234,5;1;2023-06-01;530102",
            head=HEAD.replace(",", ";"),
        ),
        "RR",
        0,
        codes("contract_money_unreadable"),
    ),
    "negative_money.csv": Ugly(
        text(
            "1,技术开发,-5,1,2023-06-01,530102",
            "2,技术开发,5-,1,2023-06-01,530102",
            "3,技术开发,\u22125,1,2023-06-01,530102",
            "4,技术开发,5,-1,2023-06-01,530102",
            "5,技术开发,▲5,1,2023-06-01,530102",
            "6,技术开发,0,0,2023-06-01,530102",
        ),
        "RRRRRA",
        0,
        codes("contract_money_negative", "contract_money_unreadable"),
    ),
    "mixed_dates.csv": Ugly(
        text(
            "1,技术开发,1,1,45078.0,530102",
            "2,技术开发,1,1,2023年6月,530102",
            "3,技术开发,1,1,23.6.1,530102",
            "4,技术开发,1,1,2023-6-31,530102",
            "5,技术开发,1,1,Jun 1 2023,530102",
            "6,技术开发,1,1,2023/06/01 00:00,530102",
        ),
        "AADDDA",
        300,
        codes("date_not_read"),
        cells={"signed_on": ["2023-06-01", "2023-06", "2023-06-01"]},
    ),
    "totals_in_the_middle.csv": Ugly(
        text(
            "1,技术开发,1,1,2023-06-01,530102",
            "小计:,,1,1,,",
            "昆明小计,,1,1,,",
            "2,技术开发,2,1,2023-06-01,530102",
            ",合计,3,2,,",
            "3,技术开发,4,1,2023-06-01,530102",
            "总  计,,7,,,",
        ),
        "ARAA",
        700,
        codes("total_left_out", "contract_kind_missing"),
    ),
    "bom_in_the_middle.csv": Ugly(
        text(
            "1,技术开发,1,1,2023-06-01,530102",
            f"\ufeff{HEAD}",
            "\ufeff2,技术开发,1,1,2023-06-01,530102",
        ),
        "AA",
        200,
        codes("header_repeated_left_out"),
        cells={"contract_id": ["1", "2"]},
    ),
    "codes_as_floats.csv": Ugly(
        text(
            "5301002023000001.0,技术开发,1,1,2023-06-01,530102.0",
            "2,技术开发,1,1,2023-06-01,5301.0",
            "3,技术开发,1,1,2023-06-01,530102.5",
            "\uff14,技术开发,\uff11\uff0e\uff15,1,\uff12\uff10\uff12\uff13-06-01,\uff15\uff13\uff10\uff11\uff10\uff12",
        ),
        "AAAA",
        450,
        codes("contract_place_unknown"),
        cells={
            "contract_id": ["5301002023000001", "2", "3", "4"],
            "seller_adcode": ["530102", "530100", None, "530102"],
        },
    ),
    "cancelled_first.csv": Ugly(
        text(
            "1,技术开发,,2023-04-01,注销,",
            "1,技术开发,200,2023-01-01,登记,530102",
            "2,技术开发,9,2023-05-01,变更,530102",
            "2,技术开发,7,2023-01-01,登记,530102",
            head="合同登记编号,合同类型,合同成交额(元),登记日期,登记状态,卖方区划代码",
        ),
        "ACAC",
        900,
        codes("contract_replaced"),
        cells={"contract_id": ["1", "2"], "contract_status": ["cancelled", "changed"]},
    ),
    "same_id_two_years.csv": Ugly(
        text(
            "0001,技术开发,1,1,2022-06-01,530102",
            "0001,技术开发,1,1,2023-06-01,530102",
            "1,技术开发,1,1,2023-06-01,530102",
        ),
        "DDA",
        100,
        codes("contract_contradicted"),
        cells={"contract_id": ["1"]},
    ),
    "line_breaks_in_header.xlsx": Ugly(
        {
            "合同": [
                ["合同\n登记编号", "合同\n类型", "合同成交额\n(万元)", "签订\r\n日期"],
                ["1", "技术开发", 2, "2023-06-01"],
            ]
        },
        "A",
        2_000_000,
        cells={"signed_on": ["2023-06-01"]},
    ),
    "empty_sheet_first.xlsx": Ugly(
        {
            "Sheet1": [],
            "Sheet2": [[], ["合同登记编号", "合同类型", "合同金额(元)"], ["1", "技术开发", 5]],
        },
        "A",
        500,
    ),
    "hidden_sheet.xlsx": Ugly(
        {
            "新": [["合同登记编号", "合同类型", "合同金额(元)"], ["1", "技术开发", 5]],
            "旧": [
                ["合同登记编号", "合同类型", "合同金额(元)", "签订日期", "卖方区划代码"],
                ["9", "技术开发", 999, "2020-01-01", 530102],
            ],
        },
        "A",
        500,
        hidden="旧",
    ),
    "merged_ids.xlsx": Ugly(
        {
            "合同": [
                ["合同登记编号", "合同类型", "合同金额(元)"],
                ["1", "技术开发", 5],
                ["", "技术开发", 6],
                ["2", "技术开发", 7],
            ]
        },
        "DDA",
        700,
        codes("merged_cells_filled", "contract_contradicted"),
        merged=((1, 0, 2, 0),),
    ),
    "groups_above_header.xlsx": Ugly(
        {
            "合同": [
                ["合同信息", "", "", "金额(万元)", ""],
                ["登记编号", "名称", "类型", "成交额", "技术交易额"],
                ["0001", "甲", "技术开发", 5, 4],
            ]
        },
        "A",
        5_000_000,
        merged=((0, 0, 0, 2), (0, 3, 0, 4)),
    ),
    "parties_above_header.xlsx": Ugly(
        {
            "台账": [
                ["技术合同登记台账"] + [""] * 10,
                [
                    "合同登记编号",
                    "合同类型",
                    "卖方(让与方)",
                    "",
                    "",
                    "买方信息",
                    "",
                    "",
                    "成交金额(单位:万元)",
                    "",
                    "合同有效期",
                ],
                [
                    "",
                    "",
                    "名称",
                    "性质",
                    "行政区划代码",
                    "名称",
                    "类型",
                    "行政区划代码",
                    "合同成交金额",
                    "技术交易额",
                    "起",
                ],
                [
                    "0001",
                    "技术开发",
                    "卖方0001",
                    "内资企业",
                    "530102",
                    "买方0001",
                    "高等院校",
                    "530602",
                    12.5,
                    10,
                    "2023-06-01",
                ],
            ]
        },
        "A",
        12_500_000,
        cells={
            "contract_kind": ["development"],
            "seller_name": ["卖方0001"],
            "seller_adcode": ["530102"],
            "buyer_name": ["买方0001"],
            "buyer_adcode": ["530602"],
            "buyer_kind": ["university"],
            "technology_value_fen": [10_000_000],
            "starts_on": ["2023-06-01"],
        },
        merged=(
            (0, 0, 0, 10),
            (1, 0, 2, 0),
            (1, 1, 2, 1),
            (1, 2, 1, 4),
            (1, 5, 1, 7),
            (1, 8, 1, 9),
        ),
    ),
    "parties_above_header.csv": Ugly(
        "编号,类型,卖方,,买方,,成交额(元),签订日期\n"
        ",,单位名称,所在地,单位名称,所在地,,\n"
        "1,技术开发,卖方0001,盘龙区,买方0001,镇雄县,1000,2023-06-01\n",
        "A",
        100_000,
        cells={
            "seller_adcode": ["530103"],
            "buyer_adcode": ["530627"],
            "signed_on": ["2023-06-01"],
        },
    ),
    "answers_about_one_party.csv": Ugly(
        text(
            "1,技术开发,10,8,2023-06-01,大理,美国",
            "2,技术开发,10,8,2023-06-01,大理,楚雄",
            "3,技术开发,10,8,2023-06-01,大理,昆明市",
            "4,技术开发,10,,,昆明市,昆明市",
            head="编号,合同类型,成交额(元),技术交易额(元),签订日期,卖方所在地,买方所在地",
        ),
        "ADAA",
        4_000,
        codes("contract_signed_on_empty", "contract_technology_value_empty", "place_ambiguous"),
        options=Options(
            answers={(2, "place"): "大理市", (3, "place"): "大理市", (4, "place"): "大理市"}
        ),
        cells={
            "seller_adcode": ["532901", None, "532901", "530100"],
            "buyer_adcode": [None, None, "530100", "530100"],
            "signed_on": ["2023-06-01", "2023-06-01", "2023-06-01", None],
            "technology_value_fen": [800, 800, 800, None],
        },
    ),
    "sum_above_header.csv": Ugly(
        "2023年,,成交额3.2亿元,,,\n" + text(ROW, head=HEAD.replace("(元)", "")),
        "A",
        0,
        codes("contract_unit_unknown"),
    ),
    "excel_errors.xlsx": Ugly(
        {
            "合同": [
                ["合同编号", "合同类型", "合同金额(元)", "卖方区划代码"],
                ["1", "技术开发", "#N/A", "530102"],
                ["2", "技术开发", 6, "530102"],
                ["#VALUE!", "技术开发", 6, "530102"],
                ["3", "技术开发", 6, "#REF!"],
            ]
        },
        "RARR",
        600,
        codes("contract_formula"),
    ),
    "old_excel.xls": Ugly(
        {
            "说明": [["请按要求填写"]],
            "合同": [
                ["合同登记编号", "合同类型", "合同成交额(万元)", "签订日期", "卖方区划代码"],
                ["5301002023000001", "技术开发", 12.5, 45078, 530102],
                ["2", "技术服务", 1, "2023.6.1", 532331],
            ],
        },
        "AC",
        13_500_000,
        codes("place_former_code"),
        cells={"signed_on": ["2023-06-01", "2023-06-01"]},
    ),
    "open_document.ods": Ugly(
        {"合同": [["合同登记编号", "合同类型", "合同金额(元)"], ["1", "技术开发", "100.50"]]},
        "A",
        10_050,
    ),
    "columns.parquet": Ugly(
        {
            "": [
                ["contract_id", "contract_kind", "contract_value_fen", "seller_adcode"],
                ["0001", "service", 12_345, "530102"],
                ["0002", "licence", 1, "532331"],
            ]
        },
        "AC",
        12_346,
        codes("place_former_code"),
    ),
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b" \r\n\t\n", "file_empty"),
    "only_header.csv": (f"{HEAD}\n".encode(), "file_only_header"),
    "no_header.csv": (f"{ROW}\n{ROW}\n".encode(), "contract_no_header"),
    "web_page.xls": (
        b"<html><body><table><tr><td>1</td></tr></table></body></html>",
        "file_is_web_page",
    ),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(40), "file_not_a_list"),
    "damaged.xlsx": (b"PK\x03\x04" + b"damaged" * 20, "file_spreadsheet_damaged"),
    "damaged.parquet": (b"PAR1" + b"damaged" * 20, "file_spreadsheet_damaged"),
    "mixed_encodings.csv": (
        f"{HEAD}\n{ROW}".encode() + "技术开发".encode("gb18030"),
        "file_encoding_mixed",
    ),
    "open_quote.csv": (
        f'{HEAD}\n"{ROW}\n'.encode() + f"{ROW}\n".encode() * 80,
        "file_quote_open",
    ),
}
"""Files that cannot be read as a register at all, and why."""


@cache
def preview(name: str) -> ContractPreview:
    """Return the preview of a list of the folder, which nobody changes."""
    content = (CONTRACT_LISTS / name).read_bytes()
    return preview_contracts(content, name, gazetteer(), UGLY[name].options)


def inline(
    reference: Gazetteer, content: str, options: ContractOptions | None = None
) -> ContractPreview:
    """Return the preview of a list given as text."""
    return preview_contracts(content.encode(), "合同.csv", reference, options)
