"""The two languages people are answered in, and texts that exist in both."""

from dataclasses import dataclass
from enum import StrEnum

HANGUL = ("\uac00", "\ud7a3")
JAMO = ("\u3131", "\u318e")


class Language(StrEnum):
    """Korean or English; nothing else is spoken."""

    KO = "ko"
    EN = "en"


def language_of(text: str) -> Language:
    """Return Korean when the text holds any Hangul, else English."""
    for character in text:
        if HANGUL[0] <= character <= HANGUL[1] or JAMO[0] <= character <= JAMO[1]:
            return Language.KO
    return Language.EN


@dataclass(frozen=True, slots=True)
class Text:
    """One thing to say, in both languages, with `str.format` fields of the same names."""

    ko: str
    en: str

    def __call__(self, language: Language, **values: object) -> str:
        """Return the text in that language with its fields filled in."""
        template = self.ko if language is Language.KO else self.en
        return template.format(**values)
