"""The rows of a register: from a chunk of text to declared columns, and what becomes of each."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing import cells as contract_cells
from network_map.contracts.importing.cells import MOST_FEN, Cells, MoneyState, MoneyUnit
from network_map.contracts.importing.places import PLACE_ITEMS, PlaceWord, read_party_place
from network_map.contracts.importing.reading import Judge, ReadRows
from network_map.contracts.importing.words import read_yes_no, word_reader
from network_map.contracts.tables import PERSON_NAME
from network_map.errors import Severity
from network_map.listfiles.cells import (
    Mask,
    is_matching,
    read_column,
    replaced,
    today_in_china,
)
from network_map.listfiles.grid import Chunk
from network_map.listfiles.preview import (
    MOST_DESCRIBED,
    Answers,
    Finding,
    Said,
    finding,
    judged,
)
from network_map.places.gazetteer import Gazetteer
from network_map.terms import ContractStatus, Origin, PartyKind

_LOOKS_PERSONAL = r"^\p{Han}{2,4}$"
_ORGANISED = (
    "[公司厂矿所院校局厅部处会社中心站馆团集组店行署室库网城县市区州省乡镇村场农科技业"
    "投信学位协联盟基金银队坊]"
)
_PAST_DATES = ("signed_on", "registered_on")
_DATES = ("signed_on", "registered_on", "starts_on", "ends_on")
_NAMES = ("title", "registry_name", "seller_country", "buyer_country")
_CODES: Mapping[str, tuple[str, Severity]] = {
    "contract_kind": ("contract_kind_unknown", Severity.ERROR),
    "technology_field": ("contract_field_unknown", Severity.DOUBTFUL),
    "ip_kind": ("contract_ip_unknown", Severity.DOUBTFUL),
    "seller_kind": ("contract_party_unknown", Severity.DOUBTFUL),
    "buyer_kind": ("contract_party_unknown", Severity.DOUBTFUL),
    "plan_source": ("contract_plan_unknown", Severity.DOUBTFUL),
    "contract_status": ("contract_status_unknown", Severity.DOUBTFUL),
    "origin": ("origin_not_known", Severity.DOUBTFUL),
    "kind_scheme": ("contract_scheme_unknown", Severity.DOUBTFUL),
}


@dataclass(frozen=True)
class RowRules:
    """What every row of a register is read with.

    Parameters
    ----------
    gazetteer
        The divisions.
    positions
        Place of each recognised column in the file.
    units
        Unit of each money column.
    answers
        What a person answered.
    origin, source
        Of the rows that name none.
    known
        What texts mean that were read before; it is added to.
    counts
        How often each problem was found before; it is added to.
    most_described
        Problems of one code that are described.
    most_by_year
        What the whole province's contracts came to in a year, in fen, as far as it is published.
    today
        Day in China on which the file is read, ISO 8601: no contract is signed later.
    """

    gazetteer: Gazetteer
    positions: Mapping[str, int]
    units: Mapping[str, MoneyUnit]
    answers: Answers
    origin: Origin
    source: str
    known: dict[str, dict[str, object]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    most_described: int = MOST_DESCRIBED
    most_by_year: Mapping[str, int] = field(default_factory=dict)
    today: str = field(default_factory=today_in_china)


def read_rows(chunk: Chunk, rules: RowRules) -> ReadRows:
    """Return the rows of a chunk in declared columns, with everything that is wrong with them."""
    cells, formulas = contract_cells.without_formulas(
        Cells(chunk, rules.positions, rules.answers, rules.known)
    )
    findings: list[Finding] = [
        finding("contract_row_too_wide", Severity.ERROR, "", chunk.is_too_wide),
        *formulas,
    ]

    def take(result: tuple[pa.Array, list[Finding]]) -> pa.Array:
        findings.extend(result[1])
        return result[0]

    columns: dict[str, pa.Array] = {"row": pa.array(chunk.rows)}
    columns["contract_id"] = take(contract_cells.contract_ids(cells))
    for column, unknown in _CODES.items():
        missing = "contract_kind_missing" if column == "contract_kind" else None
        reader = word_reader(column)
        columns[column] = take(
            contract_cells.words(cells, column, reader, unknown=unknown, missing=missing)
        )
    columns["is_related_party"] = take(
        contract_cells.words(
            cells, "related_party", read_yes_no,
            unknown=("contract_yes_no_unknown", Severity.DOUBTFUL),
        )
    )  # fmt: skip
    columns |= {column: take(contract_cells.names(cells, column)) for column in _NAMES}
    columns |= {column: take(contract_cells.dates(cells, column)) for column in _DATES}
    findings += [in_future(column, columns[column], rules.today) for column in _PAST_DATES]
    findings.append(_empty(cells, "signed_on", columns["signed_on"], columns["contract_status"]))
    columns |= _values(cells, rules, columns, findings)
    columns |= _spans(cells, columns, findings)
    for side in ("seller", "buyer"):
        columns |= _party(cells, side, columns[f"{side}_kind"], rules.gazetteer, take)
    columns |= _defaults(cells, columns, rules, take)
    return ReadRows(columns, findings)


def judge_of(rules: RowRules) -> Judge:
    """Return what says what becomes of rows, one chunk after the other."""
    return partial(judged, counts=rules.counts, most_described=rules.most_described)


def _values(
    cells: Cells, rules: RowRules, columns: Mapping[str, pa.Array], findings: list[Finding]
) -> dict[str, pa.Array]:
    """Return contract and technology value in fen; the second is never above the first."""
    is_cancelled = _is(columns["contract_status"], ContractStatus.CANCELLED.value)
    value, said = contract_cells.money(cells, "contract_value", _unit(rules, "contract_value"))
    is_missing = (value.state == MoneyState.EMPTY) & ~is_cancelled
    findings += said
    findings.append(finding("contract_value_missing", Severity.ERROR, "contract_value", is_missing))
    findings.append(_above_province(cells, value.fen, columns, rules.most_by_year))
    technology, said = contract_cells.money(
        cells, "technology_value", _unit(rules, "technology_value")
    )
    findings += said
    # While the unit of one of them must be asked, they cannot be compared.
    is_one_open = ("contract_value" in rules.units) != ("technology_value" in rules.units)
    is_above = value.is_known & technology.is_known & (technology.fen > value.fen)
    is_above &= not (is_one_open and cells.has("technology_value"))
    findings.append(
        Finding(
            "contract_technology_above", Severity.ERROR, "technology_value",
            np.flatnonzero(is_above),
            lambda place: Said(
                f"{technology.fen[place] / 100:,.2f}",
                values={"contract": f"{value.fen[place] / 100:,.2f}"},
            ),
        )
    )  # fmt: skip
    values = {
        "contract_value_fen": pa.array(value.fen),
        "technology_value_fen": pa.array(technology.fen, mask=~technology.is_known),
    }
    findings.append(
        _empty(
            cells, "technology_value", values["technology_value_fen"], columns["contract_status"]
        )
    )
    return values


def _above_province(
    cells: Cells,
    fen: npt.NDArray[np.int64],
    columns: Mapping[str, pa.Array],
    most_by_year: Mapping[str, int],
) -> Finding:
    """Return the contracts above what the whole province's came to in their year.

    In a year that is not published, the largest published one is the measure.
    """
    largest = max(most_by_year.values(), default=MOST_FEN)
    large = np.flatnonzero(fen > min(most_by_year.values(), default=MOST_FEN))
    days = pc.coalesce(columns["signed_on"], columns["registered_on"])

    def most(place: int) -> int:
        return most_by_year.get(str(days[place].as_py())[:4], largest)

    answered = cells.is_answered("contract_value")
    places = [int(n) for n in large if fen[n] > most(int(n)) and not answered[n]]
    return Finding(
        "contract_value_above_province", Severity.DOUBTFUL, "contract_value",
        np.array(places, dtype="int64"),
        lambda place: Said(
            f"{fen[place] / 100:,.2f}", values={"province": f"{most(place) / 100:,.2f}"}
        ),
    )  # fmt: skip


def _empty(cells: Cells, column: str, values: pa.Array, status: pa.Array) -> Finding:
    """Return the rows that leave a column empty which the register should fill; it is no error."""
    is_empty = np.zeros(len(values), dtype="bool")
    if cells.has(column):
        is_empty = _true(pc.is_null(values)) & ~_is(status, ContractStatus.CANCELLED.value)
    if is_empty.any():
        is_empty &= is_matching(cells.text(column), contract_cells.BLANK)
    return finding(f"contract_{column}_empty", Severity.NOTE, column, is_empty)


def in_future(column: str, dates: pa.Array, today: str) -> Finding:
    """Return the rows whose date is yet to come: one of them would move the register's cut-off."""
    is_later = _true(pc.greater(dates, today))
    code = "contract_date_in_future"
    return finding(code, Severity.DOUBTFUL, column, is_later, contract_cells.quote(dates), "")


