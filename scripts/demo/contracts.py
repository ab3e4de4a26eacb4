"""The demonstration register: invented contracts that add up to the published totals.

No row is a fact, and no party exists. What is assumed is told in ``docs/demo_register.md``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from network_map.contracts.register.open import DEMO_AS_OF, DEMO_SEED
from network_map.contracts.tables import CONTRACTS
from network_map.tables import ColumnType
from network_map.terms import Origin
from scripts.demo.blocks import Block, Drafts, amounts_of, blocks_of, drafts_of, shuffled_ranks
from scripts.demo.content import Texts, content, contract_kinds, dates, texts, value_hundredths
from scripts.demo.draws import Cells, Whole, below, draws
from scripts.demo.money import shared_out, technology_values, value_weights
from scripts.demo.parties import (
    buyer_places,
    buyers,
    chosen_buyer_places,
    chosen_parties,
    counties_with_weights,
    seller_places,
    sellers,
)
from scripts.demo.totals import demo_contract_totals

SEED = DEMO_SEED
AS_OF = DEMO_AS_OF.isoformat()

_PROVINCE = "530000"
_CHINA = "156"
# Of a thousand contracts: how many give the prefecture alone, the province alone, no place.
_COARSE_SELLERS = (10, 5, 20)
_COARSE_BUYERS = (12, 5, 5)


def source_text(seed: int) -> str:
    """Return what the register writes under ``source``."""
    return f"演示合成数据,随机种子 {seed}"


def demo_contracts(
    divisions: pd.DataFrame,
    county_indicators: pd.DataFrame,
    institutions: pd.DataFrame,
    contracts_province: pd.DataFrame,
    contracts_prefecture: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return an invented register of 2020–2025 with the published totals.

    Parameters
    ----------
    divisions, county_indicators, institutions
        Declared tables: sellers and buyers sit where the economy and the universities are.
    contracts_province, contracts_prefecture
        Declared tables of published figures.
    seed
        Chooses the rows. The totals are the same for every seed, and the same seed gives the same
        rows on every machine.

    Returns
    -------
    pandas.DataFrame
        Table ``contracts``, by date of registration. Rows that are not cancelled sum exactly to
        :func:`demo_contract_totals`, by the date of signing as by that of registration, and by
        the seller's place; cancelled ones are extra.

    Raises
    ------
    ValueError
        If the published figures that the register starts from are not there.
    """
    blocks = blocks_of(demo_contract_totals(contracts_province, contracts_prefecture))
    counties = counties_with_weights(divisions, county_indicators, institutions, seed=seed)
    drafts = drafts_of(blocks, seed=seed)
    seats = seller_places(counties, drafts.is_capital, draws(seed, "seller place", len(drafts)))
    firms = sellers(counties, seed=seed)
    seller_numbers = chosen_parties(firms, seats, draws(seed, "seller", len(drafts)))
    seller_kinds = texts(list(firms.kinds), seller_numbers)
    kinds = contract_kinds(len(drafts), seed=seed)
    columns: dict[str, Cells] = {
        "seller_name": _names("卖方", seller_numbers),
        "seller_adcode": _seller_adcodes(drafts, counties, seats, seed=seed),
        "seller_kind": seller_kinds,
        "registry_name": _registries(counties, seats),
        **_buyers(counties, seats, seed=seed),
        **content(drafts, kinds, seller_numbers, seed=seed),
        **_money(blocks, value_hundredths(kinds, seller_kinds), seed=seed),
        **dates(drafts, seed=seed),
    }
    order = shuffled_ranks(drafts.registered_on, seed=seed)
    return _register({name: cells[order] for name, cells in columns.items()}, seed=seed)


def _names(word: str, numbers: Whole) -> Texts:
    """Return the invented name of each party; numbers are counted from 1 on paper."""
    return texts([f"{word}{number:04d}" for number in range(1, int(numbers.max()) + 2)], numbers)


def _registries(counties: pd.DataFrame, seats: Whole) -> Texts:
    prefectures = sorted(set(counties["prefecture_adcode"]))
    number = counties["prefecture_adcode"].map({code: n for n, code in enumerate(prefectures, 1)})
    return texts([f"登记机构{n:02d}" for n in number], seats)


