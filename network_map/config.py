"""Settings: where the application lies, where the planner's data lie, what is opened first.

Settings come from ``network_map.toml`` in the working directory (or the file that
``NETWORK_MAP_CONFIG`` names) and from ``NETWORK_MAP_*`` variables; a variable wins. All of it is
optional::

    workspace = "workspace"     # folder of the planner's own data, relative to this file
    dataset = "demo"            # demo | public | own
    language = "zh"             # zh | en
    port = 8501
    public_url = "https://map.office.example"   # or a list: names that a proxy serves this under
    contracts = "duckdb://"     # the workspace; or postgres://host/base, pyspark:///folder

    [[tile_layers]]             # none by default: the map works without internet
    preset = "tianditu_vec"     # or a name, url, attribution, datum, max_zoom of one's own
    key = "…"
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from network_map.errors import ConfigError, MissingFileError

CONFIG_NAME = "network_map.toml"
DATASETS = ("demo", "public", "own")
LANGUAGES = ("zh", "en")
DATUMS = ("wgs84", "gcj02")

_PREFIX = "NETWORK_MAP_"
_KEYS = (
    "workspace",
    "contracts",
    "dataset",
    "language",
    "port",
    "public_url",
    "tianditu_key",
    "tile_layers",
)
_VARIABLES = (
    "config",
    "workspace",
    "contracts",
    "dataset",
    "language",
    "port",
    "public_url",
    "tianditu_key",
)
_LAYER_KEYS = (
    "preset",
    "name",
    "url",
    "attribution",
    "datum",
    "max_zoom",
    "subdomains",
    "is_overlay",
    "key",
)
_USUAL_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?|[0-9a-f:.]*:[0-9a-f:.]*")
_MAX_ZOOM = 24
_MOST_BYTES = 1_000_000
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class TileLayer:
    """A tile layer that the map may show; it needs a network.

    Parameters
    ----------
    name
        Name in the layer switch.
    url
        Web Mercator address with ``{x}``, ``{y}``, ``{z}``, perhaps ``{s}`` and ``{key}``.
    attribution
        Source line of the layer, plain text.
    datum
        ``wgs84`` (CGCS2000 counts as it) or ``gcj02`` (shifted by 300 to 700 m inside China).
    max_zoom
        Deepest zoom level that the service has.
    subdomains
        What ``{s}`` may be, one character each.
    is_overlay
        Whether it lies on top of another layer, as place names do.
    key
        The user's key for the service; never printed.
    """

    name: str
    url: str
    attribution: str = ""
    datum: str = "wgs84"
    max_zoom: int = 18
    subdomains: str = ""
    is_overlay: bool = False
    key: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """The address with the user's key put in; ``{x}``, ``{y}``, ``{z}``, ``{s}`` stay."""
        return self.url.replace("{key}", self.key)

    @property
    def needs_key(self) -> bool:
        """Whether the address has a place for a key."""
        return "{key}" in self.url


def _tianditu(name: str, layer: str, *, is_overlay: bool = False) -> TileLayer:
    query = (
        "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        f"&LAYER={layer}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
    )
    return TileLayer(
        name=name,
        url=f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?{query}",
        attribution="天地图",
        subdomains="01234567",
        is_overlay=is_overlay,
    )


PRESETS: Mapping[str, TileLayer] = {
    "tianditu_vec": _tianditu("天地图矢量", "vec"),
    "tianditu_cva": _tianditu("天地图矢量注记", "cva", is_overlay=True),
    "tianditu_img": _tianditu("天地图影像", "img"),
    "tianditu_cia": _tianditu("天地图影像注记", "cia", is_overlay=True),
    "tianditu_ter": _tianditu("天地图地形", "ter"),
    "tianditu_cta": _tianditu("天地图地形注记", "cta", is_overlay=True),
}
"""The layers of the national platform; each needs the user's own key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the application is told from outside.

    Parameters
    ----------
    workspace_dir
        Folder of the planner's own data, absolute; it need not exist yet.
    dataset
        What opens first: ``demo``, ``public`` or ``own`` (the workspace).
    language
        ``zh`` or ``en``.
    port
        Port of the local server.
    public_urls
        Addresses besides this computer's own that the server is reached at, through a proxy:
        scheme, name and, where it is not the usual one, port, as a browser writes an Origin.
    tile_layers
        Layers that need a network; empty by default.
    config_file
        The file the settings were read from, or None.
    contracts_url
        Where the contract register is asked; ``duckdb://`` is the workspace itself. It may name
        a user, so it is not printed.
    """

    workspace_dir: Path
    dataset: str = "demo"
    language: str = "zh"
    port: int = 8501
    public_urls: tuple[str, ...] = ()
    tile_layers: tuple[TileLayer, ...] = ()
    config_file: Path | None = None
    contracts_url: str = field(default="duckdb://", repr=False)


