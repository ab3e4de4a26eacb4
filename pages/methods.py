"""Methods: every formula, default and limit, from the declarations of the code."""

from network_map.app import methods as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("methods")
with told(page.language):
    blocks.show(page)
