"""Site selection: where the next nodes go, solved exactly and with the proof beside the answer.

The kernels, read in this order: ``limits`` (which sites may open, and how many), ``solved`` (what
a kernel hands back), ``highs`` (the solver), then one module for each model:
``set_cover_solver``, ``max_cover_solver``, ``p_center_solver``, ``p_median_solver``. They see
arrays by position; aligning by id is the work of the layer above.

The models: ``problem`` (inputs aligned by id, all that is wrong at once), ``plan``, ``models``,
then ``capacity``, ``backup``, ``tiers``, ``nested``.

The network: ``query``, ``own_first_cover`` (covering by the rule of the prefecture), ``provincial``
(a data set as a problem over its possible lists), ``effects``, ``budget`` (one time limit for many
solves), ``robustness``, ``conditional``, ``median_turn``, ``reversal``, ``evidence``, then
``answer``, ``map``, ``report``, ``comparison``, ``comparison_report``; ``solve_process`` solves a
plan for a server.
"""
