"""Why a county stands where it stands, in one sentence made of the numbers of its row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from network_map.activity.tables import CentreState
from network_map.gaps.query import REACH_KINDS
from network_map.gaps.tables import ReachVerdict
from network_map.gaps.weights import COMPONENTS
from network_map.i18n import number_text, text
from network_map.maps.charts import plain_cells
from network_map.terms import NodeKind


def facts_told(rows: pd.DataFrame, kinds: Mapping[str, str], *, language: str) -> pd.Series:
    """Return what the facts of each row say; no weight changes it.

    Parameters
    ----------
    rows
        Rows of the declared table ``gap_facts``.
    kinds
        Short names of the kinds in the language.
    language
        ``zh`` or ``en``.
    """
    say = _Sayer(kinds, language)
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
        f"{say.score(row)}{space}{fact}{space}{say.advice(row)}"
        for row, fact in zip(rows, told, strict=True)
    ]
    return pd.array(sentences, dtype=pd.StringDtype(na_value=np.nan))


_SCORED = [
    "score", "score_low", "score_high", "rank", "rank_low", "rank_high", "largest_part",
    "suggested_action", *(f"contribution_{name}" for name in COMPONENTS),
]  # fmt: skip


def _plain_rows(columns: Mapping[str, ExtensionArray]) -> Iterator[Mapping[str, object]]:
    cells = map(plain_cells, columns.values())
    return (dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True))


class _Sayer:
    """Says the parts of a reason in one language."""

    def __init__(self, kinds: Mapping[str, str], language: str) -> None:
        self._kinds = kinds
        self._language = language
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
        values = {name: self._number(row, name, 2) for name in ("score", "score_low", "score_high")}
        if row["rank_low"] is None:
            return self._text("score", **values, rank=row["rank"])
        ranks = {name: row[name] for name in ("rank", "rank_low", "rank_high")}
        return self._text("score_interval", **values, **ranks)

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
        return self._text(
            "advice",
            part=text(f"gap.component.{row['largest_part']}", self._language),
            points=self._number(row, f"contribution_{row['largest_part']}", 2),
            action=text(f"gap.action.{row['suggested_action']}", self._language),
        )

    def _joined(self, said: list[str]) -> str:
        parts = text("gap.reason.and", self._language).join(said)
        return text("gap.reason.end", self._language, parts=parts)
