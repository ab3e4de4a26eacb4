"""Methods: every formula, default and limit, from the declarations of the code."""

from network_map.ui import methods_blocks as blocks
from network_map.ui.frame import open_page, told

page = open_page("methods")
with told(page.language):
    blocks.show(page)
