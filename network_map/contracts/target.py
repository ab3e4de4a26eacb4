"""The target of the province, its forecast, the subsidy rule, and the published figures.

The target counts patent-related contracts only, apart from every other series. The forecast rests
on how far earlier years had come by the same day; the subsidy is told where payments are known.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from network_map.contracts.by_place import FEN_PER_100M_YUAN, declared, in_10k_yuan
from network_map.contracts.query import ContractMeasure, ContractQuery, Span
from network_map.contracts.register.engine import OpenContracts, fetch
from network_map.contracts.tables import (
    CONTRACT_SEASON,
    CONTRACT_SUBSIDY,
    CONTRACTS_PREFECTURE,
    CONTRACTS_PROVINCE,
    POLICY_INDICATORS,
    TO_DATE,
)
from network_map.contracts.volumes import chosen, patent_related, subsidy_estimate, total, until_day
from network_map.datapackage import read_table, table_path, table_sha256
from network_map.export import Bundle
from network_map.i18n import number_text, text
from network_map.maps.spec import AreaLayer, ClassEntry, class_colours
from network_map.places.reference import Places, code_words, dataset_label, source_lines
from network_map.places.tables import DATA_SOURCES
from network_map.tables import Table
from network_map.terms import AdminLevel, DatasetName


@dataclass(frozen=True, slots=True)
class Projection:
    """A whole year as far as earlier years tell it.

    Parameters
    ----------
    value
        With the pace of the latest earlier year.
    low, high
        With the fastest and the slowest pace of all earlier years; no probability belongs to it.
    years
        The earlier years, oldest first.
    """

    value: float
    low: float
    high: float
    years: tuple[int, ...]


def seasonal_projection(to_date: float, seasons: pd.DataFrame) -> Projection | None:
    """Return the whole year that a sum to date leads to.

    The sum is divided by the share of the year that had come in by the same day in earlier years:
    the multiplicative method for partially known demands. A straight line would mislead, because
    registration piles up at the end of the year.

    Parameters
    ----------
    to_date
        The sum of the year so far, in any unit of money.
    seasons
        One row for each earlier year: ``year``, ``to_date``, ``whole_year``. Years without a sum
        to date or in the whole are left out.

    Returns
    -------
    Projection or None
        None where no earlier year tells a pace, or nothing has come in yet.

    References
    ----------
    Kekre, S., Morton, T. E. & Smunt, T. L. (1990). Forecasting using partially known demands.
    International Journal of Forecasting 6, 115-125.

    Examples
    --------
    >>> years = [(2023, 25, 100), (2024, 40, 100)]
    >>> seasons = pd.DataFrame(years, columns=["year", "to_date", "whole_year"])
    >>> seasonal_projection(50, seasons)
    Projection(value=125.0, low=125.0, high=200.0, years=(2023, 2024))
    """
    known = seasons[(seasons["to_date"] > 0) & (seasons["whole_year"] > 0)].sort_values("year")
    if known.empty or to_date <= 0:
        return None
    shares = known["to_date"].astype("float64") / known["whole_year"].astype("float64")
    return Projection(
        value=float(to_date / shares.iloc[-1]),
        low=float(to_date / shares.max()),
        high=float(to_date / shares.min()),
        years=tuple(int(year) for year in known["year"]),
    )


TARGET_ID = "policy-01"
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Target:
    """The published target.

    Parameters
    ----------
    year
        The year it is set for.
    value_fen
        The patent-related contract value of that year.
    source
        Where it was published.
    """

    year: int
    value_fen: int
    source: str


@dataclass(frozen=True, eq=False)
class TargetProgress:
    """How far the patent-related value has come.

    Parameters
    ----------
    target
        The target.
    year
        The year whose value is shown: that of the cut-off date.
    until
        The day up to which it is counted.
    value_fen, contract_count
        The patent-related contracts of the year up to that day.
    unknown_count, all_count
        Contracts of that span whose intellectual property is not stated, and all of them.
    months_left
        Whole months from that day to the end of the target's year.
    projection
        The year's end as earlier years lead there, in fen; None for a year that is over, or where
        no earlier year tells a pace.
    seasons
        Table ``contract_season``: the earlier years.
    """

    target: Target
    year: int
    until: date
    value_fen: int
    contract_count: int
    unknown_count: int
    all_count: int
    months_left: int
    projection: Projection | None
    seasons: pd.DataFrame

    @property
    def is_countable(self) -> bool:
        """Whether the register states intellectual property at all."""
        return self.unknown_count < self.all_count or self.all_count == 0


def target_of(policy_indicators: pd.DataFrame) -> Target:
    """Return the target for patent-related contracts from the table ``policy_indicators``."""
    row = policy_indicators[policy_indicators["indicator_id"] == TARGET_ID].iloc[0]
    value = round(float(row["indicator_value"]) * FEN_PER_100M_YUAN)
    return Target(int(str(row["as_of"])[:4]), value, str(row["source"]))


def target_source(target: Target, language: str) -> str:
    """Return where the target was published, as people read it."""
    known = read_table(DATA_SOURCES)
    titles = known.loc[known["source_id"] == target.source, f"title_{language}"]
    title = target.source if titles.empty else str(titles.iloc[0])
    return text("monitor.target.source", language, source=title)


def target_progress(opened: OpenContracts, target: Target, span: Span) -> TargetProgress | None:
    """Return how far the patent-related value has come by the end of a span.

    The whole province counts, whatever is chosen: the target is the province's.

    Parameters
    ----------
    opened
        The register.
    target
        The published target.
    span
        Its end is the day up to which contracts are counted, at most the cut-off date.

    Returns
    -------
    TargetProgress or None
        None where the register has no dates.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    if opened.as_of is None or span.ends_on is None:
        return None
    until = min(opened.as_of, span.ends_on)
    months = _by_month(opened)
    patents = months[months["is_patent"]]
    part = _cut_month(opened, until)
    seasons = _seasons(patents, part, until)
    of_year = months[months["signed_year"] == until.year]
    is_over = (until.month, until.day) == (_MONTHS, 31)
    now = seasons[seasons["year"] == until.year].iloc[0]
    earlier = seasons[seasons["year"] < until.year]
    paces = earlier.rename(columns={"to_date_fen": "to_date", "whole_year_fen": "whole_year"})
    value = int(now["to_date_fen"])
    return TargetProgress(
        target=target,
        year=until.year,
        until=until,
        value_fen=value,
        contract_count=_count_to(patents, until),
        unknown_count=_count_to(of_year[of_year["is_unknown"]], until),
        all_count=_count_to(of_year, until),
        months_left=_months_left(until, target.year),
        projection=None if is_over else seasonal_projection(value, paces),
        seasons=earlier.reset_index(drop=True),
    )


