"""Commands that describe a run, from `costs` to `summary`, and `provenance`."""

import argparse
import json
from pathlib import Path

from textvae.errors import InputError


def costs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--records",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="files of `textvae --costs`, one for each job of a run, in a folder for each rule",
    )
    parser.add_argument(
        "--rules",
        nargs="*",
        default=[],
        metavar="RULE=PATTERN",
        help="rule of files in the folder of another rule: codes_lines=codes/*/lines",
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


def run_costs(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.exhibit import Rendered
    from textvae.paper.render.files import write
    from textvae.run.costs import costs, costs_csv, costs_table, jobs_csv, read_jobs

    jobs = read_jobs(args.records, dict(map(_rule, args.rules)))
    rules = costs(jobs)
    files = {form: getattr(args, form) for form in ("tex", "csv", "html")}
    table = costs_table(rules, args.caption)
    write(Rendered((table,), data=costs_csv(rules)), args.caption, "costs", files)
    write_text(args.jobs, jobs_csv(jobs))


def _rule(text: str) -> tuple[str, str]:
    name, equals, pattern = text.partition("=")
    if not (name and equals and pattern):
        raise InputError(f"--rules {text!r:.80}: expected RULE=PATTERN")
    return name, pattern


def run_information_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--configuration",
        required=True,
        metavar="JSON",
        help="the workflow's configuration, an object in JSON",
    )
    parser.add_argument(
        "--yaml",
        type=Path,
        required=True,
        metavar="FILE",
        help="file to write: the configuration, to repeat the run",
    )
    parser.add_argument(
        "--json",
        type=Path,
        required=True,
        metavar="FILE",
        help="the machine, versions, and digests of the code",
    )
    parser.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="a page with all of it"
    )


def run_run_information(args: argparse.Namespace) -> None:
    from textvae.extensions import extensions
    from textvae.io import write_json, write_text
    from textvae.provenance import SOURCE, all_modules
    from textvae.run.information import (
        configuration_yaml,
        information,
        information_page,
        software,
        this_machine,
    )

    configuration = configuration_yaml(_object(args.configuration))
    machine, versions = this_machine(), software()
    write_text(args.yaml, configuration)
    write_json(args.json, information(machine, versions, all_modules(SOURCE, extensions())))
    write_text(args.html, information_page(configuration, machine, versions))


def _object(text: str) -> dict:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"--configuration {text!r:.80}: expected an object in JSON")
    return value


def archive_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, help="folder of the results of a finished run")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="zip file to write, default RESULTS/archive.zip"
    )
    parser.add_argument(
        "--workflow",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="root of the workflow, with Snakefile and CITATION.cff, default this folder",
    )
    parser.add_argument(
        "--metadata",
        type=Path,
        default=Path(".snakemake/metadata"),
        metavar="FOLDER",
        help="Snakemake's records of jobs, default .snakemake/metadata; their paths are relative to"
        " the folder in which Snakemake ran, which must be this one",
    )


def run_archive(args: argparse.Namespace) -> None:
    from textvae.errors import warn
    from textvae.io import atomic_write, read_json
    from textvae.run.citation import read_citation
    from textvae.run.contents import INFORMATION, JOBS, contents
    from textvae.run.records import jobs_of_run
    from textvae.runtime.progress import progress

    files = contents(args.results, args.workflow)
    citation = read_citation(args.workflow / "CITATION.cff")
    jobs = jobs_of_run(files[JOBS], args.metadata, args.results)
    if not jobs:
        raise InputError(f"{files[JOBS]}: has no jobs, expected those of a finished run")
    if unknown := sum(job.end is None for job in jobs):
        warn(
            f"{args.metadata}: has no record of {unknown} of {len(jobs)} jobs, which are archived"
            " without their files and times"
        )
    information = read_json(files[INFORMATION])
    software = information.get("software") if isinstance(information, dict) else None
    if not isinstance(software, dict):
        raise InputError(f"{files[INFORMATION]}: has no 'software', expected a run's")

    # After the checks, because it takes a second.
    from textvae.run.crate import crate_zip

    sizes = (path.stat().st_size for path in (files.workflow | files.results).values())
    output = args.output or args.results / "archive.zip"
    with progress(str(output), sum(sizes)) as done, atomic_write(output, "wb") as file:
        for chunk in crate_zip(files, jobs, citation, software, done):
            file.write(chunk)


def excerpt_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, help="folder of the results of a finished run")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FOLDER", help="new, or an earlier excerpt"
    )


def run_excerpt(args: argparse.Namespace) -> None:
    from textvae.run.excerpt import write_excerpt

    size = write_excerpt(args.results, args.output)
    print(f"{args.output}: {size / 1e6:.1f} MB")


def summary_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "documents",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="Markdown document; its summaries are made again, each between `<!-- summary: NAME of"
        " FOLDER -->` and `<!-- end of summary -->`, for NAME verdicts, table1, table3 or table4"
        " CORPUS, deviations, claims, claims decided, costs, choices or frontier (EXPERIMENT), and"
        " the folder of the results relative to the document",
    )


def run_summary(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.summaries import updated

    for path, text in [(path, updated(path)) for path in args.documents]:
        write_text(path, text)


def provenance_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a step (train, sample), a measurement, an exhibit, an objective or another registered"
        " thing, a dotted module or a Python file; all steps, measurements and exhibits if none is"
        " given",
    )
    parser.add_argument(
        "--since",
        type=Path,
        metavar="JSON",
        help="information.json of a run: list what has changed since then",
    )


def run_provenance(args: argparse.Namespace) -> None:
    from textvae.run.code import changes, digests_by_result, listing, overview, recorded

    results = digests_by_result(args.names)
    if args.since:
        lines = changes(results, recorded(args.since))
    else:
        lines = listing(results) if args.names else overview(results)
    print("\n".join(lines))
