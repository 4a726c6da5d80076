"""Read the minimal pairs of Marvin and Linzen (2018), the data of the paper's Table 4.

There are 22 pickles, one for each template: a dictionary from subcategories to lists of tuples,
each a grammatical sentence, an ungrammatical one and, for polarity items, a third, which is not
used. The name of a subcategory contains the numbers of its nouns, beginning with the noun that the
critical word agrees with: sing_MS_MV_plur_ES has a singular main subject and a plural embedded one.
Polarity items are grouped by tense, past and future, and have no number.
"""

from collections.abc import Iterator
from pathlib import Path

from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.pickles import load
from textvae.corpora.sources import check_unchanged
from textvae.errors import InputError

# Position of the noun that the critical word agrees with: the second word of its phrase, or the
# word before the critical word, which is the first that differs between the two sentences.
_SUBJECT = 1  # the AUTHOR laughs
_EMBEDDED = 4  # the mechanics said the AUTHOR laughs
_BEFORE = -1  # the author that the security GUARD likes laughs

# File -> row of Table 4 that it counts for, and its noun; in the order of the table.
FILES = {
    "simple_agrmt": ("agreement.simple", _SUBJECT),
    "sent_comp": ("agreement.sentential-complement", _EMBEDDED),
    "vp_coord": ("agreement.short-vp-coordination", _SUBJECT),
    "long_vp_coord": ("agreement.long-vp-coordination", _SUBJECT),
    "prep_anim": ("agreement.prepositional-phrase", _SUBJECT),
    "prep_inanim": ("agreement.prepositional-phrase", _SUBJECT),
    "subj_rel": ("agreement.subject-relative", _SUBJECT),
    "obj_rel_across_anim": ("agreement.across-object-relative", _SUBJECT),
    "obj_rel_across_inanim": ("agreement.across-object-relative", _SUBJECT),
    "obj_rel_no_comp_across_anim": ("agreement.across-object-relative-no-that", _SUBJECT),
    "obj_rel_no_comp_across_inanim": ("agreement.across-object-relative-no-that", _SUBJECT),
    "obj_rel_within_anim": ("agreement.in-object-relative", _BEFORE),
    "obj_rel_within_inanim": ("agreement.in-object-relative", _BEFORE),
    "obj_rel_no_comp_within_anim": ("agreement.in-object-relative-no-that", _BEFORE),
    "obj_rel_no_comp_within_inanim": ("agreement.in-object-relative-no-that", _BEFORE),
    "simple_reflexives": ("reflexive.simple", _SUBJECT),
    "reflexive_sent_comp": ("reflexive.sentential-complement", _EMBEDDED),
    "reflexives_across": ("reflexive.relative-clause", _SUBJECT),
    "simple_npi_anim": ("npi.simple", _SUBJECT),
    "simple_npi_inanim": ("npi.simple", _SUBJECT),
    "npi_across_anim": ("npi.relative-clause", _SUBJECT),
    "npi_across_inanim": ("npi.relative-clause", _SUBJECT),
}

_NUMBERS = {"sing": "singular", "plur": "plural", "past": "", "future": ""}


def read_folder(folder: Path) -> list[Pair]:
    """Return all pairs of the 22 files, in the order of FILES and of each pickle.

    InputError if a file is missing or malformed, or if there are other pickles (your own pairs go
    in a table, see `textvae.corpora.minimal_pairs`).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder, expected that of Marvin and Linzen's pickles")
    present = {path.stem for path in folder.glob("*.pickle") if not path.name.startswith(".")}
    if missing := [f"{name}.pickle" for name in FILES if name not in present]:
        advice = f"`textvae fetch syneval` downloads all {len(FILES)}"
        raise InputError(f"{folder}: missing {', '.join(missing)}; {advice}")
    if unknown := sorted(present - FILES.keys()):
        expected = f"expected only the {len(FILES)} of Marvin and Linzen"
        raise InputError(f"{folder}: {unknown[0]}.pickle, {expected} (other pairs go in a table)")
    return [pair for name in FILES for pair in _pairs(folder / f"{name}.pickle")]


def _pairs(path: Path) -> Iterator[Pair]:
    """Yield the pairs of one file."""
    row, noun = FILES[path.stem]
    for subcategory, examples in _examples_by_subcategory(path).items():
        number = _NUMBERS.get(subcategory.split("_")[0])
        if number is None:
            expected = "expected past, future, or a name that begins with sing_ or plur_"
            raise InputError(f"{path}: subcategory {subcategory[:80]!r}, {expected}")
        for position, (grammatical, ungrammatical, *_) in enumerate(examples, start=1):
            sentences = " ".join(grammatical.split()), " ".join(ungrammatical.split())
            try:
                item = _item(*sentences, noun, number)
                yield Pair(*sentences, row, path.stem, subcategory, item, number)
            except InputError as error:
                raise InputError(
                    f"{path}: {subcategory[:80]!r}, pair {position}: {error}"
                ) from None


def _examples_by_subcategory(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the contents of one file; InputError if they do not have the shape of these files."""
    check_unchanged(path)
    content = load(path)
    expected = "expected a dictionary from subcategories to lists of (grammatical, ungrammatical)"
    # `load` returns only plain types, and its dictionaries have texts as keys.
    if not isinstance(content, dict) or not content:
        raise InputError(f"{path}: {expected}")
    for subcategory, examples in content.items():
        if not isinstance(examples, list) or not examples:
            raise InputError(f"{path}: {subcategory[:80]!r}: {expected}")
        for position, example in enumerate(examples, start=1):
            texts = isinstance(example, tuple) and all(isinstance(text, str) for text in example)
            if not (texts and len(example) >= 2):
                raise InputError(f"{path}: {subcategory[:80]!r}, pair {position}: {expected}")
    return content


def _item(grammatical: str, ungrammatical: str, noun: int, number: str) -> str:
    """Return the noun without its number; InputError if its form does not have that number."""
    words, others = grammatical.split(), ungrammatical.split()
    if noun == _BEFORE:
        same = [word == other for word, other in zip(words, others, strict=False)]
        noun = (same.index(False) if False in same else len(same)) - 1
    elif words[noun : noun + 1] == ["television"]:
        noun += 1
    if not 0 <= noun < len(words):
        raise InputError(f"{grammatical!r}, expected a noun that the critical word agrees with")
    form = words[noun]
    # All plurals of these nouns are regular, and no singular ends in s; polarity items go with
    # plurals throughout.
    if number and form.endswith("s") != (number == "plural"):
        raise InputError(f"{grammatical!r}: {form!r}, expected a {number} noun")
    return form.removesuffix("s")
