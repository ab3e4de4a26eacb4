"""What a query asks is said again by its link, its recipe, its options and its widgets."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_map.cli import argument_parser
from network_map.consortia.answer import ConsortiumQuery
from network_map.contracts.query import (
    PARTS,
    ContractMeasure,
    ContractPeriod,
    ContractPicture,
    ContractQuery,
    ContractSide,
)
from network_map.gaps.query import (
    GAP_METHODS,
    GAP_RULES,
    REACH_KINDS,
    GapOverlay,
    GapPicture,
    GapQuery,
    GapView,
    ListOdds,
    NextKind,
    changed_minutes,
    changed_rules,
    changed_standards,
)
from network_map.gaps.weights import PRESETS, as_tuple
from network_map.i18n import LANGUAGES, problem_text
from network_map.indices.answer import Index, IndexPicture, IndexQuery
from network_map.nodes.query import NodeListQuery, OverviewQuery
from network_map.places.query import AreaQuery
from network_map.query import (
    RecipeParameterError,
    parameters_of,
    parse_numbers,
    query_link,
    query_of_arguments,
    query_of_link,
    query_of_recipe,
    query_of_state,
    query_state,
    recipe_parameters,
)
from network_map.terms import (
    AdminLevel,
    Classifier,
    ContractKind,
    MapGap,
    NodeKind,
    TechnologyField,
)

CONTEXT: Mapping[str, Any] = {
    "prefectures": ["530100", "530600"],
    "counties": ["530102", "530627"],
    "node_kinds": [kind.value for kind in NodeKind],
    "consortia": ["consortium-1", "consortium-2"],
}
LEVELS = st.sampled_from([AdminLevel.COUNTY, AdminLevel.PREFECTURE])


def some_of(codes: Iterable[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return some of the codes in their own order."""
    known = list(codes)
    return st.sets(st.sampled_from(known)).map(lambda kept: tuple(c for c in known if c in kept))


AREA: dict[str, st.SearchStrategy[Any]] = {
    "prefecture_adcode": st.sampled_from([None, *CONTEXT["prefectures"]]),
    "selected_adcode": st.sampled_from([None, *CONTEXT["counties"]]),
}
CLASSES: dict[str, st.SearchStrategy[Any]] = {
    "classifier": st.sampled_from(Classifier),
    "class_count": st.integers(3, 9),
    "own_breaks": st.lists(st.integers(0, 900).map(float), max_size=4).map(tuple),
}
WEIGHTS = st.sampled_from(list(PRESETS.values())) | st.sampled_from(
    [{"presence": 1.0, "reach": 3.0}, {"activity": 1.0}, {"reach": 0.5, "consortium": 0.5}]
)
PERIODS = st.sampled_from(
    [
        (period, part)
        for period in ContractPeriod
        for part in (None, *range(1, PARTS.get(period, 0)))
    ]
)
QUERIES: dict[type[AreaQuery], st.SearchStrategy[Any]] = {
    AreaQuery: st.builds(AreaQuery, **AREA),
    OverviewQuery: st.builds(
        OverviewQuery,
        **AREA,
        kinds=some_of(CONTEXT["node_kinds"]),
    ),
    NodeListQuery: st.builds(
        NodeListQuery,
        prefecture_adcode=AREA["prefecture_adcode"],
        kinds=st.none() | some_of(CONTEXT["node_kinds"]),
    ),
    ContractQuery: st.builds(
        lambda period, **values: ContractQuery(period=period[0], part=period[1], **values),
        **AREA, **CLASSES,
        period=PERIODS,
        side=st.sampled_from(ContractSide),
        measure=st.sampled_from(ContractMeasure),
        level=LEVELS,
        year=st.none() | st.integers(1985, 2100),
        kinds=some_of(ContractKind),
        fields=some_of(TechnologyField),
        picture=st.sampled_from(ContractPicture),
    ),
    GapQuery: st.builds(
        lambda one, nested, **values: GapQuery(one_per_place=one, nested=one and nested, **values),
        **AREA,
        one=st.booleans(),
        nested=st.booleans(),
        standards_km=st.dictionaries(
            st.sampled_from(REACH_KINDS), st.integers(0, 900).map(float)
        ).map(changed_standards),
        rules=st.dictionaries(st.sampled_from(REACH_KINDS), st.sampled_from(GAP_RULES)).map(
            changed_rules
        ),
        method=st.sampled_from(GAP_METHODS),
        standards_min=st.dictionaries(
            st.sampled_from(REACH_KINDS), st.integers(0, 900).map(float)
        ).map(changed_minutes),
        weights=WEIGHTS.map(as_tuple),
        years=st.integers(1, 10),
        seed=st.integers(0, 999),
        odds=st.sampled_from(ListOdds),
        picture=st.sampled_from(GapPicture),
        tier=st.sampled_from(REACH_KINDS),
        compared_adcode=AREA["selected_adcode"],
        view=st.sampled_from(GapView),
        layers=some_of([*CONTEXT["node_kinds"], *GapOverlay]),
        only_gaps=st.booleans(),
        gap_filter=some_of(MapGap),
        level=LEVELS,
        next_kind=st.sampled_from(NextKind),
        next_place=st.sampled_from([None, *CONTEXT["prefectures"], *CONTEXT["counties"]]),
        made_on=st.sampled_from([None, "2026-11-30"]),
    ),
    IndexQuery: st.builds(
        IndexQuery, **AREA, index=st.sampled_from(Index), picture=st.sampled_from(IndexPicture)
    ),
    ConsortiumQuery: st.builds(
        ConsortiumQuery,
        **AREA,
        consortium_id=st.sampled_from(CONTEXT["consortia"]),
        standard_km=st.integers(10, 500).map(float),
    ),
}  # fmt: skip
ANY_QUERY = st.one_of(*QUERIES.values())
COMMANDS: dict[str, type[AreaQuery]] = {
    "nodes": NodeListQuery, "contracts": ContractQuery, "gaps": GapQuery, "indices": IndexQuery,
}  # fmt: skip


