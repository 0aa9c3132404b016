"""Find a Chromium for the browser tests, or install one. `python -m tests.browser.chromium` prints where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# SwiftShader draws WebGL where there is no GPU, and nothing else: the page itself is composed by the processor, as browsers do on such a
# machine by default. The rest keeps the browser from looking for a network.
FLAGS = (
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find() -> str | None:
    """Return the path of a Chromium, from $CHROMIUM or the search path; None where there is none."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's chromium, or Playwright's own build where there is no apt-get."""
    if shutil.which("apt-get"):
        rights = [] if os.geteuid() == 0 else ["sudo"]
        environment = [*rights, "env", "DEBIAN_FRONTEND=noninteractive"]
        subprocess.run([*environment, "apt-get", "update", "-qq"], check=True)
        subprocess.run([*environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def executable() -> str | None:
    """Return what Playwright should start: a path, or None for its own build."""
    return find()


if __name__ == "__main__":
    if find() is None:
        install()
    print(find() or "Playwright's own Chromium")
