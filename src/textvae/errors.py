"""InputError, the exception whose message is shown to the user, warnings, and their formatting."""

import sys


class InputError(Exception):
    """An error outside the code: in a file, a setting, a corpus, a link.

    The message is a single line with what is wrong, where, and what would be right; further
    arguments may add a line for each attempt. The command line prints it without a traceback; any
    other exception is a bug and keeps its traceback.
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class UnknownWordWarning(UserWarning):
    """Words of the given sentences are not in the vocabulary of a model, which reads `<unk>`."""


# Characters of a very long message.
_SHOWN_AT_EACH_END = 500

# Of Persian and Indic words; terminals show them as nothing.
_JOINERS = "\u200c\u200d"


def one_line(message: object) -> str:
    """Return a message as one printable line.

    Unprintable characters, which may be quoted from a file, are escaped as in Python (\\x1b, \\n),
    and a very long message is shortened in the middle.
    """
    text = str(message)
    if len(text) > 3 * _SHOWN_AT_EACH_END:
        text = f"{text[:_SHOWN_AT_EACH_END]} ... {text[-_SHOWN_AT_EACH_END:]}"
    return printable(text)


def printable(text: str) -> str:
    """Return a text with its unprintable characters escaped, except joiners within words."""
    return "".join(
        char if char.isprintable() or char in _JOINERS else char.encode("unicode_escape").decode()
        for char in text
    )


def warn(message: object) -> None:
    """Print a warning to stderr, as one line."""
    print(f"warning: {one_line(message)}", file=sys.stderr, flush=True)
