"""Protected applications: globs compared on what a name looks like, not on how it is spelled.

Also recognises what many people sit on: SQL servers, Spark Connect, sessions, endless streams.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from bot.domain.applications import Shared

# Letters of other scripts that pass for a Latin letter or a digit in common fonts: a selection of
# Unicode's confusables (UTS 39), made whole for Greek, Cyrillic, Armenian, Coptic, Cherokee and
# Lisu. What compatibility folding does by itself (wide, mathematical, circled) is not here.
LOOKALIKES = {
    "a": "аαɑạ⍺",
    "ae": "æӕ",
    "b": "ьвβƅᑲꞵ",
    "bi": "ы",
    "c": "сϲᴄⅽⲥ",
    "d": "ԁɗᑯ",
    "e": "еєεҽ℮ꬲ",
    "f": "ƒẝꬵꞙքϝ",
    "g": "ɡցǥᶃƍԍ",
    "h": "һհнնⲏ",
    "i": "іιıɩӏіӀɪ1l|ⅼꙇˑ⍳ǀ∣׀וןا١۱ⲓⳑ",
    "io": "ю",
    "j": "јϳʝ",
    "k": "кκĸⲕ",
    "m": "мⅿʍⲙϻ",
    "n": "пηոռɴⲛ",
    "o": "оοσօ0ᴏᴑꬽⲟჿסه٥۵ھہە",
    "oe": "œ",
    "p": "рρϼⲣᑭ⍴",
    "q": "ԛզգ",
    "r": "гᴦɾꭇꭈⲅ",
    "s": "ѕꜱʂ5ƽտ",
    "t": "тτᴛⲧ",
    "u": "υսцʋᴜꞟꭎꭒ",
    "v": "ѵνᴠט∨⋁٧۷",
    "w": "ѡԝωшᴡɯա",
    "x": "хχ×ⲭꭓ᙮⤫⤬⨯ᕁᕽ",
    "y": "уγүყʏɣᶌỿꭚⲩ",
    "z": "ᴢʐⲍ",
    "2": "ƨꙅϩ",
    "3": "зʒӡꝫɜȝⳍ",
    "6": "ⳓб",
    "8": "ȣ",
    "9": "ꝯⳋ",
    "-": "‐‑‒–—−_ーー⁃˗➖ⲻ۔ߺ",
}
# Capitals whose small letter looks like something else, and what folding would turn away.
CAPITALS = {
    "a": "ᎪᗅꓮΑ",
    "b": "ᏴᏏᗷᖯꓐΒꞴ",
    "c": "ϹᏟꓚϲ",
    "d": "ᎠᏧᗞᗪꓓꓒ",
    "e": "ᎬꓰΕⴹ",
    "f": "ꓝϜᖴ",
    "g": "ᏀᏳꓖ",
    "h": "ΗᎻᏂᕼꓧ",
    "i": "ΙᎥꓲ",
    "j": "Ꭻᒍꓙ",
    "k": "ΚᏦꓗ",
    "l": "Ꮮᒪꓡ",
    "m": "ΜᎷᗰꓟϺ",
    "n": "Νꓠ",
    "o": "ΟꓳⵔՕ〇",
    "p": "ΡᏢᑭꓑ",
    "q": "ⵕ",
    "r": "ᎡᏒᖇꓣƦ",
    "s": "ՏᏕᏚꓢ",
    "t": "ΤᎢꓔ⊤",
    "u": "ᑌꓴՍ∪⋃",
    "v": "Ꮩᐯꓦⴸ",
    "w": "ᎳᏔꓪ",
    "x": "Χꓫⵝ᙭",
    "y": "ΥϒᎩᎽꓬ",
    "z": "ΖᏃꓜ",
    "4": "Ꮞ",
    "6": "Ꮾ",
}


def _table(shapes: Mapping[str, str]) -> dict[int, str]:
    return {ord(odd): plain for plain, odds in shapes.items() for odd in odds}


EARLY = _table(CAPITALS)
FOLD = EARLY | _table(LOOKALIKES)  # Cherokee folds to its capitals
INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cc"})


def skeleton(text: str) -> str:
    """Return what the text looks like: two names that look alike have the same skeleton.

    Compatibility forms are folded, marks and invisible characters dropped, case ignored, digits of
    all scripts and lookalikes replaced. Too many names looking alike errs on the side of protecting.
    """
    early = unicodedata.normalize("NFKC", text.translate(EARLY)).translate(EARLY)
    folded = unicodedata.normalize("NFKD", early).casefold().translate(FOLD)
    seen = "".join(
        str(int(letter)) if letter.isdecimal() else letter
        for letter in folded
        if unicodedata.category(letter) not in INVISIBLE
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
_CLASSES = {
    "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2": Shared.SQL_SERVER,
    "org.apache.spark.sql.connect.service.SparkConnectServer": Shared.CONNECT,
    "org.apache.kyuubi.engine.spark.SparkSQLEngine": Shared.SQL_SERVER,
    "org.apache.livy.rsc.driver.RSCDriverBootstrapper": Shared.SESSION,
}
_BETWEEN = re.compile(r"[_/-]+|(?<=[a-z])(?=[A-Z])")
_NUMBER = re.compile(r"\d+")


def shared_service(
    name: str, kind: str = "", tags: str = "", conf: Mapping[str, str] | None = None
) -> Shared | None:
    """Return what kind of shared or endless service an application is; None for an ordinary job.

    `kind` is its type, `tags` comma-separated, `conf` Spark's configuration where it is known.
    """
    known = conf or {}
    if (found := _CLASSES.get(known.get("spark.app.mainClass", ""))) is not None:
        return found
    if any(key.startswith("spark.livy.") for key in known):
        return Shared.SESSION
    words = _BETWEEN.sub(" ", f"{name} {kind} {tags}").lower()
    return next((found for found, sign in _COMPILED if sign.search(words)), None)


def protecting_pattern(name: str) -> str:
    """Return the pattern of PROTECTED for an application's name; its numbers, new each time, are any."""
    return f"name:{_NUMBER.sub('*', name)}"
