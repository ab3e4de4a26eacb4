"""The ensembles of a data set as tables: one row for each kind, one for each place.

The ensemble of completions in words: what each list lacks, and the names of the findings.
"""

from collections.abc import Mapping
from math import log10

import numpy as np
import pandas as pd

from network_map.completion.ensemble import CompletionStatus, Ensemble, NestedEnsemble
from network_map.completion.shares import PresenceVerdict, inclusion_shares, pair_choice
from network_map.i18n import text


def completion_kinds(
    by_kind: Mapping[str, Ensemble], *, nested: NestedEnsemble | None = None
) -> pd.DataFrame:
    """Return the state of the list of each kind.

    Parameters
    ----------
    by_kind
        What ``completion.ensembles`` returned.
    nested
        The pairs in which a demonstration county has a centre, if that is to be shown beside.

    Returns
    -------
    pandas.DataFrame
        The columns of the table ``completion_kinds`` but for ``kind_name``.
    """
    has_pairs = nested is not None and pair_choice(nested).choice is not None
    paired = set() if nested is None else {nested.inner.kind, nested.outer.kind}
    rows = []
    for kind, ensemble in by_kind.items():
        lists = ensemble.list_count()
        rows.append(
            {
                "kind": kind,
                "status_code": ensemble.status.value,
                "declared_count": ensemble.declared_count,
                "named_count": ensemble.named_count,
                "missing_count": ensemble.missing_count,
                "unplaced_count": ensemble.unplaced_count,
                "surplus_count": ensemble.surplus_count,
                "candidate_count": ensemble.candidate_count,
                "list_count_log10": log10(lists) if lists else np.nan,
                "has_nested": has_pairs if kind in paired else None,
            }
        )
    table = pd.DataFrame(rows)
    counts = [name for name in table.columns if name.endswith("_count")]
    types = dict.fromkeys(counts, "Int64") | {"kind": "str", "status_code": "str"}
    return table.astype(types | {"list_count_log10": "float64", "has_nested": "boolean"})


def completion_table(
    roll: pd.DataFrame,
    by_kind: Mapping[str, Ensemble],
    *,
    nested: NestedEnsemble | None = None,
) -> pd.DataFrame:
    """Return the share of lists with a node, for each counted kind and place.

    Parameters
    ----------
    roll
        What ``presence.place_roll`` returned.
    by_kind
        What ``completion.ensembles`` returned for it.
    nested
        The pairs in which a demonstration county has a centre: their shares stand beside the
        plain ones. They are missing for other kinds, and where no pair of lists fits.

    Returns
    -------
    pandas.DataFrame
        The columns of the table ``completion_shares`` but for names, in the order of the roll.
    """
    plain = pd.concat(
        [
            inclusion_shares(ensemble).assign(
                kind=kind, status_code=ensemble.status.value, is_candidate=ensemble.is_candidate
            )
            for kind, ensemble in by_kind.items()
        ],
        ignore_index=True,
    )
    table = roll[["kind", "adcode", "prefecture_adcode", "presence"]].merge(
        plain, how="left", on=["kind", "adcode"], validate="one_to_one"
    )
    if nested is None:
        beside = plain.iloc[:0][["kind", "adcode", "share_of_lists", "verdict_code"]]
    else:
        beside = pd.concat(
            [
                inclusion_shares(nested, kind=kind).assign(kind=kind)
                for kind in (nested.inner.kind, nested.outer.kind)
            ],
            ignore_index=True,
        )
    table = table.merge(
        beside, how="left", on=["kind", "adcode"], suffixes=("", "_nested"),
        validate="one_to_one",
    )  # fmt: skip
    names = [
        "kind", "adcode", "prefecture_adcode", "presence", "status_code", "is_candidate",
        "share_of_lists", "verdict_code", "share_of_lists_nested", "verdict_code_nested",
    ]  # fmt: skip
    types = {"kind": "str", "status_code": "str", "is_candidate": "boolean"}
    return table[names].astype(types)


def completion_sentence(ensemble: Ensemble, kind_name: str, language: str) -> str:
    """Return what is known of the list of a kind, and what follows for the possible lists.

    Parameters
    ----------
    ensemble
        The completions of the kind.
    kind_name
        Name of the kind in the language.
    language
        ``zh`` or ``en``.
    """
    values: Mapping[str, object] = {
        "kind": kind_name,
        "declared": ensemble.declared_count,
        "named": ensemble.named_count,
        "missing": ensemble.missing_count,
        "unnamed": (ensemble.missing_count or 0) - ensemble.unplaced_count,
        "unplaced": ensemble.unplaced_count,
        "surplus": ensemble.surplus_count,
        "candidates": ensemble.candidate_count,
    }
    sentence = text(f"completion.state_{ensemble.status.value}", language, **values)
    if ensemble.status is CompletionStatus.OPEN and ensemble.unplaced_count:
        space = "" if language == "zh" else " "
        return sentence + space + text("completion.state_unplaced", language, **values)
    return sentence


def presence_verdict_word(verdict: str, language: str) -> str:
    """Return 必然有, 可能, 必然无 or 未知."""
    return text(f"term.presence_verdict.{PresenceVerdict(verdict).value}", language)
