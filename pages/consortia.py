"""Consortia: who belongs to one, how far its members reach, where its industry has none."""

from network_map.ui import consortium_blocks as blocks
from network_map.ui.frame import open_page

page = open_page("consortia")
blocks.show(page)
