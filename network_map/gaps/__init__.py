"""Coverage gaps: where the network does not reach, why, how sure that is, and what comes first.

Read in this order: ``tables``, ``reach`` and ``severity`` (gaps in presence and reach over all
possible lists, and which kind of gap a county has), ``weights`` and ``priority``, ``rank_draws``
and ``rank_interval`` (how far a rank moves), ``ask_first`` (which list matters most), ``query``,
``facts`` (what no weight changes), ``reasons``, ``answer`` (scores and list), then ``county_gaps``,
``next_node`` (what one node more, or one less, would change), ``views``,
``map``, ``ranked_list``, ``card`` and ``report``.

Severity of reach: 0 up to half the standard, 1 from one and a half times it on, linear between.
Gap priority: the sum over components of weight times severity, times 100.
"""
