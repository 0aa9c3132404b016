"""Run the whole site on loopback until it is interrupted: `make site`."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from pathlib import Path

from tests.site.topology import site


def main() -> None:
    """Read the arguments, run the site, say where it is."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--web", type=int, default=2, help="web processes")
    options.add_argument("--workers", type=int, default=2, help="workers")
    options.add_argument("--seconds", type=float, default=0.0, help="end by itself after so long; 0: not")
    given = options.parse_args()
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with tempfile.TemporaryDirectory(prefix="lab-site-") as folder, site(Path(folder), given.web, given.workers) as found:
        print(f"The site is at {found.url}\nlogs in {folder}\nCtrl+C ends it.", flush=True)
        for name, part in found.parts.items():
            print(f"  {name:10} process {found.pid(name)}: {' '.join(part.command[1:])[:110]}", flush=True)
        ended.wait(given.seconds or None)


if __name__ == "__main__":
    main()
