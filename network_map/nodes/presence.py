"""Three-valued presence of nodes, and the reconciliation of lists with published totals.

A place *has* a node of a kind when the list names one there that is not withdrawn. It *lacks* one
when the list is declared complete for that kind and area, or when the list itself says that the
place's node was withdrawn. Everything else is *unknown*: a name that is not public is no absence.

Strong three-valued logic (Kleene 1952, § 64) of presence: unknown is never absent.

With absent < unknown < present, *and* is the smaller, *or* the larger and *not* the mirror.

The logic looks at values, not at facts: "unknown and not unknown" stays unknown even where both
speak of the same place. A share of lists, which counts lists, does not have this weakness.

References
----------
Kleene, S. C. (1952). Introduction to Metamathematics. North-Holland.

Why a place has, lacks or is not known to have a kind of node, as a sentence.
"""

from collections.abc import Sequence

import pandas as pd

from network_map.i18n import text
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.places.tables import PROVINCE_ADCODE
from network_map.tables import Column, ColumnType, Table
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
    is_gone = nodes["status"] == NodeStatus.WITHDRAWN
    named = _named(nodes[~is_gone])
    withdrawn = set(zip(nodes.loc[is_gone, "kind"], nodes.loc[is_gone, "adcode"], strict=True))
    claims = complete_lists.dropna(subset="as_of")
    complete_on = dict(
        zip(zip(claims["kind"], claims["adcode"], strict=True), claims["as_of"], strict=True)
    )
    rows = []
    for kind, adcode, prefecture, province in places.itertuples(index=False, name=None):
        names, origin = named.get((kind, adcode), (None, None))
        date = complete_on.get((kind, province)) or complete_on.get((kind, prefecture))
        presence, basis = Presence.UNKNOWN, "not_published"
        if date is not None:
            presence, basis = Presence.ABSENT, "complete_list"
        if (kind, adcode) in withdrawn:
            presence, basis = Presence.ABSENT, "withdrawn"
        if names is not None:
            is_assumed = origin == Origin.ASSUMED
            presence, basis = Presence.PRESENT, "named_assumed" if is_assumed else "named"
        rows.append((presence.value, names, origin, basis, date))
    columns = ["presence", "node_names", "origin", "basis_code", "complete_on"]
    found = pd.DataFrame(rows, columns=columns, index=places.index, dtype="object").astype("str")
    return places[["kind", "adcode", "prefecture_adcode"]].assign(
        **{name: found[name] for name in columns}
    )


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


