"""A planner's list of consortium members.

It has a row for each member, or a row for each consortium with its lead and its members in a
cell each; the place in such a row is the lead's.

The words of lists of consortium members and of county industries, and several names in one cell:
what stands between them, and what is no name.

A planner's list of the industries of counties: what it does not say stays unknown.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pandas as pd

from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text, clean_text, is_blank, number, plain_text
from network_map.listfiles.preview import ListOptions
from network_map.listfiles.table import Record
from network_map.nodes.importing.small_lists import (
    COUNTY_COLUMNS,
    ListDraft,
    ListRows,
    Report,
    SmallListPreview,
    county_of,
    finished,
    list_rows,
    member_place,
    origin_of,
    summary_problems,
    without_repeats,
)
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import conform
from network_map.terms import ConsortiumRole, Presence

_PLACES = ("province", "prefecture", "prefecture_adcode", "county", "place", "adcode")
_MARKS = {
    "origin": ("来源性质", "=origin"),
    "source": ("数据来源", "资料来源", "=来源", "=出处", "=source"),
}
_INDUSTRY = (
    "=产业", "产业名称", "产业类别", "重点产业", "主导产业", "特色产业", "支柱产业", "优势产业",
    "=行业", "行业名称", "=industry", "=industries", "产业领域", "对应产业", "所属产业",
)  # fmt: skip

MEMBER_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "consortium": (
        "联合体", "联合体名称", "创新联合体", "创新联合体名称", "=consortium", "consortium name",
        "=领域", "联合体领域", "=field",
    ),
    "role": ("=角色", "单位角色", "成员角色", "=身份", "成员类型", "单位类型", "=role"),
    "lead_name": ("=牵头单位", "牵头单位名称", "=牵头企业", "牵头企业名称", "=lead"),
    "member_names": ("=成员单位", "=成员", "=参与单位", "=参加单位", "成员单位名单", "=members"),
    "member_name": (
        "单位名称", "=单位", "成员单位名称", "成员名称", "=企业", "企业名称", "机构名称", "=名称",
        "=member", "member name", "=name", "=organisation", "=organization",
    ),
    "register_name": ("登记名称", "合同登记名称", "合同中的名称", "register_name", "register name",
                      "name in the register"),
    "industries": _INDUSTRY,
    **{column: NODE_SYNONYMS[column] for column in _PLACES},
    **_MARKS,
}  # fmt: skip
"""Wordings of the headers of a list of members."""

INDUSTRY_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "industry": _INDUSTRY,
    "presence": ("=有无", "是否有", "有无该产业", "有无产业", "=presence"),
    **{column: NODE_SYNONYMS[column] for column in _PLACES},
    **_MARKS,
}
"""Wordings of the headers of a list of county industries."""

_ROLES: Mapping[ConsortiumRole, frozenset[str]] = {
    ConsortiumRole.LEAD: frozenset(
        ("牵头", "牵头单位", "牵头企业", "牵头方", "牵头人", "组长单位", "理事长单位", "盟主单位",
         "主导单位", "lead", "leader")
    ),
    ConsortiumRole.MEMBER: frozenset(
        ("成员", "成员单位", "成员企业", "参与", "参与单位", "参加", "参加单位", "协作单位",
         "共建单位", "联合单位", "副理事长单位", "理事单位", "member", "partner")
    ),
}  # fmt: skip
_PRESENT = frozenset(("有", "是", "1", "1.0", "√", "✓", "✔", "y", "yes", "true", "present"))
_ABSENT = frozenset(
    (
        "无",
        "没有",
        "否",
        "0",
        "0.0",
        "×",
        "✗",
        "n",
        "no",
        "false",
        "absent",
        "暂无",
        "暂无产业",
        "无产业",
        "无特色产业",
        "暂无特色产业",
        "没有产业",
    )
)
_UNKNOWN = frozenset(("", "未知", "不详", "不清楚", "?", "-", "--", "—", "/", "unknown"))
_CONSORTIUM_ENDING = re.compile(r"(产业|行业|领域)?(技术)?(协同)?(创新)?(联合体|consortium)$")
_SET_WIDE = re.compile(r"^([\u4e00-\u9fff])\s+([\u4e00-\u9fff])$")
"""花 卉, a word of two letters set wide."""
_INDUSTRY_ENDING = re.compile(r"(产业|行业)$")
_COUNTRY = re.compile(r"^(云南省|云南|省级)(?=.)")


def read_role(text: str) -> ConsortiumRole | None:
    """Return the role that a word means, None for a word that is not known."""
    word = plain_text(text)
    return next((role for role, words in _ROLES.items() if word in words), None)


def read_presence(text: str) -> Presence | None:
    """Return what a cell says of an industry, None for a word that is not known."""
    word = plain_text(text)
    for presence, words in (
        (Presence.PRESENT, _PRESENT), (Presence.ABSENT, _ABSENT), (Presence.UNKNOWN, _UNKNOWN),
    ):  # fmt: skip
        if word in words:
            return presence
    return None


def consortium_field(text: str) -> str:
    """Return the field in a consortium's name: 云南省锡铟产业创新联合体 is 锡铟."""
    name = _COUNTRY.sub("", clean_text(text))
    return _CONSORTIUM_ENDING.sub("", name).strip() or clean_text(text)