def _by_month(opened: OpenContracts) -> pd.DataFrame:
    """Return every contract by month, whether under patents or not known to be."""
    columns = {"seller_adcode", "signed_year", "signed_month", "ip_kind"}
    table = opened.register.table(columns)
    every = fetch(opened.register, total(table, period="month", cuts=["ip_kind"]))
    known = fetch(opened.register, total(patent_related(table), period="month", cuts=["ip_kind"]))
    codes = set(known["ip_kind"].dropna())
    return every.dropna(subset=["signed_year"]).assign(
        is_patent=lambda rows: rows["ip_kind"].isin(codes),
        is_unknown=lambda rows: rows["ip_kind"].isna(),
    )


def _cut_month(opened: OpenContracts, until: date) -> pd.Series | None:
    """Return the patent-related value of the cut-off month up to the day, by year.

    None where the day ends its month: whole months then say it.
    """
    if (until + timedelta(days=1)).month != until.month:
        return None
    columns = {"seller_adcode", "ip_kind", "signed_year", "signed_month", TO_DATE}
    table = chosen(opened.register.table(columns), {"signed_month": [until.month]})
    dated = until_day(patent_related(table), as_of=until)
    rows = fetch(opened.register, total(dated, period="year"))
    return rows.set_index("signed_year")["contract_value_fen"]


