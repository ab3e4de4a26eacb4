"""Move modules of the package by a table, and merge those that are chapters of one subject.

``python scripts/move_modules.py move TABLE.json`` carries every module to its new place;
``merge TABLE.json`` puts the modules that share a target into one. A table maps new modules to
lists of old ones, in the order in which they are read. Only imports, dotted names and paths
change; names that two merged modules give to different things are listed, and stop a merge unless
the table says under ``"rename"`` what the later one is called.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = "network_map"
_TEXT_ENDINGS = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".js"}
_LEFT_ALONE = ("static/", "data/", "tests/fixtures/", "CHANGELOG.md")


class Edit(NamedTuple):
    """Lines of a file to be replaced, the end not included."""

    start: int
    end: int
    lines: list[str]


def tracked() -> list[Path]:
    """Return the files that git knows or would take, without what it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607 - git as it is installed
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return sorted(path for path in set(paths) if path.is_file())


def code_files() -> Iterator[Path]:
    """Yield every Python file of the project but this one."""
    for path in tracked():
        if path.suffix == ".py" and path != Path(__file__).resolve():
            yield path


def path_of(module: str) -> Path:
    """Return the file of a module that may be a package."""
    base = ROOT / module.replace(".", "/")
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def rewritten_imports(source: str, modules: Mapping[str, str], self_name: str = "") -> str:
    """Return a source whose imports name the modules' new places.

    Parameters
    ----------
    source
        Python.
    modules
        The new name of each moved module.
    self_name
        The module itself: what it would import of itself is left out.
    """
    lines = source.split("\n")
    edits = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
            continue
        if node.module.split(".")[0] != PACKAGE:
            continue
        found: dict[str, list[str]] = {}
        changed = False
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if whole in modules:
                package, _, name = modules[whole].rpartition(".")
            else:
                package, name = modules.get(node.module, node.module), alias.name
            asname = alias.asname or alias.name
            changed |= (package, name) != (node.module, alias.name) or package == self_name
            if package != self_name:
                written = name if name == asname else f"{name} as {asname}"
                found.setdefault(package, []).append(written)
        if changed:
            whole = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            comment = re.search(r"#[^\n]*", whole)
            tail = f"  {comment[0]}" if comment else ""
            indent = " " * node.col_offset
            new = [f"{indent}from {m} import {', '.join(n)}{tail}" for m, n in found.items()]
            edits.append(Edit(node.lineno - 1, node.end_lineno or node.lineno, new))
    for edit in sorted(edits, reverse=True):
        lines[edit.start : edit.end] = edit.lines
    return "\n".join(lines)


def rename_everywhere(modules: Mapping[str, str]) -> None:
    """Name the modules' new places in every import, dotted name and path of the project."""
    for path in code_files():
        source = path.read_text(encoding="utf-8")
        new = rewritten_imports(source, modules)
        if new != source:
            path.write_text(new, encoding="utf-8")
    keys = sorted(modules, key=len, reverse=True)
    dotted = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, keys)) + r")(?!\w)")
    slashed = re.compile(
        r"(?<!\w)(" + "|".join(re.escape(key.replace(".", "/")) for key in keys) + r")\.py\b"
    )
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        is_text = path.suffix in _TEXT_ENDINGS or name in {"Makefile", ".ci/run"}
        if not is_text or name.startswith(_LEFT_ALONE) or path == Path(__file__).resolve():
            continue
        text = path.read_bytes().decode("utf-8")
        new = dotted.sub(lambda found: modules[found[1]], text)
        new = slashed.sub(
            lambda found: modules[found[1].replace("/", ".")].replace(".", "/") + ".py", new
        )
        if new != text:
            path.write_bytes(new.encode("utf-8"))


def move(table: Mapping[str, Sequence[str]]) -> None:
    """Carry modules to their new places; those that will be merged lie beside their target."""
    modules = places_beside(table)
    files = {old: path_of(old) for old in modules}
    targets = set()
    for old, new in modules.items():
        target = ROOT / f"{new.replace('.', '/')}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "mv", files[old], target], cwd=ROOT, check=True)  # noqa: S607
        targets.add(target)
    for target in targets:
        for folder in target.relative_to(ROOT).parents:
            face = ROOT / folder / "__init__.py"
            if folder.parts and folder.parts[0] == PACKAGE and not face.exists():
                face.write_text(f'"""{folder.name}."""\n', encoding="utf-8")
    rename_everywhere(modules)


