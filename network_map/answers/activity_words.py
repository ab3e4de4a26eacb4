"""The words for the codes of activity and of the indices, in the language of the person."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import pandas as pd

from network_map.answers.words import code_words
from network_map.i18n import text
from network_map.schema import activity, indices

_AREAS: Mapping[type[StrEnum], str] = MappingProxyType(
    {
        activity.ContractSide: "side",
        activity.ActivityReason: "reason",
        activity.Coverage: "coverage",
        activity.Trend: "trend",
        activity.ResidualReason: "residual",
        activity.BlankState: "blank",
        activity.BlankReason: "blank_reason",
        activity.CentreState: "centre",
        indices.Cluster: "cluster",
        indices.ClusterReason: "cluster_reason",
        indices.InequalityMeasure: "measure",
    }
)
CODE_LISTS = tuple(_AREAS)
"""The closed lists that have words here."""


def activity_word(code: StrEnum, language: str) -> str:
    """Return the word of a code of :data:`CODE_LISTS`."""
    area = _AREAS[type(code)]
    if type(code).__module__ == indices.__name__:
        return text(f"indices.{area}.{code.value}", language)
    return text(f"activity.{area}.{code.value}", language)


def activity_words(code_list: type[StrEnum], codes: pd.Series, language: str) -> pd.Series:
    """Return the word of each code of a column, missing where the code is missing."""
    family = "indices" if code_list.__module__ == indices.__name__ else "activity"
    return code_words(f"{family}.{_AREAS[code_list]}", codes, language)
