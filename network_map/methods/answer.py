"""How everything is computed: formulas, defaults and limits, read from the code that computes.

No number stands in a catalog. Each is taken from the constant that the analysis uses, at the time
the page is made, so that the page cannot say anything else than the code does.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from network_map.activity import activity, peers
from network_map.contracts import parties as contract_parties
from network_map.contracts import volumes as contracts
from network_map.i18n import count_text, number_text, share_text, text
from network_map.indices import accessibility, clusters
from network_map.maps import classes as classify
from network_map.methods.methods_parts import MethodTable, Section, markdown, section, table
from network_map.methods.methods_priority import priority_section
from network_map.methods.methods_tables import declared_tables
from network_map.nodes import tier_rules
from network_map.nodes.kleene import kleene_table
from network_map.nodes.query import DEFAULT_CLASS_COUNT
from network_map.places.sources_reference import Places
from network_map.places.words import kind_names, place_names
from network_map.reach import circuity, known_pairs, roads, service
from network_map.terms import Classifier, Origin, Presence

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
    graph: roads.RoadGraph


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
    pairs = known_pairs.known_pairs(facts.graph, facts.places.county_seats)
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
        mean_circuity=number_text(known_pairs.MEAN_CIRCUITY, 2),
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
            for default in service.DEFAULT_SERVICES
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
            for verdict in service.VERDICTS
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
        permutations=count_text(clusters.PERMUTATIONS),
        significance=f"{clusters.SIGNIFICANCE:g}",
        least=clusters.LEAST_PLACES,
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
        least=classify.MINIMUM_CLASSES,
        most=classify.MAXIMUM_CLASSES,
        usual=DEFAULT_CLASS_COUNT,
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
            for rule in tier_rules.RULES
        ],
    )
    return section("rules", language, ("about", "undecided"), (rows,))
