"""Consortia: who belongs to one, how far its members reach, where its industry has none."""

from network_map.app import consortia as blocks
from network_map.app.kit.frame import open_page

page = open_page("consortia", blocks.QUERY)
blocks.show(page)
