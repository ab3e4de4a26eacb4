"""Contract monitor: how much was contracted, where, with whom, and against which target."""

from network_map.ui import contract_blocks as blocks
from network_map.ui.frame import open_page

page = open_page("contracts")
blocks.show(page)
