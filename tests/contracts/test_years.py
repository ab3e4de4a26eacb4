"""Four kinds or five, and how large a contract can be, are decided year by year."""

import pytest

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.places.gazetteer import Gazetteer
from network_map.terms import KindScheme

HEAD = "合同登记编号,合同类型,成交额(元),签订日期"


def read(
    gazetteer: Gazetteer, *rows: str, options: ContractOptions | None = None
) -> ContractPreview:
    return preview_contracts("\n".join((HEAD, *rows)).encode(), "合同.csv", gazetteer, options)


@pytest.mark.parametrize(
    ("kinds", "schemes"),
    [
        (("技术转让,1,2019-06-01", "技术许可,1,2023-06-01"), ["four", "five"]),
        (("技术转让,1,2019-06-01", "技术许可,1,2021-06-01"), ["four", "five"]),
        (("技术转让,1,2021-06-01", "技术许可,1,2021-03-01"), ["five", "five"]),
        (("技术转让,1,2019-06-01", "技术服务,1,2023-06-01"), ["four", "five"]),
        (("技术转让,1,2022-06-01", "技术服务,1,2023-06-01"), ["five", "five"]),
        (("技术转让,1,", "技术许可,1,2023-06-01"), ["five", "five"]),
    ],
)
def test_kinds_are_counted_by_year(
    gazetteer: Gazetteer, kinds: tuple[str, str], schemes: list[str]
) -> None:
    found = read(gazetteer, *(f"{n},{kind}" for n, kind in enumerate(kinds, start=1)))
    assert list(found.contracts["kind_scheme"]) == schemes


@pytest.mark.parametrize("scheme", list(KindScheme))
def test_a_choice_holds_for_every_year(gazetteer: Gazetteer, scheme: KindScheme) -> None:
    rows = ("1,技术转让,1,2019-06-01", "2,技术许可,1,2023-06-01")
    found = read(gazetteer, *rows, options=ContractOptions(scheme=scheme))
    assert set(found.contracts["kind_scheme"]) == {scheme.value}


@pytest.mark.parametrize(
    ("value", "day", "outcome"),
    [
        ("26936000000", "2023-06-01", "accepted"), ("26936000000.01", "2023-06-01", "doubtful"),
        ("21921000000", "2022-06-01", "doubtful"), ("26000000000", "2024-06-01", "accepted"),
        ("30000000000", "2024-06-01", "doubtful"), ("30000000000", "", "doubtful"),
        ("6000000000", "2020-06-01", "doubtful"), ("6000000000", "2023-06-01", "accepted"),
    ],
)  # fmt: skip
def test_no_contract_is_above_the_province(
    gazetteer: Gazetteer, value: str, day: str, outcome: str
) -> None:
    found = read(gazetteer, f"1,技术开发,{value},{day}")
    assert list(found.rows["outcome"]) == [outcome]
    answered = ContractOptions(answers={(2, "contract_value"): value})
    again = read(gazetteer, f"1,技术开发,{value},{day}", options=answered)
    assert list(again.rows["outcome"]) == ["accepted"]
