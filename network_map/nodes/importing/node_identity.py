"""No node twice: repeated nodes of a list are refused, and every node gets its id."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from network_map.errors import Problem
from network_map.listfiles.cells import bare_text
from network_map.nodes.importing.drafts import Draft
from network_map.nodes.importing.node_kinds import KindBook
from network_map.terms import NodeStatus

_TOO_SHORT_ID = re.compile(r"\d{1,4}")
"""A running number, no id."""


def without_duplicates(drafts: Sequence[Draft], kinds: KindBook) -> list[Draft]:
    """Refuse a second node of a kind in a place; if the two differ, the first one as well."""
    first: dict[tuple[object, ...], int] = {}
    checked = list(drafts)
    for place, draft in enumerate(drafts):
        key = _identity(draft, kinds)
        if key is None:
            continue
        if key not in first:
            first[key] = place
            continue
        other = drafts[first[key]]
        checked[place] = checked[place].with_problem(_duplicate(draft, other))
        if dict(draft.cells) != dict(other.cells) and checked[first[key]] is other:
            checked[first[key]] = other.with_problem(_duplicate(other, draft))
    return checked


def _identity(draft: Draft, kinds: KindBook) -> tuple[object, ...] | None:
    """Return what no two nodes share, or None for a row that is out already or withdrawn."""
    cells = draft.cells
    kind, adcode = cells["kind"], cells["adcode"]
    if kind is None or adcode is None or cells["status"] == NodeStatus.WITHDRAWN.value:
        return None
    if str(kind) in kinds.counted:
        return (kind, adcode)
    return (kind, adcode, bare_text(str(cells["node_name"])))


def _duplicate(draft: Draft, other: Draft) -> Problem:
    first, second = sorted((draft.row, other.row))
    return Problem(
        "node_repeated", row=draft.row, column="row", value=str(draft.cells["node_name"]),
        values={"rows": f"{first}、{second}", "other": other.row},
    )  # fmt: skip


def with_ids(drafts: Sequence[Draft]) -> list[Draft]:
    """Give every settled node its id: the list's own, or one made of kind and place."""
    given = [str(draft.cells["node_id"] or "") for draft in drafts]
    are_ids = any(text and _TOO_SHORT_ID.fullmatch(text) is None for text in given)
    used: dict[str, int] = {}
    counted: defaultdict[str, int] = defaultdict(int)
    named = []
    for draft, own in zip(drafts, given, strict=True):
        stem = f"{draft.cells['kind']}-{draft.cells['adcode']}"
        if are_ids and own:
            node_id = own
        else:
            counted[stem] += 1
            node_id = stem if counted[stem] == 1 else f"{stem}-{counted[stem]}"
        fresh = replace(draft, cells={**draft.cells, "node_id": node_id})
        if node_id in used and draft.is_takeable:
            fresh = fresh.with_problem(_repeated_id(draft.row, used[node_id], node_id))
        if draft.is_takeable:
            used.setdefault(node_id, draft.row)
        named.append(fresh)
    return named


def _repeated_id(row: int, other: int, node_id: str) -> Problem:
    return Problem(
        "node_id_repeated", row=row, column="node_id", value=node_id,
        values={"rows": f"{other}、{row}", "other": other},
    )  # fmt: skip
