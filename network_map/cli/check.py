"""``network-map check``: whether the shipped data are whole and consistent."""

import json
from argparse import Namespace

from network_map.catalog.check import check_package
from network_map.catalog.tables import SHIPPED
from network_map.cli.output import problem_record, say
from network_map.config import Settings
from network_map.datapackage import data_root
from network_map.errors import Severity
from network_map.i18n import problem_text, text


def run(arguments: Namespace, settings: Settings) -> int:
    """Check the data package, say everything that is wrong, and return 1 if anything is."""
    language = settings.language
    problems = check_package()
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    if arguments.json:
        found = [problem_record(problem, language) for problem in problems]
        report = {"ok": not failed, "table_count": len(SHIPPED), "problems": found}
        say(json.dumps(report, ensure_ascii=False, indent=1))
        return int(failed)
    say(*(problem_text(problem, language) for problem in problems))
    verdict = "check_failed" if failed else "check_passed"
    values = {"tables": len(SHIPPED), "problems": len(problems), "folder": data_root()}
    say(text(f"cli.{verdict}", language, **values))
    return int(failed)
