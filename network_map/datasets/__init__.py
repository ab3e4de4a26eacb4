"""Data sets: opened by name, and made of a planner's own lists.

``open`` opens ``public``, ``demo`` or the folder of a workspace, and takes own driving times or
figures out of one again. ``imports`` makes a new version of a workspace from a previewed list, or
changes nothing, and says what an import did or would do.
"""
