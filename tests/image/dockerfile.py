"""Reads the Dockerfile: its stages, and what each sets, runs and starts."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, such as COPY, and everything after it on one line."""

    word: str
    rest: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands under one FROM: the image it begins with, and a name where it has one."""

    base: str
    name: str
    steps: tuple[Step, ...]

    def last(self, word: str) -> str:
        """Return what the last instruction of this word says. Raises LookupError."""
        return [step.rest for step in self.steps if step.word == word][-1]

    @property
    def user(self) -> int:
        """The uid it runs as."""
        return int(self.last("USER").partition(":")[0])

    @property
    def command(self) -> tuple[str, ...]:
        """What it starts, without arguments of its own."""
        return tuple(json.loads(self.last("ENTRYPOINT")))

    @property
    def health_command(self) -> tuple[str, ...]:
        """What it asks of itself."""
        return tuple(json.loads(self.last("HEALTHCHECK").partition("CMD ")[2]))

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the variables set over a base image's."""
        found = dict(base)
        for step in self.steps:
            if step.word == "ENV":
                found |= variables(step.rest, found)
        return found


def variables(rest: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return what one ENV sets; `$NAME` stands for what was known before it."""
    pairs = (part.partition("=") for part in shlex.split(rest))
    return {name: Template(value).safe_substitute(known) for name, _, value in pairs}


def stages(text: str) -> tuple[Stage, ...]:
    """Return the stages of a Dockerfile, in its order."""
    return tuple(_stages(_lines(text)))


def shipped() -> tuple[Stage, ...]:
    """Return the stages of the Dockerfile of this tree."""
    return stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def named(lock: Path) -> Iterator[Requirement]:
    """Yield what a lock installs on this machine."""
    for line in re.findall(
        r"^[a-z0-9].*?==[^\\\n]+", lock.read_text(encoding="utf-8"), re.MULTILINE
    ):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def locked(name: str) -> set[str]:
    """Return the names a lock of this tree installs on this machine."""
    return {requirement.name for requirement in named(ROOT / name)}


def _lines(text: str) -> list[str]:
    joined = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip()]


def _stages(lines: Iterable[str]) -> list[Stage]:
    found: list[tuple[str, str, list[Step]]] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append((f"docker.io/library/{base}", name, []))
        else:
            found[-1][2].append(Step(word, " ".join(rest.split())))
    return [Stage(base, name, tuple(steps)) for base, name, steps in found]
