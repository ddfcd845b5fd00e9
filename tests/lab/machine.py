"""What the lab needs on this machine: Java, Debian's monitoring programs, and PySpark.

Debian's packages are unpacked below build/ instead of being installed: that needs no root, and
starts no service on the machine.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.expectations import LabError

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VENV = ROOT / "build" / "lab-venv"
UNPACKED = ROOT / "build" / "lab-debian"
PACKAGES = (
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-process-exporter",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where everything is: programs by package name, Java, and the Python that has PySpark."""

    programs: dict[str, Path]
    java: Path
    python: Path

    @property
    def promtool(self) -> Path:
        """Return Prometheus' own checker, which comes with it."""
        return self.programs["prometheus"].with_name("promtool")

    @property
    def spark_home(self) -> Path:
        """Return PySpark's folder, which is a whole Spark."""
        return next(VENV.glob("lib/python*/site-packages/pyspark"))


def prepared() -> Machine:
    """Find or fetch everything. Raises LabError that names what is missing and how to get it."""
    java = shutil.which("java")
    if sys.platform != "linux" or not Path("/proc/stat").exists():
        raise LabError("the lab needs Linux: it reads /proc")
    if java is None:
        raise LabError("the lab needs Java 17: apt-get install default-jre-headless")
    lacking = [name for name in PACKAGES if _program(name) is None]
    if lacking:
        _unpack(lacking)
    programs = {name: found for name in PACKAGES if (found := _program(name))}
    still = [name for name in PACKAGES if name not in programs]
    if still:
        raise LabError(f"the lab needs Debian's packages: apt-get install {' '.join(still)}")
    return Machine(programs, Path(java), _pyspark())


def _program(package: str) -> Path | None:
    unpacked = UNPACKED / "usr" / "bin" / package
    if unpacked.exists():
        return unpacked
    found = shutil.which(package)
    return Path(found) if found else None


def _unpack(packages: list[str]) -> None:
    """Download the packages and unpack them; leaves it to the caller to see what is there."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    UNPACKED.mkdir(parents=True, exist_ok=True)
    fetch = ["apt-get", "-qq", "download", *packages]
    if os.geteuid() == 0:
        fetch[1:1] = ["-o", "APT::Sandbox::User=root"]
        if _said(fetch):
            _said(["apt-get", "-qq", "update"])
    words = _said(fetch)
    for package in UNPACKED.glob("*.deb"):
        words += _said(["dpkg-deb", "-x", package.name, "."])
    if words:
        sys.stderr.write(words)


def _said(command: list[str]) -> str:
    """Run a command among the packages; return what it said when it failed."""
    done = subprocess.run(command, cwd=UNPACKED, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def _pyspark() -> Path:
    """Install PySpark into an environment of its own, once per version; return its Python."""
    python = VENV / "bin" / "python"
    mark = VENV / f".{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"
    if mark.exists():
        return python
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", "--clear", VENV],
        [python, *pip, "-r", REQUIREMENTS],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"PySpark cannot be installed:\n{done.stderr[-1500:]}")
    mark.touch()
    return python
