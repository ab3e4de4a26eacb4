"""Network overview: how many nodes there are, where they stand, what each county has."""

from network_map.ui import overview_blocks as blocks
from network_map.ui.frame import open_page

page = open_page("overview")
blocks.show(page)
blocks.show_downloads(page)
