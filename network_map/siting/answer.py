"""The finished answer about sites: what to build, what it brings, how sure that is, and in words.

A page or a command shows what stands here and computes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.gaps.facts import GapFacts, travel_notes
from network_map.i18n import number_text, people_text, text
from network_map.maps.spec import INVENTED_ORIGINS
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, kind_names, place_names
from network_map.siting.evidence import (
    LeastRegret,
    SiteEvidence,
    UnfinishedPart,
    has_reversals,
    site_evidence,
)
from network_map.siting.problem import SitingPlan
from network_map.siting.provincial import (
    NetworkEffect,
    NetworkProblem,
    network_effect,
    network_plan,
    network_problem,
)
from network_map.siting.query import SiteDemand, SiteModel, SitingQuery
from network_map.siting.reversal import Reversal, ReversalCause
from network_map.siting.solving import EvidencePart, SolveEffort, SolveStatus
from network_map.siting.tables import SITE_COUNTIES, SITE_CURVE, SITE_PLAN, SITE_REVERSALS
from network_map.tables.check import assembled

_NAMED = 6
_TIE = 0.05
"""Counties count one each: what turns at less than this has as many, and fewer residents."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteAnswer:
    """What is shown of a plan.

    Parameters
    ----------
    query
        What was asked for.
    plan
        The plan with its proof.
    effect
        Whom it brings within the standard, and who drops out.
    rows, counties, curve, overturn
        The declared tables ``site_plan``, ``site_counties``, ``site_curve`` and
        ``site_reversals``; the last two are empty unless the query asks for evidence.
    regret
        The plan of least regret; None with a complete list, without evidence or unfinished.
    unfinished
        The parts of the evidence that the time did not reach; the notes and cards say so too.
    headline, proof
        What to build and what it brings, and how far that is proven, a sentence each.
    notes
        What must be said beside them, a sentence each.
    cards
        By code of a site: the sentences of its card.
    standing
        Places that have a node in every list.
    is_open
        Whether the lists are not public.
    rests_on_assumed
        Whether existing nodes are assumed.
    """

    query: SitingQuery
    plan: SitingPlan
    effect: NetworkEffect
    rows: pd.DataFrame
    counties: pd.DataFrame
    curve: pd.DataFrame
    overturn: pd.DataFrame
    regret: LeastRegret | None
    unfinished: tuple[UnfinishedPart, ...]
    headline: str
    proof: str
    notes: tuple[str, ...]
    cards: Mapping[str, tuple[str, ...]]
    standing: tuple[str, ...]
    is_open: bool
    rests_on_assumed: bool


def site_answer(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    *,
    query: SitingQuery,
    effort: SolveEffort | None = None,
) -> SiteAnswer:
    """Return the answer to a query.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for ``query.gap_query``.
    query
        What is asked for.
    effort
        Time, gap and progress of the plan, and again of all its evidence together; the query's
        seconds by default.

    Raises
    ------
    QueryError
        If the query cannot be answered: what is missing, and what to do.
    """
    spent = SolveEffort(time_limit=float(query.seconds)) if effort is None else effort
    problem = network_problem(places, dataset, facts, query=query)
    plan = network_plan(problem, effort=spent)
    effect = network_effect(problem, added=plan.sites)
    names = place_names(places.divisions, query.language)
    is_assumed = rests_on_assumed(dataset, query.kind)
    evidence = site_evidence(places, dataset, facts, problem, plan, effort=spent)
    overturn = _reversal_table(evidence.reversals, problem, names)
    rows = _plan_rows(problem, plan, overturn, names, evidence=evidence, is_assumed=is_assumed)
    kind = kind_names(dataset.node_kinds, query.language, short=True)[query.kind]
    short = place_names(places.divisions, query.language, short=True)
    return SiteAnswer(
        query=query,
        plan=plan,
        effect=effect,
        rows=rows,
        counties=_county_rows(problem, plan, effect, names),
        curve=_curve_table(evidence.curve, problem, names),
        overturn=overturn,
        regret=evidence.regret,
        unfinished=evidence.unfinished,
        headline=_headline(problem, plan, effect, short, kind),
        proof=plan.summary(query.language),
        notes=(
            *_notes(problem, plan, effect, names, evidence=evidence, is_assumed=is_assumed),
            *travel_notes(
                facts, kind_names(dataset.node_kinds, query.language, short=True), query.language
            ),
        ),
        cards=_cards(rows, overturn, evidence, problem),
        standing=plan.fixed,
        is_open=problem.is_open,
        rests_on_assumed=is_assumed,
    )


