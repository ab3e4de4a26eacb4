"""Contract volumes by place and over time, each against the same period a year earlier.

The table by place holds everything, also what fits no place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from network_map.contracts.counts import MEASURES, SIDES, Counts, summed
from network_map.contracts.query import (
    PARTS,
    ContractMeasure,
    ContractPeriod,
    ContractQuery,
    ContractSide,
    Span,
    part_name,
)
from network_map.contracts.tables import CONTRACT_BALANCE, CONTRACT_SERIES, CONTRACT_VOLUMES
from network_map.contracts.volumes import Side
from network_map.i18n import has_text, text
from network_map.places.reference import Places, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.tables import ColumnType, Table
from network_map.terms import AdminLevel

FEN_PER_10K_YUAN = 1_000_000
FEN_PER_100M_YUAN = 10_000 * FEN_PER_10K_YUAN
_OWN_PROVINCE = "53"
_TYPES = {ColumnType.INTEGER: "Int64", ColumnType.NUMBER: "float64"}
_ORDER = {"place": 0, "coarse": 1, "outside": 2, "unlocated": 3, "total": 4}
_BEFORE = {name: f"{name}_before" for name in MEASURES}
_KEYS = ["row_kind", "adcode"]


@dataclass(frozen=True, eq=False)
class PlaceTable:
    """The volumes of a span by place.

    Parameters
    ----------
    table
        Rows of ``declaration``: places by rank, then what is known no closer, outside the
        province, not located, and the total.
    declaration
        ``contract_volumes``, or ``contract_balance`` for both sides.
    """

    table: pd.DataFrame
    declaration: Table

    @property
    def total(self) -> Mapping[str, object]:
        """The row of the total."""
        return {str(name): value for name, value in self.table.iloc[-1].items()}

    def of_kind(self, row_kind: str) -> pd.DataFrame:
        """Return the rows of a kind."""
        return self.table[self.table["row_kind"] == row_kind]


def place_table(counts: Counts, places: Places, query: ContractQuery, span: Span) -> PlaceTable:
    """Return the volumes of a span by place, as a query asks for them.

    Parameters
    ----------
    counts
        The contracts of the query's choice.
    places
        The reference tables.
    query, span
        What is asked, and its period.
    """
    sides = {side: _side_rows(counts, places, query, span, side) for side in _sides(query.side)}
    if query.side is ContractSide.BOTH:
        rows, declaration = _balance(sides["output"], sides["absorption"]), CONTRACT_BALANCE
        ranked = _balance_measure(rows, places, query)
    else:
        rows, declaration = _volumes(next(iter(sides.values())), places, query), CONTRACT_VOLUMES
        ranked = rows[MEASURE_COLUMNS[query.measure]]
    named = rows.assign(
        rank=ranked.where(rows["row_kind"] == "place").rank(method="min", ascending=False),
        place_name=_names(rows, places, query),
        prefecture_name=_prefectures(rows, places, query.language),
        order=rows["row_kind"].map(_ORDER),
    )
    ordered = named.sort_values(["order", "rank", "adcode"], ignore_index=True)
    return PlaceTable(declared(declaration, ordered), declaration)


MEASURE_COLUMNS = {
    ContractMeasure.VALUE: "contract_value_fen",
    ContractMeasure.NUMBER: "contract_count",
    ContractMeasure.TECHNOLOGY_VALUE: "technology_value_fen",
    ContractMeasure.VALUE_PER_PEOPLE: "value_per_10k_people",
    ContractMeasure.VALUE_PER_GDP: "value_per_100m_gdp",
}
"""The column of ``contract_volumes`` that each measure ranks by."""
PER_PART = {
    ContractMeasure.VALUE_PER_PEOPLE: "people_10k",
    ContractMeasure.VALUE_PER_GDP: "gdp_100m",
}
"""What the value is divided by."""


def measured(found: PlaceTable, places: Places, query: ContractQuery) -> pd.Series:
    """Return the measure of each place in fen, contracts, or 10 000 yuan per part, by adcode.

    With both sides it is output minus absorption, and so may be negative.
    """
    rows = found.of_kind("place").reset_index(drop=True)
    if query.side is ContractSide.BOTH:
        values = _balance_measure(rows, places, query)
    else:
        values = rows[MEASURE_COLUMNS[query.measure]]
    numbers = values.astype("Float64").astype("float64")
    return pd.Series(numbers.to_numpy(), index=rows["adcode"].to_numpy())


def declared(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the declared columns in their types; whole numbers stay exact, unlike a float."""
    types = {column.name: _TYPES.get(column.type, "str") for column in table.columns}
    return frame[table.names].astype(types).reset_index(drop=True)


