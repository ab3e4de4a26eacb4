"""Money is exact, sums agree, the two readers agree, and no file makes a traceback."""

import csv
import io
import random
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network_map.contracts.importing.cells import (
    MOST_FEN,
    MoneyState,
    MoneyUnit,
    fen_column,
    read_money,
)
from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.contracts.register.engine import fetch
from network_map.contracts.register.open import open_register
from network_map.contracts.tables import CONTRACTS
from network_map.contracts.volumes import total, volume
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import check
from network_map.terms import AdminLevel
from tests.contracts.imported_register import import_register
from tests.contracts.ugly_lists import HEAD, UGLY, inline
from tests.paths import CONTRACT_LISTS

pytestmark = pytest.mark.long

UNITS = st.sampled_from(list(MoneyUnit))
SLOW_DATA = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = [CONTRACT_LISTS / name for name in UGLY if name.endswith((".csv", ".txt"))]
BOOKS = [CONTRACT_LISTS / name for name in UGLY if not name.endswith((".csv", ".txt"))]
WORDS = [
    "合同编号", "合同类型", "成交额(万元)", "技术交易额", "卖方", "技术开发", "技术转让", "大理",
    "530102",
    "12.5", "-3", "1e400", "９", "2023.1", "45078", "合计", "注:", "=1+1", '"', "", " ", "\u3000",
    "\n", "nan", "注销", "变更", "元", "个人", "411", "\u200b", "1,000", "9" * 30, "亿元",
]  # fmt: skip


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same damage every time, no secret


def amounts() -> st.SearchStrategy[str]:
    """Return plain, grouped and full-width numbers with up to twelve decimals."""
    number = st.decimals(
        min_value=0, max_value=90_000, places=None, allow_nan=False, allow_infinity=False
    )
    return st.builds(
        lambda value, places, style: written(round(value, places), style),
        number,
        st.integers(0, 12),
        st.sampled_from(["plain", "grouped", "wide", "zeros"]),
    )


def written(value: Decimal, style: str) -> str:
    text = f"{value:,f}" if style == "grouped" else f"{value:f}"
    if style == "wide":
        return text.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    return text + ("0" if style == "zeros" and "." in text else "")


def oracle(text: str, unit: MoneyUnit) -> int:
    """Return the amount in fen by decimal arithmetic alone."""
    digits = "".join(str(int(c)) if c.isdigit() else c for c in text if c != ",")
    exact = Decimal(digits) * 10**unit.power
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.law
@pytest.mark.oracle
@given(texts=st.lists(amounts(), min_size=1, max_size=20), unit=UNITS)
@settings(max_examples=120)
def test_money_is_exact_to_the_fen(texts: list[str], unit: MoneyUnit) -> None:
    found = fen_column(pa.array(texts), unit)
    assert found.fen.tolist() == [oracle(text, unit) for text in texts]
    for text, state in zip(texts, found.state, strict=True):
        off = abs(Decimal(oracle(text, unit)) - Decimal(text.replace(",", "")) * 10**unit.power)
        assert (state == MoneyState.ROUNDED) == (off not in {0, Decimal("0.5")})
        assert (state == MoneyState.HALF_FEN) == (off == Decimal("0.5"))


@pytest.mark.law
@given(text=st.text(max_size=12) | st.sampled_from(WORDS), unit=UNITS)
@settings(max_examples=120)
def test_any_cell_of_money_is_an_amount_or_a_reason(text: str, unit: MoneyUnit) -> None:
    fen, state = read_money(text, unit)
    assert 0 <= fen <= MOST_FEN
    assert fen == 0 or state in {*list(MoneyState)[: MoneyState.EMPTY], MoneyState.HALF_FEN}
    (column,) = fen_column(pa.array([text]), unit).fen.tolist()
    assert column == fen