@cache
def app_root() -> Path:
    """Return the folder that holds ``streamlit_app.py``, ``pages``, ``data`` and ``static``.

    It is ``network_map/_app`` where the package was installed from a wheel, else the root of
    the checkout.
    """
    package = Path(__file__).resolve().parent
    carried = package / "_app"
    return carried if carried.is_dir() else package.parent


def load_settings(env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Settings:
    """Return the settings of a working directory.

    Parameters
    ----------
    env
        Environment variables; those of the process by default.
    cwd
        The working directory, that of the process by default: where ``network_map.toml`` is
        looked for, and what a relative path of a variable starts from.

    Raises
    ------
    MissingFileError
        If ``NETWORK_MAP_CONFIG`` names a file that is not there.
    ConfigError
        If the file is not TOML, or with everything in it and in the variables that cannot be
        used, all at once.
    """
    env = os.environ if env is None else env
    cwd = _working_directory() if cwd is None else cwd
    path = _config_file(env, cwd)
    told = {} if path is None else _read(path)
    base = cwd if path is None else path.parent
    problems = _unknown(told, _KEYS)
    settings = Settings(workspace_dir=(cwd / "workspace").resolve(), config_file=path)
    settings = _taken(settings, told, base, problems)
    settings = _taken(settings, _from_variables(env, problems), cwd, problems)
    key = env.get(f"{_PREFIX}TIANDITU_KEY") or told.get("tianditu_key", "")
    layers = _tile_layers(told.get("tile_layers", []), str(key), problems)
    if problems:
        raise ConfigError(
            "settings_invalid",
            file=str(path or CONFIG_NAME),
            problem_count=len(problems),
            problems="; ".join(problems),
        )
    return replace(settings, tile_layers=layers)


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError as error:  # somebody deleted it meanwhile
        raise ConfigError("working_directory", detail=error.strerror or str(error)) from error


def _config_file(env: Mapping[str, str], cwd: Path) -> Path | None:
    named = env.get(f"{_PREFIX}CONFIG")
    path = (cwd / (named or CONFIG_NAME)).resolve()
    if path.is_file():
        return path
    if named:
        raise MissingFileError("settings_missing", file=str(path))
    return None


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigError("settings_too_big", file=str(path), limit=f"{_MOST_BYTES:,}")
        # A file saved by Windows Notepad starts with a byte order mark.
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise ConfigError("settings_too_deep", file=str(path)) from error
    except (OSError, ValueError) as error:  # among them what is no UTF-8, and what is no TOML
        raise ConfigError("settings_unreadable", file=str(path), detail=str(error)) from error


def _from_variables(env: Mapping[str, str], problems: list[str]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, value in sorted(env.items()):
        key = name.removeprefix(_PREFIX).lower()
        if not name.startswith(_PREFIX):
            continue
        if key in _VARIABLES:
            told |= {key: value} if value else {}
        elif near := get_close_matches(key, _VARIABLES, 1, cutoff=0.75):
            # Other programs may use the prefix; only what looks like a slip is a problem.
            problems.append(f"{name} → {_PREFIX}{near[0].upper()}?")
    if isinstance(port := told.get("port"), str) and port.isascii() and port.isdigit():
        told["port"] = int(port)
    if isinstance(public := told.get("public_url"), str):
        told["public_url"] = [address.strip() for address in public.split(",")]
    return told


def _taken(
    settings: Settings, told: Mapping[str, object], base: Path, problems: list[str]
) -> Settings:
    """Return the settings with what was told put in, each value checked."""
    if (workspace := told.get("workspace")) is not None:
        if isinstance(workspace, str) and workspace.strip() and "\0" not in workspace:
            folder = (base / Path(workspace).expanduser()).resolve()
            settings = replace(settings, workspace_dir=folder)
        else:
            problems.append(_wrong("workspace", workspace, "path"))
    if isinstance(contracts := told.get("contracts", settings.contracts_url), str):
        settings = replace(settings, contracts_url=contracts)
    else:
        problems.append(_wrong("contracts", contracts, '"duckdb://"'))
    if (dataset := _choice("dataset", told, DATASETS, problems)) is not None:
        settings = replace(settings, dataset=dataset)
    if (language := _choice("language", told, LANGUAGES, problems)) is not None:
        settings = replace(settings, language=language)
    if "port" in told:
        port = _integer("port", told["port"], _MAX_PORT, problems)
        settings = replace(settings, port=port)
    if "public_url" in told:
        settings = replace(settings, public_urls=_origins(told["public_url"], problems))
    if not isinstance(told.get("tianditu_key", ""), str):
        problems.append(_wrong("tianditu_key", told["tianditu_key"], '"…"'))
    return settings


def _choice(
    name: str, told: Mapping[str, object], choices: tuple[str, ...], problems: list[str]
) -> str | None:
    value = told.get(name)
    if isinstance(value, str) and value in choices:
        return value
    if value is not None:
        problems.append(_wrong(name, value, " | ".join(choices)))
    return None


def _integer(name: str, value: object, maximum: int, problems: list[str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= maximum:
        return value
    problems.append(_wrong(name, value, f"1–{maximum}"))
    return 1


def _origins(told: object, problems: list[str]) -> tuple[str, ...]:
    """Return addresses as a browser writes them in an Origin header (RFC 6454, 6.2)."""
    origins = []
    for address in told if isinstance(told, list) else [told]:
        origin = _origin(address) if isinstance(address, str) else None
        if origin is None:
            problems.append(_wrong("public_url", address, "http(s)://name[:port]"))
        else:
            origins.append(origin)
    return tuple(origins)


def _origin(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        name, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # a port that is none, or a name that cannot be one
        return None
    if parts.scheme not in _USUAL_PORTS or parts.username is not None:
        return None
    if not _HOST_NAME.fullmatch(name):
        return None
    name = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{name}" + (
        "" if port in {None, _USUAL_PORTS[parts.scheme]} else f":{port}"
    )


def _tile_layers(told: object, key: str, problems: list[str]) -> tuple[TileLayer, ...]:
    if isinstance(told, str) or not isinstance(told, list):
        problems.append(_wrong("tile_layers", told, "[[tile_layers]]"))
        return ()
    layers = []
    for number, entry in enumerate(told, start=1):
        name = f"tile_layers[{number}]"
        if isinstance(entry, dict):
            layers.append(_tile_layer(name, entry, key, problems))
        else:
            problems.append(_wrong(name, entry, "[[tile_layers]]"))
    return tuple(layers)


def _tile_layer(name: str, told: Mapping[str, object], key: str, problems: list[str]) -> TileLayer:
    found = _unknown(told, _LAYER_KEYS, f"{name}.")
    layer = TileLayer(name=name, url="")
    preset = _choice("preset", told, tuple(PRESETS), found)
    if preset is not None:
        layer = replace(PRESETS[preset], key=key)
    elif "preset" not in told and not {"name", "url"} <= set(told):
        found.append(f"{name}: preset | name + url")
    layer = _layer_texts(layer, told, found)
    if "max_zoom" in told:
        layer = replace(layer, max_zoom=_integer("max_zoom", told["max_zoom"], _MAX_ZOOM, found))
    if (datum := _choice("datum", told, DATUMS, found)) is not None:
        layer = replace(layer, datum=datum)
    if isinstance(told.get("is_overlay", False), bool):
        layer = replace(layer, is_overlay=bool(told.get("is_overlay", layer.is_overlay)))
    else:
        found.append(_wrong("is_overlay", told["is_overlay"], "true | false"))
    if layer.url and not _is_tile_address(layer.url):
        found.append(_wrong("url", layer.url, "http(s)://…{z}…{x}…{y}…"))
    if layer.needs_key and not layer.key:
        found.append('key = "" (key = "…" | NETWORK_MAP_TIANDITU_KEY)')
    if "{s}" in layer.url and not layer.subdomains:
        found.append('subdomains = "" ({s})')
    problems += [text if text.startswith(name) else f"{name}.{text}" for text in found]
    return layer


def _layer_texts(layer: TileLayer, told: Mapping[str, object], found: list[str]) -> TileLayer:
    texts: dict[str, str] = {}
    for key in ("name", "url", "attribution", "subdomains", "key"):
        value = told.get(key, getattr(layer, key))
        if isinstance(value, str):
            texts[key] = value
        else:
            found.append(_wrong(key, value, '"…"'))
    return replace(
        layer,
        name=texts.get("name", layer.name),
        url=texts.get("url", layer.url),
        attribution=texts.get("attribution", layer.attribution),
        subdomains=texts.get("subdomains", layer.subdomains),
        key=texts.get("key", layer.key),
    )


def _is_tile_address(url: str) -> bool:
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in {"http", "https"} and all(mark in url for mark in ("{x}", "{y}", "{z}"))


def _wrong(name: str, value: object, expected: str) -> str:
    return f"{name} = {value!r} ({expected})"


def _unknown(told: Mapping[str, object], known: tuple[str, ...], at: str = "") -> list[str]:
    problems = []
    for name in told:
        if name not in known:
            near = get_close_matches(name, known, 1)
            problems.append(f"{at}{name} → {near[0]}?" if near else f"{at}{name} ✗")
    return problems


def day_of_making(environment: Mapping[str, str]) -> str:
    """Return the day that a file is made on, ISO 8601.

    Parameters
    ----------
    environment
        ``SOURCE_DATE_EPOCH`` wins over the clock, for files that must come out the same again.
    """
    seconds = environment.get("SOURCE_DATE_EPOCH", "")
    day = (
        datetime.fromtimestamp(int(seconds), UTC).date()
        if seconds.isdigit()
        else datetime.now().astimezone().date()
    )
    return day.isoformat()