def _named(live: pd.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the names and the weakest origin of the nodes of each kind and place."""
    strength = {origin.value: rank for rank, origin in enumerate(Origin)}
    columns = (live[name] for name in ("kind", "adcode", "origin", "node_id", "node_name"))
    nodes = sorted(
        (kind, adcode, strength[origin], node_id, name, origin)
        for kind, adcode, origin, node_id, name in zip(*columns, strict=True)
        if isinstance(adcode, str)
    )
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, adcode, _, _, name, origin in nodes:
        before = found.get((kind, adcode))
        names = name if before is None else f"{before[0]}{_SEPARATOR}{name}"
        found[kind, adcode] = names, origin
    return found


_NODE_COUNTS = ("named_count", "planned_count", "assumed_count", "withdrawn_count")
_PLACE_COUNTS = {
    Presence.PRESENT.value: "present_count",
    Presence.ABSENT.value: "absent_count",
    Presence.UNKNOWN.value: "unknown_count",
}


def _area_counts(nodes: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of each kind in each area that has places for it."""
    names = ("place_count", *_PLACE_COUNTS.values(), *_NODE_COUNTS, "complete_count")
    counts: dict[tuple[str, str], dict[str, int]] = {}
    columns = (roll[name] for name in ("kind", "area", "presence", "complete_on"))
    for kind, area, presence, complete_on in zip(*columns, strict=True):
        if isinstance(area, str):
            own = counts.setdefault((kind, area), dict.fromkeys(names, 0))
            own["place_count"] += 1
            own[_PLACE_COUNTS[presence]] += 1
            own["complete_count"] += isinstance(complete_on, str)
    columns = (nodes[name] for name in ("kind", "area", "status", "origin"))
    for kind, area, status, origin in zip(*columns, strict=True):
        if (found := counts.get((kind, area))) is not None:
            is_live = status != NodeStatus.WITHDRAWN
            found["named_count"] += is_live
            found["withdrawn_count"] += not is_live
            found["planned_count"] += status == NodeStatus.PLANNED
            found["assumed_count"] += is_live and origin == Origin.ASSUMED
    table = pd.DataFrame(
        {name: pd.array([c[name] for c in counts.values()], dtype="Int64") for name in names}
    )
    is_complete = (table["complete_count"] == table["place_count"]).astype("boolean")
    keys = pd.DataFrame(list(counts), columns=["kind", "area"], dtype="str")
    return (
        pd.concat([keys, table], axis=1)
        .assign(is_complete=is_complete)
        .drop(columns="complete_count")
    )


def _verdict(counts: pd.DataFrame) -> pd.Series:
    difference = counts["unnamed_count"]
    is_complete = counts["is_complete"].fillna(value=False).astype("bool")
    verdict = pd.Series("undeclared", index=counts.index, dtype="str")
    verdict = verdict.mask((difference == 0).fillna(value=False), "agrees")
    is_short = (difference > 0).fillna(value=False)
    verdict = verdict.mask(is_short, "names_missing").mask(is_short & is_complete, "contradiction")
    return verdict.mask((difference < 0).fillna(value=False), "surplus")


_ORDER = (Presence.ABSENT, Presence.UNKNOWN, Presence.PRESENT)
_RANKS = {value.value: rank for rank, value in enumerate(_ORDER)}


def presence_and(*columns: pd.Series) -> pd.Series:
    """Return whether all of the columns hold, row by row.

    Parameters
    ----------
    columns
        Values of ``Presence``; at least one column, all with the same index.

    Raises
    ------
    ValueError
        If a cell is not one of the three values.
    """
    return _presence(_ranks(columns).min(axis=1))


def presence_or(*columns: pd.Series) -> pd.Series:
    """Return whether any of the columns holds, row by row; as :func:`presence_and`."""
    return _presence(_ranks(columns).max(axis=1))


def presence_not(column: pd.Series) -> pd.Series:
    """Return the opposite, row by row: the opposite of unknown is unknown."""
    return _presence(len(_ORDER) - 1 - _rank(column))


def _truth(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.CODE, zh, en, is_required=True, codes=tuple(Presence))


KLEENE = Table(
    "kleene",
    "三值逻辑",
    "Three-valued logic",
    (
        _truth("left", "甲", "A"),
        _truth("right", "乙", "B"),
        _truth("both", "甲且乙", "A and B"),
        _truth("either", "甲或乙", "A or B"),
        _truth("not_left", "非甲", "Not A"),
    ),
    key=("left", "right"),
)


def kleene_table() -> pd.DataFrame:
    """Return the nine rows of the table ``kleene``: ``left, right, both, either, not_left``."""
    values = [value.value for value in reversed(_ORDER)]
    pairs = [(left, right) for left in values for right in values]
    table = pd.DataFrame(pairs, columns=["left", "right"], dtype="str")
    return table.assign(
        both=presence_and(table["left"], table["right"]),
        either=presence_or(table["left"], table["right"]),
        not_left=presence_not(table["left"]),
    )


def _ranks(columns: Sequence[pd.Series]) -> pd.DataFrame:
    return pd.concat([_rank(column) for column in columns], axis=1)


def _rank(column: pd.Series) -> pd.Series:
    ranks = column.map(_RANKS)
    if ranks.isna().any():
        found = sorted(set(column[ranks.isna()].astype("str")))
        msg = f"presence must be one of {sorted(_RANKS)}, found {found[:3]}"
        raise ValueError(msg)
    return ranks.astype("int64")


def _presence(ranks: pd.Series) -> pd.Series:
    return ranks.map(dict(enumerate(value.value for value in _ORDER))).astype("str")


def basis_texts(roll: pd.DataFrame, dataset: Dataset, language: str) -> pd.Series:
    """Return the reason of each row of a roll.

    Parameters
    ----------
    roll
        Rows of ``presence.place_roll``.
    dataset
        The data set they were made from; a published total makes the sentence exact.
    language
        ``zh`` or ``en``.

    Returns
    -------
    pandas.Series
        Text, with the index of ``roll``.
    """
    not_published = {
        kind: _not_published(str(kind), dataset, language) for kind in roll["kind"].unique()
    }
    # The demonstration's claims are assumed, and say so.
    assumed = {"complete_list": "complete_list_assumed"} if dataset.is_demo else {}
    sentences = [
        not_published[kind]
        if code == "not_published"
        else text(f"presence_basis.{assumed.get(code, code)}", language, names=names, date=date)
        for kind, code, names, date in zip(
            roll["kind"], roll["basis_code"], roll["node_names"], roll["complete_on"], strict=True
        )
    ]
    return pd.Series(sentences, index=roll.index, dtype="str")


def _not_published(kind: str, dataset: Dataset, language: str) -> str:
    totals = dataset.declared_totals
    declared = totals[(totals["kind"] == kind) & (totals["adcode"] == PROVINCE_ADCODE)]
    nodes = dataset.nodes
    named = int(((nodes["kind"] == kind) & (nodes["status"] != NodeStatus.WITHDRAWN)).sum())
    if declared.empty:
        return text("presence_basis.not_published", language)
    declared_count = int(declared.sort_values("as_of")["declared_count"].iloc[-1])
    if named >= declared_count:
        return text("presence_basis.not_published", language)
    return text(
        "presence_basis.not_published_counted",
        language,
        declared=declared_count,
        named=named,
        unnamed=declared_count - named,
    )


def roll_of(places: Places, dataset: Dataset) -> pd.DataFrame:
    """Return the presence of every counted kind in every place of a data set."""
    return place_roll(dataset.nodes, places.divisions, dataset.node_kinds, dataset.complete_lists)


def kinds_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the counted kinds, and the others that a data set has nodes of, in tier order."""
    kinds = dataset.node_kinds
    is_shown = kinds["is_counted"] | kinds["kind"].isin(dataset.nodes["kind"])
    return tuple(kinds.loc[is_shown, "kind"])
