"""Protected applications: globs compared on what a name looks like, not on how it is spelled."""

import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

# Letters of other scripts that pass for a Latin letter or a digit in common fonts, after
# compatibility folding and lower-casing (a selection of Unicode's confusables.txt, UTS 39).
LOOKALIKES = {
    "a": "аαɑạ",
    "b": "ьвβƅ",
    "c": "сϲᴄⅽ",
    "d": "ԁɗ",
    "e": "еєεҽ℮",
    "f": "ƒẝ",
    "g": "ɡցǥ",
    "h": "һհնн",
    "i": "іιıɩӏіӀɪ1l|ⅼ",
    "j": "јϳʝ",
    "k": "кκĸ",
    "m": "мⅿʍ",
    "n": "пηոռɴ",
    "o": "оοσօ0ᴏ",
    "p": "рρϼ",
    "q": "ԛզ",
    "r": "гᴦɾ",
    "s": "ѕꜱʂ5",
    "t": "тτᴛ",
    "u": "υսцʋᴜ",
    "v": "ѵνᴠ",
    "w": "ѡԝωшᴡ",
    "x": "хχ×",
    "y": "уγүყʏ",
    "z": "ᴢʐ",
    "-": "‐‑‒–—−_ー",
}
FOLD = str.maketrans({odd: plain for plain, odds in LOOKALIKES.items() for odd in odds})


def skeleton(text: str) -> str:
    """Return what the text looks like: two names that look alike have the same skeleton.

    Compatibility forms are folded, marks and invisible characters dropped, case ignored, and
    lookalikes replaced. Too many names looking alike errs on the side of protecting.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    seen = "".join(
        letter for letter in folded if unicodedata.category(letter) not in {"Mn", "Me", "Cf", "Cc"}
    )
    return seen.translate(FOLD).replace("rn", "m").replace("vv", "w")


class Protection:
    """The patterns `name:GLOB`, `user:GLOB` and `queue:GLOB` that nothing may kill."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._globs = [(field, glob) for field, _, glob in (p.partition(":") for p in patterns)]

    def covers(self, name: str, user: str, queue: str) -> bool:
        """Tell whether a pattern matches. A queue matches by its full path or its last part."""
        seen = {"name": (name,), "user": (user,), "queue": (queue, queue.rpartition(".")[2])}
        return any(_matches(text, glob) for field, glob in self._globs for text in seen[field])


def _matches(text: str, glob: str) -> bool:
    # Spelling is compared too: folding digits would break a range such as [0-9].
    return any(fnmatchcase(form(text), form(glob)) for form in (_plain, skeleton))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
