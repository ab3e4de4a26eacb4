"""What the page on methods is made of: sections of sentences and tables, and their Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from network_map.i18n import text


@dataclass(frozen=True, slots=True)
class MethodTable:
    """A table of texts.

    Parameters
    ----------
    title
        For people; may be empty.
    headings
        One for each column.
    rows
        Cells as they are shown.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row whose cells are not those of the headings."""
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"{len(self.headings)} cells in each row expected: {self.title}")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    key
        Names it in the address and in the catalogs.
    title
        For people.
    sentences
        Definitions, formulas, defaults and limits, one a paragraph.
    tables
        What belongs to them.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[MethodTable, ...] = field(default=())


def section(
    key: str,
    language: str,
    names: Sequence[str],
    tables: Iterable[MethodTable] = (),
    **values: object,
) -> Section:
    """Return a section whose sentences stand in the catalogs below ``methods.<key>``.

    Parameters
    ----------
    key, language
        Of the section, and ``zh`` or ``en``.
    names
        Of the sentences in their order.
    tables
        Its tables.
    **values
        Numbers of the code that the sentences name.
    """
    return Section(
        key=key,
        title=text(f"methods.{key}.title", language),
        sentences=tuple(text(f"methods.{key}.{name}", language, **values) for name in names),
        tables=tuple(tables),
    )


def table(
    name: str, language: str, headings: Sequence[str], rows: Iterable[Iterable[object]]
) -> MethodTable:
    """Return a table whose title and headings stand in the catalogs below ``methods.table``.

    Parameters
    ----------
    name, language
        Of the title, and ``zh`` or ``en``.
    headings
        Names of the headings.
    rows
        Cells, written as they are.
    """
    return MethodTable(
        title=text(f"methods.table.{name}", language),
        headings=tuple(text(f"methods.heading.{heading}", language) for heading in headings),
        rows=tuple(tuple(str(cell) for cell in row) for row in rows),
    )


def markdown(sections: Iterable[Section], *, title: str) -> str:
    """Return the sections as one Markdown document.

    Parameters
    ----------
    sections
        In their order.
    title
        Heading of the document.
    """
    lines = [f"# {title}", ""]
    for part in sections:
        lines += [f"## {part.title}", ""]
        for sentence in part.sentences:
            lines += [sentence, ""]
        for rows in part.tables:
            lines += [f"### {rows.title}", "", *_grid(rows), ""]
    return "\n".join(lines)


def _grid(rows: MethodTable) -> list[str]:
    rule = tuple("---" for _ in rows.headings)
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in (rows.headings, rule, *rows.rows)
    ]
