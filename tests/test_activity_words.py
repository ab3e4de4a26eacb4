"""Every code of activity and of the indices has its word in both languages."""

from enum import StrEnum

import pandas as pd
import pytest

from network_map.answers.activity_words import CODE_LISTS, activity_word, activity_words
from network_map.i18n import LANGUAGES
from network_map.schema.activity import CentreState, Trend
from network_map.schema.indices import Cluster


@pytest.mark.promise
@pytest.mark.parametrize("code_list", CODE_LISTS)
def test_every_code_has_a_word_of_its_own_in_both_languages(code_list: type[StrEnum]) -> None:
    for language in LANGUAGES:
        words = [activity_word(code, language) for code in code_list]
        assert len(set(words)) == len(words)


def test_a_column_of_codes_becomes_words_and_missing_stays_missing() -> None:
    words = activity_words(Cluster, pd.Series(["high_high", None], dtype="str"), "zh")
    assert words[0] == "高-高"
    assert pd.isna(words[1])
    assert activity_words(Trend, pd.Series(["steady"]), "en").tolist() == ["no clear change"]


def test_the_proxy_for_idle_is_called_a_proxy() -> None:
    assert "代用" in activity_word(CentreState.PROXY_NO_CONTRACT, "zh")
    assert "闲置" not in activity_word(CentreState.PROXY_NO_CONTRACT, "zh")
