"""Site selection: where the next nodes go, proven, compared, explained."""

from network_map.app import siting as blocks
from network_map.app.kit.frame import open_page

page = open_page("siting", blocks.QUERY)
blocks.show(page)
