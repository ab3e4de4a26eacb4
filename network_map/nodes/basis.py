"""Why a place has, lacks or is not known to have a kind of node, as a sentence."""

import pandas as pd

from network_map.i18n import text
from network_map.nodes.schema_dataset import Dataset
from network_map.places.tables import PROVINCE_ADCODE
from network_map.terms import NodeStatus


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