def _spans(
    cells: Cells, columns: Mapping[str, pa.Array], findings: list[Finding]
) -> dict[str, pa.Array]:
    """Return first and last day of validity, from their own columns or from one of both."""
    starts, ends = columns["starts_on"], columns["ends_on"]
    if cells.has("valid_span"):
        first, last, said = contract_cells.spans(cells)
        starts, ends = pc.coalesce(starts, first), pc.coalesce(ends, last)
        findings += said
    is_reversed = _true(
        pc.less(pc.utf8_slice_codeunits(ends, 0, 4), pc.utf8_slice_codeunits(starts, 0, 4))
    )
    both_full = _true(pc.equal(pc.utf8_length(starts), pc.utf8_length(ends)))
    is_reversed |= both_full & _true(pc.less(ends, starts))
    findings.append(
        finding(
            "contract_dates_reversed", Severity.DOUBTFUL, "ends_on", is_reversed,
            contract_cells.quote(ends), "",
        )
    )  # fmt: skip
    return {"starts_on": starts, "ends_on": ends}


Take = Callable[[tuple[pa.Array, list[Finding]]], pa.Array]


def _party(
    cells: Cells, side: str, kinds: pa.Array, gazetteer: Gazetteer, take: Take
) -> dict[str, pa.Array]:
    """Return name, kind and place of a party; the name of a natural person is not kept."""
    name = take(contract_cells.names(cells, f"{side}_name"))
    looks = is_matching(name.fill_null(""), _LOOKS_PERSONAL)
    looks &= ~is_matching(name.fill_null(""), _ORGANISED)
    looks &= ~_true(pc.equal(name, PERSON_NAME))
    is_person = _is(kinds, PartyKind.PERSON.value)
    is_guess = looks & _true(pc.is_null(kinds))
    said = finding("contract_party_looks_personal", Severity.CORRECTED, f"{side}_name", is_guess)
    has_name = ~_true(pc.is_null(name))
    hidden = (is_person & has_name) | is_guess
    place, places_said = _places(cells, side, gazetteer)
    return {
        f"{side}_name": take((pc.if_else(pa.array(hidden), PERSON_NAME, name), [said])),
        f"{side}_adcode": take((place, places_said)),
    }


