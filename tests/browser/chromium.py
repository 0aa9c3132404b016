"""Find a Chromium for the browser tests, or install one. `python -m tests.browser.chromium` prints where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests import debian

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
        debian.install("chromium", "fonts-dejavu-core")
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def executable() -> str | None:
    """Return what Playwright should start: a path, or None for its own build."""
    return find()


if __name__ == "__main__":
    if find() is None:
        install()
    print(find() or "Playwright's own Chromium")
