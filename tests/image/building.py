"""Builds the real Dockerfile where no base image can be pulled, and opens what came out.

The base image is put together from Debian's packages and this machine's Python, under the name that
the Dockerfile asks for. Needs root, and Debian's buildah and mmdebstrap.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.image.container import Container, held, why_not
from tests.image.dockerfile import ROOT, shipped
from tests.lab.expectations import LabError, Stopwatch

TAG = "dangjik:check"
ADDED = "/opt/dangjik"
NEEDED = ("buildah", "mmdebstrap")
# Where this machine keeps its certificates, pip's settings and what pip may find without asking.
LENT = ("/etc/ssl/certs", "/etc/pip.conf", os.environ.get("PIP_FIND_LINKS", ""))  # noqa: TID251
FASTER = {"BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "overlay"}
LINKED = "cd /usr/local/bin; ln -sf {python} python; ln -sf {python} python3; ldconfig"


def check_tools() -> None:
    """Raise LabError when this machine cannot build."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if lacking:
        raise LabError(f"apt-get install {' '.join(lacking)}")
    if reason := why_not():
        raise LabError(reason)


def build(watch: Stopwatch) -> None:
    """Build the image; makes the base image first when it is not there. Raises LabError."""
    base = f"docker.io/library/{shipped()[-1].base}"
    begun = watch.now()
    if not _buildah("images", "--quiet", "--filter", f"reference={base}"):
        _make_base(base)
        begun = watch.note("base image made", begun)
    lent = [f"--volume={path}:{path}:ro" for path in LENT if path and Path(path).exists()]
    _buildah("build", "--quiet", "--pull=never", "--network=host", *lent, "--tag", TAG, str(ROOT))
    watch.note("image built", begun)


@contextmanager
def opened(folder: Path) -> Iterator[Container]:
    """Give the image's root, read-only but for /data and /tmp, as compose.yaml starts it."""
    made = _buildah("from", "--pull=never", f"localhost/{TAG}")
    try:
        with held(Path(_buildah("mount", made)), folder) as container:
            yield container
    finally:
        _buildah("rm", made)


def sizes(container: Container) -> dict[str, int]:
    """Return what the image adds to its base, and the largest parts of it, in megabytes."""
    asked = f"du -sm {ADDED}; du -sm {ADDED}/lib/python*/site-packages/* | sort -rn | head -n 8"
    lines = container.run("sh", "-c", asked).stdout.splitlines()
    return {Path(name).name: int(size) for size, name in (line.split("\t") for line in lines)}


def _make_base(name: str) -> None:
    """Commit Debian's smallest root with this Python under /usr/local as the base image."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root.tar"
        packages = "--include=ca-certificates,python3"  # whose libraries our Python needs, too
        suite = name.rpartition("-")[2]
        _run("mmdebstrap", "--quiet", "--variant=minbase", packages, suite, str(root))
        made = _buildah("from", "scratch")
        _buildah("add", "--quiet", made, str(root), "/")
    _buildah("add", "--quiet", made, sys.base_prefix, "/usr/local")
    _buildah("run", made, "--", "sh", "-ec", LINKED.format(python=python))
    _buildah("commit", "--quiet", made, name)
    _buildah("rm", made)


def _buildah(*arguments: str) -> str:
    return _run("buildah", *arguments)


def _run(*command: str) -> str:
    environment = {**os.environ, **FASTER}  # noqa: TID251 - handed on
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise LabError(f"{' '.join(command[:3])}: {done.stderr.strip()[-2000:]}")
    return done.stdout.strip()
