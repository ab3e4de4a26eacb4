"""Network overview: how many nodes there are, where they stand, what each county has."""

from network_map.ui import overview_blocks as blocks
from network_map.ui.frame import open_page, told

page = open_page("overview")
with told(page.language):
    query = blocks.choose(page)
    blocks.say_link_problems(page, query)
    answer = blocks.get(page, query)
    blocks.show_counts(page, answer)
    blocks.show_map_and_card(page, answer)
    blocks.show_table(page, answer)
