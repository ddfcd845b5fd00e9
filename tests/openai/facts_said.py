"""Which figures, ids and names of a sentence were not in what the model was given to read.

Written apart from the bot's own verification and much simpler than it, so that one checks the
other: it looks at characters only and knows no units and no subjects.
"""

import re

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_./:-][A-Za-z0-9]+)+|[a-z]+\d+[a-z0-9]*")


def invented(sentence: str, read: str) -> tuple[str, ...]:
    """Return what a sentence says that the text does not: names literally, numbers rounded."""
    known = [_value(found) for found in NUMBER.findall(read)]
    names = [name for name in NAME.findall(sentence) if name not in read]
    rest = NAME.sub(" ", sentence)
    numbers = [
        found
        for found in NUMBER.findall(rest)
        if not any(abs(_value(found) - value) <= _step(found) for value in known)
    ]
    return (*names, *numbers)


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _step(number: str) -> float:
    """Return half of a number's last digit: how far off its rounding may be."""
    return 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-9
