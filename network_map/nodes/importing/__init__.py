"""From a planner's list of nodes to rows, with everything said about them.

Read in this order: ``words``, ``rows`` (records of text), ``places`` (where a node is), ``drafts``
(a record becomes a node), ``preview``; ``small_lists`` is what the lists beside the nodes share.
"""