def in_10k_yuan(fen: pd.Series) -> pd.Series:
    """Return amounts in 10 000 yuan, missing where they are."""
    return fen.astype("Float64").astype("float64") / FEN_PER_10K_YUAN


def growth_percent(now: pd.Series, before: pd.Series) -> pd.Series:
    """Return the growth in percent, missing where there was nothing before."""
    base = before.astype("Float64").astype("float64")
    change = now.astype("Float64").astype("float64") - base
    return (change / base.where(base != 0)) * 100


def share_percent(part: pd.Series, whole: float) -> pd.Series:
    """Return the share of a whole in percent, missing where the whole is nothing."""
    return part.astype("Float64").astype("float64") / (whole or float("nan")) * 100


def outside_name(adcode: str, language: str) -> str:
    """Return the name of another province, as the code says it."""
    return text(f"monitor.outside.{adcode[:2]}", language)


def is_outside(adcode: object) -> bool:
    """Return whether a code lies in another province; a code that nobody knows does not."""
    return (
        isinstance(adcode, str)
        and adcode[:2] != _OWN_PROVINCE
        and has_text(f"monitor.outside.{adcode[:2]}")
    )


def denominators(places: Places, level: AdminLevel) -> pd.DataFrame:
    """Return population (10 000) and GDP (100 m yuan) by adcode."""
    is_prefecture = level is AdminLevel.PREFECTURE
    table = places.prefecture_indicators if is_prefecture else places.county_indicators
    return pd.DataFrame(
        {
            "people_10k": table.set_index("adcode")["pop_2020"].astype("float64") / 10_000,
            "gdp_100m": table.set_index("adcode")["gdp_2021_100m"].astype("float64"),
        }
    )


def shown_places(places: Places, query: ContractQuery) -> pd.DataFrame:
    """Return the divisions that the query lists."""
    divisions = places.divisions[places.divisions["level"] == query.level.value]
    if query.prefecture_adcode is None:
        return divisions
    name = "adcode" if query.level is AdminLevel.PREFECTURE else "parent_adcode"
    return divisions[divisions[name] == query.prefecture_adcode]


def placed(frame: pd.DataFrame, places: Places, query: ContractQuery) -> pd.DataFrame:
    """Return counted rows with the row of the table that each belongs to.

    Parameters
    ----------
    frame
        ``place_adcode`` and more.
    places, query
        The reference tables and what is asked: with a prefecture, only its rows stay.

    Returns
    -------
    pandas.DataFrame
        ``row_kind`` and ``adcode`` too: the place at the level asked for; ``coarse`` with the code
        above it; ``outside`` and ``unlocated`` without a code.
    """
    divisions = places.divisions.set_index("adcode")
    codes = frame["place_adcode"]
    levels, parents = codes.map(divisions["level"]), codes.map(divisions["parent_adcode"])
    is_county, is_prefecture = levels == AdminLevel.COUNTY, levels == AdminLevel.PREFECTURE
    prefecture = parents.where(is_county, codes.where(is_prefecture))
    if query.level is AdminLevel.PREFECTURE:
        adcode, is_place = prefecture, is_county | is_prefecture
    else:
        adcode, is_place = codes, is_county
    kinds = pd.Series("unlocated", index=frame.index)
    kinds = kinds.mask(codes.map(is_outside).astype("bool"), "outside")
    kinds = kinds.mask(levels.notna(), "coarse").mask(is_place, "place")
    found = frame.assign(
        row_kind=kinds, adcode=adcode.where(is_place, codes).where(kinds.isin(["place", "coarse"]))
    )
    if query.prefecture_adcode is None:
        return found
    return found[prefecture == query.prefecture_adcode]


def _sides(side: ContractSide) -> tuple[Side, ...]:
    if side is ContractSide.BOTH:
        return SIDES
    return ("output",) if side is ContractSide.OUTPUT else ("absorption",)


