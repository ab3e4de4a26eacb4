"""Registered technology contracts: volumes and flows, exact to the fen.

Read in this order: ``tables``, ``importing`` (a planner's file to rows), ``register`` (versions,
engines, rollups), ``volumes`` (ibis expressions), ``query`` (with the period of a question),
``counts`` (what the engine is asked), then the parts of the answer (``by_place``, ``cuts``,
``flows``, ``target``) and ``report``.

Sums are sums of integer fen over the contracts in force; a contract that fits no county stands in
a row of its own, so the rows add up to the register.
"""