def rests_on_assumed(dataset: Dataset, kind: str) -> bool:
    """Return whether nodes of a kind, or of those that serve in its place, are assumed."""
    nodes = dataset.nodes
    known = {"sub_market", "provincial_market", kind}
    return bool(nodes.loc[nodes["kind"].isin(known), "origin"].isin(list(INVENTED_ORIGINS)).any())


# --- tables ---------------------------------------------------------------------------------------


def _plan_rows(
    problem: NetworkProblem,
    plan: SitingPlan,
    overturn: pd.DataFrame,
    names: Mapping[str, str],
    *,
    evidence: SiteEvidence,
    is_assumed: bool,
) -> pd.DataFrame:
    """Return table ``site_plan``: what each site adds to those before it."""
    query, rows = problem.query, []
    lacking = 1.0 - problem.lists.has_node.mean(axis=0)
    whole = network_effect(problem, added=plan.sites)
    before = network_effect(problem)
    for order, site in enumerate(plan.sites, start=1):
        so_far = network_effect(problem, added=plan.sites[:order])
        alone = network_effect(problem, added=[site])
        rest = [one for one in plan.sites if one != site]
        without = network_effect(problem, added=rest)
        grown = so_far.shares["gained_share"] > before.shares["gained_share"]
        new = _by_people(problem, so_far.shares.index[grown])
        number = int(problem.numbers([site])[0])
        gained = {
            f"gained_{name}": so_far.gained[name][0] - before.gained[name][0]
            for name in so_far.gained
        }
        row = {
            "order": order,
            "site_adcode": site,
            "site_name": names[site],
            "prefecture_name": names[problem.prefecture_of[site]],
            **gained,
            "alone_counties": alone.gained["counties"][0],
            "last_counties": whole.gained["counties"][0] - without.gained["counties"][0],
            "county_names": _and(query.language).join(names[code] for code in new),
            "lacking_percent": 100.0 * lacking[number],
            **{
                name: np.nan if share is None else 100.0 * share.get(site, 0.0)
                for name, share in (
                    ("chosen_percent", evidence.chosen),
                    ("robust_percent", evidence.robust),
                )
            },
            "overturn": " ".join(
                [
                    *overturn.loc[overturn["site_adcode"] == site, "sentence"],
                    *unfinished_words(evidence.unfinished, query.language, EvidencePart.OVERTURN),
                ]
            ),
            "is_proven": plan.is_optimal,
            "rests_on_assumed": is_assumed,
        }
        rows.append(row | {"reason": _reason(row, problem, len(new))})
        before = so_far
    table = pd.DataFrame(rows, columns=SITE_PLAN.names)
    if problem.weights["value_10k_yuan"].isna().all():
        table["gained_value_10k_yuan"] = np.nan
    figures = table.select_dtypes("number").columns
    table[figures] = table[figures].astype("float64").round(2)
    return assembled(SITE_PLAN, table)


def _by_people(problem: NetworkProblem, codes: Sequence[str] | pd.Index) -> list[str]:
    people = problem.weights["residents"].reindex(list(codes)).fillna(0.0)
    return [str(code) for code in people.sort_values(ascending=False, kind="stable").index]