def _side_rows(
    counts: Counts, places: Places, query: ContractQuery, span: Span, side: Side
) -> pd.DataFrame:
    """Return every row of the table with its sums now and a year before, the total last."""
    months = placed(counts.months[side], places, query)
    now = summed(months[span.holds(months)], _KEYS)
    compared = months
    if span.is_partial:
        compared = placed(counts.to_date[side], places, query)
    before = summed(compared[span.holds(compared, years_back=1)], _KEYS).rename(columns=_BEFORE)
    rows = _template(places, query).merge(now, how="outer", on=_KEYS, validate="one_to_one")
    rows = rows.merge(before, how="outer", on=_KEYS, validate="one_to_one")
    base = rows
    if span.is_partial:
        # What was signed on a day that is not known is in no comparison up to a day.
        dated = summed(compared[span.holds(compared)], _KEYS)
        base = rows[_KEYS].merge(dated, how="left", on=_KEYS, validate="one_to_one")
    rows = rows.assign(
        compared_count=base["contract_count"], compared_value_fen=base["contract_value_fen"]
    )
    filled = {name: rows[name].fillna(0) for name in ("contract_count", "contract_value_fen")}
    filled |= {name: rows[name].fillna(0) for name in _BEFORE.values()}
    filled |= {name: rows[name].fillna(0) for name in ("compared_count", "compared_value_fen")}
    rows = rows.assign(**filled)
    # A place without a contract has no technology value to state: it is 0, not unknown.
    has_none = rows["contract_count"] == 0
    rows = rows.assign(technology_value_fen=rows["technology_value_fen"].mask(has_none, 0))
    return pd.concat([rows, _total(rows)], ignore_index=True)


def _template(places: Places, query: ContractQuery) -> pd.DataFrame:
    listed = shown_places(places, query)["adcode"]
    rows = pd.DataFrame({"row_kind": "place", "adcode": listed.to_numpy()})
    if query.prefecture_adcode is None:
        rest = pd.DataFrame({"row_kind": ["unlocated"], "adcode": [float("nan")]})
        rows = pd.concat([rows, rest], ignore_index=True)
    return rows.astype({"row_kind": "str", "adcode": "str"})


def _total(rows: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in rows.columns if name not in _KEYS]
    sums = rows[names].sum(min_count=1).to_frame().T.astype("Int64")
    return sums.assign(row_kind="total", adcode=None).astype({"row_kind": "str", "adcode": "str"})


def _volumes(rows: pd.DataFrame, places: Places, query: ContractQuery) -> pd.DataFrame:
    value = in_10k_yuan(rows["contract_value_fen"])
    parts = _denominators_of(rows, places, query)
    whole = float(value.iloc[-1])
    return rows.assign(
        count_growth_percent=growth_percent(rows["compared_count"], rows["contract_count_before"]),
        contract_value_10k_yuan=value,
        contract_value_before_10k_yuan=in_10k_yuan(rows["contract_value_fen_before"]),
        value_growth_percent=growth_percent(
            rows["compared_value_fen"], rows["contract_value_fen_before"]
        ),
        value_share_percent=share_percent(value, whole),
        technology_value_10k_yuan=in_10k_yuan(rows["technology_value_fen"]),
        value_per_10k_people=value / parts["people_10k"].to_numpy(),
        value_per_100m_gdp=value / parts["gdp_100m"].to_numpy(),
        contract_value_before_fen=rows["contract_value_fen_before"],
    )


def _denominators_of(rows: pd.DataFrame, places: Places, query: ContractQuery) -> pd.DataFrame:
    """Return population and GDP of each row; the total has those of the listed places."""
    known = denominators(places, query.level)
    parts = known.reindex(rows["adcode"].where(rows["row_kind"] == "place"))
    parts = parts.reset_index(drop=True)
    listed = known.reindex(shown_places(places, query)["adcode"])
    for name in parts.columns:
        parts.loc[rows["row_kind"] == "total", name] = listed[name].sum(min_count=1)
    return parts


def _balance(output: pd.DataFrame, absorption: pd.DataFrame) -> pd.DataFrame:
    keyed = [_of_side(output, "output"), _of_side(absorption, "absorption")]
    rows = keyed[0].merge(keyed[1], how="outer", on=_KEYS, validate="one_to_one")
    amounts = [name for name in rows.columns if name.endswith(("_count", "_fen"))]
    rows = rows.assign(**{name: rows[name].fillna(0) for name in amounts})
    net_fen = rows["output_value_fen"] - rows["absorption_value_fen"]
    return rows.assign(
        net_count=rows["output_count"] - rows["absorption_count"],
        net_value_fen=net_fen,
        net_value_10k_yuan=in_10k_yuan(net_fen),
        output_value_10k_yuan=in_10k_yuan(rows["output_value_fen"]),
        absorption_value_10k_yuan=in_10k_yuan(rows["absorption_value_fen"]),
    )


