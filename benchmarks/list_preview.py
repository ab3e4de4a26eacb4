"""A list of ordinary length on a running server: from the choice of the file to its preview.

``python -m benchmarks.list_preview`` prints the table and fails when the promise is not kept;
``--write`` puts it into ``list_preview.md``. A client does what the browser does: it asks for an
address, puts the file there by HTTP and tells the page over the websocket; the time ends with the
run that shows the preview. Each file is another one, so that none is known. Calamine's bare read
of the same file takes its turn. The promise is about the median by the clock, as a person waits;
the processor time of the server and of the reader that it starts tells how much of it is work.
"""

import argparse
import asyncio
import http.client
import io
import statistics
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import python_calamine
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from xlsxwriter import Workbook

from benchmarks.boundaries import county_adcodes
from benchmarks.servers import APPLICATION, Server, served

RESULTS = Path(__file__).with_name("list_preview.md")
ROWS, ROUNDS = 200, 7
TIMES_CALAMINE, SECONDS = 1.5, 0.5
PROMISE = f"median preview, s: {TIMES_CALAMINE} × calamine + {SECONDS} s"
_RUN_SECONDS = 120


def workbook(first: int) -> bytes:
    """Return a list of nodes as a workbook; another number makes another list."""
    stream, counties = io.BytesIO(), county_adcodes()
    with Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, ("节点类型", "节点名称", "行政区划代码", "设立日期"))
        for row in range(ROWS):
            kind = "县域中心" if row < len(counties) else "示范县"
            name = f"中心{first + row}"
            code = counties[row % len(counties)]
            sheet.write_row(row + 1, 0, (kind, name, code, "2024-03-05"))
    return stream.getvalue()


class Uploader:
    """A person with the page for lists open, who chooses one file after another."""

    def __init__(self, server: Server, connection: websockets.ClientConnection) -> None:
        self._host = urlsplit(server.url).netloc
        self._connection = connection
        self._cookie = self._xsrf_cookie()
        self._session_id = self._uploader_id = ""
        self.shown: list[str] = []

    async def arrive(self) -> None:
        """Open the page and wait until its first run has ended."""
        first = BackMsg()
        first.rerun_script.query_string = "dataset=public"
        first.rerun_script.page_name = "import_nodes"
        await self._told(first, "script_finished")
        if not self._uploader_id:
            raise RuntimeError("no box for a file on the page")

    async def previewed(self, content: bytes) -> float:
        """Choose a file; return the seconds until its preview is there."""
        name = f"{uuid.uuid4()}.xlsx"
        began = time.perf_counter()
        ask = BackMsg()
        ask.file_urls_request.request_id = name
        ask.file_urls_request.session_id = self._session_id
        ask.file_urls_request.file_names.append(name)
        urls = (await self._told(ask, "file_urls_response")).file_urls_response.file_urls[0]
        await asyncio.to_thread(self._put, urls, name, content)
        chosen = BackMsg()
        chosen.rerun_script.page_name = "import_nodes"
        chosen.rerun_script.query_string = "dataset=public"
        state = chosen.rerun_script.widget_states.widgets.add(id=self._uploader_id)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=urls.file_id, name=name, size=len(content), file_urls=urls
        )
        await self._told(chosen, "script_finished")
        seconds = time.perf_counter() - began
        if not any(str(ROWS) in text for text in self.shown):
            raise RuntimeError(f"no preview of {ROWS} rows: {self.shown}")
        return seconds

    def _xsrf_cookie(self) -> str:
        connection = http.client.HTTPConnection(self._host, timeout=_RUN_SECONDS)
        connection.request("GET", "/_stcore/health")
        given = connection.getresponse().getheader("Set-Cookie") or ""
        connection.close()
        return given.partition(";")[0]

    def _put(self, urls: FileURLs, name: str, content: bytes) -> None:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"'
        body = f"{head}\r\n\r\n".encode() + content + f"\r\n--{edge}--\r\n".encode()
        connection = http.client.HTTPConnection(self._host, timeout=_RUN_SECONDS)
        connection.request(
            "PUT", urls.upload_url, body,
            {"Content-Type": f"multipart/form-data; boundary={edge}", "Cookie": self._cookie,
             "X-Xsrftoken": self._cookie.partition("=")[2]},
        )  # fmt: skip
        status = connection.getresponse().status
        connection.close()
        if status != http.client.NO_CONTENT:
            raise RuntimeError(f"the upload was answered with {status}")

    async def _told(self, message: BackMsg, kind: str) -> ForwardMsg:
        """Send a message and return the first answer of a kind."""
        self.shown = []
        await self._connection.send(message.SerializeToString())
        async with asyncio.timeout(_RUN_SECONDS):
            while True:
                answer = ForwardMsg.FromString(await self._connection.recv(decode=False))
                if answer.WhichOneof("type") == "new_session":
                    self._session_id = answer.new_session.initialize.session_id
                element = answer.delta.new_element
                if element.WhichOneof("type") == "file_uploader":
                    self._uploader_id = element.file_uploader.id
                if element.WhichOneof("type") == "text":
                    self.shown.append(element.text.body)
                # A run may end at once, for another with what it has found in the address.
                is_early = answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
                if answer.WhichOneof("type") == kind and not is_early:
                    return answer


