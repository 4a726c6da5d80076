"""What is read of a pickle, and how little a hostile one can do."""

import copyreg
import io
import os
import pickle
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from realdata import real_file
from template_pickles import write_pickle
from textvae.corpora import pickles as plain_pickle
from textvae.corpora.pickles import load
from textvae.errors import InputError

REFUSED = "only texts in lists, tuples and dictionaries are read, and nothing is run"


def refusal(path: Path, data: bytes) -> str:
    """The message, one line, that names the file."""
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 400
    return message.removeprefix(str(path))


class _Refusing(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> None:
        raise AssertionError(f"{module}.{name}")


def test_real_files_hold_what_python_reads_in_them() -> None:
    paths = sorted(real_file("syneval/EMNLP2018_templates").glob("*.pickle"))
    assert len(paths) == 22
    for path in paths:
        with path.open("rb") as file:
            assert load(path) == _Refusing(file, encoding="latin-1").load()


PLAIN = st.recursive(
    st.text(st.characters(exclude_categories=[])),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=[])), inner)
    ),
)


@settings(deadline=None, max_examples=200)
@given(value=PLAIN, protocol=st.integers(0, pickle.HIGHEST_PROTOCOL))
@example(value=["a"] * 3000, protocol=2)
@example(value={str(i): (str(i),) for i in range(3000)}, protocol=4)
@example(value="a" * 300, protocol=4)
def test_plain_values_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, value: object, protocol: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "plain.pickle"
    write_pickle(path, value, protocol)
    assert load(path) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [  # as Python 2 writes 'a', in its three protocols; é as bytes of latin-1
        (b"S'a'\np1\n.", "a"),
        (b"U\x01aq\x01.", "a"),
        (b"\x80\x02U\x01\xe9q\x01.", "é"),
        (b"T\x01\x00\x00\x00\xe9.", "é"),
        (b"S'caf\\'e'\n.", "caf'e"),
        (b"(lp1\n(S'a'\nS'b'\ntp2\na.", [("a", "b")]),
        (b"(S'a'\n(ld.", {"a": []}),
        (b"(dp1\nS'a'\n(lp2\ns.", {"a": []}),
    ],
)
def test_texts_of_python_2(tmp_path: Path, data: bytes, value: object) -> None:
    path = tmp_path / "two.pickle"
    path.write_bytes(data)
    assert load(path) == value
    assert pickle.loads(data, encoding="latin-1") == value


