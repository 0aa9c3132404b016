"""docs/teaching.md is what the lab's own stories, questions and goals make of it."""

import re

from core import lessons
from core.lessons.__main__ import PATH
from core.lessons.document import document
from core.lessons.goals import GOALS
from core.specs import LABS


def test_every_lab_with_a_story_has_goals_and_misconceptions():
    assert set(GOALS) == set(lessons.STORIES)
    for goals in GOALS.values():
        assert goals.can
        assert len(goals.believed) >= 2
        assert all(believed.endswith(".") and true.endswith(".") for believed, true in goals.believed)


def test_the_document_is_up_to_date():
    assert PATH.read_text(encoding="utf-8") == document(), "write it again: python -m core.lessons"


def test_every_link_of_the_document_names_a_step_that_there_is():
    links = re.findall(r"\(http://127\.0\.0\.1:8501/(\w+)\?(\w+)s_step=(\d+)\)", document())
    assert len(links) == sum(len(steps) for steps in lessons.STORIES.values())
    for page, prefix, step in links:
        assert LABS[page].prefix == prefix
        assert 1 <= int(step) <= len(lessons.STORIES[page])
