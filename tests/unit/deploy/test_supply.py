"""What is in the image is listed and audited, and an audit that was none is not called clean."""

import json
import re
import subprocess
import sys
from pathlib import Path

from scripts.audit import CLEAN, UNKNOWN, VULNERABLE, audited, finding_of

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements-runtime.lock"
SOUND = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
BAD = {
    "name": "yarl",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": "x"}],
}
STRANGER = {"name": "ours", "skip_reason": "Dependency not found"}


def test_a_known_vulnerability_fails() -> None:
    """It is named with its fix, whatever else is unknown."""
    found = finding_of({"dependencies": [SOUND, BAD, STRANGER]})
    assert found.code(strict=False) == VULNERABLE
    assert found.lines()[0] == "audit: VULNERABLE: yarl 1.0: PYSEC-1, fixed in 1.1"


def test_a_service_that_knows_nothing_is_no_audit() -> None:
    """pip-audit itself would say that no vulnerability is known."""
    found = finding_of({"dependencies": [STRANGER, STRANGER]})
    assert found.lines() == [
        "audit: NOT AUDITED: the vulnerability service knows none of our 2 packages"
    ]
    assert found.code(strict=False) == CLEAN
    assert found.code(strict=True) == UNKNOWN


def test_what_was_audited_is_counted_and_what_was_not_is_named() -> None:
    """Both are printed."""
    lines = finding_of({"dependencies": [SOUND, STRANGER]}).lines()
    assert lines == ["audit: NOT AUDITED: ours", "audit: 1 packages audited, none known"]


def test_a_service_out_of_reach_is_told_as_that() -> None:
    """Whatever the tool writes instead of its report."""
    broken = "import sys; sys.exit('requests.exceptions.ConnectionError: no way to host 1.2.3.4')"
    found = audited(LOCK, [sys.executable, "-c", broken])
    assert found.lines() == [
        "audit: NOT AUDITED: the vulnerability service cannot be reached (ConnectionError)"
    ]


def test_the_bill_of_materials_holds_every_package_of_the_image(tmp_path: Path) -> None:
    """In CycloneDX, checked against its schema by its own tool."""
    target = tmp_path / "sbom.json"
    line = next(
        line.strip()
        for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
        if "cyclonedx-py" in line
    )
    command = line.replace("$(BIN)", str(Path(sys.executable).parent))
    command = command.replace("build/sbom.json", str(target))
    subprocess.run(command.split(), cwd=ROOT, check=True, timeout=120, capture_output=True)
    bill = json.loads(target.read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "dangjik"
    listed = {each["name"]: each["version"] for each in bill["components"]}
    pinned = re.findall(r"^([a-z0-9._-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == dict(pinned)
    assert "://" not in json.dumps([each["purl"] for each in bill["components"]])
