"""The rows of Table 4, by the names that sets of minimal pairs give them.

A metric of a row is named after it: agreement.simple.p1 is p1 of agreement.simple. Pairs that are
not Marvin and Linzen's (2018) may have rows of any name.
"""

from collections.abc import Container, Iterable, Sequence

from textvae.paper.rows import Row

# The paper's headings, and under each its rows and what it calls them, in its order.
HEADINGS = {
    "Subject-verb agreement": {
        "agreement.simple": "Simple",
        "agreement.sentential-complement": "In a sentential complement",
        "agreement.short-vp-coordination": "Short VP coordination",
        "agreement.long-vp-coordination": "Long VP coordination",
        "agreement.prepositional-phrase": "Across a prepositional phrase",
        "agreement.subject-relative": "Across a subject relative clause",
        "agreement.across-object-relative": "Across an object relative clause",
        "agreement.across-object-relative-no-that": "Across an object relative (no that)",
        "agreement.in-object-relative": "In an object relative clause",
        "agreement.in-object-relative-no-that": "In an object relative (no that)",
    },
    "Reflexive anaphora": {
        "reflexive.simple": "Simple",
        "reflexive.sentential-complement": "In a sentential complement",
        "reflexive.relative-clause": "Across a relative clause",
    },
    "Negative polarity items": {
        "npi.simple": "Simple",
        "npi.relative-clause": "Across a relative clause",
    },
}

ROWS = tuple(name for titles in HEADINGS.values() for name in titles)


def with_metrics(rows: Iterable[Row], metrics: Container[str]) -> list[Row]:
    """Those rows of measurements where some syntactic row has one of the metrics (p1)."""
    return [row for row in rows if names_in([row], metrics)]


def names_in(rows: Iterable[Row], metrics: Container[str]) -> list[str]:
    """The syntactic rows that have one of the metrics: the paper's in its order, others by name."""
    found = {
        name
        for row in rows
        for name, dot, metric in (full.rpartition(".") for full in row.values)
        if dot and metric in metrics
    }
    return [name for name in ROWS if name in found] + sorted(found.difference(ROWS))


def by_heading(names: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Names with their titles, under the paper's headings in capitals; headings without any left
    out.

    Those that the paper has not come last, under the heading "", each by its own name.
    """
    groups = [
        (heading.upper(), {name: title for name, title in titles.items() if name in names})
        for heading, titles in HEADINGS.items()
    ]
    groups.append(("", {name: name for name in names if name not in ROWS}))
    return [(heading, titles) for heading, titles in groups if titles]
