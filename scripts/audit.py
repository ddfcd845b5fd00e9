# ruff: noqa: INP001 - a script, no package
"""Asks whether a known vulnerability is installed, and says plainly what came of it.

pip-audit calls "no known vulnerabilities found" also what its service has never heard of, as when
the packages come through a mirror. Here that is called what it is: not audited.

Ends with 1 when a vulnerability is known, with 3 under `--strict` when something was not audited,
else with 0.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-runtime.lock"
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 3
LIMIT = 180.0  # seconds
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of the packages: one line per vulnerability, and who was not audited."""

    audited: int
    vulnerable: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    reason: str = ""

    def code(self, *, strict: bool) -> int:
        """Return the exit code."""
        if self.vulnerable:
            return VULNERABLE
        return UNKNOWN if strict and (self.unknown or not self.audited) else CLEAN

    def lines(self) -> list[str]:
        """Return what to print."""
        said = [f"audit: VULNERABLE: {line}" for line in self.vulnerable]
        if not self.audited:
            return [*said, f"audit: NOT AUDITED: {self.reason or 'no package is known there'}"]
        if self.unknown:
            names = ", ".join(self.unknown[:SHOWN])
            more = f" and {len(self.unknown) - SHOWN} more" if len(self.unknown) > SHOWN else ""
            said.append(f"audit: NOT AUDITED: {names}{more}")
        sums = f"{len(self.vulnerable)} known vulnerabilities" if self.vulnerable else "none known"
        return [*said, f"audit: {self.audited} packages audited, {sums}"]


def finding_of(report: Mapping[str, Any]) -> Finding:
    """Return what pip-audit's JSON report says."""
    packages = report.get("dependencies", [])
    unknown = tuple(each["name"] for each in packages if "skip_reason" in each)
    lines = tuple(
        f"{each['name']} {each.get('version')}: {known['id']}, fixed in "
        f"{', '.join(known.get('fix_versions') or ['no version yet'])}"
        for each in packages
        for known in each.get("vulns", [])
    )
    reason = f"the vulnerability service knows none of our {len(packages)} packages"
    return Finding(len(packages) - len(unknown), lines, unknown, reason)


def audited(lock: Path, command: Sequence[str]) -> Finding:
    """Ask pip-audit, `command`, about a lock file."""
    asked = [*command, "--disable-pip", "--no-deps", "--progress-spinner=off", "-f", "json"]
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            [*asked, "-r", str(lock)], capture_output=True, text=True, timeout=LIMIT, check=False
        )
        return finding_of(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Finding(0, reason=f"no answer within {LIMIT:.0f} s")
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        kind = last[0].partition(":")[0].rpartition(".")[2]
        return Finding(0, reason=f"the vulnerability service cannot be reached ({kind})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit what the image installs, and return the exit code."""
    parser = argparse.ArgumentParser(description="Ask whether a known vulnerability is installed.")
    parser.add_argument("--strict", action="store_true", help="fail when something is not audited")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock file to audit")
    options = parser.parse_args(arguments)
    found = audited(options.lock, [sys.executable, "-m", "pip_audit"])
    print("\n".join(found.lines()))  # noqa: T201 - a command talks
    return found.code(strict=options.strict)


if __name__ == "__main__":
    sys.exit(main())
