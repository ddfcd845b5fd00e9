"""The two languages people are answered in, and texts that exist in both."""

import re
from dataclasses import dataclass
from enum import StrEnum

_HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_QUOTED = re.compile(r"""`[^`\n]*`|"[^"\n]*"|“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」""")
_IN_WORDS = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")


class Language(StrEnum):
    """Korean or English; nothing else is spoken."""

    KO = "ko"
    EN = "en"


def language_of(text: str) -> Language:
    """Return Korean when the text holds any Hangul, else English.

    What an English sentence only quotes ("what does '가동율' mean?") does not count.
    """
    own = _QUOTED.sub(" ", text)
    said = own if _IN_WORDS.search(own) else text
    return Language.KO if _HANGUL.search(said) else Language.EN


@dataclass(frozen=True, slots=True)
class Text:
    """One thing to say, in both languages, with `str.format` fields of the same names."""

    ko: str
    en: str

    def __call__(self, language: Language, **values: object) -> str:
        """Return the text in that language with its fields filled in."""
        template = self.ko if language is Language.KO else self.en
        return template.format(**values)