def industry_name(text: str) -> str:
    """Return the plain name of an industry: 花卉产业 is 花卉."""
    whole = _SET_WIDE.sub(r"\1\2", clean_text(text))
    return _INDUSTRY_ENDING.sub("", whole).strip() or whole


_NAMES = frozenset({"member_name", "member_names", "lead_name"})


@dataclass(frozen=True)
class _Reader:
    """What the rows of one list are read with."""

    rows: ListRows
    gazetteer: Gazetteer
    known: Mapping[str, tuple[str, str | None]]
    report: Report


def preview_members(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    known: pd.DataFrame,
    options: ListOptions | None = None,
) -> SmallListPreview:
    """Return what would be taken of a list of consortium members.

    Parameters
    ----------
    known
        Table ``consortia`` of those already known: a list's consortium of the same field is that
        one, any other is new.

    Returns
    -------
    SmallListPreview
        Tables ``consortia`` and ``consortium_members``. A member whose place is not given has
        none; one outside the province says so.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or ListOptions()
    report = Report()
    rows = list_rows(content, file_name, MEMBER_SYNONYMS, options, report)
    fields = known[["field_zh", "consortium_id", "field_en"]].itertuples(index=False, name=None)
    ids = {plain_text(field): (name, english) for field, name, english in fields}
    reader = _Reader(rows, gazetteer, ids, report)
    records = [] if _is_unreadable(rows, gazetteer, report) else _filled_down(rows.records, report)
    drafts = [draft for record in records for draft in _drafts(record, reader)]
    taken = without_repeats(drafts, ("consortium_id", "member_name"), report)
    members = conform(CONSORTIUM_MEMBERS, pd.DataFrame([draft.cells for draft in taken]))
    _note_leads(members, report)
    tables = {
        CONSORTIA.name: _consortia(records, members, reader),
        CONSORTIUM_MEMBERS.name: members,
    }
    return finished(tables, rows, report)


def _is_unreadable(rows: ListRows, gazetteer: Gazetteer, report: Report) -> bool:
    """Report the columns that a list of members cannot do without, and return if one is missing."""
    summary = summary_problems(rows, gazetteer, _NAMES)
    if summary:
        report.say(*summary)
        return True
    missing = [
        code
        for code, is_there in (
            ("consortium_column_missing", "consortium" in rows.columns),
            ("member_column_missing", bool(rows.columns & _NAMES)),
        )
        if not is_there
    ]
    report.say(*(Problem(code) for code in missing))
    return bool(missing)


def _filled_down(records: Sequence[Record], report: Report) -> list[Record]:
    """Fill empty cells of the consortium from the row above, as a merged cell would read."""
    filled: list[Record] = []
    last, count = "", 0
    for record in records:
        name = "" if is_blank(record["consortium"]) else record["consortium"]
        last = name or last
        count += bool(last and not name)
        if not last:
            report.say(Problem("consortium_missing", row=record.row))
            continue
        filled.append(record.with_cell("consortium", last))
    if count:
        report.note("consortium_filled_down", count=count)
    return filled


def _drafts(record: Record, reader: _Reader) -> Iterator[ListDraft]:
    """Yield the members of a row; one with an open problem is left out."""
    for single in _one_by_one(record, reader):
        name = single["member_name"]
        wrong = odd_name(name)
        if wrong is not None:
            reader.report.say(Problem(f"member_{wrong}", row=record.row, value=name))
            continue
        role = _role(single, reader.report)
        place = member_place(single, reader.gazetteer, reader.report)
        cells: dict[str, object] = {
            "consortium_id": _identity(record["consortium"], reader)[0],
            "role": role,
            "member_name": name,
            "register_name": single["register_name"] or None,
            "adcode": place.adcode,
            "prefecture_adcode": place.prefecture_adcode,
            "is_outside_province": place.is_outside,
            "origin": origin_of(single, reader.rows, reader.report),
            "source": reader.rows.source_of(single),
        }
        if record.row not in reader.report.open_rows:
            yield ListDraft(record.row, cells)


def _one_by_one(record: Record, reader: _Reader) -> Iterator[Record]:
    """Yield a record for each organisation of a row."""
    columns = reader.rows.columns
    if "lead_name" not in columns:
        column = "member_name" if "member_name" in columns else "member_names"
        yield record.with_cell("member_name", record[column])
        return
    common = {"consortium": record["consortium"], "source": record["source"],
              "origin": record["origin"]}  # fmt: skip
    leads = listed(record["lead_name"])
    for name in leads:
        yield Record(record.row, {**record.cells, "member_name": name, "role": "lead"})
    column = "member_names" if record["member_names"] else "member_name"
    for name in _names_in(record, column, reader.report):
        if name not in leads and not is_blank(name):
            yield Record(record.row, {**common, "member_name": name, "role": "member"})


def _names_in(record: Record, column: str, report: Report) -> tuple[str, ...]:
    """Return the names of a cell, with what is said of one that may hold more of them."""
    text = record[column]
    if says_more(text):
        report.say(Problem("names_more", Severity.CORRECTED, record.row, column, text))
    spaced = spaced_names(text)
    if spaced is not None and column not in record.answered:
        report.say(Problem("names_spaced", Severity.DOUBTFUL, record.row, column, text, {}, spaced))
    return listed(text)


def _role(record: Record, report: Report) -> str:
    """Return the role of a row; a row that gives none is a member's."""
    word = record["role"]
    if is_blank(word):
        return ConsortiumRole.MEMBER.value
    role = read_role(word)
    if role is None:
        report.say(Problem("role_unknown", row=record.row, value=word))
    return (role or ConsortiumRole.MEMBER).value


