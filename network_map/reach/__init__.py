"""How far it is from every county to every node, and whether that is within a standard.

Read in this order: ``tables``, ``cost`` (the cost matrix and its methods), ``roads`` (distances
over the road network), ``service`` (standards, rules, verdicts), ``coverage`` (who serves whom,
and who would lose whom), ``known_pairs`` (how well the distances meet known trips).

Geodesic estimate: straight line times an increasing curve of circuity. Road distance: shortest
path times 1.121, with the ways to and from the network at 1.5 times the straight line.
"""
