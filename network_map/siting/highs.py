"""HiGHS, the linear and integer solver, behind one small class that hands it arrays.

Huangfu and Hall (2018), Parallelizing the dual revised simplex method. One thread: a solve is one
of many people's requests. HiGHS lets go of Python's lock while it runs, so a progress report can
be written and other people's pages answered meanwhile.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import highspy
import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray
from network_map.siting.solving import IntArray

HALF = 0.5
"""An integer column is open above this: HiGHS leaves tiny values on shut sites."""


class _SilentHighs(highspy.Highs):
    """HiGHS without its banner, which would stand in the output of the command line."""

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's name
        self.silent()
        super().enableCallbacks()


WORTH = 1e-6
"""Largest difference between an objective and the sum that it is said to be, as a share."""


class ModelState(StrEnum):
    """How a run of HiGHS ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"
    """By the time limit, the gap, or the one who watches."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelOutcome:
    """What a run of HiGHS found.

    Parameters
    ----------
    state
        How it ended.
    values
        Shape (columns,), or None if no solution was found.
    objective
        Of ``values``; NaN without.
    bound
        Best proven bound; NaN for a linear model that was stopped.
    """

    state: ModelState
    values: FloatArray | None
    objective: float
    bound: float


class HighsModel:
    """A minimum of ``cost · x`` under rows that can be added while it is solved again and again.

    Parameters
    ----------
    cost, lower, upper
        Shape (columns,).
    is_integer
        Shape (columns,); None for a linear model.
    """

    def __init__(
        self,
        cost: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        is_integer: BoolArray | None = None,
    ) -> None:
        self._solver = _SilentHighs()
        self.set_option("threads", value=1)
        self.set_option("mip_rel_gap", value=0.0)
        self.set_option("mip_abs_gap", value=1e-7)
        self._is_mip = is_integer is not None and bool(is_integer.any())
        lp = highspy.HighsLp()
        lp.num_col_ = len(cost)
        lp.num_row_ = 0
        self._cost = np.asarray(cost, dtype=np.float64)
        lp.col_cost_ = self._cost
        lp.col_lower_ = np.asarray(lower, dtype=np.float64)
        lp.col_upper_ = np.asarray(upper, dtype=np.float64)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        if is_integer is not None:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(one)] for one in is_integer]
        self._solver.passModel(lp)

    @property
    def row_count(self) -> int:
        """Rows it has."""
        return int(self._solver.getNumRow())

    def set_option(self, name: str, *, value: bool | float | str) -> None:
        """Set an option of HiGHS.

        Raises
        ------
        ValueError
            If HiGHS does not take it.
        """
        if self._solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise ValueError(f"HiGHS does not take {name}={value!r}")

    def add_rows(self, matrix: sparse.csr_array, lower: FloatArray, upper: FloatArray) -> None:
        """Add ``lower <= matrix · x <= upper``."""
        if matrix.shape[0]:
            self._solver.addRows(
                matrix.shape[0],
                np.asarray(lower, dtype=np.float64),
                np.asarray(upper, dtype=np.float64),
                matrix.nnz,
                matrix.indptr[:-1].astype(np.int32),
                matrix.indices.astype(np.int32),
                matrix.data.astype(np.float64),
            )

    def delete_rows(self, rows: IntArray) -> None:
        """Take these rows away; those after them move up."""
        if len(rows):
            self._solver.deleteRows(len(rows), rows.astype(np.int32))

    def delete_columns(self, columns: IntArray) -> None:
        """Take these columns away; those after them move up."""
        if len(columns):
            self._solver.deleteCols(len(columns), columns.astype(np.int32))

    def set_bounds(self, columns: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of these columns."""
        if len(columns):
            self._solver.changeColsBounds(
                len(columns),
                columns.astype(np.int32),
                np.asarray(lower, dtype=np.float64),
                np.asarray(upper, dtype=np.float64),
            )

    def start_from(self, values: FloatArray) -> None:
        """Give an integer model a first solution, which must respect every row."""
        self._solver.setSolution(
            len(values), np.arange(len(values), dtype=np.int32), values.astype(np.float64)
        )

    def solve(
        self,
        time_limit: float = np.inf,
        is_over: Callable[[float, float], bool] | None = None,
    ) -> ModelOutcome:
        """Return what HiGHS finds within the time, unless ``is_over(bound, best)`` ends it.

        From a first solution HiGHS 1.16 now and then hands out that solution with the objective
        of a better one. Values that are not worth what is said of them are solved again without. So
        is a linear model of which the warm simplex says neither.
        """
        began = time.perf_counter()
        outcome = self._run(time_limit, is_over)
        if not (self._is_worth_it(outcome) if self._is_mip else self._is_settled()):
            self._solver.clearSolver()
            left = time_limit - (time.perf_counter() - began)
            outcome = self._run(left, is_over)
        return outcome

    def _run(
        self, time_limit: float, is_over: Callable[[float, float], bool] | None
    ) -> ModelOutcome:
        # A linear model that is solved again counts the seconds of all its solves.
        before = 0.0 if self._is_mip else self._solver.getRunTime()
        self.set_option("time_limit", value=float(before + max(time_limit, 0.0)))
        if is_over is not None:
            self._watch(is_over)
        try:
            self._solver.run()
        finally:
            if is_over is not None:
                self._solver.clearCallbacks()
        return self._outcome()

    def _is_settled(self) -> bool:
        """Return whether a linear model ended for a reason: solved, refused or stopped."""
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            status = self._solver.getInfo().primal_solution_status
            return bool(status == highspy.SolutionStatus.kSolutionStatusFeasible)
        unsettled = (highspy.HighsModelStatus.kUnknown, highspy.HighsModelStatus.kSolveError)
        return self._solver.getModelStatus() not in unsettled

    def _is_worth_it(self, outcome: ModelOutcome) -> bool:
        """Return whether the values of a solution have the objective that is said of them."""
        if outcome.values is None:
            return True
        worth = float(self._cost @ outcome.values)
        return abs(worth - outcome.objective) <= WORTH * max(abs(worth), 1.0)

    def _watch(self, is_over: Callable[[float, float], bool]) -> None:
        def ask(event: highspy.HighsCallbackEvent) -> None:
            out = event.data_out
            if is_over(out.mip_dual_bound, out.mip_primal_bound):
                event.interrupt()

        def ask_linear(event: highspy.HighsCallbackEvent) -> None:
            if is_over(np.nan, np.nan):
                event.interrupt()

        self._solver.cbMipInterrupt.subscribe(ask)
        if not self._is_mip:
            self._solver.cbSimplexInterrupt.subscribe(ask_linear)
            self._solver.cbIpmInterrupt.subscribe(ask_linear)

    def _outcome(self) -> ModelOutcome:
        status = self._solver.getModelStatus()
        info = self._solver.getInfo()
        states = {
            highspy.HighsModelStatus.kOptimal: ModelState.OPTIMAL,
            highspy.HighsModelStatus.kInfeasible: ModelState.INFEASIBLE,
        }
        state = states.get(status, ModelState.STOPPED)
        is_found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.array(self._solver.getSolution().col_value) if is_found else None
        objective = float(info.objective_function_value) if is_found else np.nan
        if self._is_mip:
            bound = float(info.mip_dual_bound)
        else:
            bound = objective if state is ModelState.OPTIMAL else np.nan
        return ModelOutcome(state=state, values=values, objective=objective, bound=bound)

    def reduced_costs(self) -> FloatArray:
        """Return the reduced costs of the columns of the linear model solved last."""
        return np.array(self._solver.getSolution().col_dual)

    def row_duals(self) -> FloatArray:
        """Return the duals of the rows of the linear model solved last."""
        return np.array(self._solver.getSolution().row_dual)

    def row_values(self) -> FloatArray:
        """Return the values of the rows at the solution found last."""
        return np.array(self._solver.getSolution().row_value)
