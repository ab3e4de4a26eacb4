"""The recipe of an export: what to ask of which data set to get the same rows again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from network_map.errors import FileFormatError

_TEXTS = ("report", "dataset_name", "dataset_id", "language", "software")
_LONGEST_TEXT = 200
_LONGEST_PARAMETERS = 100_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a bundle was asked for, in plain JSON values.

    Parameters
    ----------
    report
        Name of the report in :mod:`network_map.verify.reports`.
    version
        Version of that report: another one may give other rows.
    parameters
        What was asked for; names and plain values.
    dataset_name
        ``public``, ``demo`` or ``own``.
    dataset_id
        Its id: for ``own`` the snapshot, so that a later import changes nothing.
    language
        ``zh`` or ``en``.
    software
        Version of the program that wrote the file.
    """

    report: str
    version: int
    parameters: Mapping[str, Any]
    dataset_name: str
    dataset_id: str
    language: str
    software: str

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as a JSON object."""
        return {
            "report": self.report,
            "version": self.version,
            "parameters": dict(self.parameters),
            "dataset_name": self.dataset_name,
            "dataset_id": self.dataset_id,
            "language": self.language,
            "software": self.software,
        }


def read_recipe(found: object) -> Recipe:
    """Return the recipe that a file gives, whatever the file may hold.

    Parameters
    ----------
    found
        A value parsed from JSON; nothing about it is trusted.

    Raises
    ------
    FileFormatError
        If it is no recipe.
    """
    if not isinstance(found, dict):
        raise _unreadable()
    texts = {name: _text(found.get(name)) for name in _TEXTS}
    version, parameters = found.get("version"), found.get("parameters")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _unreadable()
    if not isinstance(parameters, dict) or len(json.dumps(parameters)) > _LONGEST_PARAMETERS:
        raise _unreadable()
    return Recipe(version=version, parameters=parameters, **texts)


def _text(found: object) -> str:
    if not isinstance(found, str) or len(found) > _LONGEST_TEXT:
        raise _unreadable()
    return found


def _unreadable() -> FileFormatError:
    return FileFormatError("verify_recipe_unreadable")
