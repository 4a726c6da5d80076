"""The record of a language model's training, as measurements read it."""

import json

import pytest

from input_errors import refusal
from textvae.models.language_model import origin


@pytest.mark.parametrize("sentences", ["many", None, 1.5, [3]])
def test_number_of_sentences_that_is_none_is_refused(tmp_path, sentences):
    (tmp_path / "config.json").write_text(json.dumps({"training": {"sentences": sentences}}))
    message = refusal(origin, tmp_path)
    assert message.startswith(f"{tmp_path / 'config.json'}: 'sentences' of 'training' is ")


@pytest.mark.parametrize("training", [{}, {"sentences": 3, "text": "a"}])
def test_record_of_a_training_may_lack_its_sentences(tmp_path, training):
    (tmp_path / "config.json").write_text(json.dumps({"training": training}))
    assert origin(tmp_path) == training
