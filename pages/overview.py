"""Network overview: how many nodes there are, where they stand, what each county has."""

from network_map.app import overview as blocks
from network_map.app.kit.frame import open_page

page = open_page("overview", blocks.QUERY)
blocks.show(page)
blocks.show_downloads(page)
