"""How everything is computed: formulas, defaults and limits, read from the code that computes.

No number stands in a catalog. Each is taken from the constant that the analysis uses, at the time
the page is made, so that the page cannot say anything else than the code does.

The section on the priority score of the page on methods, from the constants of the code.

What the page on methods is made of: sections of sentences and tables, and their Markdown.

Every declared table as the page on methods shows it.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from network_map.activity import activity
from network_map.activity import activity as peers
from network_map.catalog import TABLES
from network_map.consortia import answer as consortium_query
from network_map.contracts import volumes as contract_parties
from network_map.contracts import volumes as contracts
from network_map.gaps import priority, severity
from network_map.gaps import priority as priority_actions
from network_map.gaps import rank_draws as drawn_severities
from network_map.gaps import rank_interval as priority_draws
from network_map.gaps import weights as gap_weights
from network_map.gaps.tables import AskedList, SuggestedAction
from network_map.gaps.weights import COMPONENTS, Component
from network_map.i18n import count_text, number_text, share_text, text
from network_map.indices import accessibility, distribution
from network_map.maps import spec as map_spec
from network_map.nodes import data_check
from network_map.nodes.presence import kleene_table
from network_map.places.reference import Places, kind_names, place_names
from network_map.reach import cost as circuity
from network_map.reach import roads, standards
from network_map.tables import Column, Table
from network_map.terms import Classifier, GapType, NodeKind, Origin, Presence


@dataclass(frozen=True, slots=True)
class MethodTable:
    """A table of texts.

    Parameters
    ----------
    title
        For people; may be empty.
    headings
        One for each column.
    rows
        Cells as they are shown.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row whose cells are not those of the headings."""
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"{len(self.headings)} cells in each row expected: {self.title}")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    key
        Names it in the address and in the catalogs.
    title
        For people.
    sentences
        Definitions, formulas, defaults and limits, one a paragraph.
    tables
        What belongs to them.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[MethodTable, ...] = field(default=())


def section(
    key: str,
    language: str,
    names: Sequence[str],
    tables: Iterable[MethodTable] = (),
    **values: object,
) -> Section:
    """Return a section whose sentences stand in the catalogs below ``methods.<key>``.

    Parameters
    ----------
    key, language
        Of the section, and ``zh`` or ``en``.
    names
        Of the sentences in their order.
    tables
        Its tables.
    **values
        Numbers of the code that the sentences name.
    """
    return Section(
        key=key,
        title=text(f"methods.{key}.title", language),
        sentences=tuple(text(f"methods.{key}.{name}", language, **values) for name in names),
        tables=tuple(tables),
    )


def table(
    name: str, language: str, headings: Sequence[str], rows: Iterable[Iterable[object]]
) -> MethodTable:
    """Return a table whose title and headings stand in the catalogs below ``methods.table``.

    Parameters
    ----------
    name, language
        Of the title, and ``zh`` or ``en``.
    headings
        Names of the headings.
    rows
        Cells, written as they are.
    """
    return MethodTable(
        title=text(f"methods.table.{name}", language),
        headings=tuple(text(f"methods.heading.{heading}", language) for heading in headings),
        rows=tuple(tuple(str(cell) for cell in row) for row in rows),
    )


def markdown(sections: Iterable[Section], *, title: str) -> str:
    """Return the sections as one Markdown document.

    Parameters
    ----------
    sections
        In their order.
    title
        Heading of the document.
    """
    lines = [f"# {title}", ""]
    for part in sections:
        lines += [f"## {part.title}", ""]
        for sentence in part.sentences:
            lines += [sentence, ""]
        for rows in part.tables:
            lines += [f"### {rows.title}", "", *_grid(rows), ""]
    return "\n".join(lines)


def _grid(rows: MethodTable) -> list[str]:
    rule = tuple("---" for _ in rows.headings)
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in (rows.headings, rule, *rows.rows)
    ]


_MOST_POINTS = 100


def priority_section(node_kinds: pd.DataFrame, language: str) -> Section:
    """Return components, weights, severities, draws, questions and actions.

    Parameters
    ----------
    node_kinds
        The kinds of node.
    language
        ``zh`` or ``en``.
    """
    return section(
        "priority",
        language,
        (
            "score", "weights", "effect", "presence", "reach", "higher", "standards", "activity",
            "consortium", "unknown", "first", "interval", "draws", "noise", "ask", "actions",
            "limits",
        ),
        (
            _presets(language), _parts(node_kinds, language), _questions(language),
            _actions(node_kinds, language),
        ),
        points=_MOST_POINTS,
        free=f"{severity.FREE_RATIO:g}",
        full=f"{severity.FULL_RATIO:g}",
        standard=f"{consortium_query.DEFAULT_STANDARD_KM:g}",
        top=priority.TOP_COUNT,
        draws=count_text(drawn_severities.DRAWS),
        low=share_text(priority_draws.LOW_SHARE, 0),
        high=share_text(priority_draws.HIGH_SHARE, 0),
        concentration=f"{priority_draws.CONCENTRATION:g}",
        spread=share_text(drawn_severities.STANDARD_SPREAD, 0),
        planned=f"{severity.PLANNED_SEVERITY:g}",
        noise=share_text(priority_draws.NOISE_SHARE, 0),
        least=f"{priority_actions.LEAST_POINTS:g}",
    )  # fmt: skip


def _component(name: str, language: str) -> str:
    return text(f"gap.component.{name}", language)


def _presets(language: str) -> MethodTable:
    """Return the presets with their weights, one column for each component."""
    return MethodTable(
        title=text("methods.table.presets", language),
        headings=(
            text("methods.heading.preset", language),
            *(_component(name, language) for name in COMPONENTS),
        ),
        rows=tuple(
            (
                text(f"gap.preset.{name}", language),
                *(number_text(weights[part], 2) for part in COMPONENTS),
            )
            for name, weights in gap_weights.PRESETS.items()
        ),
    )


def _parts(node_kinds: pd.DataFrame, language: str) -> MethodTable:
    kinds = kind_names(node_kinds, language)
    shares = (
        (Component.PRESENCE, severity.PRESENCE_SHARES),
        (Component.REACH, severity.REACH_SHARES),
    )
    return table(
        "priority_parts",
        language,
        ["component", "kind", "part_share"],
        [
            (_component(component, language), kinds[kind], number_text(share, 2))
            for component, by_kind in shares
            for kind, share in by_kind.items()
        ],
    )


def _questions(language: str) -> MethodTable:
    rows = [
        (text(f"priority.fact.{asked}", language), text(f"priority.keeper.{asked}", language))
        for asked in AskedList
    ]
    return table("questions", language, ["fact", "keeper"], rows)


def _actions(node_kinds: pd.DataFrame, language: str) -> MethodTable:
    kinds = kind_names(node_kinds, language)
    rows = [
        (
            text(f"gap.action.{action}", language),
            kinds[name] if name in kinds else _component(name, language),
        )
        for name, action in (
            *priority_actions.ACTIONS.items(),
            (NodeKind.COUNTY_CENTRE.value, SuggestedAction.FINISH_CENTRE),
        )
    ]
    return table("actions", language, ["action", "against"], rows)


_HEADINGS = ("column", "column_name", "type", "unit", "required", "about")


def declared_tables(language: str) -> tuple[MethodTable, ...]:
    """Return the columns of every declared table: heading, name, type, unit, meaning.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    """
    return tuple(_table(declared, language) for declared in TABLES.values())


def _table(declared: Table, language: str) -> MethodTable:
    title = declared.zh if language == "zh" else declared.en
    return MethodTable(
        title=f"{title} · {declared.name}",
        headings=tuple(text(f"methods.heading.{name}", language) for name in _HEADINGS),
        rows=tuple(_row(column, language) for column in declared.columns),
    )


def _row(column: Column, language: str) -> tuple[str, ...]:
    about = column.about_zh if language == "zh" else column.about_en
    codes = text("methods.codes", language, codes=", ".join(column.codes)) if column.codes else ""
    return (
        column.heading(language),
        column.name,
        text(f"methods.type.{column.type}", language),
        text(f"unit.{column.unit}", language) if column.unit else "",
        text("methods.is_required", language) if column.is_required else "",
        " ".join(part for part in (about, codes) if part),
    )


_FEN_A_TEN_THOUSAND_YUAN = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class MethodFacts:
    """What the page looks at beside the constants of the code.

    Parameters
    ----------
    places
        The reference tables.
    node_kinds
        The kinds of node.
    graph
        The road network, for the known trips.
    """

    places: Places
    node_kinds: pd.DataFrame
    graph: roads.Roads


def method_sections(facts: MethodFacts, language: str) -> tuple[Section, ...]:
    """Return the sections of the page in their order.

    Parameters
    ----------
    facts
        See there.
    language
        ``zh`` or ``en``.
    """
    return (
        _reading(language),
        _presence(language),
        _completion(language),
        _distance(facts, language),
        _service(facts, language),
        section("hierarchy", language, ("lines", "orphans", "missing")),
        _activity(language),
        priority_section(facts.node_kinds, language),
        _indices(language),
        _contracts(language),
        _classes(language),
        _rules(language),
        section("tables", language, ("about",), declared_tables(language)),
    )


def methods_document(facts: MethodFacts, language: str) -> bytes:
    """Return the whole page as Markdown, UTF-8."""
    title = text("page.methods.title", language)
    return markdown(method_sections(facts, language), title=title).encode()


def _reading(language: str) -> Section:
    rows = [(text(f"methods.gap_type.{gap}", language),) for gap in GapType]
    names = ("kinds", "distance", "lists", "unknown", "demo", "priority", "people")
    return section("reading", language, names, (table("reading", language, ["gap_type"], rows),))


def _presence(language: str) -> Section:
    words = {value.value: text(f"term.presence.{value}", language) for value in Presence}
    rows = kleene_table()
    columns = ["left", "right", "both", "either", "not_left"]
    logic = table("kleene", language, columns, rows[columns].replace(words).to_numpy().tolist())
    origins = table(
        "origins",
        language,
        ["origin", "meaning"],
        [
            (text(f"term.origin.{origin}", language), text(f"methods.origin.{origin}", language))
            for origin in Origin
        ],
    )
    return section("presence", language, ("values", "logic", "weakness"), (logic, origins))


def _completion(language: str) -> Section:
    names = ("ensemble", "share", "hypergeometric", "verdicts", "weighted", "switches", "surplus")
    return section("completion", language, names)


def _distance(facts: MethodFacts, language: str) -> Section:
    curves = circuity.CIRCUITY
    band = table(
        "circuity",
        language,
        ["curve", "near", "far", "half"],
        [
            (
                text(f"methods.curve.{name}", language),
                number_text(curve.near, 2),
                number_text(curve.far, 3),
                number_text(curve.half_km, 0),
            )
            for name, curve in (
                ("low", curves.low), ("middle", curves.middle), ("high", curves.high),
            )
        ],
    )  # fmt: skip
    pairs = roads.known_pairs(facts.graph, facts.places.county_seats)
    errors = pairs["left_out_error_share"].astype("float64")
    return section(
        "distance",
        language,
        ("road", "road_band", "fallback", "circuity", "nearest", "left_out", "limits"),
        (band, _pairs(facts, pairs, language)),
        factor=number_text(roads.NETWORK_FACTOR, 3),
        error=share_text(roads.NETWORK_ERROR, 0),
        leg=number_text(roads.LEG_FACTOR, 1),
        leg_low=number_text(roads.LEG_LOW, 1),
        leg_high=number_text(roads.LEG_HIGH, 1),
        longest_leg=number_text(roads.LONGEST_LEG_KM, 0),
        scrap=share_text(roads.SMALLEST_COMPONENT_SHARE, 0),
        mean_circuity=number_text(roads.MEAN_CIRCUITY, 2),
        pairs=len(pairs),
        shortest=number_text(float(pairs["known_km"].min()), 0),
        mean_error=share_text(float(errors.abs().mean())),
        rms_error=share_text(float((errors**2).mean() ** 0.5)),
        largest_error=share_text(float(errors.abs().max())),
    )


def _pairs(facts: MethodFacts, pairs: pd.DataFrame, language: str) -> MethodTable:
    names = place_names(facts.places.divisions, language)

    def band(row: dict[Hashable, float], name: str) -> str:
        ends = (row[f"{name}_km"], row[f"{name}_low_km"], row[f"{name}_high_km"])
        middle, low, high = (number_text(km, 0) for km in ends)
        return f"{middle} ({low}–{high})"

    return table(
        "known_pairs",
        language,
        ["trip", "known", "road", "road_error", "left_out_factor", "left_out_error", "by_line"],
        [
            (
                f"{names[row['from_adcode']]}–{names[row['to_adcode']]}",
                number_text(row["known_km"], 0),
                band(row, "road"),
                share_text(row["road_error_share"]),
                number_text(row["left_out_factor"], 3),
                share_text(row["left_out_error_share"]),
                band(row, "circuity"),
            )
            for row in pairs.to_dict("records")
        ],
    )


def _service(facts: MethodFacts, language: str) -> Section:
    kinds = kind_names(facts.node_kinds, language)
    rows = table(
        "services",
        language,
        ["kind", "rule", "standard"],
        [
            (
                kinds[default.kind],
                text(f"term.service_rule.{default.rule}", language),
                "—" if default.standard_km is None else number_text(default.standard_km, 0),
            )
            for default in standards.DEFAULT_SERVICES
        ],
    )
    verdicts = table(
        "verdicts",
        language,
        ["verdict", "meaning"],
        [
            (
                text(f"term.verdict.{verdict}", language),
                text(f"methods.verdict.{verdict}", language),
            )
            for verdict in circuity.VERDICTS
        ],
    )
    names = ("defaults", "rules", "counted", "unplaced", "law", "fragility")
    return section("service", language, names, (rows, verdicts))


def _activity(language: str) -> Section:
    indicators = table(
        "indicators",
        language,
        ["indicator", "meaning"],
        [(name, text(f"methods.indicator.{name}", language)) for name in peers.INDICATORS],
    )
    return section(
        "activity",
        language,
        (
            "sides", "window", "smoothing", "prior", "peers", "severity", "bounds", "log_ratio",
            "trend", "blank", "idle", "limits",
        ),
        (indicators,),
        people=count_text(round(activity.PEOPLE)),
        peer_count=peers.PEER_COUNT,
        least=peers.LEAST_INDICATORS,
        level=f"{activity.TREND_LEVEL:g}",
    )  # fmt: skip


def _indices(language: str) -> Section:
    return section(
        "indices",
        language,
        ("access", "steps", "conservation", "inequality", "moran", "chance"),
        weights=" / ".join(f"{weight:g}" for weight in accessibility.LUO_QI_WEIGHTS),
        zones=len(accessibility.LUO_QI_WEIGHTS),
        permutations=count_text(distribution.PERMUTATIONS),
        significance=f"{distribution.SIGNIFICANCE:g}",
        least=distribution.LEAST_PLACES,
    )


def _contracts(language: str) -> Section:
    return section(
        "contracts",
        language,
        ("amounts", "sides", "cuts", "subsidy", "target"),
        percent=contract_parties.SUBSIDY_PERCENT,
        cap=count_text(contract_parties.SUBSIDY_CAP_FEN // _FEN_A_TEN_THOUSAND_YUAN),
        cut_count=len(contracts.CUTS),
    )


def _classes(language: str) -> Section:
    rows = table(
        "classifiers",
        language,
        ["classifier", "meaning"],
        [
            (
                text(f"term.classifier.{classifier}", language),
                text(f"methods.classifier.{classifier}", language),
            )
            for classifier in Classifier
        ],
    )
    return section(
        "classes",
        language,
        ("count", "filter", "missing"),
        (rows,),
        least=map_spec.MINIMUM_CLASSES,
        most=map_spec.MAXIMUM_CLASSES,
        usual=map_spec.DEFAULT_CLASS_COUNT,
    )


def _rules(language: str) -> Section:
    rows = table(
        "rules",
        language,
        ["rule_id", "rule_title", "severity"],
        [
            (
                rule.rule_id,
                text(f"rule.{rule.rule_id}.title", language),
                text(f"rule.severity.{rule.severity}", language),
            )
            for rule in data_check.RULES
        ],
    )
    return section("rules", language, ("about", "undecided"), (rows,))
