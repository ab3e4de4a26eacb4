"""Three-valued presence of nodes, and the reconciliation of lists with published totals.

A place *has* a node of a kind when the list names one there that is not withdrawn. It *lacks* one
when the list is declared complete for that kind and area, or when the list itself says that the
place's node was withdrawn. Everything else is *unknown*: a name that is not public is no absence.
"""

import pandas as pd

from network_map.terms import AdminLevel, NodeStatus, Origin, Presence

_SEPARATOR = "、"


def places_of_kinds(divisions: pd.DataFrame, node_kinds: pd.DataFrame) -> pd.DataFrame:
    """Return every place that a counted kind can have a node in.

    Parameters
    ----------
    divisions
        Table ``divisions``.
    node_kinds
        Table ``node_kinds``; only counted kinds are used.

    Returns
    -------
    pandas.DataFrame
        ``kind, adcode, prefecture_adcode, province_adcode``, one row for each kind and division of
        the kind's tier. The prefecture of a province is missing.
    """
    kinds = node_kinds.loc[node_kinds["is_counted"].fillna(value=False), ["kind", "tier"]]
    places = divisions[["adcode", "level", "parent_adcode"]]
    is_county = places["level"] == AdminLevel.COUNTY
    is_prefecture = places["level"] == AdminLevel.PREFECTURE
    province = divisions.loc[divisions["level"] == AdminLevel.PROVINCE, "adcode"].iloc[0]
    prefecture = places["parent_adcode"].where(is_county).mask(is_prefecture, places["adcode"])
    places = places.assign(prefecture_adcode=prefecture, province_adcode=province)
    merged = kinds.merge(places, left_on="tier", right_on="level", validate="many_to_many")
    return merged[["kind", "adcode", "prefecture_adcode", "province_adcode"]].reset_index(drop=True)


def place_roll(
    nodes: pd.DataFrame,
    divisions: pd.DataFrame,
    node_kinds: pd.DataFrame,
    complete_lists: pd.DataFrame,
) -> pd.DataFrame:
    """Return the presence of every counted kind in every place that could have it.

    Parameters
    ----------
    nodes
        Table ``nodes``.
    divisions
        Table ``divisions``.
    node_kinds
        Table ``node_kinds``.
    complete_lists
        Table ``complete_lists``: for which kind and area the list is declared complete.

    Returns
    -------
    pandas.DataFrame
        ``kind, adcode, prefecture_adcode, presence, node_names, origin, basis_code, complete_on``;
        ``basis_code`` is one of ``named``, ``named_assumed``, ``withdrawn``, ``complete_list``,
        ``not_published``.
    """
    places = places_of_kinds(divisions, node_kinds)
    live = nodes[nodes["status"] != NodeStatus.WITHDRAWN]
    gone = nodes[nodes["status"] == NodeStatus.WITHDRAWN]
    roll = places.merge(_named(live), how="left", on=["kind", "adcode"], validate="one_to_one")
    withdrawn = gone[["kind", "adcode"]].drop_duplicates().assign(is_withdrawn=True)
    roll = roll.merge(withdrawn, how="left", on=["kind", "adcode"], validate="one_to_one")
    roll = roll.assign(complete_on=_complete_on(roll, complete_lists))
    is_named = roll["node_names"].notna()
    is_withdrawn = roll["is_withdrawn"].notna()
    is_complete = roll["complete_on"].notna()
    basis = pd.Series("not_published", index=roll.index, dtype="str")
    basis = basis.mask(is_complete, "complete_list").mask(is_withdrawn, "withdrawn")
    basis = basis.mask(is_named, "named")
    basis = basis.mask(is_named & (roll["origin"] == Origin.ASSUMED), "named_assumed")
    presence = pd.Series(Presence.UNKNOWN.value, index=roll.index, dtype="str")
    presence = presence.mask(is_complete | is_withdrawn, Presence.ABSENT.value)
    presence = presence.mask(is_named, Presence.PRESENT.value)
    columns = [
        "kind", "adcode", "prefecture_adcode", "presence",
        "node_names", "origin", "basis_code", "complete_on",
    ]  # fmt: skip
    return roll.assign(presence=presence, basis_code=basis)[columns]


