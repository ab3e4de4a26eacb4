"""Text of people's own in places that read Markdown: shown as it was typed, never carried out."""

import re

# What has a meaning inside a line, and what has one at its beginning. The rest stays as it is,
# because Streamlit reads labels to the blind with the backslashes in them.
_MEANT = re.compile(r"([\\`*_\[\]<>&~$]|:(?=[a-z]))")
_AT_START = re.compile(r"^(\d*)(?=[#+\-=|.)])")


def plain(text: str) -> str:
    """Return Markdown of one line that shows the text as it is: no picture, link or list in it.

    Streamlit reads the texts of its messages, labels and buttons as Markdown. A file's heading
    or a link's parameter could otherwise make the page fetch a picture from elsewhere. A
    backslash before ASCII punctuation takes its meaning away (CommonMark 0.31, 2.4).
    """
    line = " ".join(text.split())
    return _AT_START.sub(r"\1\\", _MEANT.sub(r"\\\1", line))
