"""The message of an InputError, which must be one printable line."""

import pytest

from textvae.errors import InputError


def refusal(function, *arguments, **keywords):
    """Return the message of the InputError that the call raises."""
    with pytest.raises(InputError) as caught:
        function(*arguments, **keywords)
    message = str(caught.value)
    assert message.isprintable()
    return message


def value_or_refusal(function, *arguments):
    """Return (value, None), or (None, the message) if the call raises InputError."""
    try:
        return function(*arguments), None
    except InputError as error:
        message = str(error)
    assert "\n" not in message
    return None, message