def _of_side(rows: pd.DataFrame, side: str) -> pd.DataFrame:
    growth = growth_percent(rows["compared_value_fen"], rows["contract_value_fen_before"])
    return pd.DataFrame(
        {
            "row_kind": rows["row_kind"],
            "adcode": rows["adcode"],
            f"{side}_count": rows["contract_count"],
            f"{side}_value_fen": rows["contract_value_fen"],
            f"{side}_technology_value_fen": rows["technology_value_fen"],
            f"{side}_growth_percent": growth,
        }
    )


def _balance_measure(rows: pd.DataFrame, places: Places, query: ContractQuery) -> pd.Series:
    """Return the difference of the measure, in the unit that it is ranked and drawn by."""
    if query.measure is ContractMeasure.NUMBER:
        return rows["net_count"]
    if query.measure is ContractMeasure.TECHNOLOGY_VALUE:
        return rows["output_technology_value_fen"] - rows["absorption_technology_value_fen"]
    part = PER_PART.get(query.measure)
    if part is None:
        return rows["net_value_fen"]
    known = denominators(places, query.level)[part]
    return rows["net_value_10k_yuan"] / rows["adcode"].map(known)


def _names(rows: pd.DataFrame, places: Places, query: ContractQuery) -> pd.Series:
    names = place_names(places.divisions, query.language)
    is_coarse = rows["row_kind"] == "coarse"
    known = rows["adcode"].map(names).astype("object")
    closer = {code: _coarse_name(code, name, query.language) for code, name in names.items()}
    words = {
        kind: text(f"monitor.row.{kind}", query.language)
        for kind in ("outside", "unlocated", "total")
    }
    return known.where(~is_coarse, rows["adcode"].map(closer)).fillna(rows["row_kind"].map(words))


def _coarse_name(adcode: str, name: str, language: str) -> str:
    kind = "province" if adcode == PROVINCE_ADCODE else "prefecture"
    return text(f"monitor.row.coarse_{kind}", language, name=name)


def _prefectures(rows: pd.DataFrame, places: Places, language: str) -> pd.Series:
    divisions = places.divisions
    counties = divisions[divisions["level"] == AdminLevel.COUNTY]
    parents = dict(zip(counties["adcode"], counties["parent_adcode"], strict=True))
    return rows["adcode"].map(parents).map(place_names(divisions, language))


_MONTHS = 12
_SERIES_KEYS = ["year", "part"]
_YEAR_BEFORE = {name: f"{name}_before" for name in MEASURES}


@dataclass(frozen=True, slots=True)
class YearToDate:
    """The year up to the cut-off date against the same span of the year before.

    Parameters
    ----------
    value_fen, value_before_fen
        Contract value of either.
    count, count_before
        Number of contracts of either.
    """

    value_fen: int
    value_before_fen: int
    count: int
    count_before: int


def series_table(counts: Counts, places: Places, query: ContractQuery) -> pd.DataFrame:
    """Return the volumes of every period as table ``contract_series``.

    Without a period there is one row for each year. Contracts whose date is not that exact have
    a row of their own at the end: the rows of a side add up to all its contracts.
    """
    wanted = SIDES if query.side is ContractSide.BOTH else (query.side.value,)
    parts = [_side(counts, places, query, side) for side in SIDES if side in wanted]
    return declared(CONTRACT_SERIES, pd.concat(parts, ignore_index=True))


def year_to_date_sums(counts: Counts, places: Places, query: ContractQuery) -> YearToDate | None:
    """Return the year to date and the same span before, None where the register has no dates."""
    if counts.as_of is None:
        return None
    side: Side = "absorption" if query.side is ContractSide.ABSORPTION else "output"
    rows = placed(counts.to_date[side], places, query)
    now, before = (rows[rows["signed_year"] == counts.as_of.year - back] for back in (0, 1))
    return YearToDate(
        value_fen=int(now["contract_value_fen"].sum()),
        value_before_fen=int(before["contract_value_fen"].sum()),
        count=int(now["contract_count"].sum()),
        count_before=int(before["contract_count"].sum()),
    )


