"""`textvae costs`: what each rule of a run cost, from Snakemake's benchmark files."""

import argparse
from pathlib import Path

from textvae.errors import InputError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--benchmarks",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="a run's benchmark files, one of each job, in folders by rule",
    )
    parser.add_argument(
        "--rules",
        nargs="*",
        default=[],
        metavar="RULE=PATTERN",
        help="what rule files belong to that lie in another's folder: codes_lines=codes/*/lines",
    )
    parser.add_argument("--caption", required=True, metavar="TEXT", help="plain text, no markup")
    parser.add_argument(
        "--tex", type=Path, required=True, metavar="FILE", help="LaTeX; needs booktabs"
    )
    parser.add_argument(
        "--csv", type=Path, required=True, metavar="FILE", help="a line for each rule"
    )
    parser.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="a page with the table"
    )
    parser.add_argument(
        "--jobs", type=Path, required=True, metavar="CSV", help="a line for each job"
    )


def run(args: argparse.Namespace) -> None:
    from textvae.commands import table_files
    from textvae.files import write_text
    from textvae.run.costs import costs, costs_csv, costs_table, jobs_csv, read_jobs

    jobs = read_jobs(args.benchmarks, dict(map(_rule, args.rules)))
    found = costs(jobs)
    table_files.write(args, costs_table(found, args.caption), costs_csv(found))
    write_text(args.jobs, jobs_csv(jobs))


def _rule(text: str) -> tuple[str, str]:
    name, equals, pattern = text.partition("=")
    if not (name and equals and pattern):
        raise InputError(f"--rules {text!r:.80}: expected RULE=PATTERN")
    return name, pattern
