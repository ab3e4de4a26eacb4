"""Which division a text means, and what a search box offers."""

import pytest

from network_map.catalog import read_shipped
from network_map.places.gazetteer import CERTAIN, Gazetteer, How
from network_map.terms import AdminLevel

COUNTY, PREFECTURE, PROVINCE = AdminLevel.COUNTY, AdminLevel.PREFECTURE, AdminLevel.PROVINCE


@pytest.mark.parametrize(
    ("text", "level", "adcode", "how"),
    [
        ("镇雄县", COUNTY, "530627", How.EXACT),
        ("  镇 雄　县", COUNTY, "530627", How.EXACT),
        ("镇雄", COUNTY, "530627", How.SHORT),
        ("530627", COUNTY, "530627", How.EXACT),
        ("５３０６２７", COUNTY, "530627", How.EXACT),
        ("530627.0", COUNTY, "530627", How.EXACT),
        ("530627000000", COUNTY, "530627", How.EXACT),
        ("5306", PREFECTURE, "530600", How.EXACT),
        ("云南省昭通市镇雄县", COUNTY, "530627", How.EXACT),
        ("昭通市镇雄", COUNTY, "530627", How.SHORT),
        ("昭通市/镇雄县", COUNTY, "530627", How.EXACT),
        ("昆明市盘龙区", COUNTY, "530103", How.EXACT),
        ("楚雄州楚雄市", COUNTY, "532301", How.EXACT),
        ("西双版纳州勐海县", COUNTY, "532822", How.EXACT),
        ("澄江市(原澄江县)", COUNTY, "530481", How.EXACT),
        ("弥勒县", COUNTY, "532504", How.FORMER_NAME),
        ("路南", COUNTY, "530126", How.FORMER_NAME),
        ("中甸县", COUNTY, "533401", How.FORMER_NAME),
        ("普洱县", COUNTY, "530821", How.FORMER_NAME),
        ("思茅市", COUNTY, "530802", How.FORMER_NAME),
        ("思茅地区", PREFECTURE, "530800", How.FORMER_NAME),
        ("532526", COUNTY, "532504", How.FORMER_CODE),
        ("532331", COUNTY, "532302", How.FORMER_CODE),
        ("怒江州", PREFECTURE, "533300", How.SHORT),
        ("版纳", PREFECTURE, "532800", How.SHORT),
        ("大理", COUNTY, "532901", How.SHORT),
        ("大理", PREFECTURE, "532900", How.SHORT),
        ("昭通市", PREFECTURE, "530600", How.EXACT),
        ("昭通市", None, "530600", How.EXACT),
        ("Zhenxiong County", COUNTY, "530627", How.ENGLISH),
        ("云南省", PROVINCE, "530000", How.EXACT),
        ("西山", COUNTY, "530112", How.SHORT),
    ],
)
def test_a_text_means_a_division(
    gazetteer: Gazetteer, text: str, level: AdminLevel | None, adcode: str, how: How
) -> None:
    found = gazetteer.resolve(text, level=level)
    assert (found.adcode, found.how) == (adcode, how)