def places_beside(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return where each module goes: the first of a target has its name, others lie beside it."""
    modules: dict[str, str] = {}
    for new, olds in table.items():
        for place, old in enumerate(olds):
            room = new.rpartition(".")[0]
            beside = f"{room}.{old.rpartition('.')[2]}"
            if beside in table or beside in modules.values():
                beside = f"{room}.{'_'.join(old.split('.')[-2:])}"
            modules[old] = beside if place else new
    return {old: new for old, new in modules.items() if old != new}


class Chapter(NamedTuple):
    """A module taken apart: what it imports, what it defines, and its text without either head."""

    name: str
    doc: str
    imports: list[str]
    body: str
    defined: dict[str, str]
    bound: dict[str, str]


def chapter(name: str, renamed: Mapping[str, str]) -> Chapter:
    """Return a module taken apart, some of its names changed."""
    source = _with_names(path_of(name).read_text(encoding="utf-8"), renamed)
    tree = ast.parse(source)
    lines = source.split("\n")
    statements = list(tree.body)
    taken = set(range(statements[0].lineno - 1, statements[0].end_lineno or 0))
    imports, bound, defined = [], {}, {}
    for node in statements[1:]:
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if isinstance(node, ast.Import | ast.ImportFrom):
            taken |= set(range(node.lineno - 1, node.end_lineno or 0))
            imports.append(text)
            origin = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                bound[alias.asname or alias.name.split(".")[0]] = f"{origin}:{alias.name}"
            continue
        for defined_name in _names_of(node):
            defined[defined_name] = text
    body = "\n".join(line for place, line in enumerate(lines) if place not in taken)
    return Chapter(name, ast.get_docstring(tree) or "", imports, body.strip("\n"), defined, bound)


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return [node.name]
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    names = [n for target in targets for n in ast.walk(target)]
    return [n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _with_names(source: str, renamed: Mapping[str, str]) -> str:
    if not renamed:
        return source
    pattern = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, renamed)) + r")(?!\w)")
    return pattern.sub(lambda found: renamed[found[1]], source)


def _in_order(chapters: list[Chapter]) -> list[Chapter]:
    """Return chapters so that each stands behind those that it imports."""
    left, done = list(chapters), []
    while left:
        names = {c.name for c in left}
        free = [
            c for c in left
            if not any(b.split(":")[0] in names - {c.name} for b in c.bound.values())
        ]  # fmt: skip
        if not free:
            print(f"  a circle: {sorted(names)}")
        taken = free[0] if free else left[0]
        left.remove(taken)
        done.append(taken)
    return done


def merge(table: Mapping[str, Sequence[str]], rename: Mapping[str, Mapping[str, str]]) -> bool:
    """Put modules into their targets; return whether nothing stood in the way of any."""
    is_done = True
    modules: dict[str, str] = {}
    for new, olds in table.items():
        if len(olds) == 1 or not all(path_of(old).exists() for old in olds):
            continue
        chapters = [chapter(old, rename.get(old, {})) for old in olds]
        docs = [c.doc for c in chapters if c.doc]
        chapters = _in_order(chapters)
        own = {c.name for c in chapters}
        problems = list(_collisions(chapters, own))
        if problems:
            is_done = False
            print(f"{new}:", *problems, sep="\n  ")
            continue
        imports = "\n".join(line for c in chapters for line in c.imports)
        head = '"""' + "\n\n".join(docs) + '\n"""'
        whole = f"{head}\n\n{imports}\n\n" + "\n\n\n".join(c.body for c in chapters) + "\n"
        target = ROOT / f"{new.replace('.', '/')}.py"
        for c in chapters:
            if c.name != new:
                subprocess.run(["git", "rm", "-qf", path_of(c.name)], cwd=ROOT, check=True)  # noqa: S607
                modules[c.name] = new
        target.write_text(
            rewritten_imports(whole, dict.fromkeys(own, new), self_name=new), encoding="utf-8"
        )
    if modules:
        rename_everywhere(modules)
    return is_done


def _collisions(  # noqa: C901 - one case after the other
    chapters: Sequence[Chapter], own: set[str]
) -> Iterator[str]:
    seen: dict[str, str] = {}
    for c in chapters:
        for name in c.defined:
            if name in seen:
                yield f'"{c.name}": {{"{name}": ""}}  # also in {seen[name]}'
            seen.setdefault(name, c.name)
    bound: dict[str, str] = {}
    for c in chapters:
        for name, origin in c.bound.items():
            module, _, of = origin.partition(":")
            if module in own:
                if name != of:
                    yield f"{c.name} imports {of} of a chapter as {name}"
            elif f"{module}.{of}" in own:
                yield f"{c.name} imports the chapter {of} as a module"
            elif name in seen:
                yield f"{c.name} imports {name}, which {seen[name]} defines"
            elif bound.setdefault(name, origin) != origin:
                yield f"{c.name} imports {name} from {module}, another from {bound[name]}"


def main() -> int:
    """Carry out one of the two works."""
    work, file = sys.argv[1:]
    table = json.loads(Path(file).read_text(encoding="utf-8"))
    if work == "move":
        move(table["modules"])
        return 0
    return 0 if merge(table["modules"], table.get("rename", {})) else 1


if __name__ == "__main__":
    sys.exit(main())
