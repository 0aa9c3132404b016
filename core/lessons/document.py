"""The teacher's document: for each lab its goals, its story, its questions and the usual misconceptions, from what the lab itself uses."""

from __future__ import annotations

import re

from core.lessons import STORIES, asked
from core.lessons.goals import GOALS
from core.plans import PLANS
from core.specs import LABS

_AT = "http://127.0.0.1:8501"
_HEAD = """# Teaching with the lab

This file is written by `python -m core.lessons` from what the lab itself shows: change the stories, the questions or the goals in `core/lessons`,
and write it again. Its links go to the lab as `make run` starts it on your machine; on another site its address takes the place of theirs.

## In the class room

- **A link is a lesson.** Set a lab up, copy the address, and everyone who opens it sees what you see.
- **Predict first.** Under a lab's introduction *Predict* asks three questions or more about the settings as they stand. The answer is computed when
  it is revealed, with the reason. Answers stay in the address, so a student can send you theirs.
- **Stories.** *Story* walks through a lab in steps; Previous and Next have keys, each step is a link, and a hand may move everything meanwhile.
- **Take hold.** In four labs what is drawn can be dragged: the minimum of a loss, the axes of its ellipse, a region's edge, a start, a point,
  the data. Ask "where must I put it so that...?", and let the class move it. A saved page can be taken hold of, too.
- **Your own formula** is a surface like any other in two labs, and a quadratic in a third: the loss of an exercise sheet becomes a link.
- **Own data.** Four labs take a table that is pasted or uploaded. It stays in the memory of one visit, so a link or a class room shows a student
  the lab's own data and asks for theirs: hand the file out, and let everybody bring it. "This page as a file" has the data in it, for whoever may
  have them.
- **Claims on trial** is made for groups: a claim each, the verdict hidden by the fold of the screen, the experiment repeated with other seeds.
- **On a projector** press *Present*, or open a link with `lab_view=present`: arrows move the slider, Space plays, `?` lists the keys.
- **Links for a class** come from *Teach with this page*: `lab_show=penalty.lam` leaves these controls, `lab_lock=tilt` fixes that one. It helps
  attention and is no security: whoever edits the address has every control again.
- **A class room** brings what you show to every screen, and what everybody predicts to yours, before you reveal the answer: open one on the page
  *Class room* and have the class type the code or point a camera at the picture.
"""


def document() -> str:
    """Return docs/teaching.md."""
    parts = [_HEAD, "## Lesson plans", ""]
    for plan in PLANS:
        parts += [f"### {plan.minutes} minutes: {plan.title}", "", plan.audience, ""]
        parts += [f"1. **{stop.title}** ({stop.minutes} minutes, {_page(type(stop.spec))}). {stop.task}" for stop in plan.stops]
        parts.append("")
    parts.append("The home page has the same plans as links.\n")
    for page, goals in GOALS.items():
        parts += [f"## {_title(page)}", "", "Afterwards a student can", ""]
        parts += [f"- {each};" for each in goals.can[:-1]] + [f"- {goals.can[-1]}.", "", "**The story**", ""]
        parts += [f"{i}. [{step.title}]({_AT}/{page}?{LABS[page].prefix}s_step={i})" for i, step in enumerate(STORIES[page], 1)]
        parts += ["", "**Questions, as the first screen asks them**", ""]
        parts += [f"- {_plain(each.prompt)}" for each in asked(page, LABS[page]())]
        parts += ["", "**Usual misconceptions**", "", "| believed | instead |", "|---|---|"]
        parts += [f"| {believed} | {true} |" for believed, true in goals.believed]
        parts.append("")
    return "\n".join(parts)


def _title(page: str) -> str:
    words = page.replace("_", " ")
    return {"adam_and_adamw": "Adam and AdamW", "priors_and_map": "Priors and MAP", "right_mix": "The right mix"}.get(
        page, words[0].upper() + words[1:]
    )


def _page(spec: type) -> str:
    return _title(next(page for page, kind in LABS.items() if kind is spec))


def _plain(prompt: str) -> str:
    """Return a prompt without the colours of the law."""
    return " ".join(re.sub(r"</?span[^>]*>", "", prompt).split())
