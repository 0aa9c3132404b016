"""The home page's small pictures: well-formed, within their frame, in the colours of the law, and computed rather than drawn by hand."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from core.figures.miniatures import labs
from core.figures.miniatures.labs import PAGES, miniature
from core.figures.miniatures.sketch import HEIGHT, WIDTH, Sketch
from core.figures.palette import PALETTE
from ui import shell


@pytest.mark.parametrize("page", PAGES)
def test_a_miniature_is_a_picture_with_words_in_the_colours_of_the_law(page):
    svg = ElementTree.fromstring(miniature(page))
    assert svg.tag == "svg"
    assert svg.get("role") == "img"
    assert len(svg.get("aria-label")) > 15
    assert len(svg) >= 2
    assert set(re.findall(r"var\(--law-(\w+)\)", miniature(page))) <= set(PALETTE)
    assert "nan" not in miniature(page)
    assert len(miniature(page)) < 30_000


def test_every_lab_has_one():
    assert {room.file for room in shell.ROOMS} - set(PAGES) <= {"cheat_sheet", "class_room"}
    assert miniature("home") == ""
    assert {room.group for room in shell.ROOMS} == set(shell.GROUPS)


def test_points_land_where_the_axes_say_and_what_is_not_finite_is_left_out():
    sketch = Sketch("Three points and nothing else.", (0.0, 2.0), (0.0, 1.0)).dots([[0.0, 0.0], [2.0, 1.0], [np.nan, 0.0], [1.0, 0.5]], "l1")
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', sketch.svg())]
    assert places == [(7.0, HEIGHT - 7.0), (WIDTH - 7.0, 7.0), (WIDTH / 2, HEIGHT / 2)]


def test_equal_units_stay_equal():
    sketch = Sketch("A square in a wide frame.", (0.0, 1.0), (0.0, 1.0), equal=True).dots([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "l2")
    (a, b, c) = [np.array([float(x), float(y)]) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', sketch.svg())]
    assert np.linalg.norm(a - b) == pytest.approx(np.linalg.norm(a - c), abs=0.2)


def test_the_diamond_s_runner_ends_at_the_corner_that_a_scan_of_the_diamond_finds():
    from core.diamond_circle import problem_of
    from core.specs import DiamondCircleSpec

    problem = problem_of(DiamondCircleSpec(lam=1.2))
    turn = np.linspace(0.0, 4.0, 40_001)
    corners = 1.3 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]], dtype=float)
    along = np.minimum(turn.astype(int), 3)
    scan = corners[along] + (turn - along)[:, None] * (corners[along + 1] - corners[along])
    best = scan[np.argmin(problem.value(scan))]
    height = float(problem.value(best))
    drawn = labs._ellipse(problem.hessian, problem.centre, height)
    np.testing.assert_allclose(problem.value(drawn), height, rtol=1e-9)
    assert abs(best).min() < 1e-9, "the first screen shows a corner"
