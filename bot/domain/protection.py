"""Protected applications: globs compared on what a name looks like, not on how it is spelled.

Also recognises what many people sit on: SQL servers, Spark Connect, sessions, endless streams.
"""

import json
import re
import string
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from bot.domain.applications import Shared

# What Unicode's confusables (UTS 39) lack and common fonts draw alike all the same.
_MORE = dict(
    zip(
        "٥٧ạɗєƒǥնˑ׀וןاĸʍпηɴסهھہەϼɾʂᴛцטωшʐⲍ—ーー۔ߺ",
        "ovadefghiiiiikmnnnoooooprstuvwwzz-----",
        strict=True,
    )
) | {"æ": "ae", "ӕ": "ae", "œ": "oe", "ы": "bi", "ю": "io"}
_ALIKE = str.maketrans("l1|05_", "iiios-")  # of ours
_PLAIN = f"{string.ascii_lowercase}{string.digits}-{string.ascii_uppercase}"
INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cc"})


@cache
def _shapes() -> dict[int, str]:
    """Return what each letter of another script looks like: a small letter or digit of ours.

    A letter whose capital or small form looks like ours does, too. The package's table takes
    18 MB to hold, so only what is needed of it is kept.
    """
    table = files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    known: dict[str, list[dict[str, str]]] = json.loads(table)
    seen = dict(_MORE)
    for plain in _PLAIN:
        for odd in (each["c"] for each in known.get(plain, ())):
            if len(odd) == 1 and not unicodedata.normalize("NFKC", odd).isascii():
                seen.setdefault(odd, plain.lower().translate(_ALIKE))
    for odd, plain in list(seen.items()):
        for form in (odd.lower(), odd.upper(), odd.casefold()):
            if len(form) == 1 and not form.isascii():
                seen.setdefault(form, plain)
    return {ord(odd): plain for odd, plain in seen.items()}


def skeleton(text: str) -> str:
    """Return what the text looks like: two names that look alike have the same skeleton.

    Compatibility forms are folded, marks and invisible characters dropped, case ignored, digits of
    all scripts and lookalikes replaced. Too many names looking alike errs on the side of protecting.
    """
    shapes = _shapes()
    early = unicodedata.normalize("NFKC", text.translate(shapes)).translate(shapes)
    folded = unicodedata.normalize("NFKD", early).casefold().translate(shapes)
    seen = "".join(
        str(int(letter)) if letter.isdecimal() else letter
        for letter in folded
        if unicodedata.category(letter) not in INVISIBLE
    )
    return seen.translate(shapes).translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


_FORMS = (_plain, skeleton)  # spelling, too: folding digits would break a range such as [0-9]


class Protection:
    """The patterns `name:GLOB`, `user:GLOB` and `queue:GLOB` that nothing may kill."""

    def __init__(self, patterns: Iterable[str]) -> None:
        split = (pattern.partition(":") for pattern in patterns)
        self._globs = [(field, [(form, form(glob)) for form in _FORMS]) for field, _, glob in split]

    def covers(self, name: str, user: str, queue: str) -> bool:
        """Tell whether a pattern matches. A queue matches by its full path or its last part."""
        seen = {"name": (name,), "user": (user,), "queue": (queue, queue.rpartition(".")[2])}
        return any(
            fnmatchcase(form(text), glob)
            for field, globs in self._globs
            for text in seen[field]
            for form, glob in globs
        )


# What such programs call themselves: their types, names and tags as they are submitted by default.
_SIGNS = (
    (
        Shared.SQL_SERVER,
        r"thrift|kyuubi|hive ?server2|spark ?sql ?server",
    ),
    (Shared.CONNECT, r"spark ?connect"),
    (
        Shared.SESSION,
        r"livy|zeppelin|jupyter|notebook|spark ?shell|sparkmagic|toree",
    ),
    (Shared.STREAM, r"(^|[^a-z])(stream(s|ing)?|flink|real ?time)([^a-z]|$)"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _SIGNS)
_BETWEEN = re.compile(r"[_/-]+|(?<=[a-z])(?=[A-Z])")
_NUMBER = re.compile(r"\d+")


def shared_service(name: str, kind: str = "", tags: str = "") -> Shared | None:
    """Return what kind of shared or endless service an application is; None for an ordinary job.

    `kind` is its type, `tags` comma-separated.
    """
    words = _BETWEEN.sub(" ", f"{name} {kind} {tags}").lower()
    return next((found for found, sign in _COMPILED if sign.search(words)), None)


def protecting_pattern(name: str) -> str:
    """Return the pattern of PROTECTED for an application's name; its numbers, new each time, are any."""
    return f"name:{_NUMBER.sub('*', name)}"
