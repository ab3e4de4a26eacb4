"""The house stands as drawn: floors, sizes, wheel, locks, and nothing private in the files."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import network_map
from tests.paths import ROOT

PACKAGE = ROOT / "network_map"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGES = [*sorted((ROOT / "pages").glob("*.py")), ROOT / "streamlit_app.py", ROOT / "asgi.py"]
LONGEST_MODULE = 600
LONGEST_PAGE = 60

pytestmark = pytest.mark.promise


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_names(path: Path) -> Iterator[str]:
    """Yield every imported module, and `module.name` for what is taken from one."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command is not None, "import-linter is missing: run make setup"
    return subprocess.run(
        [command, "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


# --- floors -------------------------------------------------------------------------------------


def test_the_house_keeps_its_floors() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


PLANTS = [
    ("errors.py", "import network_map.gaps", "Subjects build on"),
    ("places/planted.py", "import network_map.nodes", "Subjects build on"),
    ("listfiles/planted.py", "from network_map import maps", "Subjects build on"),
    ("app/planted.py", "import network_map.cli", "Subjects build on"),
    ("gaps/planted.py", "import streamlit as st", "Streamlit is known"),
    ("app/planted.py", "from folium import Map", "folium is known"),
    ("gaps/planted.py", "import ibis", "ibis and DuckDB are known"),
    ("gaps/query.py", "import network_map.gaps.report", "A subject is read"),
    ("gaps/severity.py", "import os", "Measures read no file"),
    ("workspace/planted.py", "import requests", "No room talks"),
    ("cellar.py", "", "Subjects build on"),
]


@pytest.fixture(scope="module")
def broken_contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says about each contract when every wrong import is planted at once."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(PACKAGE, folder / "network_map", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for module, line, _ in PLANTS:
        with (folder / "network_map" / module).open("a", encoding="utf-8") as planted:
            planted.write(f"\n{line}\n")
    result = lint_imports(folder)
    assert result.returncode == 1
    told = result.stdout.partition("Broken contracts")[2]
    parts = re.split(r"^(.+)\n-{5,}$", told, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(("module", "line", "contract"), PLANTS)
def test_a_planted_wrong_import_is_found(
    broken_contracts: dict[str, str], module: str, line: str, contract: str
) -> None:
    importer = ".".join(Path("network_map", module).with_suffix("").parts)
    imported = re.sub(r"^from (\w+) import ([a-z]\w*)$", r"\1.\2", line)
    imported = re.sub(r"^(?:import|from) ([\w.]+).*$", r"\1", imported)
    found = f"- *{importer} -> {imported} \\(" if line else f"- {importer}$"
    (told,) = (text for name, text in broken_contracts.items() if name.startswith(contract))
    assert re.search(found, told, re.MULTILINE), told


def test_no_module_opens_a_connection_through_the_standard_library() -> None:
    opens = re.compile(r"^(urllib\.request|http\.(client|server)|asyncio\.open_connection)\b")
    found = [(name_of(p), n) for p in MODULES + PAGES for n in imported_names(p) if opens.match(n)]
    assert found == []


def test_a_module_imported_by_its_name_is_in_the_same_room() -> None:
    """The import linter cannot see `import_module("…")`."""
    strangers = []
    for path in MODULES:
        tree = tree_of(path)
        calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        if not calls & {"import_module", "importlib.import_module", "__import__"}:
            continue
        room = ".".join(path.relative_to(ROOT).with_suffix("").parts[:2])
        texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        named = {t for t in texts if isinstance(t, str) and t.startswith("network_map.")}
        strangers += [f"{name_of(path)}: {t}" for t in named if not f"{t}.".startswith(f"{room}.")]
    assert strangers == []


def test_pages_are_the_order_of_things_and_nothing_else() -> None:
    problems = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        problems += [
            f"{name_of(path)}:{n.lineno} defines" for n in ast.walk(tree) if isinstance(n, kinds)
        ]
        if len(text.splitlines()) >= LONGEST_PAGE:
            problems.append(f"{name_of(path)} is {len(text.splitlines())} lines long")
        strange = {
            n.split(".")[0] if not n.startswith("network_map") else ".".join(n.split(".")[:2])
            for n in imported_names(path)
        } - {"streamlit", "network_map", "network_map.app"}
        problems += [f"{name_of(path)} imports {name}" for name in sorted(strange)]
    assert problems == []


# --- rooms --------------------------------------------------------------------------------------


def test_every_module_fits_in_a_room() -> None:
    long = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES}
    assert {name: n for name, n in long.items() if n >= LONGEST_MODULE} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(p) for p in MODULES + PAGES if not ast.get_docstring(tree_of(p))]
    assert silent == []


def test_the_package_names_what_it_offers_in_order() -> None:
    assert network_map.__all__ == sorted(network_map.__all__)
    assert all(hasattr(network_map, name) for name in network_map.__all__)


def test_nothing_catches_every_exception() -> None:
    broad = []
    for path in MODULES + PAGES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler):
                caught = "" if node.type is None else ast.unparse(node.type)
                if caught in {"", "Exception", "BaseException"}:
                    broad.append(f"{name_of(path)}:{node.lineno}")
    assert broad == []


# --- what leaves the house ----------------------------------------------------------------------


def tracked_texts() -> Iterator[tuple[str, str]]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")  # only git knows what is tracked; an archive has none
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw:
                yield name, raw.decode("utf-8", errors="replace")  # test files may be GB18030


