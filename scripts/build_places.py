"""Build the tables of places: divisions, county seats, aliases.

Run ``python -m scripts.build_places`` after ``build_boundaries``.
"""

import geopandas as gpd
import pandas as pd
from pypinyin import Style, lazy_pinyin

from network_map.crs import area_km2
from network_map.terms import AdminLevel
from scripts.build_common import DATA, read_raw, write_csv

PROVINCE = "530000"
# County in which the government of a prefecture or of the province sits (source P1).
SEATS = {
    "530000": "530102", "530100": "530114", "530300": "530302", "530400": "530402",
    "530500": "530502", "530600": "530602", "530700": "530702", "530800": "530802",
    "530900": "530902", "532300": "532301", "532500": "532503", "532600": "532601",
    "532800": "532801", "532900": "532901", "533100": "533103", "533300": "533301",
    "533400": "533401",
}  # fmt: skip
# Names that pypinyin would read with the commoner sound of a character.
READINGS = {"会泽": "hui ze", "个旧": "ge jiu", "牟定": "mou ding"}

ALIAS_KINDS = {"former name": "former_name", "former code": "former_code"}
SOURCE_IDS = {"rule": "P4"}
NOTES_ZH = {
    "county to city": "县改市",
    "county to district": "县改区",
    "renamed": "更名",
    "abolished, merged": "撤销,并入",
    "before 1982 this code belonged to another Kunming county": "1982 年前此代码属于昆明市另一县",
    "unit later split: see the former names": "后来分设,见曾用名",
    "split into Gucheng District (530702) and Yulong County (530721)": (
        "分设为古城区(530702)和玉龙县(530721)"
    ),
    "became Wanding City, later merged": "改设畹町市,后并入",
    "renamed; not the present Pu'er City": "更名;不是今天的普洱市",
    "renamed Shangri-La County": "更名为香格里拉县",
    "prefecture-level city to district": "地级市改区",
    "became Linxiang District": "改设临翔区",
    "merged into Zhaotong City, later Zhaoyang District": "并入昭通市,后为昭阳区",
    "county to city, later Longyang District": "县改市,后为隆阳区",
    "county to city, later Hongta District": "县改市,后为红塔区",
    "merged into Qujing City; later Qilin District and Zhanyi County": (
        "并入曲靖市;后分为麒麟区和沾益县"
    ),
    "merged into Dali City": "并入大理市",
    "renamed Dali City": "更名为大理市",
    "abolished, split between Fugong (533323) and Lushui (533301)": (
        "撤销,分归福贡县(533323)和泸水(533301)"
    ),
    "prefecture-level 2003-2007; before 2003 the county-level city, now 530802": (
        "2003—2007 年为地级市;2003 年前为县级市,今 530802"
    ),
    "county-level city of that name until the year given; today the name is the prefecture": (
        "所列年份以前为同名县级市;今天此名指州(市)"
    ),
}
# The source lists prefectures and counties only.
PROVINCE_ALIASES = (
    ("云南省", "official"), (PROVINCE, "code"), ("云南", "short"), ("Yunnan Province", "english"),
)  # fmt: skip


def pinyin_of(name: str) -> list[str]:
    """Return the syllables of a name, without tones, ü as v."""
    if name in READINGS:
        return READINGS[name].split()
    return lazy_pinyin(name, style=Style.NORMAL)


def divisions() -> pd.DataFrame:
    """Return the 146 divisions: the province, 16 prefectures, 129 counties."""
    table = read_raw("division_names_en.csv").rename(columns={"name": "name_zh"})
    county = read_raw("county_indicators.csv").set_index("adcode")["short_zh"]
    prefecture = read_raw("prefecture_indicators.csv").set_index("prefecture_code")["short_zh"]
    shorts = pd.concat([county, prefecture, pd.Series({PROVINCE: "云南"})])
    codes = table["adcode"]
    is_prefecture = codes.str.endswith("00") & (codes != PROVINCE)
    level = pd.Series(AdminLevel.COUNTY.value, index=table.index).mask(
        is_prefecture, AdminLevel.PREFECTURE.value
    )
    table = table.assign(
        level=level.mask(codes == PROVINCE, AdminLevel.PROVINCE.value),
        short_zh=codes.map(shorts),
        parent_adcode=(codes.str[:4] + "00").mask(is_prefecture, PROVINCE).mask(codes == PROVINCE),
        seat_adcode=codes.map(SEATS).fillna(codes),
        computed_area_km2=codes.map(computed_areas()),
        source="S31;P1;P4;P5",
    )
    # 昆明市 and 楚雄州 are called 昆明 and 楚雄; 云县 and 芒市 cannot be shortened.
    stems = table["short_zh"].where(
        ~is_prefecture, table["short_zh"].str.replace("[市州]$", "", regex=True)
    )
    syllables = stems.map(pinyin_of)
    table = table.assign(
        pinyin=syllables.map("".join),
        pinyin_initials=syllables.map(lambda parts: "".join(part[0] for part in parts)),
    )
    order = table["level"].map({level: rank for rank, level in enumerate(AdminLevel)})
    return table.assign(order=order).sort_values(["order", "adcode"], ignore_index=True)


def computed_areas() -> pd.Series:
    """Return the ellipsoidal area of every division, in square kilometres, by code."""
    parts = []
    for level in AdminLevel:
        shapes = gpd.read_parquet(DATA / f"boundaries_{level}.parquet").set_index("adcode")
        parts.append(shapes.geometry.map(area_km2).round(3))
    areas: pd.Series = pd.concat(parts)
    return areas


def county_seats() -> pd.DataFrame:
    """Return one point for each county."""
    table = read_raw("county_seats.csv").rename(columns={"name": "name_zh"})
    is_geonames = table["source"].str.startswith("GeoNames")
    note = pd.Series("原为 GCJ-02 坐标,已换算", index=table.index).where(~is_geonames)
    return table.assign(source=is_geonames.map({True: "P3", False: "P2"}), note=note)


def note_zh(note: str) -> str:
    """Return a note of the alias table in Chinese.

    Raises
    ------
    KeyError
        If the note is not among the translated ones.
    """
    head, found, other = note.rpartition("also ")
    if not found:
        return NOTES_ZH[note]
    parts = [NOTES_ZH[head.removesuffix("; ")]] if head else []
    return ";".join([*parts, f"另指 {other}"])


def division_aliases() -> pd.DataFrame:
    """Return every wording and code that names a division, former ones with their year."""
    table = read_raw("division_aliases.csv").rename(
        columns={"year_changed": "changed_year", "ambiguous": "is_ambiguous"}
    )
    table = table.assign(
        alias_kind=table["alias_type"].replace(ALIAS_KINDS),
        source=table["source"].replace(SOURCE_IDS),
        note=table["note"].map(note_zh, na_action="ignore"),
    )
    province = pd.DataFrame(PROVINCE_ALIASES, columns=["alias", "alias_kind"]).assign(
        adcode=PROVINCE, level=AdminLevel.PROVINCE.value, is_ambiguous="0", source="S31"
    )
    return pd.concat([province, table], ignore_index=True)


def main() -> None:
    """Write the three tables."""
    write_csv("divisions", divisions())
    write_csv("county_seats", county_seats())
    write_csv("division_aliases", division_aliases())


if __name__ == "__main__":
    main()
