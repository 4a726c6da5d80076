"""Help of the commands: defaults only where there is one, and subcommands in groups."""

import argparse
import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import IO, NoReturn

from textvae.errors import one_line

# Columns before the summary of a subcommand.
INDENT = 21


class Parser(argparse.ArgumentParser):
    """A parser with errors of one printable line, and an error for help that cannot be written."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))

    def _print_message(self, message: str, file: IO[str] | None = None) -> None:
        if message:
            (file or sys.stderr).write(message)


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Adds the default of a flag that has one; a switch, and a flag without one, have none."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        absent = default is None or default is False or default in ((), [])
        return action.help if action.required or absent else super()._get_help_string(action)


def add_subcommands(
    parser: argparse.ArgumentParser,
    dest: str,
    groups: Mapping[str, Mapping[str, str]],
) -> argparse._SubParsersAction:
    """Return a parser's subparsers, whose summaries its help shows in groups.

    groups: title -> name -> summary. argparse itself would list all of them under one heading, so
    they are part of the description, and its own list is suppressed.
    """
    metavar = dest.upper()
    width = max(shutil.get_terminal_size().columns - 2, 2 * INDENT)
    parts = [textwrap.fill(parser.description or "", width)]
    for title, summaries in groups.items():
        if not summaries:
            continue
        lines = [
            textwrap.fill(
                summary,
                width,
                initial_indent=f"  {name:<{INDENT - 4}}  ",
                subsequent_indent=" " * INDENT,
            )
            for name, summary in summaries.items()
        ]
        parts.append("\n".join([f"{title}:", *lines]))
    parser.description = "\n\n".join(parts)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    flags = parser.format_usage().removeprefix("usage: ").split()
    parser.usage = " ".join([*flags, metavar, "..."])
    return parser.add_subparsers(
        dest=dest, metavar=metavar, required=True, prog=parser.prog, help=argparse.SUPPRESS
    )
