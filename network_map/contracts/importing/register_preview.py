"""What the contract import page shows of a previewed register or list of payments."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.contract_import import CONTRACT_IMPORT_ROWS, PAID_IMPORT_ROWS
from network_map.contracts.importing.options import ContractPreview, PaidPreview, typed_frame
from network_map.contracts.tables import CONTRACTS
from network_map.i18n import number_text, text
from network_map.listfiles.outcome import outcome_words
from network_map.tables.check import conform
from network_map.tables.columns import Table

SHOWN_ROWS = 300
"""Rows of a list on screen, which may have a million."""
_FEN_IN_YUAN, _FEN_IN_WAN, _FEN_IN_YI = 100, 1_000_000, 10_000_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of the preview.

    Parameters
    ----------
    label
        What it is.
    shown
        In 亿元 or 万元, or a count.
    exact
        To the fen, or "".
    """

    label: str
    shown: str
    exact: str = ""


def money_text(fen: int, language: str) -> str:
    """Return an amount in 亿元, 万元 or 元, the largest of which it holds one, with the unit."""
    if fen < _FEN_IN_WAN:
        return f"{_yuan(fen)} {text('unit.yuan', language)}"
    unit, divisor = (
        ("hundred_million_yuan", _FEN_IN_YI) if fen >= _FEN_IN_YI
        else ("ten_thousand_yuan", _FEN_IN_WAN)
    )  # fmt: skip
    return f"{number_text(fen / divisor, 2)} {text(f'unit.{unit}', language)}"


def amounts(preview: ContractPreview | PaidPreview, language: str) -> tuple[Amount, ...]:
    """Return the sums of what would be taken, each as people say it and to the fen."""
    if isinstance(preview, PaidPreview):
        count = text(
            "import_contracts.payments_of", language, count=f"{len(preview.paid_values):,}"
        )
        return (
            Amount(text("import_contracts.payment_count", language), count),
            _money("paid", preview.paid_value_fen, language),
        )
    totals = preview.totals
    counted = f"{totals.contract_count:,}"
    unlocated = text(
        "import_contracts.unlocated_of", language,
        count=f"{totals.unlocated_count:,}", yuan=_yuan(totals.unlocated_value_fen),
    )  # fmt: skip
    return (
        Amount(
            text("import_contracts.count", language),
            text("import_contracts.count_of", language, count=counted),
        ),
        _money("value", totals.contract_value_fen, language),
        _money("technology_value", totals.technology_value_fen, language),
        Amount(
            text("import_contracts.unlocated", language),
            money_text(totals.unlocated_value_fen, language),
            unlocated,
        ),
    )


def register_row_table(
    preview: ContractPreview | PaidPreview, place_names: Mapping[str, str], language: str
) -> pd.DataFrame:
    """Return the first rows of a list with what becomes of them.

    Parameters
    ----------
    preview
        The list.
    place_names
        Name of each division by its code.
    language
        ``zh`` or ``en``.

    Returns
    -------
    pandas.DataFrame
        Table ``contract_import_rows`` or ``paid_import_rows``.
    """
    rows = preview.rows.head(SHOWN_ROWS)
    rows = rows.assign(outcome=rows["outcome"].map(outcome_words(language)))
    if isinstance(preview, PaidPreview):
        return conform(PAID_IMPORT_ROWS, rows)
    both = rows.merge(_first_taken(preview, rows["row"].max()), "left", "row", validate="1:1")
    return conform(
        CONTRACT_IMPORT_ROWS,
        both.assign(
            kind_name=_words(both["contract_kind"], "contract_kind", language),
            status_name=_words(both["contract_status"], "contract_status", language),
            seller_place_name=both["seller_adcode"].map(dict(place_names)),
            buyer_place_name=both["buyer_adcode"].map(dict(place_names)),
            contract_value_wan=both["contract_value_fen"] / _FEN_IN_WAN,
            technology_value_wan=both["technology_value_fen"] / _FEN_IN_WAN,
        ),
    )


def register_row_declaration(preview: ContractPreview | PaidPreview) -> Table:
    """Return the declaration of :func:`register_row_table`."""
    return PAID_IMPORT_ROWS if isinstance(preview, PaidPreview) else CONTRACT_IMPORT_ROWS


def has_capped_problems(preview: ContractPreview | PaidPreview) -> bool:
    """Return whether some problem occurs more often than it is described."""
    described = Counter(problem.code for problem in preview.problems if problem.row is not None)
    return any(preview.problem_counts.get(code, 0) > count for code, count in described.items())


def _first_taken(preview: ContractPreview, last_row: int) -> pd.DataFrame:
    """Return the rows that can be taken down to a row of the list, without their ids."""
    parts = []
    for table in preview.taken.chunks():
        parts.append(table.filter(pc.less_equal(table["row"], last_row)))
        if len(parts[-1]) < len(table):
            break
    table = pa.concat_tables(parts)
    taken = typed_frame(CONTRACTS, table).drop(columns="contract_id")
    return taken.assign(row=table["row"].to_numpy())


def _money(name: str, fen: int, language: str) -> Amount:
    exact = text("import_contracts.exact", language, yuan=_yuan(fen), fen=f"{fen:,}")
    return Amount(text(f"import_contracts.{name}", language), money_text(fen, language), exact)


def _yuan(fen: int) -> str:
    return f"{fen // _FEN_IN_YUAN:,}.{fen % _FEN_IN_YUAN:02d}"


def _words(codes: pd.Series, kind: str, language: str) -> pd.Series:
    found = {
        code: text(f"contract_import.{kind}.{code}", language) for code in codes.dropna().unique()
    }
    return codes.map(found)
