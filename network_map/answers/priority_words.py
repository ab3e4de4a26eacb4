"""The words for scores, causes, actions and questions, in the language of the person."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import pandas as pd

from network_map.analysis.priority import PRESETS, is_scaled, scaled_weights
from network_map.answers.words import code_words
from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, share_text, text
from network_map.schema import priority

_AREAS: Mapping[type[StrEnum], str] = MappingProxyType(
    {
        priority.Component: "component",
        priority.RankCause: "cause",
        priority.SuggestedAction: "action",
        priority.FactKind: "fact",
        priority.Question: "question",
    }
)
CODE_LISTS = tuple(_AREAS)
"""The closed lists that have words here."""


def priority_word(code: StrEnum, language: str) -> str:
    """Return the word of a code of :data:`CODE_LISTS`."""
    return text(f"priority.{_AREAS[type(code)]}.{code.value}", language)


def priority_words(code_list: type[StrEnum], codes: pd.Series, language: str) -> pd.Series:
    """Return the word of each code of a column, missing where the code is missing."""
    return code_words(f"priority.{_AREAS[code_list]}", codes, language)


def preset_word(preset: str, language: str) -> str:
    """Return the name of a preset of weights."""
    return text(f"priority.preset.{preset}", language)


def preset_of(name: str) -> str:
    """Return the code of a preset from its code or its name in either language.

    Raises
    ------
    QueryError
        If there is no such preset.
    """
    wanted = name.strip().casefold()
    for preset in PRESETS:
        names = {preset_word(preset, language).casefold() for language in LANGUAGES}
        if wanted in names | {preset}:
            return preset
    known = "、".join(preset_word(preset, "zh") for preset in PRESETS)
    raise QueryError("preset_unknown", found=name, presets=known, codes="、".join(PRESETS))


def weights_sentence(weights: Mapping[str, float], language: str) -> str:
    """Return the weights as they are used, and that they were scaled where they were.

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``.
    """
    used = scaled_weights(weights)
    listed = text("priority.list_comma", language).join(
        f"{priority_word(priority.Component(name), language)} {share_text(value)}"
        for name, value in used.items()
    )
    if is_scaled(weights):
        total = f"{sum(weights.values()):g}"
        return text("priority.weights_scaled", language, weights=listed, total=total)
    return text("priority.weights_used", language, weights=listed)
