"""The blocks of the page that imports contracts and payments.

What a person says about a register before and after it is read: unit, kinds, columns.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import streamlit as st

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page, told
from network_map.app.kit.import_parts import WIDTHS, decide, match_columns, show_problems
from network_map.app.kit.memo import LruCache, session_cache
from network_map.app.kit.tables import LIST_FILE_TYPES, column_config, plain, upload_style
from network_map.contracts.importing.apply import (
    RegisterImport,
    apply_register_import,
    preview_contract_list,
    preview_payment_list,
)
from network_map.contracts.importing.cells import Answers
from network_map.contracts.importing.headers import CONTRACT_SYNONYMS, PAID_SYNONYMS
from network_map.contracts.importing.money import MoneyUnit
from network_map.contracts.importing.options import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    RegisterPreview,
)
from network_map.contracts.importing.outcome import (
    SHOWN_ROWS,
    amounts,
    has_capped_problems,
    money_text,
    register_row_declaration,
    register_row_table,
    totals_sentences,
)
from network_map.contracts.importing.reading import Progress
from network_map.contracts.importing.template import contract_template_bytes
from network_map.contracts.register.open import current_contract_counts
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datasets.node_outcome import (
    counts_by_outcome,
    file_problems,
    open_questions,
    problem_bundle,
)
from network_map.export import Bundle
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.grid import UPLOAD_BYTES
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.places.reference import place_names
from network_map.terms import OWN, KindScheme, Origin
from network_map.workspace.register import has_register

_AUTOMATIC = ""
_OFFERED_ORIGINS = (Origin.OFFICIAL, Origin.REPORTED)
_OFFERED_UNITS = (MoneyUnit.YUAN, MoneyUnit.WAN, MoneyUnit.YI)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said about a list as a whole.

    Parameters
    ----------
    options
        As the reader takes it.
    replaces_known
        Whether the list is right where it differs from known contracts.
    """

    options: ContractOptions
    replaces_known: bool


def choose_contract_options(language: str, *, payments: bool) -> Asked:
    """Draw the choices about the list as a whole and return what was chosen."""
    origin_place, scheme_place, replace_place = st.columns(3, vertical_alignment="bottom")
    origin = origin_place.selectbox(
        text("import_contracts.origin", language),
        [value.value for value in _OFFERED_ORIGINS],
        format_func=lambda value: text(f"term.origin.{value}", language),
        key=kept("register_origin"),
        persist_state=KEPT,
    )
    if payments:
        return Asked(ContractOptions(origin=Origin(origin)), replaces_known=False)
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
    options = ContractOptions(origin=Origin(origin), scheme=KindScheme(scheme) if scheme else None)
    return Asked(options, replaces_known=replaces_known)


def choose_unit(
    found: ContractPreview | PaidPreview, options: ContractOptions, language: str
) -> ContractOptions:
    """Draw the question for the unit where it is open, with the sum of each answer.

    Parameters
    ----------
    found
        The list as read without an answer.
    options
        What was said so far.
    language
        ``zh`` or ``en``.
    """
    if not found.unit_sums:
        return options
    key = f"register_unit_{found.file_sha256[:8]}"

    def words(name: str) -> str:
        unit = MoneyUnit(name)
        shown = money_text(found.unit_sums[unit], language)
        return text(
            "import_contracts.unit_sum", language,
            unit=text(f"import_contracts.unit_name.{unit.name.lower()}", language), sum=shown,
        )  # fmt: skip

    chosen = st.radio(
        text("import_contracts.unit", language),
        [unit.value for unit in _OFFERED_UNITS],
        index=None,
        format_func=words,
        key=kept(key),
        persist_state=KEPT,
        horizontal=True,
    )
    return options if chosen is None else replace(options, unit=MoneyUnit(chosen))


def choose_contract_columns(
    found: ContractPreview | PaidPreview, language: str
) -> dict[str, str | None]:
    """Draw what was made of each header in a form; return the matches that a person changed."""
    is_payments = isinstance(found, PaidPreview)
    with st.form(f"register_columns_form_{found.file_sha256[:8]}", border=False):
        changed = match_columns(
            found,
            list(PAID_SYNONYMS if is_payments else CONTRACT_SYNONYMS),
            lambda name: _column_name(name, language),
            key="register_column",
            language=language,
        )
        st.form_submit_button(text("import_contracts.apply_columns", language))
    return changed


def _column_name(name: str, language: str) -> str:
    for table in (CONTRACTS, PAID_VALUES):
        if name in table.names:
            return table.column(name).heading(language)
    return text(f"import_contracts.column.{name}", language)


UPLOAD_MEGABYTES = UPLOAD_BYTES // 1_000_000
_CONTRACTS, _PAYMENTS = "contracts", "payments"
_ROWS_HEIGHT_PX = 240
_MOST_QUESTIONS = 100
_UNIT_ASKED = "contract_unit_unknown"
_PREVIEW_KEY = "register_previews"
_KEPT_PREVIEWS = 3