@pytest.mark.law
@given(
    values=st.lists(st.integers(0, 10**12), min_size=1, max_size=30),
    shares=st.lists(st.integers(0, 100), min_size=30, max_size=30),
    unit=st.sampled_from([MoneyUnit.YUAN, MoneyUnit.WAN, MoneyUnit.YI]),
)
@SLOW_DATA
def test_the_totals_are_those_of_the_file_to_the_fen(
    reference: Gazetteer, values: list[int], shares: list[int], unit: MoneyUnit
) -> None:
    rows = [
        f"{n},技术开发,{inunit(value, unit)},{inunit(value * share // 100, unit)},2023-06-01,"
        for n, (value, share) in enumerate(zip(values, shares, strict=False))
    ]
    head = HEAD.replace("元", unit.value)
    found = inline(reference, "\n".join([head, *rows, f"合计,,{sum(values)},,,"]))
    assert found.counts["accepted"] == len(values)
    assert found.totals.contract_value_fen == sum(values)
    assert found.totals.unlocated_value_fen == sum(values)
    assert found.totals.technology_value_fen == sum(
        value * share // 100 for value, share in zip(values, shares, strict=False)
    )


@pytest.mark.law
@given(fens=st.lists(st.integers(0, 5 * 10**11), min_size=1, max_size=40))  # below the province
@settings(max_examples=8, deadline=None)
def test_what_was_imported_stored_and_asked_is_the_file_to_the_fen(fens: list[int]) -> None:
    with TemporaryDirectory() as name:
        expected = import_register(Path(name), fens)
        register = open_register("duckdb://", Path(name))
        assert register is not None
        for table in register.tables.values():
            if "contract_value_fen" in table.columns:
                found = fetch(register, total(table))["contract_value_fen"]
                assert found.fillna(0).tolist() == [expected]
        by_place = volume(register.contracts, {}, side="output", by=AdminLevel.COUNTY)
        assert fetch(register, by_place)["contract_value_fen"].sum() == expected
        register.close()


def inunit(fen: int, unit: MoneyUnit) -> str:
    return f"{Decimal(fen).scaleb(-unit.power):f}"


CELLS = st.sampled_from(
    [
        "1",
        "2",
        "技术开发",
        "技术服务",
        "100",
        "12.345",
        "2023-06-01",
        "530102",
        "大理",
        "",
        "甲\n乙",
    ]
)


@pytest.mark.law
@given(rows=st.lists(st.lists(CELLS, min_size=0, max_size=7), min_size=1, max_size=12))
@SLOW_DATA
def test_both_readers_of_text_find_the_same(reference: Gazetteer, rows: list[list[str]]) -> None:
    """Commas are read by the fast reader, full-width ones by the slow one."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([HEAD.split(","), *rows])
    both = [stream.getvalue(), stream.getvalue().replace(",", "\uff0c")]
    found = [outcome(text.encode(), reference) for text in both]
    assert found[0] == found[1]


def outcome(content: bytes, reference: Gazetteer) -> object:
    options = ContractOptions(source="名单")
    try:
        found = preview_contracts(content, "名单", reference, options)
    except FileFormatError as error:
        return error.code
    return found.rows.to_csv(), found.contracts.to_csv(), found.totals


@pytest.mark.law
@given(rows=st.lists(st.lists(st.sampled_from(WORDS), max_size=8), max_size=8))
@SLOW_DATA
def test_any_cells_are_a_preview_or_a_sentence(reference: Gazetteer, rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [HEAD.split(","), *rows])
    judge(text.encode(), reference)


@pytest.mark.law
def test_a_damaged_register_is_a_preview_or_a_sentence(reference: Gazetteer) -> None:
    damage(reference, seeded(1), texts=120, books=12)


def damage(reference: Gazetteer, chance: random.Random, *, texts: int, books: int) -> None:
    """Damage files of the folder in many ways, and judge what becomes of each."""
    for _ in range(texts):
        judge(damaged(chance.choice(TEXTS).read_bytes(), chance), reference)
    for _ in range(books):
        content = chance.choice(BOOKS).read_bytes()
        inside = content.startswith(b"PK") and chance.random() < 0.7
        judge(damaged_inside(content, chance) if inside else damaged(content, chance), reference)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a file with bytes changed, words put in, parts cut out or repeated."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(changed) + 1)
        length = chance.randint(1, 12)
        ways = [
            bytes(chance.randrange(256) for _ in range(length)),
            chance.choice(WORDS).encode(chance.choice(["utf-8", "gb18030"])),
            b"",
            bytes(changed[place : place + length]) * chance.randint(2, 30),
            chance.choice([b"\n", b",", b'"', b"\r", b"\t", b"\x00"]),
        ]
        changed[place : place + chance.randint(0, length)] = chance.choice(ways)
    return bytes(changed[: chance.randint(len(changed) // 2, len(changed))])


def damaged_inside(content: bytes, chance: random.Random) -> bytes:
    """Return a packed file with good packing and one damaged part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        parts = old.namelist()
        target = chance.choice(parts)
        for part in parts:
            raw = old.read(part)
            new.writestr(part, damaged(raw, chance) if part == target else raw)
    return stream.getvalue()


