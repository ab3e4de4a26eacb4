"""Text of people's own in places that read Markdown: shown as it was typed, never carried out."""

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """Return Markdown that shows the text as it is: no picture, link, colour or list in it.

    Streamlit reads the texts of its messages, labels and buttons as Markdown. A file's heading
    or a link's parameter could otherwise make the page fetch a picture from elsewhere. A
    backslash before any ASCII punctuation takes its meaning away (CommonMark 0.31, 2.4).
    """
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
