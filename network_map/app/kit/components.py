"""Parts of a page that are scripts of our own, and the files that they fetch."""

import json
from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit import runtime

from network_map.app.kit.registered_files import registered


@cache
def component(name: str, address: str) -> Callable[..., object]:
    """Return the mounting command of a component; its script is a static file.

    Parameters
    ----------
    name
        Names the component among all others.
    address
        Of the module below the application's root; it changes when the script does. Its default
        export is called with the component's arguments. Where it cannot be fetched, the sentence
        under ``failure`` in the data stands instead.
    """
    # Short, for it travels with each new state of the component. The line breaks tell Streamlit
    # that this is the script and not the name of a file.
    loader = (
        f"const m=import(new URL({json.dumps(address)},document.baseURI))\n"
        'const f=c=>{const p=document.createElement("p");p.setAttribute("role","status")\n'
        "p.textContent=c.data.failure;c.parentElement.replaceChildren(p)}\n"
        "export default c=>{m.then(s=>s.default(c),()=>f(c))}"
    )
    return st.components.v2.component(f"network_map.{name}", js=loader)


def file_url(place: str, content: bytes) -> str | None:
    """Register a file for this session and return where the browser fetches it.

    Streamlit names files by content: the address changes exactly when the content does. It drops a
    file that a run has not registered again; ``kept_files`` serves it a while longer.

    Parameters
    ----------
    place
        Names the file in the session: a new content takes the place of the old one.
    content
        Its bytes, JSON.

    Returns
    -------
    str or None
        The address, relative to the application's root; None where no server runs.
    """
    if not runtime.exists():
        return None
    manager = runtime.get_instance().media_file_mgr
    url: str = manager.add(content, "application/json", f"network_map.{place}")
    address = url.removeprefix("/")
    registered.put(address, content)
    return address
