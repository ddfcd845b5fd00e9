"""A wheel built from the tree works outside the repository."""

import os
import signal
import site
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.free_ports import free_port

ROOT = Path(__file__).parents[3]
START_LIMIT = 60.0  # seconds until the demo's page answers
DATA = (
    "bot/agents/prompts/answer.md",
    "bot/agents/model/remainder.npz",
    "bot/agents/reading/model.npz",
    "bot/sandbox/slack/page.html",
    "bot/sandbox/slack/page.js",
    "bot/sandbox/platform/scenarios/incident.toml",
    "bot/storage/migrations/script.py.mako",
    "bot/knowledge/manual/high-cpu.md",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=180, cwd=folder)
    (built,) = folder.glob("dangjik-*.whl")
    return built


@pytest.mark.long
def test_the_wheel_holds_everything_that_is_no_code(wheel: Path) -> None:
    """Every file under bot/ and knowledge/ that is kept in the repository, and nothing of a machine."""
    names = set(zipfile.ZipFile(wheel).namelist())
    kept = subprocess.run(
        ["git", "ls-files", "bot", "knowledge"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.splitlines()
    wanted = {f"bot/{name}" if name.startswith("knowledge/") else name for name in kept}
    assert set(DATA) <= names
    assert wanted - names == set()
    assert not [name for name in names if name.endswith((".pyc", ".db", ".env"))]


@pytest.mark.long
def test_the_demo_runs_from_the_wheel_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, which lends only what the lock installs."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = tmp_path / "venv" / "lib" / version / "site-packages"
    lent = [path for path in site.getsitepackages() if Path(path).is_dir()]
    (packages / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install"]
    command += ["--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    subprocess.run(command, check=True, timeout=180, cwd=tmp_path)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # noqa: TID251 - handed on
    where = [str(python), "-c", "import bot; print(bot.__file__)"]
    found = subprocess.run(
        where, capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path, env=env
    ).stdout
    assert found.startswith(str(packages))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [tmp_path / "venv" / "bin" / "dangjik", "demo", "--no-browser", "--port", str(port)],
            cwd=tmp_path,
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            page = _page(f"http://127.0.0.1:{port}/", process)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(30)
    assert "<html" in page
    assert code == 0, (tmp_path / "log").read_text(encoding="utf-8")[-2000:]


def _page(address: str, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        assert process.poll() is None, "the demo ended before its page was there"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.URLError:
            time.sleep(0.1)  # another process: there is no event to wait for
    raise TimeoutError(address)
