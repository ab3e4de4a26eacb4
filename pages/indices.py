"""Indices: how near the network is, how unevenly it is spread, where high and low gather."""

from network_map.app import indices as blocks
from network_map.app.kit.frame import open_page

page = open_page("indices", blocks.QUERY)
blocks.show(page)
