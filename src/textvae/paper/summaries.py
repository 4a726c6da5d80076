"""Summaries of a run in Markdown, written into documents from the CSV files of its results.

A document has a block for each, which names the folder of the results, relative to the document:

    <!-- summary: verdicts of ../results -->
    (everything up to the next line is replaced)
    <!-- end of summary -->
"""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from textvae.errors import InputError
from textvae.io import read_text
from textvae.paper.printed_numbers import printed_decimals, shown
from textvae.paper.published import TABLES


class Record(dict[str, str]):
    """A line of a CSV file; InputError for a column that the file does not have."""

    def __init__(self, path: Path, line: dict[str, str]) -> None:
        super().__init__(line)
        self.path = path

    def __missing__(self, column: str) -> str:
        raise InputError(f"{self.path}: has no column {column!r}, expected the file of a run")


# Verdicts on a number of the paper's own corpora.
DECIDED = ("agrees", "deviates")
_NOTHING_DECIDED = "No number of the paper is decided: this run has no cell of the paper."
_BEGIN = "<!-- summary:"
_HEAD = re.compile(_BEGIN + r" ([\w-]+)(?: ([\w.-]+))? of (\S+) -->")
# What was meant to be one, perhaps.
_BEGINS = re.compile(r"<!--\s*summary\b", re.IGNORECASE)
_END = "<!-- end of summary -->"
# Title -> number of a method on the frontier, and another one in brackets; decimals.
_FRONTIER = {
    "D (height)": (("distortion_nats", "above_hull_nats"), 1),
    "R": (("rate_nats",), 1),
    "I": (("mutual_information_nats",), 1),
    "AU": (("active_units",), 0),
}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# The line before a block of code, in which a summary is an example (CommonMark, section 4.5).
_FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*|(~{3,}).*)")


def updated(document: Path) -> str:
    """Return the text of a Markdown document with each summary made again, lines ended as before.

    A summary begins a line. One that is indented or fenced, as code, stays as it is. InputError if
    the document has none, one is unknown or lacks its end, or a result cannot be read.
    """
    lines = read_text(document).split("\n")
    made, kept = [], iter(enumerate(lines, start=1))
    summaries, fence = 0, ""
    for number, line in kept:
        made.append(line)
        if fence:
            mark = line.strip()
            if len(mark) >= len(fence) and set(mark) == {fence[0]}:
                fence = ""
            continue
        if opened := _FENCE.fullmatch(line):
            fence = opened[1] or opened[2]
        if fence or not _BEGINS.match(line):
            continue
        where = f"{document}: line {number}"
        head = _HEAD.fullmatch(line.rstrip())
        if head is None:
            raise InputError(f"{where}: got {line:.80}, expected `{_BEGIN} NAME of FOLDER -->`")
        summary = _summary(where, document.parent, *head.groups(default=""))
        ends = (later for _, later in kept if later.startswith((_BEGIN, _END)))
        if next(ends, "").rstrip() != _END:
            raise InputError(f"{where}: the summary has no end, expected a line `{_END}`")
        made += ["", *summary, "", _END]
        summaries += 1
    if not summaries:
        raise InputError(
            f"{document}: has no summary, expected at least one, a line `{_BEGIN} NAME of FOLDER"
            f" -->` and a line `{_END}`"
        )
    windows = b"\r\n" in document.read_bytes()
    return ("\r\n" if windows else "\n").join(made)


def _summary(where: str, beside: Path, name: str, argument: str, folder: str) -> list[str]:
    if name not in SUMMARIES:
        raise InputError(
            f"{where}: got the summary {name!r:.80}, expected one of {', '.join(SUMMARIES)}"
        )
    make, arguments = SUMMARIES[name]
    if arguments is not None and argument not in arguments:
        expected = " or ".join(filter(None, arguments)) or "nothing"
        raise InputError(
            f"{where}: got {argument or 'nothing'!r:.80} after {name}, expected {expected}"
        )
    results = Path(os.path.normpath(beside / folder))
    try:
        return make(results, argument)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{where}: {results}: expected the tables of a run, {error}") from None


def verdicts(results: Path, _: str) -> list[str]:
    """Return how many of the paper's numbers agree and deviate, by table of the paper."""
    numbers = _records(results / "comparison.csv")
    counts = Counter((one["table"], one["verdict"]) for one in numbers)
    rows = []
    for table, title in TABLES.items():
        agree, deviate = (counts[table, verdict] for verdict in DECIDED)
        if agree or deviate:
            rows.append([title, agree + deviate, agree, deviate])
    if not rows:
        return [_NOTHING_DECIDED]
    total = [sum(row[column] for row in rows) for column in (1, 2, 3)]
    return _table(["", "numbers", "agree", "deviate"], [*rows, ["together", *total]])


def table1(results: Path, corpus: str) -> list[str]:
    """Return a corpus's numbers of Table 1 for each C, the paper's in brackets."""
    return _of_table("table1", results, corpus)


