"""What programs make of the cells of a register: said, asked or refused, never silently wrong."""

import pytest

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.i18n import LANGUAGES, problem_text
from network_map.places.gazetteer import Gazetteer

HEAD = "合同登记编号,合同类型,成交额(元),技术交易额(元),签订日期,卖方行政区划代码,项目名称"
CELLS = ("PUB2024000001", "技术开发", "100", "80", "2024-03-05", "530102", "中试服务")


def read(
    gazetteer: Gazetteer, *cells: tuple[int, str], options: ContractOptions | None = None
) -> ContractPreview:
    """Return the preview of one row with some of its cells written otherwise."""
    row = list(CELLS)
    for place, text in cells:
        row[place] = text
    content = f"{HEAD}\n{','.join(row)}\n"
    found = preview_contracts(content.encode(), "合同.csv", gazetteer, options)
    for problem in found.problems:
        sentences = [problem_text(problem, language) for language in LANGUAGES]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)
    return found


def outcome(found: ContractPreview) -> tuple[str, str]:
    return found.rows["outcome"].iloc[0], found.rows["reason"].iloc[0]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("2.02453E15", "2024530000000000"), ("2.02453010200001E15", "2024530102000010"),
        ("2.02453010200002E+15", "2024530102000020"), ("2.02453010200003e+015", ""),
        ("2E+15", "2000000000000000"), ("2.0245301020E+13", "20245301020000"),
    ],
)  # fmt: skip
def test_an_id_in_scientific_writing_is_refused_with_its_digits(
    gazetteer: Gazetteer, text: str, digits: str
) -> None:
    found = read(gazetteer, (0, text))
    assert outcome(found) == ("refused", "contract_id_rounded")
    assert digits in problem_text(next(p for p in found.problems if p.row))


@pytest.mark.parametrize(
    "text", ["2024530102000001", "20245301020000E2", "PUB2E15", "E2024", "2024530102000010", "2E15"]
)
def test_an_id_that_stands_there_in_full_is_taken(gazetteer: Gazetteer, text: str) -> None:
    assert outcome(read(gazetteer, (0, text)))[0] == "accepted"


@pytest.mark.parametrize("text", ["待定", "待补", "未编号", "无"])
def test_a_word_for_no_id_is_none(gazetteer: Gazetteer, text: str) -> None:
    assert outcome(read(gazetteer, (0, text))) == ("refused", "contract_id_missing")


@pytest.mark.parametrize(
    "text", ["技术开发、技术服务", "技术咨询/技术转让", "技术开发(含技术服务)"]
)
def test_two_kinds_in_one_cell_are_no_kind(gazetteer: Gazetteer, text: str) -> None:
    assert outcome(read(gazetteer, (1, text))) == ("refused", "contract_kind_unknown")


@pytest.mark.parametrize(
    "text", ["技术转让(专利实施许可)", "技术开发-技术开发(委托)", "技术服务(技术培训)"]
)
def test_a_second_level_does_not_make_two_kinds(gazetteer: Gazetteer, text: str) -> None:
    assert outcome(read(gazetteer, (1, text)))[0] == "accepted"


def test_an_id_may_have_separators_of_thousands(gazetteer: Gazetteer) -> None:
    found = read(gazetteer, (0, '"2,024,530,102,000,001"'))
    assert list(found.contracts["contract_id"]) == ["2024530102000001"]


@pytest.mark.parametrize("text", ["5.30102E+05", "5.30102e5", "5.30102000000E+11"])
def test_a_county_code_with_a_power_of_ten_is_corrected_and_said(
    gazetteer: Gazetteer, text: str
) -> None:
    found = read(gazetteer, (5, text))
    assert outcome(found) == ("corrected", "place_code_scientific")
    assert list(found.contracts["seller_adcode"]) == ["530102"]


@pytest.mark.parametrize("text", ["5.30E+05", "5.3E5"])
def test_a_county_code_that_lost_digits_is_asked(gazetteer: Gazetteer, text: str) -> None:
    assert outcome(read(gazetteer, (5, text))) == ("doubtful", "place_code_rounded")


@pytest.mark.parametrize(
    ("text", "adcode"),
    [("⻢⻰区", "530304"), ("昆明市⻄⼭区", "530112"), ("⼤理市", "532901"), ("⾦平县", "532530")],
)
def test_radicals_in_a_place_are_replaced_and_said(
    gazetteer: Gazetteer, text: str, adcode: str
) -> None:
    found = read(gazetteer, (5, text))
    assert outcome(found) == ("corrected", "place_radicals")
    assert list(found.contracts["seller_adcode"]) == [adcode]


def test_radicals_in_a_title_are_replaced_and_said(gazetteer: Gazetteer) -> None:
    found = read(gazetteer, (6, "⻢铃薯种植"))
    assert outcome(found) == ("corrected", "radicals_replaced")
    assert list(found.contracts["title"]) == ["马铃薯种植"]


@pytest.mark.parametrize(
    ("text", "expected", "day"),
    [
        ("2023-12-31T16:00:00.000Z", "corrected", "2024-01-01"),
        ("2024-03-05T00:00:00+08:00", "accepted", "2024-03-05"),
        ("45355.9995023", "corrected", "2024-03-05"),
        ("2024-03-04 23:59:17", "corrected", "2024-03-05"),
        ("2024-03-05 09:30:00", "accepted", "2024-03-05"),
        ("2024-03-05 23:59:59", "accepted", "2024-03-05"),
    ],
)
def test_a_moment_becomes_a_day_and_is_said(
    gazetteer: Gazetteer, text: str, expected: str, day: str
) -> None:
    found = read(gazetteer, (4, text))
    assert outcome(found)[0] == expected
    assert list(found.contracts["signed_on"]) == [day]


def test_a_moment_seconds_before_midnight_is_asked_and_answered(gazetteer: Gazetteer) -> None:
    found = read(gazetteer, (4, "2023-12-31 23:59:30"))
    assert outcome(found) == ("doubtful", "date_near_midnight")
    (fix,) = [problem.fix for problem in found.problems if problem.row]
    assert fix == "2024-01-01"
    options = ContractOptions(answers={("2023-12-31 23:59:30", "signed_on"): fix})
    again = read(gazetteer, (4, "2023-12-31 23:59:30"), options=options)
    assert list(again.contracts["signed_on"]) == ["2024-01-01"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100.005", ("doubtful", "contract_money_half_fen")),
        ("0.015", ("doubtful", "contract_money_half_fen")),
        ("100.004", ("corrected", "contract_money_rounded")),
        ("100.50", ("accepted", "")), ("100.5", ("accepted", "")),
    ],
)  # fmt: skip
def test_half_a_fen_is_asked(gazetteer: Gazetteer, text: str, expected: tuple[str, str]) -> None:
    found = read(gazetteer, (2, text), (3, "0"))
    assert outcome(found) == expected


def test_a_problem_of_money_names_its_column(gazetteer: Gazetteer) -> None:
    said = [problem_text(p) for p in read(gazetteer, (2, "五万"), (3, "面议")).problems if p.row]
    assert "合同成交额(Contract value)“五万”" in said[0]
    assert "技术交易额(Technology value)“面议”" in said[1]
