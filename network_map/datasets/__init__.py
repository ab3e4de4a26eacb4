"""Data sets: opened by name, and made of a planner's own lists."""
