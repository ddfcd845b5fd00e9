"""Every text a person sees exists in both languages."""

import importlib
import pkgutil
import string
from collections.abc import Iterator
from typing import Any

import bot.agents.templates
import bot.charts
import bot.texts
from bot.domain.language import Language, Text, language_of


def texts_in(value: Any, where: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(item, f"{where}[{key}]")
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from texts_in(item, f"{where}[{index}]")


def all_texts() -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    modules = (
        *pkgutil.iter_modules(bot.texts.__path__, "bot.texts."),
        *pkgutil.iter_modules(bot.agents.templates.__path__, "bot.agents.templates."),
        *pkgutil.iter_modules(bot.charts.__path__, "bot.charts."),
    )
    for module in (
        "bot.agents.answer",
        "bot.__main__",
        "bot.domain.conversation",
        "bot.retrieval.index",
        "bot.services.digest",
        *(each.name for each in modules),
    ):
        for name, value in vars(importlib.import_module(module)).items():
            found.extend(texts_in(value, f"{module}.{name}"))
    return found


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_both_languages_say_something_and_take_the_same_values() -> None:
    """A text is never empty in one language, and both ask for the same fields."""
    found = all_texts()
    assert len(found) > 500
    assert not [where for where, text in found if not (text.ko.strip() and text.en.strip())]
    assert not [where for where, text in found if fields(text.ko) != fields(text.en)]


def test_hangul_makes_a_message_korean() -> None:
    """Any Hangul decides for Korean; everything else is answered in English."""
    assert language_of("spark 잡 kill") is Language.KO
    assert language_of("ㅋㅋ") is Language.KO
    assert language_of("kill #1") is Language.EN
    assert language_of('what does "클러스터 가동율" mean here?') is Language.EN
    assert language_of('"etl job" 죽여줘') is Language.KO
    assert language_of('"가동율 알려줘"') is Language.KO
    assert language_of("") is Language.EN