def _county_rows(
    problem: NetworkProblem, plan: SitingPlan, effect: NetworkEffect, names: Mapping[str, str]
) -> pd.DataFrame:
    """Return table ``site_counties``: whoever gains or loses in some list, most residents first."""
    codes = _by_people(problem, [*effect.gained_counties, *effect.lost_counties])
    lists = problem.lists
    order = {code: number for number, code in enumerate(lists.adcodes)}
    sites = problem.numbers(plan.sites)
    rows = []
    for code in dict.fromkeys(codes):
        number = order[code]
        own = sites if lists.is_own is None else sites[lists.is_own[number, sites]]
        serving = own if len(own) else sites
        site = serving[int(np.argmin(lists.low_km[number, serving]))]
        people = problem.weights["residents"].get(code)
        rows.append(
            {
                "adcode": code,
                "county_name": names[code],
                "prefecture_name": names[problem.prefecture_of[code]],
                "residents": pd.NA if pd.isna(people) else int(float(people)),
                "site_adcode": lists.places[site],
                "site_name": names[lists.places[site]],
                "km": round(float(lists.low_km[number, site]), 1),
                "gained_percent": round(100 * float(effect.shares["gained_share"][code]), 1),
                "lost_percent": round(100 * float(effect.shares["lost_share"][code]), 1),
            }
        )
    return assembled(SITE_COUNTIES, pd.DataFrame(rows, columns=SITE_COUNTIES.names))


def _curve_table(
    curve: pd.DataFrame | None, problem: NetworkProblem, names: Mapping[str, str]
) -> pd.DataFrame:
    if curve is None:
        return assembled(SITE_CURVE, {name: [] for name in SITE_CURVE.names})
    has_value = not problem.weights["value_10k_yuan"].isna().all()
    figures = ("counties", "residents", "value_10k_yuan")
    columns: dict[str, object] = {
        "site_count": curve["site_count"],
        **{f"best_{name}": curve[name] for name in figures},
        **{f"marginal_{name}": curve[f"marginal_{name}"] for name in figures},
        "is_proven": curve["is_proven"],
        "built_adcode": curve["built_adcode"],
        "built_name": [names.get(str(code)) for code in curve["built_adcode"]],
        **{f"built_{name}": curve[f"built_{name}"] for name in figures},
        "loss_percent": 100.0 * curve["loss"],
    }
    table = pd.DataFrame(columns)
    if not has_value:
        table.loc[:, [name for name in table.columns if "value" in name]] = np.nan
    rounded = table.select_dtypes("float").columns
    table[rounded] = table[rounded].round(2)
    return assembled(SITE_CURVE, table)


def _reversal_table(
    found: Sequence[Reversal], problem: NetworkProblem, names: Mapping[str, str]
) -> pd.DataFrame:
    and_ = _and(problem.query.language)
    rows = [
        {
            "site_adcode": one.place,
            "site_name": names[one.place],
            "was_in": one.was_in,
            "cause": one.cause.value,
            "subject_adcode": one.subject or None,
            "subject_name": names.get(one.subject),
            "now": round(one.now, 4),
            "threshold": round(one.threshold, 4),
            "instead": and_.join(names[site] for site in one.instead),
            "sentence": reversal_sentence(one, problem.query, names),
        }
        for one in found
    ]
    return assembled(SITE_REVERSALS, pd.DataFrame(rows, columns=SITE_REVERSALS.names))


