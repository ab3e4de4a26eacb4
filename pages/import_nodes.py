"""Import a list of nodes: upload, see what would be taken, answer, confirm."""

from network_map.app import node_import as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("import_nodes")
with told(page.language):
    upload = blocks.choose_file(page)
    if upload is not None:
        answered = blocks.preview(page, upload)
        blocks.show_preview(page, answered)
        blocks.confirm(page, answered)
