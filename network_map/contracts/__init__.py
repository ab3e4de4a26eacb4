"""Registered technology contracts: volumes and flows, exact to the fen.

Read in this order: ``tables``, ``importing`` (a planner's file to rows), ``register`` (versions,
engines, rollups), ``volumes`` and ``parties`` (ibis expressions), ``counts`` (what the engine is
asked), ``query``, ``span`` (the period of a question), then ``answer`` with its parts
(``by_place``, ``series``, ``cuts``, ``flows``, ``target``, ``subsidy``, ``published``), ``report``
and ``map``.

Sums are sums of integer fen over the contracts in force; a contract that fits no county stands in
a row of its own, so the rows add up to the register.
"""
