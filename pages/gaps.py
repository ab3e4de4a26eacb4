"""Coverage gaps: where the network does not reach, why, and how sure that is."""

from network_map.app import gaps as blocks
from network_map.app.kit.frame import open_page

page = open_page("gaps", blocks.QUERY, has_heading=False)
blocks.show(page)