def _places(cells: Cells, side: str, gazetteer: Gazetteer) -> tuple[pa.Array, list[Finding]]:
    """Return the adcode of a party's place, each different way of writing it read once."""
    column = f"{side}_place"
    joined = _place_texts(cells, side)
    given = _open_answers(cells, side, gazetteer) | cells.by_row(column)
    joined = replaced(
        joined, {place: f"\x1f{answer}\x1f\x1f\x1f" for place, answer in given.items()}
    )

    def meaning(text: str) -> PlaceWord:
        found = read_party_place(text.split("\x1f"), gazetteer)
        for name in (column, "place"):
            if (found.value, name) in cells.answers:
                answer = cells.answers[found.value, name]
                return read_party_place(["", answer, "", "", ""], gazetteer)
        return found

    known: dict[str, PlaceWord] = cells.known.setdefault(column, {})  # type: ignore[assignment]  # of this column
    places, _, found = read_column(joined, meaning, known)
    codes = pa.array([word.adcode for word in found], type=pa.string()).take(pa.array(places))
    said = {(word.code, word.severity) for word in found if word.code is not None}
    return codes, [
        Finding(
            str(code), severity, column,
            np.flatnonzero(
                np.array([(w.code, w.severity) == (code, severity) for w in found])[places]
            ),
            lambda place: _said(found[places[place]]),
            keeps_row=True,
        )
        for code, severity in sorted(said, key=str)
    ]  # fmt: skip


def _place_texts(cells: Cells, side: str) -> pa.Array:
    """Return what a file says of a party's place, its columns joined; without a row's answer."""
    texts = [cells.text(f"{side}_{item}") for item in PLACE_ITEMS if item != "place"]
    own = Cells(cells.chunk, cells.positions, {}, {}).text(f"{side}_place")
    texts.insert(PLACE_ITEMS.index("place"), own)
    return pc.binary_join_element_wise(*texts, "\x1f")


def _open_answers(cells: Cells, side: str, gazetteer: Gazetteer) -> dict[int, str]:
    """Return the answers about the place of a row, where this party's is the one that is open.

    Where the places of both are, such an answer says nothing: it does not name the party.
    """
    answers = cells.by_row("place")
    if not answers:
        return {}
    texts = {each: _place_texts(cells, each) for each in ("seller", "buyer")}

    def openness(place: int) -> dict[str, int]:
        found = {
            each: read_party_place(joined[place].as_py().split("\x1f"), gazetteer)
            for each, joined in texts.items()
        }
        return {
            each: (word.severity is Severity.DOUBTFUL) * 2
            + (word.adcode is None and word.value != "")
            for each, word in found.items()
        }

    return {
        place: answer
        for place, answer in answers.items()
        if (weights := openness(place))[side] > min(weights.values())
        and weights[side] == max(weights.values())
    }


def _said(word: PlaceWord) -> Said:
    return Said(word.value, word.fix, word.values)


def _defaults(
    cells: Cells, columns: Mapping[str, pa.Array], rules: RowRules, take: Take
) -> dict[str, pa.Array]:
    return {
        "contract_status": columns["contract_status"].fill_null(ContractStatus.REGISTERED.value),
        "origin": columns["origin"].fill_null(rules.origin.value),
        "source": take(contract_cells.names(cells, "source")).fill_null(rules.source),
    }


def _unit(rules: RowRules, column: str) -> MoneyUnit:
    """Return the unit of a column; while it is not known, cells are read as yuan to be judged."""
    return rules.units.get(column, MoneyUnit.YUAN)


def _is(codes: pa.Array, code: str) -> Mask:
    return _true(pc.equal(codes, code))


def _true(flags: pa.Array) -> Mask:
    return np.asarray(flags.fill_null(False).to_numpy(zero_copy_only=False), dtype="bool")  # noqa: FBT003 - the value to fill in
