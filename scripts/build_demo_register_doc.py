"""Write the tables in ``docs/demo_register.md``: published figures beside the register, its mix.

Run ``python -m scripts.build_demo_register_doc``. The prose is written by hand; what stands
between ``<!-- name -->`` and ``<!-- end -->`` is counted from the rows of the register.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from network_map.catalog import read_shipped
from network_map.terms import ContractStatus, IpKind, PartyKind
from scripts.build_common import ROOT, write_bytes
from scripts.demo.totals import KUNMING, demo_contract_totals

DOC = ROOT / "docs" / "demo_register.md"
FEN_IN_100M_YUAN = 10**10
MONEY = {
    "contract_value_100m_yuan": "contract_value_fen",
    "technology_value_100m_yuan": "technology_value_fen",
}
MEASURES = {
    "contracts_count": ("合同数", "contracts"),
    "contract_value_100m_yuan": ("成交额(亿元)", "contract value (100 m yuan)"),
    "technology_value_100m_yuan": ("技术交易额(亿元)", "technology value (100 m yuan)"),
}
STATED_ERRORS = {
    ("prov-2020", "contracts_count"): Decimal("0.5"),
    ("prov-2020", "contract_value_100m_yuan"): Decimal("0.01"),
    ("prov-2022", "contracts_count"): Decimal(2),
}
"""What the notes of ``contracts_province`` say of worked-out figures; elsewhere it is nothing."""
AREAS = {"云南省": "Yunnan", "昆明市": "Kunming", "其余15州市合计": "the other 15 prefectures"}
BASES = {
    "published": ("公布", "published"),
    "worked_out": ("推算", "worked out"),
    "estimated": ("估计", "estimated"),
}
Row = dict[str, object]


@cache
def register() -> pd.DataFrame:
    """Return the contracts of the demonstration that stand: cancelled ones are left out."""
    contracts = read_shipped("demo_contracts")
    return contracts[contracts["contract_status"] != ContractStatus.CANCELLED]


def figures() -> list[Row]:
    """Return each published or worked-out figure, what the register has, and the difference."""
    province = read_shipped("contracts_province").assign(area_name="云南省")
    prefecture = read_shipped("contracts_prefecture").assign(count_grade=None)
    found: list[Row] = []
    for table in (province, prefecture):
        told = table[table["figure_kind"] != "target"]
        for figure in told.to_dict("records"):
            found += [
                _compared(figure, measure)
                for measure in MEASURES
                if measure in figure and pd.notna(figure[measure])
            ]
    return found


def _compared(figure: Mapping[Hashable, Any], measure: str) -> Row:
    rows = _within(str(figure["starts_on"]), str(figure["ends_on"]), str(figure["area_name"]))
    demo = (
        Decimal(len(rows))
        if measure == "contracts_count"
        else Decimal(int(rows[MONEY[measure]].sum())) / FEN_IN_100M_YUAN
    )
    own_grade = figure["count_grade"] if measure == "contracts_count" else None
    published = Decimal(str(figure[measure])).normalize()
    return {
        "figure_id": figure["figure_id"],
        "area": figure["area_name"],
        "period": f"{figure['starts_on']} – {figure['ends_on']}",
        "measure": measure,
        "published": published,
        "grade": own_grade if isinstance(own_grade, str) else figure["grade"],
        "error": STATED_ERRORS.get((str(figure["figure_id"]), measure), Decimal(0)),
        "demo": demo,
        "difference": demo - published,
    }


def _within(starts_on: str, ends_on: str, area: str) -> pd.DataFrame:
    """Return the contracts registered in the period, of sellers of the area.

    A period told to the month alone ends on the 19th, as its note says. The rest of the province
    is what the figure itself is: the province less Kunming, so the unlocated are in it.
    """
    last = ends_on if ends_on.count("-") > 1 else f"{ends_on}-19"
    contracts = register()
    rows = contracts[contracts["registered_on"].between(starts_on, last)]
    if area == "云南省":
        return rows
    in_kunming = rows["seller_adcode"].str[:4] == KUNMING[:4]
    return rows[in_kunming] if area == "昆明市" else rows[~in_kunming]


def _number(value: object) -> str:
    number = Decimal(str(value))
    return "0" if number == 0 else f"{number.normalize():,f}"


def _grid(headings: Sequence[str], rows: list[list[str]]) -> str:
    lines = [list(headings), ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figures_table(language: int) -> str:
    """Return the comparison in Chinese (0) or English (1)."""
    headings = (
        ("范围", "期间", "数字", "公布或推算", "等级", "所述误差", "演示", "差额"),
        ("Area", "Period", "Figure", "Published", "Grade", "Stated error", "Demo", "Difference"),
    )[language]
    rows = [
        [
            (str(row["area"]), AREAS[str(row["area"])])[language],
            str(row["period"]),
            MEASURES[str(row["measure"])][language],
            _number(row["published"]),
            str(row["grade"]),
            f"±{row['error']}" if row["error"] else "–",
            _number(row["demo"]),
            _number(row["difference"]),
        ]
        for row in figures()
    ]
    return _grid(headings, rows)


def years_table(language: int) -> str:
    """Return the totals of the province by year, with the basis of each."""
    totals = demo_contract_totals(
        read_shipped("contracts_province"), read_shipped("contracts_prefecture")
    )
    is_year = (totals["area"] == "province") & totals["ends_on"].str.endswith("12-31")
    columns = ("contracts_count", "contract_value", "technology_value")
    rows = []
    for total in totals[is_year].to_dict("records"):
        cells = [str(total["year"])]
        for column in columns:
            is_count = column == "contracts_count"
            amount = total[column] if is_count else total[f"{column}_fen"] / FEN_IN_100M_YUAN
            basis = BASES[str(total[f"{column}_basis"])][language]
            cells += [f"{amount:,}" if is_count else f"{amount:,.2f}", basis]
        rows.append(cells)
    basis_word = ("依据", "Basis")[language]
    words = [words[language] for words in MEASURES.values()]
    year = ("年份", "Year")[language]
    return _grid([year, *(cell for word in words for cell in (word, basis_word))], rows)


def mix_table(language: int) -> str:
    """Return what part of number and value some groups have, by year."""
    contracts = register()
    patents = [kind.value for kind in IpKind if kind.is_patent]
    seller, buyer = contracts["seller_adcode"], contracts["buyer_adcode"]
    groups = {
        ("涉及专利", "patent-related"): contracts["ip_kind"].isin(patents),
        ("技术服务", "technical services"): contracts["contract_kind"] == "service",
        ("技术开发", "development"): contracts["contract_kind"] == "development",
        ("转让和许可", "transfers, licences"): contracts["contract_kind"].isin(
            ["transfer", "licence"]
        ),
        ("卖方为高校", "sold by universities"): contracts["seller_kind"] == PartyKind.UNIVERSITY,
        ("买方在省外", "bought outside"): buyer.notna() & (buyer.str[:2] != KUNMING[:2]),
        ("卖方或买方未定位", "seller or buyer unlocated"): seller.isna() | buyer.isna(),
        ("关联交易", "related party"): contracts["is_related_party"],
    }
    year = contracts["registered_on"].str[:4]
    values = contracts["contract_value_fen"]
    count, total = year.value_counts(), values.groupby(year).sum()
    rows = []
    for words, mask in groups.items():
        of_count = mask.groupby(year).sum() / count
        of_value = values[mask].groupby(year[mask]).sum() / total
        cells = [f"{of_count[y]:.1%} / {of_value[y]:.1%}" for y in sorted(total.index)]
        rows.append([words[language], *cells])
    return _grid([("部分", "Part")[language], *sorted(total.index)], rows)


TABLES: dict[str, Callable[[int], str]] = {
    "figures": figures_table,
    "years": years_table,
    "mix": mix_table,
}


def content(document: str) -> str:
    """Return the document with its tables counted anew."""

    def counted(found: re.Match[str]) -> str:
        name, language = found["name"], ("zh", "en").index(found["language"])
        return f"<!-- {name}-{found['language']} -->\n{TABLES[name](language)}\n<!-- end -->"

    marked = r"<!-- (?P<name>\w+)-(?P<language>zh|en) -->\n.*?<!-- end -->"
    return re.sub(marked, counted, document, flags=re.DOTALL)


def main() -> None:
    """Write the tables into the document."""
    write_bytes(DOC, content(DOC.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    main()
