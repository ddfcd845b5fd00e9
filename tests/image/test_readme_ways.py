"""The README's three ways: the same in both languages, and pip's followed to the letter."""

import re
import shutil
import subprocess
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from bot.sandbox.slack.demo import ALERT_CHANNEL
from tests.e2e.demo import running_demo
from tests.flow.test_incident import incident
from tests.flow.world import world
from tests.image.container import end_of, ended, running_bot
from tests.image.dockerfile import ROOT
from tests.image.incident import alerted, approved, carded, guided
from tests.reliability.replicas import environment_of

WAYS = ("pip", "Docker", "Kubernetes")
BLOCK = re.compile(r"^\*\*(\w+)\*\*.*?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = (
    "doctor",
    "ingest",
    "digest --now",
    "digest --now --dry-run",
    "audit --verify",
    "freeze on",
    "freeze off",
    "--help",
)
NEWER = ("python3.14", "python3.13", "python3.12")  # the newest first


def ways(readme: str) -> dict[str, list[str]]:
    found = BLOCK.findall((ROOT / readme).read_text(encoding="utf-8"))
    return {name: block.splitlines() for name, block in found if name in WAYS}


def pythons() -> list[str]:
    """Return the interpreter of these tests, and the newest other one, beside it or on the path."""
    base: str = sys._base_executable  # type: ignore[attr-defined]  # not this environment's
    beside = Path(base).parents[2]
    newer = (
        str(path)
        for name in NEWER
        for path in (*beside.glob(f"*/bin/{name}"), Path("/usr/bin") / name)
        if path.exists()
    )
    return [base, *[path for path in [next(newer, "")] if path]]


@dataclass(frozen=True, slots=True)
class Installed:
    """A folder of a user, with the environment that the lines have made."""

    folder: Path
    data_dir: ClassVar[str] = "data"

    def bot(self, *arguments: str) -> list[str]:
        return ["/usr/bin/env", f"--chdir={self.folder}", "bin/dangjik", *arguments]

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8", **settings}


def test_each_way_has_five_lines_and_is_the_same_in_both_languages() -> None:
    """Nothing is told in one language alone."""
    english = ways("README.md")
    assert tuple(english) == WAYS
    assert {len(lines) for lines in english.values()} == {5}
    assert ways("README.ko.md") == english


def test_what_the_lines_name_is_there() -> None:
    """Files, targets, and the name that the image is made under."""
    lines = [line for way in ways("README.md").values() for line in way]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    tag = re.findall(r"^TAG \?= (\S+)", makefile, re.MULTILINE)[0]
    words = " ".join(lines).split()
    assert {word for word in words if word.startswith("dangjik:") and "/" not in word} >= {tag}
    files = {word for word in words if word.startswith("deploy/") and word.count("/") > 1}
    assert all((ROOT / file).exists() for file in {*files, ".env.example"} - {"deploy/dangjik"})
    assert all(f"\n{name}:" in makefile for name in re.findall(r"make ([a-z-]+)", " ".join(lines)))


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
async def test_pips_way_leads_to_a_bot_that_works(tmp_path: Path, python: str) -> None:
    """From a copy of what is kept in the repository, by an interpreter that has nothing installed."""
    repository, place = tmp_path / "repository", Installed(tmp_path / "dangjik")
    _copy(repository)
    *lines, last = ways("README.md")["pip"]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(python)
    assert last == "bin/dangjik run"
    async with world(tmp_path, incident(), documents=True) as at:
        settings = environment_of(at.settings) | {"DATA_DIR": place.data_dir}
        settings["DIGEST_CHANNEL"] = ALERT_CHANNEL
        filled = "".join(f"{name}={value}\n" for name, value in settings.items())
        script = [lines[0], f"cat >> ../dangjik/.env <<'END'\n{filled}END", *lines[1:]]
        path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
        installing = await create_subprocess_exec(
            *("bash", "-ec", "\n".join(script)),
            cwd=repository,
            env=place.environment({"PATH": path}),
            stdout=PIPE,
            stderr=STDOUT,
        )
        said, _ = await installing.communicate()
        assert installing.returncode == 0, said.decode()[-2000:]
        async with running_bot(place, at, tmp_path / "log") as process:
            thread = await alerted(at)
            await approved(at, await carded(at, thread, "en"), "en")
            await guided(at, thread, "en")
            assert await ended(process) == 0, end_of(tmp_path / "log")
        for command in COMMANDS:
            process = await create_subprocess_exec(
                *place.bot(*command.split()), env=place.environment(settings)
            )
            assert await process.wait() == 0, command
    with running_demo(tmp_path / "demo-log", "en", place.bot()):
        pass


def _copy(to: Path) -> None:
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in kept:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
