"""Coverage gaps: where the network does not reach, why, and how sure that is."""

from network_map.ui import gap_blocks as blocks
from network_map.ui.frame import open_page

page = open_page("gaps")
blocks.show(page)
