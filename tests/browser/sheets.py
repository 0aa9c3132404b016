"""What a PDF that Chromium has made says of its pages: how many there are, how large, and where its links lie.

Such a file has no compressed objects, only compressed streams, so that pages and links can be read with a pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_NUMBERS = rb"\[\s*(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s*\]"


@dataclass(frozen=True)
class Sheet:
    """A page of a PDF: width and height in points, and address -> (left, bottom, right, top) of its links."""

    width: float
    height: float
    links: dict[str, tuple[float, float, float, float]]


def sheets(pdf: bytes) -> list[Sheet]:
    """Return the pages of a PDF in their order."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for _, body in sorted(objects.items()) if re.search(rb"/Type\s*/Page\b", body)]
    out = []
    for page in pages:
        box = re.search(rb"/MediaBox\s*" + _NUMBERS, page)
        assert box, "a page has a size"
        listed = re.search(rb"/Annots\s*\[(.*?)\]", page, re.DOTALL)
        links = {}
        for number in re.findall(rb"(\d+) 0 R", listed[1]) if listed else ():
            note = objects[int(number)]
            place, address = re.search(rb"/Rect\s*" + _NUMBERS, note), re.search(rb"/URI\s*\((.*?)\)", note)
            if place and address:
                links[address[1].decode()] = tuple(float(each) for each in place.groups())
        out.append(Sheet(float(box[3]), float(box[4]), links))
    return out
