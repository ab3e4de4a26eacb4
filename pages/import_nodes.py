"""Import a list of nodes or one beside them: upload, see what would be taken, answer, confirm."""

from network_map.app import imports as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("import_nodes")
with told(page.language):
    what = blocks.choose_list(page)
    upload = blocks.choose_file(page, what)
    if upload is not None:
        answered = blocks.preview_upload(page, upload)
        blocks.show_preview(page, upload, answered)
        blocks.confirm_upload(page, upload, answered)
