"""Simulated people: clients that speak Streamlit's own websocket protocol."""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from benchmarks.boundaries import county_adcodes
from benchmarks.servers import Server

SECONDS_BETWEEN_CLICKS = 2.0
COUNTIES = county_adcodes()
_RUN_SECONDS = 120
# A browser forgets a message that two runs in a row have not used.
_KEPT_RUNS = 2


@dataclass(frozen=True, slots=True)
class Rerun:
    """What one rerun took.

    Parameters
    ----------
    seconds
        From the click to the end of the run.
    byte_count
        What the server sent, as it went over the connection.
    message_byte_count
        The same before the connection compressed it.
    """

    seconds: float
    byte_count: int
    message_byte_count: int


@dataclass(frozen=True, slots=True)
class Target:
    """The widget that a person clicks, and what a click on it says.

    Parameters
    ----------
    element
        Type of the element in Streamlit's protocol.
    value
        Writes the nth click into the widget's state.
    query
        What the page's address says.
    component
        Name of the component, where the element is one of several.
    page
        Name of the page in the address; the first one by default.
    """

    element: str
    value: Callable[[WidgetState, int], None]
    query: str = ""
    component: str = ""
    page: str = ""

    def widget_id(self, element: Element) -> str | None:
        """Return the id that a click names, or None if it is another element."""
        if element.WhichOneof("type") != self.element:
            return None
        found = getattr(element, self.element)
        if not self.component:
            return str(found.id)
        # What a component reports goes to a widget of its own beside it.
        is_it = found.component_name == self.component
        return f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{found.id}__events" if is_it else None


def press_button(state: WidgetState, _: int) -> None:
    """Click the page's button."""
    state.trigger_value = True


def click_county(state: WidgetState, number: int) -> None:
    """Click a county of the application's map."""
    adcode = COUNTIES[number % len(COUNTIES)]
    click = {"adcode": adcode, "event": f"e{number}"}
    state.json_trigger_value = json.dumps([{"event": "click", "value": click}])


def click_plain_map(state: WidgetState, number: int) -> None:
    """Click a place of the plain map."""
    state.json_value = json.dumps({"last_clicked": {"lat": 25 + number * 1e-4, "lng": 102.0}})


FLOOR = Target("button", press_button)
APPLICATION = Target("bidi_component", click_county, component="network_map.map")
PLAIN = Target("component_instance", click_plain_map)


class _CountingConnection(websockets.ClientConnection):
    """A connection that counts what comes in."""

    received_byte_count = 0

    def data_received(self, data: bytes) -> None:
        """Count, then go on as usual."""
        self.received_byte_count += len(data)
        super().data_received(data)


class Person:
    """One person with the page open.

    Parameters
    ----------
    server
        The server.
    target
        What the person clicks.
    first_click
        Number of the person's first click: different people click different counties.

    Attributes
    ----------
    last_kinds
        What the last run sent, in order: elements by their type, other messages by theirs.
    """

    def __init__(self, server: Server, target: Target, *, first_click: int = 0) -> None:
        self._url = server.url.replace("http://", "ws://") + "/_stcore/stream"
        self._target = target
        self._socket: _CountingConnection | None = None
        self._widget_id = ""
        self._fragment_id = ""
        self._click_count = first_click
        self._kept_hashes: deque[list[str]] = deque(maxlen=_KEPT_RUNS)
        self.last_kinds: list[str] = []

    async def arrive(self) -> Rerun:
        """Open the page and wait until its first run has ended."""
        # Compression is offered, as browsers do; the server decides.
        connection = await websockets.connect(
            self._url, subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None, compression="deflate", create_connection=_CountingConnection,
        )  # fmt: skip
        if not isinstance(connection, _CountingConnection):
            raise TypeError(type(connection))
        self._socket = connection
        first = BackMsg()
        first.rerun_script.query_string = self._target.query
        first.rerun_script.page_name = self._target.page
        rerun = await self._run(first)
        if not self._widget_id:
            raise RuntimeError(f"{self._url}: no {self._target.element} on the page")
        return rerun

    async def click(self) -> Rerun:
        """Click, and wait until the run that it causes has ended."""
        message = BackMsg()
        kept = {name for run in self._kept_hashes for name in run}
        message.rerun_script.cached_message_hashes.extend(sorted(kept))
        message.rerun_script.fragment_id = self._fragment_id
        state = message.rerun_script.widget_states.widgets.add(id=self._widget_id)
        self._target.value(state, self._click_count)
        self._click_count += 1
        return await self._run(message)

    async def leave(self) -> None:
        """Close the page."""
        if self._socket is not None:
            await self._socket.close()

    async def _run(self, message: BackMsg) -> Rerun:
        if self._socket is None:
            raise RuntimeError("the person has not arrived")
        start = time.perf_counter()
        received_before = self._socket.received_byte_count
        await self._socket.send(message.SerializeToString())
        message_byte_count = 0
        self._kept_hashes.append([])
        self.last_kinds = []
        async with asyncio.timeout(_RUN_SECONDS):
            while True:
                received = await self._socket.recv(decode=False)
                message_byte_count += len(received)
                answer = ForwardMsg.FromString(received)
                self._notice(answer)
                # A run that gives way to another one has answered nothing yet.
                if (
                    answer.WhichOneof("type") == "script_finished"
                    and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
                ):
                    seconds = time.perf_counter() - start
                    byte_count = self._socket.received_byte_count - received_before
                    return Rerun(seconds, byte_count, message_byte_count)

    def _notice(self, message: ForwardMsg) -> None:
        # As the browser does: the server then sends a reference where nothing changed.
        if message.metadata.cacheable or message.HasField("ref_hash"):
            self._kept_hashes[-1].append(message.ref_hash or message.hash)
        delta = message.delta
        kinds = (delta.new_element.WhichOneof("type"), delta.WhichOneof("type"),
                 message.WhichOneof("type"))  # fmt: skip
        self.last_kinds.append(next(str(kind) for kind in kinds if kind))
        if message.WhichOneof("type") != "delta":
            return
        widget_id = self._target.widget_id(delta.new_element)
        if widget_id is not None:
            self._widget_id = widget_id
            self._fragment_id = delta.fragment_id


async def reruns(server: Server, target: Target, count: int) -> list[Rerun]:
    """Return what each of a number of clicks of one person took."""
    person = Person(server, target)
    await person.arrive()
    try:
        return [await person.click() for _ in range(count)]
    finally:
        await person.leave()


async def crowd(
    server: Server, target: Target, *, people_count: int, click_count: int, seed: int
) -> list[Rerun]:
    """Return what each click took while many people click at the same time.

    Each person clicks every two seconds, or later if the page has not answered yet; they start
    spread over the first two seconds.
    """
    people = [Person(server, target, first_click=7 * n) for n in range(people_count)]
    for person in people:
        await person.arrive()
    order = random.Random(seed)  # noqa: S311 - spreads people, keeps no secret
    starts = [order.uniform(0, SECONDS_BETWEEN_CLICKS) for _ in people]
    try:
        clicks = (_clicks(*pair, click_count) for pair in zip(people, starts, strict=True))
        return [rerun for taken in await asyncio.gather(*clicks) for rerun in taken]
    finally:
        for person in people:
            await person.leave()


async def _clicks(person: Person, start: float, count: int) -> list[Rerun]:
    taken = []
    began = time.perf_counter() + start
    for number in range(count):
        planned = began + number * SECONDS_BETWEEN_CLICKS
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        taken.append(await person.click())
    return taken
