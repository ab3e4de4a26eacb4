"""The exceptions of the project, and the problems that a table can have.

::

    NetworkMapError             every error a person is told about
    ├── ConfigError             ValueError: a setting that cannot be used
    ├── QueryError              ValueError: a filter or link parameter that cannot be used
    ├── TableError              ValueError: a table that breaks its declaration, all problems
    │   └── SitingError         a location problem that cannot be solved as it was put, the same
    ├── FileFormatError         ValueError: a given file that cannot be understood
    ├── DamagedFileError        ValueError: a file of the application that is not what it was
    ├── MissingFileError        FileNotFoundError: a file that should be there and is not
    └── WorkspaceError          RuntimeError: a workspace that cannot be opened or written

Each is also the builtin error named with it.
Each error carries a ``code``. The catalogs hold one sentence for each code under
``error.<code>``: what was expected, what was found, what to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem weighs."""

    ERROR = "error"
    """The row cannot be taken."""
    DOUBTFUL = "doubtful"
    """The row needs an answer from a person before it is taken."""
    CORRECTED = "corrected"
    """The row was understood in a corrected form, which is shown."""
    NOTE = "note"
    """The row is taken; something about it is worth saying."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or was corrected, in one place of a table.

    Parameters
    ----------
    code
        Key of the sentence in the catalogs, below ``problem.``.
    severity
        How much it weighs.
    row
        Row number as the person sees it in the file (1 is the first line), or None for the
        whole table.
    column
        Name of the declared column, or the header as written, or None.
    value
        What was found, as text.
    values
        Further values that the sentence names.
    fix
        What the value becomes if the offered correction is taken, else None.
    """

    code: str
    severity: Severity = Severity.ERROR
    row: int | None = None
    column: str | None = None
    value: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    fix: str | None = None


class NetworkMapError(Exception):
    """An error that a person is told about in their own language.

    Parameters
    ----------
    code
        Key of the sentence in the catalogs, below ``error.``.
    **values
        What the sentence names.
    """

    def __init__(self, code: str, **values: object) -> None:
        details = ", ".join(f"{name}={value!r}" for name, value in values.items())
        super().__init__(f"{code}({details})" if details else code)
        self.code = code
        self.values = values


class ConfigError(NetworkMapError, ValueError):
    """A setting that cannot be used."""


class QueryError(NetworkMapError, ValueError):
    """A filter, an option or a link parameter that cannot be used."""


class FileFormatError(NetworkMapError, ValueError):
    """A file that was given and cannot be understood."""


class DamagedFileError(NetworkMapError, ValueError):
    """A file of the application or of a workspace that is not what it should be."""


class MissingFileError(NetworkMapError, FileNotFoundError):
    """A file that should be there and is not."""


class WorkspaceError(NetworkMapError, RuntimeError):
    """A workspace that cannot be opened or written."""


class TableError(NetworkMapError, ValueError):
    """A table that breaks its declaration.

    Parameters
    ----------
    table
        Name of the declared table.
    problems
        Everything that is wrong with it, in row order.
    """

    def __init__(self, table: str, problems: Iterable[Problem]) -> None:
        self.table = table
        self.problems = tuple(problems)
        super().__init__("table_invalid", table=table, problem_count=len(self.problems))


class SitingError(TableError):
    """A location problem that cannot be solved as it was put.

    Parameters
    ----------
    table
        What the problem is called.
    problems
        Everything that is wrong with it.
    """

    def __init__(self, table: str, problems: Iterable[Problem]) -> None:
        super().__init__(table, problems)
        self.code = "siting_invalid"
