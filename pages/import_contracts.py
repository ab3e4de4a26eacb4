"""Import a contract register or a list of payments: upload, match, preview, confirm."""

from network_map.app import contract_import as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("import_contracts")
with told(page.language):
    upload = blocks.choose_register_file(page)
    if upload is not None:
        answered = blocks.preview_register(page, upload)
        blocks.show_register(page, answered)
        blocks.confirm_register(page, answered)
