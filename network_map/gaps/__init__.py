"""Coverage gaps: where the network does not reach, why, how sure that is, and what comes first.

Read in this order: ``tables``, ``reach`` and ``severity`` (gaps in presence and reach over all
possible lists), ``weights`` and ``priority``, ``rank_draws`` and ``rank_interval`` (how far a
rank moves), ``ask_first`` (which list matters most), ``query``, ``facts`` (what
no weight changes), ``answer`` (scores and list), then ``report``, ``map``, ``card``. For the map
of gaps to come: ``gap_types`` (which kind of gap a county has) and ``next_node`` (what one more
node would bring).

Severity of reach: 0 up to half the standard, 1 from one and a half times it on, linear between.
Gap priority: the sum over components of weight times severity, times 100.
"""
