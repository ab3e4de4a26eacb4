"""The blocks of the page that imports contracts and payments: unit, kinds of contract, sums."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from network_map.app.imports import (
    ListBlocks,
    answer_questions,
    choose_columns,
    choose_origin,
    confirm_import,
    kept_previews,
    say_result,
    show_counts,
    show_problems,
    show_rows,
    upload_key,
)
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.app.kit.tables import LIST_FILE_TYPES, plain, upload_style
from network_map.contracts.importing.apply import (
    RegisterImport,
    contract_import,
    payment_import,
    yuan_text,
)
from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.headers import CONTRACT_SYNONYMS, PAID_SYNONYMS
from network_map.contracts.importing.reading import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    Progress,
)
from network_map.contracts.importing.words import contract_template_bytes
from network_map.contracts.register.open import current_contract_counts
from network_map.contracts.tables import (
    CONTRACT_IMPORT_ROWS,
    CONTRACTS,
    PAID_IMPORT_ROWS,
    PAID_VALUES,
)
from network_map.datasets.imports import problem_bundle
from network_map.export import Bundle
from network_map.i18n import count_text, number_text, problem_text, text
from network_map.listfiles.grid import UPLOAD_BYTES
from network_map.listfiles.preview import MOST_DESCRIBED, outcome_words
from network_map.places.reference import place_names
from network_map.tables.check import conform
from network_map.terms import KindScheme

_AUTOMATIC = ""
_OFFERED_UNITS = (MoneyUnit.YUAN, MoneyUnit.WAN, MoneyUnit.YI)
UPLOAD_MEGABYTES = UPLOAD_BYTES // 1_000_000
_BLOCKS = {
    what: ListBlocks(
        "register", columns, (CONTRACTS, PAID_VALUES), "import_contracts.column", in_forms=True
    )
    for what, columns in (("contracts", CONTRACT_SYNONYMS), ("payments", PAID_SYNONYMS))
}
_UNIT_ASKED = "contract_unit_unknown"
_SHOWN_ROWS = 300
"""Rows of a list on screen, which may have a million."""
_FEN_IN_WAN, _FEN_IN_YI = 1_000_000, 10_000_000_000


@dataclass(frozen=True, slots=True)
class RegisterUpload:
    """A file that a person gave, and what they said about it.

    Parameters
    ----------
    what
        Whether it is a list of ``contracts`` or ``payments``.
    file_id
        Names this upload within the session.
    replaces_known
        Whether it is right where it differs from known contracts.
    """

    what: str
    content: Callable[[], bytes]
    file_name: str
    file_id: str
    options: ContractOptions
    replaces_known: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredUpload:
    """A file as it was answered: what it would change, and how it is read once more."""

    planned: RegisterImport
    upload: RegisterUpload
    options: ContractOptions

    def every_problem(self, language: str) -> Bundle:
        """Return every problem of the file, read anew: a long list has many."""
        planned = _read(self.upload, self.options, None, most_described=sys.maxsize)
        return problem_bundle(planned.preview, language)


def choose_register_file(page: Page) -> RegisterUpload | None:
    """Draw the choice of a file; return it with what was said about it, None without one."""
    language = page.language
    limit = {"megabytes": UPLOAD_MEGABYTES}
    st.html(
        upload_style(
            text("import_contracts.upload_limit", language, **limit),
            text("import_contracts.upload_refused", language, **limit),
        )
    )
    what = st.radio(
        text("import_contracts.what", language),
        list(_BLOCKS),
        format_func=lambda name: text(f"import_contracts.what_{name}", language),
        key=kept("register_what"),
        persist_state=KEPT,
        horizontal=True,
        label_visibility="collapsed",
    )
    blocks = _BLOCKS[what]
    say_result(blocks)
    intro = "intro_payments" if what == "payments" else "intro"
    st.caption(f"{text(f'import_contracts.{intro}', language)} {_version_words(language)}")
    given = st.file_uploader(
        text("import_contracts.upload", language),
        type=LIST_FILE_TYPES,
        max_upload_size=UPLOAD_MEGABYTES,
        key=f"{upload_key(blocks)}_{what}",
    )
    if given is None:
        st.session_state.pop(f"{blocks.key}_previews", None)
        if what == "contracts":
            _offer_template(language)
        return None
    return _with_choices(
        RegisterUpload(what, given.getvalue, given.name, given.file_id, ContractOptions()), language
    )


def _with_choices(upload: RegisterUpload, language: str) -> RegisterUpload:
    """Draw the choices about the list as a whole and return what was chosen."""
    origin_place, scheme_place, replace_place = st.columns(3, vertical_alignment="bottom")
    origin = choose_origin(origin_place, language)
    if upload.what == "payments":
        return replace(upload, options=ContractOptions(origin=origin))
    scheme = scheme_place.selectbox(
        text("import_contracts.scheme", language),
        [_AUTOMATIC, *KindScheme],
        format_func=lambda value: text(f"import_contracts.scheme_{value or 'auto'}", language),
        key=kept("register_scheme"),
        persist_state=KEPT,
    )
    replaces_known = replace_place.checkbox(
        text("import_contracts.replace", language),
        key=kept("register_replace"),
        persist_state=KEPT,
        help=text("import_contracts.replace_help", language),
    )
    options = ContractOptions(origin=origin, scheme=KindScheme(scheme) if scheme else None)
    return replace(upload, options=options, replaces_known=replaces_known)


def preview_register(page: Page, upload: RegisterUpload) -> AnsweredUpload:
    """Draw what was understood and the open questions; return the list as answered."""
    language, blocks = page.language, _BLOCKS[upload.what]
    columns = choose_columns(blocks, _previewed(upload, upload.options, language).preview, language)
    options = replace(upload.options, columns=columns)
    options = _choose_unit(_previewed(upload, options, language).preview, options, language)
    matched = _previewed(upload, options, language).preview
    if matched.unit_sums:  # the unit comes first; its choice says the same, with each sum
        asked = (problem for problem in matched.file_problems if problem.code != _UNIT_ASKED)
        for problem in asked:
            st.warning(plain(problem_text(problem, language)))
    else:
        options = answer_questions(blocks, matched, options, language)
    return AnsweredUpload(_previewed(upload, options, language), upload, options)


def _choose_unit(
    found: ContractPreview | PaidPreview, options: ContractOptions, language: str
) -> ContractOptions:
    """Draw the question for the unit where it is open, with the sum of each answer."""
    if not found.unit_sums:
        return options

    def words(name: str) -> str:
        unit = MoneyUnit(name)
        shown = _money_text(found.unit_sums[unit], language)
        return text(
            "import_contracts.unit_sum", language,
            unit=text(f"import_contracts.unit_name.{unit.name.lower()}", language), sum=shown,
        )  # fmt: skip

    chosen = st.radio(
        text("import_contracts.unit", language),
        [unit.value for unit in _OFFERED_UNITS],
        index=None,
        format_func=words,
        key=kept(f"register_unit_{found.file_sha256[:8]}"),
        persist_state=KEPT,
        horizontal=True,
    )
    return options if chosen is None else replace(options, unit=MoneyUnit(chosen))


def show_register(page: Page, answered: AnsweredUpload) -> None:
    """Show counts and sums of what would be taken, its first rows, and every problem."""
    language, planned = page.language, answered.planned
    preview = planned.preview
    show_counts(preview, language)
    figures = _amounts(preview, language)
    for place, figure in zip(st.columns(len(figures)), figures, strict=True):
        label, shown, exact = (escape(part) for part in (figure.label, figure.shown, figure.exact))
        place.html(f'<div class="card"><h3>{label}</h3><h2>{shown}</h2><p>{exact}</p></div>')
    for sentence in planned.told(language)[1:]:
        st.text(sentence)
    for note in planned.notes:
        st.info(plain(problem_text(note, language)))
    declaration = PAID_IMPORT_ROWS if isinstance(preview, PaidPreview) else CONTRACT_IMPORT_ROWS
    table = _row_table(preview, place_names(page.places.divisions, language), language)
    show_rows(table, declaration, "register_rows", language)
    if len(preview.rows) > _SHOWN_ROWS:
        shown, total = count_text(_SHOWN_ROWS), count_text(len(preview.rows))
        st.caption(text("import_contracts.rows_shown", language, shown=shown, total=total))
    is_capped = preview.has_capped_problems
    if is_capped:
        most = count_text(MOST_DESCRIBED)
        st.caption(text("import_contracts.problems_more", language, most=most))
    whole = partial(answered.every_problem, language) if is_capped else None
    show_problems(_BLOCKS[answered.upload.what], preview, language, whole)


def confirm_register(page: Page, answered: AnsweredUpload) -> None:
    """Draw the button that applies the list, and what stands in its way."""
    planned, language = answered.planned, page.language
    confirm_import(_BLOCKS[answered.upload.what], planned, language, planned.told(language)[-1])


def _version() -> str | None:
    counts = current_contract_counts(cached.settings().workspace_dir)
    return None if counts is None else counts.snapshot_id


def _version_words(language: str) -> str:
    counts = current_contract_counts(cached.settings().workspace_dir)
    if counts is None:
        return text("import_contracts.current_none", language)
    return text(
        "import_contracts.current", language,
        version=counts.snapshot_id[:8], contracts=count_text(counts.contract_count),
        payments=count_text(counts.payment_count),
    )  # fmt: skip


def _offer_template(language: str) -> None:
    with st.expander(text("import_contracts.template", language)):
        st.download_button(
            text("import_contracts.template_button", language),
            data=lambda: contract_template_bytes(language),
            file_name="contract_template.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key="register_template",
            on_click="ignore",
        )


def _previewed(upload: RegisterUpload, options: ContractOptions, language: str) -> RegisterImport:
    """Return the preview; the last ones are kept in the session."""
    previews = kept_previews(_BLOCKS[upload.what], _version())

    def read() -> RegisterImport:
        bar = st.empty()

        def show(done: int, total: int) -> None:
            said = text(
                "import_contracts.reading", language, done=count_text(done), total=count_text(total)
            )
            bar.progress(min(done / max(total, 1), 1.0), text=said)

        found = _read(upload, options, show)
        bar.empty()
        return found

    key = (upload.file_id, upload.replaces_known, f"{options!r}")
    found: RegisterImport = previews.get(key, read)
    return found


def _read(
    upload: RegisterUpload,
    options: ContractOptions,
    progress: Progress | None,
    *,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    folder = cached.settings().workspace_dir
    if upload.what == "payments":
        return payment_import(
            upload.content(), upload.file_name, options,
            workspace=folder, progress=progress, most_described=most_described,
        )  # fmt: skip
    return contract_import(
        upload.content(),
        upload.file_name,
        options,
        workspace=folder,
        replaces_known=upload.replaces_known,
        gazetteer=cached.gazetteer(),
        progress=progress,
        most_described=most_described,
    )


@dataclass(frozen=True, slots=True)
class _Amount:
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


def _money_text(fen: int, language: str) -> str:
    """Return an amount in 亿元, 万元 or 元, the largest of which it holds one, with the unit."""
    if fen < _FEN_IN_WAN:
        return f"{yuan_text(fen)} {text('unit.yuan', language)}"
    unit, divisor = (
        ("hundred_million_yuan", _FEN_IN_YI) if fen >= _FEN_IN_YI
        else ("ten_thousand_yuan", _FEN_IN_WAN)
    )  # fmt: skip
    return f"{number_text(fen / divisor, 2)} {text(f'unit.{unit}', language)}"


def _amounts(preview: ContractPreview | PaidPreview, language: str) -> tuple[_Amount, ...]:
    """Return the sums of what would be taken, each as people say it and to the fen."""
    if isinstance(preview, PaidPreview):
        count = text(
            "import_contracts.payments_of", language, count=f"{len(preview.paid_values):,}"
        )
        return (
            _Amount(text("import_contracts.payment_count", language), count),
            _money("paid", preview.paid_value_fen, language),
        )
    totals = preview.totals
    counted = f"{totals.contract_count:,}"
    unlocated = text(
        "import_contracts.unlocated_of", language,
        count=f"{totals.unlocated_count:,}", yuan=yuan_text(totals.unlocated_value_fen),
    )  # fmt: skip
    return (
        _Amount(
            text("import_contracts.count", language),
            text("import_contracts.count_of", language, count=counted),
        ),
        _money("value", totals.contract_value_fen, language),
        _money("technology_value", totals.technology_value_fen, language),
        _Amount(
            text("import_contracts.unlocated", language),
            _money_text(totals.unlocated_value_fen, language),
            unlocated,
        ),
    )


def _row_table(
    preview: ContractPreview | PaidPreview, places: Mapping[str, str], language: str
) -> pd.DataFrame:
    """Return the first rows with what becomes of them, as the table declared for them."""
    rows = preview.rows.head(_SHOWN_ROWS)
    rows = rows.assign(outcome=rows["outcome"].map(outcome_words(language)))
    if isinstance(preview, PaidPreview):
        return conform(PAID_IMPORT_ROWS, rows)
    both = rows.merge(preview.first_taken(rows["row"].max()), "left", "row", validate="1:1")
    return conform(
        CONTRACT_IMPORT_ROWS,
        both.assign(
            kind_name=_words(both["contract_kind"], "contract_kind", language),
            status_name=_words(both["contract_status"], "contract_status", language),
            seller_place_name=both["seller_adcode"].map(dict(places)),
            buyer_place_name=both["buyer_adcode"].map(dict(places)),
            contract_value_wan=both["contract_value_fen"] / _FEN_IN_WAN,
            technology_value_wan=both["technology_value_fen"] / _FEN_IN_WAN,
        ),
    )


def _money(name: str, fen: int, language: str) -> _Amount:
    exact = text("import_contracts.exact", language, yuan=yuan_text(fen), fen=f"{fen:,}")
    return _Amount(text(f"import_contracts.{name}", language), _money_text(fen, language), exact)


def _words(codes: pd.Series, kind: str, language: str) -> pd.Series:
    found = {
        code: text(f"contract_import.{kind}.{code}", language) for code in codes.dropna().unique()
    }
    return codes.map(found)
