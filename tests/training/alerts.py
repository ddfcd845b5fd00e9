"""`python -m tests.training.alerts`: makes the model file from frames of posts.

A frame is what a producer writes around a subject; each is filled with many subjects, so that
what is learnt is the frame. A tool of development: scikit-learn is not there in the product.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from bot.handlers.alerts import words
from bot.handlers.alerts.classifier import MODEL, STATUSES, STEPS
from bot.handlers.alerts.reading import signs_in
from bot.handlers.message_text import Json

DATA = MODEL.with_name("data")
LABELS = dict(zip("-FBE", STATUSES, strict=True))
SENSES = dict(zip("FBE", words.Sense, strict=True))
FILLED = 6  # posts of a frame and a status
_PAIR = re.compile(r"^([^:\n]{2,25}?) ?: (\S.*)$", re.MULTILINE)
_SLOT = re.compile(r"\{([A-Z]+1?)\}")
_OWN_SENDER, _PALE, _CALM, _RARE, _IN_FIELDS = 0.6, 0.3, 0.8, 0.5, 0.4  # shares of posts


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post that was made from a frame, by its number; `label` is one of LABELS."""

    frame: int
    label: str
    message: Json


def posts(seed: int = 0) -> Iterator[Labelled]:
    """Yield labelled posts, the same for the same files. A frame labelled `*` is of all states."""
    chance = random.Random(seed)
    fillings = json.loads((DATA / "fillings.json").read_text(encoding="utf-8"))
    lines = (DATA / "frames.tsv").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        states, sender, bar, frame = line.split("\t")
        for label in "FBE" if states == "*" else states:
            for _ in range(FILLED * (1 + (states == "*"))):
                own = chance.random() < _OWN_SENDER
                name = sender if own else chance.choice(["bot", "hook", "알림", "relay", ""])
                text = _filled(frame, label, fillings, chance).replace("\\n", "\n")
                colour = _colour(states, label, bar, fillings["colours"], chance)
                yield Labelled(number, label, _post(name, colour, text, chance))


def _filled(frame: str, label: str, fillings: dict[str, Any], chance: random.Random) -> str:
    once: dict[str, str] = {}  # a post speaks of one host and one figure
    if label == "E" and chance.random() < _CALM:
        fillings = {**fillings, "V": fillings["L"]}

    def fill(match: re.Match[str]) -> str:
        known = fillings[match[1]]
        value = chance.choice(known[label] if isinstance(known, dict) else known)
        if match[1] == "ST" and chance.random() < _RARE:
            value = chance.choice(sorted(words.STATES[SENSES[label]]))
            value = chance.choice([value, value.upper(), value.capitalize()])
        return once.setdefault(match[1], value) if match[1] in "HVLC" else value

    return _SLOT.sub(fill, _SLOT.sub(fill, _SLOT.sub(fill, frame)))


def _colour(
    states: str, label: str, bar: str, colours: dict[str, list[str]], chance: random.Random
) -> str:
    if bar == "@":
        bar = {"F": "red", "B": chance.choice(["yellow", ""]), "E": "green"}[label]
    if not bar or (states in "-*" and chance.random() < _PALE):
        return ""
    return chance.choice(colours[bar])


def _post(sender: str, colour: str, text: str, chance: random.Random) -> Json:
    """Return the text as a message in one of the ways in which tools post."""
    first, _, rest = text.partition("\n")
    if len(pairs := _PAIR.findall(rest)) > 1 and chance.random() < _IN_FIELDS:
        return _with_fields(sender, colour, first, pairs, _PAIR.sub("", rest).strip())
    message: Json = {"subtype": "bot_message", "bot_id": "B0", "username": sender, "text": ""}
    way = chance.randrange(4)
    if colour and way == 0:
        return {**message, "text": first, "attachments": [{"color": colour, "text": rest or first}]}
    if colour and way == 1:
        return {**message, "attachments": [{"color": colour, "text": text}]}
    if colour or way == 0:
        return {**message, "attachments": [{"color": colour, "title": first, "text": rest}]}
    if way == 1:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        return {**message, "text": first, "blocks": [block]}
    return {**message, "text": text}


def _with_fields(
    sender: str, colour: str, first: str, pairs: list[tuple[str, str]], rest: str
) -> Json:
    """Return a message whose pairs of key and value are fields of a block."""
    fields = [{"type": "mrkdwn", "text": f"*{key}*\n{value}"} for key, value in pairs]
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": first}}]
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": rest}}] if rest else []
    blocks.append({"type": "section", "fields": fields})
    message: Json = {"subtype": "bot_message", "bot_id": "B0", "username": sender, "text": ""}
    if colour:
        return {**message, "attachments": [{"color": colour, "blocks": blocks}]}
    return {**message, "text": first, "blocks": blocks}


def trained(rows: list[Labelled]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the model file; a sign that only one frame has is not learnt."""
    told = [signs_in(row.message) for row in rows]
    frames: dict[str, set[int]] = defaultdict(set)
    for row, signs in zip(rows, told, strict=True):
        for sign in signs:
            frames[sign].add(row.frame)
    seen = DictVectorizer()
    matrix = seen.fit_transform([{s: 1.0 for s in signs if len(frames[s]) > 1} for signs in told])
    learning = LogisticRegression(C=1.0, max_iter=400, class_weight="balanced")
    learning.fit(matrix, [list(LABELS).index(row.label) for row in rows])
    step = np.abs(learning.coef_).max() / STEPS
    return {
        "signs": np.frombuffer("\n".join(seen.feature_names_).encode(), dtype=np.uint8),
        "weights": np.rint(learning.coef_.T / step).astype(np.int8),
        "bias": learning.intercept_.astype(np.float32),
        "step": np.array(step, dtype=np.float32),
    }


def main() -> None:
    """Train and write the file."""
    np.savez_compressed(MODEL, allow_pickle=False, **trained(list(posts())))
    print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
