"""Replays the Dockerfile's COPY and RUN lines into empty folders; holds them until told to end.

`unshare --mount python -m tests.image.replay FOLDER [LINE LEFT OUT]`: every mount is seen by this
process and by those that join it, and ends with it. The base image is this machine's /usr, /etc and
Python under a layer to write on, for there may be no registry to pull from. One kind of line is not
run: what `pip install --require-hashes` would fetch is lent by the environment that runs this,
exactly what the lock names.
"""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from tests.image.dockerfile import ROOT, Stage, Step, named, shipped, variables

FETCH = re.compile(r"(\S*python) -m pip install --no-deps --require-hashes -r (\S+)$")
SYSTEM_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
LINKS = ("bin", "sbin", "lib", "lib64")
READY = "ready"


def main(folder: Path, left_out: str = "") -> None:
    """Build every stage; say so; wait for the end of standard input."""
    roots: dict[str, Path] = {}
    for number, stage in enumerate(shipped()):
        root = folder / (stage.name or "image")
        roots[stage.name or "image"] = roots[str(number)] = root
        _make_base(root)
        _replay(stage, root, roots, left_out)
    print(READY, flush=True)  # noqa: T201 - the one who started this waits for it
    sys.stdin.read()


def _replay(stage: Stage, root: Path, roots: dict[str, Path], left_out: str) -> None:
    environment, where = {"PATH": SYSTEM_PATH, "HOME": "/root"}, "/"
    for step in stage.steps:
        if left_out and left_out in f"{step.word} {step.rest}":
            continue
        match step:
            case Step("ENV", rest):
                environment |= variables(rest, environment)
            case Step("WORKDIR", where):
                _inside(root, where).mkdir(parents=True, exist_ok=True)
            case Step("COPY", rest):
                _copy(rest, root, _inside(root, where), roots)
            case Step("RUN", rest) if found := FETCH.match(rest):
                python, lock = found.groups()
                _install(_inside(root, where) / lock, _packages(root, python))
            case Step("RUN", rest):
                command = ["chroot", str(root), "/bin/sh", "-ec", f"cd {where}; {rest}"]
                subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def _make_base(root: Path) -> None:
    for path in ("proc", "dev", "tmp", "root", "usr", "etc"):
        (root / path).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for name in LINKS:
        (root / name).symlink_to(f"usr/{name}")
    local = root / "usr" / "local"
    lent = {"/usr": root / "usr", "/etc": root / "etc", sys.base_prefix: local}
    for lower, target in lent.items():
        _layer(lower, target, root.parent / "layers" / root.name / target.name)
    for name in ("proc", "dev"):
        _mount("--rbind", f"/{name}", str(root / name))
    for name in ("python", "python3"):
        link = local / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(PYTHON)
    subprocess.run(["chroot", root, "/sbin/ldconfig"], check=True)  # finds Python's own library


def _layer(lower: str, target: Path, layers: Path) -> None:
    """Show a folder at the target, with a layer of its own to write on."""
    upper, work = layers / "upper", layers / "work"
    for each in (upper, work):
        each.mkdir(parents=True)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    _mount("-t", "overlay", "overlay", "-o", options, str(target))


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _inside(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _packages(root: Path, python: str) -> Path:
    prefix = "usr/local" if python == "python" else str(Path(python).parents[1]).lstrip("/")
    return root / prefix / "lib" / PYTHON / "site-packages"


def _copy(rest: str, root: Path, where: Path, roots: dict[str, Path]) -> None:
    *sources, target = rest.split()
    origin, owner = ROOT, sources[0].partition("--from=")[2]
    if owner:
        origin, sources = roots[owner], sources[1:]
    to = _inside(root, target) if target.startswith("/") else where / target
    for source in sources:
        found = _inside(origin, source)
        if found.is_dir():
            shutil.copytree(
                found,
                to,
                symlinks=True,
                dirs_exist_ok=True,
                copy_function=_link if owner else shutil.copy2,
                ignore=None if owner else shutil.ignore_patterns("__pycache__"),
            )
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, to)


def lend(folder: Path, to: Path) -> None:
    """Show a folder of this machine in another place; what is changed there changes here, too."""
    shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True, copy_function=_link)


def _install(lock: Path, packages: Path) -> None:
    for requirement in named(lock):
        found = distribution(requirement.name)
        if not requirement.specifier.contains(found.version):
            raise SystemExit(f"{requirement} is wanted, {found.version} is here")
        for file in found.files or ():
            if not file.parts[0].startswith(".."):
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(str(found.locate_file(file)), str(target))


def _link(source: str, target: str) -> None:
    """Give a file one more name; copy it where file systems are two."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        shutil.copy2(source, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
