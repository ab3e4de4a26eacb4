"""One row of a node list becomes one node, or the reasons why not.

No node twice: repeated nodes of a list are refused, and every node gets its id.

Whether the name of a node speaks of another place than its row does: 盘龙区县域中心 in a row of
镇雄县 is one of the two; which one, only a person knows. A short name counts before the word for
the node's kind alone: 大理大学 may be anywhere.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import (
    bare_text,
    date_remark,
    has_radicals,
    is_month_cut_short,
    is_rounded_number,
    is_scientific,
    iso_date,
    next_day,
    plain_text,
    today_in_china,
    without_contacts,
    without_radicals,
    written_out,
)
from network_map.listfiles.table import Record
from network_map.nodes.importing.places import Ground, PointReading, node_place, node_point
from network_map.nodes.importing.words import KindBook, status_of
from network_map.places.gazetteer import CERTAIN, PLACE_COLUMN, Gazetteer, PlaceReading
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.terms import AdminLevel, Grade, NodeStatus, Origin

_DATES = ("established_on", "withdrawn_on", "evaluated_on", "source_on")
_TEXTS = ("batch", "node_type", "approval_number", "evaluation_result", "host_name", "note")
ORIGIN_WORDS = {
    **{origin.value: origin for origin in Origin},
    "官方": Origin.OFFICIAL, "公开报道": Origin.REPORTED, "假定": Origin.ASSUMED,
    "合成": Origin.SYNTHETIC,
}  # fmt: skip

Cells = Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row on its way to a node.

    Parameters
    ----------
    row
        Its number as a person sees it.
    cells
        Columns of table ``nodes``, as far as they could be filled.
    problems
        What was corrected, is open or is wrong.
    """

    row: int
    cells: Cells
    problems: tuple[Problem, ...]

    @property
    def severity(self) -> Severity | None:
        """The weight of the worst problem, None if there is none."""
        order = list(Severity)
        return min((p.severity for p in self.problems), key=order.index, default=None)

    @property
    def is_takeable(self) -> bool:
        """Whether nothing is wrong or open."""
        return self.severity in {None, Severity.NOTE, Severity.CORRECTED}

    def with_problem(self, problem: Problem) -> "Draft":
        """Return the draft with one more problem."""
        return replace(self, problems=(*self.problems, problem))


@dataclass(frozen=True)
class DraftRules:
    """What every row of a list is read with.

    Parameters
    ----------
    gazetteer, kinds, ground
        Divisions, kinds, seats and polygons.
    default_kind
        Kind of the rows that name none.
    origin, source
        Of the rows that name none.
    has_whole_months
        Whether the list's date columns write months with two digits somewhere.
    mixed_columns
        Columns that name prefectures and counties alike.
    system
        What the coordinates are in, where that is known: a datum, or ``EPSG:`` and a number.
    today
        In China; a node that stands was not founded later.
    """

    gazetteer: Gazetteer
    kinds: KindBook
    ground: Ground
    default_kind: str | None
    origin: Origin
    source: str
    has_whole_months: bool
    mixed_columns: frozenset[str]
    system: str | None = None
    today: str = field(default_factory=today_in_china)


def node_draft(record: Record, rules: DraftRules) -> Draft:
    """Return what a row says about one node, with everything that is wrong with it."""
    problems: list[Problem] = []
    kind = _kind(record, rules, problems.append)
    tier = rules.kinds.tiers[kind] if kind is not None else None
    place = node_place(
        record, tier, rules.gazetteer, mixed_columns=rules.mixed_columns, ground=rules.ground
    )
    point = node_point(record, place, rules.ground, rules.gazetteer, rules.system)
    problems += [*place.problems, *point.problems, *written_oddly(record, place, rules.gazetteer)]
    dates = {column: _date(record, column, rules, problems.append) for column in _DATES}
    cells: dict[str, str | float | None] = {
        "node_id": record["node_id"] or None,
        "kind": kind,
        **_place_cells(place, point, rules.gazetteer),
        "status": _status(record, dates["withdrawn_on"], problems.append).value,
        **dates,
        **{column: _text(record, column, problems.append) for column in _TEXTS},
        "origin": _origin(record, rules, problems.append).value,
        "source": _text(record, "source", problems.append) or rules.source,
        "grade": record["grade"].upper() if record["grade"].upper() in set(Grade) else None,
    }
    if is_rounded_number(record["node_id"]):
        problems.append(_rounded_id(record))
    cells["node_name"] = _text(record, "node_name", problems.append) or _plain_name(cells, rules)
    problems += _name_elsewhere(record, place, rules)
    problems += _withdrawn_in_note(record, str(cells["status"]))
    _check_dates(record, dates, problems.append)
    _check_future(record, dates, str(cells["status"]), rules, problems.append)
    return Draft(record.row, cells, tuple(problems))


