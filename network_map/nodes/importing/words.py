"""The words of a planner's node list: headers, states, what is never kept.

Which kind of node a word means; a kind is data, so a list may bring new ones.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import pandas as pd

from network_map.errors import QueryError
from network_map.listfiles.cells import bare_text, clean_text, plain_text
from network_map.listfiles.preview import pair
from network_map.nodes.tables import NODE_KINDS, NODES
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeStatus

_HEADERS: Mapping[str, str] = {
    "node_id": "节点编号|节点ID|=编号|=id",
    "kind": (
        "节点类型|节点类别|节点种类|机构类型|机构类别|平台类型|平台类别|载体类型|载体类别|=节点"
        "|=kind|node kind"
    ),
    "kind_or_type": "=类型|=类别|=种类|=type|=category",
    "kind_or_level": "=层级|节点层级|网络层级|=级别|节点级别|=tier|=level",
    "node_name": (
        "节点名称|=名称|=名字|机构名称|中心名称|分市场名称|市场名称|平台名称|基地名称|载体名称"
        "|=单位名称|=分市场|=县域中心|=转化中心|=科技成果转化中心|=县域科技成果转化中心|=name"
        "|node name"
    ),
    "province": "=省|=省份|所属省份|=province",
    "prefecture": (
        "州(市)|州市|市州|州、市|市(州)|地州|地州市|=州|=市|=地市|地级市|州(市)名称|所属州|所在州"
        "|=city|=prefecture|prefecture name"
    ),
    "prefecture_adcode": "州(市)代码|州市代码|地州代码|prefecture code|prefecture_adcode",
    "county": (
        "县(市、区)|县市区|市县区|区县|县区|=县(区)|=县(市)|=区(县)|=县|=区|=县名|=县级|=县域"
        "|县级行政区|市县|所属县|所在县|=示范县|示范县名称|示范县(市、区)|=示范县名单|=county"
        "|county name|=district|=示范县市"
    ),
    "place": (
        "=地区|所属地区|所在地区|地区名称|=所在地|=区域|所属区域|=行政区划|行政区划名称|=行政区"
        "|行政区域|=地点|=地域|=属地|所属地|建设地点|实施地点|=place|=region|=area|=location"
    ),
    "adcode": (
        "行政区划代码|区划代码|行政区代码|行政代码|行政区划编码|区划编码|县代码|县级代码"
        "|县(市、区)代码|县区代码|=代码|=adcode|division code|county code|=code"
    ),
    "lonlat": "经纬度|=坐标|地理坐标|位置坐标|中心坐标|=coordinates",
    "lon": "经度|东经|=lon|=lng|=long|longitude|=x|=x坐标",
    "lat": "纬度|北纬|=lat|latitude|=y|=y坐标",
    "status": (
        "=状态|建设状态|建设情况|建设进度|建设进展|运行状态|运行情况|节点状态|=现状|是否建成"
        "|建成情况|目前状态|=status"
    ),
    "batch": "批次|第几批|=batch",
    "node_type": "示范县类型|建设类型|示范类型|示范县类别|node_type|node type",
    "established_on": (
        "设立日期|设立时间|成立日期|成立时间|批准日期|批准时间|批准年份|批复时间|批复日期"
        "|认定时间|认定日期|认定年份|建成时间|建成日期|挂牌时间|挂牌日期|获批时间|获批日期"
        "|立项时间|启动时间|设立年份|成立年份|建立年份|挂牌年份|批复年份|获批年份|建立时间|建立日期|建设时间|=时间|=日期|=年份|=年度"
        "|established|=date"
    ),
    "withdrawn_on": (
        "撤销日期|撤销时间|注销日期|注销时间|取消时间|取消日期|退出时间|摘牌时间|withdrawn_on"
        "|withdrawn on"
    ),
    "approval_number": (
        "编办批文号|批文号|批复文号|批准文号|编办文号|=文号|编办批文|=批文|编办批复|批复文件"
        "|批准文件|发文字号|文件号|approval number|approval_number"
    ),
    "evaluated_on": (
        "评估日期|评估时间|考核日期|考核时间|验收日期|验收时间|评价日期|评价时间|evaluated_on"
        "|evaluated on"
    ),
    "evaluation_result": (
        "评估结果|评估等次|评估等级|评估结论|考核结果|考核等次|考核等级|验收结果|验收结论"
        "|评价结果|评价等级|评价等次|=评估|=考核|evaluation result|evaluation_result"
    ),
    "host_name": (
        "依托单位|依托机构|承担单位|建设单位|承建单位|运营单位|运营机构|运营主体|牵头单位"
        "|建设主体|主体单位|实施单位|主管单位|=host|host name|host_name"
    ),
    "origin": "来源性质|=origin",
    "location_origin": "位置来源|location origin|location_origin",
    "source": "=来源|资料来源|数据来源|文件依据|=依据|=source",
    "source_on": "来源日期|资料日期|发布日期|发布时间|source date|source_on",
    "grade": "可靠程度|=grade",
    "note": "=备注|=说明|=附注|=note|=notes|=remark|=remarks|=其他|=其它",
    "ordinal": "=序号|=排序|=顺序号|=no|=#|=行号",
}


def _synonyms() -> dict[str, tuple[str, ...]]:
    """Return the wordings, with the declared headings first so that an export comes in again."""
    words = {column: tuple(text.split("|")) for column, text in _HEADERS.items()}
    for column in NODES.columns:
        # 类别 is the heading of node_type, but may hold the kind: see kind_or_type.
        own = (column.name, column.zh, column.en)[: 1 if column.name == "node_type" else 3]
        given = words.get(column.name, ())
        fresh = tuple(f"={word}" for word in own if word not in given)
        words[column.name] = (*fresh, *given)
    return words


NODE_SYNONYMS: Mapping[str, tuple[str, ...]] = _synonyms()
"""Wordings of each column of a node list; some columns are of the list alone, not of ``nodes``."""

_STATUS_WORDS: Mapping[NodeStatus, str] = {
    NodeStatus.PLANNED: (
        "在建|拟建|建设期|筹建|待建|规划|规划中|规划建设|计划|计划建设|筹备|筹备中|筹建中|建设中"
        "|正在建设|拟设|拟设立|新建中|已立项|planned|being built|under construction"
    ),
    NodeStatus.BUILT: (
        "已建|已建成|试运行|建成|运行|运行中|正常运行|正常|在运行|已运行|运营|运营中|正常运营"
        "|投入运行|已投入运行|已挂牌|挂牌|已认定|认定|在用|存续|已成立|成立|已设立|设立|已验收"
        "|通过验收|建成运行|已建成运行|built|active|operating"
    ),
    NodeStatus.WITHDRAWN: (
        "撤销|已撤销|撤消|已撤消|终止|注销|已注销|取消|已取消|撤并|已撤并|关闭|已关闭|退出|已退出"
        "|摘牌|已摘牌|停办|已停办|withdrawn|closed|abolished|cancelled|canceled"
    ),
    NodeStatus.UNKNOWN: "未知|不详|不明|待核实|待查|待定|unknown",
}
_STATUS_BY_WORD = {
    bare_text(word): status for status, words in _STATUS_WORDS.items() for word in words.split("|")
}

_TICKS = {"√", "✓", "✔", "☑", "●", "是", "有", "1", "y", "yes", "v", "true"}
_NO_TICKS = {"×", "x", "✗", "✘", "☐", "否", "无", "没有", "0", "n", "no", "false", ""}


def status_of(word: str) -> NodeStatus | None:
    """Return the state that a word means, or None if it is none of the known words.

    未建 may be a node that is being built or none at all, and 建成? is a question.
    """
    if "?" in plain_text(word):
        return None
    return _STATUS_BY_WORD.get(bare_text(word))


def is_ticked(cell: str) -> bool | None:
    """Return whether a cell of a yes/no column says yes, or None if it is no such cell."""
    text = plain_text(cell)
    if text in _TICKS:
        return True
    return False if text in _NO_TICKS else None


_DECORATION = re.compile(
    r"[((\[【][^))\]】]*[))\]】]|^云南省|^省级|名单$|一览表$|第[一二三四五六七八九十\d]+批"
)
_DOUBT = re.compile(
    r"[(\[【][^)\]】]*(取消|撤销|撤消|退出|摘牌|注销|培育|候选|备选|申报|拟|筹|待|非)"
)
"""A remark in brackets after which a word for a kind is no more sure: 示范县(培育)."""
_SURE_LENGTH = 5
"""A contained wording of this length leaves no doubt; a shorter one is asked about."""
_LEAST_LENGTH = 3
_SYMBOLS = ("diamond", "cross", "triangle", "square", "circle")
_COLOURS = ("#804000", "#5c3d99", "#00664d", "#994d00", "#4d4d4d", "#800060")
_LEVEL_WORDS = {
    "省": AdminLevel.PROVINCE, "province": AdminLevel.PROVINCE,
    "州市": AdminLevel.PREFECTURE, "prefecture": AdminLevel.PREFECTURE,
    "县": AdminLevel.COUNTY, "县市区": AdminLevel.COUNTY, "county": AdminLevel.COUNTY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewKind:
    """A kind of node that a list brings along.

    Parameters
    ----------
    name_zh
        Its Chinese name, the word in the list.
    tier
        The administrative level that such a node serves.
    name_en
        Its English name; the Chinese one where it is empty.
    """

    name_zh: str
    tier: AdminLevel = AdminLevel.COUNTY
    name_en: str = ""

    @property
    def kind(self) -> str:
        """Id of the kind: the same for the same name."""
        return f"kind_{sha256(self.name_zh.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class KindReading:
    """What a word in the column of kinds means.

    Parameters
    ----------
    kind
        Id of the kind, or None.
    is_sure
        Whether the wording is known; otherwise it only contains a known one.
    candidates
        The kinds that it may mean.
    """

    kind: str | None
    is_sure: bool = True
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class KindBook:
    """The known kinds and their wordings.

    Parameters
    ----------
    table
        Table of schema ``node_kinds``.
    words
        For each wording without punctuation the kind.
    tiers
        The level that each kind serves.
    short_names, long_names
        The Chinese names of each kind.
    counted
        The kinds that the published totals count.
    """

    table: pd.DataFrame
    words: Mapping[str, str]
    tiers: Mapping[str, AdminLevel]
    short_names: Mapping[str, str]
    long_names: Mapping[str, str]
    counted: frozenset[str]

    def name(self, kind: str) -> str:
        """Return a kind's short Chinese name with its id, which both languages can use."""
        return f"{self.short_names[kind]}({kind})"

    def names(self) -> str:
        """Return the names of all kinds in one line."""
        return "、".join(self.name(kind) for kind in self.tiers)

    def read(self, word: str) -> KindReading:
        """Return the kind that a word means, by its whole wording or by one that it contains."""
        plain = plain_text(word)
        for text in (bare_text(word), bare_text(_DECORATION.sub("", plain))):
            if text in self.words:
                is_sure = _DOUBT.search(plain) is None
                kind = self.words[text]
                return KindReading(kind, is_sure, () if is_sure else (kind,))
        spans = self._spans(bare_text(word))
        if not spans:
            return KindReading(None, is_sure=False)
        # The head of a Chinese name stands last: 云南省技术市场昭通分市场 is a sub-market.
        start, end, kind = max(spans, key=lambda span: (span[1], span[1] - span[0]))
        candidates = tuple(dict.fromkeys(span[2] for span in reversed(spans)))
        return KindReading(kind, end - start >= _SURE_LENGTH, candidates)

    def suggested(self, word: str) -> str | None:
        """Return the kind that an unknown word may mean: a short wording stands at its end."""
        text = bare_text(word)
        kinds = {self.words[end] for end in (text[-2:],) if end != text and end in self.words}
        return kinds.pop() if kinds else None

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Return the kinds that a title names, each once."""
        spans = self._spans(bare_text(text))
        longest: list[tuple[int, int, str]] = []
        for span in sorted(spans, key=lambda s: s[0] - s[1]):
            if all(span[1] <= other[0] or span[0] >= other[1] for other in longest):
                longest.append(span)
        return tuple(dict.fromkeys(span[2] for span in sorted(longest)))

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where known wordings stand in a text: start, end, kind."""
        return [
            (match.start(), match.end(), kind)
            for word, kind in self.words.items()
            if len(word) >= _LEAST_LENGTH
            for match in re.finditer(re.escape(word), text)
        ]