def test_no_file_names_a_machine_or_a_package_index() -> None:
    folders = "home|root|Users|work|farm|tmp/w"
    private = re.compile(rf"(?<![\w.])/(?:{folders})/[\w.-]+")
    hosts = (
        "pypi.org/" + "simple",
        "files.python" + "hosted",
        "registry." + "npmjs",
        "mirror" + "s.",
    )
    found = [
        f"{name}: {hit}"
        for name, text in tracked_texts()
        for hit in [*private.findall(text), *(h for h in hosts if h in text)]
    ]
    assert found == []


def test_no_file_holds_a_telephone_number() -> None:
    mobile = r"(?<![\w.+/=-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w.%-])"
    landline = r"(?<![\w.-])0\d{2,3}[- ]\d{7,8}(?![\w.-])"
    number = re.compile(rf"{mobile}|{landline}")
    found = []
    for name, text in tracked_texts():
        if name.endswith((".lock", ".svg", ".js", ".json", ".geojson")):
            continue
        found += [f"{name}: {hit}" for hit in number.findall(text)]
    assert found == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "requirements-engines.lock"]
)
def test_locks_name_versions_and_hashes_and_no_place(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^--|@ ", text, re.MULTILINE)
    pinned = re.findall(r"^[A-Za-z0-9._-]+==[^\s;\\]+.*$", text, re.MULTILINE)
    stanzas = re.findall(r"^[A-Za-z0-9._-]+==.*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pinned) == len(stanzas) > 0
    assert len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) == len(pinned)


def test_the_locks_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"]
    wanted = {re.split(r"[<>=!~\[; ]", line)[0].lower() for line in asked}
    pin = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
    run, dev, engines = (
        dict(pin.findall((ROOT / n).read_text(encoding="utf-8")))
        for n in ("requirements.lock", "requirements-dev.lock", "requirements-engines.lock")
    )
    assert wanted <= run.keys()
    assert run.items() <= dev.items() <= engines.items()


@pytest.mark.slow
def test_the_wheel_carries_the_application_inside_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert tops == {"network_map", f"network_map-{network_map.__version__}.dist-info"}
    app = "network_map/_app"
    assert {f"{app}/asgi.py", f"{app}/streamlit_app.py", f"{app}/.streamlit/config.toml"} <= names
    assert {f"{app}/{name_of(page)}" for page in PAGES} <= names
    assert any(name.startswith(f"{app}/static/") for name in names)
    assert any(name.startswith(f"{app}/data/") for name in names)
    assert {f"{name_of(p)}" for p in PACKAGE.rglob("*.toml")} <= names
    assert "network_map/py.typed" in names
    assert not any("data/raw/" in name or name.endswith(".pyc") for name in names)


# --- browser tests count ------------------------------------------------------------------------


def run_with_our_conftest(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    browser: as in the project\n")
    pytester.makepyfile(f"import pytest\n{body}")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist")


BROWSER_TEST = "@pytest.mark.browser\ndef test_a(): {}\n"


def test_the_closing_line_says_how_many_browser_tests_ran(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETWORK_MAP_NO_BROWSER", raising=False)
    monkeypatch.setenv("NETWORK_MAP_CHROMIUM", sys.executable)
    monkeypatch.setenv("PATH", "")
    result = run_with_our_conftest(pytester, BROWSER_TEST.format("pass"))
    result.stdout.fnmatch_lines(["browser tests: 1 ran, 0 skipped"])
    assert result.ret == 0


def test_a_browser_test_fails_when_there_is_no_browser(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETWORK_MAP_NO_BROWSER", raising=False)
    monkeypatch.setenv("NETWORK_MAP_CHROMIUM", "/no/such/browser")
    result = run_with_our_conftest(pytester, BROWSER_TEST.format("pass"))
    result.stdout.fnmatch_lines(["*Browser tests need Chromium*"])
    assert result.ret == 1


def test_a_skipped_browser_test_fails_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETWORK_MAP_NO_BROWSER", raising=False)
    monkeypatch.setenv("NETWORK_MAP_CHROMIUM", sys.executable)
    monkeypatch.setenv("PATH", "")
    skipping = BROWSER_TEST.format("pytest.skip('no mood')")  # the inner run's, to be found out
    result = run_with_our_conftest(pytester, skipping)
    result.stdout.fnmatch_lines(["browser tests: 0 ran, 1 skipped*fails the run*"])
    assert result.ret == 1


def test_browser_tests_left_out_on_purpose_are_named_as_such(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETWORK_MAP_NO_BROWSER", "1")
    result = run_with_our_conftest(pytester, BROWSER_TEST.format("pass"))
    result.stdout.fnmatch_lines(["browser tests: 0 ran, 1 skipped (NETWORK_MAP_NO_BROWSER=1)"])
    assert result.ret == 0


def test_a_test_that_reaches_outside_is_stopped(pytester: pytest.Pytester) -> None:
    body = (
        "import socket\n"
        "def test_a():\n"
        "    with (\n"
        "        socket.socket() as one,\n"
        "        pytest.raises(AssertionError, match='this machine only'),\n"
        "    ):\n"
        "        one.connect(('192.0.2.1', 80))\n"
    )
    assert run_with_our_conftest(pytester, body).ret == 0