def _identity(name: str, reader: _Reader) -> tuple[str, str, str | None]:
    """Return id, field and English field of a consortium by its name."""
    field = consortium_field(name)
    found = reader.known.get(plain_text(field))
    if found is not None:
        return found[0], field, found[1]
    return f"own-{sha256(plain_text(field).encode()).hexdigest()[:8]}", field, None


def _consortia(records: Iterable[Record], members: pd.DataFrame, reader: _Reader) -> pd.DataFrame:
    """Return the consortia that have a member in the list."""
    named: dict[str, dict[str, object]] = {}
    industries: dict[str, dict[str, None]] = {}
    for record in records:
        consortium_id, field, english = _identity(record["consortium"], reader)
        words = (industry_name(word) for word in listed(record["industries"]))
        industries.setdefault(consortium_id, {}).update(dict.fromkeys(words))
        named.setdefault(
            consortium_id,
            {
                "consortium_id": consortium_id,
                "field_zh": field,
                "field_en": english,
                "consortium_name": record["consortium"],
                "origin": reader.rows.options.origin.value,
                "source": reader.rows.source_of(record),
            },
        )
    kept = [cells for name, cells in named.items() if name in set(members["consortium_id"])]
    bare = [str(cells["field_zh"]) for cells in kept if not industries[str(cells["consortium_id"])]]
    if bare:
        reader.report.note("industries_by_field", fields="、".join(bare))
    lists = [";".join(industries[str(c["consortium_id"])] or [str(c["field_zh"])]) for c in kept]
    return conform(CONSORTIA, pd.DataFrame(kept).assign(industries=lists))


def _note_leads(members: pd.DataFrame, report: Report) -> None:
    """Say which consortia have no lead, or several; a list may leave it out."""
    leads = members.loc[members["role"] == ConsortiumRole.LEAD, "consortium_id"]
    count = len(set(members["consortium_id"]) - set(leads))
    if count:
        report.note("consortium_without_lead", count=count)
    several = int((leads.value_counts() > 1).sum())
    if several:
        report.note("consortium_several_leads", count=several)


