"""The command line speaks in sentences and hands out what the pages hand out."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from network_map import __version__, export
from network_map import cli as arguments
from network_map.cli import main, serve
from network_map.errors import ConfigError
from network_map.i18n import text
from network_map.nodes.report import nodes_bundle
from tests import shipped
from tests.paths import ROOT

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, folder: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "network_map", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"network-map {__version__}\n"


@pytest.mark.parametrize("command", ["serve", "check", "nodes", "import", "verify"])
def test_help_stands_in_chinese_and_english_and_in_english_alone_where_asked(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    both = capsys.readouterr().out
    assert "显示本帮助" in both
    assert "show this help" in both
    assert main(["--lang", "en", command, "--help"]) == 0
    english = capsys.readouterr().out
    assert english.isascii()
    assert "show this help" in english


def test_the_formats_of_the_arguments_are_those_of_the_writers() -> None:
    assert arguments._FORMATS == export.FORMATS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "缺少 COMMAND"),
        (
            ["nodes", "--format", "pdf"],
            "--format 应为 csv, xlsx, gpkg, geojson, html 之一,实际是“pdf”",
        ),
        (["nodes", "--prefectur", "x"], "不认识 --prefectur x"),
        (["nodes", "--out"], "--out 后面需要一个值"),
        (["import", "nodes"], "缺少 FILE"),
        (["--lang", "en", "nodes", "--out"], "--out needs a value after it"),
    ],
)
def test_arguments_that_cannot_be_used_are_named_and_end_with_two(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""


def test_nodes_go_to_stdout_byte_for_byte_as_the_page_hands_them_out(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    for dataset, format_name in [("demo", "csv"), ("public", "geojson")]:
        done = run("nodes", "--dataset", dataset, "--format", format_name, folder=Path.cwd())
        assert (done.returncode, done.stderr) == (0, b"")
        bundle = nodes_bundle(shipped.dataset(dataset), shipped.places())
        assert done.stdout == export.file_bytes(bundle, format_name)
    assert main(["nodes", "--dataset", "public", "--lang", "en"]) == 0
    english = nodes_bundle(shipped.dataset("public"), shipped.places(), language="en")
    assert capfdbinary.readouterr().out == export.csv_bytes(english)


def test_a_workbook_and_its_slip_are_written_to_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, meta = tmp_path / "昭通.xlsx", tmp_path / "昭通.json"
    told = ["nodes", "--prefecture", "昭通市", "--kind", "县域中心,sub_market", "--out", str(out)]
    assert main([*told, "--meta", str(meta)]) == 0
    assert "昭通.xlsx" in capsys.readouterr().out
    bundle = nodes_bundle(
        shipped.dataset("demo"), shipped.places(),
        prefecture_adcode="530600", kinds=("sub_market", "county_centre"),
    )  # fmt: skip
    assert out.read_bytes() == export.xlsx_bytes(bundle)
    sheet = openpyxl.load_workbook(out)["数据"]
    assert sheet.max_row == len(bundle.table) + 2
    name = export.file_name(bundle, "xlsx")
    assert meta.read_bytes() == export.meta_bytes(bundle, {name: out.read_bytes()})
    assert json.loads(meta.read_bytes())["is_demo"] is True


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (["nodes", "--prefecture", "999999"], "999999"),
        (["nodes", "--kind", "茶馆"], "茶馆"),
        (["nodes", "--format", "xlsx"], "--out"),
        (["nodes", "--format", "gpkg"], "--out"),
        (["nodes", "--dataset", "没有这个文件夹"], "没有这个文件夹"),
        (["nodes", "--out", "no/such/folder/x.csv"], "x.csv"),
        (["serve", "--port", "eighty"], "port = 'eighty'"),
        (["serve", "--port", "99999"], "port = 99999"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_done_is_one_sentence_on_stderr(
    words: list[str], piece: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--lang", language]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert piece in said.err
    assert said.err.count("\n") == 1
    assert ("请" in said.err or "可用的有" in said.err) == (language == "zh")


def test_a_wrong_settings_file_is_told_in_the_language_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "network_map.toml").write_text('dataset = "x"\nlangauge = "zh"\n', "utf-8")
    assert main(["check", "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "langauge → language?" in said
    assert "2 places" in said


def test_an_interrupted_write_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nodes.csv"
    out.write_text("older", "utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["nodes", "--out", str(out)]) == 1
    assert "nodes.csv" in capsys.readouterr().err
    assert out.read_text("utf-8") == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["nodes.csv"]


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m network_map nodes --format geojson | head -c 10'
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr == b""


def test_chinese_is_written_in_utf8_where_the_terminal_says_otherwise(tmp_path: Path) -> None:
    done = run("nodes", "--kind", "茶馆", folder=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "茶馆" in done.stderr.decode("utf-8")


# --- serve --------------------------------------------------------------------------------------

TINY = """
from collections.abc import Iterator
from pathlib import Path
import sys
from network_map.cli import main, serve
serve.app_root = lambda: Path({root!r})
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def without_a_running_loop() -> Iterator[None]:
    """Set the loop aside that browser tests keep running in the thread of their worker."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture
def tiny_application(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    (root / ".streamlit").mkdir(parents=True)
    (root / "static").mkdir()
    settings = (ROOT / ".streamlit" / "config.toml").read_bytes()
    (root / ".streamlit" / "config.toml").write_bytes(settings)
    (root / "static" / "here.json").write_text("[1]", "utf-8")
    (root / "streamlit_app.py").write_text("import streamlit as st\nst.write('1')\n", "utf-8")
    script = f'App("{(root / "streamlit_app.py").as_posix()}"'
    door = (ROOT / "asgi.py").read_text("utf-8")
    door = door.replace("App(START_SCRIPT", script)
    (root / "asgi.py").write_text(door, "utf-8")
    return root


def free_port() -> int:
    for port in range(8_610, 8_690):
        try:
            serve._check_port(port)
        except ConfigError:
            continue
        return port
    pytest.fail("no free port")


def fetched(address: str, seconds: float = 60) -> bytes:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 -- localhost
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_serve_listens_on_localhost_with_its_own_settings_and_ends_when_it_is_told(
    end: signal.Signals, tiny_application: Path, tmp_path: Path
) -> None:
    port = free_port()
    (tmp_path / "empty").mkdir()
    server = subprocess.Popen(
        [sys.executable, "-c", TINY.format(root=str(tiny_application)), "serve",
         "--port", str(port)],
        cwd=tmp_path / "empty", env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert fetched(f"http://127.0.0.1:{port}/_stcore/health") == b"ok"
        assert fetched(f"http://127.0.0.1:{port}/app/static/here.json", 5) == b"[1]"
        assert b'<html lang="zh-CN">' in fetched(f"http://127.0.0.1:{port}/", 5)
        taken = run("serve", "--port", str(port), folder=tmp_path)
        assert taken.returncode == 1
        server.send_signal(end)
        out, err = server.communicate(timeout=30)
    finally:
        server.kill()
    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}".encode() in out
    assert text("cli.stopped").encode() in out
    assert b"Traceback" not in err


def test_serve_hands_dataset_workspace_and_language_to_the_application(
    tiny_application: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    seen: dict[str, str] = {}
    words: list[str] = []

    def uvicorn(_: str, **options: object) -> None:
        assert options["run_name"] == "__main__"
        seen.update(os.environ)
        words.extend(sys.argv)
        raise SystemExit(0)

    for name in ("DATASET", "WORKSPACE", "LANGUAGE"):
        monkeypatch.setenv(f"NETWORK_MAP_{name}", "")
    monkeypatch.setattr(sys, "argv", ["network-map"])
    monkeypatch.setattr(serve, "app_root", lambda: tiny_application)
    monkeypatch.setattr(serve, "run_module", uvicorn)
    port = str(free_port())
    told = ["serve", "--port", port, "--dataset", "own", "--workspace", "我的", "--lang", "en"]
    assert main(told) == 0
    assert seen["NETWORK_MAP_DATASET"] == "own"
    assert seen["NETWORK_MAP_WORKSPACE"] == str(tmp_path.resolve() / "我的")
    assert seen["NETWORK_MAP_LANGUAGE"] == "en"
    assert words[:4] == ["uvicorn", "asgi:app", "--app-dir", str(tiny_application)]
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == port
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out


def test_a_missing_start_script_and_a_taken_port_are_sentences(
    tiny_application: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(serve, "app_root", lambda: tmp_path / "nowhere")
    assert main(["serve"]) == 1
    assert "streamlit_app.py" in capsys.readouterr().err
    monkeypatch.setattr(serve, "app_root", lambda: tiny_application)
    (tiny_application / "asgi.py").rename(tiny_application / "gone")
    assert main(["serve"]) == 1
    assert "asgi.py" in capsys.readouterr().err
    (tiny_application / "gone").rename(tiny_application / "asgi.py")

    async def taken(port: int) -> None:
        raise OSError(errno.EADDRINUSE, f"port {port}")

    monkeypatch.setattr(serve, "_bind", taken)
    assert main(["serve", "--port", "8700"]) == 1
    assert "8701" in capsys.readouterr().err
