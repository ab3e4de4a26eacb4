"""The blocks of the demonstration register: contracts of one area and span that share a total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scripts.demo.draws import Whole, draws, picked
from scripts.demo.totals import AREAS, SPAN_ENDS, YEARS

Days = NDArray[np.datetime64]

CANCELLED_ONE_IN = 200
"""One cancelled contract comes on top of so many that stand."""

_MONTH_WEIGHTS = (5, 3, 9, 6, 8, 10, 6, 7, 9, 9, 16, 42)
_WORKDAYS = 5
_CLOSED = frozenset({(1, 1), (5, 1), *((10, day) for day in range(1, 8))})
"""Month and day of the fixed public holidays; the moving ones are left out."""


@dataclass(frozen=True, slots=True)
class Block:
    """Contracts whose number and amounts are given.

    Parameters
    ----------
    name
        Names the draws that share out its amounts.
    is_capital
        Whether the sellers sit in Kunming.
    after, ends_on
        First day before, and last day of, the span in which they are registered.
    is_cancelled
        Whether they were cancelled later, and are no part of any total.
    """

    name: str
    is_capital: bool
    after: np.datetime64
    ends_on: np.datetime64
    contracts_count: int
    value_fen: int
    technology_fen: int
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Drafts:
    """One element for each contract, in the order of the blocks."""

    is_capital: NDArray[np.bool_]
    is_cancelled: NDArray[np.bool_]
    registered_on: Days
    not_before: Days
    """First day of the span of each contract: none is signed earlier."""

    def __len__(self) -> int:
        return len(self.registered_on)


def blocks_of(totals: pd.DataFrame) -> list[Block]:
    """Return the blocks of a table ``demo_contract_totals``: what each span adds to the last."""
    names = ["contracts_count", "contract_value_fen", "technology_value_fen"]
    rows = totals[["area", "ends_on", *names]].itertuples(index=False, name=None)
    amounts = {(area, end): np.array(cells, dtype=np.int64) for area, end, *cells in rows}
    blocks: list[Block] = []
    for year, area in product(YEARS, AREAS):
        before, after = np.zeros(len(names), dtype=np.int64), f"{year - 1}-12-31"
        for end in (f"{year}-{span}" for span in SPAN_ENDS):
            upto = amounts[area, end]
            count, value, technology = (int(amount) for amount in upto - before)
            block = Block(
                f"{area}|{end}", area == "kunming", np.datetime64(after), np.datetime64(end),
                count, value, technology,
            )  # fmt: skip
            blocks += [part for part in (block, _cancelled(block)) if part.contracts_count]
            before, after = upto, end
    return blocks


def _cancelled(block: Block) -> Block:
    """Return the cancelled contracts that come with a block, of the same mean value."""
    count = block.contracts_count // CANCELLED_ONE_IN
    whole = max(block.contracts_count, 1)
    return Block(
        f"{block.name}|cancelled", block.is_capital, block.after, block.ends_on, count,
        block.value_fen * count // whole, block.technology_fen * count // whole,
        is_cancelled=True,
    )  # fmt: skip


def drafts_of(blocks: Sequence[Block], *, seed: int) -> Drafts:
    """Return the contracts of the blocks with their dates: on workdays, most in December."""
    counts = [block.contracts_count for block in blocks]
    days = [_days(block, seed=seed) for block in blocks]
    return Drafts(
        np.repeat([block.is_capital for block in blocks], counts),
        np.repeat([block.is_cancelled for block in blocks], counts),
        np.concatenate(days),
        np.repeat([block.after + 1 for block in blocks], counts),
    )


def _days(block: Block, *, seed: int) -> Days:
    span = np.arange(block.after + 1, block.ends_on + 1, dtype="datetime64[D]")
    weights = np.array([_day_weight(day) for day in span.tolist()])
    numbers = draws(seed, f"day|{block.name}", block.contracts_count)
    return np.asarray(span[picked(numbers, weights)])


def _day_weight(day: date) -> int:
    is_open = day.weekday() < _WORKDAYS and (day.month, day.day) not in _CLOSED
    return _MONTH_WEIGHTS[day.month - 1] if is_open else 0


def amounts_of(blocks: Sequence[Block]) -> list[tuple[Block, slice]]:
    """Return each block with the place of its contracts among the drafts."""
    ends = np.cumsum([block.contracts_count for block in blocks]).tolist()
    return [
        (block, slice(end - block.contracts_count, end))
        for block, end in zip(blocks, ends, strict=True)
    ]


def shuffled_ranks(days: Days, *, seed: int) -> Whole:
    """Return the order of the register: by day, within a day by lot."""
    lot = draws(seed, "order", len(days))
    return np.lexsort((lot, days)).astype(np.int64)
