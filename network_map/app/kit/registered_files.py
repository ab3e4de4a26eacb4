"""Files that a page hands to the browser: named by their content, fetched once, gone when old.

A page registers the nodes of its map or the rows of its table at every run, and tells the browser
the address only; `server` answers at that address. The address changes exactly when the content
does.
"""

import gzip
from base64 import b64encode
from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from streamlit import runtime

FOLDER = "files"
"""Where the files lie below the application's root."""

_MAXIMUM_BYTES = 32_000_000
_LEVEL = 6


class RegisteredFiles:
    """LRU store of packed files, bounded by bytes; shared by all sessions.

    Attributes
    ----------
    is_served
        Whether this process answers for the files.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # pages run in threads of their own
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._byte_count = 0
        self.is_served = False

    def put(self, content: bytes) -> str:
        """Take a file in, unless it is here; return its address below the root."""
        address = f"{FOLDER}/{sha256(content).hexdigest()[:32]}.json"
        with self._lock:
            if address in self._files:
                self._files.move_to_end(address)
                return address
            self._files[address] = packed = gzip.compress(content, _LEVEL, mtime=0)
            self._byte_count += len(packed)
            while self._byte_count > _MAXIMUM_BYTES and len(self._files) > 1:
                _, gone = self._files.popitem(last=False)
                self._byte_count -= len(gone)
        return address

    def packed(self, address: str) -> bytes | None:
        """Return the content in gzip, or None if it is not here."""
        with self._lock:
            return self._files.get(address)


registered = RegisteredFiles()


def file_url(content: bytes) -> str | None:
    """Return where the browser fetches a JSON file, relative to the application's root.

    The file itself as an address where Streamlit runs without our front door; None where no server
    runs.
    """
    if not runtime.exists():
        return None
    if not registered.is_served:
        return f"data:application/json;base64,{b64encode(content).decode()}"
    return registered.put(content)
