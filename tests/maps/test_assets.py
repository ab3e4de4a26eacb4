"""The map's files: built from their parts, vendored with their hashes, missing ones named."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from network_map.app.kit import map as map_block
from network_map.i18n import LANGUAGES, catalog
from scripts.build_map_script import built_files

pytestmark = pytest.mark.promise


SCRIPTS = {name: text.decode() for name, text in built_files().items() if name.endswith(".js")}


def test_the_map_scripts_are_built_from_their_parts(project_root: Path) -> None:
    folder = project_root / "static" / "network_map"
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == built_files(), "run: python -m scripts.build_map_script"
    index = json.loads(found["index.json"])
    assert set(index) == {"component", "script"}
    for name in index.values():
        assert hashlib.sha256(found[name]).hexdigest()[:16] in name


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_map_scripts_name_no_other_host(name: str) -> None:
    addresses = re.findall(r"https?://[^\"'` ]+", SCRIPTS[name])
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # a name, not an address


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_map_scripts_never_write_html(name: str) -> None:
    for writing in ("innerHTML =", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert writing not in SCRIPTS[name]


def test_leaflet_is_byte_for_byte_what_was_vendored(project_root: Path) -> None:
    folder = project_root / "static" / "leaflet"
    index = json.loads((folder / "index.json").read_text())
    for name, sha256 in index["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256, name
    assert f"{index['version']}/LICENSE" in index["sha256"]


def test_the_word_of_each_failure_stands_in_every_language() -> None:
    for language in LANGUAGES:
        for failure in ("geometry_missing", "nodes_missing", "script_missing"):
            assert catalog(language)[f"map.{failure}"]


def test_nothing_is_missing_from_the_checkout() -> None:
    assert map_block.missing_assets() == []


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("geometry/index.json", "geometry/index.json"),
        ("leaflet/index.json", "leaflet/index.json"),
        ("leaflet/1.9.4/leaflet.js", "leaflet/1.9.4/leaflet.js"),
        ("leaflet/1.9.4/leaflet.css", "leaflet/1.9.4/leaflet.css"),
    ],
)
def test_a_missing_file_is_named(
    lost: str, named: str, tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (project_root / "static").rglob("*"):
        place = tmp_path / path.relative_to(project_root)
        if path.is_dir():
            place.mkdir(parents=True)
        elif not path.as_posix().endswith(lost):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    monkeypatch.setattr(map_block, "app_root", lambda: tmp_path)
    assert map_block.missing_assets() == [named]
