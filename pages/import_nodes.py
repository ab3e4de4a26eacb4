"""Import a list of nodes or one beside them: upload, see what would be taken, answer, confirm."""

from network_map.app import list_import
from network_map.app import node_import as blocks
from network_map.app.kit.frame import open_page, told

page = open_page("import_nodes")
with told(page.language):
    what = list_import.choose_list(page)
    if what != list_import.NODE_LIST:
        given = list_import.choose_list_file(page, what)
        if given is not None:
            listed = list_import.preview_upload(page, given)
            list_import.show_list(page, listed)
            list_import.confirm_list(page, listed)
    elif (upload := blocks.choose_file(page)) is not None:
        answered = blocks.preview(page, upload)
        blocks.show_preview(page, answered)
        blocks.confirm(page, answered)