def judge(content: bytes, reference: Gazetteer) -> None:
    """Check that a file is refused with a sentence, or fit to be shown and kept."""
    options = ContractOptions(unit=MoneyUnit.YUAN)
    refused: FileFormatError | None = None
    try:
        is_fit(preview_contracts(content, "名单", reference, options))
    except FileFormatError as error:
        refused = error
    assert refused is None or all(error_text(refused, language) for language in LANGUAGES)


def is_fit(found: ContractPreview) -> None:
    check(CONTRACTS, found.contracts)
    assert sum(found.counts.values()) == len(found.rows)
    is_taken = found.rows["outcome"].isin(["accepted", "corrected"])
    assert set(found.contracts["contract_id"]) <= set(found.rows.loc[is_taken, "contract_id"])
    assert not found.contracts["contract_id"].duplicated().any()
    assert found.contracts["contract_value_fen"].notna().all()
    for problem in found.problems:
        assert all(problem_text(problem, language) for language in LANGUAGES)


@pytest.mark.parametrize("line_break", ["\n", ""])
def test_no_row_is_lost_between_chunks(
    reference: Gazetteer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_break: str
) -> None:
    """Rows of another width, blank lines and line breaks in cells stand across the blocks."""
    monkeypatch.setattr("network_map.listfiles.text_files._BLOCK_BYTES", 4_000)
    monkeypatch.setattr("network_map.listfiles.text_files.CHUNK_ROWS", 100)
    chance, rows, values = seeded(3), [HEAD], []
    for n in range(3_000):
        value = chance.randrange(10**9)
        kind = chance.random()
        tail = ["", ",2023-06-01,530102", ",2023-06-01,530102,,,"][min(int(kind * 4), 2)]
        number = f'"{n}{line_break}"' if kind > 0.95 else str(n)
        rows.append(f"{number},技术开发,{value / 100:.2f},0{tail}" + "\n" * (kind > 0.9))
        values.append(value)
    path = tmp_path / "合同.csv"
    path.write_text("\n".join(rows), encoding="gb18030")
    told: list[tuple[int, int]] = []
    found = preview_contracts(
        path, path.name, reference, progress=lambda done, total: told.append((done, total))
    )
    assert found.totals.contract_value_fen == sum(values)
    assert found.rows["row"].is_monotonic_increasing
    assert found.rows["row"].is_unique
    assert list(found.contracts["contract_id"]) == [str(n) for n in range(3_000)]
    assert len(told) > 10
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told, key=lambda pair: pair[0])


def test_problems_are_capped_but_counted_and_every_row_keeps_its_reason(
    reference: Gazetteer,
) -> None:
    rows = [f"{n},技术开发,坏,,," for n in range(2_500)]
    found = inline(reference, "\n".join([HEAD, *rows]))
    described = [p for p in found.problems if p.code == "contract_money_unreadable"]
    assert len(described) == 1_000
    assert found.problem_counts["contract_money_unreadable"] == 2_500
    assert (found.rows["reason"] == "contract_money_unreadable").all()
    assert pd.Series(found.rows["outcome"]).eq("refused").all()
