"""Why a county stands where it stands, in one sentence made of the numbers of its row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil, isfinite
from typing import cast

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from network_map.activity.tables import CentreState
from network_map.completion.choice import Floats
from network_map.consortia.answer import DEFAULT_STANDARD_KM
from network_map.gaps.query import REACH_KINDS
from network_map.gaps.severity import FEW_SHARE
from network_map.gaps.tables import TIERS, ReachVerdict
from network_map.gaps.weights import COMPONENTS
from network_map.i18n import number_text, text
from network_map.maps.charts import plain_cells
from network_map.terms import CostUnit, GapType, MapGap, NodeKind, NodePresence, Origin


def facts_told(
    rows: pd.DataFrame,
    kinds: Mapping[str, str],
    *,
    language: str,
    unit: CostUnit = CostUnit.KM,
) -> pd.Series:
    """Return what the facts of each row say; no weight changes it.

    Parameters
    ----------
    rows
        Rows of the declared table ``gap_facts``.
    kinds
        Short names of the kinds in the language.
    language
        ``zh`` or ``en``.
    unit
        What distances and standards are measured in.
    """
    say = _Sayer(kinds, language, unit)
    columns = {str(name): cells.array for name, cells in rows.items()}
    return pd.Series([*map(say.facts, _plain_rows(columns))], index=rows.index, dtype="str")


def reasons(
    columns: Mapping[str, ExtensionArray], told: Iterable[str], *, language: str
) -> ExtensionArray:
    """Return the reason of each row of ``gaps``, every number of it as its column shows it.

    Parameters
    ----------
    columns
        Those of the declared table ``gap_scores``, by name.
    told
        What :func:`facts_told` returned for the same rows.
    language
        ``zh`` or ``en``.
    """
    say = _Sayer({}, language)
    space = "" if language == "zh" else " "
    rows = _plain_rows({name: columns[name] for name in _SCORED})
    sentences = [
        space.join(part for part in (say.score(row), fact, say.advice(row)) if part)
        for row, fact in zip(rows, told, strict=True)
    ]
    return pd.array(sentences, dtype=pd.StringDtype(na_value=np.nan))


_SCORED = [
    "score", "rank", "rank_low", "rank_high", "largest_part",
    "suggested_action", *(f"contribution_{name}" for name in COMPONENTS),
]  # fmt: skip


def _plain_rows(columns: Mapping[str, ExtensionArray]) -> Iterator[Mapping[str, object]]:
    cells = map(plain_cells, columns.values())
    return (dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True))


class _Sayer:
    """Says the parts of a reason in one language."""

    def __init__(
        self, kinds: Mapping[str, str], language: str, unit: CostUnit = CostUnit.KM
    ) -> None:
        self._kinds = kinds
        self._language = language
        self._unit = text(f"unit.{unit.value}", language)
        self._parts: tuple[Callable[[Mapping[str, object]], str], ...] = (
            self._presence, self._reach, self._activity, self._centre, self._consortium,
        )  # fmt: skip

    def facts(self, row: Mapping[str, object]) -> str:
        space = "" if self._language == "zh" else " "
        return space.join(part for say in self._parts if (part := say(row)))

    def _text(self, key: str, **values: object) -> str:
        return text(f"gap.reason.{key}", self._language, **values)

    def _number(self, row: Mapping[str, object], name: str, digits: int = 1) -> str:
        return number_text(cast("float", row[name]), digits)

    def score(self, row: Mapping[str, object]) -> str:
        if row["score"] is None:
            return ""
        score = self._number(row, "score", 2)
        if row["rank_low"] is None:
            return self._text("score", score=score, rank=row["rank"])
        ranks = {name: row[name] for name in ("rank", "rank_low", "rank_high")}
        return self._text("score_interval", score=score, **ranks)

    def _presence(self, row: Mapping[str, object]) -> str:
        said = []
        for kind, name in (
            (NodeKind.COUNTY_CENTRE, "county_centre"),
            (NodeKind.DEMONSTRATION_COUNTY, "demonstration_county_here"),
        ):
            verdict = row[f"{name}_presence"]
            word = text(f"term.presence_verdict.{verdict}", self._language)
            values = {"kind": self._kinds[kind], "verdict": word}
            if verdict == "possible":
                percent = self._number(row, f"{name}_present_percent")
                count = self._number(row, f"{name}_missing_count", 0)
                missing = self._text("missing", count=count, kind=self._kinds[kind])
                values |= {"percent": percent, "missing": missing}
                said.append(self._text("presence_possible", **values))
            else:
                said.append(self._text("presence", **values))
        return self._joined(said)

    def _reach(self, row: Mapping[str, object]) -> str:
        return self._joined([self._reach_of(row, kind) for kind in REACH_KINDS])

    def _reach_of(self, row: Mapping[str, object], kind: str) -> str:
        verdict = ReachVerdict(str(row[f"{kind}_verdict"]))
        values: dict[str, object] = {
            "kind": self._kinds[kind],
            "verdict": text(f"gap.verdict.{verdict.value}", self._language),
            "standard": f"{row[f'{kind}_standard_km']:g}",
            "unit": self._unit,
        }
        said = self._text("reach", **values)
        if verdict is ReachVerdict.POSSIBLE:
            for name in ("gap_percent", "covered_percent"):
                values[name] = self._number(row, f"{kind}_{name}")
            said = self._text("reach_possible", **values)
        if row[f"{kind}_km"] is None:
            return said
        for name in ("km", "low_km", "high_km"):
            values[name] = self._number(row, f"{kind}_{name}")
        method = text(f"term.distance_method.{row[f'{kind}_method']}", self._language)
        near = self._text("reach_node", **values, node=row[f"{kind}_node_name"], method=method)
        return said + near

    def _centre(self, row: Mapping[str, object]) -> str:
        is_idle = row["centre_state"] == CentreState.IDLE.value
        return self._text("centre_idle") if is_idle else ""

    def _activity(self, row: Mapping[str, object]) -> str:
        if row["absorption_contract_count"] is None:
            return self._text("activity_unknown")
        values = {
            "years": row["contract_years"],
            "count": self._number(row, "absorption_contract_count", 0),
            "output": self._number(row, "output_contract_count", 0),
        }
        if row["absorption_per_10k"] is None or row["absorption_peer_per_10k"] is None:
            return self._text("activity_count", **values)
        rate = self._number(row, "absorption_per_10k", 2)
        peers = self._number(row, "absorption_peer_per_10k", 2)
        return self._text("activity", **values, rate=rate, peers=peers)

    def _consortium(self, row: Mapping[str, object]) -> str:
        verdict = text(f"term.fit_verdict.{row['consortium_verdict']}", self._language)
        if row["consortium_names"] is None:
            return self._text("consortium", verdict=verdict)
        return self._text("consortium_named", verdict=verdict, names=row["consortium_names"])

    def advice(self, row: Mapping[str, object]) -> str:
        action = text(f"gap.action.{row['suggested_action']}", self._language)
        if row["largest_part"] is None:
            return self._text("advice_only", action=action)
        return self._text(
            "advice",
            part=text(f"gap.component.{row['largest_part']}", self._language),
            points=self._number(row, f"contribution_{row['largest_part']}", 2),
            action=action,
        )

    def _joined(self, said: list[str]) -> str:
        parts = text("gap.reason.and", self._language).join(said)
        return text("gap.reason.end", self._language, parts=parts)


_SURE = (ReachVerdict.GAP.value, ReachVerdict.CERTAIN_GAP.value)
_BY_LISTS = (ReachVerdict.CERTAIN_GAP.value, ReachVerdict.CERTAIN_COVERED.value)
_OPEN = (ReachVerdict.POSSIBLE.value, ReachVerdict.UNKNOWN.value)
_MOST_SENTENCES, _MOST_ACTIONS = 3, 2


class RowWords:
    """Says why a row of ``county_gaps`` is a gap, what to do, and what would overturn it.

    Parameters
    ----------
    kinds, missing_counts
        Short names of the kinds, and how many names of each list are missing.
    member_km
        Near end of the band to the nearest member of each row; infinite without one.
    has_register
        Whether there is a contract register.
    language
        ``zh`` or ``en``.
    unit
        What distances to nodes are measured in; those to members are kilometres.
    """

    def __init__(
        self,
        kinds: Mapping[str, str],
        missing_counts: Mapping[str, int],
        *,
        member_km: Floats,
        has_register: bool,
        language: str,
        unit: CostUnit = CostUnit.KM,
    ) -> None:
        self._unit = text(f"unit.{unit.value}", language)
        self._kinds, self._missing, self._language = kinds, missing_counts, language
        self._member_km, self._has_register = member_km, has_register

    def of_rows(self, table: pd.DataFrame) -> dict[str, ExtensionArray]:
        """Return the columns ``reason``, ``suggestion`` and ``overturn``."""
        columns = {str(name): cells.array for name, cells in table.items()}
        said: dict[str, list[str]] = {"reason": [], "suggestion": [], "overturn": []}
        for row, member_km in zip(_plain_rows(columns), self._member_km, strict=True):
            said["reason"].append(self._reason(row))
            said["suggestion"].append(self._suggestion(row))
            said["overturn"].append(self._overturn(row, float(member_km)))
        return {n: pd.array(w, dtype=pd.StringDtype(na_value=np.nan)) for n, w in said.items()}

    def _text(self, key: str, **values: object) -> str:
        return text(f"gap.row.{key}", self._language, **values)

    def _joined(self, parts: list[str]) -> str:
        return ("" if self._language == "zh" else " ").join(parts)

    def _reason(self, row: Mapping[str, object]) -> str:
        first: list[str] = []
        rest: list[str] = []
        for kind in TIERS:
            (first if row[f"{kind}_verdict"] in _SURE else rest).append(self._reach(row, kind))
        if row["centre_state"] == CentreState.IDLE:
            first.append(self._text("centre_idle"))
        for gap, say in (
            (GapType.IDLE_NODE, self._activity),
            (GapType.NO_CENTRE, self._centre),
            (GapType.CENTRE_PLANNED, self._centre),
            (GapType.NO_CONSORTIUM, self._member),
        ):
            if row[f"{gap.value}_share"] == 1:
                first.append(say(row))
        if row["map_gap"] == MapGap.ACTIVE_OUT_OF_REACH:
            first.insert(2 if row[f"{GapType.OUT_OF_REACH.value}_share"] == 1 else 0,
                         self._activity(row))  # fmt: skip
        rest.append(self._activity(row))
        told = list(dict.fromkeys(sentence for sentence in (*first, *rest) if sentence))
        return self._joined([_capital(sentence) for sentence in told[:_MOST_SENTENCES]])

    def _reach(self, row: Mapping[str, object], kind: str) -> str:
        verdict = str(row[f"{kind}_verdict"])
        values: dict[str, object] = {
            "kind": self._kinds[str(row[f"{kind}_node_kind"])],
            "standard": f"{row[f'{kind}_standard_km']:g}",
            "missing": self._missing.get(kind, 0),
            "unit": self._unit,
            "percent": _shown(row[f"{kind}_gap_percent"]),
            "assumed": self._text("assumed") if row[f"{kind}_node_is_assumed"] else "",
        }
        for name in ("km", "low_km", "high_km", "excess_km"):
            values[name] = _shown(row[f"{kind}_{name}"])
        if verdict == ReachVerdict.UNKNOWN or (row[f"{kind}_km"] is None and verdict not in _OPEN):
            return self._text("reach_unknown", **values)
        return self._text(f"reach_{verdict}", **values)

    def _activity(self, row: Mapping[str, object]) -> str:
        rate, peers = row["absorption_per_10k"], row["absorption_peer_per_10k"]
        if rate is None or peers is None:
            return ""
        values = {"rate": number_text(cast("float", rate), 2),
                  "peers": number_text(cast("float", peers), 2)}  # fmt: skip
        return self._text("activity", **values)

    def _centre(self, row: Mapping[str, object]) -> str:
        is_assumed = row["county_centre_presence_origin"] == Origin.ASSUMED
        values = {"kind": self._kinds[NodeKind.COUNTY_CENTRE],
                  "assumed": self._text("assumed") if is_assumed else ""}  # fmt: skip
        return self._text(f"centre_{row['county_centre_presence']}", **values)

    def _member(self, row: Mapping[str, object]) -> str:
        names = row["consortium_names"]
        if row["member_km"] is None:
            return self._text("no_member", names=names)
        return self._text("member", names=names, km=_shown(row["member_km"]),
                          standard=f"{DEFAULT_STANDARD_KM:g}")  # fmt: skip

    def _suggestion(self, row: Mapping[str, object]) -> str:
        if row["map_gap"] == MapGap.NONE:
            return self._text("suggest_none")
        if row["map_gap"] == MapGap.UNKNOWN:
            return self._text("suggest_unknown", lists=self._and(self._open_lists(row)))
        actions = []
        if row[f"{GapType.OUT_OF_REACH.value}_share"] == 1:
            actions.append(self._node_action(row))
        actions += [
            self._text(f"suggest_{gap.value}", names=row["consortium_names"])
            for gap in tuple(GapType)[2:]
            if row[f"{gap.value}_share"] == 1
        ]
        return _capital(self._text("also").join(actions[:_MOST_ACTIONS]))

    def _node_action(self, row: Mapping[str, object]) -> str:
        lacking = [kind for kind in TIERS if row[f"{kind}_verdict"] in _SURE] or [*TIERS]
        place = row["prefecture_name"]
        presence = row[f"{NodeKind.SUB_MARKET.value}_presence"]
        if lacking == [*TIERS]:
            return self._text(f"suggest_both_{presence}", place=place)
        if lacking == [NodeKind.SUB_MARKET.value]:
            return self._text(f"suggest_sub_market_{presence}", place=place)
        return self._text("suggest_demonstration_county")

    def _open_lists(self, row: Mapping[str, object]) -> list[str]:
        kinds = [kind for kind in TIERS if row[f"{kind}_verdict"] in _OPEN]
        if row["county_centre_presence"] == NodePresence.UNKNOWN:
            kinds.append(NodeKind.COUNTY_CENTRE.value)
        lists = [self._text("list_of", kind=self._inside(kind)) for kind in kinds]
        if not self._has_register:
            lists.append(self._text("list_register"))
        if row[f"{GapType.NO_CONSORTIUM.value}_share"] is None:
            lists.append(self._text("list_consortia"))
        return lists

    def _inside(self, kind: str) -> str:
        """Return the name of a kind as it stands inside a sentence."""
        return self._kinds[kind].lower()

    def _and(self, words: list[str]) -> str:
        return ("、" if self._language == "zh" else ", ").join(words)

    def _overturn(self, row: Mapping[str, object], member_km: float) -> str:
        shown = str(row["map_gap"])
        if shown in {MapGap.ACTIVE_OUT_OF_REACH, MapGap.OUT_OF_REACH}:
            return self._overturn_reach(row)
        if shown == MapGap.IDLE_NODE and row["centre_state"] == CentreState.IDLE:
            return self._text("overturn_idle")
        if shown == MapGap.IDLE_NODE:
            enough = FEW_SHARE * cast("float", row["absorption_peer_per_10k"])
            return self._text("overturn_idle_node", rate=number_text(ceil(enough * 100) / 100, 2))
        if shown == MapGap.NO_CONSORTIUM and isfinite(member_km):
            return self._text("overturn_member", km=_shown(ceil(member_km * 10) / 10))
        if shown != MapGap.NONE:
            return self._text(f"overturn_{shown}")
        return self._overturn_none(row)

    def _overturn_none(self, row: Mapping[str, object]) -> str:
        spare = {
            kind: cast("float", row[f"{kind}_threshold_km"])
            for kind in TIERS
            if row[f"{kind}_threshold_km"] is not None
        }
        if not spare:
            return self._text("overturn_unknown")
        kind = max(spare, key=lambda k: spare[k] / cast("float", row[f"{k}_standard_km"]))
        if spare[kind] <= 0:
            return self._text("overturn_here")
        return self._text("overturn_none", kind=self._inside(kind), km=_shown(spare[kind]),
                          unit=self._unit)  # fmt: skip

    def _overturn_reach(self, row: Mapping[str, object]) -> str:
        lacking = [kind for kind in TIERS if row[f"{kind}_verdict"] in _SURE]
        limits = [row[f"{kind}_threshold_km"] for kind in lacking]
        ends = "lists" if any(row[f"{kind}_verdict"] in _BY_LISTS for kind in lacking) else "one"
        end = self._text(f"overturned_{ends}")
        if not lacking or None in limits:
            said = self._text("overturn_lists")
        elif len(lacking) == len(TIERS):
            first, second = map(_shown, limits)
            said = self._text("overturn_both", first=first, second=second, end=end,
                              unit=self._unit)  # fmt: skip
        else:
            said = self._text("overturn_reach", kind=self._inside(lacking[0]),
                              km=_shown(limits[0]), end=end, unit=self._unit)  # fmt: skip
        if row["map_gap"] != MapGap.ACTIVE_OUT_OF_REACH:
            return said
        peers = number_text(cast("float", row["absorption_peer_per_10k"]), 2)
        return self._joined([said, self._text("overturn_active", peers=peers)])


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _shown(value: object) -> str:
    """Return a distance or percentage to one decimal, a whole number without any."""
    if value is None:
        return "–"
    said = number_text(float(cast("float", value)), 1)
    return said.removesuffix(".0")
