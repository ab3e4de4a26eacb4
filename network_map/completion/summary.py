"""The ensemble of completions in words: what each list lacks, and the names of the findings."""

from collections.abc import Mapping

from network_map.completion.ensemble import CompletionStatus, Ensemble
from network_map.completion.shares import PresenceVerdict
from network_map.i18n import text


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
