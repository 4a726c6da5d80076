"""`textvae run-information`: with what configuration and software a run was made, and where."""

import argparse
import json
from pathlib import Path

from textvae.errors import InputError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--configuration",
        required=True,
        metavar="JSON",
        help="the configuration as the workflow has it, an object in JSON",
    )
    parser.add_argument(
        "--yaml", type=Path, required=True, metavar="FILE", help="the configuration, to run again"
    )
    parser.add_argument(
        "--json", type=Path, required=True, metavar="FILE", help="the machine, and versions"
    )
    parser.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="a page with all of it"
    )


def run(args: argparse.Namespace) -> None:
    from textvae.files import write_json, write_text
    from textvae.run.information import configuration_yaml, information, information_page
    from textvae.run.machine import this_machine
    from textvae.run.software import software

    configuration = configuration_yaml(_object(args.configuration))
    machine, versions = this_machine(), software()
    write_text(args.yaml, configuration)
    write_json(args.json, information(machine, versions))
    write_text(args.html, information_page(configuration, machine, versions))


def _object(text: str) -> dict:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"--configuration {text!r:.80}: is not an object in JSON")
    return value
