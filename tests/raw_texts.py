"""Three small raw splits, and the way back from a prepared corpus to text."""

from pathlib import Path

from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus

TEXTS = {
    "train": "the cat sat .\nthe dog sat on the cat .\n\na cat\n",
    "valid": "the cow sat .\na cat\n",
    "test": "cat\nthe dog\nthe end\n",
}


def write(folder: Path, texts: dict[str, str] = TEXTS) -> dict[str, Path]:
    paths = {split: folder / f"{split}.txt" for split in SPLITS}
    for split, path in paths.items():
        path.write_text(texts[split], encoding="utf-8")
    return paths


def decoded(folder: Path, split: str) -> list[str]:
    corpus = EncodedCorpus(folder)
    sentences = corpus.split(split)
    return [" ".join(corpus.vocabulary.decode(sentences[i])) for i in range(len(sentences))]
