"""The network itself: which nodes stand where, how that is known, and which rules they break.

Read in this order: ``tables``, ``dataset`` (a register with what is known about it), ``importing``
(a planner's list to rows), ``presence`` (present, absent, unknown; reconciliation with published
totals), ``query``, ``layers`` (with the lines of the three tiers), then ``report`` and
``data_check`` (with the tier rules).

A place lacks a kind only where a list declared complete does not name it; else it is unknown.
"""
