"""The declarations: every column and every table, once."""
