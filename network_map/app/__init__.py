"""The pages: one module each, over the kit of what they share.

A page's module asks its subject for an answer, a report or a map, and draws it; it holds no
numbers. ``kit.frame`` lists the pages, ``server`` starts them.
"""

MAIN_PAGE = "gaps"
"""The page that opens first. Streamlit serves it at the root and does not know its name there."""