def _seasons(patents: pd.DataFrame, part: pd.Series | None, until: date) -> pd.DataFrame:
    """Return the value of each year to the same day, and in the whole."""
    first = patents["signed_year"].min()
    years = range(until.year if pd.isna(first) else min(int(first), until.year), until.year + 1)
    whole = patents.groupby("signed_year")["contract_value_fen"].sum()
    last = until.month if part is None else until.month - 1
    before = patents[(patents["signed_month"] <= last).fillna(value=False)]
    to_date = before.groupby("signed_year")["contract_value_fen"].sum()
    rows = [
        (
            year,
            int(to_date.get(year, 0)) + (0 if part is None else int(part.get(year, 0))),
            int(whole.get(year, 0)),
        )
        for year in years
    ]
    table = pd.DataFrame(rows, columns=["year", "to_date_fen", "whole_year_fen"]).astype("Int64")
    value, year_value = in_10k_yuan(table["to_date_fen"]), in_10k_yuan(table["whole_year_fen"])
    share = value / year_value.where(year_value > 0) * 100
    return declared(
        CONTRACT_SEASON,
        table.assign(
            to_date_10k_yuan=value, whole_year_10k_yuan=year_value, to_date_share_percent=share
        ),
    )


def _count_to(rows: pd.DataFrame, until: date) -> int:
    """Return the number of contracts of the year in the months up to that of the day."""
    is_inside = (rows["signed_year"] == until.year) & (rows["signed_month"] <= until.month)
    return int(rows.loc[is_inside.fillna(value=False), "contract_count"].sum())


def _months_left(until: date, year: int) -> int:
    """Return the whole months from the day after to the end of the target's year."""
    after = until + timedelta(days=1)
    months = (year - after.year) * _MONTHS + _MONTHS - after.month + 1
    return max(months if after.day == 1 else months - 1, 0)


COUNTED = "counted"


@dataclass(frozen=True, eq=False)
class SubsidyEstimate:
    """The estimate.

    Parameters
    ----------
    table
        Table ``contract_subsidy``: service body, year and whether counted; the largest first.
    paid_fen, counted_fen, subsidy_fen
        Everything paid, what of it counts, and what the rule would pay.
    body_count
        Service bodies with an estimate.
    """

    table: pd.DataFrame
    paid_fen: int
    counted_fen: int
    subsidy_fen: int
    body_count: int


def subsidy_table(opened: OpenContracts, language: str) -> SubsidyEstimate | None:
    """Return the estimate for the whole register, None where no payment names a service body.

    The rule pays bodies that broker deals: 3 % of the value actually paid, capped for each body
    and year, without deals between related parties. It is about years of payment, so that no
    filter of the page touches it.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    paid = opened.register.paid_values
    if paid is None:
        return None
    rows = fetch(opened.register, subsidy_estimate(paid, opened.register.contracts))
    if not rows["service_body_id"].notna().any():
        return None
    is_counted = rows["basis_code"] == COUNTED
    named = rows.assign(
        basis=code_words("monitor.subsidy.basis", rows["basis_code"], language),
        paid_10k_yuan=in_10k_yuan(rows["paid_value_fen"]),
        subsidy_10k_yuan=in_10k_yuan(rows["subsidy_fen"]),
    )
    ordered = named.sort_values(
        ["subsidy_fen", "paid_value_fen", "service_body_id", "paid_year", "basis_code"],
        ascending=[False, False, True, True, True],
        ignore_index=True,
    )
    return SubsidyEstimate(
        table=declared(CONTRACT_SUBSIDY, ordered),
        paid_fen=int(rows["paid_value_fen"].sum()),
        counted_fen=int(rows.loc[is_counted, "paid_value_fen"].sum()),
        subsidy_fen=int(rows["subsidy_fen"].fillna(0).sum()),
        body_count=int(rows.loc[is_counted, "service_body_id"].nunique()),
    )


_TABLES = (CONTRACTS_PROVINCE, CONTRACTS_PREFECTURE, POLICY_INDICATORS)


@dataclass(frozen=True, eq=False)
class Published:
    """What is published.

    Parameters
    ----------
    province
        Table ``contracts_province``, all contracts only, by period.
    prefecture
        Table ``contracts_prefecture``.
    target
        The target for patent-related contracts: never in one series with the others.
    year
        The latest whole year with a figure of the province.
    """

    province: pd.DataFrame
    prefecture: pd.DataFrame
    target: Target
    year: int


def published_figures() -> Published:
    """Return the published figures.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    province, prefecture, indicators = map(read_table, _TABLES)
    every = province[province["measure"] == "all_contracts"]
    every = every.sort_values(["starts_on", "ends_on", "figure_id"], ignore_index=True)
    actual = every[every["figure_kind"] != "target"]
    is_whole_year = actual["ends_on"].str.endswith("-12-31", na=False)
    year = int(actual.loc[is_whole_year, "ends_on"].max()[:4])
    return Published(every, prefecture, target_of(indicators), year)


