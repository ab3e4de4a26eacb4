"""From a planner's register or list of payments to rows, with everything said about them.

Read in this order: ``words`` (with an empty register to fill in) and ``headers`` (what columns are
called), ``cells`` (columns of a chunk), ``places`` and ``rows`` (what becomes of each row),
``reading`` (a whole file), ``preview``, then ``apply``.
"""
