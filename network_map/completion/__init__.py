"""What may stand behind a list that is not public: all its completions, exactly.

Read in this order: ``ensemble`` (facts of a list, and the completions that agree with them),
``choice`` (places that choose independently, held to given counts), then ``shares`` (exact shares
of completions) or ``draws`` (seeded ones).

Share of a county: completions in which it has a node, divided by all completions that agree with
the published totals.
"""