Report = Callable[[Problem], None]


def _kind(record: Record, rules: DraftRules, report: Report) -> str | None:
    word = record["kind"]
    is_above = "kind" in record.filled and "kind" not in record.answered
    if not word or (is_above and rules.default_kind is not None):
        if rules.default_kind is None:
            report(Problem("kind_missing", row=record.row, column="kind"))
        return rules.default_kind
    reading = rules.kinds.read(word)
    if reading.kind is None:
        report(_unknown_kind(record.row, word, rules.kinds))
        return None
    if is_above:
        values = {"name": rules.kinds.name(reading.kind)}
        report(
            Problem(
                "kind_from_row_above", Severity.DOUBTFUL, record.row, "kind", "", values,
                reading.kind,
            )
        )  # fmt: skip
    elif reading.candidates:
        name = rules.kinds.name(reading.kind)
        severity = Severity.CORRECTED if reading.is_sure else Severity.DOUBTFUL
        code = "kind_contained" if reading.is_sure else "kind_doubtful"
        report(Problem(code, severity, record.row, "kind", word, {"name": name}, reading.kind))
    return reading.kind


def _unknown_kind(row: int, word: str, kinds: KindBook) -> Problem:
    """Return the question whether a word of the list's own means a known kind, or the error."""
    kind = kinds.suggested(word)
    if kind is None:
        return Problem("kind_unknown", row=row, column="kind", value=word,
                       values={"known": kinds.names()})  # fmt: skip
    values = {"name": kinds.name(kind), "known": kinds.names()}
    return Problem("kind_own_word", Severity.DOUBTFUL, row, "kind", word, values, kind)


def written_oddly(record: Record, place: PlaceReading, gazetteer: Gazetteer) -> list[Problem]:
    """Return the remarks about radicals and powers of ten in a place that was read all the same."""
    name = "" if place.adcode is None else gazetteer.name(place.adcode)
    said = []
    for column in ("county", "place", "prefecture", "adcode"):
        text, values = record[column], {"text": without_radicals(record[column]), "name": name}
        code = "place_radicals" if has_radicals(text) else "place_code_scientific"
        if place.adcode is not None and (has_radicals(text) or is_scientific(text)):
            said.append(
                Problem(code, Severity.CORRECTED, record.row, column, text, values, place.adcode)
            )
    return said


def _place_cells(
    place: PlaceReading, point: PointReading, gazetteer: Gazetteer
) -> dict[str, str | float | None]:
    lon, lat = point.point if point.point is not None else (None, None)
    adcode = place.adcode
    return {
        "adcode": adcode,
        "prefecture_adcode": gazetteer.prefecture_of(adcode) if adcode is not None else None,
        "lon": lon,
        "lat": lat,
        "location_origin": point.location_origin.value,
    }


def _date(record: Record, column: str, rules: DraftRules, report: Report) -> str | None:
    text = record[column]
    if not text:
        return None
    value = iso_date(text)
    if value is None:
        report(Problem("date_not_read", Severity.DOUBTFUL, record.row, column, text, fix=""))
    elif date_remark(text) is not None and column not in record.answered:
        report(_moved_date(record, column, text, value))
    elif is_month_cut_short(text) and not rules.has_whole_months and column not in record.answered:
        values = {"first": f"{value[:4]}-01", "second": f"{value[:4]}-10"}
        report(
            Problem(
                "date_month_doubtful", Severity.DOUBTFUL, record.row, column, text, values, value
            )
        )
    return value


