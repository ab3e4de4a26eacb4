"""The weights of the four components of the score, as people write them.

Nothing here needs a library: the command line shows its options before it loads any.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import isfinite
from types import MappingProxyType

from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, text


class Component(StrEnum):
    """What the score is made of, in the order of the columns."""

    PRESENCE = "presence"
    REACH = "reach"
    ACTIVITY = "activity"
    CONSORTIUM = "consortium"


COMPONENTS: tuple[str, ...] = tuple(component.value for component in Component)
"""The components in the order of the columns."""


def _preset(*weights: float) -> Mapping[str, float]:
    return MappingProxyType(dict(zip(COMPONENTS, weights, strict=True)))


PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "balanced": _preset(0.30, 0.30, 0.25, 0.15),
        "coverage_first": _preset(0.40, 0.40, 0.10, 0.10),
        "activity_first": _preset(0.20, 0.20, 0.45, 0.15),
    }
)
"""Named sets of weights to start a talk from, and no policy: no document sets them."""
DEFAULT_PRESET, OWN_WEIGHTS = "balanced", "own"
_SUM_TOLERANCE = _SAME_WITHIN = 1e-9
_SHOWN_LENGTH = 40


def scaled_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights scaled to sum 1, one for each component, 0 where none is given.

    Parameters
    ----------
    weights
        By component, 0 or more, not all 0.

    Raises
    ------
    QueryError
        If a component is not known, a weight is negative, infinite or no number, or all are 0.
    """
    for name, value in weights.items():
        if name not in COMPONENTS:
            raise QueryError("weight_unknown", found=name, components="、".join(COMPONENTS))
        if not (isfinite(value) and value >= 0):
            raise QueryError("weight_invalid", component=name, found=value)
    largest = max(weights.values(), default=0.0)
    if not largest > 0:
        raise QueryError("weights_all_zero", components="、".join(COMPONENTS))
    # Divided by the largest first: neither sum nor quotient leaves the range of floats.
    parts = {name: weights.get(name, 0.0) / largest for name in COMPONENTS}
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()}


def is_scaled(weights: Mapping[str, float]) -> bool:
    """Return whether weights that can be used do not sum to 1, so that scaling changed them."""
    return abs(sum(weights.values()) - 1.0) > _SUM_TOLERANCE


def as_tuple(weights: Mapping[str, float]) -> tuple[float, ...]:
    """Return weights in the order of the components, scaled to sum 1; scaled ones as they are.

    Raises
    ------
    QueryError
        If a component is unknown, a weight is negative or no number, or all are 0.
    """
    scaled = scaled_weights(weights)
    if is_scaled(weights):
        return tuple(scaled[name] for name in COMPONENTS)
    return tuple(float(weights.get(name, 0.0)) for name in COMPONENTS)


def weights_named(written: str) -> tuple[float, ...]:
    """Return the weights that a text names, scaled to sum 1.

    Raises
    ------
    QueryError
        As :func:`written_weights`, and if the weights cannot be used.
    """
    return as_tuple(written_weights(written))


def written_weights(written: str) -> dict[str, float]:
    """Return the weights as a text gives them: a preset in either language, or ``presence=0.3,…``.

    Raises
    ------
    QueryError
        If it is neither, or a component stands in it twice.
    """
    for name, preset in PRESETS.items():
        if written.strip() in {name, *(text(f"gap.preset.{name}", lang) for lang in LANGUAGES)}:
            return dict(preset)
    named: dict[str, float] = {}
    for part in written.replace(",", ",").replace("、", ",").split(","):
        name, is_given, value = part.partition("=")
        component = _component(name.strip())
        if component in named:
            raise QueryError("weight_repeated", component=name.strip())
        try:
            named[component] = float(value)
        except ValueError:
            is_given = ""
        if not is_given:
            known = "、".join(text(f"gap.preset.{preset}", "zh") for preset in PRESETS)
            raise QueryError("gap_weights_text", found=written[:_SHOWN_LENGTH], known=known)
    return named


def _component(name: str) -> str:
    for component in COMPONENTS:
        if name in {text(f"gap.component.{component}", lang) for lang in LANGUAGES}:
            return component
    return name


def preset_of(weights: tuple[float, ...]) -> str | None:
    """Return the name of the preset that the weights are, None where they are none."""
    for name, preset in PRESETS.items():
        if all(abs(a - b) <= _SAME_WITHIN for a, b in zip(weights, preset.values(), strict=True)):
            return name
    return None
