"""The headers of a contract register: their wordings, the unit in them, what is never kept.

The unit of a register's money: from its header, from a person, or an open question.

Never guessed: a wrong unit is wrong by a factor of ten thousand.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow.compute as pc

from network_map.contracts.importing.cells import MoneyUnit, fen_column, unit_word
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import Problem, Severity
from network_map.listfiles.cells import is_matching, plain_text
from network_map.listfiles.grid import Chunk, HeaderRules, ListFile
from network_map.listfiles.headers import (
    CONTACT_WORDS,
    NUMBERED_AGAIN,
    Confidence,
    HeaderMatch,
    ListHeaders,
    Synonyms,
    header_score,
    list_headers,
    match_headers,
)

_SELLER, _BUYER = "卖方", "买方"
_OTHER_WORDS = {
    _SELLER: re.compile(
        r"^(?:技术)?(?:卖方|让与方|出让方|受托方|输出方|转让方|许可方)(?:单位(?=.))?"
    ),
    _BUYER: re.compile(r"^(?:技术)?(?:买方|受让方|委托方|吸纳方|被许可方|合作方)(?:单位(?=.))?"),
}
"""Other words for the two parties at the beginning of a header."""
_DATA = re.compile(r"\d{8}")
"""No header has so many digits: a row with them is data."""
_PARTY_ITEMS: Mapping[str, str] = {
    "name": "名称|单位|单位名称|机构名称|=",
    "adcode": (
        "行政区划代码|区划代码|行政区代码|行政代码|地区代码|所在地代码|区域代码|行政区划编码"
        "|所在地行政区划代码"
    ),
    "place": (
        "行政区划|行政区划名称|行政区|所在地|所在地区|地区|所属地区|属地|地域|区域|所在地名称"
        "|所在行政区|注册地|所属区域"
    ),
    "province": "省份|所在省|省|所在省份|所属省份|省(区、市)",
    "prefecture": "州市|所在州市|地市|市|州(市)|所在市|城市|地级市|市州|所在地市|所属州市|所属市州",
    "county": "县区|所在县|县(市、区)|区县|县|县市区|所在区县|所在县区|所属县区|所属区县|所属县",
    "country": "国别代码|国别|国家代码|所在国|国家|国别(地区)",
    "kind": "性质|类型|类别|机构性质|单位性质|机构类别|机构类型|法人性质|主体性质|性质代码|属性",
}
"""For each item the words after the party: 卖方 + 名称; a bare = is the party's name alone."""

_PARTY_ITEMS_EN = ("county", "prefecture", "province", "place")
"""Items that an English header names after the party, as in Seller county."""

_MONEY_UNIT = (
    "=金额单位|=单位(金额)|=货币单位|=计价单位|=合同金额单位|=成交额单位|=成交金额单位|=合同成交额单位"
    "|=合同成交金额单位|=合同额单位|=技术交易额单位|=实收金额单位|=到账金额单位|=单位(元/万元)|=金额的单位"
)
_CURRENCY = "=币种|=货币|=币别|=货币种类|=货币类型|=结算币种|=合同币种|=计价币种|=currency"

