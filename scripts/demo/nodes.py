"""The demonstration list: the public nodes and one seeded completion up to the published totals.

Nothing here is a fact. Every added node is ``assumed``, says so in its name and in its note, and
its status and date are assumptions that only agree with the published growth of the network.
"""

from collections.abc import Sequence
from hashlib import sha256

import pandas as pd

from network_map.errors import DamagedFileError
from network_map.nodes.tables import NODES
from network_map.tables.check import conform
from network_map.terms import LocationOrigin, NodeKind, NodeStatus, Origin

FOUNDED_ON = "2017-01"
"""Month before which no node is assumed: the plans that founded the network are of 2017."""

_NAMES = {
    NodeKind.SUB_MARKET: "{name}技术分市场(假定)",
    NodeKind.DEMONSTRATION_COUNTY: "{name}科技成果转化示范县(假定)",
    NodeKind.COUNTY_CENTRE: "{name}科技成果转化中心(假定)",
}
_ID_PARTS = {
    NodeKind.SUB_MARKET: "sm",
    NodeKind.DEMONSTRATION_COUNTY: "dc",
    NodeKind.COUNTY_CENTRE: "cc",
}
_NOTE = "假定节点:地点、状态和设立时间都不是事实,只与公布总数一致"
_MARKET_NOTE = "位置为假定:暂放在省政府驻地县(市、区)"
# Of a hundred assumed centres, how many are assumed to be in each state; the rest is built.
_PLANNED_IN_100 = 6
_UNKNOWN_IN_100 = 6
_MONTHS_IN_YEAR = 12


