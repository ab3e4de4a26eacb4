"""Every declared table as the page on methods shows it."""

from network_map.catalog.tables import TABLES
from network_map.i18n import text
from network_map.methods.methods_parts import MethodTable
from network_map.tables.columns import Column, Table

_HEADINGS = ("column", "column_name", "type", "unit", "required", "about")


def declared_tables(language: str) -> tuple[MethodTable, ...]:
    """Return the columns of every declared table: heading, name, type, unit, meaning.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    """
    return tuple(_table(declared, language) for declared in TABLES.values())


def _table(declared: Table, language: str) -> MethodTable:
    title = declared.zh if language == "zh" else declared.en
    return MethodTable(
        title=f"{title} · {declared.name}",
        headings=tuple(text(f"methods.heading.{name}", language) for name in _HEADINGS),
        rows=tuple(_row(column, language) for column in declared.columns),
    )


def _row(column: Column, language: str) -> tuple[str, ...]:
    about = column.about_zh if language == "zh" else column.about_en
    codes = text("methods.codes", language, codes=", ".join(column.codes)) if column.codes else ""
    return (
        column.heading(language),
        column.name,
        text(f"methods.type.{column.type}", language),
        text(f"unit.{column.unit}", language) if column.unit else "",
        text("methods.is_required", language) if column.is_required else "",
        " ".join(part for part in (about, codes) if part),
    )