class _Calls:
    """Unpickled by Python, it calls a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> object:
        return self.reduced


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("within", [lambda call: call, lambda call: {"sing": [("a", "b"), call]}])
def test_calls_are_named_and_not_made(tmp_path: Path, protocol: int, within) -> None:
    marker = tmp_path / "ran"
    for function, argument, name in [
        (os.system, f"touch {marker}", f"'{os.system.__module__}.system'"),
        (
            eval,
            f"__import__('os').mkdir({str(marker)!r})",
            "builtins.eval'" if protocol > 2 else ".eval'",
        ),
        (os.mkdir, str(marker), f"'{os.mkdir.__module__}.mkdir'"),
    ]:
        data = pickle.dumps(within(_Calls(function, argument)), protocol)
        said = refusal(tmp_path / "bad.pickle", data)
        assert f"{name}; {REFUSED}" in said
        assert not marker.exists()
        # It is no empty threat: Python does what this asks for.
        pickle.loads(data)
        assert marker.exists()
        marker.rmdir() if marker.is_dir() else marker.unlink()


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (b"cos\nsystem\n(S'touch MARKER'\ntR.", "'os.system'"),  # REDUCE
        (b"(S'touch MARKER'\nios\nsystem\n.", "'os.system'"),  # INST
        (b"(cos\nsystem\nS'touch MARKER'\no.", "'os.system'"),  # OBJ
        (b"\x8c\x02os\x8c\x06system\x93(S'touch MARKER'\ntR.", "'os.system'"),  # STACK_GLOBAL
        (b"(l(l\x93.", "the instruction STACK_GLOBAL"),
        (b"S'os'\nS'touch MARKER'\n\x81.", "the instruction NEWOBJ"),
        (b"S'os'\n)}\x92.", "the instruction NEWOBJ_EX"),
        (b"]}S'__class__'\nS'touch MARKER'\nsb.", "the instruction BUILD"),
        (b"Ptouch MARKER\n.", "the instruction PERSID"),
        (b"S'touch MARKER'\nQ.", "the instruction BINPERSID"),
        (b"]R.", "the instruction REDUCE"),
        (b"\x82\x01(S'touch MARKER'\ntR.", "the instruction EXT1"),
        (b"\x83\x00\x01.", "the instruction EXT2"),
        (b"\x84\x00\x00\x00\x01.", "the instruction EXT4"),
        (b"\x97.", "the instruction NEXT_BUFFER"),
        (b"I1\n.", "the instruction INT"),
        (b"N.", "the instruction NONE"),
        (b"\x8f(\x90.", "the instruction EMPTY_SET"),
        (b"C\x01a.", "the instruction SHORT_BINBYTES"),
        (b"]p1\ng1\n.", "the instruction GET"),
        (b"]2.", "the instruction DUP"),
        (b"S'a'\nS'b'\na.", "an addition to something other than a list"),
        (b"](S'a'\nS'b'\nu.", "an entry in something other than a dictionary"),
        (b"}S'a'\n\x85S'b'\ns.", "a dictionary with a key that is not a text"),
    ],
)
def test_instructions_that_are_not_carried_out(tmp_path: Path, data: bytes, asked: str) -> None:
    marker = tmp_path / "ran"
    data = data.replace(b"MARKER", str(marker).encode())
    said = refusal(tmp_path / "bad.pickle", data)
    assert said.startswith(", byte ")
    assert said.endswith(f": asks for {asked}; {REFUSED}")
    assert not marker.exists()


def test_the_byte_is_of_the_instruction(tmp_path: Path) -> None:
    assert refusal(tmp_path / "bad.pickle", b"S'a'\ncos\nsystem\n.").startswith(
        ", byte 5: asks for"
    )


def test_a_function_that_python_has_at_hand_by_number(tmp_path: Path) -> None:
    """Of a registered number, once used, Python's own machine does not even ask `find_class`."""
    data = b"\x82\xf0(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    module, name = os.system.__module__, "system"
    copyreg.add_extension(module, name, 0xF0)
    try:
        assert pickle.loads(b"\x82\xf0.") is os.system
        assert "the instruction EXT1" in refusal(tmp_path / "bad.pickle", data)
        assert not (tmp_path / "ran").exists()
        _Refusing(io.BytesIO(data)).load()
        assert (tmp_path / "ran").exists()
    finally:
        copyreg.remove_extension(module, name, 0xF0)
        copyreg.clear_extension_cache()


