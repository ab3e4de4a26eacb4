"""Places that choose independently of one another, held to given counts: exact shares and draws.

Each place takes one of a few options, with odds of its own; an option adds to one or two counts.
The choices are then conditioned on the totals of these counts, and on bounds of the counts in
groups of places (cells). With two options, "a node" and "no node", and one total, that is
conditional Poisson sampling (Hájek 1964); all odds alike give every list the same share.

Everything is read from the coefficients of a product of small polynomials, one for each place,
built place by place (Chen, Dempster and Liu 1994, method 1; Tillé 2006, section 5.6). All terms
are positive, so nothing cancels; odds are first tilted so that the totals are the means, so that
nothing underflows. Shares that must be 0 are 0.

References
----------
Chen, X.-H., Dempster, A. P. and Liu, J. S. (1994). Weighted finite population sampling to maximize
entropy. Biometrika 81, 457-469.
Hájek, J. (1964). Asymptotic theory of rejective sampling with varying probabilities from a finite
population. Annals of Mathematical Statistics 35, 1491-1523.
Tillé, Y. (2006). Sampling Algorithms. Springer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_NEWTON_STEPS = 200
_NEAR_ENOUGH = 1e-6
_LONGEST_STEP = 3.0
_FARTHEST_TILT = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class ConstrainedChoice:
    """Independent choices of places, held to totals.

    Parameters
    ----------
    steps
        What each option adds to the two counts: shape (options, 2).
    chances
        Tilted odds of each option at each place, each row summing to 1; 0 where the option is
        not open to the place: shape (places, options).
    cell
        Cell of each place, 0, 1, …: shape (places,).
    bounds
        The least and the most of each count in each cell: shape (cells, 2 counts, 2).
    totals
        What the two counts must come to.
    """

    steps: Ints
    chances: Floats
    cell: Ints
    bounds: Ints
    totals: tuple[int, int]

    def members(self, cell: int) -> Ints:
        """Return the positions of the places of a cell."""
        return np.flatnonzero(self.cell == cell)


def constrained_choice(
    log_odds: Floats, steps: Ints, cell: Ints, bounds: Ints, totals: tuple[int, int]
) -> ConstrainedChoice:
    """Return the choices with their odds tilted towards the totals.

    Parameters
    ----------
    log_odds
        Logarithm of the odds, minus infinity where an option is not open: (places, options).
    steps, cell, bounds, totals
        As in :class:`ConstrainedChoice`.
    """
    chances = np.empty_like(log_odds)
    is_fixed = (bounds[:, :, 0] == bounds[:, :, 1]).all(axis=1)
    left = np.asarray(totals) - bounds[is_fixed, :, 0].sum(axis=0)
    groups = [(cell == number, bounds[number, :, 0]) for number in np.flatnonzero(is_fixed)]
    groups.append((~is_fixed[cell] if cell.size else np.zeros(0, dtype=np.bool_), left))
    for chosen, target in groups:
        chances[chosen] = _tilted(log_odds[chosen], steps, target)
    return ConstrainedChoice(steps, chances, cell, bounds, totals)


def is_possible(choice: ConstrainedChoice) -> bool:
    """Return whether any outcome keeps to the bounds and comes to the totals."""
    whole = [suffix_tables(choice, cell)[0] for cell in range(len(choice.bounds))]
    return _cell_weights(choice, whole)[1] > 0


def option_shares(choice: ConstrainedChoice) -> Floats:
    """Return the share of each option at each place: (places, options).

    Some outcome must be possible.
    """
    tables = [suffix_tables(choice, cell) for cell in range(len(choice.bounds))]
    cells, total = _cell_weights(choice, [table[0] for table in tables])
    shares = np.zeros_like(choice.chances)
    for number, after in enumerate(tables):
        members = choice.members(number)
        others = [weights for other, weights in enumerate(cells) if other != number]
        rest = _product(others, choice.totals)
        before = _prefix_tables(choice, members, after.shape[1:])
        for x, z in np.argwhere(cells[number] > 0):
            left_x, left_z = choice.totals[0] - x, choice.totals[1] - z
            if left_x < 0 or left_z < 0 or rest[left_x, left_z] == 0:
                continue
            scale = cells[number][x, z] / after[0, x, z] * rest[left_x, left_z] / total
            for option, (dx, dz) in enumerate(choice.steps):
                if dx <= x and dz <= z:
                    joined = _joined(before[:-1], after[1:], x - dx, z - dz)
                    shares[members, option] += scale * choice.chances[members, option] * joined
    return shares


def none_shares(choice: ConstrainedChoice, forbidden: Flags) -> Floats:
    """Return the share of all outcomes in which no forbidden option is taken.

    Parameters
    ----------
    choice
        The choices; some outcome must be possible.
    forbidden
        For each question, which options of which places: (questions, places, options).

    Returns
    -------
    numpy.ndarray
        One share for each question.
    """
    whole = [suffix_tables(choice, cell)[0] for cell in range(len(choice.bounds))]
    _, total = _cell_weights(choice, whole)
    result: Floats | None = None
    for number, everything in enumerate(whole):
        table = np.zeros((len(forbidden), *everything.shape))
        table[:, 0, 0] = 1.0
        for place in choice.members(number):
            open_chances = np.where(forbidden[:, place], 0.0, choice.chances[place])
            table = _with_place(table, open_chances, choice.steps)
        mask = _within_bounds(choice, number, everything.shape)
        table = table * mask / (everything * mask).max()
        result = table if result is None else _row_product(result, table, choice.totals)
    if result is None:
        return np.ones(len(forbidden))
    x, z = choice.totals
    return np.asarray(result[:, x, z] / total)


def first_shares(choice: ConstrainedChoice, order: Ints, is_node: Flags) -> Floats:
    """Return the share of outcomes in which the j-th place of an order is the first with a node.

    Parameters
    ----------
    choice
        The choices; some outcome must be possible.
    order
        Positions of all places, nearest first, one row for each question: (questions, places).
    is_node
        Which options of a place give it a node: (places, options).

    Returns
    -------
    numpy.ndarray
        Shape of ``order``; a row sums to 1 less the share of outcomes without any node.
    """
    if len(choice.bounds) > 1:
        return _first_shares_by_cell(choice, order, is_node)
    shape = (choice.totals[0] + 1, choice.totals[1] + 1)
    questions, count = order.shape
    after = np.zeros((count + 1, questions, *shape))
    after[count, :, 0, 0] = 1.0
    for j in range(count - 1, -1, -1):
        after[j] = _with_place(after[j + 1], choice.chances[order[:, j]], choice.steps)
    total = after[0][:, -1, -1]
    before = np.zeros((questions, *shape))
    before[:, 0, 0] = 1.0
    shares = np.empty((questions, count))
    for j in range(count):
        chances, gives = choice.chances[order[:, j]], is_node[order[:, j]]
        here = _with_place(before, np.where(gives, chances, 0.0), choice.steps)
        shares[:, j] = (here * after[j + 1][:, ::-1, ::-1]).sum(axis=(1, 2)) / total
        before = _with_place(before, np.where(gives, 0.0, chances), choice.steps)
    return shares


def drawn_options(choice: ConstrainedChoice, uniforms: Floats, cell_uniforms: Floats) -> Ints:
    """Return the option of each place in each draw, exactly distributed.

    Places are settled one after another; each looks at what is still to be placed behind it.

    Parameters
    ----------
    choice
        The choices; some outcome must be possible.
    uniforms
        Random numbers in [0, 1): (draws, places).
    cell_uniforms
        The same for the counts of the cells: (draws, cells).
    """
    tables = [suffix_tables(choice, cell) for cell in range(len(choice.bounds))]
    cells, _ = _cell_weights(choice, [table[0] for table in tables])
    counts = _drawn_counts(cells, choice.totals, cell_uniforms)
    chosen = np.zeros(uniforms.shape[::-1], dtype=np.int64)
    by_place = np.ascontiguousarray(uniforms.T)
    for number, after in enumerate(tables):
        left = counts[:, number]
        depth = after.shape[2]
        state, moves = left[:, 0] * depth + left[:, 1], choice.steps @ (depth, 1)
        for i, place in enumerate(choice.members(number)):
            # How far up the ladder of options a random number goes, by what is still to place.
            ladder = np.cumsum(_option_weights(choice, place, after[i + 1]), axis=0)
            marks = by_place[place] * ladder[-1][state]
            taken = chosen[place]
            for rung in ladder[:-1]:
                # A rung that adds nothing equals the one below it and is never stopped at.
                taken += marks >= rung[state]
            state = state - moves[taken]
    return chosen.T


def _option_weights(choice: ConstrainedChoice, place: int, behind: Floats) -> Floats:
    """Return the weight of each option of a place for all counts: (options, counts flattened)."""
    weights = np.zeros((len(choice.steps), *behind.shape))
    for option, (dx, dz) in enumerate(choice.steps):
        width, depth = behind.shape[0] - dx, behind.shape[1] - dz
        if width > 0 and depth > 0:
            moved = choice.chances[place, option] * behind[:width, :depth]
            weights[option, dx:, dz:] = moved
    return weights.reshape(len(weights), -1)


def suffix_tables(choice: ConstrainedChoice, cell: int) -> Floats:
    """Return the weight of every pair of counts over the i-th and later places of a cell.

    Returns
    -------
    numpy.ndarray
        Shape (places of the cell + 1, first count + 1, second count + 1).
    """
    members = choice.members(cell)
    most = np.minimum(choice.bounds[cell, :, 1], choice.totals)
    tables = np.zeros((members.size + 1, most[0] + 1, most[1] + 1))
    tables[-1, 0, 0] = 1.0
    for i in range(members.size - 1, -1, -1):
        tables[i] = _with_place(tables[i + 1], choice.chances[members[i]], choice.steps)
    return tables


def _prefix_tables(choice: ConstrainedChoice, members: Ints, shape: tuple[int, ...]) -> Floats:
    tables = np.zeros((members.size + 1, *shape))
    tables[0, 0, 0] = 1.0
    for i, place in enumerate(members):
        tables[i + 1] = _with_place(tables[i], choice.chances[place], choice.steps)
    return tables


def _with_place(table: Floats, chances: Floats, steps: Ints) -> Floats:
    """Return the weights of all counts after one more place: (…, counts) and (…, options)."""
    width, depth = table.shape[-2:]
    result = np.zeros_like(table)
    for option, (dx, dz) in enumerate(steps):
        if dx < width and dz < depth:
            moved = table[..., : width - dx, : depth - dz]
            result[..., dx:, dz:] += chances[..., option, None, None] * moved
    return result


def _joined(before: Floats, after: Floats, x: int, z: int) -> Floats:
    """Return, for each place, the weight of all others coming to the counts ``x`` and ``z``."""
    reversed_after = after[:, : x + 1, : z + 1][:, ::-1, ::-1]
    return np.asarray((before[:, : x + 1, : z + 1] * reversed_after).sum(axis=(1, 2)))


def _within_bounds(choice: ConstrainedChoice, cell: int, shape: tuple[int, ...]) -> Floats:
    (least_x, most_x), (least_z, most_z) = choice.bounds[cell]
    x, z = np.ogrid[: shape[0], : shape[1]]
    inside = (x >= least_x) & (x <= most_x) & (z >= least_z) & (z <= most_z)
    return np.asarray(inside, dtype=np.float64)


def _cell_weights(choice: ConstrainedChoice, whole: Sequence[Floats]) -> tuple[list[Floats], float]:
    """Return the weights of each cell within its bounds, the largest 1, and that of the totals."""
    cells = []
    for number, table in enumerate(whole):
        masked = table * _within_bounds(choice, number, table.shape)
        largest = masked.max(initial=0.0)
        cells.append(masked / largest if largest > 0 else masked)
    product = _product(cells, choice.totals)
    return cells, float(product[choice.totals])


def _product(tables: Sequence[Floats], totals: tuple[int, int]) -> Floats:
    start = np.zeros((1, totals[0] + 1, totals[1] + 1))
    start[0, 0, 0] = 1.0
    return np.asarray(reduce(lambda a, b: _row_product(a, b[None], totals), tables, start)[0])


def _row_product(left: Floats, right: Floats, totals: tuple[int, int]) -> Floats:
    """Return the products of polynomials row by row, cut off at the totals."""
    shape = (totals[0] + 1, totals[1] + 1)
    result = np.zeros((len(left), *shape))
    for x, z in np.argwhere((right > 0).any(axis=0)):
        width = min(left.shape[1], shape[0] - x)
        depth = min(left.shape[2], shape[1] - z)
        if width > 0 and depth > 0:
            part = left[:, :width, :depth] * right[:, x, z, None, None]
            result[:, x : x + width, z : z + depth] += part
    return result


def _first_shares_by_cell(choice: ConstrainedChoice, order: Ints, is_node: Flags) -> Floats:
    """Return :func:`first_shares` as differences of :func:`none_shares`, order by order."""
    count = order.shape[1]
    shares = np.empty(order.shape)
    for question, places in enumerate(order):
        within = np.zeros((count + 1, count), dtype=np.bool_)
        within[:, places] = np.tri(count + 1, count, -1, dtype=np.bool_)
        none = none_shares(choice, within[:, :, None] & is_node[None])
        shares[question] = np.maximum(none[:-1] - none[1:], 0.0)
    return shares


def _drawn_counts(cells: Sequence[Floats], totals: tuple[int, int], cell_uniforms: Floats) -> Ints:
    """Return the two counts of each cell in each draw: (draws, cells, 2)."""
    counts = np.zeros((len(cell_uniforms), len(cells), 2), dtype=np.int64)
    left = np.tile(np.asarray(totals, dtype=np.int64), (len(cell_uniforms), 1))
    for number, weights in enumerate(cells):
        rest = _product(cells[number + 1 :], totals)
        states, which = np.unique(left, axis=0, return_inverse=True)
        pairs = np.argwhere(weights > 0)
        for position, (left_x, left_z) in enumerate(states):
            fitting = pairs[(pairs[:, 0] <= left_x) & (pairs[:, 1] <= left_z)]
            behind = rest[left_x - fitting[:, 0], left_z - fitting[:, 1]]
            rungs = np.cumsum(weights[fitting[:, 0], fitting[:, 1]] * behind)
            here = which.reshape(-1) == position
            marks = cell_uniforms[here, number] * rungs[-1]
            counts[here, number] = fitting[np.searchsorted(rungs, marks, side="right")]
        left = left - counts[:, number]
    return counts


def _tilted(log_odds: Floats, steps: Ints, target: Ints) -> Floats:
    """Return odds multiplied by powers of two tilts so that the mean counts meet the target.

    Newton's method on a convex function; the result conditions to the same distribution however
    exact the tilt is.
    """
    tilt = np.zeros(2)
    chances = _softmax(log_odds)
    for _ in range(_NEWTON_STEPS):
        chances = _softmax(log_odds + steps @ tilt)
        means = chances @ steps
        gap = target - means.sum(axis=0)
        if np.abs(gap).max(initial=0.0) < _NEAR_ENOUGH:
            break
        second = np.einsum("no,oi,oj->ij", chances, steps, steps) - means.T @ means
        move = np.linalg.solve(second + 1e-9 * np.eye(2), gap)
        tilt = tilt + np.clip(move, -_LONGEST_STEP, _LONGEST_STEP)
        if np.abs(tilt).max() > _FARTHEST_TILT:
            break
    return chances


def _softmax(logits: Floats) -> Floats:
    if logits.size == 0:
        return logits
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
