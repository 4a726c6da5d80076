"""Pickles: which values are read, and that hostile ones neither run code nor fill the memory."""

import io
import os
import pickle
import struct
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from input_errors import refusal, value_or_refusal
from template_pickles import write_pickle
from textvae.corpora import pickles
from textvae.corpora.pickles import load

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
EXAMPLE = {"sing_MS_MV": [("the author laughs", "the author laugh")]}
WHOLE = pickle.dumps(EXAMPLE, 2)


def refused(path, data):
    path.write_bytes(data)
    message = refusal(load, path)
    assert message.startswith(str(path))
    assert len(message) < 400
    return message.removeprefix(str(path))


class NoCalls(pickle.Unpickler):
    """Python's unpickler; fails if a pickle names a class or function."""

    def find_class(self, module, name):
        raise AssertionError(f"{module}.{name}")


ANY_TEXT = st.text(st.characters(exclude_categories=[]))
PLAIN = st.recursive(
    ANY_TEXT,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(ANY_TEXT, inner),
)


@settings(deadline=None, max_examples=100)
@given(value=PLAIN, protocol=st.sampled_from(PROTOCOLS))
@example(value=["a"] * 3000, protocol=2)
@example(value={str(i): (str(i),) for i in range(3000)}, protocol=4)
@example(value="a" * 300, protocol=4)
def test_plain_values_are_read_back(tmp_path_factory, value, protocol):
    path = tmp_path_factory.getbasetemp() / "plain.pickle"
    write_pickle(path, value, protocol)
    assert load(path) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [  # as Python 2 writes 'a', in its three protocols; é as bytes of latin-1
        (b"S'a'\np1\n.", "a"),
        (b"\x80\x02U\x01\xe9q\x01.", "é"),
        (b"T\x01\x00\x00\x00\xe9.", "é"),
        (b"S'caf\\'e'\n.", "caf'e"),
        (b"(lp1\n(S'a'\nS'b'\ntp2\na.", [("a", "b")]),
        (b"(dp1\nS'a'\n(lp2\ns.", {"a": []}),
    ],
)
def test_pickles_of_python_2_are_read(tmp_path, data, value):
    (tmp_path / "two.pickle").write_bytes(data)
    assert load(tmp_path / "two.pickle") == value
    assert pickle.loads(data, encoding="latin-1") == value


class Call:
    """An object whose pickle calls a function."""

    def __init__(self, function, argument):
        self.reduced = function, (argument,)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_function_calls_are_named_and_not_made(tmp_path, protocol):
    call = Call(os.mkdir, str(tmp_path / "made"))
    for value in (call, {"sing": [("a", "b"), call]}):
        message = refused(tmp_path / "bad.pickle", pickle.dumps(value, protocol))
        assert f"'{os.mkdir.__module__}.mkdir'" in message
        assert not (tmp_path / "made").exists()
    pickle.loads(pickle.dumps(call, protocol))  # Python calls it
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"cos\nsystem\n(S'touch MARKER'\ntR.", "'os.system'"),
        (b"(S'touch MARKER'\nios\nsystem\n.", "'os.system'"),
        (b"(cos\nsystem\nS'touch MARKER'\no.", "'os.system'"),
        (b"\x8c\x02os\x8c\x06system\x93(S'touch MARKER'\ntR.", "'os.system'"),
        (b"(l(l\x93.", "STACK_GLOBAL"),
        (b"]}S'__class__'\nS'touch MARKER'\nsb.", "BUILD"),
        (b"]R.", "REDUCE"),
        (b"\x82\x01(S'touch MARKER'\ntR.", "EXT1"),
        (b"S'a'\nI1\n.", "5: refused the instruction INT"),
        (b"]p1\ng1\n.", "GET"),
        (b"S'a'\nS'b'\na.", "other than a list"),
        (b"](S'a'\nS'b'\nu.", "other than a dictionary"),
        (b"}S'a'\n\x85S'b'\ns.", "key that is not a text"),
    ],
)
def test_other_instructions_are_refused(tmp_path, data, name):
    data = data.replace(b"MARKER", str(tmp_path / "ran").encode())
    message = refused(tmp_path / "bad.pickle", data)
    assert message.startswith(", byte ")
    assert name in message
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
def test_truncated_pickle_is_refused(tmp_path, protocol):
    write_pickle(tmp_path / "part.pickle", EXAMPLE, protocol)
    data = (tmp_path / "part.pickle").read_bytes()
    for length in range(len(data)):
        assert "damaged" in refused(tmp_path / "part.pickle", data[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html></html>",
        *(b".", b"(.", b"]].", b"(].", b"t.", b"a.", b"\x86.", b"]a."),
        *(b"}S'a'\ns.", b"(S'a'\nd.", b"S'a.", b"Sa\n.", b"S'\\q'\n.", b"p-1\n."),
        b"X\x01\x00\x00\x00\xff.",
        WHOLE + b"\n",
    ],
)
def test_damaged_pickle_is_refused(tmp_path, data):
    assert "damaged one (from byte " in refused(tmp_path / "bad.pickle", data)