@pytest.mark.law
@given(ANY_QUERY)
def test_a_link_says_the_query_again(query: AreaQuery) -> None:
    link = query_link(query, CONTEXT)
    restored, problems = query_of_link(type(query), link, CONTEXT)
    assert problems == ()
    assert query_link(restored, CONTEXT) == link
    for part in parameters_of(type(query)):
        if part.link:
            assert getattr(restored, part.name) == getattr(query, part.name)


@pytest.mark.parametrize("query", QUERIES)
def test_the_usual_query_needs_no_parameters(query: type[AreaQuery]) -> None:
    assert query_link(query(), CONTEXT) == {}


@pytest.mark.law
@given(ANY_QUERY)
def test_a_recipe_says_the_query_again(query: AreaQuery) -> None:
    recipe = recipe_parameters(query)
    restored = query_of_recipe(type(query), recipe, CONTEXT, query.language)
    assert recipe_parameters(restored) == recipe
    for part in parameters_of(type(query)):
        if part.json:
            assert getattr(restored, part.name) == getattr(query, part.name)


@pytest.mark.law
@given(ANY_QUERY)
def test_widgets_say_the_query_again(query: AreaQuery) -> None:
    held = query_state(query)
    restored, problems = query_of_state(type(query), held, CONTEXT)
    assert problems == ()
    assert query_state(restored) == held


def argv(query: AreaQuery) -> list[str]:
    """Return options that ask for a query."""
    words: list[str] = []
    for part in parameters_of(type(query)):
        value, option = getattr(query, part.name), part.option
        if option is None or value is None:
            continue
        if isinstance(value, bool):
            chosen = (option.name if value else option.opposite) or None
            words += [f"--{chosen}"] if chosen else []
        elif part.name == "weights":
            words.append(f"--weights={query_link(query).get('weights', 'balanced')}")
        elif isinstance(value, tuple):
            pairs = (item if isinstance(item, str) else "=".join(map(str, item)) for item in value)
            words += [f"--{option.name}={pair}" for pair in pairs]
        else:
            words.append(f"--{option.name}={value}")
    return words


@pytest.mark.law
@given(st.sampled_from(list(COMMANDS)), st.data())
def test_options_say_the_query_again(command: str, data: st.DataObject) -> None:
    query = data.draw(QUERIES[COMMANDS[command]])
    words = argv(query)
    if any(word.startswith("--weights=0") for word in words):
        words = [word for word in words if not word.startswith("--weights")]
    found = query_of_arguments(
        COMMANDS[command], argument_parser("en").parse_args([command, *words])
    )
    for part in parameters_of(type(query)):
        value = getattr(query, part.name)
        is_said = part.option is not None and part.name != "weights"
        if part.name == "year" and getattr(query, "period", None) is ContractPeriod.ALL:
            value = None
        if isinstance(query, NodeListQuery) and value == ():
            value = None
        if is_said:
            assert getattr(found, part.name) == (list(value) if part.name in {"kinds", "fields"}
                and isinstance(query, ContractQuery) else value)  # fmt: skip


