"""Atomic files, immutable snapshots of any set of tables, and the pointer to the current one.

Read in this order: ``files``, ``snapshots``, ``register`` (pointer, journal, lock). No subject is
known here.
"""