@pytest.mark.parametrize(
    ("text", "level", "how", "candidates"),
    [
        ("大理", None, How.AMBIGUOUS, {"532901", "532900"}),
        ("楚雄", None, How.AMBIGUOUS, {"532301", "532300"}),
        ("Yiliang County", COUNTY, How.AMBIGUOUS, {"530125", "530628"}),
        ("思茅市", None, How.AMBIGUOUS, {"530800", "530802"}),
        ("昭通市", COUNTY, How.NOW_OTHER_LEVEL, {"530602"}),
        ("曲靖市", COUNTY, How.NOW_OTHER_LEVEL, {"530302"}),
        ("丽江县", COUNTY, How.SPLIT, {"530702", "530721"}),
        ("碧江县", COUNTY, How.SPLIT, {"533323", "533301"}),
        ("怒江州", COUNTY, How.WRONG_LEVEL, {"533300"}),
        ("镇雄县", PREFECTURE, How.WRONG_LEVEL, {"530627"}),
        ("昆明市镇雄县", COUNTY, How.PARENT_DIFFERS, {"530627"}),
        ("盘龙县", COUNTY, How.SIMILAR, {"530103"}),
        ("弥肋市", COUNTY, How.SIMILAR, {"532504"}),
        ("贵州省毕节市", COUNTY, How.OUTSIDE, set()),
        ("520502", COUNTY, How.OUTSIDE, set()),
        ("539999", COUNTY, How.UNKNOWN, set()),
        ("53", COUNTY, How.UNKNOWN, set()),
        ("不存在的地方", COUNTY, How.UNKNOWN, set()),
        ("", COUNTY, How.EMPTY, set()),
        ("——", COUNTY, How.EMPTY, set()),
    ],
)
def test_what_is_open_is_asked_and_never_guessed(
    gazetteer: Gazetteer, text: str, level: AdminLevel | None, how: How, candidates: set[str]
) -> None:
    found = gazetteer.resolve(text, level=level)
    assert found.adcode is None
    assert (found.how, set(found.candidates)) == (how, candidates)


def test_the_prefecture_of_the_row_settles_a_name_of_two_counties(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("Yiliang County", level=COUNTY, prefecture_adcode="530600")
    assert found.adcode == "530628"
    elsewhere = gazetteer.resolve("镇雄", level=COUNTY, prefecture_adcode="530300")
    assert (elsewhere.adcode, elsewhere.how) == (None, How.PARENT_DIFFERS)


def test_every_alias_means_its_division_by_level_and_parent_or_is_asked(
    gazetteer: Gazetteer,
) -> None:
    aliases = read_shipped("division_aliases")
    asked = set()
    for alias, adcode, level in aliases[["alias", "adcode", "level"]].itertuples(index=False):
        parent = gazetteer.prefecture_of(adcode)
        found = gazetteer.resolve(alias, level=AdminLevel(level), prefecture_adcode=parent)
        if found.how in CERTAIN:
            assert found.adcode == adcode, alias
        else:
            assert found.adcode is None
            assert adcode in found.candidates, alias
            asked.add(alias)
    assert len(asked) <= 12


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("维西", ["维西傈僳族自治县"]),
        ("533423", ["维西傈僳族自治县"]),
        ("路南", ["石林彝族自治县"]),
        ("zhenxiong", ["镇雄县"]),
        ("zx", ["镇雄县"]),
        ("5306", ["昭通市"]),
        ("大理", ["大理市", "大理白族自治州"]),
        ("532526", ["弥勒市"]),
        ("Weixi Lisu", ["维西傈僳族自治县"]),
        ("pu'er", ["普洱市"]),
    ],
)
def test_a_search_offers_the_meant_division_first(
    gazetteer: Gazetteer, typed: str, first: list[str]
) -> None:
    found = [hit.name_zh for hit in gazetteer.search(typed, limit=10)]
    assert found[: len(first)] == first


def test_initials_offer_every_division_that_has_them(gazetteer: Gazetteer) -> None:
    hits = gazetteer.search("wx", limit=10)
    assert {"维西傈僳族自治县", "威信县"} <= {hit.name_zh for hit in hits}
    assert all(hit.how == "initials" for hit in hits[:2])


def test_a_search_says_by_which_former_name_it_found(gazetteer: Gazetteer) -> None:
    (hit,) = gazetteer.search("中甸县", limit=3)
    assert (hit.name_zh, hit.how, hit.matched) == ("香格里拉市", "former_name", "中甸县")


def test_a_search_for_nothing_offers_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.search("  ", limit=5) == []
    assert gazetteer.search("qqq", limit=5) == []
    assert len(gazetteer.search("县", limit=5)) == 5