def reconciliation(
    nodes: pd.DataFrame,
    roll: pd.DataFrame,
    divisions: pd.DataFrame,
    declared_totals: pd.DataFrame,
) -> pd.DataFrame:
    """Return declared against named, for each counted kind, in the province and each prefecture.

    Parameters
    ----------
    nodes
        Table ``nodes``.
    roll
        What :func:`place_roll` returned for the same nodes.
    divisions
        Table ``divisions``.
    declared_totals
        Table ``declared_totals``; the latest total of a kind and area is used.

    Returns
    -------
    pandas.DataFrame
        ``kind, adcode, level, declared_count, declared_on, named_count, planned_count,
        assumed_count, withdrawn_count, unnamed_count, place_count, present_count, absent_count,
        unknown_count, is_complete, verdict_code``. ``verdict_code`` is ``undeclared``,
        ``agrees``, ``names_missing``, ``surplus`` or ``contradiction`` (declared complete, and
        yet fewer names than the published total). A kind of the provincial tier has no
        prefecture rows.
    """
    province = divisions.loc[divisions["level"] == AdminLevel.PROVINCE, "adcode"].iloc[0]
    kinds = list(dict.fromkeys(roll["kind"]))
    located = nodes[nodes["kind"].isin(kinds)]
    by_province = _area_counts(located.assign(area=province), roll.assign(area=province))
    by_prefecture = _area_counts(
        located.assign(area=located["prefecture_adcode"]),
        roll.assign(area=roll["prefecture_adcode"]),
    )
    counts = pd.concat([by_province, by_prefecture], ignore_index=True)
    latest = declared_totals.sort_values("as_of").drop_duplicates(["kind", "adcode"], keep="last")
    latest = latest.rename(columns={"as_of": "declared_on"})
    counts = counts.rename(columns={"area": "adcode"}).merge(
        latest[["kind", "adcode", "declared_count", "declared_on"]],
        how="left",
        on=["kind", "adcode"],
        validate="one_to_one",
    )
    counts = counts.merge(
        divisions[["adcode", "level"]], how="left", on="adcode", validate="many_to_one"
    )
    counts = counts.assign(unnamed_count=counts["declared_count"] - counts["named_count"])
    counts = counts.assign(verdict_code=_verdict(counts))
    level_order = counts["level"].map({level.value: rank for rank, level in enumerate(AdminLevel)})
    kind_order = counts["kind"].map({kind: rank for rank, kind in enumerate(kinds)})
    order = counts.assign(_kind=kind_order, _level=level_order)
    order = order.sort_values(["_kind", "_level", "adcode"])
    return order.drop(columns=["_kind", "_level"]).reset_index(drop=True)


def _named(live: pd.DataFrame) -> pd.DataFrame:
    """Return the names and the weakest origin of the nodes of each kind and place."""
    strength = {origin.value: rank for rank, origin in enumerate(Origin)}
    ranked = live.assign(strength=live["origin"].map(strength)).sort_values(
        ["kind", "adcode", "strength", "node_id"]
    )
    return ranked.groupby(["kind", "adcode"], as_index=False, sort=False).agg(
        node_names=("node_name", _SEPARATOR.join),
        origin=("origin", "last"),
    )


def _complete_on(roll: pd.DataFrame, complete_lists: pd.DataFrame) -> pd.Series:
    """Return the date at which the list was declared complete for each row, if it was."""
    claims = complete_lists[["kind", "adcode", "as_of"]].drop_duplicates(
        ["kind", "adcode"], keep="last"
    )
    found = pd.Series(pd.NA, index=roll.index, dtype="str")
    for area in ("province_adcode", "prefecture_adcode"):
        dates = roll.merge(
            claims,
            how="left",
            left_on=["kind", area],
            right_on=["kind", "adcode"],
            suffixes=("", "_claim"),
            validate="many_to_one",
        )["as_of"]
        found = found.fillna(dates)
    return found


def _area_counts(nodes: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    by_area = ["kind", "area"]
    is_live = nodes["status"] != NodeStatus.WITHDRAWN
    flags = nodes.assign(
        named_count=is_live,
        planned_count=nodes["status"] == NodeStatus.PLANNED,
        assumed_count=is_live & (nodes["origin"] == Origin.ASSUMED),
        withdrawn_count=~is_live,
    )
    node_columns = ["named_count", "planned_count", "assumed_count", "withdrawn_count"]
    of_nodes = flags.groupby(by_area, as_index=False)[node_columns].sum()
    flags = roll.assign(
        place_count=True,
        present_count=roll["presence"] == Presence.PRESENT,
        absent_count=roll["presence"] == Presence.ABSENT,
        unknown_count=roll["presence"] == Presence.UNKNOWN,
        complete_count=roll["complete_on"].notna(),
    )
    place_columns = [
        "place_count", "present_count", "absent_count", "unknown_count", "complete_count"
    ]  # fmt: skip
    of_places = flags.groupby(by_area, as_index=False)[place_columns].sum()
    counts = of_places.merge(of_nodes, how="left", on=by_area, validate="one_to_one")
    filled = counts[node_columns + place_columns].fillna(0).astype("Int64")
    counts = counts.assign(**{name: filled[name] for name in filled.columns})
    is_complete = (counts["complete_count"] == counts["place_count"]).astype("boolean")
    return counts.assign(is_complete=is_complete).drop(columns="complete_count")


def _verdict(counts: pd.DataFrame) -> pd.Series:
    difference = counts["unnamed_count"]
    is_complete = counts["is_complete"].fillna(value=False).astype("bool")
    verdict = pd.Series("undeclared", index=counts.index, dtype="str")
    verdict = verdict.mask((difference == 0).fillna(value=False), "agrees")
    is_short = (difference > 0).fillna(value=False)
    verdict = verdict.mask(is_short, "names_missing").mask(is_short & is_complete, "contradiction")
    return verdict.mask((difference < 0).fillna(value=False), "surplus")
