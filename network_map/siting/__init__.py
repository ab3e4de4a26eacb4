"""Site selection: where the next nodes go, solved exactly and with the proof beside the answer.

The kernels, read in this order: ``solving`` (which sites may open, what a solve may take and hands
back), ``highs`` (the solver), ``cover_bounds`` and ``p_median_bounds`` (bounds from both sides),
then the solvers: ``cover_solvers``, ``p_center_solver``, ``p_median_solver``, ``integer_models``
(covering by the rule of the prefecture, covering twice, capacities). They see arrays by position;
aligning by id is the work of the layer above.

The models: ``problem`` (inputs aligned by id, all that is wrong at once, and the plan) and
``models``.

The network: ``query``, ``provincial`` (a data set as a problem over its possible lists, and what a
plan does to it), ``conditional``, ``reversal``, ``evidence``, then ``answer``, ``map``, ``report``;
``solve_process`` solves a plan for a server.
"""
