"""Site selection: where the next nodes go, solved exactly and with the proof beside the answer.

The kernels, read in this order: ``limits`` (which sites may open, and how many), ``solved`` (what
a kernel hands back), ``highs`` (the solver), then one module for each model:
``set_cover_solver``, ``max_cover_solver``, ``p_center_solver``, ``p_median_solver``. They see
arrays by position; aligning by id is the work of the layer above.
"""
