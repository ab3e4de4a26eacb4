"""The words of lists of consortium members and of county industries."""

import re
from collections.abc import Mapping

from network_map.listfiles.cells import bare_text, clean_text, plain_text
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.terms import ConsortiumRole, Presence

_PLACES = ("province", "prefecture", "prefecture_adcode", "county", "place", "adcode")
_MARKS = {
    "origin": ("来源性质", "=origin"),
    "source": ("数据来源", "资料来源", "=来源", "=出处", "=source"),
}
_INDUSTRY = (
    "=产业", "产业名称", "产业类别", "重点产业", "主导产业", "特色产业", "=行业", "行业名称",
    "=industry",     "=industries", "产业领域", "对应产业", "所属产业",
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
    "register_name": ("登记名称", "合同登记名称", "合同中的名称", "register_name", "register name"),
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
_ABSENT = frozenset(("无", "没有", "否", "0", "0.0", "×", "✗", "n", "no", "false", "absent"))
_UNKNOWN = frozenset(("", "未知", "不详", "不清楚", "?", "-", "--", "—", "/", "unknown"))
_CONSORTIUM_ENDING = re.compile(r"(产业|行业|领域)?(技术)?(协同)?(创新)?(联合体|consortium)$")
_INDUSTRY_ENDING = re.compile(r"(产业|行业)$")
_BETWEEN = re.compile(r"[、,;;,\n|/]+")
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
    return _INDUSTRY_ENDING.sub("", clean_text(text)).strip() or clean_text(text)


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a cell that lists several things, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if bare_text(part)))
