"""What an import of a node list changes in a register, kind by kind and by name.

A list replaces the nodes of its kinds. So what it does not name goes, and that must be seen
before it happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from network_map.i18n import text
from network_map.listfiles.cells import bare_text
from network_map.nodes.tables import NODES
from network_map.places.reference import kind_names
from network_map.workspace.snapshots import Tables

MOST_NAMED = 200
"""Names that a sentence carries; all are counted."""
_ABOUT_THE_ROW = {"node_id", "origin", "source", "source_on", "grade", "note"}
_CONTENT = [name for name in NODES.names if name not in _ABOUT_THE_ROW]


@dataclass(frozen=True, slots=True)
class KindChange:
    """What a list does to the nodes of one kind.

    Parameters
    ----------
    kind
        The kind.
    before, after
        Number of its nodes before and after the import.
    added, removed, changed
        Names of the nodes that only the list has, that only the register has, and that both have
        with other contents.
    """

    kind: str
    before: int
    after: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the change as plain values."""
        return {
            "kind": self.kind, "before": self.before, "after": self.after,
            "added": list(self.added), "removed": list(self.removed),
            "changed": list(self.changed),
        }  # fmt: skip


def node_changes(base: Tables, nodes: pd.DataFrame) -> tuple[KindChange, ...]:
    """Return what the nodes of a list change in a register, one entry for each of its kinds.

    Parameters
    ----------
    base
        The tables of the register before the import.
    nodes
        Table ``nodes``: what would be taken of the list.
    """
    held = base["nodes"]
    return tuple(
        _change(str(kind), held[held["kind"] == kind], nodes[nodes["kind"] == kind])
        for kind in nodes["kind"].drop_duplicates()
    )


def change_sentences(
    changes: Sequence[KindChange], node_kinds: pd.DataFrame, language: str
) -> tuple[tuple[str, bool], ...]:
    """Return a sentence for each kind, and whether nodes go.

    Parameters
    ----------
    changes
        What :func:`node_changes` returned.
    node_kinds
        Table ``node_kinds``, for the names of the kinds.
    language
        ``zh`` or ``en``.
    """
    names = kind_names(node_kinds, language)
    return tuple(
        (_sentence(change, names.get(change.kind, change.kind), language), bool(change.removed))
        for change in changes
    )


def _sentence(change: KindChange, name: str, language: str) -> str:
    parts = [
        text(
            "import.change.counts", language, name=name, before=change.before, after=change.after,
            added=len(change.added), removed=len(change.removed), changed=len(change.changed),
        ),
        *(
            text(f"import.change.{what}", language, names=_named(names, language))
            for what, names in (
                ("removed", change.removed), ("added", change.added), ("changed", change.changed),
            )
            if names
        ),
    ]  # fmt: skip
    return " ".join(parts)


def _named(names: Sequence[str], language: str) -> str:
    shown = text("import.page.separator", language).join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else text("import.change.more", language, names=shown, count=more)


def _change(kind: str, old: pd.DataFrame, new: pd.DataFrame) -> KindChange:
    pairs = _pairs(old, new)
    before, after = (rows[_CONTENT].astype("object").to_numpy().tolist() for rows in (old, new))
    old_names, new_names = (rows["node_name"].astype("str").tolist() for rows in (old, new))
    return KindChange(
        kind,
        len(old),
        len(new),
        added=tuple(name for n, name in enumerate(new_names) if n not in pairs.values()),
        removed=tuple(name for n, name in enumerate(old_names) if n not in pairs),
        changed=tuple(
            new_names[second]
            for first, second in pairs.items()
            if not _is_same(before[first], after[second])
        ),
    )


def _is_same(first: Sequence[object], second: Sequence[object]) -> bool:
    return all(
        a == b or (pd.isna(a) and pd.isna(b))  # type: ignore[call-overload]  # cells are scalars
        for a, b in zip(first, second, strict=True)
    )


def _pairs(old: pd.DataFrame, new: pd.DataFrame) -> dict[int, int]:
    """Return for places of old nodes the place of the same node in the list.

    The same are two of one place and name; of those that are left, two of one place.
    """
    pairs: dict[int, int] = {}
    old_keys, new_keys = (
        list(zip(rows["adcode"].astype("str"), rows["node_name"].astype("str").map(bare_text),
                 strict=True))
        for rows in (old, new)
    )  # fmt: skip
    for has_name in (True, False):
        free: dict[tuple[str, str], list[int]] = {}
        taken = set(pairs.values())
        for n, (place, name) in enumerate(new_keys):
            if n not in taken:
                free.setdefault((place, name if has_name else ""), []).append(n)
        for n, (place, name) in enumerate(old_keys):
            same = free.get((place, name if has_name else ""))
            if n not in pairs and same:
                pairs[n] = same.pop(0)
    return pairs
