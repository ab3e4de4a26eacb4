"""Settings come from a file and from variables; everything wrong is said at once."""

from pathlib import Path

import pytest

from network_map import config, i18n
from network_map.config import PRESETS, Settings, app_root, load_settings
from network_map.errors import ConfigError, MissingFileError
from network_map.terms import DatasetName


def write(folder: Path, text: str, name: str = "network_map.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def problems_of(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_settings({}, folder)
    for language in i18n.LANGUAGES:
        assert str(caught.value.values["problems"]) in i18n.error_text(caught.value, language)
    return str(caught.value.values["problems"])


def test_without_a_file_the_demonstration_opens_in_chinese_with_no_tiles(tmp_path: Path) -> None:
    expected = Settings(workspace_dir=tmp_path.resolve() / "workspace")
    assert load_settings({}, tmp_path) == expected
    assert (expected.dataset, expected.language, expected.tile_layers) == ("demo", "zh", ())


def test_the_words_agree_with_the_rooms_that_settings_may_not_import() -> None:
    assert config.LANGUAGES == i18n.LANGUAGES
    assert set(config.DATASETS) == {*DatasetName, "own"}


def test_the_checkout_is_the_application_folder() -> None:
    assert (app_root() / "network_map" / "config.py").is_file()


def test_a_file_saved_by_notepad_is_read_and_a_variable_wins_over_it(tmp_path: Path) -> None:
    write(tmp_path, '\ufeffworkspace = "名单"\r\ndataset = "public"\r\nport = 9000\r\n')
    told = load_settings({"NETWORK_MAP_DATASET": "own", "NETWORK_MAP_PORT": "9001"}, tmp_path)
    assert told.workspace_dir == tmp_path.resolve() / "名单"
    assert (told.dataset, told.port) == ("own", 9001)
    assert told.config_file == tmp_path.resolve() / "network_map.toml"


def test_a_workspace_in_a_file_starts_from_the_file_and_in_a_variable_from_the_working_directory(
    tmp_path: Path,
) -> None:
    (tmp_path / "conf").mkdir()
    write(tmp_path / "conf", 'workspace = "w"', "office.toml")
    env = {"NETWORK_MAP_CONFIG": "conf/office.toml"}
    assert load_settings(env, tmp_path).workspace_dir == tmp_path.resolve() / "conf" / "w"
    env["NETWORK_MAP_WORKSPACE"] = "v"
    assert load_settings(env, tmp_path).workspace_dir == tmp_path.resolve() / "v"


def test_a_named_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError) as caught:
        load_settings({"NETWORK_MAP_CONFIG": "none.toml"}, tmp_path)
    assert "none.toml" in i18n.error_text(caught.value, "zh")


@pytest.mark.parametrize("content", [b"dataset = demo", b"language = '\xd6\xd0'"])
def test_a_file_that_is_not_utf8_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "network_map.toml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_settings({}, tmp_path)
    assert caught.value.code == "settings_unreadable"


def test_every_problem_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path,
        """
        datset = "demo"
        colour = 1
        language = "fr"
        port = 70000
        workspace = 3
        [[tile_layers]]
        preset = "tianditu_vek"
        [[tile_layers]]
        preset = "tianditu_img"
        [[tile_layers]]
        name = "街道"
        url = "ftp://example.org/{z}/{x}"
        datum = "bd09"
        max_zoom = "18"
        """,
    )
    for piece in (
        "datset → dataset?", "colour ✗", "language = 'fr' (zh | en)", "port = 70000",
        "workspace = 3", "tile_layers[1].preset = 'tianditu_vek'", "tile_layers[2].key",
        "tile_layers[3].url", "tile_layers[3].datum = 'bd09' (wgs84 | gcj02)",
        "tile_layers[3].max_zoom",
    ):  # fmt: skip
        assert piece in problems
    assert problems.count(";") == 9


def test_a_slip_in_a_variable_is_named_and_a_foreign_variable_is_left_alone(tmp_path: Path) -> None:
    assert load_settings({"NETWORK_MAP_ELSEWHERE_XYZ": "1"}, tmp_path).dataset == "demo"
    with pytest.raises(ConfigError) as caught:
        load_settings({"NETWORK_MAP_DATSET": "demo"}, tmp_path)
    assert "NETWORK_MAP_DATSET → NETWORK_MAP_DATASET?" in str(caught.value.values["problems"])


def test_a_layer_of_the_national_platform_gets_the_users_key_only_in_its_address(
    tmp_path: Path,
) -> None:
    write(tmp_path, '[[tile_layers]]\npreset = "tianditu_vec"\n')
    (layer,) = load_settings({"NETWORK_MAP_TIANDITU_KEY": "s3cret"}, tmp_path).tile_layers
    assert layer.address.endswith("tk=s3cret")
    assert "{key}" in layer.url
    assert "s3cret" not in repr(layer)
    assert layer.datum == "wgs84"
    assert set(PRESETS) >= {"tianditu_vec", "tianditu_img", "tianditu_ter"}


def test_any_tile_service_can_be_named_with_its_datum(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        [[tile_layers]]
        name = "局内底图"
        url = "http://10.0.0.8/tiles/{z}/{x}/{y}.png"
        attribution = "信息中心"
        datum = "gcj02"
        max_zoom = 16
        """,
    )
    (layer,) = load_settings({}, tmp_path).tile_layers
    assert (layer.name, layer.datum, layer.max_zoom) == ("局内底图", "gcj02", 16)
    assert layer.address == "http://10.0.0.8/tiles/{z}/{x}/{y}.png"


def test_the_contract_register_is_asked_where_the_variable_says(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path).contracts_url == "duckdb://"
    told = load_settings({"NETWORK_MAP_CONTRACTS": "postgres://me@host/base"}, tmp_path)
    assert told.contracts_url == "postgres://me@host/base"
    assert "me@host" not in repr(told)
    (tmp_path / "network_map.toml").write_text("contracts = 5", encoding="utf-8")
    with pytest.raises(ConfigError, match="contracts"):
        load_settings({}, tmp_path)
