"""Words for people: catalogs in Chinese (the source) and English, and the writing of numbers.

A catalog is the union of the files ``<language>/<area>.toml``; a key is the dotted path of
tables. A template names its values in braces. Every key stands in both languages, with the same
values: a test holds that.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter

from network_map.errors import NetworkMapError, Problem

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"


@cache
def catalog(language: str) -> Mapping[str, str]:
    """Return every template of a language by its dotted key.

    Raises
    ------
    ValueError
        If two area files give the same key.
    """
    texts: dict[str, str] = {}
    folder = files(__package__) / language
    for area in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not area.name.endswith(".toml"):
            continue
        for key, template in _flat(tomllib.loads(area.read_text(encoding="utf-8"))):
            if key in texts:
                msg = f"{language}: the key {key} stands in two files"
                raise ValueError(msg)
            texts[key] = template
    return texts


_OF_PARTIES = {"seller_place", "buyer_place"}
"""Columns whose problems are told alike: the sentence begins with the one that it is about."""


def text(key: str, language: str = DEFAULT_LANGUAGE, **values: object) -> str:
    """Return the text of a key in a language, its values put in.

    Raises
    ------
    KeyError
        If the catalog has no such key, or the template names a value that was not given.
    """
    template = catalog(language)[key]
    return template.format(**values) if values or "{" in template else template


def has_text(key: str, language: str = DEFAULT_LANGUAGE) -> bool:
    """Return whether the catalog has the key."""
    return key in catalog(language)


def fields(template: str) -> set[str]:
    """Return the names of the values that a template asks for."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def error_text(error: NetworkMapError, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the sentence of an error: what was expected, what was found, what to do."""
    return text(f"error.{error.code}", language, **error.values)


def problem_text(problem: Problem, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the sentence of one problem of a table, with its row where it has one."""
    values = {
        "value": problem.value,
        "column": problem.column or "",
        "fix": problem.fix or "",
        **problem.values,
    }
    sentence = text(f"problem.{problem.code}", language, **values)
    if problem.column in _OF_PARTIES:
        sentence = text(f"problem.of_{problem.column}", language, sentence=sentence)
    if problem.row is None:
        return sentence
    return text("problem.at_row", language, row=problem.row, sentence=sentence)


def count_text(count: int) -> str:
    """Return a whole number with thousands separators."""
    return f"{count:,}"


def number_text(value: float, digits: int = 1) -> str:
    """Return a number with thousands separators and a fixed number of decimals."""
    return f"{value:,.{digits}f}"


def people_text(count: float, language: str) -> str:
    """Return a number of people with its unit: in 万人, or in thousands."""
    if language == "zh":
        return f"{number_text(count / 10_000, 1)} 万人"
    return f"{number_text(count / 1000, 0)}k people"


def share_text(share: float, digits: int = 1) -> str:
    """Return a share from 0 to 1 in percent."""
    return f"{share * 100:.{digits}f}%"


def _flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, Mapping):
            entries += _flat(value, f"{prefix}{name}.")
        else:
            entries.append((prefix + name, str(value)))
    return entries
