"""The colour law: one colour an idea, legible on both grounds, told apart without hue."""

import re

import pytest

from core.figures.palette import BACKGROUNDS, PALETTE, dark_values, strong, stylesheet


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["loss", "l1", "l2", "elastic_net", "dropout", "muted", "w1", "w2"])
def test_words_in_every_colour_of_the_law_are_legible_on_both_grounds(name):
    for mode, grounds in BACKGROUNDS.items():
        for ground in grounds:
            assert contrast(getattr(PALETTE[name], mode), ground) >= 4.5, (mode, ground)


def test_the_penalties_are_told_apart_by_dash_as_well():
    assert len({PALETTE[name].dash for name in ("l1", "l2", "elastic_net", "dropout")}) == 4


def test_a_light_colour_names_one_dark_colour_so_that_the_swap_is_unambiguous():
    assert len(dark_values()) == len({ink.light for ink in PALETTE.values()})


def test_prose_gets_the_colours_of_the_charts():
    css = stylesheet()
    for name, ink in PALETTE.items():
        assert f"--law-{name}:light-dark({ink.light},{ink.dark})" in css
    assert re.search(r"\.law-l1\{color:var\(--law-l1\)", css)


def test_the_theme_uses_the_grounds_that_the_law_is_checked_against():
    import tomllib
    from pathlib import Path

    theme = tomllib.loads((Path(__file__).parent.parent / ".streamlit" / "config.toml").read_text())["theme"]
    for mode, (background, secondary) in BACKGROUNDS.items():
        assert (theme[mode]["backgroundColor"], theme[mode]["secondaryBackgroundColor"]) == (background, secondary)


def test_in_front_of_a_class_every_word_has_a_contrast_of_seven_to_one_on_pure_grounds_and_keeps_its_hue():
    for mode, ground, inks in (("light", "#FFFFFF", strong()[0]), ("dark", "#000000", strong()[1])):
        assert set(inks) == set(dark_values()), "the browser finds each by the light value that a figure has"
        for name, ink in PALETTE.items():
            if name in ("paper", "grid", "axis"):
                continue
            shown = inks[ink.light]
            assert contrast(shown, ground) >= 7.0, (mode, name)
            if contrast(getattr(ink, mode), ground) >= 7.0:
                assert shown == getattr(ink, mode), "none is bent more than it needs to be"
        assert inks[PALETTE["paper"].light] == ground
        assert len({inks[PALETTE[name].light] for name in ("loss", "l1", "l2", "elastic_net", "dropout")}) == 5
        assert strong()[0][PALETTE["l1"].light] in stylesheet(present=True)
