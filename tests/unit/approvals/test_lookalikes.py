"""A protected name stays protected however its letters are drawn."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.protection import Protection, skeleton

ASCII = string.ascii_letters + string.digits
GREEK = dict(zip("ABEZHIKMNOPTYXaiopuvyx", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιορυνγχ", strict=True))
CYRILLIC = dict(zip("ABCEHIJKMOPSTXYaceijopsxyh", "АВСЕНІЈКМОРЅТХҮасеіјорѕхуһ", strict=True))
ARMENIAN = dict(zip("OSUhnouqg", "ՕՏՍհոօսզց", strict=True))
CHEROKEE = dict(zip("ABCDEGHIJKLMPRSTVWYZ", "ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎩᏃ", strict=True))
LISU = dict(zip("ABCDEFGHIJKLMNOPRSTUVWXYZ", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", strict=True))
SCRIPTS = {
    "Greek": GREEK,
    "Cyrillic": CYRILLIC,
    "Armenian": ARMENIAN,
    "Cherokee": CHEROKEE,
    "Lisu": LISU,
}


def _compatible() -> dict[str, list[str]]:
    """Return every letter that Unicode itself calls a form of an ASCII letter or digit."""
    forms: dict[str, list[str]] = {plain: [] for plain in ASCII}
    for number in range(0x80, 0x110000):
        plain = unicodedata.normalize("NFKC", chr(number))
        if plain in forms:
            forms[plain].append(chr(number))
    return forms


FORMS = _compatible()
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u0301\u0335"


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_letter_of_a_script_that_looks_latin_is_seen_as_latin(script: str) -> None:
    for latin, odd in SCRIPTS[script].items():
        assert skeleton(odd) == skeleton(latin), f"{odd} for {latin}"


def test_every_wide_mathematical_or_circled_letter_is_seen_as_the_plain_one() -> None:
    """All of them, some 1,000: what NFKC folds to one ASCII letter or digit."""
    assert sum(map(len, FORMS.values())) > 900
    for plain, forms in FORMS.items():
        for odd in forms:
            assert skeleton(odd) == skeleton(plain), f"{odd} for {plain}"


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """Return a name, and the same name with letters drawn otherwise and invisible ones between."""
    name = draw(st.text(ASCII + "-_.", min_size=1, max_size=24))
    shown = []
    for letter in name:
        others = [table[letter] for table in SCRIPTS.values() if letter in table]
        others += FORMS.get(letter, [])
        others += [letter, letter.swapcase()]
        shown.append(draw(st.sampled_from(others)))
        if draw(st.booleans()):
            shown.append(draw(st.sampled_from(INVISIBLE)))
    return name, "".join(shown)


@given(disguised())
def test_no_mixture_of_such_letters_gets_past_a_protected_name(names: tuple[str, str]) -> None:
    """By name, by user and by queue, with a pattern in plain letters."""
    plain, shown = names
    assert skeleton(shown) == skeleton(plain)
    assert Protection([f"name:{plain}"]).covers(shown, "u", "q")
    assert Protection([f"user:{plain}"]).covers("n", shown, "q")
    assert Protection([f"name:*{plain}*"]).covers(f"daily-{shown}-v2", "u", "q")


@given(st.text(max_size=40))
def test_any_text_has_a_skeleton_that_stays_as_it_is(text: str) -> None:
    """Lone surrogates, emoji, anything: a skeleton of a skeleton changes nothing more."""
    once = skeleton(text)
    assert skeleton(once) == once


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("payroll*", "pаyroll-settlement"),
        ("payroll*", "ＰＡＹＲＯＬＬ"),
        ("payroll*", "𝓹𝓪𝔂𝓻𝓸𝓵𝓵"),
        ("modern-etl", "rnodern-etl"),
        ("HIVE", "ΗΙVΕ"),
        ("etl_2026", "etl_٢٠٢٦"),
    ],
)
def test_known_disguises_are_seen_through(pattern: str, name: str) -> None:
    assert Protection([f"name:{pattern}"]).covers(name, "u", "q")


@pytest.mark.parametrize("name", ["payments", "pay", "정산-일배치", "reporting", "ＰＡＹ"])
def test_other_names_are_not_protected_by_it(name: str) -> None:
    assert not Protection(["name:payroll*"]).covers(name, "u", "q")