def table3(results: Path, corpus: str) -> list[str]:
    """Return a corpus's numbers of Table 3 for each C and the test set, the paper's in brackets."""
    return _of_table("table3", results, corpus)


def table4(results: Path, corpus: str) -> list[str]:
    """Return a corpus's numbers of Table 4 for each phenomenon, the paper's in brackets."""
    return _of_table("table4", results, corpus, line=lambda one: one["row"], across=_column)


def _of_C(one: Record) -> str:
    return f"C = {one['C']}" if one["C"] else "test set"


def _of_table(
    table: str,
    results: Path,
    corpus: str,
    *,
    line: Callable[[Record], str] | None = None,
    across: Callable[[Record], str] = _of_C,
) -> list[str]:
    """Return numbers that are decided or, if none is, those that are of other models or text.

    line, across: what a number's line and column are; by default the paper's column, and C.
    """
    of_corpus = [
        one
        for one in _records(results / "comparison.csv")
        if one["table"] == table and one["corpus"] == corpus and one["ours"]
    ]
    decided = [one for one in of_corpus if one["verdict"] in DECIDED]
    numbers = decided or of_corpus
    if not numbers:
        raise InputError(
            f"{results / 'comparison.csv'}: has no number of {TABLES[table]} for {corpus!r:.80}"
        )
    columns = list(dict.fromkeys(map(across, numbers)))
    rows: dict[str, dict[str, str]] = {}
    for one in numbers:
        mark = "" if _agrees(one) else "*"
        text = f"{_number(one, 'ours')}{mark} ({_number(one, 'paper')})"
        rows.setdefault((line or _column)(one), {})[across(one)] = text
    of_others = "" if decided else ", of another corpus, model or text than ours"
    return [
        *_table(
            ["", *columns],
            ([name, *(row.get(one, "–") for one in columns)] for name, row in rows.items()),
        ),
        "",
        f"In brackets the paper's number{of_others}; * deviates from it by more than the"
        " tolerance.",
    ]


def _agrees(one: Record) -> bool:
    """Return whether our number agrees with the paper's, whatever it is of."""
    if one["verdict"] in DECIDED:
        return one["verdict"] == DECIDED[0]
    return abs(float(one["difference"])) <= float(one["tolerance"])


def deviations(results: Path, _: str) -> list[str]:
    """Return the numbers that deviate, with difference and tolerance."""
    decided = [one for one in _records(results / "comparison.csv") if one["verdict"] in DECIDED]
    if not decided:
        return [_NOTHING_DECIDED]
    numbers = [one for one in decided if one["verdict"] == DECIDED[1]]
    if not numbers:
        return ["No number deviates."]
    columns = ("paper", "ours", "difference", "tolerance")
    return _table(
        ["table", "row", "column", *columns],
        (
            [
                TABLES[one["table"]],
                one["row"],
                _column(one),
                *(_number(one, column) for column in columns),
            ]
            for one in numbers
        ),
    )


def claims(results: Path, which: str) -> list[str]:
    """Return each claim with its verdict on our measurements and on the paper's numbers.

    which: "decided" leaves out those for which our measurements do not suffice; "" none.
    """
    rows = []
    for one in _records(results / "claims.csv"):
        if which == "decided" and one["verdict"] not in ("holds", "does not hold"):
            continue
        interval = "–"
        if one["value"]:
            interval = _short(one["value"])
            if one["low"] and one["high"]:
                interval += f" [{_short(one['low'])}, {_short(one['high'])}]"
        rows.append(
            [
                *(one["section"], one["says"], one["statistic"], one["bound"], interval),
                *(one["verdict"], one["printed_verdict"]),
            ]
        )
    head = ["section", "claim", "statistic", "bound", "worst value", "here", "paper's numbers"]
    return _table(head, rows)


def costs(results: Path, _: str) -> list[str]:
    """Return the jobs and processor hours of each rule that took over a minute, and in all.

    A rule with jobs that recorded no costs is shown, however short its others were.
    """
    rules = [
        (one["rule"], int(one["jobs"]), int(one["recorded"]), float(one["cpu_seconds"] or 0))
        for one in _records(results / "run/costs.csv")
    ]
    if not rules:
        return ["No job of this run recorded its costs."]
    rows = [
        [f"`{rule}`", *_job_costs(jobs, recorded, seconds)]
        for rule, jobs, recorded, seconds in rules
        if seconds > 60 or recorded < jobs
    ]
    jobs, recorded, seconds = (sum(column) for column in list(zip(*rules, strict=True))[1:])
    together = ["together", *_job_costs(jobs, recorded, seconds)]
    return _table(["rule", "jobs", "processor hours"], [*rows, together])


