"""Every page by its own address, as people start it: no error, nothing outside, all in Chinese."""

import asyncio
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Response, expect

from benchmarks.servers import ROOT, Server, served
from network_map.i18n import text
from tests.browser.conftest import OFFICE_NAME, WAIT_MS, Visit
from tests.browser.steps import opened
from tests.paths import NODE_LISTS, STATIC

pytestmark = pytest.mark.browser

START_SECONDS = 60
TITLES = {name: text(f"page.{name}.title") for name in ("data_check", "import_nodes")}
PAGES = [
    ("/", "gaps"),
    ("/gaps?", "gaps"),
    ("/gaps?prefecture=530600", "gaps"),
    ("/overview?", "gaps"),
    ("/overview?prefecture=530600", "gaps"),
    ("/data_check", "data_check"),
    ("/data_check?prefecture=530600", "data_check"),
    ("/import_nodes", "import_nodes"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PROXIES = {"127.0.0.1": free_port(), OFFICE_NAME: free_port()}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application as a person starts it in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    proxies = ",".join(f"http://{name}:{port}" for name, port in PROXIES.items())
    process = subprocess.Popen(
        [sys.executable, "-m", "network_map", "serve", "--port", str(port),
         "--public-url", proxies],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"{url}/_stcore/health")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            fetch(url)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True)
class Fetched:
    """A local answer: status, headers in small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(url: str, **headers: str) -> Fetched:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, headers=told)  # noqa: S310 -- this machine
    try:
        with urllib.request.urlopen(asked, timeout=10) as found:  # noqa: S310 -- this machine
            small = {name.lower(): value for name, value in found.headers.items()}
            return Fetched(found.status, small, found.read())
    except urllib.error.HTTPError as error:
        return Fetched(error.code, dict(error.headers), error.read())


@dataclass
class Log:
    """A page opened by its address, and all that was answered and said meanwhile."""

    visit: Visit
    responses: list[Response]
    said: list[str]

    def note_answer(self, response: Response) -> None:
        """Write an answer down."""
        self.responses.append(response)

    def note_line(self, message: ConsoleMessage) -> None:
        """Write a line of the console down."""
        self.said.append(message.text)

    def assert_clean(self) -> None:
        """No error, no refused answer, nothing outside, nothing loaded for nothing."""
        self.visit.assert_clean()
        refused = [(r.status, r.url) for r in self.responses if r.status >= HTTPStatus.BAD_REQUEST]
        assert refused == []
        assert [line for line in self.said if "preload" in line] == []

    def has_answer(self, pattern: str) -> bool:
        """Whether an address of this pattern was answered."""
        return any(re.search(pattern, response.url) for response in self.responses)


@pytest.fixture
def load(visit: Callable[..., Visit]) -> Callable[[str, str], Log]:
    """Load a page by its address and wait until it stands, the map too where it has one."""

    def loaded(url: str, page: str) -> Log:
        log = Log(visit("about:blank"), [], [])
        log.visit.page.on("response", log.note_answer)
        log.visit.page.on("console", log.note_line)
        log.visit.page.goto(url)
        if page == "gaps":  # it has no heading
            log.visit.wait_for(counties=129)
        else:
            heading = log.visit.page.locator("h1.page-title")
            expect(heading).to_have_text(TITLES[page], timeout=WAIT_MS)
        settled = log.visit.page.get_by_test_id("stApp")
        expect(settled).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT_MS)
        return log

    return loaded


# --- pages by their address ---------------------------------------------------------------------


@pytest.mark.parametrize(("path", "page"), PAGES, ids=[path for path, _ in PAGES])
def test_each_page_opens_by_its_address_without_an_error(
    address: str, load: Callable[..., Log], path: str, page: str
) -> None:
    log = load(address + path, page)
    log.assert_clean()
    assert log.visit.page.locator("html").get_attribute("lang") == "zh-CN"
    assert text("app.title") in log.visit.page.title()
    assert not log.has_answer("/static/media/Source"), "a font that no page uses"
    if page == "gaps":
        assert urlsplit(log.visit.page.url).path == "/"
        assert log.has_answer(r"/files/\w+\.json"), "the nodes of the map"
    if "prefecture" in path:
        assert "prefecture=530600" in log.visit.page.url
        expect(log.visit.page.get_by_role("combobox").first).to_be_visible()


def test_the_browser_starts_in_chinese_and_in_the_fonts_of_the_system(
    address: str, visit: Callable[..., Visit]
) -> None:
    page = visit("about:blank").page
    page.route("**/static/js/index.*.js", lambda route: route.fulfill(body=""))
    page.goto(f"{address}/data_check")
    assert page.title() == text("app.title")
    told = page.evaluate("window.__streamlit")
    assert told["BACKEND_BASE_URL"] == address
    assert "Noto Sans CJK SC" in told["LIGHT_THEME"]["bodyFont"]


@pytest.mark.parametrize(("path", "page"), [("/", "gaps"), ("/data_check", "data_check")])
def test_a_base_path_of_the_settings_changes_nothing(
    served_below: str, load: Callable[..., Log], path: str, page: str
) -> None:
    load(served_below + path, page).assert_clean()


@pytest.mark.parametrize(("path", "page"), [("/", "gaps"), ("/data_check", "data_check")])
def test_a_base_path_that_only_the_proxy_knows_changes_nothing(
    address: str, load: Callable[..., Log], path: str, page: str
) -> None:
    with proxied(int(address.rpartition(":")[2]), "/planning/yn") as outside:
        load(outside + path, page).assert_clean()


@pytest.mark.parametrize("host", ["$http_host", "$proxy_host"])
def test_an_office_name_of_the_settings_works_through_nginx(
    address: str, load: Callable[..., Log], tmp_path: Path, host: str
) -> None:
    with behind_nginx(address, tmp_path, host) as outside:
        log = load(f"{outside}/import_nodes", "import_nodes")
        log.visit.page.locator("input[type=file]").set_input_files(NODE_LISTS / "names_only.csv")
        table = log.visit.page.get_by_test_id("stDataFrame").first
        expect(table).to_be_visible(timeout=WAIT_MS)
        log.assert_clean()
    assert fetch(f"{address}/", Host="other.office.localhost").status == HTTPStatus.FORBIDDEN


def test_the_page_of_another_program_reaches_nothing(
    address: str, visit: Callable[..., Visit]
) -> None:
    """The browser itself asks, from a page that another server of this computer shows."""
    with closing(OtherProgram()) as other:
        page = visit("about:blank").page
        page.goto(f"http://127.0.0.1:{other.port}/")
        seen = page.evaluate(FROM_OUTSIDE, address)
    assert seen == {"read": "failed", "connection": "closed", "picture": "failed"}


def test_streamlit_alone_still_runs_the_application(
    load: Callable[..., Log], tmp_path: Path
) -> None:
    own = {"NETWORK_MAP_WORKSPACE": str(tmp_path / "workspace")}
    with served(ROOT / "streamlit_app.py", env=own) as server:
        load(f"{server.url}/", "gaps").assert_clean()


# --- what else is served ------------------------------------------------------------------------


def test_static_files_are_served_byte_for_byte_packed_and_in_parts(address: str) -> None:
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        url = f"{address}/app/static/{path.relative_to(STATIC).as_posix()}"
        assert fetch(url).body == path.read_bytes(), url
    leaflet = next(STATIC.glob("leaflet/*/leaflet.js"))
    url = f"{address}/app/static/{leaflet.relative_to(STATIC).as_posix()}"
    packed = fetch(url, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == leaflet.read_bytes()
    part = fetch(url, Range="bytes=2-11")
    assert (part.status, part.body) == (206, leaflet.read_bytes()[2:12])
    assert "immutable" in packed.headers["cache-control"]


def test_an_unknown_address_below_a_page_is_still_refused(address: str) -> None:
    assert fetch(f"{address}/data_check/_stcore/health").status == HTTPStatus.NOT_FOUND
    assert fetch(f"{address}/_stcore/health").body == b"ok"


def test_a_file_that_is_given_arrives(address: str, load: Callable[..., Log]) -> None:
    log = load(f"{address}/import_nodes", "import_nodes")
    page = log.visit.page
    page.locator("input[type=file]").set_input_files(NODE_LISTS / "names_only.csv")
    expect(page.get_by_text("names_only.csv").first).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=WAIT_MS)
    assert log.has_answer("/_stcore/upload_file/")
    log.assert_clean()


def test_a_file_that_is_asked_for_arrives(
    address: str, load: Callable[..., Log], tmp_path: Path
) -> None:
    log = load(f"{address}/", "gaps")
    page = log.visit.page
    page.get_by_role("button", name=text("gap.export")).click()
    with page.expect_download(timeout=WAIT_MS) as waiting:
        page.get_by_role("button", name=text("download.csv"), exact=True).click()
    waiting.value.save_as(tmp_path / "counties.csv")
    table = (tmp_path / "counties.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbf")
    assert "昭通市" in table.decode("utf-8-sig")
    log.assert_clean()


def test_a_page_that_the_client_loses_is_opened_again_with_its_view(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, f"{app_server.url}/gaps?dataset=demo&view=sub_market&prefecture=530600")
    # As Streamlit's client throws it, found when clicks met the end of a run on a busy machine.
    fail = """() => window.dispatchEvent(
      new ErrorEvent("error", { message: "Uncaught Error: Cannot set a node at a delta path" }))"""
    with app.visit.page.expect_navigation():
        app.visit.page.evaluate(fail)
    app.visit.wait_for(counties=129, prefecture="530600")
    expect(app.view("分市场")).to_have_attribute("aria-checked", "true")
    # A page that fails at once again is left alone.
    app.visit.page.evaluate("window.isSame = 1")
    app.visit.page.evaluate(fail)
    app.settled()
    assert app.visit.page.evaluate("window.isSame") == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lost_connection_is_told_in_the_words_and_the_language_of_the_page(
    tmp_path: Path, visit: Callable[..., Visit], language: str
) -> None:
    own = {"NETWORK_MAP_WORKSPACE": str(tmp_path / "workspace")}
    with served(ROOT / "asgi.py", env=own) as server:
        page = visit(f"{server.url}/data_check?lang={language}").page
        title = text("page.data_check.title", language)
        expect(page.locator("h1.page-title")).to_have_text(title, timeout=WAIT_MS)
        settled = page.get_by_test_id("stApp")
        expect(settled).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT_MS)
        page.locator(".nm-connection").wait_for(state="attached")
        assert page.locator(".nm-connection").is_hidden()
    told = page.get_by_role("alert").filter(has_text=text("frame.bar.lost", language))
    expect(told).to_be_visible(timeout=WAIT_MS)
    # Streamlit asks its server in vain a few times before it would say so.
    page.wait_for_function(
        "() => document.querySelector(\"[data-testid='stApp']\").dataset.testConnectionState"
        " !== 'CONNECTED'"
    )
    assert "Streamlit" not in page.inner_text("body")
    assert "connecting" not in page.inner_text("body").lower()
    expect(page.get_by_test_id("stDialog")).to_have_count(0)


# --- places to stand in front -------------------------------------------------------------------


@pytest.fixture(scope="module")
def served_below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application below a base path of the settings."""
    folder = tmp_path_factory.mktemp("below")
    (folder / ".streamlit").mkdir()
    settings = '[server]\nbaseUrlPath = "maps/yn"\n'
    (folder / ".streamlit" / "config.toml").write_text(settings, encoding="utf-8")
    with served(ROOT / "asgi.py", base_path="maps/yn", folder=folder) as server:
        yield server.url


FROM_OUTSIDE = """async (address) => {
  const read = fetch(address + "/_stcore/health").then(() => "read", () => "failed");
  const connection = new Promise((tell) => {
    const socket = new WebSocket(address.replace("http", "ws") + "/_stcore/stream", "streamlit");
    socket.onopen = () => tell("open");
    socket.onclose = () => tell("closed");
  });
  const picture = new Promise((tell) => {
    const shown = new Image();
    shown.onload = () => tell("loaded");
    shown.onerror = () => tell("failed");
    shown.src = address + "/favicon.png";
  });
  return {read: await read, connection: await connection, picture: await picture};
}"""


class OtherProgram:
    """A small server of somebody else's on this computer."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Greeting)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>other</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 200m;
    location / {{
      proxy_pass {address};
      proxy_http_version 1.1;
      proxy_set_header Host {host};
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 1d;
    }}
  }}
}}
"""


@contextmanager
def behind_nginx(address: str, folder: Path, host: str) -> Iterator[str]:
    """A real reverse proxy under the office name, its settings as the documents give them."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert program, "nginx is missing: scripts/browser.sh, or sudo apt-get install nginx-light"
    port = PROXIES[OFFICE_NAME]
    settings = NGINX.format(folder=folder, port=port, address=address, host=host)
    (folder / "nginx.conf").write_text(settings, encoding="utf-8")
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    process = subprocess.Popen(command, cwd=folder)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://{OFFICE_NAME}:{port}"
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def proxied(port: int, prefix: str) -> Iterator[str]:
    """A reverse proxy that takes a prefix away, as an office puts it in front."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        listening = asyncio.run_coroutine_threadsafe(_listen(port, prefix.encode()), loop)
        server = listening.result(START_SECONDS)
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{prefix}"
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(START_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(port: int, prefix: bytes) -> asyncio.Server:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser opens connections that it never uses, and leaves others in the middle.
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, rest = head.split(b" ", 2)
            if b"upgrade: websocket" not in head.lower():
                # One request for each connection: the next one is rewritten as well.
                rest = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", rest)
                rest = rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            inner, out = await asyncio.open_connection("127.0.0.1", port)
            with closing(out):
                out.write(b" ".join((method, path.removeprefix(prefix) or b"/", rest)))
                try:
                    await asyncio.gather(_pour(reader, out), _pour(inner, writer))
                except asyncio.CancelledError:
                    # Nobody reads what is left to be sent, and closing would wait for it.
                    out.transport.abort()
                    writer.transport.abort()
                    raise

    return await asyncio.start_server(relay, "127.0.0.1", PROXIES["127.0.0.1"])


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    finally:
        target.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    this = asyncio.current_task()
    # Connections that were just accepted start one step later.
    for _ in range(5):
        running = [task for task in asyncio.all_tasks() if task is not this]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.sleep(0)
