"""What can be asked of an industry consortium, its map, and the answer for the page.

The answer holds members, reach, counties without a member, and the contracts inside, out of and
into the consortium and by member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from network_map.consortia.fit import consortium_fit
from network_map.consortia.tables import (
    CONSORTIUM_FIT,
    MEMBER_VOLUMES,
    consortium_names,
    consortium_tables,
    industry_words,
)
from network_map.contracts.register.engine import ContractRegister, fetch
from network_map.contracts.volumes import member_contract_counts, member_volumes
from network_map.i18n import number_text, text
from network_map.maps.spec import (
    INVENTED_ORIGINS,
    NEED,
    AreaLayer,
    ClassEntry,
    HierarchyLine,
    MapSpec,
    NodeSymbol,
    UnplacedNode,
    node_layer,
)
from network_map.nodes.dataset import Dataset
from network_map.nodes.tables import NODE_KINDS, NODES
from network_map.places.query import AreaQuery
from network_map.places.reference import Places, place_names
from network_map.query import Context, ParameterType, parameter, real_number
from network_map.reach.cost import CostMatrix, method_name
from network_map.tables.check import conform
from network_map.terms import (
    AdminLevel,
    ConsortiumRole,
    ContractDirection,
    FitVerdict,
    LocationOrigin,
    Presence,
)

DEFAULT_STANDARD_KM = 100.0
LEAST_STANDARD_KM, LONGEST_STANDARD_KM = 10.0, 500.0


def _of_text(found: object, context: Context) -> str:
    if not isinstance(found, str) or found not in context["consortia"]:
        raise ValueError(found)
    return found


def _or_first(found: str, context: Context) -> str:
    known = context.get("consortia", ())
    return found if found in known else next(iter(known), "")


_CONSORTIUM: ParameterType[str] = ParameterType(
    of_text=_of_text,
    allowed=lambda context: "、".join(context["consortia"]),
    problem="link_consortium",
    of_json=_of_text,
    expected='"consortium-1"',
    of_state=lambda key, state, context: _or_first(state[key], context),
    possible=_or_first,
    usual=_or_first,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumQuery(AreaQuery):
    """What the consortia page shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page.
    consortium_id
        The consortium; the first of the data set where none is named.
    standard_km
        The service standard in kilometres.
    """

    consortium_id: str = parameter(
        "", _CONSORTIUM, link="consortium", json="consortium", key="consortium"
    )
    standard_km: float = parameter(
        DEFAULT_STANDARD_KM,
        real_number(LEAST_STANDARD_KM, LONGEST_STANDARD_KM, problem="link_standard"),
        link="reach_km", json="standard_km", key="member_standard_km",
    )  # fmt: skip


_COLOURS = {
    FitVerdict.GAP: NEED[4],
    FitVerdict.UNCERTAIN: NEED[2],
    FitVerdict.COVERED: NEED[1],
    FitVerdict.NOT_CONCERNED: NEED[0],
}
_SYMBOLS = {
    ConsortiumRole.LEAD: ("diamond", "#4a1486", AdminLevel.PROVINCE),
    ConsortiumRole.MEMBER: ("circle", "#6a51a3", AdminLevel.COUNTY),
}


def consortium_map(
    places: Places,
    members: pd.DataFrame,
    fit: pd.DataFrame,
    *,
    name: str,
    query: ConsortiumQuery,
) -> MapSpec:
    """Return the map of a consortium.

    Parameters
    ----------
    places
        The reference tables; members stand at the seat of their county.
    members
        Its rows of ``consortium_members``.
    fit
        Its rows of ``consortium_fit`` in the shown area.
    name
        The consortium, for people.
    query
        What is asked for.
    """
    nodes = member_nodes(places, members)
    drawn = nodes
    if query.prefecture_adcode is not None:
        drawn = nodes[nodes["prefecture_adcode"] == query.prefecture_adcode]
    return MapSpec(
        language=query.language,
        nodes=node_layer(nodes, member_kinds(query.language)),
        symbols=member_symbols(drawn, query.language),
        areas=_areas(fit, name, query),
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=_unplaced(members, query.language),
        source_line=text("map.source_line", query.language),
        lines=member_lines(nodes, query.prefecture_adcode),
    )


def member_nodes(places: Places, members: pd.DataFrame) -> pd.DataFrame:
    """Return the members whose county is known as rows of ``nodes`` at its seat."""
    placed = members[members["adcode"].notna()].merge(
        places.county_seats[["adcode", "lon", "lat"]],
        how="left", on="adcode", validate="many_to_one",
    )  # fmt: skip
    return conform(
        NODES,
        placed.assign(
            node_id=[f"member-{n:04d}" for n in range(len(placed))],
            kind=placed["role"],
            node_name=placed["member_name"],
            status="built",
            location_origin=LocationOrigin.COUNTY_SEAT.value,
        ),
    )


def member_kinds(language: str) -> pd.DataFrame:
    """Return leads and members as rows of ``node_kinds``."""
    kinds = [
        {
            "kind": role.value,
            "tier": tier.value,
            "is_counted": True,
            "symbol": symbol,
            "colour": colour,
            **{
                column: text(f"term.consortium_role.{role.value}", language)
                for column in ("kind_name_zh", "kind_name_en", "short_zh", "short_en")
            },
        }
        for role, (symbol, colour, tier) in _SYMBOLS.items()
    ]
    return conform(NODE_KINDS, pd.DataFrame(kinds))


def member_symbols(
    nodes: pd.DataFrame, language: str, *, is_visible: bool = True
) -> tuple[NodeSymbol, ...]:
    """Return the legend rows of leads and members."""
    is_invented = nodes["origin"].isin(list(INVENTED_ORIGINS))
    counts, assumed = nodes["kind"].value_counts(), nodes.loc[is_invented, "kind"].value_counts()
    return tuple(
        NodeSymbol(
            kind=role.value,
            label=text(f"term.consortium_role.{role.value}", language),
            symbol=symbol,
            colour=colour,
            count=int(counts.get(role.value, 0)),
            assumed_count=int(assumed.get(role.value, 0)),
            is_visible=is_visible,
        )
        for role, (symbol, colour, _) in _SYMBOLS.items()
    )


def _areas(fit: pd.DataFrame, name: str, query: ConsortiumQuery) -> AreaLayer:
    """Return the counties by verdict; what is not known is grey and hatched."""
    words = {v: text(f"term.fit_verdict.{v.value}", query.language) for v in FitVerdict}
    verdicts = dict(zip(fit["adcode"], map(FitVerdict, fit["fit_verdict"]), strict=True))
    counts = fit["fit_verdict"].value_counts()
    order = tuple(_COLOURS)
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("consortium.layer_title", query.language, name=name),
        unit="",
        source=text("consortium.layer_source", query.language, standard=f"{query.standard_km:g}"),
        classes=tuple(
            ClassEntry(words[verdict], colour, int(counts.get(verdict.value, 0)))
            for verdict, colour in _COLOURS.items()
        ),
        class_of={code: order.index(v) for code, v in verdicts.items() if v in _COLOURS},
        value_text=_value_texts(fit, words, query.language),
        missing_label=words[FitVerdict.UNKNOWN],
        missing_count=int(counts.get(FitVerdict.UNKNOWN.value, 0)),
        is_categorical=True,
    )


def _value_texts(
    fit: pd.DataFrame, words: Mapping[FitVerdict, str], language: str
) -> dict[str, str]:
    columns = ["adcode", "fit_verdict", "nearest_km"]
    return {
        adcode: words[FitVerdict(verdict)]
        if pd.isna(km)
        else text("consortium.verdict_at", language, verdict=words[FitVerdict(verdict)],
                  km=number_text(km))
        for adcode, verdict, km in fit[columns].itertuples(index=False, name=None)
    }  # fmt: skip


def _unplaced(members: pd.DataFrame, language: str) -> tuple[UnplacedNode, ...]:
    rows = members.loc[members["adcode"].isna(), ["role", "member_name", "is_outside_province"]]
    return tuple(
        UnplacedNode(
            role,
            name,
            text(f"consortium.unplaced_{'outside' if is_outside else 'unknown'}", language),
        )
        for role, name, is_outside in rows.itertuples(index=False, name=None)
    )


def member_lines(nodes: pd.DataFrame, prefecture_adcode: str | None) -> tuple[HierarchyLine, ...]:
    """Return a line from each lead to each other county with a member, once."""
    columns = ["lon", "lat", "prefecture_adcode"]
    leads = nodes[nodes["kind"] == ConsortiumRole.LEAD]
    ends = nodes[columns].drop_duplicates()
    pairs = chain.from_iterable(
        ((lead, end) for end in ends.itertuples(index=False, name=None) if end[:2] != lead[:2])
        for lead in leads[columns].drop_duplicates().itertuples(index=False, name=None)
    )
    return tuple(
        HierarchyLine((lead[0], lead[1]), (end[0], end[1]))
        for lead, end in pairs
        if prefecture_adcode is None or prefecture_adcode in {lead[2], end[2]}
    )


_ORDER = (
    FitVerdict.GAP, FitVerdict.UNCERTAIN, FitVerdict.UNKNOWN, FitVerdict.COVERED,
    FitVerdict.NOT_CONCERNED,
)  # fmt: skip
_KM_DIGITS = 1
_SEVERITY_DIGITS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ConsortiumAnswer:
    """The finished answer.

    Parameters
    ----------
    name
        The consortium, for people.
    fit
        Declared table ``consortium_fit`` of the shown area, gaps first.
    members
        Rows of ``consortium_members``, the lead first.
    map_spec
        What the map draws.
    summary
        The numbers in two sentences: of the members, of the counties.
    """

    name: str
    fit: pd.DataFrame
    members: pd.DataFrame
    map_spec: MapSpec
    summary: tuple[str, str]


def members_of(dataset: Dataset, consortium_id: str) -> pd.DataFrame:
    """Return the members of a consortium, the lead first."""
    members = consortium_tables(dataset).members
    rows = members[members["consortium_id"] == consortium_id]
    return rows.sort_values(["role", "member_name"], ignore_index=True)


def industries_of(dataset: Dataset, consortium_id: str) -> tuple[str, ...]:
    """Return the industries of a consortium; none where they are not public."""
    table = consortium_tables(dataset).consortia
    return industry_words(table.set_index("consortium_id")["industries"][consortium_id])


def has_industry_table(dataset: Dataset, consortium_id: str) -> bool:
    """Return whether any county is known to have or lack an industry of the consortium."""
    listed = consortium_tables(dataset).county_industry["industry"]
    return bool(listed.isin(industries_of(dataset, consortium_id)).any())


def consortium_answer(
    places: Places, dataset: Dataset, cost: CostMatrix, *, query: ConsortiumQuery
) -> ConsortiumAnswer:
    """Return everything that the page shows of a consortium.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    cost
        What :func:`network_map.reach.roads.county_cost` returned.
    query
        What is asked for.

    Raises
    ------
    QueryError
        If the standard is no positive number.
    """
    name = consortium_names(dataset, query.language)[query.consortium_id]
    members = members_of(dataset, query.consortium_id)
    fit = _fit_table(places, dataset, cost, query=query)
    return ConsortiumAnswer(
        name=name,
        fit=fit,
        members=members,
        map_spec=consortium_map(places, members, fit, name=name, query=query),
        summary=_summary(name, members, fit, query.language),
    )


def _fit_table(
    places: Places, dataset: Dataset, cost: CostMatrix, *, query: ConsortiumQuery
) -> pd.DataFrame:
    """Return the fit of the counties of the shown area with names and reasons."""
    divisions = places.divisions
    counties = divisions[divisions["level"] == AdminLevel.COUNTY]
    parents = dict(zip(counties["adcode"], counties["parent_adcode"], strict=True))
    tables = consortium_tables(dataset)
    consortia = tables.consortia[tables.consortia["consortium_id"] == query.consortium_id]
    members = members_of(dataset, query.consortium_id)
    fit = consortium_fit(
        consortia, members, tables.county_industry, cost, parents, standard_km=query.standard_km
    )
    names = place_names(divisions, query.language)
    if query.prefecture_adcode is not None:
        fit = fit[fit["adcode"].map(parents) == query.prefecture_adcode]
    distances = ["nearest_km", "nearest_low_km", "nearest_high_km"]
    finite = fit[distances].round(_KM_DIGITS).replace(float("inf"), float("nan"))
    severities = ["fit_severity", "fit_severity_low", "fit_severity_high"]
    shown = fit.assign(
        **finite,
        **fit[severities].round(_SEVERITY_DIGITS),
        field_name=consortium_names(dataset, query.language)[query.consortium_id],
        place_name=fit["adcode"].map(names),
        prefecture_name=fit["adcode"].map(parents).map(names),
        distance_method_name=_method_names(fit, cost, query.language),
    )
    industries = "、".join(industries_of(dataset, query.consortium_id))
    reasons = _reasons(shown, industries, query)
    rank = shown["fit_verdict"].map({verdict.value: n for n, verdict in enumerate(_ORDER)})
    ordered = shown.assign(reason=reasons, rank=rank).sort_values(
        ["rank", "nearest_km", "adcode"], ascending=[True, False, True], na_position="first"
    )
    return conform(CONSORTIUM_FIT, ordered)


def _method_names(fit: pd.DataFrame, cost: CostMatrix, language: str) -> pd.Series:
    """Return how the distance of each row was found, nothing where there is none."""
    rows = {code: place for place, code in enumerate(cost.demand_ids)}
    columns = {code: place for place, code in enumerate(cost.facility_ids)}
    pairs = fit[["adcode", "nearest_adcode"]].itertuples(index=False, name=None)
    codes = [
        method_name(int(cost.method[rows[county], columns[nearest]]))
        if isinstance(nearest, str)
        else ""
        for county, nearest in pairs
    ]
    words = {code: text(f"term.distance_method.{code}", language) for code in set(codes) if code}
    return pd.Series([words.get(code) for code in codes], index=fit.index, dtype="str")


def _reasons(fit: pd.DataFrame, industries: str, query: ConsortiumQuery) -> list[str]:
    """Return the reason of each row, made of the numbers that stand in its columns."""
    columns = [
        "reason_code", "nearest_member_name", "member_count",
        "nearest_km", "nearest_low_km", "nearest_high_km",
    ]  # fmt: skip
    return [
        text(
            f"consortium.reason.{code}",
            query.language,
            industries=industries,
            standard=f"{query.standard_km:g}",
            member=member,
            count=count,
            km=number_text(km, _KM_DIGITS),
            low=number_text(low, _KM_DIGITS),
            high=number_text(high, _KM_DIGITS),
        )
        for code, member, count, km, low, high in fit[columns].itertuples(index=False, name=None)
    ]


def _summary(name: str, members: pd.DataFrame, fit: pd.DataFrame, language: str) -> tuple[str, str]:
    outside = members["is_outside_province"].astype("bool")
    verdict = fit["fit_verdict"]
    return (
        text(
            "consortium.summary_members",
            language,
            name=name,
            members=len(members),
            outside=int(outside.sum()),
            unplaced=int((members["adcode"].isna() & ~outside).sum()),
        ),
        text(
            "consortium.summary_counties",
            language,
            present=int((fit["industry_presence"] == Presence.PRESENT).sum()),
            gap=int((verdict == FitVerdict.GAP).sum()),
            uncertain=int((verdict == FitVerdict.UNCERTAIN).sum()),
            unknown=int((verdict == FitVerdict.UNKNOWN).sum()),
        ),
    )


_NARROW = str.maketrans("\uff08\uff09", "()")
_WIDE = str.maketrans("()", "\uff08\uff09")


@dataclass(frozen=True, eq=False)
class MemberContracts:
    """What the register says of a consortium's members.

    Parameters
    ----------
    volumes
        Table ``consortium_volumes``: a row for each direction, zero where there is no contract.
    counts
        ``member_name``, ``sold_count``, ``bought_count``: a row for each member.
    """

    volumes: pd.DataFrame
    counts: pd.DataFrame

    @property
    def matched_count(self) -> int:
        """Members that have a contract in the register."""
        return int(((self.counts["sold_count"] + self.counts["bought_count"]) > 0).sum())


def member_contracts(register: ContractRegister, members: pd.DataFrame) -> MemberContracts:
    """Return the contracts of a consortium's members.

    Parameters
    ----------
    register
        The contract register.
    members
        Rows of ``consortium_members`` of one consortium. A member is looked for by its own name
        and by its name in the register, with brackets of either width.

    Raises
    ------
    WorkspaceError
        If the register's engine cannot answer.
    """
    owner = {
        name: str(member)
        for member, *names in members[["member_name", "member_name", "register_name"]].itertuples(
            index=False, name=None
        )
        for name in _written(names)
    }
    contracts = register.contracts
    found = fetch(register, member_volumes(contracts, list(owner)))
    by_name = fetch(register, member_contract_counts(contracts, list(owner)))
    order = pd.DataFrame({"direction": [direction.value for direction in ContractDirection]})
    volumes = order.merge(found, how="left", on="direction", validate="one_to_one")
    sums = by_name.assign(member_name=by_name["register_name"].map(owner))
    counted = sums.groupby("member_name")[["sold_count", "bought_count"]].sum().reset_index()
    counts = members[["member_name"]].merge(
        counted, how="left", on="member_name", validate="one_to_one"
    )
    return MemberContracts(conform(MEMBER_VOLUMES, volumes.fillna(_NOTHING)), counts.fillna(_NONE))


_NOTHING = {"contract_count": 0, "contract_value_fen": 0}
_NONE = {"sold_count": 0, "bought_count": 0}


def _written(names: Iterable[object]) -> set[str]:
    """Return the ways in which a register may write the names."""
    given = [name for name in names if isinstance(name, str)]
    return {way for name in given for way in (name, name.translate(_NARROW), name.translate(_WIDE))}
