"""Become one part of a lab site: `web` (also where nothing is said), `scheduler` or `worker`. It is the image's entry.

The part takes this process's place, so that it is process 1 itself and gets the SIGTERM of `docker stop`. What a part is told besides stands in
environment variables (docs/operating.md).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "web": ["streamlit", "run", "app.py"],
    "scheduler": ["python", "-m", "core.engine.node", "scheduler"],
    "worker": ["python", "-m", "core.engine.node", "worker"],
}


def command(words: list[str]) -> list[str]:
    """Return what is to be run for a container's command.

    Raises
    ------
    ValueError
        Where it is none of the parts alone; its text says what there is.
    """
    if len(words or ["web"]) == 1 and (found := COMMANDS.get((words or ["web"])[0])):
        return found
    raise ValueError(
        f"{' '.join(words)!r} is no part of the lab: it is {', '.join(COMMANDS)}, one of them alone. Settings are environment variables, as "
        "docs/operating.md lists them; another program of the image is started with --entrypoint."
    )


def main() -> None:
    """Become what the arguments say."""
    try:
        found = command(sys.argv[1:])
    except ValueError as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(2)
    os.chdir(ROOT)
    # The programs beside this Python, whatever the search path is.
    os.environ["PATH"] = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    os.execvp(found[0], found)


if __name__ == "__main__":
    main()
