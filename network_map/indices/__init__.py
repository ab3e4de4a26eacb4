"""Indices of the counties: accessibility, inequality, clusters.

Read in this order: ``tables``, ``accessibility`` (E2SFCA), ``distribution`` (Gini, Lorenz,
Theil by prefecture; Moran's I and its local form), ``answer`` (with the query) and ``report``
(with the map).

Accessibility: each node's supply is shared among everybody who reaches it, weighted by distance;
a county's index is the sum of the shares within its reach.
"""
