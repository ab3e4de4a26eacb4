"""Sources as people read them: an id of the table of data sources becomes a line."""

from collections.abc import Iterable

import pandas as pd


def source_lines(
    sources: Iterable[str], data_sources: pd.DataFrame, *, language: str
) -> tuple[str, ...]:
    """Return each source once, in the order of its first mention.

    Parameters
    ----------
    sources
        Cells of a column ``source``: a text of its own, or ids joined by semicolons.
    data_sources
        The declared table of that name.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of str
        For an id its title, where it was found and its terms; any other text as it is.
    """
    lines = _lines(data_sources, language)
    found: dict[str, None] = {}
    for source in dict.fromkeys(sources):
        ids = [part.strip() for part in source.split(";")]
        if all(part in lines for part in ids):
            found |= dict.fromkeys(lines[part] for part in ids)
        else:
            found[source] = None
    return tuple(found)


def _lines(data_sources: pd.DataFrame, language: str) -> dict[str, str]:
    columns = ["source_id", f"title_{language}", "found_at", "terms"]
    rows = data_sources[columns].itertuples(index=False, name=None)
    return {source_id: " · ".join(parts) for source_id, *parts in rows}
