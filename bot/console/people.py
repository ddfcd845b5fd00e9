"""Who may sign in: a file of names, password hashes, and the gateway token each speaks with."""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+|-]{0,63}")  # a mail address or an OIDC subject, too
SHORTEST = 10  # characters of a password
COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}  # OWASP's scrypt, 32 MB
GUESTS = "*"  # whomever else the proxy signs in: they look and do nothing


class PeopleError(Exception):
    """The file cannot be used; the message is one line and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sign in; `token` is what the gateway knows this person by."""

    name: str
    password: str = field(repr=False)
    token: str = field(repr=False)


class MemberBook:
    """The file, read at the start."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises PeopleError."""
        self._members = {each.name: each for each in _read(path)}

    def named(self, name: str) -> Member | None:
        """Return the member of this name, else the one for guests, if guests may look."""
        return self._members.get(name) or (self._members.get(GUESTS) if name else None)

    def checked(self, name: str, password: str) -> Member | None:
        """Return the member whose name and password these are; as slow for unknown names."""
        member = self._members.get(name)
        kept = member.password if member else hashed("nobody's password")
        fits = _fits(password, kept)
        return member if member and fits else None


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **COST)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def add_member(path: Path, name: str, password: str, token: str) -> None:
    """Add somebody to the file. Raises PeopleError."""
    if not NAME.fullmatch(name):
        raise PeopleError("a name has letters, digits, '.', '_', '@', '+', '|' and '-', at most 64")
    if len(password) < SHORTEST:
        raise PeopleError(f"a password has {SHORTEST} characters or more")
    if path.exists() and any(each.name == name for each in _read(path)):
        raise PeopleError("this name is taken")
    try:
        kept = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(kept, "a", encoding="utf-8") as file:
            file.write(f"{name}:{hashed(password)}:{token}\n")
    except OSError as error:
        raise PeopleError(f"{path} cannot be written: {error.strerror}") from None


def _fits(password: str, kept: str) -> bool:
    salt, _, digest = kept.partition("$")
    if not digest:
        return False
    made = hashlib.scrypt(password.encode(), salt=base64.b64decode(salt), **COST)
    return hmac.compare_digest(made, base64.b64decode(digest))


def _read(path: Path) -> list[Member]:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PeopleError(f"{path} holds tokens and may be read by others: chmod 600 it")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise PeopleError(f"{path} cannot be read; --add-user NAME makes it") from None
    found = []
    for number, line in enumerate(lines, start=1):
        parts = line.strip().split(":")
        if not line.strip() or line.startswith("#"):
            continue
        known = NAME.fullmatch(parts[0]) or parts[0] == GUESTS
        if len(parts) != 3 or not known or not parts[2]:  # noqa: PLR2004 - as written below
            raise PeopleError(f"{path}: line {number}: write name:password-hash:token")
        found.append(Member(*parts))
    return found