def _moved_date(record: Record, column: str, text: str, day: str) -> Problem:
    """Return what there is to say about a moment that became a day."""
    code = str(date_remark(text))
    is_open = code == "date_near_midnight"
    return Problem(
        code, Severity.DOUBTFUL if is_open else Severity.CORRECTED, record.row, column, text,
        {"day": day}, next_day(day) if is_open else day,
    )  # fmt: skip


def _status(record: Record, withdrawn_on: str | None, report: Report) -> NodeStatus:
    word = record["status"]
    status = status_of(word) if word else NodeStatus.UNKNOWN
    if status is None:
        report(
            Problem("status_not_known", Severity.DOUBTFUL, record.row, "status", word, fix="未知")
        )
        return NodeStatus.UNKNOWN
    if withdrawn_on is None or status is NodeStatus.WITHDRAWN:
        return status
    if not word:
        report(Problem("status_from_date", Severity.CORRECTED, record.row, "status", withdrawn_on))
        return NodeStatus.WITHDRAWN
    report(Problem(
        "status_and_date_differ", Severity.DOUBTFUL, record.row, "status", word,
        {"date": withdrawn_on}, "撤销",
    ))  # fmt: skip
    return status


def _origin(record: Record, rules: DraftRules, report: Report) -> Origin:
    word = record["origin"]
    if not word:
        return rules.origin
    if word.casefold() in ORIGIN_WORDS:
        return ORIGIN_WORDS[word.casefold()]
    report(Problem("origin_not_known", Severity.DOUBTFUL, record.row, "origin", word, fix=""))
    return rules.origin


def _text(record: Record, column: str, report: Report) -> str | None:
    text = without_radicals(record[column])
    if text != record[column]:
        code = "radicals_replaced"
        report(Problem(code, Severity.CORRECTED, record.row, column, record[column]))
    kept = without_contacts(text)
    if kept != text:
        report(Problem("contact_removed", Severity.CORRECTED, record.row, column))
    return kept or None


def _plain_name(cells: Cells, rules: DraftRules) -> str | None:
    """Return a name made of place and kind for a row that gives none."""
    adcode, kind = cells["adcode"], cells["kind"]
    if adcode is None or kind is None:
        return None
    if rules.kinds.tiers[str(kind)] is AdminLevel.PROVINCE:
        return rules.kinds.long_names[str(kind)]
    return f"{rules.gazetteer.name(str(adcode))}·{rules.kinds.short_names[str(kind)]}"


_WITHDRAWN = re.compile(
    r"(于?\d{4}年?(\d{1,2}月)?(\d{1,2}日)?起?)?(已|已经|被|已被)?(撤销|撤消|注销|摘牌|停办|停运|关停|取消)"
    r"(资格|称号)?([,,;;。].*)?"
)


def _withdrawn_in_note(record: Record, status: str) -> tuple[Problem, ...]:
    """Return the question about a node that its remark calls withdrawn and its state does not."""
    note = plain_text(record["note"])
    is_said = _WITHDRAWN.fullmatch(note) is not None
    if not is_said or status == NodeStatus.WITHDRAWN or "status" in record.answered:
        return ()
    values = {"status": record["status"] or "—"}
    return (
        Problem("node_withdrawn_in_note", Severity.DOUBTFUL, record.row, "status", record["note"],
                values, "撤销"),
    )  # fmt: skip


def _name_elsewhere(record: Record, place: PlaceReading, rules: DraftRules) -> tuple[Problem, ...]:
    """Return the question about a name that speaks of another place than its row."""
    adcode, name = place.adcode, record["node_name"]
    is_settled = {"node_name", PLACE_COLUMN} & record.answered
    if not name or is_settled or adcode in {None, PROVINCE_ADCODE}:
        return ()
    found = other_place(name, str(adcode), rules.kinds, rules.gazetteer)
    if found is None:
        return ()
    values = {"other": rules.gazetteer.name(found), "name": rules.gazetteer.name(str(adcode))}
    return (
        Problem("node_name_elsewhere", Severity.DOUBTFUL, record.row, "node_name", name, values,
                name),
    )  # fmt: skip


