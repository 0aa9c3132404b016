"""Known vulnerabilities of what the lab runs on: `python -m tests.audit` asks pip-audit about requirements.txt and all that it brings along.

Exit status 1: there is one that ACCEPTED does not name. Where nobody can be asked, since a network is closed or an index carries no such data, it
says so and exits with 0: a build does not fail for the weather, and the next one that can ask will.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv" / "audit"
SERVICES = ("pypi", "osv")
ACCEPTED: dict[str, str] = {}
"""The identifier of a vulnerability that does not touch the lab -> why."""

Report = dict[str, Any]


def pinned(file: Path) -> list[Requirement]:
    """Return the requirements that a file lists."""
    lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def needed(roots: Iterable[Requirement]) -> dict[str, str]:
    """Return all that some requirements bring along, as it is installed: name -> version without a build's own suffix."""
    found: dict[str, str] = {}
    waiting = list(roots)
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        each = waiting.pop()
        key = (canonicalize_name(each.name), frozenset(each.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            package = distribution(each.name)
        except PackageNotFoundError:
            continue  # for another system, or another extra
        found[key[0]] = Version(package.version).public  # torch's CPU build is judged as torch
        for text in package.requires or ():
            further = Requirement(text)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in ("", *each.extras)):
                waiting.append(further)
    return found


def ask(packages: dict[str, str], service: str) -> Report | None:
    """Return what a service knows of some packages; None where it could not be asked."""
    with tempfile.TemporaryDirectory() as folder:
        listed, out = Path(folder) / "packages.txt", Path(folder) / "report.json"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in sorted(packages.items())), encoding="utf-8")
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15", "--format", "json", "--output", str(out)]
        command = [str(ENVIRONMENT / "bin" / "pip-audit"), "--requirement", str(listed), "--vulnerability-service", service, *options]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
            report: Report = json.loads(out.read_text(encoding="utf-8"))
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
        return report if ended.returncode in (0, 1) else None


def judge(report: Report | None) -> tuple[int, list[str]] | None:
    """Return an exit status and what to say; None where a report says nothing, since none of its packages was known."""
    packages = (report or {}).get("dependencies", [])
    known = [each for each in packages if "skip_reason" not in each]
    if not known:
        return None
    said, found = [], 0
    for each in known:
        for hole in each.get("vulns", []):
            names = [hole["id"], *hole.get("aliases", [])]
            why = next((ACCEPTED[name] for name in names if name in ACCEPTED), "")
            found += not why
            fixed = ", ".join(hole.get("fix_versions", [])) or "no version yet"
            said.append(f"{each['name']} {each['version']}: {' = '.join(names)}, fixed in {fixed}{f'; accepted: {why}' if why else ''}")
    said += [f"{each['name']}: not known there" for each in packages if "skip_reason" in each]
    return min(found, 1), [*said, f"{len(known)} of {len(packages)} packages looked up, {found} vulnerabilities."]


def prepare() -> bool:
    """Make the environment of pip-audit, where it is not there; return whether it is now."""
    wanted = (ROOT / "requirements-audit.txt").read_text(encoding="utf-8")
    mark = ENVIRONMENT / "requirements.txt"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return True
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        subprocess.run([*pip, "-r", str(ROOT / "requirements-audit.txt")], check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    mark.write_text(wanted, encoding="utf-8")
    return True


def main() -> int:
    """Ask one service after the other until one knows something."""
    packages = needed(pinned(ROOT / "requirements.txt"))
    if prepare():
        for service in SERVICES:
            if (verdict := judge(ask(packages, service))) is not None:
                status, said = verdict
                print("\n".join(said))
                return status
    print(f"Nobody could be asked about {len(packages)} packages: no data on vulnerabilities can be reached from here. Nothing has been checked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