def whole_years(published: Published) -> pd.DataFrame:
    """Return the figures of whole years, without targets: ``year`` and the columns of the table."""
    rows = published.province
    is_whole = rows["ends_on"].str.endswith("-12-31", na=False)
    rows = rows[is_whole & (rows["figure_kind"] != "target")]
    return rows.assign(year=rows["ends_on"].str[:4].astype("int64")).reset_index(drop=True)


def published_layer(published: Published, places: Places, query: ContractQuery) -> AreaLayer:
    """Return the prefectures for which a figure is published; the others have no data.

    Parameters
    ----------
    published
        The figures.
    places
        The reference tables.
    query
        Language, measure (number or value) and prefecture.
    """
    is_number = query.measure is ContractMeasure.NUMBER
    column = "contracts_count" if is_number else "contract_value_100m_yuan"
    rows = published.prefecture
    is_shown = rows["adcode"].notna() & rows[column].notna()
    is_shown &= rows["ends_on"] == f"{published.year}-12-31"
    values = rows[is_shown].set_index("adcode")[column].astype("float64")
    divisions = places.divisions[places.divisions["level"] == AdminLevel.PREFECTURE]
    shown = set(divisions["adcode"])
    if query.prefecture_adcode is not None:
        shown &= {query.prefecture_adcode}
    digits = 0 if is_number else 2
    texts = {str(adcode): number_text(value, digits) for adcode, value in values.items()}
    order = sorted(set(values))
    colours = class_colours(len(order)) if order else ()
    classes = {str(adcode): order.index(value) for adcode, value in values.items()}
    measure = ContractMeasure.NUMBER if is_number else ContractMeasure.VALUE
    inside = [adcode for adcode in values.index if adcode in shown]
    return AreaLayer(
        level=AdminLevel.PREFECTURE,
        title=text(
            "monitor.published.map_title", query.language, year=published.year,
            measure=text(f"monitor.measure.{measure.value}", query.language),
        ),
        unit=text(f"monitor.unit.{'contracts' if is_number else '100m_yuan'}", query.language),
        source=text("monitor.published.map_source", query.language, count=len(shown)),
        classes=tuple(
            ClassEntry(
                number_text(value, digits), colour, int((values.loc[inside] == value).sum())
            )
            for value, colour in zip(order, colours, strict=True)
        ),
        class_of=classes,
        value_text=texts,
        missing_label=text("monitor.published.not_published", query.language),
        missing_count=len(shown) - len(inside),
    )  # fmt: skip


def published_bundle(published: Published, name: str, language: str) -> Bundle:
    """Return the published figures of the ``province`` or of ``prefecture`` s for a file."""
    tables: dict[str, tuple[Table, pd.DataFrame]] = {
        "province": (CONTRACTS_PROVINCE, published.province),
        "prefecture": (CONTRACTS_PREFECTURE, published.prefecture),
    }
    declaration, table = tables[name]
    data_sources = read_table(DATA_SOURCES)
    return Bundle(
        table=table,
        declaration=declaration,
        title=text(f"monitor.published.{name}", language),
        language=language,
        method_notes=(
            text("monitor.published.note", language),
            text("monitor.published.grades", language),
        ),
        sources=source_lines(table["source"].dropna(), data_sources, language=language),
        dataset_label=dataset_label(DatasetName.PUBLIC.value, language),
        file_stem=f"contracts_published_{name}",
        words={
            "figure_kind": {
                code: text(f"monitor.figure_kind.{code}", language)
                for code in ("reported", "derived", "target")
            },
            "measure": {
                code: text(f"monitor.published.{code}", language)
                for code in ("all_contracts", "patent_contracts")
            },
        },
        created_from={table_path(t.name).name: table_sha256(t.name) for t in _TABLES[:2]},
    )


def shown_figures(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table of figures with its codes as words."""
    return table.assign(
        figure_kind=code_words("monitor.figure_kind", table["figure_kind"], language)
    )
