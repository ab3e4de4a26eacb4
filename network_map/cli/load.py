"""``network-map load contracts``: a workspace's register to a shared database or folder."""

from argparse import Namespace
from dataclasses import asdict

from network_map.cli.output import json_text, refusal_record, say
from network_map.config import Settings
from network_map.contracts.register.backends import load_register
from network_map.errors import NetworkMapError
from network_map.i18n import count_text, text


def run(arguments: Namespace, settings: Settings) -> int:
    """Load the register and say where it is now.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError, DamagedFileError
        If there is no register to load, or the place cannot be written.
    """
    try:
        done = load_register(settings.workspace_dir, arguments.to)
    except NetworkMapError as error:
        if arguments.json:
            say(json_text(refusal_record(error)))
        raise
    if arguments.json:
        say(json_text({"loaded": True, **asdict(done)}))
        return 0
    say(
        text(
            "cli.loaded", settings.language,
            address=done.address, snapshot_id=done.snapshot_id,
            contracts=count_text(done.contract_count), payments=count_text(done.payment_count),
        )
    )  # fmt: skip
    return 0
