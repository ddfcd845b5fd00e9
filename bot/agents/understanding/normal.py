"""Text made comparable: compatibility forms folded, invisible marks gone, Hangul as jamo."""

import unicodedata

MAX_CHARACTERS = 1000
"""Longer messages are read up to here; an order does not need a thousand characters."""

_TAILS = {
    unicodedata.normalize("NFKC", compatible): tail
    for compatible, tail in zip("ㄱㄴㄷㄹㅁㅂㅅㅆㅇ", "ᆨᆫᆮᆯᆷᆸᆺᆻᆼ", strict=True)
}


def normalise(text: str) -> str:
    """Return the text in NFKC, without invisible characters, cut at `MAX_CHARACTERS`.

    Letters that only look Latin stay what they are: a name is never folded into another one.
    """
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    return "".join(
        "'" if character in "\u2019\u2018" else character
        for character in folded
        if unicodedata.category(character) not in {"Cf", "Cs", "Co"}
    )


def jamo(text: str) -> str:
    """Return Hangul syllables as their letters; first and last consonants stay different."""
    return unicodedata.normalize("NFD", text)


def ending(text: str) -> str:
    """Return an ending as jamo; a lone first consonant, as in `ㄹ까`, closes the syllable before."""
    letters = jamo(unicodedata.normalize("NFKC", text))
    first = letters[:1]
    alone = len(letters) == 1 or not "\u1161" <= letters[1] <= "\u1175"
    return _TAILS[first] + letters[1:] if alone and first in _TAILS else letters


def is_hangul(character: str) -> bool:
    """Say whether the character is a Hangul syllable or letter."""
    return "\uac00" <= character <= "\ud7a3" or "\u1100" <= character <= "\u11ff"
