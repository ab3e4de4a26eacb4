"""What is known of one kind of node: place by place, and in numbers by area."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Ints
from network_map.terms import AdminLevel, NodeStatus, Presence


@dataclass(frozen=True, slots=True, eq=False)
class KindFacts:
    """What is known of one kind, place by place and area by area.

    ``unplaced`` holds named nodes without a place by prefecture (the empty code: unknown);
    ``declared`` the published totals and ``complete`` the completeness by area, the empty code
    being the province.
    """

    roll: pd.DataFrame
    prefectures: pd.Series
    placed: Ints
    unplaced: Mapping[str, int]
    declared: Mapping[str, int]
    complete: frozenset[str]

    @classmethod
    def of(
        cls, kind: str, nodes: pd.DataFrame, roll: pd.DataFrame, reconciled: pd.DataFrame
    ) -> "KindFacts":
        """Return what the tables say of a kind; ``roll`` holds the rows of that kind."""
        live = nodes[(nodes["kind"] == kind) & (nodes["status"] != NodeStatus.WITHDRAWN)]
        prefectures = roll["prefecture_adcode"].fillna("")
        is_placed = live["adcode"].isin(roll["adcode"])
        placed = roll["adcode"].map(live.loc[is_placed, "adcode"].value_counts()).fillna(0)
        lost = live[~is_placed]
        area = lost["adcode"].where(lost["adcode"].isin(prefectures), lost["prefecture_adcode"])
        area = area.where(area.isin(prefectures), "").value_counts()
        rows = reconciled[reconciled["kind"] == kind]
        code = rows["adcode"].mask(rows["level"] == AdminLevel.PROVINCE, "")
        totals = pd.Series(rows["declared_count"].to_numpy(), index=code).dropna()
        complete = code[rows["is_complete"].fillna(value=False).astype("bool")]
        return cls(
            roll=roll,
            prefectures=prefectures,
            placed=np.asarray(placed, dtype=np.int64),
            unplaced={str(name): int(count) for name, count in area.items()},
            declared={str(name): int(count) for name, count in totals.items()},
            complete=frozenset(complete),
        )

    @property
    def unplaced_count(self) -> int:
        """Named nodes without a place."""
        return sum(self.unplaced.values())

    def placed_in(self, prefecture: str) -> int:
        """Return the named nodes known to be in a place of a prefecture."""
        return int(self.placed[(self.prefectures == prefecture).to_numpy()].sum())

    def is_candidate(self, *, one_per_place: bool) -> Flags:
        """Return which places may take a missing node."""
        presence = self.roll["presence"]
        is_open = presence == Presence.UNKNOWN
        if not one_per_place:
            is_open |= (presence == Presence.PRESENT) & self.roll["complete_on"].isna()
        # A complete list that does not say where one of its nodes is leaves its places open.
        can_hold = self.roll["basis_code"] == "complete_list"
        if not one_per_place:
            can_hold |= presence == Presence.PRESENT
        is_open |= can_hold & self.prefectures.isin(self._reopened())
        return is_open.to_numpy(dtype=np.bool_)

    def _reopened(self) -> frozenset[str]:
        """Return the prefectures in which a node of a complete list is not known to be placed."""
        if "" in self.complete and self.unplaced.get("", 0):
            return frozenset(self.prefectures)
        closed = frozenset(self.prefectures) if "" in self.complete else self.complete
        return closed & frozenset(self.unplaced)

    def quotas(self) -> dict[str, int]:
        """Return the missing nodes of each prefecture that is held to a number of its own."""
        numbers: dict[str, int] = {}
        for code in dict.fromkeys(self.prefectures):
            if code and "" not in self.complete and code in self.complete:
                numbers[code] = self.unplaced.get(code, 0)
            elif code and "" not in self.complete and code in self.declared:
                numbers[code] = self.declared[code] - self.placed_in(code)
        return numbers

    def missing_count(self, quotas: Mapping[str, int]) -> int | None:
        """Return the nodes that are not known to be in any place, if a total is known."""
        if "" in self.complete:
            return self.unplaced_count
        if "" in self.declared:
            return self.declared[""] - int(self.placed.sum())
        if set(quotas) == set(self.prefectures):
            return sum(quotas.values())
        return None

    def surplus_count(self, quotas: Mapping[str, int], missing: int | None) -> int:
        """Return the names beyond the totals, of the province or of its prefectures."""
        of_prefectures = sum(
            max(self.unplaced.get(code, 0) - quota, 0) for code, quota in quotas.items()
        )
        of_province = self.unplaced_count - missing if missing is not None else 0
        return max(of_province, of_prefectures, 0)
