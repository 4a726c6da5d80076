"""Read pickles of texts in lists, tuples and dictionaries, without executing them.

A pickle is a program for a stack machine, and Python's own machine imports and calls anything that
the program names. A `pickle.Unpickler` with a restrictive `find_class` calls nothing; but a
megabyte of nested tuples as a dictionary key still crashes the process, and five bytes with the
number of a memo entry allocate gigabytes. This machine has only the instructions that such data
needs: none finds or calls a class or function, and none uses an object twice.
"""

import warnings
from pathlib import Path
from pickletools import genops
from typing import Any

from textvae.errors import InputError

# Bytes; the largest file of Marvin and Linzen has 3 million. A byte can create at most an empty
# list, of 64 bytes, so the result stays below a gigabyte.
MAX_PICKLE_BYTES = 8 << 20

_TEXTS = {"STRING", "BINSTRING", "SHORT_BINSTRING"}  # Python 2's
_TEXTS |= {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
# Ignored: the protocol, frames, and storing in the memo, which nothing reads.
_IGNORED = {"PROTO", "FRAME", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "STOP"}


class _RefusedError(Exception):
    """The pickle has an instruction that is not allowed; the message names it."""


def load(path: Path) -> Any:
    """Return the str, list, tuple or dict (with keys of str) in a pickle of Python 2 or 3.

    InputError, with the position, if it contains anything else, is damaged or exceeds
    MAX_PICKLE_BYTES.
    """
    data = _bytes(path)
    machine = _Machine()
    byte = 0
    try:
        # Python only warns about an invalid escape in a quoted text.
        with warnings.catch_warnings(action="error"):
            for opcode, argument, position in genops(data):
                byte = position
                machine.execute(opcode.name, argument)
        if byte + 1 < len(data):
            raise ValueError("bytes after its end")
        return machine.result()
    except _RefusedError as error:
        allowed = "only texts in lists, tuples and dictionaries are read, and nothing is executed"
        raise InputError(f"{path}, byte {byte}: refused {error}; {allowed}") from None
    except (ValueError, LookupError, Warning):
        raise InputError(f"{path}: not a pickle, or a damaged one (from byte {byte} on)") from None


class _Machine:
    """A stack of objects; a mark saves the stack and begins another."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []

    def execute(self, instruction: str, argument: Any) -> None:
        """Execute one instruction, given by its name in pickletools."""
        if instruction in _IGNORED:
            return
        if instruction in _TEXTS:
            self._stack.append(argument)
        elif instruction in _TUPLES:
            self._stack.append(tuple(self._last(_TUPLES[instruction])))
        elif instruction == "MARK":
            self._marked.append(self._stack)
            self._stack = []
        elif instruction == "TUPLE":
            values = self._since_mark()
            self._stack.append(tuple(values))
        elif instruction == "APPEND":
            self._extend(self._last(1))
        elif instruction == "APPENDS":
            self._extend(self._since_mark())
        elif instruction == "SETITEM":
            self._update(self._last(2))
        elif instruction == "SETITEMS":
            self._update(self._since_mark())
        elif instruction == "EMPTY_LIST":
            self._stack.append([])
        elif instruction == "EMPTY_DICT":
            self._stack.append({})
        elif instruction == "LIST":
            values = self._since_mark()
            self._stack.append(values)
        elif instruction == "DICT":
            values = self._since_mark()
            self._stack.append({})
            self._update(values)
        else:
            raise _RefusedError(self._describe(instruction, argument))

    def result(self) -> Any:
        """Return the one object left; ValueError if there is not exactly one."""
        (value,) = self._stack
        if self._marked:
            raise ValueError("a mark without an end")
        return value

    def _last(self, count: int) -> list[Any]:
        start = len(self._stack) - count
        if start < 0:
            raise IndexError("too few objects")
        values = self._stack[start:]
        del self._stack[start:]
        return values

    def _since_mark(self) -> list[Any]:
        values, self._stack = self._stack, self._marked.pop()
        return values

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if type(target) is not list:
            raise _RefusedError("an addition to something other than a list")
        target.extend(values)

    def _update(self, cells: list[Any]) -> None:
        target, keys = self._stack[-1], cells[::2]
        if type(target) is not dict:
            raise _RefusedError("an entry in something other than a dictionary")
        # Any other key would be hashed, a tuple as deep as it is nested.
        if not all(type(key) is str for key in keys):
            raise _RefusedError("a dictionary with a key that is not a text")
        target.update(zip(keys, cells[1::2], strict=True))

    def _describe(self, instruction: str, argument: Any) -> str:
        names = {"GLOBAL": [argument], "INST": [argument], "STACK_GLOBAL": self._stack[-2:]}
        parts = names.get(instruction, [])
        if not parts or not all(type(name) is str for name in parts):
            return f"the instruction {instruction}"
        return f"{'.'.join(parts).replace(' ', '.')[:80]!r}"


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(f"{path}: no such file" if not path.exists() else f"{path}: is not a file")
    with path.open("rb") as file:
        data = file.read(MAX_PICKLE_BYTES + 1)
    if len(data) > MAX_PICKLE_BYTES:
        raise InputError(f"{path}: above {MAX_PICKLE_BYTES:,} bytes, expected a file of sentences")
    return data
