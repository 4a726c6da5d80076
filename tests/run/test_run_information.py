"""The record of a run: its configuration, its software and its machine."""

import json
import re

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.run.information import Machine, configuration_yaml, information, information_page

MACHINE = Machine("Linux-6", "A Fast One", 8, 31.2, ("H100, 80 GiB",))

keys = st.text(min_size=1, max_size=10)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(keys, values, max_size=4))
def test_the_configuration_reads_back_as_it_was(configuration):
    found = yaml.safe_load(configuration_yaml(configuration)) or {}
    assert found == configuration
    assert list(found) == list(configuration)


def test_as_data():
    found = json.loads(json.dumps(information(MACHINE, {"torch": "2.1"}, {"textvae.cells": "ab"})))
    assert found["machine"]["gpus"] == ["H100, 80 GiB"]
    assert found["software"] == {"torch": "2.1"}
    assert found["code"] == {"textvae.cells": "ab"}


def test_the_page_shows_all_three():
    page = information_page("targets: [a]\n  # indented\n", MACHINE, {"torch": "2.1+cpu"})
    assert '<th scope="row">processor</th><td>A Fast One</td>' in page
    assert '<th scope="row">memory</th><td>31.2 GiB</td>' in page
    assert '<th scope="row">torch</th><td>2.1+cpu</td>' in page
    assert "<pre>targets: [a]\n  # indented</pre>" in page


def test_what_the_system_does_not_say():
    page = information_page("", Machine("Linux", None, 1, None, ()), {})
    shown = dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page))
    assert shown == {
        "system": "Linux",
        "processor": "unknown",
        "cores": "1",
        "memory": "unknown",
        "GPUs": "none",
    }


def test_nothing_in_a_configuration_is_markup():
    page = information_page(
        configuration_yaml({"caption": "</pre><script>x</script>"}), MACHINE, {"<b>": "<i>"}
    )
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;/pre&gt;&lt;script&gt;" in page