def reversal_sentence(one: Reversal, query: SitingQuery, names: Mapping[str, str]) -> str:
    """Return a change that overturns a choice in words.

    Parameters
    ----------
    one
        The change.
    query
        Its language and what a county counts.
    names
        Name of each place.
    """
    language = query.language
    key = one.cause.value
    is_county = query.demand is SiteDemand.COUNTIES and one.cause is ReversalCause.DEMAND
    is_median = query.model is SiteModel.P_MEDIAN
    if is_county and not is_median and abs(one.threshold - one.now) < _TIE:
        key = "tie"
    elif is_county and is_median and one.threshold < one.now:
        key = "county_less"
    elif is_county or (one.cause is ReversalCause.DEMAND and not one.threshold):
        # A county counts as one: for more, or not at all.
        key = "county_more" if one.threshold > one.now else "county_out"
    elif one.cause is ReversalCause.REGISTER:
        key = "has_node" if one.threshold else "has_none"
    elif one.threshold > one.now:
        key = f"{key}_up"
    else:
        key = f"{key}_down"
    then = "in" if not one.was_in else "out"
    values = {
        "place": names[one.place],
        "subject": names.get(one.subject, ""),
        "value": f"{one.threshold:,.{2 if is_county and is_median else 1}f}",
        "unit": text(f"unit.{query.unit.value}", language),
        "now": f"{one.now:,.1f}",
        "instead": _and(language).join(names[site] for site in one.instead) or "–",
        "demand": text(f"siting.demand.{query.demand.value}", language),
    }
    turned = text(f"siting.turn.{then}", language, **values)
    return text(f"siting.overturn.{key}", language, **values, turned=turned)


# --- words ----------------------------------------------------------------------------------------


def _and(language: str) -> str:
    return "、" if language == "zh" else ", "


def _count(value: float, *, is_open: bool) -> str:
    return number_text(value, 1 if is_open else 0)


def _headline(
    problem: NetworkProblem,
    plan: SitingPlan,
    effect: NetworkEffect,
    names: Mapping[str, str],
    kind: str,
) -> str:
    query = problem.query
    if not plan.sites:
        key = "none" if np.isfinite(plan.objective) else "unsolved"
        key = "infeasible" if plan.status is SolveStatus.INFEASIBLE else key
        return text(f"siting.headline.{key}", query.language, kind=kind)
    mean, low, high = effect.gained["counties"]
    return text(
        "siting.headline.open" if problem.is_open else "siting.headline.sure", query.language,
        kind=kind,
        sites=_and(query.language).join(names[site] for site in plan.sites),
        count=len(plan.sites),
        counties=_count(mean, is_open=problem.is_open),
        low=number_text(low, 0), high=number_text(high, 0),
        people=people_text(effect.gained["residents"][0], query.language),
        standard=f"{query.standard:g}",
        unit=text(f"unit.{query.unit.value}", query.language),
        lists=f"{problem.list_count:,}",
    )  # fmt: skip


def _reason(row: Mapping[str, object], problem: NetworkProblem, many: int) -> str:
    language = problem.query.language
    named = str(row["county_names"]).split(_and(language))[:_NAMED]
    values = {
        "counties": _count(_float(row["gained_counties"]), is_open=problem.is_open),
        "people": people_text(_float(row["gained_residents"]), language),
        "names": _and(language).join(named) + ("…" if many > _NAMED else ""),
        "lost": _count(_float(row["last_counties"]), is_open=problem.is_open),
    }
    if many == 0:
        return text(f"siting.reason.{problem.query.model.value}", language)
    key = "siting.reason.open" if problem.is_open else "siting.reason.sure"
    return text(key, language, **values)


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.floating) else np.nan


def _notes(
    problem: NetworkProblem,
    plan: SitingPlan,
    effect: NetworkEffect,
    names: Mapping[str, str],
    *,
    evidence: SiteEvidence,
    is_assumed: bool,
) -> tuple[str, ...]:
    regret = evidence.regret
    query, language = problem.query, problem.query.language
    said: list[str] = []

    def say(key: str, codes: Sequence[str] = (), **values: object) -> None:
        shown = _and(language).join(names[code] for code in codes[:_NAMED])
        shown += "…" if len(codes) > _NAMED else ""
        said.append(text(f"siting.note.{key}", language, names=shown, count=len(codes), **values))

    if problem.is_open or is_assumed:
        say("open" if problem.is_open else "assumed")
    if not plan.is_optimal:
        say("not_proven")
    if regret is not None:
        say("regret" if regret.is_proven else "regret_open", regret.sites,
            **_regret_values(regret, query))  # fmt: skip
    if plan.blocking:
        say("out", _by_people(problem, plan.blocking))
    if query.model.has_count and len(plan.sites) < query.count:
        say("fewer", plan.sites, asked=query.count)
    if effect.lost_counties:
        say("worse", _by_people(problem, effect.lost_counties))
    said += _distance_notes(query)
    if query.added or query.closed:
        say("what_if", (*query.added, *query.closed))
    said += _reversal_notes(problem)
    return (*said, *_unfinished_note(evidence, query))


