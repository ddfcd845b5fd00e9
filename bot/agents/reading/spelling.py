"""Words that are nearly one the grammar knows, and names with something written onto them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bot.agents.reading.names import Names
from bot.agents.reading.words import Token, listed

_PARTICLES = tuple(listed("까지 만 은 는 이 가 을 를 도 랑"))
SHORTEST = 3


def mended(tokens: Sequence[Token], names: Names, vocabulary: Collection[str]) -> tuple[Token, ...]:
    """Return the tokens, those mended that are neither words of `vocabulary` nor names."""
    return tuple(each for token in tokens for each in _mended(token, names, vocabulary))


def _mended(token: Token, names: Names, vocabulary: Collection[str]) -> Iterator[Token]:
    form = token.form
    if not token.noun or form in vocabulary or names.hits(form).whole:
        yield token
    elif not token.latin:
        yield from _without_particle(token, names)
    elif form.endswith("s") and names.hits(form[:-1]).whole == "user":
        yield replace(token, form=form[:-1])  # "bobs join"
    elif names.hits(form).rows or len(form) < SHORTEST:
        yield token
    else:
        meant = {word for word in vocabulary if _slipped(word, form)}
        yield replace(token, form=meant.pop()) if len(meant) == 1 else token


def _without_particle(token: Token, names: Names) -> Iterator[Token]:
    """Yield an owner's name and the particle the analyser left on it: 앨리스만."""
    for particle in _PARTICLES:
        name = token.form.removesuffix(particle)
        if name and name != token.form and names.hits(name).whole == "user":
            end = token.end - len(particle)
            yield Token(name, "NNP", token.start, end)
            yield Token(particle, "JX", end, token.end)
            return
    yield token


def _slipped(word: str, typed: str) -> bool:
    """Tell whether a finger slipped: letters changed places, one is missing, one came twice.

    Another letter makes another word: "bill" is no "kill".
    """
    if word[0] != typed[0] or not word.isascii() or len(word) < SHORTEST:
        return False
    if len(word) == len(typed):
        wrong = [at for at in range(len(word)) if word[at] != typed[at]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1  # noqa: PLR2004 - a pair of letters
        return swapped and word[wrong[0]] == typed[wrong[1]] and word[wrong[1]] == typed[wrong[0]]
    if len(word) == len(typed) + 1:
        return any(word[:at] + word[at + 1 :] == typed for at in range(1, len(word)))
    twice = (at for at in range(1, len(typed)) if typed[at] == typed[at - 1])
    return any(typed[:at] + typed[at + 1 :] == word for at in twice)
