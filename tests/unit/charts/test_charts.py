"""Pictures: like the ones kept, every letter drawn, nothing left in our own process."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.ft2font import FT2Font
from PIL import Image

from bot.charts import pictures as texts
from bot.charts.drawing import BACK, Pen, draw, font_file
from bot.charts.pictures import Artist, ChartLocale, CpuHistory, NotDrawnError, caption
from bot.domain.language import Language, Text
from tests.unit.charts.pictures import FIGURES, IMAGES, KILL, KST, drawn, hour

TOLERANCE = 2.0  # root mean square over 0 to 255; another word on a picture gives 4 and more
CASES = [(name, language) for name in FIGURES for language in Language]


def pixels(png: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.float64)


def apart(first: bytes, second: bytes) -> float:
    a, b = pixels(first), pixels(second)
    assert a.shape == b.shape
    return float(np.sqrt(np.mean((a - b) ** 2)))


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_picture_is_the_one_kept(name: str, language: Language) -> None:
    """Kept anew by `python -m tests.unit.charts.pictures`, after a look at what changed."""
    kept = (IMAGES / f"{name}-{language.value}.png").read_bytes()
    assert apart(drawn(name, language), kept) < TOLERANCE


def test_the_comparison_sees_a_changed_word() -> None:
    """A tolerance that let another label pass would prove nothing."""
    history, manner = CpuHistory("prod-dw", hour()), ChartLocale(Language.KO, KST)
    other = replace(history, cluster="다른 클러스터")
    assert apart(draw(other, manner), draw(history, manner)) > TOLERANCE


def test_every_letter_of_every_text_is_in_both_fonts() -> None:
    """No box stands where a Korean letter should."""
    said = {letter for text in vars(texts).values() if isinstance(text, Text) for letter in text.ko}
    said |= {
        letter for text in vars(texts).values() if isinstance(text, Text) for letter in text.en
    }
    said |= set("0123456789%:.-+→…?")
    for font in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        known = FT2Font(str(font_file(font))).get_charmap()
        assert {each for each in said if ord(each) not in known} == set(), font


def test_letters_no_font_has_are_told_and_markup_is_none() -> None:
    """A name from outside is drawn as it stands; warnings are errors here, a missing glyph too."""
    pen = Pen()
    assert pen.shown("a\u202eb\U0001f642\nc", 20) == "a?b??c"
    assert pen.shown("$x^2$ 매출", 20) == "$x^2$ 매출"
    assert pen.shown("가나다라", 5) == "가나…"
    history = CpuHistory(r"$\frac{1}{$ \x \u0000", hour())
    assert draw(history, ChartLocale(Language.KO, KST)).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_picture_is_opaque_wide_and_not_heavy(name: str) -> None:
    """It reads on a light and on a dark page, and loads on a phone."""
    png = drawn(name, Language.EN)
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    assert image.width == 1280
    assert image.getchannel("A").getextrema() == (255, 255)
    corner = image.getpixel((2, 2))
    assert corner == (*bytes.fromhex(BACK[1:]), 255)
    assert len(png) < 150_000


@pytest.mark.parametrize(("name", "language"), CASES)
def test_the_alt_text_says_what_the_picture_shows(name: str, language: Language) -> None:
    """In the picture's language, with its figures, short enough for Slack."""
    said = caption(FIGURES[name], ChartLocale(language, KST))
    assert said is not None
    alt = said.alt
    wanted = {
        "cpu": ("90%", "17:52", "36%"),
        "plain": ("17:00", "18:00"),
    }
    assert all(each in alt for each in wanted[name]), alt
    assert ("클러스터" in alt or "종료" in alt or "잡" in alt) is (language is Language.KO)
    assert len(alt) < 1000


def test_nothing_to_see_is_no_picture() -> None:
    """One point is no line."""
    manner = ChartLocale(Language.EN, KST)
    window = hour()
    assert caption(CpuHistory("c", replace(window, points=window.points[:1])), manner) is None
    late = caption(CpuHistory("c", window, None, (KILL.replace(hour=20),)), manner)
    assert late is not None
    assert "Killed" not in late.alt


async def test_the_artist_draws_in_a_process_of_its_own(tmp_path: Path) -> None:
    """The same picture, and matplotlib stays out of this room's imports."""
    artist = Artist(tmp_path / "fonts")
    picture = await artist.picture(FIGURES["cpu"], ChartLocale(Language.KO, KST))
    assert picture is not None
    assert apart(picture.png, drawn("cpu", Language.KO)) < TOLERANCE
    assert (picture.name, picture.title) == ("cpu.png", "17:00 – 18:00")


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """The process is ended, and a folder that cannot be made is one line as well."""
    manner = ChartLocale(Language.KO, KST)
    with pytest.raises(NotDrawnError, match="not drawn"):
        await Artist(tmp_path, limit=0.01).picture(FIGURES["cpu"], manner)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotDrawnError):
        await Artist(tmp_path / "file" / "in").picture(FIGURES["cpu"], manner)


def test_the_bot_does_not_import_matplotlib() -> None:
    """It would hold some 60 MB and a second of the start."""
    code = "import bot.app, sys; print('matplotlib' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.strip() == "False"
