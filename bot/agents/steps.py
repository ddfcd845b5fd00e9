"""The numbered steps a guide showed, and which of them a later message means by its number."""

import re
from collections.abc import Iterable, Sequence

from bot.domain.answers import Bullets, Extract, Part

MOST = 12
LONGEST = 200
_STEP = re.compile(
    r"(\d+)\s*(?:번째?|st|nd|rd|th)?\s*(?:단계|스텝|항목|절차|steps?\b|points?\b|items?\b)"
    r"|(?:단계|스텝|step|point|item)\s*#?(\d+)",
    re.IGNORECASE,
)


def steps_shown(parts: Iterable[Part]) -> list[str]:
    """Return the longest numbered list of the documents shown, one text a step."""
    lists = [
        part.items
        for extract in parts
        if isinstance(extract, Extract)
        for part in extract.parts
        if isinstance(part, Bullets) and part.numbered
    ]
    longest = max(lists, key=len, default=())
    return ["".join(span.text for span in item)[:LONGEST] for item in longest[:MOST]]


def step_meant(text: str, steps: Sequence[str]) -> str | None:
    """Return the step that a message asks about by its number; None where it asks about none."""
    found = _STEP.search(text)
    number = int(found[1] or found[2]) if found is not None else 0
    return steps[number - 1] if 0 < number <= len(steps) else None
