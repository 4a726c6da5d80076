"""Packing loses nothing and pads nothing."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.models.batches import by_tokens, pack

sentences = st.lists(
    st.lists(st.integers(1, 50), min_size=1, max_size=12).map(np.array), min_size=1, max_size=9
)


def test_a_batch_by_hand():
    batch = pack([np.array([5]), np.array([7, 8])])
    # Step 1: "7" of the longer sentence, "5"; step 2: "8", and the end of "5"; step 3: the end.
    assert batch.words.tolist() == [7, 5, 8, 0, 0]
    assert batch.previous.tolist() == [0, 0, 7, 5, 8]
    assert batch.rows.tolist() == [0, 1, 0, 1, 0]
    assert batch.sizes.tolist() == [2, 2, 1]
    assert batch.order.tolist() == [1, 0]
    assert len(batch) == 2
    assert batch.lengths.tolist() == [3, 2]
    assert batch.steps.tolist() == [0, 0, 1, 1, 2]
    assert batch.ends.tolist() == [4, 3]


@given(sentences)
@settings(deadline=None)
def test_every_sentence_is_there_once_with_its_end(given_sentences):
    batch = pack(given_sentences)
    assert len(batch.words) == sum(len(sentence) + 1 for sentence in given_sentences)
    for row, index in enumerate(batch.order.tolist()):
        words = given_sentences[index].tolist()
        assert batch.words[batch.rows == row].tolist() == [*words, 0]
        assert batch.previous[batch.rows == row].tolist() == [0, *words]


@given(sentences)
@settings(deadline=None)
def test_steps_and_ends(given_sentences):
    batch = pack(given_sentences)
    for row, index in enumerate(batch.order.tolist()):
        length = len(given_sentences[index]) + 1
        assert batch.lengths[row] == length
        assert batch.steps[batch.rows == row].tolist() == list(range(length))
        assert (batch.rows == row).nonzero().flatten()[-1] == batch.ends[row]


@given(sentences)
@settings(deadline=None)
def test_sums_and_order(given_sentences):
    batch = pack(given_sentences)
    totals = batch.restore(batch.per_sentence(batch.words.double()))
    assert totals.tolist() == [float(sentence.sum()) for sentence in given_sentences]


def test_packed_data_are_what_torch_packs():
    batch = pack([np.array([3, 4]), np.array([5]), np.array([6, 7, 8])])
    packed = batch.packed(batch.words)
    padded, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    assert padded.tolist() == [[6, 7, 8, 0], [3, 4, 0, 0], [5, 0, 0, 0]]
    assert lengths.tolist() == [4, 3, 2]


def test_what_is_arranged_is_restored():
    batch = pack([np.array([3, 4]), np.array([5]), np.array([6, 7, 8])])
    by_sentence = torch.tensor([[10.0], [20.0], [30.0]])
    assert batch.arrange(by_sentence).tolist() == [[30], [10], [20]]
    assert batch.restore(batch.arrange(by_sentence)).tolist() == by_sentence.tolist()


def test_batches_of_neighbours_by_hand():
    lengths = np.array([3, 3, 4, 9, 20, 1, 1])
    assert list(by_tokens(lengths, 10)) == [slice(0, 3), slice(3, 4), slice(4, 5), slice(5, 7)]


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 60))
@settings(deadline=None)
def test_batches_hold_each_sentence_once_and_as_many_as_fit(lengths, budget):
    parts = list(by_tokens(np.array(lengths, dtype=np.int64), budget))
    covered = [i for part in parts for i in range(part.start, part.stop)]
    assert covered == list(range(len(lengths)))
    for part in parts:
        inside = sum(lengths[part])
        assert inside <= budget or part.stop - part.start == 1
        if part.stop < len(lengths):
            assert inside + lengths[part.stop] > budget