def _check_dates(record: Record, dates: Mapping[str, str | None], report: Report) -> None:
    start, end = dates["established_on"], dates["withdrawn_on"]
    if start is None or end is None:
        return
    length = min(len(start), len(end))
    if end[:length] < start[:length]:
        report(Problem(
            "dates_reversed", Severity.DOUBTFUL, record.row, "withdrawn_on", end,
            {"start": start}, "",
        ))  # fmt: skip


def _check_future(
    record: Record, dates: Mapping[str, str | None], status: str, rules: DraftRules, report: Report
) -> None:
    """Ask about dates to come; only what is being built may have one, of its foundation."""
    is_planned = status == NodeStatus.PLANNED.value
    for column in ("established_on", "withdrawn_on", "evaluated_on"):
        found = dates[column]
        if found is None or (is_planned and column == "established_on"):
            continue
        if found > rules.today:
            report(Problem("node_date_in_future", Severity.DOUBTFUL, record.row, column, found,
                           fix=""))  # fmt: skip


_LEVEL_WORDS = ("省", "州", "市", "县", "区")
_TOO_SHORT_ID = re.compile(r"\d{1,4}")
"""A running number, no id."""


def without_duplicates(
    drafts: Sequence[Draft], kinds: KindBook, gazetteer: Gazetteer
) -> list[Draft]:
    """Ask about a second node of a kind in a place that nothing tells from the first one.

    Two names are two nodes. If the rows differ otherwise, the first one is asked about as well.
    """
    first: dict[tuple[object, object], list[int]] = {}
    checked = list(drafts)
    for place, draft in enumerate(drafts):
        cells = draft.cells
        is_out = cells["kind"] is None or cells["adcode"] is None
        if is_out or cells["status"] == NodeStatus.WITHDRAWN.value:
            continue
        before = first.setdefault((cells["kind"], cells["adcode"]), [])
        found = next((n for n in before if not _are_two(drafts[n], draft, kinds, gazetteer)), None)
        if found is None:
            before.append(place)
            continue
        other = drafts[found]
        checked[place] = checked[place].with_problem(_duplicate(draft, other))
        if dict(draft.cells) != dict(other.cells) and checked[found] is other:
            checked[found] = other.with_problem(_duplicate(other, draft))
    return checked


def _are_two(first: Draft, second: Draft, kinds: KindBook, gazetteer: Gazetteer) -> bool:
    """Return whether two nodes of one kind in one place are told apart: by their own names."""
    names = [_own_name(draft, kinds, gazetteer) for draft in (first, second)]
    return all(names) and names[0] != names[1]


def _own_name(draft: Draft, kinds: KindBook, gazetteer: Gazetteer) -> str:
    """Return what a node's name says beyond its place and its kind; "" if it says no more."""
    name = bare_text(str(draft.cells["node_name"] or ""))
    kind, adcode = str(draft.cells["kind"]), str(draft.cells["adcode"])
    above = gazetteer.prefecture_of(adcode) or adcode
    places = [gazetteer.places[code] for code in (adcode, above)]
    known = [kinds.long_names[kind], kinds.short_names[kind], kinds.name(kind), "云南省"]
    known += [word for place in places for word in (place.name_zh, place.short_zh)]
    for word in known:
        name = name.replace(bare_text(word), "")
    return "" if name in _LEVEL_WORDS else name


def _duplicate(draft: Draft, other: Draft) -> Problem:
    first, second = sorted((draft.row, other.row))
    return Problem(
        "node_repeated", Severity.DOUBTFUL, row=draft.row, column="node_name",
        value=str(draft.cells["node_name"]),
        values={"rows": f"{first}、{second}", "other": other.row},
    )  # fmt: skip