WHOLE = pickle.dumps({"sing_MS_MV": [("the author laughs", "the author laugh")]}, 2)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_part_of_a_pickle_is_none(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "part.pickle"
    write_pickle(path, {"sing_MS_MV": [("the author laughs", "the author laugh")]}, protocol)
    data = path.read_bytes()
    for length in range(len(data)):
        assert "not a pickle, or a damaged one (from byte " in refusal(path, data[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"the author laughs\tthe author laugh\n",
        b"<!DOCTYPE html><html></html>",
        b"\x00" * 100,
        b".",
        b"(.",
        b"]].",
        b"(].",
        b"t.",
        b"a.",
        b"\x86.",
        b"]a.",
        b"}S'a'\ns.",
        b"(S'a'\nd.",
        b"S'a.",
        b"Sa\n.",
        b"S'\\x'\n.",
        b"S'\\q'\n.",
        b"X\x01\x00\x00\x00\xff.",
        b"p-1\n.",
        b"]pa\n.",
        WHOLE + b"\n",
        WHOLE + WHOLE,
    ],
)
def test_what_is_no_pickle(tmp_path: Path, data: bytes) -> None:
    assert "not a pickle, or a damaged one (from byte " in refusal(tmp_path / "bad.pickle", data)


@pytest.mark.parametrize(
    "data",
    [
        b"]r\xff\xff\xff\xff.",  # numbers the list 4,294,967,295: 64 GB in Python's own machine
        b"]p9999999999\n.",
        b"\x8d" + struct.pack("<Q", 1 << 62) + b"a.",  # a text of so many bytes
        b"X\xff\xff\xff\xffa.",
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 62) + b"].",  # a frame of so many
        b"\x96" + struct.pack("<Q", 1 << 40) + b"a.",  # a bytearray
        b"\x8b" + struct.pack("<i", 0x7FFFFFFF) + b"1.",  # a number of so many digits
        b"L" + b"9" * 100_000 + b"L\n.",
        b"]q\x00" + b"(h\x00h\x00lq\x00" * 60 + b".",  # lists of twice the last, 2^60 in the end
    ],
)
def test_few_bytes_take_little_memory(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.pickle"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        load(path)
    except InputError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2 * plain_pickle.MAX_PICKLE_BYTES


def test_tuples_in_tuples_crash_nothing(tmp_path: Path) -> None:
    """As a key they crash Python's own machine, and with it the process, whatever it refuses."""
    deep = b")" + b"\x85" * 300_000
    said = refusal(tmp_path / "bad.pickle", b"}" + deep + b"S'a'\ns.")
    assert "a dictionary with a key that is not a text" in said
    path = tmp_path / "deep.pickle"
    path.write_bytes(deep + b".")
    value = load(path)
    depth = 0
    while value:
        (value,) = value
        depth += 1
    assert depth == 300_000


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plain_pickle.MAX_PICKLE_BYTES > 2 * 3_032_411, "the largest of the real files"
    monkeypatch.setattr(plain_pickle, "MAX_PICKLE_BYTES", len(WHOLE))
    path = tmp_path / "large.pickle"
    path.write_bytes(WHOLE)
    assert load(path) == pickle.loads(WHOLE)
    said = refusal(path, WHOLE + b"a")
    assert said == f": above {len(WHOLE)} bytes, expected a file of sentences"


def test_a_path_must_be_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.pickle: no such file"):
        load(tmp_path / "none.pickle")
    with pytest.raises(InputError, match=r"is not a file"):
        load(tmp_path)


@settings(deadline=None, max_examples=300)
@given(data=st.binary())
def test_any_bytes_end_in_a_value_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.pickle"
    path.write_bytes(data)
    message = f"{path}"
    try:
        load(path)
    except InputError as error:
        message = str(error)
    assert message.startswith(f"{path}")
    assert "\n" not in message


INSTRUCTIONS = ["S'a'\n", "U\1b", "]", "]q\1", "}", ")", "(", "l", "d", "t", "a", "e", "s", "u"]
INSTRUCTIONS += ["\x85", "\x86", "\x87", "cos\nsystem\n", "R"]


@settings(deadline=None, max_examples=500)
@given(program=st.lists(st.sampled_from(INSTRUCTIONS)).map(lambda parts: "".join(parts) + "."))
@example(program="}(S'a'\n](U\1bU\1bt(U\1bU\1bteS'b'\n]U\1b\x85au.")
def test_a_program_that_is_carried_out_makes_what_python_makes(
    tmp_path_factory: pytest.TempPathFactory, program: str
) -> None:
    data = program.encode("latin-1")
    path = tmp_path_factory.getbasetemp() / "program.pickle"
    path.write_bytes(data)
    try:
        value = load(path)
    except InputError:
        return
    assert value == _Refusing(io.BytesIO(data), encoding="latin-1").load()