@dataclass(frozen=True, slots=True)
class Turn:
    """What one list took, in seconds.

    Parameters
    ----------
    preview
        From the choice of the file to the preview.
    processor
        The same: processor time of the server and the reader that it starts.
    calamine
        The bare read of the same file.
    """

    preview: float
    processor: float
    calamine: float


async def measured(server: Server) -> list[Turn]:
    """Return what each list took."""
    turns = []
    address = server.url.replace("http://", "ws://") + "/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
    ) as connection:
        person = Uploader(server, connection)
        await person.arrive()
        await person.previewed(workbook(0))  # loads what the first list of a server loads
        for turn in range(ROUNDS):
            content = workbook((turn + 1) * ROWS)
            began = time.perf_counter()
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            book.get_sheet_by_index(0).to_python()
            read, before = time.perf_counter() - began, server.processor_seconds()
            seconds = await person.previewed(content)
            turns.append(Turn(seconds, server.processor_seconds() - before, read))
    return turns


def measure_and_print(*, is_written: bool) -> list[str]:
    """Print the table, write it where asked, and return the promise that is not kept."""
    with TemporaryDirectory() as folder:
        workspace = {"NETWORK_MAP_WORKSPACE": f"{folder}/workspace"}
        with served(APPLICATION, env=workspace) as server:
            turns = asyncio.run(measured(server))
    columns = {
        "preview": [turn.preview for turn in turns],
        "its processor time": [turn.processor for turn in turns],
        "calamine": [turn.calamine for turn in turns],
    }
    rows = [
        f"| {name} | {min(found):.3f} | {statistics.median(found):.3f} | {max(found):.3f} |"
        for name, found in columns.items()
    ]
    taken = statistics.median(turn.preview for turn in turns)
    limit = TIMES_CALAMINE * statistics.median(turn.calamine for turn in turns) + SECONDS
    table = "\n".join(
        (
            "# A list on a running server, measured",
            "",
            "`python -m benchmarks.list_preview --write`",
            "",
            f"A workbook of {ROWS} nodes, another one each time, from the choice of the file to",
            f"the preview: upload by HTTP and a run of the page. {ROUNDS} of them after a first.",
            "",
            "| what | least, s | median, s | most, s |",
            "|---|---|---|---|",
            *rows,
            "",
            "| promise | measured | limit |",
            "|---|---|---|",
            f"| {PROMISE} | {taken:.3f} | ≤ {limit:.3f} |",
            "",
        )
    )
    print(table)
    if is_written:
        RESULTS.write_text(table, encoding="utf-8")
    return [] if taken <= limit else [f"preview of a list: {taken:.3f} s"]


def main() -> int:
    """Return 0 if the promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.list_preview", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    broken = measure_and_print(is_written=parser.parse_args().write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
