"""What is written about settings and commands is what the code has."""

import re
import subprocess
import sys
from pathlib import Path

from bot.settings import Settings, load_settings

ROOT = Path(__file__).parents[3]
LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def written() -> dict[str, str]:
    return dict(LINE.findall((ROOT / ".env.example").read_text(encoding="utf-8")))


def test_every_setting_has_a_line_in_the_example_and_every_line_a_setting() -> None:
    """Nothing is missing, nothing is left over."""
    assert set(written()) == {name.upper() for name in Settings.model_fields}


def test_a_value_in_the_example_is_the_default() -> None:
    """Copying the file changes nothing; a line without a value stands for the default."""
    given = {name.lower(): value for name, value in written().items() if value}
    plain = load_settings(_env_file=None)
    copied = load_settings(_env_file=None, **given)
    assert {name: getattr(copied, name) for name in given} == {
        name: getattr(plain, name) for name in given
    }


def test_the_example_reads_the_same_for_a_container_engine() -> None:
    """Which takes what follows the sign literally, quotes and remarks included."""
    assert not [name for name, value in written().items() if set(value) & set("\"'#")]


def test_no_line_of_the_example_holds_a_secret() -> None:
    """The file is committed."""
    secret = {
        name for name in written() if name.endswith(("_TOKEN", "_KEY")) or name == "DATABASE_URL"
    }
    assert secret
    assert not any(written()[name] for name in secret)


def test_every_command_is_in_the_readme() -> None:
    """The parser's own list; `make demo` and `scripts/ingest.py` are the same commands."""
    told = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    commands = re.findall(r"^    (\w+) ", told, re.MULTILINE)
    assert {"run", "demo", "doctor", "digest", "audit", "freeze"} <= set(commands)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in commands
        if not re.search(rf"(-m bot |dangjik |make |scripts/){name}\b", readme)
    ]
    assert not missing
