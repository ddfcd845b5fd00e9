"""Who may call: what a line of the tokens' file opens, and what it does not."""

import hashlib
from pathlib import Path

import pytest

from bot.api.tokens import Scope, TokenBook, add_token, parsed
from bot.errors import SettingsError, StartError

DIGEST = hashlib.sha256(b"dj_secret").hexdigest()


def test_a_token_that_was_added_opens_what_its_line_says(tmp_path: Path) -> None:
    """The file holds its digest alone, and nobody else may read it."""
    file = tmp_path / "tokens"
    secret = add_token(file, "laptop:read,decide:U0ONCALL1")
    book = TokenBook(file)
    held = book.holder(secret)
    assert held is not None
    assert (held.name, held.scopes) == ("laptop", frozenset({Scope.READ, Scope.DECIDE}))
    assert (held.asker, held.place) == ("U0ONCALL1", "api:laptop")
    assert secret not in file.read_text()
    assert secret not in repr(held)
    assert file.stat().st_mode & 0o077 == 0
    assert [book.holder(wrong) for wrong in ("", secret[:-1], secret + "x", "api:laptop")] == (
        [None] * 4
    )


@pytest.mark.parametrize(
    "line",
    [
        f"x:{DIGEST}:read,kill",
        f"x:{DIGEST}:decide",  # nobody behind it
        f"x:{DIGEST}:",
        f"x:{DIGEST}:read:minji",
        f"x:{DIGEST}:read:U0ONCALL1:more",
        f"x:{DIGEST[:-1]}:read",
        f"X Y:{DIGEST}:read",
        "dj_secret",
    ],
)
def test_a_line_that_does_not_fit_is_told_by_number_and_never_quoted(line: str) -> None:
    """It may hold a secret that somebody pasted."""
    with pytest.raises(SettingsError) as raised:
        parsed(["# ours", f"ok:{DIGEST}:read", line])
    assert raised.value.problems[0].startswith("API_TOKENS_FILE: line 3: ")
    assert "dj_secret" not in str(raised.value)
    assert DIGEST[:-1] not in str(raised.value)


def test_a_name_is_given_once() -> None:
    """A second line of that name is an error, not a change."""
    with pytest.raises(SettingsError):
        parsed([f"x:{DIGEST}:read", f"x:{DIGEST}:talk"])


def test_a_token_taken_out_opens_nothing_any_more(tmp_path: Path) -> None:
    """At once; and a slip in the file opens nothing at all."""
    file = tmp_path / "tokens"
    first, second = add_token(file, "one:read"), add_token(file, "two:read")
    book = TokenBook(file)
    assert book.holder(first) is not None
    lines = file.read_text().splitlines()
    file.write_text(f"{lines[1]}\n")
    assert book.holder(first) is None
    assert book.holder(second) is not None
    file.write_text(f"{lines[1]}\nslip\n")
    assert book.holder(second) is None


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    """Whoever may write it may call."""
    file = tmp_path / "tokens"
    add_token(file, "one:read")
    file.chmod(0o666)
    with pytest.raises(StartError, match="chmod 600"):
        TokenBook(file)


def test_without_a_file_the_start_says_how_to_make_one(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(StartError, match="--add-token"):
        TokenBook(tmp_path / "none")
