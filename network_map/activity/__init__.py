"""How active counties are in technology contracts, against people, wealth and similar counties.

Read in this order: ``tables`` (what comes out), ``windows`` (the period, and the contracts that
fall in it), ``activity`` (rates, smoothed, and their severity), ``peers`` (similar counties),
``idle`` (counties without a contract; centres that may be idle), ``importing`` (a list of what the
centres did).

Rate of a county: contracts per 10 000 residents, and contract value per 100 million yuan of GDP;
a small county's rate is drawn towards the province's by an empirical Bayes prior.
"""