@pytest.mark.parametrize(
    "data",
    [
        b"]r\xff\xff\xff\xff.",  # memo entry 4,294,967,295: 64 GB in Python's own machine
        b"\x8d" + struct.pack("<Q", 1 << 62) + b"a.",  # a text of 2^62 bytes
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 62) + b"].",  # a frame of 2^62
        b"]q\x00" + b"(h\x00h\x00lq\x00" * 60 + b".",  # 60 lists, each twice the last one
    ],
)
def test_short_pickle_takes_little_memory(tmp_path, data):
    (tmp_path / "bad.pickle").write_bytes(data)
    tracemalloc.start()
    try:
        value_or_refusal(load, tmp_path / "bad.pickle")
        assert tracemalloc.get_traced_memory()[1] < 2 * pickles.MAX_PICKLE_BYTES
    finally:
        tracemalloc.stop()


def test_deeply_nested_tuples_are_read_but_not_as_keys(tmp_path):
    """As a key they crash Python's own machine, and with it the process."""
    depth = 100_000
    deep = b")" + b"\x85" * depth
    assert "key" in refused(tmp_path / "bad.pickle", b"}" + deep + b"S'a'\ns.")
    (tmp_path / "deep.pickle").write_bytes(deep + b".")
    value = load(tmp_path / "deep.pickle")
    while value:
        (value,) = value
        depth -= 1
    assert depth == 0


def test_file_above_the_size_limit_is_refused(tmp_path, monkeypatch):
    assert pickles.MAX_PICKLE_BYTES == 8 << 20 > 2 * 3_032_411, "the largest of the real files"
    monkeypatch.setattr(pickles, "MAX_PICKLE_BYTES", len(WHOLE))
    (tmp_path / "large.pickle").write_bytes(WHOLE)
    assert load(tmp_path / "large.pickle") == EXAMPLE
    assert f"{len(WHOLE)} bytes" in refused(tmp_path / "large.pickle", WHOLE + b"a")


def test_missing_file_or_folder_is_refused(tmp_path):
    assert "none.pickle: no such file" in refusal(load, tmp_path / "none.pickle")
    assert "is not a file" in refusal(load, tmp_path)


INSTRUCTIONS = ["S'a'\n", "U\1b", "]", "]q\1", "}", ")", "(", "l", "d", "t", "a", "e", "s", "u"]
INSTRUCTIONS += ["\x85", "\x86", "\x87", "cos\nsystem\n", "R"]
PROGRAMS = st.lists(st.sampled_from(INSTRUCTIONS)).map(lambda parts: "".join(parts) + ".")


@settings(deadline=None, max_examples=200)
@given(data=st.binary() | PROGRAMS.map(lambda program: program.encode("latin-1")))
@example(data=b"}(S'a'\n](U\1bU\1bt(U\1bU\1bteS'b'\n]U\1b\x85au.")
def test_any_bytes_give_pythons_value_or_one_line(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.pickle"
    path.write_bytes(data)
    value, message = value_or_refusal(load, path)
    if message is None:
        assert value == NoCalls(io.BytesIO(data), encoding="latin-1").load()
    else:
        assert message.startswith(str(path))
