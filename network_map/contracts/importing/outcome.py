"""What an import of contracts or payments did or would do, in both languages.

The options of a contract import as words of a command line or a page.

What the contract import page shows of a previewed register or list of payments.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing.apply import (
    RegisterImport,
    apply_register_import,
    import_totals,
    preview_contract_list,
    preview_payment_list,
)
from network_map.contracts.importing.headers import CONTRACT_SYNONYMS, PAID_SYNONYMS
from network_map.contracts.importing.money import MoneyUnit
from network_map.contracts.importing.options import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    typed_frame,
)
from network_map.contracts.importing.reading import Progress
from network_map.contracts.tables import CONTRACT_IMPORT_ROWS, CONTRACTS, PAID_IMPORT_ROWS
from network_map.errors import Problem, QueryError, Severity
from network_map.i18n import LANGUAGES, count_text, number_text, text
from network_map.listfiles.outcome import (
    Outcome,
    file_values,
    left_out_text,
    outcome_words,
    problem_values,
)
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.nodes.importing.options import column_choice, pair, parse_origin
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import conform
from network_map.tables.columns import Table
from network_map.terms import KindScheme

MOST_ACCEPTED = 10_000
"""Accepted rows that are listed one by one; the ranges of all of them are always given."""
_FEN_IN_YUAN = 100


@dataclass(frozen=True)
class RegisterOutcome:
    """What an import did, or why it did nothing yet.

    Parameters
    ----------
    planned
        The list, judged against the register.
    state
        ``applied``, ``unchanged``, ``waiting``, ``blocked`` or ``nothing``, as for nodes.
    snapshot_id
        The current version of the contract register now, None if there is none.
    previous_snapshot_id
        The version that the import replaced, None if it replaced none.
    left_out_rows
        Rows of the file that were skipped.
    """

    planned: RegisterImport
    state: str
    snapshot_id: str | None
    previous_snapshot_id: str | None = None
    left_out_rows: tuple[int, ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the list is in the workspace now."""
        return self.state in {"applied", "unchanged"}

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return what there is to say about the import as a whole, in a language."""
        preview = self.planned.preview
        values = {"snapshot_id": self.snapshot_id or "", "open_count": preview.open_count}
        said = [
            text("import.result.counts", language, **preview.counts),
            *totals_sentences(self.planned, language),
            text(f"import.result.{self.state}", language, **values),
        ]
        if self.left_out_rows:
            said.append(left_out_text(self.left_out_rows, language))
        return tuple(said)

    def to_json(self) -> dict[str, object]:
        """Return the outcome as plain values: numbers, texts, lists and mappings of them.

        ``corrected``, ``doubtful``, ``refused`` and ``excluded`` list every row. ``accepted``
        lists the first ten thousand; ``accepted_row_ranges`` holds first and last number of each
        run of accepted rows, all of them.
        """
        preview = self.planned.preview
        by_row: dict[int | None, list[Problem]] = defaultdict(list)
        for problem in preview.problems:
            by_row[problem.row].append(problem)
        rows = {
            outcome.value: preview.rows[preview.rows["outcome"] == outcome.value]
            for outcome in Outcome
        }
        accepted = rows[Outcome.ACCEPTED.value]
        rows[Outcome.ACCEPTED.value] = accepted.head(MOST_ACCEPTED)
        listed = set(preview.rows["row"].tolist())
        apart = [p for row, found in by_row.items() if row not in listed for p in found]
        return {
            "applied": self.applied,
            "state": self.state,
            "snapshot_id": self.snapshot_id,
            "previous_snapshot_id": self.previous_snapshot_id,
            "file": file_values(preview),
            "units": {column: unit.value for column, unit in preview.units.items()},
            "unit_sums": {unit.value: fen for unit, fen in preview.unit_sums.items()},
            "counts": preview.counts,
            "totals": import_totals(preview),
            "effect": asdict(self.planned.effect),
            "accepted_row_ranges": _ranges(accepted["row"].to_list()),
            **{
                outcome: [
                    _row_values(row, contract_id, reason, by_row.get(row, ()))
                    for row, contract_id, reason in frame[
                        ["row", "contract_id", "reason"]
                    ].itertuples(index=False, name=None)
                ]
                for outcome, frame in rows.items()
            },
            "left_out_rows": list(self.left_out_rows),
            "problem_counts": dict(preview.problem_counts),
            "notes": [problem_values(problem) for problem in (*apart, *self.planned.notes)],
            "message": {language: list(self.sentences(language)) for language in LANGUAGES},
        }


def run_contract_import(  # noqa: PLR0913 - the keywords of one request
    file: Path | bytes,
    workspace: Path,
    *,
    payments: bool = False,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    replaces_known: bool = False,
    confirm: bool = False,
    skip_rows: bool = False,
    who: str | None = None,
    gazetteer: Gazetteer | None = None,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterOutcome:
    """Preview a list of contracts or payments and, if it is confirmed and may be, apply it.

    Parameters
    ----------
    file
        Its path, or its content.
    workspace
        The folder; without ``confirm`` nothing in it is touched.
    payments
        Whether it is a list of payments.
    file_name
        Name of a content without path.
    options
        What a person says about the list.
    replaces_known
        Whether the list is right wherever it contradicts what the workspace holds.
    confirm
        Whether to apply the list.
    skip_rows
        Whether refused and unanswered rows may be left out.
    who
        The account for the journal.
    gazetteer
        The divisions; the shipped ones by default.
    progress
        Told how many rows are done, and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as such a list.
    QueryError
        If another import changed the register meanwhile so that other rows are open.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    if payments:
        planned = preview_payment_list(
            file, file_name, options, workspace=workspace,
            progress=progress, most_described=most_described,
        )  # fmt: skip
    else:
        planned = preview_contract_list(
            file, file_name, options, workspace=workspace, replaces_known=replaces_known,
            gazetteer=gazetteer, progress=progress, most_described=most_described,
        )  # fmt: skip
    state = planned.state(confirm=confirm, skip_rows=skip_rows)
    if state != "applied":
        return RegisterOutcome(planned, state, planned.snapshot_id)
    done = apply_register_import(planned, workspace, skip_rows=skip_rows, who=who)
    return RegisterOutcome(
        planned,
        "applied" if done.is_changed else "unchanged",
        done.snapshot_id,
        done.previous_snapshot_id,
        done.left_out_rows,
    )


