"""Programs that tests drive, from Debian's packages."""

from __future__ import annotations

import os
import subprocess


def install(*packages: str) -> None:
    """Install packages, without what they only recommend and without starting what they would serve."""
    rights = [] if os.geteuid() == 0 else ["sudo"]
    environment = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    subprocess.run([*environment, "apt-get", "update", "-qq"], check=True)
    subprocess.run([*environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=True)
