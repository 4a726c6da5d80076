"""The catalogue follows from registration; a file outside the package adds a claim."""

import csv
import json
import os
import subprocess
import sys

import pytest

from textvae.paper.claims.claim import catalogue

EXTENSION = """
from textvae.paper.claims.claim import above
from textvae.registry import CLAIMS


@CLAIMS.register(
    "rates-are-positive",
    summary="Every rate is positive.",
    section="3.1",
    statistic="R, nats",
    bound=above(0),
)
def rates_are_positive(evidence):
    for series in evidence.series():
        for C, rate in series.over_C("rate_nats").items():
            yield series.location(C), rate
"""


def test_claims_come_in_the_papers_order():
    sections = [claim.section for claim in catalogue()]
    assert list(dict.fromkeys(sections)) == [
        *("3.1", "footnote 3", "footnote 5", "footnote 6", "3.2", "3.3.1", "footnote 7"),
        *("3.3.2", "footnote 8", "3.4", "4"),
    ]
    assert [claim.name for claim in catalogue() if claim.section == "3.1"] == [
        *("rate-meets-its-target", "any-C-avoids-collapse", "distortion-falls"),
        *("gain-varies-with-architecture", "gain-varies-with-corpus"),
        *("active-units-grow", "bleu-grows", "rouge-grows"),
    ]


@pytest.fixture
def extended(tmp_path):
    """Run code with the extension, one that may have some of its text replaced."""

    def run(code, *arguments, **replaced):
        text = EXTENSION
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "positive.py").write_text(text)
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=os.environ
            | {
                "TEXTVAE_EXTENSIONS": str(tmp_path / "positive.py"),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    return run


RENDER = (
    "from pathlib import Path;"
    " from textvae.paper.claims.claim import catalogue;"
    " from textvae.paper.claims.decision import decide, decide_as_printed;"
    " from textvae.paper.claims.samples import printed;"
    " from textvae.paper.claims.samples import read_specs, samples_of;"
    " from textvae.paper.exhibits.claims import claims_csv;"
    " from textvae.paper.measurements import from_csv;"
    " ours = samples_of(from_csv(Path('m.csv')), [], read_specs([Path('c.json')]), {});"
    " pairs = [(decide(one, ours), decide_as_printed(one, printed())) for one in catalogue()];"
    " print(claims_csv(pairs), end='')"
)


def test_a_claim_of_an_extension_is_in_the_table(extended, tmp_path):
    (tmp_path / "m.csv").write_text(
        "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
        "mine,lstm,3,1,,,rate-distortion,test,200,rate_nats,2.5\n"
    )
    content = {
        "cell": {"corpus": "mine", "model": "lstm", "C": 3, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
        "training": {"recipe": {"objective": "rate-target", "beta": 1, "epochs": 10}},
    }
    (tmp_path / "c.json").write_text(json.dumps(content))
    result = extended(RENDER)
    assert (result.returncode, result.stderr) == (0, "")
    records = list(csv.DictReader(result.stdout.splitlines()))
    assert len(records) == len(catalogue()) + 1
    # After the package's own claims of its section.
    sections = [record["section"] for record in records]
    found = records[sections.index("footnote 3") - 1]
    assert (found["claim"], found["says"]) == ("rates-are-positive", "Every rate is positive.")
    assert (found["bound"], found["verdict"], found["value"]) == ("> 0", "holds", "2.5")
    assert found["place"] == "mine, lstm, C = 3"
    # The paper prints 99 nats for 100, and no rate that is not positive.
    assert found["printed_verdict"] == "holds"


CATALOGUE = """
from textvae.errors import InputError
from textvae.paper.claims.claim import catalogue
try:
    print(catalogue())
except InputError as error:
    print(error)
"""


def test_a_registration_that_lacks_a_fact_is_named(extended, tmp_path):
    result = extended(CATALOGUE, **{"    bound=above(0),\n": ""})
    assert result.stdout == (
        f"{tmp_path / 'positive.py'}: the claim 'rates-are-positive' is registered without bound=\n"
    )
