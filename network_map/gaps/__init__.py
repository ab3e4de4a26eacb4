"""Coverage gaps: where the network does not reach, why, how sure that is, and what comes first.

Read in this order: ``tables``, ``reach`` and ``severity`` (gaps in presence and reach over all
possible lists), ``weights`` and ``priority`` (the score), ``rank_draws`` and ``rank_interval``
(how far a rank moves), ``ask_first`` (which unknown fact matters most), ``query``, ``facts`` (what
no weight changes), ``scores`` (what the weights change), ``answer``, then ``report``, ``map``,
``card``.

Severity of reach: 0 within the standard, 1 at twice the standard, between them linear. Score: the
sum over components of weight times severity, times 100.
"""
