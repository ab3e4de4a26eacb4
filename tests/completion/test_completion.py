"""Every list that agrees with what is known, counted: against trying them all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from network_map.completion.ensemble import (
    CompletionStatus,
    Ensemble,
    NestedEnsemble,
    completion_sentence,
    ensembles,
    location_ensemble,
    nested_ensemble,
)
from network_map.completion.shares import (
    NearestCost,
    expected_severity,
    inclusion_shares,
    nearest_cost_distribution,
    nearest_of_kinds,
)
from network_map.errors import QueryError
from network_map.i18n import error_text
from tests.completion.world import (
    CENTRE,
    COUNTIES,
    DEMONSTRATION,
    DIVISIONS,
    PREFECTURES,
    PROVINCE,
    Facts,
    ensemble,
    every_completion,
    every_pair,
    kinds,
    quick_tables,
    tables,
)
from tests.nodes.world import nodes

STEPS = np.array([50.0, 120.0, 300.0])
COST = pd.DataFrame(
    np.random.default_rng(3).integers(0, 40, (5, len(COUNTIES))) * 10.0,
    index=[f"d{i}" for i in range(5)],
    columns=COUNTIES,
)


def severity(costs: np.ndarray) -> np.ndarray:
    """A nondecreasing step function: how many standards the cost exceeds."""
    return np.searchsorted(STEPS, costs, side="left").astype(np.float64)


@st.composite
def facts_of_lists(draw: st.DrawFn, *, is_weighted: bool | None = None) -> Facts:
    state = draw(st.tuples(*[st.sampled_from(["unknown"] * 4 + ["named", "withdrawn"])] * 7))
    named = [code for code, is_ in zip(COUNTIES, state, strict=True) if is_ == "named"]
    unplaced = draw(st.lists(st.sampled_from([PROVINCE, *PREFECTURES]), max_size=2))
    declared = {PROVINCE: len(named) + len(unplaced) + draw(st.integers(0, 3))}
    for area in draw(st.sets(st.sampled_from(PREFECTURES), max_size=2)):
        placed = sum(code[:4] == area[:4] for code in named)
        declared[area] = placed + unplaced.count(area) + draw(st.integers(0, 1))
    weights = None
    if draw(st.booleans()) if is_weighted is None else is_weighted:
        odds = draw(st.tuples(*[st.floats(0.05, 20)] * 7))
        weights = dict(zip(COUNTIES, odds, strict=True))
    return Facts(
        declared=declared,
        named=named,
        withdrawn=[code for code, is_ in zip(COUNTIES, state, strict=True) if is_ == "withdrawn"],
        unplaced=unplaced,
        complete=draw(st.lists(st.sampled_from([*PREFECTURES, PROVINCE]), max_size=1)),
        weights=weights,
        one_per_place=draw(st.booleans()),
        order=draw(st.permutations(COUNTIES)),
    )


def shares_of(found: pd.DataFrame) -> dict[str, float]:
    return dict(zip(found["adcode"], found["share_of_lists"], strict=True))


# --- against all completions --------------------------------------------------------------------


@pytest.mark.oracle
@settings(max_examples=25)
@given(facts=facts_of_lists())
def test_shares_equal_the_count_over_all_completions(facts: Facts) -> None:
    every = list(every_completion(facts))
    found = ensemble(facts)
    assume(found.status is not CompletionStatus.SURPLUS)
    if not every:
        assert found.status is CompletionStatus.INFEASIBLE
        return
    assert found.has_lists
    assert found.list_count() == len(every)
    counts = np.array([counts for counts, _ in every]) > 0
    weights = np.array([weight for _, weight in every])
    has = counts | np.isin(COUNTIES, facts.named)
    table = inclusion_shares(found)
    shares = shares_of(table)
    assert [shares[code] for code in COUNTIES] == pytest.approx(weights @ has / weights.sum())
    certain = dict(zip(table["adcode"], table["verdict_code"], strict=True))
    always_ever = np.stack([has.all(axis=0), has.any(axis=0)], axis=1).tolist()
    for code, (always, ever) in zip(COUNTIES, always_ever, strict=True):
        expected = "certain_present" if always else "possible" if ever else "certain_absent"
        assert certain[code] == expected


@pytest.mark.oracle
@settings(max_examples=25)
@given(facts=facts_of_lists(), standard=st.sampled_from([0.0, 60.0, 130.0, 260.0, 400.0]))
def test_none_within_and_the_nearest_equal_the_count_over_all_completions(
    facts: Facts, standard: float
) -> None:
    every = list(every_completion(facts))
    found = ensemble(facts)
    assume(every and found.has_lists)
    has = np.array([counts for counts, _ in every]) > 0
    has |= np.isin(COUNTIES, facts.named)
    weights = np.array([weight for _, weight in every]) / sum(weight for _, weight in every)
    check_reach(found, None, has, weights, standard)


def share_beyond(
    found: Ensemble | NestedEnsemble, standard: float, *, kind: str | None = None
) -> pd.DataFrame:
    """Return the share of lists without a node within a standard, and its bounds."""
    nearest = nearest_cost_distribution(found, COST, kind=kind)
    return expected_severity(nearest, lambda costs: np.where(costs > standard, 1.0, 0.0))


def check_reach(
    found: Ensemble | NestedEnsemble,
    kind: str | None,
    has: np.ndarray,
    weights: np.ndarray,
    standard: float,
) -> None:
    within = standard >= COST
    is_none = ~(has[:, None, :] & within.to_numpy()[None]).any(axis=2)
    none = share_beyond(found, standard, kind=kind)
    assert none["expected"].tolist() == pytest.approx(weights @ is_none, abs=1e-12)
    assert (none["least"] == is_none.all(axis=0)).all()
    assert (none["most"] == is_none.any(axis=0)).all()
    fixed = pd.Series([250.0, np.inf, 90.0, np.inf, 0.0], index=COST.index)
    costs = np.where(has[:, None, :], COST.to_numpy()[None], np.inf).min(axis=2)
    levels = severity(np.minimum(costs, fixed.to_numpy()))
    nearest = nearest_cost_distribution(found, COST, fixed_min=fixed, kind=kind)
    assert nearest.shares.sum(axis=1) == pytest.approx(np.ones(len(COST)))
    table = expected_severity(nearest, severity)
    assert table["expected"].tolist() == pytest.approx(weights @ levels, abs=1e-12)
    assert table["least"].tolist() == levels.min(axis=0).tolist()
    assert table["most"].tolist() == levels.max(axis=0).tolist()


@st.composite
def pairs_of_lists(draw: st.DrawFn) -> tuple[Facts, Facts]:
    made = []
    for kind, odds in ((DEMONSTRATION, (0.3, 3.0)), (CENTRE, (0.1, 9.0))):
        state = draw(st.tuples(*[st.sampled_from(["unknown"] * 5 + ["named", "withdrawn"])] * 7))
        named = [code for code, is_ in zip(COUNTIES, state, strict=True) if is_ == "named"]
        weights = draw(st.none() | st.tuples(*[st.floats(*odds)] * 7))
        unplaced = draw(st.lists(st.sampled_from(PREFECTURES), max_size=1))
        area = draw(st.none() | st.sampled_from(PREFECTURES))
        declared = {PROVINCE: len(named) + len(unplaced) + draw(st.integers(0, 3))}
        if area is not None:
            placed = sum(code[:4] == area[:4] for code in named)
            declared[area] = placed + unplaced.count(area) + draw(st.integers(0, 1))
        made.append(
            Facts(
                declared=declared,
                named=named,
                withdrawn=[c for c, is_ in zip(COUNTIES, state, strict=True) if is_ == "withdrawn"],
                unplaced=unplaced,
                kind=kind,
                weights=None if weights is None else dict(zip(COUNTIES, weights, strict=True)),
            )
        )
    return made[0], made[1]


@pytest.mark.oracle
@settings(max_examples=12)
@given(pair=pairs_of_lists(), standard=st.sampled_from([60.0, 130.0, 260.0]))
def test_nested_shares_equal_the_count_over_all_pairs_of_completions(
    pair: tuple[Facts, Facts], standard: float
) -> None:
    by_kind = kinds(*pair)
    nested = nested_ensemble(by_kind)
    every = list(every_pair(*pair))
    if not every:
        unknown = inclusion_shares(nested, kind=CENTRE)["share_of_lists"].isna()
        assert unknown.sum() == 7 - len(pair[1].named) - len(
            set(pair[1].withdrawn) - set(pair[1].named)
        )
        return
    assume(nested.has_parts)
    weights = np.array([weight for _, _, weight in every], dtype=np.float64)
    weights /= weights.sum()
    for facts, which in zip(pair, (0, 1), strict=True):
        has = (np.array([row[which] for row in every]) > 0) | np.isin(COUNTIES, facts.named)
        shares = shares_of(inclusion_shares(nested, kind=facts.kind))
        assert [shares[code] for code in COUNTIES] == pytest.approx(weights @ has)
        check_reach(nested, facts.kind, has, weights, standard)


def test_nested_shares_have_the_closed_form_of_exchangeable_places() -> None:
    """One county unknown to both stays without a centre, and it is no demonstration county."""
    inner = Facts({PROVINCE: 4}, named=COUNTIES[:2], kind=DEMONSTRATION)
    outer = Facts({PROVINCE: 6}, named=COUNTIES[:1])
    nested = nested_ensemble(kinds(inner, outer))
    demonstration = shares_of(inclusion_shares(nested, kind=DEMONSTRATION))
    centre = shares_of(inclusion_shares(nested, kind=CENTRE))
    assert demonstration[COUNTIES[6]] == pytest.approx(2 / 5)
    assert centre[COUNTIES[1]] == 1.0
    assert centre[COUNTIES[6]] == pytest.approx(4 / 5)


def test_the_tables_of_the_application_give_the_same_ensembles() -> None:
    facts = [
        Facts(
            {PROVINCE: 5, "530600": 2},
            named=["530102", "530102", "530602"],
            withdrawn=["530127", "530602"],
            unplaced=["530100", PROVINCE],
            complete=["530800"],
        ),
        Facts({PROVINCE: 2}, unplaced=["530800"], complete=[PROVINCE], kind=DEMONSTRATION),
    ]
    for one_per_place in (True, False):
        real = ensembles(*tables(*facts), one_per_place=one_per_place)
        quick = ensembles(*quick_tables(*facts), one_per_place=one_per_place)
        assert set(quick) < set(real)
        for kind, expected in quick.items():
            assert real[kind].adcodes == expected.adcodes
            assert real[kind].list_count() == expected.list_count() > 0
            for name in ("known_counts", "is_candidate", "stratum", "bounds"):
                assert getattr(real[kind], name).tolist() == getattr(expected, name).tolist()
        assert real["sub_market"].status is CompletionStatus.UNDECLARED


# --- states and edges ---------------------------------------------------------------------------


def test_a_complete_list_has_one_completion_without_any_doubt() -> None:
    facts = Facts({PROVINCE: 3}, named=COUNTIES[:3], complete=[PROVINCE])
    found = ensemble(facts)
    assert (found.status, found.list_count()) == (CompletionStatus.COMPLETE, 1)
    assert set(inclusion_shares(found)["share_of_lists"]) == {0.0, 1.0}
    table = expected_severity(nearest_cost_distribution(found, COST), severity)
    assert (table["least"] == table["most"]).all()
    assert (table["expected"] == table["least"]).all()


def test_as_many_names_as_declared_leave_no_place_possible() -> None:
    found = ensemble(Facts({PROVINCE: 2}, named=COUNTIES[:2]))
    assert found.status is CompletionStatus.COMPLETE
    assert set(inclusion_shares(found)["verdict_code"]) == {"certain_present", "certain_absent"}


def test_as_many_missing_as_candidates_fill_every_place() -> None:
    found = ensemble(Facts({PROVINCE: 7}, named=COUNTIES[:2]))
    assert found.status is CompletionStatus.OPEN
    assert set(inclusion_shares(found)["verdict_code"]) == {"certain_present"}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (Facts({PROVINCE: 1}, named=COUNTIES[:2]), "surplus"),
        (Facts({PROVINCE: 5, "530100": 1}, named=COUNTIES[:2]), "surplus"),
        (Facts({}, named=COUNTIES[:2]), "undeclared"),
        (Facts({"530100": 2}, named=COUNTIES[:2]), "undeclared"),
        (Facts({PROVINCE: 7}, withdrawn=COUNTIES[:2]), "infeasible"),
        (Facts({PROVINCE: 3, "530100": 2, "530600": 2}), "infeasible"),
    ],
)
def test_without_an_ensemble_the_unknown_stays_unknown_and_the_rest_works(
    facts: Facts, status: str
) -> None:
    found = ensemble(facts)
    assert found.status.value == status
    table = inclusion_shares(found).set_index("adcode")
    for code in COUNTIES:
        known = code in facts.named or code in facts.withdrawn
        assert table.loc[code, "share_of_lists"] == (code in facts.named) or not known
        assert (table.loc[code, "verdict_code"] == "unknown") == (not known)
    severities = expected_severity(nearest_cost_distribution(found, COST), severity)
    assert (severities["least"] <= severities["most"]).all()
    is_open = severities["least"] < severities["most"]
    assert (severities["expected"].isna() == is_open).all()
    for language in ("zh", "en"):
        assert completion_sentence(found, "中心", language)


def test_totals_of_every_prefecture_stand_in_for_that_of_the_province() -> None:
    found = ensemble(Facts({"530100": 2, "530600": 1, "530800": 0}, named=COUNTIES[:1]))
    shares = shares_of(inclusion_shares(found))
    assert found.status is CompletionStatus.OPEN
    assert [shares[code] for code in COUNTIES] == [1.0, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0]


def test_a_complete_list_that_does_not_say_where_a_node_is_leaves_its_places_open() -> None:
    facts = Facts({PROVINCE: 2}, named=["530102"], unplaced=["530600"], complete=[PROVINCE])
    shares = shares_of(inclusion_shares(ensemble(facts)))
    assert (shares["530602"], shares["530627"], shares["530802"]) == (0.5, 0.5, 0.0)


def test_a_named_market_without_a_county_may_lie_in_any_county_of_its_area() -> None:
    register = nodes(("provincial_market", PROVINCE), ("sub_market", "530600"))
    market = location_ensemble(register, DIVISIONS, kind="provincial_market")
    assert set(inclusion_shares(market)["share_of_lists"]) == {1 / 7}
    sub_market = location_ensemble(register, DIVISIONS, kind="sub_market")
    shares = shares_of(inclusion_shares(sub_market))
    assert {code for code, share in shares.items() if share == 0.5} == {"530602", "530627"}
    placed = nodes(("sub_market", "530600", {"lon": 103.7, "lat": 27.3}))
    assert location_ensemble(placed, DIVISIONS, kind="sub_market").missing_count == 0


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "much", None])
def test_a_weight_that_is_no_positive_number_is_refused_in_both_languages(bad: object) -> None:
    weights = dict.fromkeys(COUNTIES, 1.0) | {COUNTIES[3]: bad}
    with pytest.raises(QueryError) as raised:
        ensemble(Facts({PROVINCE: 2}, weights=weights))  # type: ignore[arg-type]
    for language in ("zh", "en"):
        assert COUNTIES[3] in error_text(raised.value, language)


def test_a_weight_that_is_missing_or_repeated_is_refused() -> None:
    register, roll, reconciled = quick_tables(Facts({PROVINCE: 2}))
    twice = pd.Series(1.0, index=[*COUNTIES, COUNTIES[0]])
    for weights in (twice, pd.Series(1.0, index=COUNTIES[1:])):
        with pytest.raises(QueryError) as raised:
            ensembles(register, roll, reconciled, weights={CENTRE: weights})
        assert COUNTIES[0] in error_text(raised.value)


def test_a_place_without_a_column_or_a_cost_is_refused() -> None:
    found = ensemble(Facts({PROVINCE: 2}))
    with pytest.raises(QueryError) as raised:
        nearest_cost_distribution(found, COST[COUNTIES[1:]])
    assert COUNTIES[0] in error_text(raised.value)
    with pytest.raises(QueryError, match="completion_cost_missing") as raised:
        nearest_cost_distribution(found, COST.where(COST.min(axis=None) < COST))
    assert error_text(raised.value, "en")


def test_the_nested_switch_needs_one_node_per_place() -> None:
    pair = Facts({PROVINCE: 2}, kind=DEMONSTRATION, one_per_place=False), Facts({PROVINCE: 2})
    with pytest.raises(QueryError) as raised:
        nested_ensemble(kinds(*pair))
    assert "一地一个" in error_text(raised.value)


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.law
@settings(max_examples=8)
@given(facts=facts_of_lists(), low=st.floats(0, 400), more=st.floats(0, 400))
def test_raising_the_standard_never_raises_the_share_of_gaps(
    facts: Facts, low: float, more: float
) -> None:
    found = ensemble(facts)
    before = share_beyond(found, low)["expected"]
    after = share_beyond(found, low + more)["expected"]
    assert ((after <= before + 1e-12) | after.isna() | before.isna()).all()


@pytest.mark.law
@settings(max_examples=8)
@given(facts=facts_of_lists())
def test_shares_of_places_add_up_to_the_declared_total(facts: Facts) -> None:
    found = ensemble(facts)
    assume(found.has_lists and found.one_per_place)
    shares = inclusion_shares(found)["share_of_lists"].to_numpy()
    assert shares[found.is_candidate].sum() == pytest.approx(found.missing_count)


@pytest.mark.law
@settings(max_examples=8)
@given(facts=facts_of_lists(is_weighted=False))
def test_equal_weights_give_what_no_weights_give(facts: Facts) -> None:
    found = ensemble(facts)
    assume(found.has_lists)
    same = dict.fromkeys(COUNTIES, 7.5)
    weighted = ensemble(Facts(**(vars(facts) | {"weights": same})))
    assert inclusion_shares(weighted)["share_of_lists"].tolist() == pytest.approx(
        inclusion_shares(found)["share_of_lists"].tolist()
    )


@pytest.mark.law
@settings(max_examples=8)
@given(facts=facts_of_lists(is_weighted=True), other=st.permutations(COUNTIES))
def test_the_order_of_the_places_changes_nothing(facts: Facts, other: list[str]) -> None:
    assume(ensemble(facts).has_lists)
    moved = Facts(**(vars(facts) | {"order": other}))
    assert shares_of(inclusion_shares(ensemble(moved))) == shares_of(
        inclusion_shares(ensemble(facts))
    )


def test_extreme_weights_and_many_places_neither_overflow_nor_underflow() -> None:
    size, missing = 2850, 700
    weights = 10.0 ** np.random.default_rng(5).uniform(-9, 9, size)
    found = Ensemble(
        kind=CENTRE,
        status=CompletionStatus.OPEN,
        adcodes=tuple(f"{number:06d}" for number in range(size)),
        known_counts=np.zeros(size, dtype=np.int64),
        is_candidate=np.ones(size, dtype=np.bool_),
        stratum=np.zeros(size, dtype=np.int64),
        bounds=np.array([[missing, missing]]),
        missing_count=missing,
        declared_count=missing,
        named_count=0,
        unplaced_count=0,
        surplus_count=0,
        one_per_place=True,
        weights=weights,
    )
    shares = inclusion_shares(found)["share_of_lists"].to_numpy()
    assert shares.sum() == pytest.approx(missing)
    assert ((shares > 0) & (shares < 1)).all()
    assert (np.diff(shares[np.argsort(weights)]) >= 0).all()


# --- several kinds ------------------------------------------------------------------------------


@pytest.mark.law
@pytest.mark.oracle
@given(seed=st.integers(0, 10_000), kind_count=st.integers(1, 3), is_open=st.booleans())
def test_the_nearest_of_several_kinds_is_that_of_every_pair_of_their_costs(
    *, seed: int, kind_count: int, is_open: bool
) -> None:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(kind_count):
        size = int(rng.integers(1, 4))
        costs = rng.choice([0.0, 10.0, 20.0, 30.0, np.inf], (2, size))
        shares = rng.choice([0.0, 1.0, 2.0], (2, size)) + 1e-3 * (np.arange(size) == 0)
        shares = shares / shares.sum(axis=1, keepdims=True)
        if is_open and number == 0:
            shares = np.where((shares > 0) & (shares < 1), np.nan, shares)
        parts.append(NearestCost(pd.Index(["a", "b"]), costs, shares))
    found = nearest_of_kinds(parts)
    for row in range(2):
        pairs: list[list[tuple[float, float]]] = [[]]
        for part in parts:
            options = [(c, s) for c, s in zip(part.costs[row], part.shares[row], strict=True) if s]
            pairs = [[*pair, option] for pair in pairs for option in options]
        for edge in (5.0, 15.0, 25.0, np.inf):
            nearer = [np.prod([s for _, s in pair]) for pair in pairs if min(pair)[0] < edge]
            is_near = found.costs[row] < edge
            shown = found.shares[row][is_near & (found.shares[row] != 0)]
            assert bool(nearer) == bool(shown.size)
            if len(nearer) == len(pairs):
                assert not (found.shares[row][~is_near] != 0).any()
            elif not np.isnan(nearer).any():
                assert shown.sum() == pytest.approx(sum(nearer))


# --- words -------------------------------------------------------------------------------------


def test_the_sentences_say_what_is_not_public() -> None:
    found = ensemble(Facts({PROVINCE: 5}, named=COUNTIES[:2], unplaced=[PROVINCE]))
    assert completion_sentence(found, "示范县", "zh").startswith("2 个示范县名单未公开")
    assert "1 个示范县有名称而所在地未知" in completion_sentence(found, "示范县", "zh")
