"""Ugly contract registers, each with what must become of it row by row."""

import re

import pandas as pd
import pytest

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions
from network_map.contracts.tables import CONTRACTS
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import check
from tests.contracts.ugly_lists import LETTERS, REFUSED, UGLY, inline, preview
from tests.paths import CONTRACT_LISTS

ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")


def test_every_register_in_the_folder_has_an_expectation() -> None:
    files = {path.name for path in CONTRACT_LISTS.iterdir() if path.suffix not in {".py", ""}}
    assert files == set(UGLY) | set(REFUSED)
    assert len(files) >= 40


@pytest.mark.parametrize("name", UGLY)
def test_an_ugly_register_becomes_what_it_says(name: str) -> None:
    expected, found = UGLY[name], preview(name)
    assert list(found.rows["outcome"]) == [LETTERS[letter] for letter in expected.outcomes]
    assert expected.codes <= {problem.code for problem in found.problems}
    assert found.totals.contract_value_fen == expected.fen
    check(CONTRACTS, found.contracts)
    for column, values in expected.cells.items():
        cells = [None if pd.isna(cell) else cell for cell in found.contracts[column]]
        assert cells == list(values), column


@pytest.mark.parametrize("name", UGLY)
def test_every_problem_of_a_register_is_a_sentence_in_both_languages(name: str) -> None:
    for problem in preview(name).problems:
        chinese, english = (problem_text(problem, language) for language in ("zh", "en"))
        assert all(
            "{" not in sentence and "None" not in sentence for sentence in (chinese, english)
        )
        assert re.search("[A-Za-z]{2,} [a-z]{2,}", english)
        assert not ENGLISH_WORDS.search(re.sub("“.*”", "", chinese))


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_register_is_refused_with_a_sentence(
    reference: Gazetteer, name: str
) -> None:
    _, code = REFUSED[name]
    for given in ((CONTRACT_LISTS / name).read_bytes(), CONTRACT_LISTS / name):
        with pytest.raises(FileFormatError) as raised:
            preview_contracts(given, name, reference)
        assert raised.value.code == code
        assert all(error_text(raised.value, language) for language in LANGUAGES)


@pytest.mark.parametrize("answer", ["530600", "530602"])
def test_a_city_in_the_county_column_is_asked_and_answered_either_way(
    reference: Gazetteer, answer: str
) -> None:
    head = "合同编号,合同类型,合同成交额(元),技术交易额(元),签订日期,卖方所在州市,卖方所在县"
    cells = "技术开发,1,1,2023-06-01,昭通市"
    content = f"{head}\n1,{cells},昭通市\n2,{cells},镇雄县\n"
    found = inline(reference, content)
    assert list(found.rows["outcome"]) == ["doubtful", "accepted"]
    assert found.rows["reason"].iloc[0] == "place_now_other_level"
    options = ContractOptions(answers={("昭通市", "place"): answer})
    again = inline(reference, content, options)
    assert list(again.contracts["seller_adcode"]) == [answer, "530627"]
    # A code beside the names says which of the two is meant.
    coded = content.replace("卖方所在州市", "卖方行政区划代码").replace(
        ",昭通市,昭通市", ",530600,昭通市"
    )
    coded = coded.replace(",昭通市,镇雄县", ",530600,镇雄县")
    assert list(inline(reference, coded).contracts["seller_adcode"]) == ["530600", "530627"]
