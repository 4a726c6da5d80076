"""Three small raw splits, and the sentences of a prepared corpus as text."""

from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus

TEXTS = {
    "train": "the cat sat .\nthe dog sat on the cat .\n\na cat\n",
    "valid": "the cow sat .\na cat\n",
    "test": "cat\nthe dog\nthe end\n",
}


def write(folder, texts=TEXTS):
    """Write the raw splits; return their paths by split."""
    paths = {split: folder / f"{split}.txt" for split in SPLITS}
    for split, path in paths.items():
        path.write_text(texts[split], encoding="utf-8")
    return paths


def decoded(folder, split):
    """Return the sentences of a split of a prepared corpus."""
    corpus = EncodedCorpus(folder)
    sentences = corpus.split(split)
    return [" ".join(corpus.vocabulary.decode(sentences[i])) for i in range(len(sentences))]
