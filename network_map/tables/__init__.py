"""Declarations: a column once, a table once, and the check of rows against them."""
