"""Data sets: opened by name, and made of a planner's own lists.

``open`` opens ``public``, ``demo`` or the folder of a workspace. ``node_import`` and
``list_import`` make a new version of a workspace from a previewed list, or change nothing;
``node_outcome`` says what an import did or would do.
"""