_HEADERS: Mapping[str, str] = {
    "contract_id": (
        "合同登记编号|技术合同登记编号|合同登记号|登记编号|合同编号|技术合同编号|合同编码|=编号"
        "|合同号|认定登记编号|=登记号|=contract no|contract number|contract id"
    ),
    "title": (
        "项目名称|合同名称|技术合同名称|合同项目名称|技术项目名称|=名称|=项目|合同标题|=title"
        "|contract name|project name"
    ),
    "contract_kind": (
        "合同类型|合同类别|技术交易类型|技术合同类别|技术合同类型|交易类型|合同种类|=类型|=类别"
        "|合同分类|交易方式|contract kind|contract type|kind of contract|type of contract"
    ),
    "kind_detail": "合同子类|合同二级类别|合同小类|二级类别|二级类型|合同细类|=子类",
    "kind_scheme": "=合同分类标准",
    "contract_value": (
        "合同成交金额|合同成交额|合同成交总额|成交金额|成交额|合同金额|合同总金额|合同额|合同价款"
        "|合同总价|合同总额|=金额|contract value|contract amount"
    ),
    "technology_value": (
        "技术交易额|技术交易金额|技术性收入|核定技术交易额|技术交易总额|技术金额|其中技术交易额"
        "|technology value|technology amount"
    ),
    "money_unit": _MONEY_UNIT,
    "currency": _CURRENCY,
    "related_party": "关联交易|是否关联交易|是否关联|是否为关联交易|关联方交易|related party",
    "signed_on": (
        "合同签订日期|签订日期|签订时间|合同签订时间|签约日期|签约时间|合同日期|签署日期|签署时间"
        "|合同成交日期|成交日期|签订年份|签约年份|签订年度|签定日期"
        "|签定时间|=日期|signing date|signed on|date signed|date of signature"
    ),
    "registered_on": (
        "认定登记日期|登记日期|登记时间|认定日期|认定时间|认定登记时间|合同登记日期|合同登记时间"
        "|审核日期|审核时间|登记年份|登记年度|认定年份|registered on|registration date"
    ),
    "valid_span": (
        "合同有效期限|合同有效期|合同期限|履行期限|合同履行期限|有效期限|起止日期|起止时间"
    ),
    "starts_on": (
        "有效期起|合同开始日期|开始日期|合同起始日期|起始日期|合同生效日期|生效日期|履行开始日期"
        "|合同起始时间|合同开始时间|合同有效期起|starts on|start date"
    ),
    "ends_on": (
        "有效期止|合同结束日期|结束日期|合同终止日期|终止日期|截止日期|合同截止日期|履行结束日期"
        "|到期日期|合同终止时间|合同结束时间|合同有效期止|ends on|end date"
    ),
    "technology_field": "技术领域|所属技术领域|技术领域分类|领域|technology field|=field",
    "ip_kind": (
        "知识产权|知识产权类型|知识产权类别|知识产权情况|涉及知识产权|知识产权构成|知识产权种类"
        "|ip kind|intellectual property"
    ),
    "plan_source": "计划来源|计划类别|计划项目来源|项目计划来源|项目来源|计划项目|plan source",
    "registry_name": (
        "登记机构|登记机构名称|登记站|合同登记机构|认定登记机构|登记点|登记部门|登记单位|registry"
    ),
    "contract_status": "登记状态|合同状态|=状态|变更状态|状态类型|登记类型|=status|contract status",
    "source": "=来源|数据来源|=source",
    "origin": "=来源性质|=origin",
    "ordinal": "=序号|=排序|=顺序号|=no|=#|=行号",
}

_PAID_HEADERS: Mapping[str, str] = {
    "contract_id": _HEADERS["contract_id"],
    "service_body_id": (
        "服务机构编号|服务机构代码|机构编号|=机构代码|中介机构编号|服务机构统一社会信用代码"
        "|=统一社会信用代码|service body id"
    ),
    "service_body_name": (
        "服务机构名称|服务机构|中介机构|中介服务机构|技术转移机构|促成机构|经纪机构|服务单位"
        "|=机构名称|service body"
    ),
    "paid_value": (
        "实收金额|实际到账|到账金额|实际到账金额|实收额|实际支付金额|支付金额|已到账金额|实付金额"
        "|到款金额|到款额|到账额|实收款|收款金额|回款金额|=金额|paid value|paid amount"
    ),
    "money_unit": _MONEY_UNIT,
    "currency": _CURRENCY,
    "evidence_kind": "凭证类型|凭证|凭证类别|到账凭证|证明材料|evidence",
    "paid_on": (
        "到账日期|到账时间|支付日期|支付时间|实收日期|付款日期|付款时间|收款日期|收款时间"
        "|到款日期|到款时间|回款日期|paid on"
    ),
    "source": "=来源|数据来源|=source",
    "ordinal": _HEADERS["ordinal"],
}

