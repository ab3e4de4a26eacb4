"""From a planner's register or list of payments to rows, with everything said about them.

Read in this order: ``words`` and ``headers`` (what columns are called), ``money`` and ``cells``
(columns of a chunk), ``rows`` (places, and what becomes of each row), ``reading`` (a whole file),
``preview``, ``paid``, then ``apply`` and ``outcome``; ``template`` is an empty register to fill.
"""
