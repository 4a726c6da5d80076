"""The one exception whose message is meant for the person at the terminal."""


class InputError(Exception):
    """Something outside the code is wrong: a file, a setting, a corpus, a link.

    The message is a single line that says what is wrong, where, and what would be right. The
    command line prints it without a traceback; every other exception is a fault of ours and keeps
    its traceback.
    """
