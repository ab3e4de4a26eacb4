"""The questions that every engine is asked, and their SQL: ``python -m tests.contracts.questions``.

Run as a program it writes the golden SQL anew.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from network_map.contracts.register.tables import TABLES, arrow_table, empty_tables
from network_map.contracts.volumes import (
    chosen,
    flows,
    largest_parties,
    named_parties,
    patent_related,
    subsidy_estimate,
    total,
    volume,
    without_day,
    year_to_date,
)
from network_map.terms import AdminLevel
from tests.contracts.world import PARENTS
from tests.paths import GOLDEN

SQL = GOLDEN / "sql"
DIALECTS = ("duckdb", "postgres", "pyspark", "trino")
AS_OF = date(2024, 6, 11)
PREFECTURE = AdminLevel.PREFECTURE
Question = Callable[[ir.Table, ir.Table], ir.Table]

QUESTIONS: Mapping[str, Question] = {
    "output_by_county_year_kind": lambda contracts, _: volume(
        contracts, PARENTS, side="output", by=AdminLevel.COUNTY, period="year",
        cuts=["contract_kind"],
    ),
    "absorption_by_prefecture_quarter": lambda contracts, _: volume(
        contracts, PARENTS, side="absorption", by=PREFECTURE, period="quarter"
    ),
    "both_by_province_month": lambda contracts, _: volume(
        contracts, PARENTS, side="both", by=AdminLevel.PROVINCE, period="month"
    ),
    "flows_by_prefecture_year": lambda contracts, _: flows(
        contracts, PARENTS, by=PREFECTURE, period="year"
    ),
    "patents_to_date": lambda contracts, _: total(
        patent_related(year_to_date(contracts, as_of=AS_OF)), period="year"
    ),
    "without_day": lambda contracts, _: total(without_day(contracts, as_of=AS_OF)),
    "chosen_and_missing": lambda contracts, _: total(
        chosen(contracts, {"technology_field": ["energy", None], "signed_year": [2024]}),
        cuts=["ip_kind"],
    ),
    "named_sellers": lambda contracts, _: named_parties(contracts),
    "largest_buyers": lambda contracts, _: largest_parties(contracts, count=3, side="absorption"),
    "subsidy": lambda contracts, paid: subsidy_estimate(paid, contracts),
}  # fmt: skip


@cache
def unbound_tables() -> tuple[ir.Table, ir.Table]:
    """Return the tables of a register as expressions of no engine."""
    nothing = empty_tables()
    frames = zip(TABLES, (nothing.contracts, nothing.paid_values), strict=True)
    schemas = {table.name: arrow_table(table, frame).schema for table, frame in frames}
    contracts, paid = (
        ibis.table(ibis.Schema.from_pyarrow(pa.schema(schema)), name=name)
        for name, schema in schemas.items()
    )
    return contracts, paid


def sql_of(question: str, dialect: str) -> str:
    """Return a question as SQL."""
    return f"{ibis.to_sql(QUESTIONS[question](*unbound_tables()), dialect=dialect)}\n"


def golden_file(question: str, dialect: str) -> Path:
    """Return where the SQL of a question is kept: DuckDB's, unless the dialect's differs."""
    own = SQL / f"{question}.{dialect}.sql"
    return own if own.exists() else SQL / f"{question}.sql"


def main() -> None:
    """Write the golden SQL anew."""
    for old in SQL.glob("*.sql"):
        old.unlink()
    for question in QUESTIONS:
        common = sql_of(question, "duckdb")
        (SQL / f"{question}.sql").write_text(common, encoding="utf-8")
        for dialect in DIALECTS:
            if (sql := sql_of(question, dialect)) != common:
                (SQL / f"{question}.{dialect}.sql").write_text(sql, encoding="utf-8")


if __name__ == "__main__":
    main()
