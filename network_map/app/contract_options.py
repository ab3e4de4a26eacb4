"""What a person says about a register before and after it is read: unit, kinds, columns."""

from dataclasses import dataclass, replace

import streamlit as st

from network_map.app.kit.import_parts import match_columns
from network_map.app.kit.kept_choices import KEPT, kept
from network_map.contracts.importing.headers import CONTRACT_SYNONYMS, PAID_SYNONYMS
from network_map.contracts.importing.money import MoneyUnit
from network_map.contracts.importing.options import ContractOptions, ContractPreview, PaidPreview
from network_map.contracts.importing.register_preview import money_text
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.i18n import text
from network_map.terms import KindScheme, Origin

_AUTOMATIC = ""
_OFFERED_ORIGINS = (Origin.REPORTED, Origin.OFFICIAL)
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
