"""The one exception whose message is meant for the person at the terminal."""


class InputError(Exception):
    """Something outside the code is wrong: a file, a setting, a corpus, a link.

    The message is a single line that says what is wrong, where, and what would be right; where
    several things were tried, a line for each may follow as further arguments. The command line
    prints it without a traceback; every other exception is a fault of ours and keeps its traceback.
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


# Characters that are shown of either end of a very long message.
_HALF = 500


def one_line(message: object) -> str:
    """A message as a terminal can show it.

    It may quote what stands in a file: what does not show, or does something else than show, is
    spelt as in Python (\\x1b, \\n), and of a very long message the middle is left out.
    """
    text = str(message)
    if len(text) > 3 * _HALF:
        text = f"{text[:_HALF]} ... {text[-_HALF:]}"
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
