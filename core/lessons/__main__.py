"""Write docs/teaching.md from goals, stories and questions: ``python -m core.lessons [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

from core.lessons.document import document

PATH = Path(__file__).resolve().parent.parent.parent / "docs" / "teaching.md"


def main(arguments: list[str]) -> int:
    """Write the document, or with --check return 1 where it is out of date."""
    text = document()
    if "--check" in arguments:
        return 0 if PATH.read_text(encoding="utf-8") == text else 1
    PATH.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
