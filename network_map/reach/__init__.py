"""How far it is from every county to every node, and whether that is within a standard.

Read in this order: ``tables``, ``standards`` (standards and rules of service), ``cost`` (the cost
matrix, its methods, and verdicts on it), ``roads`` (distances over the road network, and how well
they meet known trips), ``travel_times`` (a planner's own, with ``osm_process`` to read roads),
``coverage`` (who serves whom, and who would lose whom).

Geodesic estimate: straight line times an increasing curve of circuity. Road distance: shortest
path times 1.121, with the ways to and from the network at 1.5 times the straight line.
"""
