"""Strong three-valued logic (Kleene 1952, § 64) of presence: unknown is never absent.

With absent < unknown < present, *and* is the smaller, *or* the larger and *not* the mirror.

The logic looks at values, not at facts: "unknown and not unknown" stays unknown even where both
speak of the same place. A share of lists, which counts lists, does not have this weakness.

References
----------
Kleene, S. C. (1952). Introduction to Metamathematics. North-Holland.
"""

from collections.abc import Sequence

import pandas as pd

from network_map.terms import Presence

_ORDER = (Presence.ABSENT, Presence.UNKNOWN, Presence.PRESENT)
_RANKS = {value.value: rank for rank, value in enumerate(_ORDER)}


def presence_and(*columns: pd.Series) -> pd.Series:
    """Return whether all of the columns hold, row by row.

    Parameters
    ----------
    columns
        Values of ``Presence``; at least one column, all with the same index.

    Raises
    ------
    ValueError
        If a cell is not one of the three values.
    """
    return _presence(_ranks(columns).min(axis=1))


def presence_or(*columns: pd.Series) -> pd.Series:
    """Return whether any of the columns holds, row by row; as :func:`presence_and`."""
    return _presence(_ranks(columns).max(axis=1))


def presence_not(column: pd.Series) -> pd.Series:
    """Return the opposite, row by row: the opposite of unknown is unknown."""
    return _presence(len(_ORDER) - 1 - _rank(column))


def kleene_table() -> pd.DataFrame:
    """Return the nine rows of the table ``kleene``: ``left, right, both, either, not_left``."""
    values = [value.value for value in reversed(_ORDER)]
    pairs = [(left, right) for left in values for right in values]
    table = pd.DataFrame(pairs, columns=["left", "right"], dtype="str")
    return table.assign(
        both=presence_and(table["left"], table["right"]),
        either=presence_or(table["left"], table["right"]),
        not_left=presence_not(table["left"]),
    )


def _ranks(columns: Sequence[pd.Series]) -> pd.DataFrame:
    return pd.concat([_rank(column) for column in columns], axis=1)


def _rank(column: pd.Series) -> pd.Series:
    ranks = column.map(_RANKS)
    if ranks.isna().any():
        found = sorted(set(column[ranks.isna()].astype("str")))
        msg = f"presence must be one of {sorted(_RANKS)}, found {found[:3]}"
        raise ValueError(msg)
    return ranks.astype("int64")


def _presence(ranks: pd.Series) -> pd.Series:
    return ranks.map(dict(enumerate(value.value for value in _ORDER))).astype("str")
