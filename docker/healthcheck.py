"""Exit 0 if the part of the lab in this container is well, 1 if not: `healthcheck.py [web|scheduler|worker]`.

Which part it is says the argument, or LAB_ROLE, or the command of process 1. The web process is asked over HTTP; the two others touch a file every
five seconds while they are well. It reads the same variables as they do and imports nothing slow.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

ROLES = ("web", "scheduler", "worker")
STALE_SECONDS = 20.0


def role(words: list[str], command: Path = Path("/proc/1/cmdline")) -> str:
    """Return which part is meant; "web" where nothing says otherwise, as the image does."""
    if given := (words[:1] or [os.environ.get("LAB_ROLE", "")])[0]:
        return given
    try:
        line = command.read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "web"
    # Behind an init of Docker's, process 1 has the entry's arguments; else it is the part itself.
    after = [following for word, following in pairwise(line) if word.endswith(("core.engine.node", "docker/lab.py"))]
    return after[0] if after and after[0] in ROLES else "web"


def serving() -> bool:
    """Say whether the health address answers "ok"; the word matters, since Streamlit sends its page, with 200, for addresses it does not know."""
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    # No proxy: a container's http_proxy is for the way out.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/{base}{'/' if base else ''}_stcore/health", timeout=4) as answer:
            return bool(answer.read(16).strip() == b"ok")
    except OSError:
        return False


def beating() -> bool:
    """Say whether the file has been touched of late. One from the future is as bad: the clock was set back, and nobody touches it any more."""
    file = os.environ.get("LAB_HEARTBEAT") or os.path.join(tempfile.gettempdir(), "lab-heartbeat")
    try:
        return abs(time.time() - os.stat(file).st_mtime) < STALE_SECONDS
    except OSError:
        return False


def healthy(part: str) -> bool:
    """Say whether a part is well; an unknown one is not."""
    if part not in ROLES:
        print(f"{part!r} is no part of the lab: {', '.join(ROLES)}", file=sys.stderr)
        return False
    return serving() if part == "web" else beating()


if __name__ == "__main__":
    sys.exit(0 if healthy(role(sys.argv[1:])) else 1)