def with_ids(drafts: Sequence[Draft]) -> list[Draft]:
    """Give every settled node its id: the list's own, or one made of kind and place."""
    given = [str(draft.cells["node_id"] or "") for draft in drafts]
    are_ids = any(text and _TOO_SHORT_ID.fullmatch(text) is None for text in given)
    used: dict[str, int] = {}
    counted: defaultdict[str, int] = defaultdict(int)
    named = []
    for draft, own in zip(drafts, given, strict=True):
        stem = f"{draft.cells['kind']}-{draft.cells['adcode']}"
        if are_ids and own:
            node_id = own
        else:
            counted[stem] += 1
            node_id = stem if counted[stem] == 1 else f"{stem}-{counted[stem]}"
        fresh = replace(draft, cells={**draft.cells, "node_id": node_id})
        if node_id in used and draft.is_takeable:
            fresh = fresh.with_problem(_repeated_id(draft.row, used[node_id], node_id))
        if draft.is_takeable:
            used.setdefault(node_id, draft.row)
        named.append(fresh)
    return named


def _rounded_id(record: Record) -> Problem:
    text = record["node_id"]
    values = {"digits": written_out(text)}
    return Problem("id_rounded", Severity.DOUBTFUL, record.row, "node_id", text, values, "")


def _repeated_id(row: int, other: int, node_id: str) -> Problem:
    return Problem(
        "node_id_repeated", row=row, column="node_id", value=node_id,
        values={"rows": f"{other}、{row}", "other": other},
    )  # fmt: skip


_ENDINGS = ("县", "市", "区", "州")
_LEAST = 3
"""Letters of a full name that no word holds by chance."""
_LONGEST = 14


def other_place(name: str, adcode: str, kinds: KindBook, gazetteer: Gazetteer) -> str | None:
    """Return the place that a node's name speaks of, None where that is its own or none.

    Parameters
    ----------
    name
        The node's name.
    adcode
        The county or prefecture that the node's row gives.
    """
    plain = bare_text(name)
    own = {adcode, gazetteer.prefecture_of(adcode)}
    named = list(_full_names(plain, gazetteer))
    short = _before_kind(plain, gazetteer.places[adcode].level, kinds, gazetteer)
    if short is not None:
        named.append(short)
    others = [
        found for _, found in named
        if found not in own and gazetteer.prefecture_of(found) not in {adcode, None}
    ]  # fmt: skip
    if not others:
        return None
    rest = plain
    for text, _ in named:
        rest = rest.replace(text, " ")
    says_own = bare_text(gazetteer.places[adcode].short_zh) in rest
    return None if says_own or any(found == adcode for _, found in named) else others[0]


def _full_names(plain: str, gazetteer: Gazetteer) -> Iterator[tuple[str, str]]:
    """Yield the full names in a text, the longest at each place, with their divisions."""
    start = 0
    while start < len(plain):
        end = start + 1
        for stop in range(min(len(plain), start + _LONGEST), start + _LEAST - 1, -1):
            text = plain[start:stop]
            if text.endswith(_ENDINGS) and text in gazetteer.entries:
                found = gazetteer.resolve(text)
                if found.how in CERTAIN and found.adcode is not None:
                    yield text, found.adcode
                end = stop
                break
        start = end


def _before_kind(
    plain: str, level: AdminLevel, kinds: KindBook, gazetteer: Gazetteer
) -> tuple[str, str] | None:
    """Return the name that stands right before the word for a kind of the network.

    Before a short word as 中心 it must be all there is.
    """
    for word, kind in kinds.words.items():
        if kind not in kinds.counted or not plain.endswith(word):
            continue
        stem = plain.removesuffix(word)
        first = max(0, len(stem) - _LONGEST)
        for start in range(first, len(stem) - 1 if len(word) >= _LEAST else min(1, len(stem))):
            found = gazetteer.resolve(stem[start:], level=level)
            if stem[start:] in gazetteer.entries and found.how in CERTAIN and found.adcode:
                return stem[start:], found.adcode
    return None
