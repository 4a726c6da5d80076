"""What the embedded grammar says of generated sentences: how many it accepts, and how probable.

The grammar is the source itself, so its verdict is exact: no language model stands between.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.parsing import InsideParser
from textvae.progress import progress


def measure(sentences: Collection[Sequence[str]]) -> dict[str, Any]:
    """accepted_percent of N sentences, and mean_log_probability in nats of those accepted.

    The mean is None where none is. A good sample's mean is -H, the grammar's negative entropy.
    """
    parser = InsideParser(english_like())
    accepted, total = 0, 0.0
    distinct = Counter(tuple(sentence) for sentence in sentences)
    with progress("parsed", len(sentences), "sentences") as done:
        for sentence, count in distinct.items():
            log_probability = parser.log_probability(sentence)
            if log_probability > float("-inf"):
                accepted += count
                total += count * log_probability
            done(count)
    return {
        "accepted_percent": 100 * accepted / len(sentences),
        "mean_log_probability": total / accepted if accepted else None,
    }
