"""Known vulnerabilities of what is installed with the product: asked of the registries' advisories, and said as it is.

`python -m tests.audit` fails where there is one. Where nobody answers, or a package is not known there, it says so and
goes on: that is no "clean".
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hatch_build

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one registry's advisories said."""

    of: str
    #: Packages somebody knew something about, even that nothing is known against them.
    asked: int
    #: Packages nobody answered for.
    unknown: int
    #: Package, version and advisory of each vulnerability.
    found: Sequence[str]
    #: Why nobody answered; empty where somebody did.
    why: str = ""

    def __str__(self) -> str:
        if not self.asked:
            return f"{self.of}: NOT AUDITED, nobody answers from here ({self.why or 'no package is known there'})"
        said = f"{self.of}: {self.asked} packages, {len(self.found)} known vulnerabilities"
        if self.unknown:
            said += f"; NOT AUDITED: {self.unknown} more"
        return "\n  ".join([said, *self.found])


def python(report: str, why: str) -> Answer:
    """What `pip-audit --format json` wrote."""
    packages = _read(report).get("dependencies", [])
    known = [each for each in packages if "skip_reason" not in each]
    return Answer(
        of="Python",
        asked=len(known),
        unknown=len(packages) - len(known),
        found=[f"{each['name']} {each['version']}: {vuln['id']}" for each in known for vuln in each["vulns"]],
        why=why,
    )


def npm(report: str, why: str) -> Answer:
    """What `npm audit --json` wrote."""
    told = _read(report)
    total = told.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Answer(
        of="npm",
        asked=total,
        unknown=0,
        found=[f"{name}: {each['severity']}" for name, each in told.get("vulnerabilities", {}).items()],
        why=why or str(told.get("message", "")),
    )


def _read(report: str) -> dict[str, Any]:
    try:
        told = json.loads(report)
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _said(
    command: Sequence[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> list[str]:
    """Standard output, and the last line of what went wrong."""
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return ["", str(error)]
    return [done.stdout, (done.stderr.strip().splitlines() or [""])[-1] if not done.stdout.strip() else ""]


def main() -> int:
    """Ask, print, and return how many vulnerabilities there are."""
    pinned = ("--requirement", "requirements.txt", "--require-hashes", "--disable-pip")
    quiet = ("--progress-spinner", "off", "--timeout", "15", "--format", "json")
    command, environment = hatch_build.started_by("npm")
    answers = (
        python(*_said([sys.executable, "-m", "pip_audit", *pinned, *quiet], ROOT)),
        npm(*_said([*command, "audit", "--json", "--omit=dev"], ROOT / "web" / "assets", environment)),
    )
    for answer in answers:
        print(answer)
    return sum(len(answer.found) for answer in answers)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
