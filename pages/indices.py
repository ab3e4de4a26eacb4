"""Indices: how near the network is, how unevenly it is spread, where high and low gather."""

from network_map.ui import indices_blocks as blocks
from network_map.ui.frame import open_page

page = open_page("indices")
blocks.show(page)
