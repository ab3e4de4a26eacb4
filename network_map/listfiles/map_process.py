"""Reads a map file from standard input and writes its layers as tables, a line of JSON.

A program of its own, started by :mod:`network_map.listfiles.map_layers` in a process with limits:
what is in such a file goes to libraries that a damaged one may abort.
"""

import sys

from network_map.errors import FileFormatError
from network_map.listfiles.map_files import layer_as_csv, map_layers
from network_map.listfiles.workbook_process import limit_memory, write_line


def _whole(text: str) -> str:
    """Return a text without halves of characters, which JSON may hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def layers_of(content: bytes) -> dict[str, object]:
    """Return the layers of a map file as plain values, or why it is refused."""
    try:
        return {
            "layers": [
                {
                    "name": _whole(layer.name),
                    "headers": [_whole(header) for header in layer.headers],
                    "table": layer_as_csv(layer).decode(),
                }
                for layer in map_layers(content)
            ]
        }
    except FileFormatError as error:
        values = {name: str(value) for name, value in error.values.items()}
        return {"refused": error.code, "values": values}


def main() -> int:
    """Read, write, and say by the exit code whether that could be done."""
    limit_memory(int(sys.argv[1]))
    size = int(sys.stdin.buffer.readline())
    try:
        write_line(layers_of(sys.stdin.buffer.read(size)), sys.stdout.buffer)
    except MemoryError:
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