_PERSONAL_WORDS = (
    *CONTACT_WORDS, "法人姓名", "签字人", "代理人", "证件", "账号", "帐号", "开户", "户名",
)  # fmt: skip
MONEY_COLUMNS = ("contract_value", "technology_value", "paid_value")
_UNIT = re.compile(
    r"(亿元|万元|千元|元|10,?000yuan|100m(?:illion)?yuan|yuan|_fen"
    r"|(?<=[(/])(?:分|fen|[万亿](?=\)|$)))"
)
_STRANGE_UNIT = re.compile(
    r"[百十千]万|百元|(?<!00)million|美元|欧元|日元|港元|英镑|usd|eur|hkd|jpy", re.IGNORECASE
)
_TITLE_UNIT = re.compile(
    r"单位(?:均|都|统一|一律)?[为是]?[::]?\(?(?:人民币)?\(?(亿元|万元|千元|元(?![谋阳江]))"
    r"|以(亿元|万元|千元|元)为单位|金额:\(?(亿元|万元|千元|元)|\((亿元|万元|千元|元)\)"
)
_MONEY_GROUP = re.compile(
    r"(?:技术)?(?:合同|成交|交易)?(?:总?金额|成交额|交易额|价款|经费)[((]?(?:单位[::]?)?"
    r"(亿元|万元|千元|元)[))]?"
)
_IN_BRACKETS = re.compile(r"[((][^()()]*[))]")
_ABOUT_IT = re.compile(r"(?:单位|机构)?(?:基本)?(?:信息|情况|资料)?")
_UNITS = {
    "亿元": MoneyUnit.YI, "万元": MoneyUnit.WAN, "千元": MoneyUnit.THOUSAND, "元": MoneyUnit.YUAN,
    "yuan": MoneyUnit.YUAN, "10000yuan": MoneyUnit.WAN, "10,000yuan": MoneyUnit.WAN,
    "100myuan": MoneyUnit.YI, "100millionyuan": MoneyUnit.YI, "万": MoneyUnit.WAN,
    "亿": MoneyUnit.YI, "fen": MoneyUnit.FEN, "_fen": MoneyUnit.FEN, "分": MoneyUnit.FEN,
}  # fmt: skip


