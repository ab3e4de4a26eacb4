"""Atomic files, immutable snapshots of any set of tables, and the pointer to the current one.

Read in this order: ``snapshots``, ``register`` (pointer, journal, lock), ``imports`` (what an
import did or would do). No subject is known here.
"""
