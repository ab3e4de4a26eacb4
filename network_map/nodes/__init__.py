"""The network itself: which nodes stand where, how that is known, and which rules they break.

Read in this order: ``tables``, ``dataset`` (a register with what is known about it), ``importing``
(a planner's list to rows), ``presence`` (present, absent, unknown; reconciliation with published
totals), ``hierarchy``, ``tier_rules``, ``query``, ``layers``, then ``overview``,
``data_check`` and ``report``.

A place lacks a kind only where a list declared complete does not name it; else it is unknown.
"""