def series_period(query: ContractQuery) -> ContractPeriod:
    """Return the length of a period of the series: a year where the whole time is asked for."""
    return ContractPeriod.YEAR if query.period is ContractPeriod.ALL else query.period


def _side(counts: Counts, places: Places, query: ContractQuery, side: Side) -> pd.DataFrame:
    period = series_period(query)
    rows = _parts(placed(counts.months[side], places, query), period)
    before = rows.dropna(subset=["year"]).assign(year=lambda found: found["year"] + 1)
    if period is not ContractPeriod.YEAR:
        before = before.dropna(subset=["part"])
    table = rows.merge(
        before.rename(columns=_YEAR_BEFORE), how="left", on=_SERIES_KEYS, validate="one_to_one"
    )
    compared = table["contract_count"], table["contract_value_fen"]
    is_known = table["year"].notna() & (
        table["part"].notna() if period is not ContractPeriod.YEAR else True
    )
    table = _to_date(table, counts, places, query, side)
    compared = (
        table["compared_count"].fillna(compared[0]),
        table["compared_fen"].fillna(compared[1]),
    )
    names = [
        _name(year, part, period, query.language)
        for year, part in table[_SERIES_KEYS].astype("object").itertuples(index=False)
    ]
    return table.assign(
        side=side,
        period_name=names,
        contract_value_10k_yuan=in_10k_yuan(table["contract_value_fen"]),
        contract_value_before_10k_yuan=in_10k_yuan(table["contract_value_fen_before"]),
        contract_value_before_fen=table["contract_value_fen_before"],
        technology_value_10k_yuan=in_10k_yuan(table["technology_value_fen"]),
        count_growth_percent=growth_percent(compared[0], table["contract_count_before"]).where(
            is_known
        ),
        value_growth_percent=growth_percent(compared[1], table["contract_value_fen_before"]).where(
            is_known
        ),
    )


def _parts(rows: pd.DataFrame, period: ContractPeriod) -> pd.DataFrame:
    """Return the sums by year and part, what has no date last."""
    length = _MONTHS // PARTS.get(period, _MONTHS)
    part = (rows["signed_month"].astype("Int64") - 1) // length + 1
    if period is ContractPeriod.YEAR:
        part = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    return summed(rows.assign(year=rows["signed_year"].astype("Int64"), part=part), _SERIES_KEYS)


def _to_date(
    table: pd.DataFrame, counts: Counts, places: Places, query: ContractQuery, side: Side
) -> pd.DataFrame:
    """Return the table with the period under way compared up to the same day only."""
    table = table.assign(
        compared_count=pd.Series(pd.NA, index=table.index, dtype="Int64"),
        compared_fen=pd.Series(pd.NA, index=table.index, dtype="Int64"),
    )
    as_of = counts.as_of
    if as_of is None or (as_of.month, as_of.day) == (_MONTHS, 31):
        return table
    period = series_period(query)
    length = _MONTHS // PARTS.get(period, 1)
    current = (as_of.month - 1) // length + 1
    is_last = table["year"] == as_of.year
    if period is not ContractPeriod.YEAR:
        is_last &= table["part"] == current
    is_last = is_last.fillna(value=False).astype("bool")
    dated = _parts(placed(counts.to_date[side], places, query), period)
    if period is not ContractPeriod.YEAR:
        dated = dated[dated["part"] == current]
    sums = dated.set_index("year")
    for name, column, year in (
        ("contract_count_before", "contract_count", as_of.year - 1),
        ("contract_value_fen_before", "contract_value_fen", as_of.year - 1),
        ("compared_count", "contract_count", as_of.year),
        ("compared_fen", "contract_value_fen", as_of.year),
    ):
        value = int(sums[column].get(year, 0))
        table[name] = table[name].mask(is_last, value)
    return table


def _name(year: object, part: object, period: ContractPeriod, language: str) -> str:
    if not isinstance(year, int):
        return text("monitor.span.no_year", language)
    if period is ContractPeriod.YEAR:
        return part_name(year, period, None, language)
    if not isinstance(part, int):
        return text("monitor.span.no_part", language, year=year)
    return part_name(year, period, part, language)
