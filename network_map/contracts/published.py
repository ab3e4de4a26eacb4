"""The published figures: all contracts and the target apart, each with its grade."""

from dataclasses import dataclass

import pandas as pd

from network_map.contracts.query import ContractMeasure, ContractQuery
from network_map.contracts.tables import CONTRACTS_PREFECTURE, CONTRACTS_PROVINCE, POLICY_INDICATORS
from network_map.contracts.target import Target, target_of
from network_map.datapackage import read_table, table_path, table_sha256
from network_map.export import Bundle
from network_map.i18n import number_text, text
from network_map.maps.spec import AreaLayer, ClassEntry
from network_map.maps.symbols import class_colours
from network_map.places.reference import Places, code_words, dataset_label, source_lines
from network_map.places.tables import DATA_SOURCES
from network_map.tables.columns import Table
from network_map.terms import AdminLevel, DatasetName

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
