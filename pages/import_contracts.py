"""Import a contract register or a list of payments: upload, match, preview, confirm."""

from network_map.ui import contract_import_blocks as blocks
from network_map.ui.frame import open_page, told

page = open_page("import_contracts")
with told(page.language):
    upload = blocks.choose_register_file(page)
    if upload is not None:
        answered = blocks.preview_register(page, upload)
        blocks.show_register(page, answered)
        blocks.confirm_register(page, answered)
