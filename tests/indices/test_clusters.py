"""Clusters: equal to esda, honest about chance, islands and missing values."""

from functools import cache
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.activity.activity import moment_prior
from network_map.catalog import read_shipped
from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, error_text
from network_map.indices import distribution
from network_map.indices.distribution import local_moran, moran, queen_neighbours
from network_map.indices.tables import COUNTY_NEIGHBOURS, LISA, MORAN
from network_map.places.reference import read_boundaries
from network_map.tables.check import check
from network_map.terms import AdminLevel
from tests.nodes.world import boundaries

SIDE = 7
CODES = [f"53{n:04d}" for n in range(SIDE * SIDE)]


@cache
def esda() -> ModuleType:
    """Return the oracle; it takes seconds to import, so only the tests that need it do."""
    import esda  # noqa: PLC0415 (see above)

    return esda


def grid_neighbours() -> pd.DataFrame:
    """Return the queen neighbours of a square grid of places."""
    cells = [(n // SIDE, n % SIDE) for n in range(SIDE * SIDE)]
    pairs = [
        (CODES[a], CODES[b])
        for a, (row, column) in enumerate(cells)
        for b, (below, right) in enumerate(cells)
        if a != b and abs(row - below) <= 1 and abs(column - right) <= 1
    ]
    return pd.DataFrame(pairs, columns=["adcode", "neighbour_adcode"])


GRID = grid_neighbours()


def patch(seed: int = 3) -> pd.Series:
    """Return noise with a high corner."""
    rates = np.random.default_rng(seed).gamma(1.0, 1.0, SIDE * SIDE)
    corner = [row * SIDE + column for row in range(3) for column in range(3)]
    rates[corner] += 6
    return pd.Series(rates, index=CODES)


def their_weights(codes: list[str], neighbours: pd.DataFrame) -> object:
    from libpysal.weights import W  # noqa: PLC0415 (as for esda)

    around = neighbours.groupby("adcode")["neighbour_adcode"].agg(list).to_dict()
    weights = W({code: around.get(code, []) for code in codes}, silence_warnings=True)
    weights.transform = "r"
    return weights


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
@pytest.mark.parametrize("seed", [1, 2])
def test_global_and_local_indices_equal_esda(seed: int) -> None:
    rates = patch(seed)
    weights = their_weights(CODES, GRID)
    theirs = esda().Moran(rates.to_numpy(), weights, permutations=999)
    ours = moran(rates, GRID, seed=seed)
    check(MORAN, ours)
    assert ours["moran_i"][0] == pytest.approx(theirs.I, rel=1e-12)
    assert ours["expected_i"][0] == pytest.approx(theirs.EI)
    assert ours["p_value"][0] == pytest.approx(2 * theirs.p_sim, abs=0.02)

    local = esda().Moran_Local(rates.to_numpy(), weights, permutations=9_999, seed=1)
    table = local_moran(rates, GRID, seed=seed, permutations=9_999)
    check(LISA, table)
    # esda divides by the n-1 variance in its local index.
    share = (len(CODES) - 1) / len(CODES)
    assert (table["local_i"] * share).to_numpy() == pytest.approx(local.Is, rel=1e-12)
    quadrants = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low"}
    assert table["quadrant_code"].tolist() == [quadrants[number] for number in local.q]
    # esda's p is one-sided; both are simulated. Two draws of 9 999 differ by a standard error of
    # 2·√(p(1-p)/9999)·√2: below 0.015 each, and 0.05 at worst over 49 places.
    gap = (table["p_value"] - np.minimum(2 * local.p_sim, 1)).abs()
    assert gap.max() < 0.05
    assert gap.mean() < 0.015


@pytest.mark.oracle
def test_neighbours_of_the_shipped_counties_equal_libpysal() -> None:
    from libpysal.weights import Queen  # noqa: PLC0415 (as for esda)

    areas = read_boundaries(AdminLevel.COUNTY)
    pairs = queen_neighbours(areas)
    check(COUNTY_NEIGHBOURS, pairs)
    theirs = Queen.from_dataframe(areas, ids=areas["adcode"].tolist(), use_index=False)
    expected = {(code, other) for code, around in theirs.neighbors.items() for other in around}
    assert set(zip(pairs["adcode"], pairs["neighbour_adcode"], strict=True)) == expected
    assert len(pairs) == len(expected) == 664


@pytest.mark.oracle
def test_smoothed_rates_equal_marshalls_estimator_of_the_counties() -> None:
    people = read_shipped("county_indicators")["pop_2020"].to_numpy(dtype="float64")
    counts = np.random.default_rng(5).poisson(people / 40_000)
    mean = counts.sum() / people.sum()
    rates = counts / people
    spread = (people * (rates - mean) ** 2).sum() / people.sum()
    variance = spread - mean / people.mean()
    shrink = variance / (variance + mean / people) if variance > 0 else np.zeros(people.size)
    expected = mean + shrink * (rates - mean)
    smoothed = moment_prior(counts, people).smoothed(counts, people)
    assert smoothed == pytest.approx(expected, rel=1e-9)


def test_a_place_without_neighbours_has_no_p_value_and_counts_for_no_other() -> None:
    rates = pd.concat([patch(), pd.Series({"alone": 3.0})])
    table = local_moran(rates, GRID, seed=1, permutations=99).set_index("adcode")
    assert table["adjusted_p"].isna()["alone"]
    rest = table.drop(index="alone")
    assert rest["adjusted_p"].to_numpy() == pytest.approx(
        scipy.stats.false_discovery_control(rest["p_value"])
    )


def test_a_p_value_half_way_between_two_shown_ones_does_not_hang_on_the_last_bit() -> None:
    # 0.42 × (129 ÷ 72) in floats is a hair above 0.7525, 0.42 × 129 ÷ 72 is it.
    found = distribution._false_discovery_p(pd.Series([0.42] * 72 + [1.0] * 57))
    assert found[0] == 0.7525


def test_a_high_corner_is_found_and_noise_is_not() -> None:
    table = local_moran(patch(), GRID, seed=1, permutations=1999).set_index("adcode")
    corner = [CODES[row * SIDE + column] for row in range(2) for column in range(2)]
    assert set(table.loc[corner, "quadrant_code"]) == {"high_high"}
    assert table.loc[corner, "is_cluster"].all()
    noise = pd.Series(np.random.default_rng(8).random(len(CODES)), index=CODES)
    assert not local_moran(noise, GRID, seed=1)["is_cluster"].any()


def test_the_same_seed_gives_the_same_table_whatever_the_order_of_rows() -> None:
    rates = patch()
    mixed = rates.sample(frac=1, random_state=2)
    pairs = GRID.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        local_moran(rates, GRID, seed=4), local_moran(mixed, pairs, seed=4)
    )
    pd.testing.assert_frame_equal(moran(rates, GRID, seed=4), moran(mixed, pairs, seed=4))
    other = local_moran(rates, GRID, seed=5)
    assert (other["p_value"] != local_moran(rates, GRID, seed=4)["p_value"]).any()


@pytest.mark.law
@settings(max_examples=10)
@given(factor=st.floats(0.01, 100), shift=st.floats(0, 50))
def test_units_and_origin_of_the_rates_do_not_matter(factor: float, shift: float) -> None:
    rates = patch()
    plain = local_moran(rates, GRID, seed=1, permutations=19)
    scaled = local_moran(rates * factor + shift, GRID, seed=1, permutations=19)
    assert scaled["local_i"].to_numpy() == pytest.approx(plain["local_i"].to_numpy(), abs=1e-7)
    assert scaled["quadrant_code"].tolist() == plain["quadrant_code"].tolist()


def test_a_missing_rate_is_unknown_and_no_neighbour() -> None:
    rates = patch()
    rates[CODES[0]] = np.nan
    table: Any = local_moran(rates, GRID, seed=1).set_index("adcode")
    assert table.loc[CODES[0], "cluster_reason_code"] == "unknown"
    assert pd.isna(table.loc[CODES[0], "is_cluster"])
    assert table.loc[CODES[1], "neighbour_count"] == 4
    assert moran(rates, GRID, seed=1)["missing_count"][0] == 1


def test_a_place_without_neighbours_has_no_cluster() -> None:
    rates = pd.concat([patch(), pd.Series({"539999": 4.0})])
    row: Any = local_moran(rates, GRID, seed=1).set_index("adcode").loc["539999"]
    assert row["cluster_reason_code"] == "no_neighbours"
    assert pd.isna(row["local_i"])
    assert pd.isna(row["quadrant_code"])


def test_equal_rates_and_too_few_places_have_no_pattern() -> None:
    for rates in (pd.Series(2.0, index=CODES), patch().head(2)):
        table = local_moran(rates, GRID, seed=1)
        assert set(table["cluster_reason_code"]) == {"no_variation"}
        assert table["is_cluster"].isna().all()
        assert moran(rates, GRID, seed=1)["moran_i"].isna().all()


def test_areas_that_share_a_point_are_neighbours() -> None:
    areas: gpd.GeoDataFrame = boundaries()
    counties = areas[~areas["adcode"].str.endswith("00")]
    pairs = queen_neighbours(counties)
    around = pairs.groupby("adcode")["neighbour_adcode"].agg(list)
    assert around["530602"] == ["530102", "530103", "530627"]
    assert around["530102"] == ["530103", "530602", "530627"]


@pytest.mark.parametrize(
    ("code", "rates", "options"),
    [
        ("lisa_permutations", patch(), {"permutations": 0}),
        ("lisa_significance", patch(), {"significance": 1.0}),
        ("lisa_repeated", pd.concat([patch(), patch().head(1)]), {}),
    ],
)
def test_wrong_options_end_in_a_sentence(
    code: str, rates: pd.Series, options: dict[str, float]
) -> None:
    with pytest.raises(QueryError) as caught:
        local_moran(rates, GRID, seed=1, **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert all(error_text(caught.value, language) for language in LANGUAGES)
