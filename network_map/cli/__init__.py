"""The command line: ``network-map`` with the same verbs as the pages.

The entry point reads the arguments, runs one command and turns every error into a sentence. The
arguments of every command stand here, with help in both languages; each command's own module is
loaded when it runs.
"""

import argparse
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

from network_map import __version__
from network_map.cli.output import error_lines, finish_stdout, quiet_stdout, say, use_utf8
from network_map.config import DATASETS, LANGUAGES, Settings, load_settings
from network_map.errors import NetworkMapError
from network_map.i18n import DEFAULT_LANGUAGE, text
from network_map.query import parameters_of
from network_map.terms import KindScheme, Origin

__all__ = ["main"]


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
    add(parser, "coordinate-system", metavar="SYSTEM")
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


def add_road_arguments(parser: Any, add: Add) -> None:  # noqa: ANN401 (argparse's own kind)
    """Add what a file of roads takes."""
    add(parser, "file", is_option=False, help_key="road_file", metavar="FILE")
    add(parser, "workspace", metavar="DIR")
    add(parser, "speed", action="append", default=[], metavar="CLASS=KMH")
    add(parser, "source", metavar="TEXT")
    add(parser, "skip-bad-rows", action="store_true")
    add(parser, "yes", action="store_true")
    add(parser, "json", action="store_true")


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


# What argparse says is English; what it means is said in the person's language.
_USAGE_ERRORS = (
    ("required", re.compile(r"the following arguments are required: (?P<names>.+)")),
    ("unknown", re.compile(r"unrecognized arguments: (?P<names>.+)")),
    (
        "choice",
        re.compile(
            r"argument (?P<name>.+): invalid choice: '(?P<found>.*)' \(choose from (?P<known>.+)\)"
        ),
    ),
    ("integer", re.compile(r"argument (?P<name>.+): invalid int value: '(?P<found>.*)'")),
    ("value", re.compile(r"argument (?P<name>.+): expected (one|at least one) argument")),
)
# As `network_map.export.FORMATS`, which would load every library to show the help.
_FORMATS = ("csv", "xlsx", "gpkg", "geojson", "html")


def wanted_language(words: Sequence[str], env: Mapping[str, str]) -> str:
    """Return the language of messages: ``--lang`` wins over the variable, else Chinese.

    It is needed before the arguments are understood, to say what is wrong with them.
    """
    found = env.get("NETWORK_MAP_LANGUAGE", DEFAULT_LANGUAGE)
    for word, after in pairwise([*words, ""]):
        if word == "--lang":
            found = after
        elif word.startswith("--lang="):
            found = word.removeprefix("--lang=")
    return found if found in LANGUAGES else DEFAULT_LANGUAGE