def preview_industries(
    content: bytes, file_name: str, gazetteer: Gazetteer, options: ListOptions | None = None
) -> SmallListPreview:
    """Return what would be taken of a list of county industries.

    Returns
    -------
    SmallListPreview
        Table ``county_industry``. A cell may name several industries. A row says that the industry
        is there, unless a column 有无 says that it is not; where that column says 未知 nothing is
        kept, for that is what a missing row means.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or ListOptions()
    report = Report()
    rows = list_rows(content, file_name, INDUSTRY_SYNONYMS, options, report)
    summary = _industry_summary(rows, gazetteer)
    report.say(*summary)
    is_readable = "industry" in rows.columns and not summary
    if not is_readable and not summary:
        report.say(Problem("industry_column_missing"))
    records = rows.records if is_readable else ()
    drafts = [d for record in records for d in _industry_drafts(record, rows, gazetteer, report)]
    taken = without_repeats(drafts, ("adcode", "industry"), report)
    table = conform(COUNTY_INDUSTRY, pd.DataFrame([draft.cells for draft in taken]))
    return finished({COUNTY_INDUSTRY.name: table}, rows, report)


def _industry_summary(rows: ListRows, gazetteer: Gazetteer) -> tuple[Problem, ...]:
    """Return the refusal of a table of figures by industry or by place."""
    by_name = summary_problems(rows, gazetteer, ["industry"])
    return by_name or summary_problems(rows, gazetteer, COUNTY_COLUMNS)


def _industry_drafts(
    record: Record, rows: ListRows, gazetteer: Gazetteer, report: Report
) -> Iterator[ListDraft]:
    """Yield a draft for each industry of a row; a row with an open problem gives none."""
    words = _industries_of(record, report)
    presence = Presence.PRESENT
    if "presence" in rows.columns:
        found = read_presence(record["presence"])
        if found is None:
            report.say(Problem("presence_unreadable", row=record.row, value=record["presence"]))
        elif found is Presence.UNKNOWN:
            report.note("presence_unknown_left_out", record.row)
        presence = found or Presence.UNKNOWN
    adcode = county_of(record, gazetteer, report)
    cells = {
        "adcode": adcode,
        "presence": presence.value,
        "origin": origin_of(record, rows, report),
        "source": rows.source_of(record),
    }
    if not words or record.row in report.open_rows or presence is Presence.UNKNOWN:
        return
    for industry in dict.fromkeys(industry_name(word) for word in words):
        yield ListDraft(record.row, {**cells, "industry": industry})


def _industries_of(record: Record, report: Report) -> tuple[str, ...]:
    """Return the industries of a row; 无 says that there is none, which is no industry."""
    words = _names_in(record, "industry", report)
    if record["industry"] and all(read_presence(word) is Presence.ABSENT for word in words):
        report.note("industry_none_left_out", record.row, record["industry"])
        return ()
    wrong = next(filter(None, map(odd_name, words)), None if words else "missing")
    if wrong is not None:
        report.say(Problem(f"industry_{wrong}", row=record.row, value=record["industry"]))
    return words


_BETWEEN = re.compile(
    r"(?:[、;\uff1b\uff0c\n|/]|,(?!\s*(?:ltd|inc|llc|corp|co)\b))+(?![^(\uff08]*[)\uff09])",
    re.IGNORECASE,
)
"""What stands between names, but for what stands in brackets."""
_NUMBERED = re.compile(r"\s*(?:[(\uff08]?1[.、)\uff09](?!\d)|①)")
_NUMBER = re.compile(r"[(\uff08]?(?<!\d)\d{1,2}[.、)\uff09](?!\d)|[①-⑳]")
_AND_MORE = re.compile(
    r"(?<=[^高中同平初优对])等((\d+|[一二三四五六七八九十]+)(家|个|所|户))?(单位|企业|机构|成员|产业)?$"
)
"""The end of a list that names only some."""
_NOT_YET = {"待定", "待补", "待补充", "未定", "未知", "不详", "不明", "空", "暂缺"}
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a cell that lists several things, each once."""
    if _NUMBERED.match(text):
        text = _NUMBER.sub("\n", text)
    parts = _BETWEEN.split(_AND_MORE.sub("", text.strip()))
    return tuple(dict.fromkeys(part.strip() for part in parts if bare_text(part)))


def says_more(text: str) -> bool:
    """Return whether a cell says at its end that it names only some: 甲公司等5家."""
    return _AND_MORE.search(text.strip()) is not None


def spaced_names(text: str) -> str | None:
    """Return a cell whose names seem to be parted by spaces alone, with commas between them.

    花 卉 is one word set wide, and a cell with other separators has its spaces inside names.
    """
    parts = _SPACED.split(text.strip())
    is_one = len(parts) == 1 or [len(part) for part in parts] == [1, 1]
    return None if is_one or len(listed(text)) != 1 else "、".join(parts)


def odd_name(text: str) -> str | None:
    """Return what is wrong with a name: ``missing`` or ``number``; None if nothing is."""
    if is_blank(text) or plain_text(text) in _NOT_YET:
        return "missing"
    return "number" if number(text) is not None else None