@dataclass(frozen=True, slots=True)
class RegisterUpload:
    """A file that a person gave, and what they said about it.

    Parameters
    ----------
    content, file_name
        The file.
    file_id
        Names this upload within the session.
    payments
        Whether it is a list of payments.
    options
        What was said about it.
    replaces_known
        Whether it is right where it differs from known contracts.
    """

    content: Callable[[], bytes]
    file_name: str
    file_id: str
    payments: bool
    options: ContractOptions
    replaces_known: bool


def choose_register_file(page: Page) -> RegisterUpload | None:
    """Draw the choice of a file; return it with what was said about it, None without one."""
    language = page.language
    _say_result(language)
    st.html(
        upload_style(
            text("import_contracts.upload_limit", language, megabytes=UPLOAD_MEGABYTES),
            text("import_contracts.upload_refused", language, megabytes=UPLOAD_MEGABYTES),
        )
    )
    what = st.radio(
        text("import_contracts.what", language),
        [_CONTRACTS, _PAYMENTS],
        format_func=lambda name: text(f"import_contracts.what_{name}", language),
        key=kept("register_what"),
        persist_state=KEPT,
        horizontal=True,
        label_visibility="collapsed",
    )
    is_payments = what == _PAYMENTS
    intro = "intro_payments" if is_payments else "intro"
    st.caption(f"{text(f'import_contracts.{intro}', language)} {_version(language)}")
    given = st.file_uploader(
        text("import_contracts.upload", language),
        type=LIST_FILE_TYPES,
        max_upload_size=UPLOAD_MEGABYTES,
        key=f"register_file_{what}_{st.session_state.get('register_round', 0)}",
    )
    if given is None:
        st.session_state.pop(_PREVIEW_KEY, None)
        if not is_payments:
            _offer_template(language)
        return None
    asked = choose_contract_options(language, payments=is_payments)
    return RegisterUpload(
        given.getvalue, given.name, given.file_id, is_payments, asked.options, asked.replaces_known
    )


@dataclass(frozen=True, slots=True)
class AnsweredUpload:
    """A file as it was answered.

    Parameters
    ----------
    planned
        What it would change.
    upload, options
        How it is read once more.
    """

    planned: RegisterImport
    upload: RegisterUpload
    options: ContractOptions

    def with_every_problem(self) -> RegisterPreview:
        """Return the preview that describes every problem, read anew: a long list has many."""
        planned = _read(self.upload, self.options, None, most_described=sys.maxsize)
        return planned.preview


def preview_register(page: Page, upload: RegisterUpload) -> AnsweredUpload:
    """Draw what was understood and the open questions; return the list as answered."""
    language = page.language
    first = _previewed(upload, upload.options, language)
    with st.expander(text("import_contracts.columns", language)):
        columns = choose_contract_columns(first.preview, language)
    options = replace(upload.options, columns=columns)
    matched = _previewed(upload, options, language)
    options = choose_unit(matched.preview, options, language)
    matched = _previewed(upload, options, language)
    for problem in file_problems(matched.preview):
        if problem.code == _UNIT_ASKED:  # the choice above says the same, with each sum
            continue
        st.warning(plain(problem_text(problem, language)))
    options = _answered(matched, options, language)
    return AnsweredUpload(_previewed(upload, options, language), upload, options)


def show_register(page: Page, answered: AnsweredUpload) -> None:
    """Show counts and sums of what would be taken, its first rows, and every problem."""
    language, planned = page.language, answered.planned
    preview = planned.preview
    st.html(f'<h2 class="section">{escape(text("import.page.preview", language))}</h2>')
    st.text(text("import.result.counts", language, **counts_by_outcome(preview)))
    figures = amounts(preview, language)
    for place, figure in zip(st.columns(len(figures)), figures, strict=True):
        label, shown, exact = (escape(part) for part in (figure.label, figure.shown, figure.exact))
        place.html(f'<div class="card"><h3>{label}</h3><h2>{shown}</h2><p>{exact}</p></div>')
    for sentence in totals_sentences(planned, language)[1:]:
        st.text(sentence)
    for note in planned.notes:
        st.info(plain(problem_text(note, language)))
    declaration = register_row_declaration(preview)
    table = register_row_table(preview, place_names(page.places.divisions, language), language)
    st.dataframe(
        table,
        hide_index=True,
        height=_ROWS_HEIGHT_PX,
        column_config=column_config(declaration, language, WIDTHS),
        key="register_rows",
        placeholder="—",
    )
    if len(preview.rows) > SHOWN_ROWS:
        shown, total = count_text(SHOWN_ROWS), count_text(len(preview.rows))
        st.caption(text("import_contracts.rows_shown", language, shown=shown, total=total))
    if not preview.problems:
        return
    is_capped = has_capped_problems(preview)
    if is_capped:
        st.caption(
            text("import_contracts.problems_more", language, most=count_text(MOST_DESCRIBED))
        )
    show_problems(
        problem_bundle(preview, language),
        title=text("import_contracts.problems", language, count=count_text(len(preview.problems))),
        expanded=bool(preview.open_count),
        key="register_problems",
        language=language,
        whole=partial(_every_problem, answered, language) if is_capped else None,
    )