def _buyers(counties: pd.DataFrame, seats: Whole, *, seed: int) -> dict[str, Texts]:
    """Return name, kind and place of each buyer."""
    firms = buyers(counties, seed=seed)
    places = chosen_buyer_places(counties, seats, seed=seed)
    numbers = chosen_parties(firms, places, draws(seed, "buyer", len(seats)))
    fine = texts(buyer_places(counties), places)
    outside = len(firms.counts) - len(counties)
    coarse = [*counties["prefecture_adcode"], *[""] * outside]
    wide = [*[_PROVINCE] * len(counties), *[""] * outside]
    choices = (texts(coarse, places), texts(wide, places))
    return {
        "buyer_name": _names("买方", numbers),
        "buyer_adcode": _coarsened(fine, choices, _COARSE_BUYERS, seed=seed, side="buyer"),
        "buyer_kind": texts(list(firms.kinds), numbers),
    }


def _seller_adcodes(drafts: Drafts, counties: pd.DataFrame, seats: Whole, *, seed: int) -> Texts:
    """Return the seller's code; Kunming is never lost, its published share is exact."""
    fine = texts(list(counties["adcode"]), seats)
    near = texts(list(counties["prefecture_adcode"]), seats)
    wide = np.where(drafts.is_capital, near, _PROVINCE)
    codes = _coarsened(fine, (near, wide), _COARSE_SELLERS, seed=seed, side="seller")
    return np.asarray(np.where(drafts.is_capital & (codes == ""), fine, codes))


def _coarsened(
    fine: Texts, choices: Sequence[Texts], in_1000: tuple[int, int, int], *, seed: int, side: str
) -> Texts:
    """Return the codes, some of them as coarse as real registers have them; empty is unlocated.

    An empty choice leaves the code as it is.
    """
    number = below(draws(seed, f"coarse {side}", len(fine)), 1000)
    near, wide, none = np.cumsum(in_1000)
    codes = fine.copy()
    for choice, low, high in ((choices[0], 0, near), (choices[1], near, wide)):
        is_here = (number >= low) & (number < high) & (choice != "")
        codes[is_here] = choice[is_here]
    codes[(number >= wide) & (number < none)] = ""
    return codes


def _money(blocks: Sequence[Block], hundredths: Whole, *, seed: int) -> dict[str, Whole]:
    """Return both amounts of each contract; each block sums to its totals."""
    weights = value_weights(hundredths, seed=seed, stream="value")
    values, technology = np.zeros_like(weights), np.zeros_like(weights)
    for block, here in amounts_of(blocks):
        values[here] = shared_out(weights[here], block.value_fen, seed=seed, stream=block.name)
        technology[here] = technology_values(
            values[here], block.technology_fen, seed=seed, stream=block.name
        )
    return {"contract_value_fen": values, "technology_value_fen": technology}


def _register(columns: Mapping[str, Cells], *, seed: int) -> pd.DataFrame:
    """Return the ordered columns as the declared table."""
    count = len(columns["registered_on"])
    years = np.asarray(columns["registered_on"], dtype="U4")
    starts = np.searchsorted(years, years)
    numbers = (np.arange(count) - starts + 1).tolist()
    constants: dict[str, object] = {
        "contract_id": [f"DEMO{y}{n:08d}" for y, n in zip(years.tolist(), numbers, strict=True)],
        "title": [f"演示项目{number:06d}" for number in range(1, count + 1)],
        "seller_country": _CHINA, "buyer_country": _CHINA,
        "origin": Origin.SYNTHETIC.value, "source": source_text(seed),
    }  # fmt: skip
    frame = pd.DataFrame({**columns, **constants})
    types = {ColumnType.INTEGER: "Int64", ColumnType.BOOLEAN: "boolean"}
    typed = {column.name: types.get(column.type, "str") for column in CONTRACTS.columns}
    return frame[CONTRACTS.names].astype(typed).replace({"": pd.NA})