def totals_sentences(planned: RegisterImport, language: str) -> tuple[str, ...]:
    """Return the sums of what would be taken, to the fen, and what it does to the register."""
    totals = import_totals(planned.preview)
    values = {name: count_text(n) for name, n in totals.items() if name.endswith("_count")}
    values |= {
        name.removesuffix("_fen"): yuan_text(n) for name, n in totals.items() if "_fen" in name
    }
    kind = "payments" if isinstance(planned.preview, PaidPreview) else "contracts"
    effect = {name: count_text(n) for name, n in asdict(planned.effect).items()}
    before = totals.get("contract_value_fen", 0) + totals.get("left_out_value_fen", 0)
    open_places = totals.get("unanswered_place_count", 0)
    return (
        text(f"contract_import.totals.{kind}", language, **values),
        *([text("contract_import.totals.unanswered", language, **values)] if open_places else []),
        *(
            [text("contract_import.totals.before", language, before=yuan_text(before), **values)]
            if totals.get("left_out_value_fen")
            else []
        ),
        text(f"contract_import.effect.{kind}", language, **effect),
    )


def yuan_text(fen: int) -> str:
    """Return an amount in yuan with both decimals, exactly."""
    return f"{fen // _FEN_IN_YUAN:,}.{fen % _FEN_IN_YUAN:02d}"


def _row_values(
    row: int, contract_id: object, reason: str, problems: Sequence[Problem]
) -> Mapping[str, object]:
    return {
        "row": row,
        "contract_id": contract_id if isinstance(contract_id, str) else None,
        "reason": reason or None,
        "corrections": [
            {"column": p.column, "from": p.value, "to": p.fix}
            for p in problems
            if p.severity is Severity.CORRECTED and p.fix
        ],
        "problems": [problem_values(problem) for problem in problems],
    }


def _ranges(rows: Sequence[int]) -> list[list[int]]:
    """Return first and last number of each run of rows."""
    numbers = np.asarray(rows, dtype="int64")
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [-1]])]
    return [[int(first), int(last)] for first, last in zip(firsts, lasts, strict=True)]


