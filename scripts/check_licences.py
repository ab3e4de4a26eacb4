"""Check the licences of everything that ``requirements.lock`` installs.

The program is MIT and is handed to offices as one set: nothing at run time may be under the GPL
or the AGPL. The licence is what the installed package says of itself.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
# Packages whose wheel forgets to say; what their published source carries.
STATED_IN_SOURCE = {"streamlit-folium": "MIT"}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==\S+(?:\s*;\s*(.*?))?\s*\\?$", re.MULTILINE)
_FORBIDDEN = re.compile(r"\b(?:A?GPL|GNU (?:AFFERO )?GENERAL PUBLIC)", re.IGNORECASE)


def locked_names(lock: str) -> list[str]:
    """Return the package names of a lock file's text, in its order."""
    return [match[1] for match in _PINNED.finditer(lock)]


def licence_of(package: Distribution) -> str:
    """Return the licence a package states: expression, classifiers or first line."""
    said = package.metadata.json
    if expression := said.get("license_expression"):
        return str(expression)
    kinds = [c.split(" :: ")[-1] for c in said.get("classifier", []) if "License ::" in c]
    if kinds:
        return " OR ".join(kinds)
    text = str(said.get("license") or "").strip()
    return text.splitlines()[0] if text else STATED_IN_SOURCE.get(package.name, "")


def is_allowed(licence: str) -> bool:
    """Return whether one of the offered licences is known and is neither GPL nor AGPL."""
    offers = re.split(r"\s+OR\s+", licence.strip("() "))
    return any(offer and not _FORBIDDEN.search(offer) for offer in offers)


def main() -> int:
    """Print the table of licences and return 1 when one is missing or not allowed."""
    wrong = []
    for name in locked_names(LOCK.read_text(encoding="utf-8")):
        try:
            licence = licence_of(distribution(name))
        except PackageNotFoundError:
            print(f"{name:28} (not for this platform)")
            continue
        print(f"{name:28} {licence}")
        if not is_allowed(licence):
            wrong.append(f"{name}: {licence or 'states no licence'}")
    for line in wrong:
        print(f"licence not allowed at run time: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
