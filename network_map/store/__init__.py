"""Keeping registers: immutable snapshots and one pointer to the current one."""
