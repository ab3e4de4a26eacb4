"""Every word for people stands in both catalogs, asks for the same values, and is used."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest

from network_map import i18n
from network_map.catalog import TABLES
from network_map.tables import ColumnType
from tests.paths import ROOT

PACKAGE = ROOT / "network_map"
MODULES = [
    *sorted(PACKAGE.rglob("*.py")),
    *sorted((ROOT / "pages").glob("*.py")),
    *sorted(ROOT.glob("streamlit_app.py")),
]
ERRORS = frozenset(
    {"ConfigError", "QueryError", "FileFormatError", "DamagedFileError", "MissingFileError",
     "WorkspaceError", "NetworkMapError"}
)  # fmt: skip
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
# Problems of a cell are called after the type of its column; the first word of some key families
# is put together with a code that tables hold.
DERIVED = {f"problem.cell_not_{column_type.value}" for column_type in ColumnType}
FAMILIES = ("error.", "problem.", "term.", "unit.")
OF_THE_MAP = "map."
"""The map's own script asks for these."""

# A person who reads only the other language must find the switch.
NAMES_OF_LANGUAGES = {"term.language.zh", "frame.other_language"}

pytestmark = pytest.mark.promise


@cache
def trees() -> list[tuple[str, ast.Module]]:
    return [(p.relative_to(ROOT).as_posix(), ast.parse(p.read_text("utf-8"))) for p in MODULES]


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def codes_raised() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield module, catalog key and call of each error and problem named by a literal."""
    for module, tree in trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            family = {"Problem": "problem"}.get(name_of(call))
            family = "error" if name_of(call) in ERRORS else family
            code = call.args[0] if call.args else None
            if code is None:
                code = next((word.value for word in call.keywords if word.arg == "code"), None)
            if family and (found := literal(code)):
                yield module, f"{family}.{found}", call


def literals() -> set[str]:
    """Return every text in the code, and the fixed beginning of every text put together."""
    found: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if (words := literal(node if isinstance(node, ast.expr) else None)) is not None:
                found.add(words)
    return found


def patterns() -> list[re.Pattern[str]]:
    """Return a pattern for each key that the code puts together from fixed and variable parts."""
    made = []
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [literal(part) for part in node.values]
                fixed = "".join(part or "" for part in parts)
                # Parts alone, with nothing but points between them, would name every key.
                if re.fullmatch(r"[a-z0-9_.]*[a-z][a-z0-9_.]*", fixed) and "." in fixed:
                    made.append(
                        re.compile("".join(".+" if p is None else re.escape(p) for p in parts))
                    )
    return made


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_text_is_empty_and_every_template_can_be_filled(language: str) -> None:
    for key, template in i18n.catalog(language).items():
        assert template.strip(), key
        for _, name, spec, conversion in Formatter().parse(template):
            assert name is None or name.isidentifier(), f"{key}: {name!r}"
            assert not conversion, key
            assert not spec or re.fullmatch(r"[,.0-9a-z+%]+", spec), f"{key}: {spec!r}"


def test_both_catalogs_have_the_same_keys_that_ask_for_the_same_values() -> None:
    chinese, english = i18n.catalog("zh"), i18n.catalog("en")
    assert set(chinese) == set(english)
    for key, template in chinese.items():
        assert i18n.fields(template) == i18n.fields(english[key]), key


def test_both_languages_have_the_same_area_files() -> None:
    files = [
        {path.name for path in (PACKAGE / "i18n" / language).iterdir()}
        for language in i18n.LANGUAGES
    ]
    assert files[0] == files[1]


def test_chinese_is_chinese_and_english_is_english() -> None:
    has_chinese = re.compile("[\u4e00-\u9fff]")
    for key, words in i18n.catalog("en").items():
        if key in NAMES_OF_LANGUAGES:
            continue
        # A sentence may quote a name; it does not consist of Chinese.
        assert len(has_chinese.findall(words)) * 3 <= len(words), f"{key}: {words}"
    for key, words in i18n.catalog("zh").items():
        if key.startswith(("error.", "problem.")) and not has_chinese.search(words):
            pytest.fail(f"{key}: {words}")


def test_every_error_and_problem_that_the_code_names_has_its_sentence() -> None:
    missing = {
        f"{module}: {key}" for module, key, _ in codes_raised() if not i18n.has_text(key)
    } | {f"schema: {key}" for key in DERIVED if not i18n.has_text(key)}
    assert not missing


def test_every_error_gives_the_values_that_its_sentence_asks_for() -> None:
    lacking = set()
    for module, key, call in codes_raised():
        given = {word.arg or "**" for word in call.keywords}
        if "**" in given or not key.startswith("error.") or not i18n.has_text(key):
            continue
        if wanted := i18n.fields(i18n.catalog("zh")[key]) - given:
            lacking.add(f"{module}: {key} lacks {sorted(wanted)}")
    assert not lacking


def test_every_key_that_the_code_names_stands_in_the_catalogs() -> None:
    """Keys that are put together are tried by the tests of the room that does it."""
    asked = {
        (module, key)
        for module, tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and name_of(call) in {"text", "t"} and call.args
        if (key := literal(call.args[0])) and KEY.fullmatch(key)
    }
    assert not {f"{module}: {key}" for module, key in asked if not i18n.has_text(key)}


def test_no_text_lies_unused() -> None:
    """A key is named whole, by its last part as a code, or by the parts it is put together of."""
    words, made = literals(), patterns()
    unused = [
        key
        for key in i18n.catalog("zh")
        if key not in words
        and key not in DERIVED
        and not (key.startswith(FAMILIES) and key.split(".", 1)[1] in words)
        and not key.startswith(OF_THE_MAP)
        # The area of codes that a function is given.
        and not ("." in (area := key.rpartition(".")[0]) and area in words)
        and not any(pattern.fullmatch(key) for pattern in made)
    ]
    assert not unused


def test_every_unit_of_a_declared_column_has_its_word() -> None:
    units = {column.unit for table in TABLES.values() for column in table.columns if column.unit}
    assert not {unit for unit in units if not i18n.has_text(f"unit.{unit}")}


def test_a_problem_with_a_row_names_it_and_a_share_is_in_percent() -> None:
    assert i18n.text("problem.at_row", "zh", row=17, sentence="甲") == "第 17 行:甲"
    assert i18n.share_text(0.1234) == "12.3%"
    assert i18n.count_text(47209277) == "47,209,277"
