"""Contract monitor: how much was contracted, where, with whom, and against which target."""

from network_map.app import contracts as blocks
from network_map.app.kit.frame import open_page

page = open_page("contracts", blocks.QUERY)
blocks.show(page)
