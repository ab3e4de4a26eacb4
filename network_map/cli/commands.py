"""The entry point: reads the arguments, runs one command, turns every error into a sentence."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from network_map.cli.arguments import argument_parser, wanted_language
from network_map.cli.terminal import error_lines, quiet_stdout, say, use_utf8
from network_map.config import Settings, load_settings
from network_map.errors import NetworkMapError

OK, PROBLEMS, USAGE, INTERRUPTED = 0, 1, 2, 130

# A command's module is imported when it runs: help and `serve` need none of the libraries that
# read tables.
_COMMANDS = {
    "serve": "network_map.cli.serve",
    "check": "network_map.cli.check",
    "nodes": "network_map.cli.reports",
    "contracts": "network_map.cli.contracts",
    "gaps": "network_map.cli.gaps",
    "indices": "network_map.cli.indices",
    "import nodes": "network_map.cli.imports",
    "import contracts": "network_map.cli.import_contracts",
    "import payments": "network_map.cli.import_contracts",
    "import consortia": "network_map.cli.import_consortia",
    "import industries": "network_map.cli.import_consortia",
    "import centre-activity": "network_map.cli.import_consortia",
    "load": "network_map.cli.load",
    "verify": "network_map.cli.verify",
}
# What an option says wins over the variable of the same meaning.
_VARIABLES = {"port": "PORT", "workspace": "WORKSPACE", "lang": "LANGUAGE"}


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
        arguments = argument_parser(language).parse_args(words)
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
    name = arguments.command
    if name == "import":
        name = f"{name} {arguments.what}"
    code = import_module(_COMMANDS[name]).run(arguments, settings)
    sys.stdout.flush()
    return int(code)


def _settings(arguments: Namespace) -> Settings:
    told = {
        f"NETWORK_MAP_{variable}": str(value)
        for option, variable in _VARIABLES.items()
        if (value := getattr(arguments, option, None)) is not None
    }
    if arguments.command == "serve" and arguments.dataset is not None:
        told["NETWORK_MAP_DATASET"] = arguments.dataset
    return load_settings({**os.environ, **told})
