"""The command line: ``network-map`` with the same verbs as the pages."""

from network_map.cli.commands import main

__all__ = ["main"]
