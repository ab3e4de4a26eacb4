"""Innovation consortia: members, reach, and industries without a member.

Read in this order: ``tables``, ``importing`` (lists of members and of county industries), ``fit``
(which county has the industry and no member within the standard), ``answer`` (with
the query and the map) and ``report``.

Severity of a misfit: 0 within the standard, 1 at twice the standard or without any member, between
them by the distance to the nearest member.
"""
