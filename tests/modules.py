"""Which of the chart component's modules a page asks for: those that its entry imports, and the model of its lab's hand, where it has one."""

from __future__ import annotations

import re

from ui import serving

_FOLDER = serving.ROOT / "assets" / "plot"
_STATIC = re.compile(r'^(?:import|export)\b[^"\n]*"\./([^"]+)"', re.MULTILINE)
_LATE = re.compile(r'\bimport\("\./([^"]+)"\)')


def needed(entry: str) -> set[str]:
    """Return the modules that a module needs, itself included, by their names in ``assets/plot``."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += _STATIC.findall((_FOLDER / name).read_text(encoding="utf-8"))
    return found


def late() -> set[str]:
    """Return the modules that are imported only where they are needed."""
    return {name for path in _FOLDER.glob("*.js") for name in _LATE.findall(path.read_text(encoding="utf-8"))}
