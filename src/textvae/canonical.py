"""Canonical text of a source file: the parts that can affect a number.

Two files have the same text if they differ only in layout, comments, docstrings, blocks for type
checkers, and wording: texts within `raise` statements, in the construction of errors, in calls that
print or report progress, and in the descriptions of settings and registered things, but for claims,
whose sentence is in a table. The text is the same on Python 3.11, 3.12 and 3.13, which that of
`ast.dump` is not.
"""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

# Functions that print their texts.
_PRINTING = {"print", "log_line", "write_line", "warn", "progress"}
_ERRORS = re.compile(r"(Error|Exception|Warning|Exit)$")
# Function with a descriptive argument -> its keyword, and its position if it may be positional.
_DESCRIPTIONS = {"setting": ("description", 1), "register": ("summary", None)}

_TEXT = "TEXT"


def python(tree: ast.Module) -> str:
    """Return the canonical text of a syntax tree; it is empty if the module does nothing."""
    parts: list[str] = []
    _Writer(parts.append).block(tree.body)
    return "".join(parts)


def statements(block: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield all statements of a block, at any depth, except those for type checkers."""
    for statement in block:
        if _for_type_checkers(statement):
            yield from statements(statement.orelse)
            continue
        yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from statements(getattr(statement, name, []))
        for name in ("handlers", "cases"):
            for part in getattr(statement, name, []):
                yield from statements(part.body)


class _Writer:
    """Writes nodes as Type(field=value,...), without the fields that are None or empty."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write

    def block(self, body: list[ast.stmt]) -> None:
        """Write statements, except bare strings (docstrings) and type-checking blocks."""
        for statement in body:
            if _for_type_checkers(statement):
                self.block(statement.orelse)
            elif not (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            ):
                self.node(statement, wording=False)

    def node(self, node: ast.AST, wording: bool) -> None:
        """Write one node; with `wording`, its strings are messages and replaced by TEXT."""
        if wording and _is_text(node):
            self.write(_TEXT)
            return
        kind = type(node)
        if kind is ast.Constant:
            # ascii, because what repr escapes depends on Python's version of Unicode.
            self.write(ascii(node.value))
            return
        if kind is ast.JoinedStr:
            node = _merged(node)
        elif kind is ast.Raise:
            wording = True
        elif kind is ast.Assert:
            node = ast.Assert(node.test)
        elif kind is ast.Call:
            node = _without_description(node)
            wording = wording or _prints(node.func)
        self.write(kind.__name__)
        self.write("(")
        for field in kind._fields:
            value = getattr(node, field, None)
            # `ctx` follows from the node above, `kind` is the u of u"".
            if value is None or value == [] or field in ("ctx", "kind", "type_comment"):
                continue
            self.write(field)
            self.write("=")
            # A key or a text that is compared with is no message.
            self.value(value, wording and kind is not ast.Compare and field != "slice")
            self.write(",")
        self.write(")")

    def value(self, value: Any, wording: bool) -> None:
        """Write the value of a field, or one of its list."""
        if isinstance(value, ast.AST):
            self.node(value, wording)
        elif not isinstance(value, list):
            self.write(ascii(value))
        elif value and isinstance(value[0], ast.stmt):
            self.block(value)
        else:
            self.write("[")
            for item in value:
                self.value(item, wording)
                self.write(",")
            self.write("]")


def _for_type_checkers(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If):
        return False
    test = statement.test
    return getattr(test, "attr", getattr(test, "id", None)) == "TYPE_CHECKING"


def _is_text(node: ast.AST) -> bool:
    """Return whether an expression is a literal string, or composed with one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _is_text(node.func.value)
    return isinstance(node, ast.JoinedStr)


def _name(function: ast.expr) -> str:
    """Return the last name of a called expression, "" if it has none."""
    return getattr(function, "attr", getattr(function, "id", ""))


def _prints(function: ast.expr) -> bool:
    name = _name(function)
    return name in _PRINTING or _ERRORS.search(name) is not None


def _without_description(call: ast.Call) -> ast.Call:
    """Return a call without its descriptive argument."""
    keyword, position = _DESCRIPTIONS.get(_name(call.func), (None, None))
    if keyword is None or _of_claims(call.func):
        return call
    args = [argument for index, argument in enumerate(call.args) if index != position]
    keywords = [argument for argument in call.keywords if argument.arg != keyword]
    return ast.Call(call.func, args, keywords)


def _of_claims(function: ast.expr) -> bool:
    """Return whether a method is that of the registry of claims, whose table has the summary."""
    return isinstance(function, ast.Attribute) and _name(function.value) == "CLAIMS"


def _merged(node: ast.JoinedStr) -> ast.JoinedStr:
    """Join the literal parts of an f-string, which Python versions split differently."""
    values: list[ast.expr] = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            values.append(value)
        elif values and isinstance(values[-1], ast.Constant):
            values[-1] = ast.Constant(values[-1].value + value.value)
        elif value.value:
            values.append(value)
    return ast.JoinedStr(values)


# Comments; texts and characters; names and numbers; operators of several characters; any other.
_C_TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
    | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    | (?:\d|\.\d)(?:[eEpP][+-]|[\w.])* | \w+
    | <<= | >>= | \.\.\. | -> | \+\+ | -- | << | >> | && | \|\| | \#\# | [-+*/%&|^!=<>]=
    | \S
    """,
    re.VERBOSE | re.DOTALL,
)


def c(text: str) -> str:
    """Return the tokens of C source, one line for each directive and each run of other lines."""
    joined = re.sub(r"\\\n", " ", text)
    # Comments are removed first, because they may span lines.
    code = _C_TOKEN.sub(lambda token: " " if token["comment"] else token[0], joined)
    lines: list[str] = []
    directive = True
    for line in code.splitlines():
        tokens = " ".join(token[0] for token in _C_TOKEN.finditer(line))
        if not tokens:
            continue
        if directive or tokens.startswith("#"):
            lines.append(tokens)
        else:
            lines[-1] += f" {tokens}"
        directive = tokens.startswith("#")
    return "\n".join(lines)
