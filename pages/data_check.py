"""Data check: what should be there, what is on the lists, and what breaks the tier rules."""

from network_map.app import data_check as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("data_check")
with told(page.language):
    answer = blocks.get(page)
    blocks.show_totals(page, answer)
    blocks.show_gaps(page, answer)
    blocks.show_rules(page, answer)
