"""Readers: a raw or shipped file becomes a declared table."""
