"""What the doctor found: a check, how it went, and the values its text needs."""

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only `fail` makes the doctor's exit code 1.

    What a setting names and does not work is a failure; what is merely not set up is a warning.
    """

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was checked, how it went, the key of its text and the text's values.

    The texts stand in bot.texts.doctor.
    """

    name: str
    level: Level
    key: str
    values: dict[str, str] = field(default_factory=dict)