def _every_problem(answered: AnsweredUpload, language: str) -> Bundle:
    return problem_bundle(answered.with_every_problem(), language)


def confirm_register(page: Page, answered: AnsweredUpload) -> None:
    """Draw the button that applies the list, and what stands in its way."""
    language, planned = page.language, answered.planned
    preview = planned.preview
    skip_rows = False
    if preview.open_count and not preview.file_problems:
        skip_rows = st.checkbox(
            _skip_words(preview, language),
            key=f"register_skip_rows_{preview.file_sha256[:8]}",
        )
    status = planned.state(confirm=False, skip_rows=skip_rows)
    if status != "waiting":
        st.info(text(f"import.page.{status}", language, open_count=preview.open_count))
    pressed = st.button(
        text("import.page.confirm", language),
        type="primary",
        disabled=status != "waiting",
        key="register_confirm",
    )
    if pressed:
        with told(language):
            folder = cached.settings().workspace_dir
            done = apply_register_import(planned, folder, skip_rows=skip_rows)
            result = "applied" if done.is_changed else "unchanged"
            effect = totals_sentences(planned, language)[-1]
            st.session_state["register_result"] = (result, done.snapshot_id, effect)
            st.session_state["register_round"] = st.session_state.get("register_round", 0) + 1
            st.session_state.pop(_PREVIEW_KEY, None)
            if has_register(folder):
                state.open_dataset_next(OWN)
            st.rerun()


def _skip_words(preview: RegisterPreview, language: str) -> str:
    """Return what skipping does: rows without a sure place stay, 未定位, the others go."""
    kept_count = len(preview.unanswered_rows)
    left = preview.open_count - kept_count
    skipped = text("import.page.skip_rows", language, count=count_text(left))
    if not kept_count:
        return skipped
    unlocated = text("import_contracts.skip_places", language, count=count_text(kept_count))
    return f"{unlocated} {skipped}" if left else unlocated


def _say_result(language: str) -> None:
    result = st.session_state.pop("register_result", None)
    if result is not None:
        name, snapshot_id, effect = result
        said = text(f"import.result.{name}", language, snapshot_id=snapshot_id[:8])
        st.success(f"{said} {effect}")


def _version(language: str) -> str:
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


def _previewed(
    upload: RegisterUpload, options: ContractOptions, language: str
) -> RegisterImport:  # fmt: skip
    """Return the preview; the last ones are kept in the session, never shared."""
    counts = current_contract_counts(cached.settings().workspace_dir)
    version = None if counts is None else counts.snapshot_id
    previews: LruCache[RegisterImport] = session_cache(_PREVIEW_KEY, _KEPT_PREVIEWS, version)
    key = (upload.file_id, upload.replaces_known, f"{options!r}")

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

    return previews.get(key, read)


def _read(
    upload: RegisterUpload,
    options: ContractOptions,
    progress: Progress | None,
    *,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    folder = cached.settings().workspace_dir
    if upload.payments:
        return preview_payment_list(
            upload.content(), upload.file_name, options,
            workspace=folder, progress=progress, most_described=most_described,
        )  # fmt: skip
    return preview_contract_list(
        upload.content(),
        upload.file_name,
        options,
        workspace=folder,
        replaces_known=upload.replaces_known,
        gazetteer=cached.gazetteer(),
        progress=progress,
        most_described=most_described,
    )


def _answered(
    matched: RegisterImport, options: ContractOptions, language: str
) -> ContractOptions:  # fmt: skip
    """Draw the first open questions in a form; return the options with what was decided."""
    questions = open_questions(matched.preview, language)
    if questions.empty or matched.preview.unit_sums:  # the unit comes first
        return options
    count = max(len(questions), matched.preview.open_count)
    title = text("import.page.questions", language, count=count_text(count))
    st.html(f'<h2 class="section">{escape(title)}</h2>')
    st.caption(text("import.page.questions_hint", language))
    if len(questions) > _MOST_QUESTIONS:
        st.caption(text("import_contracts.questions_shown", language, shown=_MOST_QUESTIONS))
    file = matched.preview.file_sha256[:8]
    with st.form(f"register_questions_form_{file}", border=False):
        decisions = decide(
            questions.head(_MOST_QUESTIONS),
            key=f"register_questions_{file}_{language}",
            language=language,
        )
        st.form_submit_button(text("import_contracts.apply_answers", language))
    answers: Answers = {
        (row, column): answer for (row, column), answer in decisions.answers.items()
    }
    return replace(options, answers=answers, exclude_rows=decisions.exclude_rows)
