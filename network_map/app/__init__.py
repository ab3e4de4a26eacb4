"""The pages: one module each, over the kit of what they share.

A page's module asks its subject for an answer, a report or a map, and draws it; it holds no
numbers. ``navigation`` lists the pages, ``server`` starts them.
"""