def demo_completion(
    public_nodes: pd.DataFrame,
    divisions: pd.DataFrame,
    county_seats: pd.DataFrame,
    declared_totals: pd.DataFrame,
    node_kinds: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return the public nodes and as many assumed ones as the published totals ask for.

    Parameters
    ----------
    public_nodes
        Table ``nodes``: what public sources name. Kept as it is, but for the location of a
        provincial market without one.
    divisions, county_seats, declared_totals, node_kinds
        The declared tables of those names.
    seed
        Chooses the completion: candidates stand in the order of a SHA-256 of seed, kind and
        code, so the same seed gives the same rows everywhere.

    Returns
    -------
    pandas.DataFrame
        Table ``nodes``; at most one node of a kind in a place of its tier, and a centre in every
        demonstration county.

    Raises
    ------
    DamagedFileError
        If a published total cannot be reached with the places there are.
    """
    totals = _latest_totals(declared_totals, divisions)
    market = _with_market_place(public_nodes, divisions, county_seats)
    found = market[market["status"] != NodeStatus.WITHDRAWN]
    held = {kind: set(found.loc[found["kind"] == kind, "adcode"]) for kind in NodeKind}
    added: list[pd.DataFrame] = []
    for kind in (NodeKind.SUB_MARKET, NodeKind.COUNTY_CENTRE, NodeKind.DEMONSTRATION_COUNTY):
        places = _candidates(kind, divisions, node_kinds, held)
        first = held[NodeKind.DEMONSTRATION_COUNTY] if kind is NodeKind.COUNTY_CENTRE else set()
        ranked = sorted(places, key=lambda code: (code not in first, _draw(seed, kind, code)))
        missing = totals.get(kind, 0) - int((found["kind"] == kind).sum())
        if missing > len(ranked):
            raise DamagedFileError("demo_unreachable", kind=kind.value, total=totals[kind])
        chosen = ranked[: max(missing, 0)]
        held[kind] |= set(chosen)
        rows = _assumed_rows(kind, chosen, divisions, county_seats, seed=seed)
        dated = found.loc[found["kind"] == kind, "established_on"]
        added.append(rows.assign(established_on=_dates(rows, dated, declared_totals, seed=seed)))
    return conform(NODES, pd.concat([market, *added], ignore_index=True))


def _draw(seed: int, *parts: str) -> str:
    """Return a number in hexadecimal that depends on the seed and the parts alone."""
    return sha256("|".join((str(seed), *parts)).encode()).hexdigest()


def _latest_totals(declared_totals: pd.DataFrame, divisions: pd.DataFrame) -> dict[str, int]:
    """Return the newest published total of the whole province, by kind."""
    provinces = divisions.loc[divisions["level"] == "province", "adcode"]
    whole = declared_totals[declared_totals["adcode"].isin(provinces)].sort_values("as_of")
    newest = whole.drop_duplicates("kind", keep="last")
    return {
        str(kind): int(count)
        for kind, count in zip(newest["kind"], newest["declared_count"], strict=True)
    }


def _with_market_place(
    public_nodes: pd.DataFrame, divisions: pd.DataFrame, county_seats: pd.DataFrame
) -> pd.DataFrame:
    """Return the public nodes, a provincial market without a place put at the seat."""
    placeless = (public_nodes["kind"] == NodeKind.PROVINCIAL_MARKET) & public_nodes["lon"].isna()
    points = _points(divisions, county_seats)
    at = points.reindex(public_nodes["adcode"]).reset_index(drop=True).set_index(public_nodes.index)
    note = public_nodes["note"].fillna("")
    marked = note.where(note == "", note + ";") + _MARKET_NOTE
    return public_nodes.assign(
        lon=public_nodes["lon"].mask(placeless, at["lon"]),
        lat=public_nodes["lat"].mask(placeless, at["lat"]),
        location_origin=public_nodes["location_origin"].mask(
            placeless, LocationOrigin.ASSUMED.value
        ),
        note=public_nodes["note"].mask(placeless, marked),
    )


def _points(divisions: pd.DataFrame, county_seats: pd.DataFrame) -> pd.DataFrame:
    """Return the seat point of every division, by code."""
    places = divisions[["adcode", "seat_adcode"]].merge(
        county_seats[["adcode", "lon", "lat"]].rename(columns={"adcode": "seat_adcode"}),
        how="left", on="seat_adcode", validate="many_to_one",
    )  # fmt: skip
    return places.set_index("adcode")[["lon", "lat"]]


def _candidates(
    kind: NodeKind,
    divisions: pd.DataFrame,
    node_kinds: pd.DataFrame,
    held: dict[NodeKind, set[str]],
) -> list[str]:
    """Return the places that may be given a node of a kind, in the order of their codes."""
    tier = node_kinds.loc[node_kinds["kind"] == kind, "tier"].iloc[0]
    places = set(divisions.loc[divisions["level"] == tier, "adcode"]) - held[kind]
    if kind is NodeKind.DEMONSTRATION_COUNTY:
        places &= held[NodeKind.COUNTY_CENTRE]
    return sorted(places)


def _assumed_rows(
    kind: NodeKind,
    codes: Sequence[str],
    divisions: pd.DataFrame,
    county_seats: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return an assumed node of the kind in each place, in the order of the codes."""
    places = divisions.set_index("adcode").loc[sorted(codes)].reset_index()
    points = _points(divisions, county_seats).loc[places["adcode"]].reset_index(drop=True)
    is_prefecture = places["level"] == "prefecture"
    return pd.DataFrame(
        {
            "node_id": f"demo-{_ID_PARTS[kind]}-" + places["adcode"],
            "kind": kind.value,
            "node_name": [_NAMES[kind].format(name=name) for name in places["name_zh"]],
            "adcode": places["adcode"],
            "prefecture_adcode": places["parent_adcode"].mask(is_prefecture, places["adcode"]),
            "lon": points["lon"],
            "lat": points["lat"],
            "status": [_status(kind, code, seed) for code in places["adcode"]],
            "origin": Origin.ASSUMED.value,
            "location_origin": is_prefecture.map(
                {
                    True: LocationOrigin.PREFECTURE_SEAT.value,
                    False: LocationOrigin.COUNTY_SEAT.value,
                }
            ),
            "source": f"演示数据,随机种子 {seed}",
            "note": _NOTE,
        }
    )


def _status(kind: NodeKind, code: str, seed: int) -> str:
    """Return an assumed state; only centres vary, the others are counted as built."""
    draw = int(_draw(seed, "status", kind, code), 16) % 100
    if kind is not NodeKind.COUNTY_CENTRE or draw >= _PLANNED_IN_100 + _UNKNOWN_IN_100:
        return NodeStatus.BUILT.value
    return (NodeStatus.PLANNED if draw < _PLANNED_IN_100 else NodeStatus.UNKNOWN).value


def _dates(
    rows: pd.DataFrame, public_dates: pd.Series, declared_totals: pd.DataFrame, *, seed: int
) -> list[str]:
    """Return an assumed month for each row, so that the list grows as the totals did.

    Public nodes without a date are counted from the beginning.
    """
    if rows.empty:
        return []
    kind = rows["kind"].iloc[0]
    known = declared_totals[declared_totals["kind"] == kind].sort_values("as_of")
    codes = sorted(rows["adcode"], key=lambda code: _draw(seed, "established", kind, code))
    dates: dict[str, str] = {}
    start = FOUNDED_ON
    for as_of, total in zip(known["as_of"], known["declared_count"], strict=True):
        public = int((public_dates.isna() | (public_dates <= as_of)).sum())
        joining = codes[len(dates) : max(int(total) - public, len(dates))]
        months = _months(start, as_of[:7])
        for code in joining:
            dates[code] = months[int(_draw(seed, "month", kind, code), 16) % len(months)]
        start = _months_after(as_of[:7])
    return [dates[code] for code in rows["adcode"]]


def _months(start: str, end: str) -> list[str]:
    """Return the months from ``start`` up to the one before ``end``; at least one."""
    first, last = _month_number(start), _month_number(end)
    return [_month_text(number) for number in range(first, max(last, first + 1))]


def _months_after(month: str) -> str:
    return _month_text(_month_number(month) + 1)


def _month_number(month: str) -> int:
    year, of_year = month.split("-")
    return int(year) * _MONTHS_IN_YEAR + int(of_year) - 1


def _month_text(number: int) -> str:
    return f"{number // _MONTHS_IN_YEAR:04d}-{number % _MONTHS_IN_YEAR + 1:02d}"
