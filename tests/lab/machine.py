"""What the lab needs on this machine: Java, Debian's monitoring programs, PySpark and Hadoop.

Debian's packages are unpacked below build/ instead of being installed: that needs no root, and
starts no service on the machine.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.expectations import LabError
from tests.lab.fetching import fetch, said

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
UNPACKED = BUILD / "lab-debian"
PACKAGES = (
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-process-exporter",
)
REQUIREMENTS = {each.stem[6:]: each for each in Path(__file__).parent.glob("spark-*.txt")}
POM = Path(__file__).with_name("hadoop.pom.xml")
SPARK, HADOOP = "4.3.0", "3.4.2"
JAVA = 17
KDC_PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "krb5-config", "curl")
KDC_PACKAGES = "krb5-kdc krb5-admin-server libkrb5-dev gcc curl"
# Where Debian's Alertmanager looks for its templates, and the same length for "below here".
_SHARE, _SHARE_BELOW = b"/usr/share/prometheus", b".////share/prometheus"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where everything is: programs by package name, Java, the Python that has PySpark, jars."""

    programs: dict[str, Path]
    java: Path
    python: Path
    hadoop: Path | None = None

    @property
    def promtool(self) -> Path:
        """Return Prometheus' own checker, which comes with it."""
        return self.programs["prometheus"].with_name("promtool")

    @property
    def spark_home(self) -> Path:
        """Return PySpark's folder, which is a whole Spark."""
        venv = self.python.parents[1]
        return next(venv.glob("lib/python*/site-packages/pyspark"))


def prepared(spark: str = SPARK, hadoop: str | None = None) -> Machine:
    """Find or fetch everything; Hadoop only when a version is given.

    Raises LabError that names what is missing and how to get it.
    """
    if sys.platform != "linux" or not Path("/proc/stat").exists():
        raise LabError("the lab needs Linux: it reads /proc")
    java = _java()
    if hadoop and shutil.which("mvn") is None:
        raise LabError("real YARN needs Maven: apt-get install maven")
    return Machine(monitors(), java, _pyspark(spark), _hadoop(hadoop) if hadoop else None)


def monitors() -> dict[str, Path]:
    """Find or fetch Debian's monitoring programs, by package; raises LabError."""
    lacking = [name for name in PACKAGES if _program(name) is None]
    if lacking:
        _unpack(lacking)
    programs = {name: found for name in PACKAGES if (found := _program(name))}
    still = [name for name in PACKAGES if name not in programs]
    if still:
        raise LabError(f"the lab needs Debian's packages: apt-get install {' '.join(still)}")
    return programs


def kerberos() -> Path | str:
    """Return a folder for PYTHONPATH that has SPNEGO; or what this machine lacks for it."""
    lacking = [name for name in KDC_PROGRAMS if _found(name) is None]
    if lacking:
        return f"no {', '.join(lacking)}: apt-get install {KDC_PACKAGES}"
    folder = BUILD / "lab-kerberos"
    if not (folder / "httpx_gssapi").exists():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
        needed = ("httpx-gssapi", "gssapi", "decorator")
        fetch("httpx-gssapi", [*pip, "--target", folder, *needed])
    return folder


def kdc_program(name: str) -> str:
    """Return the path of a program of the KDC, whose folder is an administrator's."""
    found = _found(name)
    if found is None:
        raise LabError(f"no {name}: apt-get install {KDC_PACKAGES}")
    return found


def _found(program: str) -> str | None:
    """Return a program's path, also from where only administrators look."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def _java() -> Path:
    """Return Java 17's program, or a newer one that is the machine's own. Raises LabError."""
    installed = sorted(Path("/usr/lib/jvm").glob(f"java-{JAVA}-*/bin/java"))
    found = installed[0] if installed else Path(shutil.which("java") or "")
    how = f"the lab needs Java {JAVA}: apt-get install openjdk-{JAVA}-jre-headless"
    if not found.is_file():
        raise LabError(how)
    done = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)', done.stderr)
    if version is None or int(version[1]) < JAVA:
        raise LabError(f"{how} (found: {done.stderr.splitlines()[:1]})")
    return found.resolve()


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
    download = ["apt-get", "-qq", "download", *packages]
    if os.geteuid() == 0:
        download[1:1] = ["-o", "APT::Sandbox::User=root"]
        if said(download, UNPACKED):
            fetch("Debian's lists", ["apt-get", "-qq", "update", "--error-on=any"])
    fetch("Debian's packages", download, UNPACKED)
    for package in UNPACKED.glob("*.deb"):
        if words := said(["dpkg-deb", "-x", package.name, "."], UNPACKED):
            raise LabError(f"{package.name} cannot be unpacked:\n{words}")
    for program in (UNPACKED / "usr" / "bin").glob("prometheus-alertmanager"):
        program.write_bytes(program.read_bytes().replace(_SHARE, _SHARE_BELOW))


def _pyspark(version: str) -> Path:
    """Install PySpark into an environment of its own, once per version; return its Python."""
    venv, requirements = BUILD / f"lab-spark-{version}", REQUIREMENTS[version]
    python = venv / "bin" / "python"
    mark = venv / f".{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    if mark.exists():
        return python
    if words := said([sys.executable, "-m", "venv", "--clear", venv]):
        raise LabError(f"no virtual environment for PySpark:\n{words}")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    fetch("PySpark", [python, *pip, "-r", requirements])
    mark.touch()
    return python


def _hadoop(version: str) -> Path:
    """Copy Hadoop's jars, once per version; return their folder."""
    folder = BUILD / f"lab-hadoop-{version}"
    mark = folder / f".{hashlib.sha256(POM.read_bytes()).hexdigest()[:16]}"
    if not mark.exists():
        shutil.rmtree(folder, ignore_errors=True)
        copy = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
        maven = ("mvn", "-q", "-B", "-f", POM, f"-Dhadoop.version={version}")
        fetch(f"Hadoop {version}", [*maven, *copy])
        mark.touch()
    return folder
