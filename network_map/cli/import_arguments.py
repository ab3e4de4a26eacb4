"""The arguments of ``network-map import``: one parser for each thing that can be imported."""

from collections.abc import Callable
from typing import Any

from network_map.terms import KindScheme, Origin

Add = Callable[..., Any]
"""Adds an option or argument with its help in both languages: ``add(parser, name, …)``."""


def add_node_arguments(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    """Add what a node list takes."""
    add(parser, "file", is_option=False, metavar="FILE")
    add(parser, "workspace", metavar="DIR")
    add(parser, "complete", action="append", default=[], metavar="KIND[:PREFECTURE]")
    add(parser, "default-kind", metavar="KIND")
    add(parser, "new-kind", action="append", default=[], metavar="NAME[:LEVEL]")
    add(parser, "kind-word", action="append", default=[], metavar="WORD=KIND")
    add(parser, "column", action="append", default=[], metavar="HEADER=COLUMN")
    add(parser, "answer", action="append", default=[], metavar="ROW=PLACE")
    _add_common(parser, add)


def add_list_arguments(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    """Add what a list of members, of county industries or of the work of centres takes."""
    add(parser, "file", is_option=False, metavar="FILE")
    add(parser, "workspace", metavar="DIR")
    add(parser, "column", action="append", default=[], metavar="HEADER=COLUMN")
    add(parser, "answer", action="append", default=[], metavar="ROW=PLACE")
    _add_common(parser, add)


def add_contract_arguments(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    """Add what a contract register takes."""
    add_payment_arguments(parser, add)
    add(parser, "scheme", choices=tuple(KindScheme))
    add(parser, "replace", action="store_true")


def add_payment_arguments(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    """Add what a list of payments takes."""
    add(parser, "file", is_option=False, help_key="register_file", metavar="FILE")
    add(parser, "workspace", metavar="DIR")
    add(parser, "unit", metavar="UNIT")
    add(
        parser, "column", help_key="register_column",
        action="append", default=[], metavar="HEADER=COLUMN",
    )  # fmt: skip
    add(
        parser, "answer", help_key="register_answer",
        action="append", default=[], metavar="ROW=PLACE",
    )  # fmt: skip
    _add_common(parser, add)


def _add_common(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    add(parser, "exclude-row", action="append", default=[], type=int, metavar="ROW")
    add(parser, "skip-bad-rows", action="store_true")
    add(parser, "origin", choices=tuple(Origin))
    add(parser, "source", metavar="TEXT")
    add(parser, "sheet", metavar="NAME")
    add(parser, "header-row", type=int, metavar="ROW")
    add(parser, "yes", action="store_true")
    add(parser, "json", action="store_true")