def argument_parser(language: str, words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of ``network-map``, its help in Chinese and English, or English only.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    words
        What is to be parsed: only the command among them is given its arguments. None: all are.
    """
    kind = _EnglishParser if language == "en" else _Parser
    parser = kind(prog="network-map", description="cli.about")
    parser.options.add_argument(
        "--version",
        action="version",
        version=f"network-map {__version__}",
        help="cli.help.version",
    )
    commands = parser.add_subparsers(
        title="commands",
        dest="command",
        metavar="COMMAND",
        required=True,
        parser_class=kind,
    )
    for name, add in _COMMANDS:
        about = f"cli.about_{name}"
        command = commands.add_parser(name, help=about, description=about)
        if words is None or name in words:
            add(command)
    return parser


_HEADINGS = ("arguments", "commands", "options")


class _Formatter(argparse.RawTextHelpFormatter):
    """Puts words for keys, in both languages: only help itself looks them up."""

    language = DEFAULT_LANGUAGE

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        # An empty prefix asks for the bare command, to name it in the help of a subcommand.
        shown = f"{_title('usage', self.language)}: " if prefix is None else prefix
        super().add_usage(usage, actions, groups, shown)

    def start_section(self, heading: str | None) -> None:
        # The library's own sections stay empty, and so are not shown.
        super().start_section(
            _title(heading, self.language) if heading and heading in _HEADINGS else heading
        )

    def add_text(self, text: str | None) -> None:
        # The version is no key.
        super().add_text(_both(text, self.language) if text and text.startswith("cli.") else text)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help and _both(action.help, self.language)


class _EnglishFormatter(_Formatter):
    language = "en"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are sentences of the catalogs."""

    language = DEFAULT_LANGUAGE
    formatter: type[_Formatter] = _Formatter

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- as in the library
        super().__init__(
            add_help=False, allow_abbrev=False, formatter_class=self.formatter, **options
        )
        self.options = self.add_argument_group("options")
        self.options.add_argument("-h", "--help", action="help", help="cli.help.help")
        self.options.add_argument(
            "--lang",
            choices=LANGUAGES,
            default=argparse.SUPPRESS,
            help="cli.help.lang",
        )

    def error(self, message: str) -> NoReturn:
        sentence = text(
            "cli.usage_error", self.language,
            problem=_usage_problem(message, self.language), program=self.prog,
        )  # fmt: skip
        self.exit(2, f"{sentence}\n")


class _EnglishParser(_Parser):
    language = "en"
    formatter = _EnglishFormatter


def _usage_problem(message: str, language: str) -> str:
    for name, pattern in _USAGE_ERRORS:
        if found := pattern.fullmatch(message):
            values = {key: value.replace("'", "") for key, value in found.groupdict().items()}
            return text(f"cli.usage.{name}", language, **values)
    return message


def _serve(parser: _Parser) -> None:
    _add(parser, "port", metavar="N")
    _add(parser, "public-url", metavar="URL")
    _add(parser, "dataset", choices=DATASETS)
    _add(parser, "workspace", metavar="DIR")


def _check(parser: _Parser) -> None:
    _add(parser, "json", action="store_true")


def _nodes(parser: _Parser) -> None:
    from network_map.nodes.query import NodeListQuery  # noqa: PLC0415 -- of this command

    _add_list(parser, NodeListQuery)


def _contracts(parser: _Parser) -> None:
    from network_map.contracts.query import ContractQuery  # noqa: PLC0415 -- of this command

    _add_list(parser, ContractQuery)


def _gaps(parser: _Parser) -> None:
    from network_map.gaps.query import GapQuery  # noqa: PLC0415 -- of this command

    _add_list(parser, GapQuery, ("ask", "gap_ask"))


def _indices(parser: _Parser) -> None:
    from network_map.indices.answer import IndexQuery  # noqa: PLC0415 -- of this command

    _add_list(parser, IndexQuery, ("groups", "index_groups"))


def _site(parser: _Parser) -> None:
    from network_map.siting.query import SitingQuery  # noqa: PLC0415 -- of this command

    _add_list(parser, SitingQuery, ("json", "json"))


def _compare(parser: _Parser) -> None:
    what = parser.add_argument_group("arguments")
    what.add_argument("first", metavar="A", help="cli.help.site_first")
    what.add_argument("second", metavar="B", help="cli.help.site_second")
    _add(parser, "workspace", metavar="DIR")
    _add(parser, "json", action="store_true")
    _add_outputs(parser)


def _add_list(parser: _Parser, query: type[Any], *flags: tuple[str, str]) -> None:
    """Add the options of a command that writes what a query asks for."""
    _add(parser, "dataset", help_key="dataset_or_folder", metavar="demo|public|own|DIR")
    for part in parameters_of(query):
        option = part.option
        if option is None:
            continue
        if option.opposite:
            either = parser.options.add_mutually_exclusive_group()
            for name, key in ((option.name, option.help_key), (option.opposite, option.off_key)):
                either.add_argument(f"--{name}", action="store_true", help=f"cli.help.{key}")
            continue
        metavar = {} if option.metavar is None else {"metavar": option.metavar}
        settings = {"default": part.default, **part.type.argument, **metavar}
        _add(parser, option.name, help_key=option.help_key, **settings)
    for name, key in flags:
        _add(parser, name, help_key=key, action="store_true")
    _add_outputs(parser)


def _add_outputs(parser: _Parser) -> None:
    """Add what a command that writes a bundle is told about its files."""
    _add(parser, "format", choices=_FORMATS)
    _add(parser, "out", metavar="FILE")
    _add(parser, "meta", metavar="FILE")
    _add(parser, "overwrite", action="store_true")


_IMPORTS = {
    "nodes": add_node_arguments,
    "contracts": add_contract_arguments,
    "payments": add_payment_arguments,
    "consortia": add_list_arguments,
    "industries": add_list_arguments,
    "centre-activity": add_list_arguments,
    "travel-times": add_list_arguments,
    "osm-roads": add_road_arguments,
    "county-indicators": add_list_arguments,
}


def _import(parser: _Parser) -> None:
    what = parser.add_subparsers(
        title="arguments",
        dest="what",
        metavar="WHAT",
        required=True,
        help="cli.help.import_what",
        parser_class=type(parser),
    )

    for name, add_arguments in _IMPORTS.items():
        about = f"cli.about_import_{name}"
        add_arguments(what.add_parser(name, help=about, description=about), _add)


def _remove(parser: _Parser) -> None:
    what = parser.add_argument_group("arguments")
    what.add_argument(
        "what",
        choices=("travel-times", "osm-roads", "county-indicators"),
        help="cli.help.remove_what",
    )
    _add(parser, "workspace", metavar="DIR")
    _add(parser, "yes", action="store_true")


def _load(parser: _Parser) -> None:
    what = parser.add_argument_group("arguments")
    what.add_argument("what", choices=("contracts",), help="cli.help.load_what")
    _add(parser, "to", required=True, metavar="URL")
    _add(parser, "workspace", metavar="DIR")
    _add(parser, "json", action="store_true")


def _verify(parser: _Parser) -> None:
    what = parser.add_argument_group("arguments")
    what.add_argument("file", metavar="FILE", help="cli.help.export_file")
    _add(parser, "workspace", metavar="DIR")
    _add(parser, "meta", help_key="verify_meta", metavar="FILE")
    _add(parser, "json", action="store_true")


_COMMANDS = (
    ("serve", _serve),
    ("check", _check),
    ("nodes", _nodes),
    ("contracts", _contracts),
    ("gaps", _gaps),
    ("indices", _indices),
    ("site", _site),
    ("compare", _compare),
    ("import", _import),
    ("remove", _remove),
    ("load", _load),
    ("verify", _verify),
)


def _add(
    parser: _Parser,
    name: str,
    *,
    is_option: bool = True,
    help_key: str = "",
    **options: Any,  # noqa: ANN401 -- as in the library
) -> None:
    key = f"cli.help.{help_key or name.replace('-', '_')}"
    if is_option:
        parser.options.add_argument(f"--{name}", help=key, **options)
    else:
        group = parser.add_argument_group("arguments")
        group.add_argument(name, help=key, **options)


def _both(key: str, language: str) -> str:
    """Return a help text in Chinese and English, or in English where that was asked for."""
    english = text(key, "en")
    words = english if language == "en" else f"{text(key, 'zh')}\n{english}"
    return words.replace("%", "%%")


def _title(name: str, language: str) -> str:
    english = text(f"cli.heading.{name}", "en")
    return english if language == "en" else f"{text(f'cli.heading.{name}', 'zh')} {english}"


OK, PROBLEMS, INTERRUPTED = 0, 1, 130  # 2 is argparse's own: a wrong usage

# A command's module, and the query that it takes, are imported when it is asked for: `serve` needs
# none of the libraries that read tables.
_HANDLERS = {
    "serve": "network_map.cli.serve",
    "check": "network_map.cli.verify:run_check",
    "nodes": "network_map.cli.nodes",
    "contracts": "network_map.cli.nodes:run_contracts",
    "gaps": "network_map.cli.gaps",
    "indices": "network_map.cli.gaps:run_indices",
    "site": "network_map.cli.siting",
    "compare": "network_map.cli.siting:run_compare",
    "import": "network_map.cli.importing",
    "remove": "network_map.cli.importing:run_remove",
    "load": "network_map.cli.importing:run_load",
    "verify": "network_map.cli.verify",
}
# What an option says wins over the variable of the same meaning.
_VARIABLES = {
    "port": "PORT",
    "public_url": "PUBLIC_URL",
    "workspace": "WORKSPACE",
    "lang": "LANGUAGE",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        0 done; 1 something was wrong, said on stderr, nothing half-applied; 2 the arguments
        cannot be used; 130 interrupted.
    """
    use_utf8()
    words = sys.argv[1:] if argv is None else list(argv)
    language = wanted_language(words, os.environ)
    try:
        arguments = argument_parser(language, words).parse_args(words)
        settings = _settings(arguments)
        language = settings.language
        return _run(arguments, settings)
    except NetworkMapError as error:
        say(*error_lines(error, language), file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:
        quiet_stdout()
        return PROBLEMS
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as stop:  # argparse: help and version, or arguments that cannot be used
        return stop.code if isinstance(stop.code, int) else OK


def _run(arguments: Namespace, settings: Settings) -> int:
    code = _named(_HANDLERS[arguments.command])(arguments, settings)
    finish_stdout()
    return int(code)


def _named(address: str) -> Any:  # noqa: ANN401 (whatever is there)
    """Return what stands in a module, imported now; its ``run`` where nothing is named."""
    module, _, name = address.partition(":")
    return getattr(import_module(module), name or "run")


def _settings(arguments: Namespace) -> Settings:
    told = {
        f"NETWORK_MAP_{variable}": str(value)
        for option, variable in _VARIABLES.items()
        if (value := getattr(arguments, option, None)) is not None
    }
    if arguments.command == "serve" and arguments.dataset is not None:
        told["NETWORK_MAP_DATASET"] = arguments.dataset
    return load_settings({**os.environ, **told})