UNIT_WORDS = {
    "元": MoneyUnit.YUAN, "yuan": MoneyUnit.YUAN,
    "千元": MoneyUnit.THOUSAND, "1k_yuan": MoneyUnit.THOUSAND,
    "万元": MoneyUnit.WAN, "万": MoneyUnit.WAN, "10k_yuan": MoneyUnit.WAN,
    "wan": MoneyUnit.WAN, "wan_yuan": MoneyUnit.WAN, "10000_yuan": MoneyUnit.WAN,
    "亿元": MoneyUnit.YI, "亿": MoneyUnit.YI, "100m_yuan": MoneyUnit.YI,
    "yi": MoneyUnit.YI, "yi_yuan": MoneyUnit.YI,
    "分": MoneyUnit.FEN, "fen": MoneyUnit.FEN,
}  # fmt: skip
"""Words for the units of money."""
_OFFERED = "元、万元、亿元 (yuan, 10k_yuan, 100m_yuan)"


def contract_options(  # noqa: PLR0913 - one keyword for each option of the command
    *,
    payments: bool = False,
    unit: str | None = None,
    scheme: str | None = None,
    answers: Iterable[str] = (),
    exclude_rows: Iterable[int] = (),
    columns: Iterable[str] = (),
    origin: str | None = None,
    source: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> ContractOptions:
    """Return the options that the words of a command line mean.

    Parameters
    ----------
    payments
        Whether the list is one of payments: it has other columns.
    unit
        ``元``, ``万元``, ``亿元``, ``yuan``, ``10k_yuan`` …
    scheme
        ``four`` or ``five`` kinds of contract.
    answers
        ``row=place``, ``row:column=value``, or for every row where a text stands
        ``text=place``, ``text:column=value``.
    exclude_rows, source, sheet, header_row
        As in :class:`ContractOptions`.
    columns
        ``header=column``; an empty column leaves the header out.
    origin
        ``official``, ``reported``, ``assumed`` or ``synthetic``.

    Raises
    ------
    QueryError
        If one of them cannot be understood.
    """
    known = PAID_SYNONYMS if payments else CONTRACT_SYNONYMS
    return ContractOptions(
        unit=None if unit is None else parse_unit(unit),
        scheme=None if scheme is None else KindScheme(scheme),
        answers=dict(_answer(answer, known) for answer in answers),
        exclude_rows=frozenset(exclude_rows),
        columns={
            header: column or None
            for header, column in (column_choice(words, known) for words in columns)
        },
        origin=parse_origin(origin),
        source=source,
        sheet=sheet,
        header_row=header_row,
    )


def parse_unit(word: str) -> MoneyUnit:
    """Return the unit of money that a word means.

    Raises
    ------
    QueryError
        If it means none.
    """
    unit = UNIT_WORDS.get(word.strip().lower())
    if unit is None:
        raise QueryError("unit_unreadable", value=word, known=_OFFERED)
    return unit


def _answer(words: str, known: Iterable[str]) -> tuple[tuple[int | str, str], str]:
    left, value = pair(words, "answer_unreadable")
    what, sign, column = left.replace("\uff1a", ":").rpartition(":")
    column = column.strip()
    if not sign:
        what, column = left, "place"
    elif column not in {*known, "place"}:
        raise QueryError("answer_unreadable", value=words)
    what = what.strip()
    return (int(what) if what.isdecimal() else what, column), value


SHOWN_ROWS = 300
"""Rows of a list on screen, which may have a million."""
_FEN_PER_YUAN, _FEN_IN_WAN, _FEN_IN_YI = 100, 1_000_000, 10_000_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of the preview.

    Parameters
    ----------
    label
        What it is.
    shown
        In 亿元 or 万元, or a count.
    exact
        To the fen, or "".
    """

    label: str
    shown: str
    exact: str = ""


def money_text(fen: int, language: str) -> str:
    """Return an amount in 亿元, 万元 or 元, the largest of which it holds one, with the unit."""
    if fen < _FEN_IN_WAN:
        return f"{_yuan(fen)} {text('unit.yuan', language)}"
    unit, divisor = (
        ("hundred_million_yuan", _FEN_IN_YI) if fen >= _FEN_IN_YI
        else ("ten_thousand_yuan", _FEN_IN_WAN)
    )  # fmt: skip
    return f"{number_text(fen / divisor, 2)} {text(f'unit.{unit}', language)}"


def amounts(preview: ContractPreview | PaidPreview, language: str) -> tuple[Amount, ...]:
    """Return the sums of what would be taken, each as people say it and to the fen."""
    if isinstance(preview, PaidPreview):
        count = text(
            "import_contracts.payments_of", language, count=f"{len(preview.paid_values):,}"
        )
        return (
            Amount(text("import_contracts.payment_count", language), count),
            _money("paid", preview.paid_value_fen, language),
        )
    totals = preview.totals
    counted = f"{totals.contract_count:,}"
    unlocated = text(
        "import_contracts.unlocated_of", language,
        count=f"{totals.unlocated_count:,}", yuan=_yuan(totals.unlocated_value_fen),
    )  # fmt: skip
    return (
        Amount(
            text("import_contracts.count", language),
            text("import_contracts.count_of", language, count=counted),
        ),
        _money("value", totals.contract_value_fen, language),
        _money("technology_value", totals.technology_value_fen, language),
        Amount(
            text("import_contracts.unlocated", language),
            money_text(totals.unlocated_value_fen, language),
            unlocated,
        ),
    )


def register_row_table(
    preview: ContractPreview | PaidPreview, place_names: Mapping[str, str], language: str
) -> pd.DataFrame:
    """Return the first rows of a list with what becomes of them.

    Parameters
    ----------
    preview
        The list.
    place_names
        Name of each division by its code.
    language
        ``zh`` or ``en``.

    Returns
    -------
    pandas.DataFrame
        Table ``contract_import_rows`` or ``paid_import_rows``.
    """
    rows = preview.rows.head(SHOWN_ROWS)
    rows = rows.assign(outcome=rows["outcome"].map(outcome_words(language)))
    if isinstance(preview, PaidPreview):
        return conform(PAID_IMPORT_ROWS, rows)
    both = rows.merge(_first_taken(preview, rows["row"].max()), "left", "row", validate="1:1")
    return conform(
        CONTRACT_IMPORT_ROWS,
        both.assign(
            kind_name=_words(both["contract_kind"], "contract_kind", language),
            status_name=_words(both["contract_status"], "contract_status", language),
            seller_place_name=both["seller_adcode"].map(dict(place_names)),
            buyer_place_name=both["buyer_adcode"].map(dict(place_names)),
            contract_value_wan=both["contract_value_fen"] / _FEN_IN_WAN,
            technology_value_wan=both["technology_value_fen"] / _FEN_IN_WAN,
        ),
    )


def register_row_declaration(preview: ContractPreview | PaidPreview) -> Table:
    """Return the declaration of :func:`register_row_table`."""
    return PAID_IMPORT_ROWS if isinstance(preview, PaidPreview) else CONTRACT_IMPORT_ROWS


def has_capped_problems(preview: ContractPreview | PaidPreview) -> bool:
    """Return whether some problem occurs more often than it is described."""
    described = Counter(problem.code for problem in preview.problems if problem.row is not None)
    return any(preview.problem_counts.get(code, 0) > count for code, count in described.items())


def _first_taken(preview: ContractPreview, last_row: int) -> pd.DataFrame:
    """Return the rows that can be taken down to a row of the list, without their ids."""
    parts = []
    for table in preview.taken.chunks():
        parts.append(table.filter(pc.less_equal(table["row"], last_row)))
        if len(parts[-1]) < len(table):
            break
    table = pa.concat_tables(parts)
    taken = typed_frame(CONTRACTS, table).drop(columns="contract_id")
    return taken.assign(row=table["row"].to_numpy())


def _money(name: str, fen: int, language: str) -> Amount:
    exact = text("import_contracts.exact", language, yuan=_yuan(fen), fen=f"{fen:,}")
    return Amount(text(f"import_contracts.{name}", language), money_text(fen, language), exact)


def _yuan(fen: int) -> str:
    return f"{fen // _FEN_PER_YUAN:,}.{fen % _FEN_PER_YUAN:02d}"


def _words(codes: pd.Series, kind: str, language: str) -> pd.Series:
    found = {
        code: text(f"contract_import.{kind}.{code}", language) for code in codes.dropna().unique()
    }
    return codes.map(found)
