"""The demonstration's consortia: the five public fields with invented members and industries.

Only the fields are public. Every member and every industry of a county is ``assumed`` and says
so; no real organisation is named. Some members stand for parties of the demonstration register
(:mod:`scripts.demo.contracts`), so that contracts inside a consortium can be seen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256

import pandas as pd

from network_map.consortia.tables import (
    CONSORTIA,
    CONSORTIUM_MEMBERS,
    COUNTY_INDUSTRY,
    ConsortiumTables,
)
from network_map.tables.check import conform
from network_map.terms import AdminLevel, ConsortiumRole, ContractStatus, Origin, Presence

_PAIRS = 3
"""Pairs of parties of the register, in business with each other, that join each consortium."""
_PLAIN_MEMBERS = 4
"""Members of each consortium that the register does not know."""
_INDUSTRY_SHARE = 0.14
_UNKNOWN_SHARE = 0.08
_Ranking = Callable[[str, Sequence[str]], list[str]]
_Party = tuple[str, str]
"""Name and county."""
_Pair = tuple[_Party, _Party]
_NOTE = "领域为公开信息;对应产业和成员为假定,不是事实"


def demo_consortia(
    consortia: pd.DataFrame, divisions: pd.DataFrame, contracts: pd.DataFrame, *, seed: int
) -> ConsortiumTables:
    """Return the public consortia with assumed industries, members and industry counties.

    Parameters
    ----------
    consortia, divisions
        The declared tables of those names.
    contracts
        The demonstration register: table ``contracts``.
    seed
        Chooses everything: candidates stand in the order of a SHA-256 of seed, consortium and
        candidate, so the same seed gives the same rows everywhere.

    Returns
    -------
    ConsortiumTables
        A consortium has its field as its one industry; some 14 % of the counties are assumed to
        have it, some 8 % are left unknown. It has three pairs of a seller and a buyer of the
        register that trade with each other, four members that the register does not know, and
        one outside the province. The lead sits in a county of the industry.
    """
    counties = divisions.loc[divisions["level"] == AdminLevel.COUNTY]
    parents = dict(zip(counties["adcode"], counties["parent_adcode"], strict=True))
    source = f"演示数据,随机种子 {seed}"
    trades = _trades(contracts, parents)
    fields = dict(zip(consortia["consortium_id"], consortia["field_zh"], strict=True))
    members: list[Mapping[str, object]] = []
    industries: list[Mapping[str, object]] = []
    for consortium_id, name in fields.items():
        ranked = _ranking(seed, consortium_id)
        has_industry = ranked("industry", list(parents))[: round(_INDUSTRY_SHARE * len(parents))]
        industries += list(_industry_rows(name, has_industry, ranked, list(parents)))
        found = list(_members(consortium_id, has_industry, trades, parents, ranked))
        members += list(_named(found, name))
    marked = {"origin": Origin.ASSUMED.value, "source": source}
    return ConsortiumTables(
        consortia=conform(
            CONSORTIA,
            consortia.assign(industries=consortia["field_zh"], note=_NOTE, **marked),
        ),
        members=conform(CONSORTIUM_MEMBERS, pd.DataFrame(members).assign(**marked)),
        county_industry=conform(
            COUNTY_INDUSTRY,
            pd.DataFrame(industries).sort_values(["industry", "adcode"]).assign(**marked),
        ),
    )


def _ranking(seed: int, consortium_id: str) -> _Ranking:
    """Return what puts candidates into the seeded order of a consortium."""

    def ranked(purpose: str, candidates: Sequence[str]) -> list[str]:
        def draw(candidate: str) -> str:
            parts = (str(seed), consortium_id, purpose, candidate)
            return sha256("|".join(parts).encode()).hexdigest()

        return sorted(candidates, key=draw)

    return ranked


def _industry_rows(
    name: str, has_industry: Sequence[str], ranked: _Ranking, counties: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield the counties with the industry and those without; the unknown ones have no row."""
    others = ranked("absent", [code for code in counties if code not in has_industry])
    unknown = set(others[: round(_UNKNOWN_SHARE * len(counties))])
    for code in counties:
        if code not in unknown:
            is_here = code in has_industry
            presence = Presence.PRESENT if is_here else Presence.ABSENT
            yield {"adcode": code, "industry": name, "presence": presence.value}


def _trades(contracts: pd.DataFrame, parents: Mapping[str, str]) -> dict[str, _Pair]:
    """Return seller and buyer, with their counties, of each pair that trades in the province."""
    live = contracts[contracts["contract_status"] != ContractStatus.CANCELLED]
    is_inside = live["seller_adcode"].isin(parents) & live["buyer_adcode"].isin(parents)
    sides = ["seller_name", "seller_adcode", "buyer_name", "buyer_adcode"]
    pairs = live.loc[is_inside, sides].drop_duplicates(["seller_name", "buyer_name"])
    return {
        f"{seller}|{buyer}": ((seller, sold_in), (buyer, bought_in))
        for seller, sold_in, buyer, bought_in in pairs.itertuples(index=False, name=None)
    }


def _members(
    consortium_id: str,
    has_industry: Sequence[str],
    trades: Mapping[str, _Pair],
    parents: Mapping[str, str],
    ranked: _Ranking,
) -> Iterator[dict[str, object]]:
    """Yield the members of a consortium without their names, the lead first.

    The sellers sit in counties of the industry where there are such pairs, the lead is the first
    of them.
    """
    local = [name for name, (seller, _) in trades.items() if seller[1] in has_industry]
    chosen = ranked("pair", local or list(trades))[:_PAIRS]
    parties = dict.fromkeys(party for name in chosen for party in trades[name])
    plain = ranked("member", list(parents))[:_PLAIN_MEMBERS]
    placed = [*((code, party) for party, code in parties), *((code, None) for code in plain)]
    for place, (code, party) in enumerate(placed):
        yield {
            "consortium_id": consortium_id,
            "role": (ConsortiumRole.MEMBER if place else ConsortiumRole.LEAD).value,
            "register_name": party,
            "adcode": code,
            "prefecture_adcode": parents[code],
            "is_outside_province": False,
        }
    yield {
        "consortium_id": consortium_id,
        "role": ConsortiumRole.MEMBER.value,
        "is_outside_province": True,
    }


def _named(members: Sequence[Mapping[str, object]], name: str) -> Iterator[dict[str, object]]:
    """Yield the members with names that nobody can take for real."""
    for place, member in enumerate(members):
        is_lead = member["role"] == ConsortiumRole.LEAD
        called = f"{name} 牵头单位(假定)" if is_lead else f"{name} 成员{place:02d}(假定)"
        yield {**member, "member_name": called}