@dataclass(frozen=True)
class RegisterHeaders(ListHeaders):
    """What was made of the headers of a register.

    Parameters
    ----------
    units
        The unit that the header of a money column names; those that name none are absent, and so
        are those whose numbers are shown smaller than they are under another unit than yuan, and
        those over which the title names another unit.
    open_units
        What is said about the latter two.
    others
        The money column that an unused header surely names as well, by the header's place.
    """

    units: Mapping[str, MoneyUnit] = field(default_factory=dict)
    open_units: tuple[Problem, ...] = ()
    others: Mapping[int, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What is worth saying about the headers."""
        return (*super().notes, *self.open_units)


def _party_words() -> dict[str, tuple[str, ...]]:
    return {
        f"{side}_{item}": (
            *(f"={party}" if tail == "=" else f"{party}{tail}" for tail in text.split("|")),
            *([f"={side} {item}"] if item in _PARTY_ITEMS_EN else ()),
        )
        for side, party in (("seller", _SELLER), ("buyer", _BUYER))
        for item, text in _PARTY_ITEMS.items()
    }


def _declared(table_words: Mapping[str, str], party: bool) -> dict[str, tuple[str, ...]]:  # noqa: FBT001 - private, named at both calls
    words = {column: tuple(text.split("|")) for column, text in table_words.items()}
    words |= _party_words() if party else {}
    for column in (CONTRACTS if party else PAID_VALUES).columns:
        name = _LISTED_AS.get(column.name, column.name)
        own = (column.name, column.zh, column.en)
        words[name] = (*(f"={word}" for word in own), *words.get(name, ()))
    return words


_LISTED_AS = {
    "contract_value_fen": "contract_value",
    "technology_value_fen": "technology_value",
    "paid_value_fen": "paid_value",
    "is_related_party": "related_party",
}
"""Columns that a list writes in another form than the table keeps."""

CONTRACT_SYNONYMS: Synonyms = _declared(_HEADERS, party=True)
"""Wordings of each column of a register; some columns are of the list alone."""

PAID_SYNONYMS: Synonyms = _declared(_PAID_HEADERS, party=False)
"""Wordings of each column of a list of paid values."""


def match_register(
    register: ListFile,
    synonyms: Synonyms,
    choices: Mapping[str, str | None],
    below: Sequence[str] = (),
) -> RegisterHeaders:
    """Return what was made of the headers of a register.

    The titles above may name the unit, and so may the remarks ``below``. Where a number format
    shows numbers smaller than they are, or beside another unit, no header says which is meant.
    """
    headers, scaled = register.headers, register.scaled
    found = list_headers(
        headers, synonyms, choices, personal=_PERSONAL_WORDS, in_own_words=in_own_words
    )
    units, differing = _units(headers, (*register.titles, *below), found.positions)
    places = {c: found.positions[c] for c in MONEY_COLUMNS if c in found.positions}
    said = tuple(
        Problem(
            "contract_money_scaled", Severity.NOTE, None, column, headers[place],
            {"row": scaled[place]},
        )
        for column, place in places.items()
        if place in scaled and units.get(column) is not MoneyUnit.YUAN
    )  # fmt: skip
    units = {c: unit for c, unit in units.items() if c not in {note.column for note in said}}
    said = (*said, *differing, *_formats_differ(register, places, units))
    units = {c: unit for c, unit in units.items() if c not in {note.column for note in said}}
    others = _other_amounts(found, synonyms, choices)
    return RegisterHeaders(
        found.matches, found.dropped, units=units, open_units=said, others=others
    )


def _formats_differ(
    register: ListFile, places: Mapping[str, int], units: Mapping[str, MoneyUnit]
) -> tuple[Problem, ...]:
    """Return a note for each column whose number format writes another unit than is known."""
    found: dict[str, Problem] = {}
    for column, place in places.items():
        for (at, word), row in register.units.items():
            if at == place and column in units and unit_word(word) is not units[column]:
                found.setdefault(column, Problem(
                    "contract_money_format", Severity.NOTE, None, column,
                    register.headers[place], {"row": row, "unit": word},
                ))  # fmt: skip
    return tuple(found.values())


def unit_remarks(problems: Iterable[Problem], headers: ListHeaders) -> tuple[str, ...]:
    """Return the remarks below a list that name another unit than its money is read in."""
    said = [note.value for note in problems if note.code == "remark_left_out"]
    naming = tuple(text for text in said if _named_units([text]))
    columns = [column for column in MONEY_COLUMNS if column in headers.positions]
    units = headers.units if isinstance(headers, RegisterHeaders) else {}
    own = {units.get(column) for column in columns}
    return naming if {_UNITS[word] for word in _named_units(naming)} - own else ()


def _named_units(texts: Iterable[str]) -> set[str]:
    """Return the units that lines beside a table give for its money."""
    return {
        word
        for text in texts
        for found in _TITLE_UNIT.findall(plain_text(text))
        for word in found
        if word
    }


def _other_amounts(
    found: ListHeaders, synonyms: Synonyms, choices: Mapping[str, str | None]
) -> dict[int, str]:
    """Return the money column that each unused header names: 合同金额 beside 合同成交额."""
    chosen = {column for column in choices.values() if column is not None}
    alone = {
        match.position: _matched(match.header, synonyms)
        for match in found.matches
        if match.column is None and match.header and match.header not in choices
    }
    return {
        place: str(match.column)
        for place, match in alone.items()
        if match.column in MONEY_COLUMNS and match.column not in chosen
        and match.confidence in {Confidence.EXACT, Confidence.NORMALISED}
    }  # fmt: skip


def in_own_words(header: str) -> str:
    """Return a header that begins with 卖方 or 买方 where it used another word for the party."""
    for party, pattern in _OTHER_WORDS.items():
        header = pattern.sub(party, header.strip())
    return header


def under_group(group: str, header: str, synonyms: Synonyms) -> str:
    """Return a header with what the one over it and its neighbours adds.

    Returns
    -------
    str
        名称 under 卖方 is 卖方名称, 成交额 under 金额(万元) is 成交额(万元), 起 under 合同有效期 is
        合同有效期起. A group that makes the header no better known adds nothing.
    """
    alone, party = _matched(header, synonyms), _bare_party(group)
    joined = f"{party or group.strip()}{header.strip()}"
    together = _matched(joined, synonyms)
    if party and together.confidence in {Confidence.EXACT, Confidence.NORMALISED}:
        return joined
    if alone.column in MONEY_COLUMNS and header_unit(header) is None:
        unit = _MONEY_GROUP.fullmatch(plain_text(group))
        return f"{header.strip()}({unit[1]})" if unit else header
    return joined if alone.column is None and together.column is not None else header


def _matched(header: str, synonyms: Synonyms) -> HeaderMatch:
    return match_headers([in_own_words(header)], synonyms)[0]


def _bare_party(group: str) -> str | None:
    """Return 卖方 or 买方 where a header says no more than that."""
    plain = _IN_BRACKETS.sub("", plain_text(group))
    for party, pattern in _OTHER_WORDS.items():
        found = pattern.match(plain)
        if found and _ABOUT_IT.fullmatch(plain[found.end() :]):
            return party
    return None


def register_rules(synonyms: Synonyms) -> HeaderRules:
    """Return how the header of a register or a list of payments is known."""
    return HeaderRules(
        score=lambda row: register_score(row, synonyms),
        under_group=lambda group, header: under_group(group, header, synonyms),
        has_unit=lambda header: header_unit(header) is not None,
        least_score=1.9,  # two headers that are known: fewer are no register
        missing="paid_no_header" if synonyms is PAID_SYNONYMS else "contract_no_header",
    )


def register_score(row: Sequence[str], synonyms: Synonyms) -> float:
    """Return how much a row looks like the header of a register."""
    if any(_DATA.search(cell) for cell in row):
        return 0.0
    return header_score([in_own_words(cell) for cell in row], synonyms)


def _units(
    headers: Sequence[str], titles: Sequence[str], positions: Mapping[str, int]
) -> tuple[dict[str, MoneyUnit], tuple[Problem, ...]]:
    """Return the unit of each money column, from its header or the lines above the table.

    Where the two differ, neither holds, and that is said.
    """
    above = _named_units(titles)
    common = _UNITS[above.pop()] if len(above) == 1 else None
    units, said = {}, []
    for column in MONEY_COLUMNS:
        if column not in positions:
            continue
        header = headers[positions[column]]
        own = header_unit(header)
        if own is not None and common not in {None, own}:
            values = {"unit": str(common)}
            said.append(Problem("contract_unit_above", Severity.NOTE, None, column, header, values))
        elif (unit := own or common) is not None:
            units[column] = unit
    return units, tuple(said)


def header_unit(header: str) -> MoneyUnit | None:
    """Return the one unit that a header names, or None if it names none or several."""
    plain = plain_text(header)
    if _STRANGE_UNIT.search(plain):
        return None
    found = {_UNITS[word] for word in _UNIT.findall(plain)}
    return found.pop() if len(found) == 1 else None


@dataclass
class AmountCheck:
    """Whether two columns that name one kind of amount say the same.

    Parameters
    ----------
    pairs
        Column, header used and the other one, place and unit of each.
    found
        For each other header the first row that differs, with both texts.
    """

    pairs: tuple[tuple[str, str, str, tuple[int, MoneyUnit], tuple[int, MoneyUnit]], ...]
    found: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Compare the amounts of a chunk; one that is blank or cannot be read says nothing."""
        for _, _, other, *columns in self.pairs:
            if other in self.found:
                continue
            texts = [pc.utf8_trim_whitespace(chunk.columns[place]) for place, _ in columns]
            first, second = (
                fen_column(text, unit) for text, (_, unit) in zip(texts, columns, strict=True)
            )
            differs = first.is_known & second.is_known & (first.fen != second.fen)
            if differs.any():
                place = int(differs.argmax())
                said = (texts[0][place].as_py(), texts[1][place].as_py())
                self.found[other] = (int(chunk.rows[place]), *said)

    def problems(self) -> tuple[Problem, ...]:
        """Return a question for each column that differs."""
        return tuple(
            Problem(
                "contract_amounts_differ", Severity.DOUBTFUL, None, "columns", used,
                {"row": row, "first": first[:40], "second": second[:40], "again": other},
            )
            for _, used, other, *_ in self.pairs
            if other in self.found
            for row, first, second in [self.found[other]]
        )  # fmt: skip


def amount_check(headers: RegisterHeaders, units: Mapping[str, MoneyUnit]) -> AmountCheck:
    """Return what compares the amounts of headers that say the same in other words."""
    pairs = []
    for place, column in headers.others.items():
        used = headers.positions.get(column)
        named = header_unit(headers.matches[place].header)
        if used is None or NUMBERED_AGAIN.search(headers.matches[place].header):
            continue
        own = units.get(column) or named or MoneyUnit.YUAN
        columns = ((used, own), (place, named or own))
        pairs.append((column, headers.matches[used].header, headers.matches[place].header,
                      *columns))  # fmt: skip
    return AmountCheck(tuple(pairs))


_ASKED = (MoneyUnit.YUAN, MoneyUnit.WAN, MoneyUnit.YI)
_BARE = r"[0-9０-９.,）)][\s\x{3000}]*$"
"""A cell that ends in a digit names no unit."""


@dataclass(frozen=True)
class UnitCheck:
    """The units of the money columns, and what is open about them.

    Parameters
    ----------
    units
        Unit of each column where it is known.
    silent
        Place of each money column whose unit nobody named.
    labels
        Header of each money column as written.
    differs
        Columns whose header names another unit than the person.
    found
        Sum in fen of the cells without a unit, by column and reading; it is added to.
    """

    units: Mapping[str, MoneyUnit]
    silent: Mapping[str, int]
    labels: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, MoneyUnit] = field(default_factory=dict)
    found: dict[tuple[str, MoneyUnit], int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether a person must say the unit."""
        return bool(self.found)

    def add(self, chunk: Chunk) -> None:
        """Sum the cells of a chunk that name no unit, under each reading."""
        for column, position in self.silent.items():
            texts = chunk.columns[position]
            if not is_matching(texts, _BARE).any():
                continue
            for unit in _ASKED:
                amounts = fen_column(pc.utf8_trim_whitespace(texts), unit)
                key = (column, unit)
                self.found[key] = self.found.get(key, 0) + sum(amounts.fen.tolist())

    def known(self) -> Mapping[str, MoneyUnit]:
        """Return the units, none of them while one must be asked."""
        return {} if self.is_open else self.units

    def sums(self) -> dict[MoneyUnit, int]:
        """Return the sum of the first open column in fen under each reading; {} if none is."""
        if not self.is_open:
            return {}
        first = next(iter(self.found))[0]
        return {unit: self.found[first, unit] for unit in _ASKED}


def check_units(headers: RegisterHeaders, chosen: MoneyUnit | None) -> UnitCheck:
    """Return the units of the money columns."""
    money = [c for c in MONEY_COLUMNS if c in headers.positions]
    units = dict(headers.units)
    if chosen is not None:
        units = {column: units.get(column, chosen) for column in money}
    return UnitCheck(
        units=units,
        silent={column: headers.positions[column] for column in money if column not in units},
        labels={column: headers.matches[headers.positions[column]].header for column in money},
        differs={c: unit for c, unit in units.items() if chosen not in {None, unit}},
    )


def unit_problems(check: UnitCheck) -> tuple[Problem, ...]:
    """Return what there is to ask about the units."""
    asked = tuple(
        Problem(
            "contract_unit_unknown", Severity.DOUBTFUL, None, "unit", check.labels[column],
            {u.name.lower(): f"{check.found[column, u] / 100:,.2f}" for u in _ASKED},
        )
        for column in check.silent
        if (column, MoneyUnit.YUAN) in check.found
    )  # fmt: skip
    differs = tuple(
        Problem("contract_unit_differs", Severity.DOUBTFUL, None, "unit", unit.value)
        for unit in dict.fromkeys(check.differs.values())
    )
    return (*asked, *differs)