def open_kind_book(
    node_kinds: pd.DataFrame,
    *,
    new_kinds: Iterable[NewKind] = (),
    kind_words: Mapping[str, str] | None = None,
) -> KindBook:
    """Return the kinds of the table and the new ones, with every wording.

    Raises
    ------
    QueryError
        If a wording is explained by a kind that does not exist.
    """
    table = _with_new_kinds(node_kinds, list(new_kinds))
    words: dict[str, str] = {}
    columns = ["kind", "kind_name_zh", "kind_name_en", "short_zh", "short_en", "synonyms"]
    for kind, *names, synonyms in table[columns].itertuples(index=False, name=None):
        listed = [] if pd.isna(synonyms) else re.split("[;\uff1b]", str(synonyms))
        for word in (kind, *names, *listed):
            words.setdefault(bare_text(str(word)), str(kind))
    words.pop("", None)
    by_kind = table.set_index("kind")
    book = KindBook(
        table,
        words,
        {str(kind): AdminLevel(tier) for kind, tier in by_kind["tier"].items()},
        {str(kind): str(name) for kind, name in by_kind["short_zh"].items()},
        {str(kind): str(name) for kind, name in by_kind["kind_name_zh"].items()},
        frozenset(by_kind.index[by_kind["is_counted"].fillna(value=False).astype("bool")]),
    )
    for word, meaning in (kind_words or {}).items():
        words[bare_text(word)] = known_kind(book, meaning)
    return book