def _job_costs(jobs: int, recorded: int, seconds: float) -> tuple[str, str]:
    """Format jobs and hours: 12 (3 not recorded) and 1.0, or – if none was recorded."""
    missing = f" ({jobs - recorded} not recorded)" if recorded < jobs else ""
    return f"{jobs}{missing}", f"{seconds / 3600:.1f}" if recorded else "–"


def choices(results: Path, experiment: str) -> list[str]:
    """Return how each choice of C ended, and what a training at it has.

    experiment: whose table it is, "" for automatic-C.
    """
    columns = {
        "seed": "seed",
        "C": "C",
        "grid_C": "C of the grid",
        "cost_in_trainings": "trainings",
        "distortion_nats": "D",
        "rate_nats": "R",
        "mutual_information_nats": "I",
        "soft_active_units": "AU",
        "fce_nats": "FCE",
    }
    path = results / f"{experiment or 'automatic-C'}.csv"
    numbers = [one for one in _records(path) if one["way"]]
    if not numbers:
        raise InputError(f"{path}: has no choice of C, expected the file of a run")
    # Of one corpus and model, as most are, the text says which.
    several = [name for name in ("corpus", "model") if len({one[name] for one in numbers}) > 1]
    for one in numbers:
        if one["status"] == "infeasible":
            one["C"] = ""
    rows = (
        [
            *(one[name] for name in several),
            one["way"],
            *(_short(one[name]) if one[name] else "–" for name in columns),
            one["status"],
            {"true": "yes", "false": "no"}.get(one["confirmed"], "–"),
        ]
        for one in numbers
    )
    return _table([*several, "way", *columns.values(), "search", "confirmed"], rows)


def frontier(results: Path, experiment: str) -> list[str]:
    """Return D, its height above the hull, R, I and active units of each method, means over seeds.

    experiment: whose frontier it is, "" for frontier. Methods with the same values of C share a
    table, that with the most values first.
    """
    path = results / f"{experiment or 'frontier'}.csv"
    methods: dict[tuple[str, str], dict[str, Record]] = {}
    for one in _records(path):
        methods.setdefault((one["corpus"], one["model"]), {})[one["C"]] = one
    if not methods:
        raise InputError(f"{path}: has no method, expected the file of a run")
    several = len({corpus for corpus, _ in methods}) > 1
    levels = sorted(dict.fromkeys(map(tuple, methods.values())), key=len, reverse=True)
    made = []
    for each in levels:
        points = {name: of for name, of in methods.items() if tuple(of) == each}
        measured = [
            (title, columns, places)
            for title, (columns, places) in _FRONTIER.items()
            if any(one[columns[0]] for of in points.values() for one in of.values())
        ]
        # Methods that do not use C have C = 0 alone.
        head = [
            title if each == ("0",) else f"{title} at C = {C}"
            for title, *_ in measured
            for C in each
        ]
        rows = (
            [
                *([corpus] if several else []),
                model,
                *(_at_one_C(of[C], *numbers) for _, *numbers in measured for C in each),
            ]
            for (corpus, model), of in points.items()
        )
        made += ["", *_table([*(["corpus"] if several else []), "model", *head], rows)]
    return made[1:]


def _at_one_C(one: Record, columns: Sequence[str], places: int) -> str:
    """Format a number, and in brackets the other one, if there is one; – if it is not known."""
    known = [shown(float(one[column]), places) for column in columns if one[column]]
    return " ".join([*known[:1], *(f"({value})" for value in known[1:])]) or "–"


# Name -> function of the folder of results and an argument; the arguments it takes, None for any.
SUMMARIES: dict[str, tuple[Callable[[Path, str], list[str]], tuple[str, ...] | None]] = {
    "verdicts": (verdicts, ("",)),
    "table1": (table1, None),
    "table3": (table3, None),
    "table4": (table4, None),
    "deviations": (deviations, ("",)),
    "claims": (claims, ("", "decided")),
    "costs": (costs, ("",)),
    "choices": (choices, None),
    "frontier": (frontier, None),
}


def _records(path: Path) -> list[Record]:
    return [Record(path, line) for line in csv.DictReader(io.StringIO(read_text(path)))]


def _column(one: Record) -> str:
    """Return the column of a number; a deviation is in parentheses in that of the FCE."""
    deviates = one["metric"] == "fce_standard_deviation"
    return one["column"] + (", deviation" if deviates else "")


def _number(one: Record, column: str) -> str:
    places = printed_decimals(one["printed"], one["unit"], float(one["paper"]))
    return shown(float(one[column]), places) if one[column] else "–"


def _short(text: str) -> str:
    return f"{float(text):.3g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a Markdown table; the first column is text, numbers are not aligned."""

    def line(cells: Iterable[object]) -> str:
        # <unk> would be a tag.
        texts = (_TAG.sub("&lt;", str(cell).replace("|", "&#124;")) for cell in cells)
        return f"| {' | '.join(texts)} |"

    return [line(head), f"|{'---|' * len(head)}", *map(line, rows)]
