"""Packed batches contain every token once, without padding."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_packed_sequence

from textvae.models.batches import by_tokens, pack


def test_batch_by_hand():
    batch = pack([np.array([5]), np.array([7, 8])])
    assert (len(batch), batch.order.tolist(), batch.lengths.tolist()) == (2, [1, 0], [3, 2])
    # Step 1: "7" of the longer sentence, "5"; step 2: "8", `<eos>` of "5"; step 3: `<eos>`.
    assert batch.words.tolist() == [7, 5, 8, 0, 0]
    assert batch.previous.tolist() == [0, 0, 7, 5, 8]
    assert batch.rows.tolist() == [0, 1, 0, 1, 0]
    assert batch.sizes.tolist() == [2, 2, 1]
    assert batch.steps.tolist() == [0, 0, 1, 1, 2]
    assert batch.ends.tolist() == [4, 3]


words = st.lists(st.integers(1, 50), max_size=12).map(lambda ids: np.array(ids, dtype=np.int64))


@given(st.lists(words, min_size=1, max_size=9))
@settings(deadline=None)
def test_every_sentence_is_packed_once_with_its_end(sentences):
    batch = pack(sentences)
    assert len(batch.words) == sum(len(sentence) + 1 for sentence in sentences)
    for row, index in enumerate(batch.order.tolist()):
        ids, mine = sentences[index].tolist(), batch.rows == row
        assert batch.words[mine].tolist() == [*ids, 0]
        assert batch.previous[mine].tolist() == [0, *ids]
        assert batch.lengths[row] == len(ids) + 1
        assert batch.steps[mine].tolist() == list(range(len(ids) + 1))
        assert mine.nonzero().flatten()[-1] == batch.ends[row]
    totals = batch.restore(batch.per_sentence(batch.words.double()))
    assert totals.tolist() == [float(sentence.sum()) for sentence in sentences]


def test_packed_data_and_order_by_hand():
    batch = pack([np.array([3, 4]), np.array([5]), np.array([6, 7, 8])])
    padded, lengths = pad_packed_sequence(batch.packed(batch.words), batch_first=True)
    assert padded.tolist() == [[6, 7, 8, 0], [3, 4, 0, 0], [5, 0, 0, 0]]
    assert lengths.tolist() == [4, 3, 2]
    by_sentence = torch.tensor([[10.0], [20.0], [30.0]])
    assert batch.arrange(by_sentence).tolist() == [[30], [10], [20]]
    assert batch.restore(batch.arrange(by_sentence)).tolist() == by_sentence.tolist()


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 60))
@settings(deadline=None)
def test_slices_contain_as_many_sentences_as_fit(lengths, budget):
    parts = list(by_tokens(np.array(lengths, dtype=np.int64), budget))
    covered = [i for part in parts for i in range(part.start, part.stop)]
    assert covered == list(range(len(lengths)))
    for part in parts:
        inside = sum(lengths[part])
        assert inside <= budget or part.stop - part.start == 1
        if part.stop < len(lengths):
            assert inside + lengths[part.stop] > budget