def known_kind(book: KindBook, word: str) -> str:
    """Return the kind that a word surely means.

    Raises
    ------
    QueryError
        If it means none.
    """
    reading = book.read(word)
    if reading.kind is None or not reading.is_sure:
        raise QueryError("kind_not_known", value=word, known=book.names())
    return reading.kind


def parse_new_kind(text: str) -> NewKind:
    """Return the kind that ``概念验证中心`` or ``概念验证中心:州(市)`` declares.

    Raises
    ------
    QueryError
        If the name is empty or the level is none of 省, 州(市), 县.
    """
    name, _, level = clean_text(text).replace("\uff1a", ":").partition(":")
    tier = _LEVEL_WORDS.get(bare_text(level) or "县")
    if tier is None or not bare_text(name):
        raise QueryError("new_kind_unreadable", value=text)
    return NewKind(name.strip(), tier)


def parse_kind_words(words: Iterable[str]) -> dict[str, str]:
    """Return the kinds that ``word=kind`` explains.

    Raises
    ------
    QueryError
        If there is no equals sign, or no word before it.
    """
    return dict(pair(word, "answer_unreadable") for word in words)


def _with_new_kinds(node_kinds: pd.DataFrame, new_kinds: list[NewKind]) -> pd.DataFrame:
    known = set(node_kinds["kind"])
    fresh = {kind.kind: kind for kind in new_kinds if kind.kind not in known}
    if not fresh:
        return node_kinds
    rows = pd.DataFrame([_kind_row(kind, place) for place, kind in enumerate(fresh.values())])
    return conform(NODE_KINDS, pd.concat([node_kinds.astype("object"), rows], ignore_index=True))


def _kind_row(kind: NewKind, place: int) -> dict[str, object]:
    name_en = kind.name_en or kind.name_zh
    return {
        "kind": kind.kind,
        "tier": kind.tier.value,
        "kind_name_zh": kind.name_zh,
        "kind_name_en": name_en,
        "short_zh": kind.name_zh,
        "short_en": name_en,
        "is_counted": False,
        "symbol": _SYMBOLS[place % len(_SYMBOLS)],
        "colour": _COLOURS[place % len(_COLOURS)],
    }
