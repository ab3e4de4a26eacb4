"""Drawn completions: seeded, exactly distributed, the same for the same facts in any order.

A place's random number belongs to its position among all places of the kind in the order of
their codes, and each kind has a stream of its own that its name chooses. So the order of rows
changes nothing, a kind more or less changes no other, and settling one fact leaves the random
numbers of all other places as they are. A code that is renamed keeps its draw as long as its
position among the codes stays the same.
"""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from network_map.completion.choice import Flags, Floats, Ints, drawn_options
from network_map.completion.ensemble import Ensemble, NestedEnsemble
from network_map.completion.shares import in_code_order, node_choice, pair_choice
from network_map.errors import QueryError


def completion_draws(ensemble: Ensemble, *, count: int, seed: int) -> Flags:
    """Return drawn completions: whether each place has a node.

    Parameters
    ----------
    ensemble
        The completions; one without an ensemble cannot be drawn from.
    count
        How many draws, at least 1.
    seed
        Chooses the draws, 0 or more.

    Returns
    -------
    numpy.ndarray
        Booleans, (draws, places), the places in the order of ``ensemble.adcodes``.

    Raises
    ------
    QueryError
        If there is no ensemble, or the count or the seed cannot be used.
    """
    return node_count_draws(ensemble, count=count, seed=seed) > 0


def node_count_draws(ensemble: Ensemble, *, count: int, seed: int) -> Ints:
    """Return drawn completions: how many nodes each place has, known ones included.

    Parameters, shape and errors are those of :func:`completion_draws`.
    """
    _check(ensemble, count, seed)
    result = np.tile(ensemble.known_counts, (count, 1))
    if not ensemble.missing_count:
        return result
    rng = _stream(ensemble, seed)
    uniforms = _by_place(ensemble, rng, count)
    is_fixed = (ensemble.bounds[:, 0] == ensemble.bounds[:, 1]).all()
    positions = in_code_order(ensemble)
    if ensemble.weights is not None or not is_fixed:
        choice, nodes = node_choice(ensemble)
        cell_uniforms = rng.random((count, len(ensemble.bounds)))
        chosen = drawn_options(choice, uniforms[:, positions], cell_uniforms)
        result[:, positions] += nodes[0][chosen]
        return result
    for number, taken in enumerate(ensemble.bounds[:, 0]):
        inside = positions[ensemble.stratum[positions] == number]
        if not taken:
            continue
        if ensemble.one_per_place:
            first = _smallest(uniforms[:, inside], taken)
            np.put_along_axis(result, inside[first], 1, axis=1)
        else:
            result[:, inside] += _multisets(rng.random((count, inside.size + taken - 1)), taken)
    return result


def nested_draws(nested: NestedEnsemble, *, count: int, seed: int) -> dict[str, Flags]:
    """Return drawn pairs of completions in which a demonstration county has a centre.

    Parameters
    ----------
    nested
        The pairs.
    count, seed
        As in :func:`completion_draws`.

    Returns
    -------
    dict
        By kind: booleans, (draws, places).

    Raises
    ------
    QueryError
        If no pair of lists fits, or the count or the seed cannot be used.
    """
    for ensemble in (nested.inner, nested.outer):
        _check(ensemble, count, seed)
    pair = pair_choice(nested)
    if pair.choice is None:
        raise QueryError("completion_no_pair")
    rng = _stream(nested.inner, seed)
    uniforms = _by_place(nested.inner, rng, count)
    cell_uniforms = rng.random((count, len(pair.choice.bounds)))
    chosen = drawn_options(pair.choice, uniforms[:, pair.positions], cell_uniforms)
    at = np.arange(pair.positions.size)
    draws = {}
    for ensemble, gives in (
        (nested.inner, pair.gives_inner), (nested.outer, pair.gives_outer),
    ):  # fmt: skip
        result = np.tile(ensemble.known_counts > 0, (count, 1))
        result[:, pair.positions] |= gives[at, chosen]
        draws[ensemble.kind] = result
    return draws


def joint_draws(
    by_kind: Mapping[str, Ensemble],
    *,
    count: int,
    seed: int,
    nested: NestedEnsemble | None = None,
) -> dict[str, Flags]:
    """Return drawn completions of several kinds, row by row one possible network.

    Kinds are drawn independently of one another, but for the two of ``nested``.

    Parameters
    ----------
    by_kind
        Ensembles by kind; one without an ensemble is left out of the result.
    count, seed
        As in :func:`completion_draws`.
    nested
        Draws its two kinds together.

    Returns
    -------
    dict
        By kind: booleans, (draws, places).

    Raises
    ------
    QueryError
        As :func:`completion_draws` and :func:`nested_draws`.
    """
    together = {} if nested is None else nested_draws(nested, count=count, seed=seed)
    return {
        kind: together[kind]
        if kind in together
        else completion_draws(ensemble, count=count, seed=seed)
        for kind, ensemble in by_kind.items()
        if ensemble.has_lists
    }


def _check(ensemble: Ensemble, count: int, seed: int) -> None:
    if count < 1:
        raise QueryError("completion_draw_count", found=count)
    if seed < 0:
        raise QueryError("completion_seed", found=seed)
    if not ensemble.has_lists:
        raise QueryError(
            "completion_no_lists", kind=ensemble.kind, declared=ensemble.declared_count,
            named=ensemble.named_count, candidates=ensemble.candidate_count,
        )  # fmt: skip


def _stream(ensemble: Ensemble, seed: int) -> np.random.Generator:
    """Return the random stream that the seed and the name of the kind choose."""
    word = int.from_bytes(sha256(ensemble.kind.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, word])


def _by_place(ensemble: Ensemble, rng: np.random.Generator, count: int) -> Floats:
    """Return a random number for each draw and place, given out in the order of the codes."""
    order = np.argsort(np.asarray(ensemble.adcodes), kind="stable")
    uniforms = np.empty((count, len(order)))
    uniforms[:, order] = rng.random((count, len(order)))
    return uniforms


def _smallest(uniforms: Floats, taken: int) -> Ints:
    """Return the columns of the smallest random numbers of each row: all sets alike."""
    return np.argpartition(uniforms, taken - 1, axis=1)[:, :taken].astype(np.int64)


def _multisets(uniforms: Floats, taken: int) -> Ints:
    """Return how often each place is taken: all multisets alike, by stars and bars."""
    stars = np.sort(_smallest(uniforms, taken), axis=1) - np.arange(taken)
    draws, size = len(uniforms), uniforms.shape[1] - taken + 1
    flat = (np.arange(draws)[:, None] * size + stars).ravel()
    return np.bincount(flat, minlength=draws * size).reshape(draws, size).astype(np.int64)