def linked() -> list[tuple[type[AreaQuery], str]]:
    """Return every parameter of a link."""
    return [(query, part.link) for query in QUERIES for part in parameters_of(query) if part.link]


@pytest.mark.parametrize(("query", "name"), linked())
def test_a_bad_parameter_of_a_link_is_named_with_what_is_allowed(
    query: type[AreaQuery], name: str
) -> None:
    found, problems = query_of_link(query, {name: "?" * 60}, CONTEXT)
    assert [(problem.column, problem.value) for problem in problems] == [(name, "?" * 40 + "…")]
    assert query_link(found, CONTEXT) in ({}, {name: "-"})
    (part,) = [part for part in parameters_of(query) if part.link == name]
    allowed = str(problems[0].values["allowed"])
    assert allowed
    for language in LANGUAGES:
        said = problem_text(problems[0], language)
        assert "?" * 40 in said
        assert part.type.problem != "link_choice" or allowed in said


@pytest.mark.law
@given(
    st.sampled_from(list(QUERIES)),
    st.dictionaries(st.sampled_from([name for _, name in linked()]), st.text(max_size=60)),
)
def test_no_link_is_fatal_and_all_its_problems_come_at_once(
    query: type[AreaQuery], parameters: dict[str, str]
) -> None:
    found, problems = query_of_link(query, parameters, CONTEXT)
    assert query_of_link(query, query_link(found, CONTEXT), CONTEXT)[1] == ()
    assert all(problem_text(problem, language) for problem in problems for language in LANGUAGES)
    each = [
        p for name in parameters for p in query_of_link(query, {name: parameters[name]}, CONTEXT)[1]
    ]
    said = {(problem.column, problem.value) for problem in problems}
    # A quarter is judged by its period, and only the part knows whether it has that many.
    assert said >= {(p.column, p.value) for p in each if p.column != "part"}


BAD_JSON: tuple[Any, ...] = (True, -1, 10**12, "?", ["?"], {"?": 1}, float("nan"), {})


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_parameter_of_a_recipe_is_named_with_what_is_expected(
    query: type[AreaQuery],
) -> None:
    usual = recipe_parameters(query_of_link(query, {}, CONTEXT)[0])
    for part in (part for part in parameters_of(query) if part.json):
        changes: list[dict[str, Any]] = [{**usual, part.json: bad} for bad in BAD_JSON
            if not (bad is True and isinstance(usual.get(part.json), bool))]  # fmt: skip
        if not part.type.is_optional:
            changes.append({name: value for name, value in usual.items() if name != part.json})
        for changed in changes:
            with pytest.raises(RecipeParameterError) as caught:
                query_of_recipe(query, changed, CONTEXT, "zh")
            assert (caught.value.name, caught.value.expected) == (part.json, part.type.expected)
            assert caught.value.expected
    with pytest.raises(RecipeParameterError):
        query_of_recipe(query, {**usual, "more": 1}, CONTEXT, "zh")


def test_keys_of_widgets_and_names_in_links_mean_one_thing() -> None:
    meanings: dict[str, set[tuple[str, object]]] = {}
    for query in QUERIES:
        for part in parameters_of(query):
            for name in filter(None, (part.link and f"?{part.link}", part.key)):
                meanings.setdefault(name, set()).add((part.name, part.default))
    assert [name for name, found in meanings.items() if len(found) > 1] == []


@pytest.mark.parametrize(
    ("link", "view"),
    [
        ({"gap_map": "verdict", "gap_tier": "demonstration_county"}, GapView.DEMONSTRATION_COUNTY),
        ({"gap_map": "verdict"}, GapView.SUB_MARKET),
        ({"gap_map": "verdict", "gap_tier": "provincial_market"}, GapView.SUB_MARKET),
        ({"gap_map": "score"}, GapView.PRIORITY),
        ({"gap_map": "verdict", "view": "network"}, GapView.NETWORK),
        ({}, GapView.GAP_TYPE),
    ],
)
def test_a_link_to_the_page_of_scores_and_verdicts_leads_to_the_view_that_says_it(
    link: dict[str, str], view: GapView
) -> None:
    assert query_of_link(GapQuery, {"v": "1", **link}, CONTEXT)[0].view is view
    assert query_of_link(GapQuery, {"v": "1", **link}, CONTEXT)[1] == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("10, 20\uff0c30;40", (10.0, 20.0, 30.0, 40.0)), ("", ()), ("a,1", None), ("1 2", (1.0, 2.0))],
)
def test_breaks_are_read_with_chinese_and_latin_separators(
    text: str, numbers: tuple[float, ...] | None
) -> None:
    assert parse_numbers(text) == numbers