def _reversal_notes(problem: NetworkProblem) -> list[str]:
    """Return what is not looked for among what would overturn a plan."""
    query = problem.query
    if not query.evidence or query.model is SiteModel.MCLP:
        return []
    key = "none" if not has_reversals(problem) else query.model.value
    return [text(f"siting.no_reversal.{key}", query.language)]


def _unfinished_note(evidence: SiteEvidence, query: SitingQuery) -> list[str]:
    parts = unfinished_words(evidence.unfinished, query.language)
    shown = _and(query.language).join(parts)
    key = "siting.note.unfinished"
    return [text(key, query.language, parts=shown, seconds=query.seconds)] if parts else []


def unfinished_words(
    unfinished: Sequence[UnfinishedPart], language: str, *parts: EvidencePart
) -> list[str]:
    """Return what of the evidence is not finished, each part in words with its solves.

    Parameters
    ----------
    unfinished
        The parts.
    language
        ``zh`` or ``en``.
    parts
        Those that are wanted; all by default.
    """
    return [
        text(
            f"siting.unfinished.{'of' if one.total else 'so_far'}", language,
            part=text(f"siting.part.{one.part.value}", language), done=one.done, total=one.total,
        )
        for one in unfinished if not parts or one.part in parts
    ]  # fmt: skip


def _distance_notes(query: SitingQuery) -> list[str]:
    keys = [f"band_{query.distance_band}", "default_standard"]
    if not query.model.has_standard:
        keys.insert(0, "nearest")
    values = {
        "standard": f"{query.standard:g}",
        "unit": text(f"unit.{query.unit.value}", query.language),
    }
    return [text(f"siting.note.{key}", query.language, **values) for key in keys]


def _regret_values(regret: LeastRegret, query: SitingQuery) -> dict[str, object]:
    return {
        "lists": regret.list_count,
        "regret": number_text(regret.regret, 1),
        "own": number_text(regret.plan_regret, 1),
        "demand": text(f"siting.demand.{query.demand.value}", query.language),
    }


def _cards(
    rows: pd.DataFrame, overturn: pd.DataFrame, evidence: SiteEvidence, problem: NetworkProblem
) -> dict[str, tuple[str, ...]]:
    """Return the sentences of the card of each chosen site and each rejected neighbour."""
    cards: dict[str, tuple[str, ...]] = {}
    language = problem.query.language
    is_through = not any(one.part is EvidencePart.OVERTURN for one in evidence.unfinished)
    is_searched = problem.query.evidence and has_reversals(problem) and is_through
    for row in rows.to_dict("records"):
        said = [str(row["reason"])]
        if pd.notna(row["chosen_percent"]):
            said.append(
                text("siting.card.chosen", language, percent=f"{row['chosen_percent']:.0f}")
            )
        if pd.notna(row["robust_percent"]):
            said.append(
                text("siting.card.robust", language, percent=f"{row['robust_percent']:.0f}")
            )
        if is_searched and row["site_adcode"] not in set(overturn["site_adcode"]):
            said.append(text("siting.card.firm", language))
        cards[str(row["site_adcode"])] = tuple(said)
    for row in overturn.to_dict("records"):
        code = str(row["site_adcode"])
        head = cards.get(code) or (text("siting.card.rejected", language),)
        cards[code] = (*head, str(row["sentence"]))
    about_sites = (EvidencePart.CHOSEN, EvidencePart.ROBUST, EvidencePart.OVERTURN)
    open_ = unfinished_words(evidence.unfinished, language, *about_sites)
    return {code: (*said, *open_) for code, said in cards.items()}
