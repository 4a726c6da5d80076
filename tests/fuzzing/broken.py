"""Strategies that corrupt a file or a tree: mostly by small changes, which readers may miss."""

import copy
import io
import json
import os
import pickle
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# Extreme numbers, syntax of formats, paths, hostile text.
TEXTS = [
    *("", " ", "\t", "\n", "\r\n", "\x00", "\x1b[2J", "\u2028", "\u202e", "\ufeff", "\u0301", "😀"),
    *("nan", "inf", "-inf", "-1", "0", "1", "1e999", "-0.0", "1_000", "٣", "9" * 30, "9" * 5000),
    *("null", "true", "[]", "{}", '"', "'", "\\", "<eos>", "<unk>", "<script>", "$(touch pwned)"),
    *("..", ".", "/", "~", "/etc/passwd", "../../pwned", "w" * 300, "w " * 300, "\\input{x}", "%s"),
    *("greedy", "figure1", "cat", "the cat", "a,b", "a;b", "{0}", "=1+1", "auto", "lstm", "elbo"),
]
SURROGATES = ["\ud800", "\udcff", "a\udfffb"]
NUMBERS = [
    *(0, 1, 2, -1, 3.0, 0.5, -0.0, 1e-320, 1e300, -1e300, 2**31, 2**32, 2**63, 2**64, 10**400),
    *(float("nan"), float("inf"), float("-inf")),
]
VALUES = [None, True, False, [], {}, [[]], [{}], {"": ""}, [1, 1], *NUMBERS, *TEXTS, *SURROGATES]
DEEP = json.loads(61 * "[" + 61 * "]")


# Share of the examples to try. Every run draws others, so that many short ones find as much.
SHARE = float(os.environ.get("TEXTVAE_FUZZING", "0.3"))


def examples(count: int) -> settings:
    """Return the settings of a test with that share of `count` examples, of any duration."""
    count = max(3, round(SHARE * count))
    return settings(
        max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )


def noise() -> st.SearchStrategy[bytes]:
    lines = st.lists(st.sampled_from(TEXTS), max_size=8).map(" ".join)
    return st.binary(max_size=200) | st.text(max_size=80).map(_encoded) | lines.map(_encoded)


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """Make one to three edits: replace, delete, truncate, duplicate or insert bytes."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.sampled_from([0, 1, 2, 8, 64, 4096]))
        strange = [b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\x00", b"[" * 9999]
        byte, text = st.binary(min_size=1, max_size=1), st.sampled_from(TEXTS).map(_encoded)
        end, new = draw(
            st.tuples(st.just(start + 1), byte)
            | st.tuples(st.sampled_from([end, len(data)]), st.just(b""))
            | st.tuples(st.just(start), st.sampled_from([bytes(data[start:end]), *strange]))
            | st.tuples(st.just(end), text)
        )
        data[start:end] = new
    return bytes(data)


@st.composite
def tree(draw: st.DrawFn, value: Any) -> Any:
    """Change one or two nodes of a tree of dictionaries and lists."""
    root = [copy.deepcopy(value)]
    for _ in range(draw(st.integers(1, 2))):
        nodes = list(_nodes(root))
        parent, key = nodes[draw(st.integers(0, len(nodes) - 1))]
        match draw(st.integers(0, 5)):
            case 0 if parent is not root:
                del parent[key]
            case 1 if isinstance(parent, dict):
                name = draw(st.sampled_from(["", "extra", *TEXTS, *SURROGATES]))
                parent[name] = parent.pop(key)
            case 2 if isinstance(parent, list):
                parent.insert(key, copy.deepcopy(parent[key]))
            case 3:
                nested = [[parent[key]], {"a": parent[key]}, copy.deepcopy(DEEP)]
                parent[key] = draw(st.sampled_from(nested))
            case _:
                parent[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return root[0]


@st.composite
def json_text(draw: st.DrawFn, content: bytes) -> bytes:
    """Return the JSON of a corrupted tree; it may have duplicate keys and NaN."""
    value = draw(tree(json.loads(content)))
    if isinstance(value, dict) and value and draw(st.integers(0, 9)) == 0:
        value["\x00" + draw(st.sampled_from(sorted(value)))] = draw(st.sampled_from(VALUES))
    return _or_brackets(lambda: json.dumps(value).replace("\\u0000", "", 1).encode())


@st.composite
def yaml_text(draw: st.DrawFn, value: Any) -> bytes:
    """Return the YAML of a corrupted tree, half of them with further syntax of YAML."""
    value = draw(tree(value))
    text = _or_brackets(lambda: _encoded(yaml.safe_dump(value, allow_unicode=True)))
    if draw(st.booleans()):
        return text
    old = draw(st.sampled_from([b": 1", b"cbt", b"train", b"\n", b"test:", b"  "]))
    new = draw(st.sampled_from(_YAML_SYNTAX)).encode()
    return text.replace(old, old + new if old == b"\n" else new, draw(st.integers(1, 3)))


_YAML_SYNTAX = [
    *("on", "~", "2020-01-01", "0x" + 5000 * "f", "1e5", ".nan", "-.inf", "1_000", "12:30:45"),
    *("!!python/name:os.system", "!!binary aGk=", "!!set {a}", "&a [*a]", "*a", "&a ", "<<: "),
    *("{", "[", "'", '"\\ud800"', '"\\0"', "? - a", "a: b: c", "\t", "--- ", "%YAML 9", "- "),
]


@st.composite
def json_lines(draw: st.DrawFn, content: bytes) -> bytes:
    lines = content.splitlines()
    index = draw(st.integers(0, len(lines) - 1))
    corrupted = json_text(lines[index]).map(lambda line: [line])
    lines[index : index + 1] = draw(st.one_of(corrupted, st.sampled_from([[], [b""]])))
    return b"\n".join([*lines, b""])


def table(content: bytes, separator: str) -> st.SearchStrategy[bytes]:
    rows = [line.split(separator) for line in content.decode().split("\n")]

    def text(value: Any) -> str:
        lines = value if isinstance(value, list) else [value]
        fields = (row if isinstance(row, list) else [row] for row in lines)
        return "\n".join(separator.join(map(str, row)) for row in fields)

    return tree(rows).map(lambda value: _or_brackets(lambda: _encoded(text(value))))


_DTYPES = [
    *("u1", "u2", "u4", "u8", "i1", "i8", "f2", "f4", "f8"),
    *(">i8", ">u2", ">f4", "c8", "b1", "S3", "U2", "M8[s]"),
]


@st.composite
def array(draw: st.DrawFn, content: bytes) -> bytes:
    """Change the elements, type, shape or header of a .npy file."""
    value = np.load(io.BytesIO(content))
    real = value.dtype.kind == "f"

    def with_number() -> np.ndarray:
        wide = value.astype(np.float64 if real else np.int64).flatten()
        numbers = [-1, 0, 1, 65535, 2**31, -(2**62)]
        numbers += [np.nan, np.inf, -np.inf, 1e300, -5.0] if real else []
        if wide.size:
            wide[draw(st.integers(0, wide.size - 1))] = draw(st.sampled_from(numbers))
        return wide.astype(value.dtype).reshape(value.shape)

    changes = [
        lambda: value.astype(draw(st.sampled_from(_DTYPES))),
        lambda: value.reshape(draw(st.sampled_from([(-1,), (1, -1), (-1, 1), (1, 1, -1)]))),
        lambda: value[: draw(st.integers(0, len(value)))],
        lambda: np.concatenate([value, value]),
        *(with_number, with_number),
    ]
    if (index := draw(st.integers(0, len(changes)))) == len(changes):
        return _with_header(value, draw)
    file = io.BytesIO()
    with np.errstate(all="ignore"):
        np.save(file, changes[index]())
    return file.getvalue()


def _with_header(value: np.ndarray, draw: st.DrawFn) -> bytes:
    size = st.sampled_from([0, 1, -1, 7, 10**12, 2**63, 10**40])
    types = ["|O", "<i8", "<f4", "|V0", "x", "<U1", "<u99"]
    types += [np.lib.format.dtype_to_descr(value.dtype)] * len(types)
    header = {
        "descr": draw(st.sampled_from(types)),
        "fortran_order": draw(st.sampled_from([False, True, 3])),
        "shape": draw(st.one_of(st.just(value.shape), st.lists(size, max_size=3).map(tuple))),
    }
    text = draw(st.sampled_from([repr(header), repr(header)[:-2], "{}", "[" * 999])).encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + value.tobytes()


@st.composite
def weights(draw: st.DrawFn, content: bytes) -> bytes:
    """Corrupt the header or the numbers of a .safetensors file."""
    (length,) = struct.unpack("<Q", content[:8])
    header, data = content[8 : 8 + length], bytearray(content[8 + length :])
    if draw(st.booleans()):
        header = draw(json_text(header))
    else:
        start = 4 * draw(st.integers(0, len(data) // 4 - 1))
        number = draw(st.sampled_from([np.nan, np.inf, 3e38, -3e38, 0.0]))
        data[start : start + 4] = np.float32(number).tobytes() * draw(st.sampled_from([1, 1, 200]))
    return struct.pack("<Q", len(header)) + header + data


@st.composite
def pickled(draw: st.DrawFn, content: bytes) -> bytes:
    value, protocol = draw(tree(pickle.loads(content))), draw(st.integers(0, 5))
    return _or_brackets(lambda: pickle.dumps(value, protocol))


_BY_SUFFIX: dict[str, Callable[[bytes], st.SearchStrategy[bytes]]] = {
    ".json": json_text,
    ".jsonl": json_lines,
    ".csv": lambda content: table(content, ","),
    ".tsv": lambda content: table(content, "\t"),
    ".npy": array,
    ".safetensors": weights,
    ".pickle": pickled,
    ".zip": lambda content: mutated(content),
}


def file(content: bytes, suffix: str) -> st.SearchStrategy[bytes]:
    changed = _BY_SUFFIX.get(suffix, lambda content: table(content, " "))(content)
    return st.one_of(changed, changed, mutated(content), noise())


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _nodes(value[key])


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _or_brackets(serialise: Callable[[], bytes]) -> bytes:
    """Return a serialised value, or brackets if it is too deep or too long for its format."""
    try:
        return serialise()
    except (RecursionError, ValueError, yaml.YAMLError):
        return b"[" * 5000
