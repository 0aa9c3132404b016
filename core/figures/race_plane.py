"""Figure: the race seen from above. In: a Race. Out: the landscape, every rule's path up to the step, the start, the lowest point."""

from __future__ import annotations

from core.figures.landscape import contours, shade
from core.figures.paths import path_mark, surface_plane
from core.figures.race_hand import START
from core.figures.scene import Mark, Scene
from core.optimizers import RULES
from core.race import Race
from core.race_words import standings


def race_plane(race: Race) -> Scene:
    """Return the plane of a race as a scene over the axes "lam" and "step"."""
    marks = [
        Mark("point", race.bottom, "loss", "lowest point", axes=("lam",), symbol="cross", size=7),
        Mark("point", race.start, "muted", "start", axes=(), symbol="ring", size=6, text="start", side="above"),
    ]
    marks += [path_mark(key, run.x) for key, run in race.runs.items()]
    names = ", ".join(RULES[key].label for key in race.runs)
    alt = f"Paths of {names} over {race.surface.label} with its penalty, all from one start; they move with the step and with lambda."
    blends = (shade(race.landscape), contours(race.landscape))
    captions = tuple(said + race.landscape.note for said in standings(race))
    return Scene(surface_plane(race.surface), alt, tuple(marks), blends, captions, aspect=0.9, caption_axes=("lam",), pick=True, handles=(START,))
