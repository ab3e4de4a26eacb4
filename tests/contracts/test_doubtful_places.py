"""A place that is sure in one column does not silence a doubtful one beside it."""

import pytest

from network_map.contracts.importing.places import read_party_place
from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.errors import Severity
from network_map.i18n import LANGUAGES, problem_text
from network_map.places.gazetteer import Gazetteer

HEAD = (
    "合同登记编号,合同类型,成交额(元),技术交易额(元),签订日期,卖方所在州市,卖方行政区划,卖方所在县"
)


def read(
    gazetteer: Gazetteer, *places: str, options: ContractOptions | None = None
) -> ContractPreview:
    """Return the preview of one contract for each triple 州市,行政区划,所在县."""
    rows = [f"{n},技术开发,100,80,2023-06-01,{place}" for n, place in enumerate(places, start=1)]
    return preview_contracts("\n".join((HEAD, *rows)).encode(), "合同.csv", gazetteer, options)


@pytest.mark.parametrize(
    "place",
    [
        "曲靖市,大理,", "昆明市,,弥勒市", "昆明市,,龙云县", "昆明市,999999,", "昆明市,,五华去",
        "昭通市,,弥勒", "丽江市,丽江县,", "玉溪市,,大理州", "昆明市,,999999", "弥勒市,,五华区",
        "大理,大理,", "昆明市,110108,", "昆明市,532504,", "昆明市,高兴区,", "昆明市,,昭通市",
        ",530102,龙云县", ",530102,镇雄县", ",大理,", ",,大理", ",,红河", ",,楚雄", ",,文山",
        ",,普洱县", ",,丽江县", ",普洱县,", ",云南省大理,", ",思茅市,",
    ],
)  # fmt: skip
def test_what_may_be_two_places_is_asked(gazetteer: Gazetteer, place: str) -> None:
    found = read(gazetteer, place)
    assert list(found.rows["outcome"]) == ["doubtful"]
    for problem in found.problems:
        sentences = [problem_text(problem, language) for language in LANGUAGES]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("place", "adcode"),
    [
        ("大理州,大理,", "532901"), ("红河州,红河,", "532529"), ("楚雄州,楚雄,", "532301"),
        ("文山州,文山,", "532601"), ("红河哈尼族彝族自治州,,红河", "532529"),
        ("大理,,大理", "532901"), ("普洱市,,普洱县", "530821"), ("昆明市,,", "530100"),
        ("昆明市,昆明市,", "530100"), ("昆明市,,昆明市", "530100"), ("昆明市,,市辖区", "530100"),
        ("昆明市,530100,市本级", "530100"), ("昆明市,,五华", "530102"), (",532901,大理", "532901"),
        (",532900,大理", "532901"), (",530600,昭通市", "530600"), ("昭通市,昭通市,", "530600"),
        ("云南省,云南省,", "530000"), ("弥勒市,,弥勒市", "532504"),
        ("昆明市,530102,五华区", "530102"), ("丽江市,530702,丽江县", "530702"),
        ("大理市,,大理", "532901"), (",四川省,西山区", "510000"),
        ("成都市,510104,锦江区", "510000"), (",,大理市", "532901"), ("普洱市,,思茅市", "530802"),
    ],
)  # fmt: skip
def test_what_is_one_place_is_not_asked(gazetteer: Gazetteer, place: str, adcode: str) -> None:
    found = read(gazetteer, place)
    assert found.rows["outcome"].iloc[0] in {"accepted", "corrected"}
    assert list(found.contracts["seller_adcode"]) == [adcode]


def test_an_unknown_word_beside_a_county_is_remarked(gazetteer: Gazetteer) -> None:
    found = read(gazetteer, "昆明市,某某园区,五华区", "昆明市,999999,五华区", "春城,,五华区")
    assert list(found.rows["outcome"]) == ["corrected"] * 3
    assert {p.code for p in found.problems if p.row} == {"contract_place_text_not_used"}
    assert list(found.contracts["seller_adcode"]) == ["530102"] * 3


@pytest.mark.parametrize("answer", ["未定位", "unlocated", "530102"])
def test_a_question_about_a_place_is_answered(gazetteer: Gazetteer, answer: str) -> None:
    options = ContractOptions(answers={("昆明市 五华去", "seller_place"): answer})
    found = read(gazetteer, "昆明市,,五华去", options=options)
    assert found.is_clean
    assert found.totals.unlocated_count == (answer != "530102")
    assert found.totals.contract_value_fen == 10_000


def test_every_short_name_of_a_county_is_read_within_its_prefecture(gazetteer: Gazetteer) -> None:
    for adcode, place in gazetteer.places.items():
        if place.parent_adcode not in {None, "530000"}:
            above = gazetteer.name(str(place.parent_adcode))
            for texts in (["", place.short_zh, "", above, ""], ["", "", "", above, place.short_zh]):
                found = read_party_place(texts, gazetteer)
                assert (found.adcode, found.severity) == (adcode, Severity.NOTE), texts
