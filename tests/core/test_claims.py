"""Claims on trial: verdicts follow from numbers and from what was asked before; and every experiment, made another one, comes to another verdict."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.claims import dropping, flatness, norms
from core.claims.catalogue import CLAIMS
from core.claims.choices import CONDITION, FAILS, HOLDS, VERDICTS
from core.claims.claim import Findings, Quantity, at_least, at_most, claim, interval, judged
from core.claims.picture import Group, Picture
from core.claims.trial import Trial
from core.claims.words import lines, verdict_sentence
from core.errors import InvalidInput
from core.specs import SmoothingSpec
from core.studies import here
from core.studies.shelf import shipped
from core.studies.study import study_of

PICTURE = Picture("A picture that nobody looks at, for tests of what a verdict is.", "y", groups=(Group("a", np.ones(2), "loss"),))


def made(**changes):
    described = {
        "number": 1,
        "source": "A",
        "topic": "l2",
        "statement": "It is large.",
        "test": "It is measured.",
        "quantities": {"size": Quantity("size"), "other": Quantity("other size")},
        "stated": (at_least("size", 1.0),),
        "condition": "the other is looked at",
        "conditional": (at_most("other", 0.5, "mean"),),
        "shows": SmoothingSpec(),
        "spoil": {},
    }

    @claim(**(described | changes))
    def nothing(draw):
        """Do nothing.

        Because it is a test.
        """
        return
        yield

    return nothing


def ruled(size, other=(1.0, 1.1), **changes):
    return judged(made(**changes), Findings({"size": np.array(size), "other": np.array(other)}, PICTURE))


def test_a_verdict_follows_from_the_numbers_and_from_nothing_else():
    assert ruled([1.0, 2.0]).verdict == HOLDS
    assert ruled([0.9, 2.0]).verdict == FAILS
    assert not ruled([0.9, 2.0]).contradicted
    assert ruled([0.8, 0.9]).contradicted
    assert ruled([0.9, 2.0], (0.4, 0.41)).verdict == CONDITION
    assert ruled([0.9, 2.0], (0.4, 0.7)).verdict == FAILS, "the interval of the mean reaches beyond the bound"
    assert ruled([1.0, 2.0], (9.0, 9.0)).verdict == HOLDS, "a condition is not needed"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_could_not_be_measured_meets_nothing(bad):
    assert ruled([bad, 2.0]).verdict == (HOLDS if bad == np.inf else FAILS), "an infinity is on one side of every bound"
    assert ruled([0.5, 0.5], (bad, 0.1)).verdict == FAILS
    assert not ruled([np.nan, 0.1]).contradicted
    assert ruled([0.5, 0.5], (0.1,)).verdict == FAILS, "one number has no interval"


def test_a_claim_that_could_not_be_judged_is_refused():
    for changes in (
        {"stated": ()},
        {"condition": ""},
        {"conditional": ()},
        {"stated": (at_least("weight", 1.0),)},
        {"topic": "cooking"},
        {"source": "Z"},
    ):
        with pytest.raises(InvalidInput):
            made(**changes)
    with pytest.raises(InvalidInput, match="measured other"):
        judged(made(), Findings({"other": np.ones(2)}, PICTURE))
    with pytest.raises(InvalidInput):
        Trial(number=99)
    with pytest.raises(InvalidInput):
        Trial(number=4, draw=-1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_interval_is_student_s(values):
    low, high = interval(np.array(values))
    error = stats.sem(values)
    if error > 1e-9 * (1.0 + np.abs(values).max()):
        np.testing.assert_allclose((low, high), stats.t.interval(0.95, len(values) - 1, np.mean(values), error), rtol=1e-6, atol=1e-9)


def test_the_words_say_why():
    assert verdict_sentence(ruled([1.0, 2.0])) == "Holds as it is stated."
    assert verdict_sentence(ruled([0.9, 2.0], (0.4, 0.41))) == "Holds under a condition: the other is looked at."
    assert "do not show it" in verdict_sentence(ruled([0.9, 2.0]))
    assert "at least 1 for every seed; it is 0.8 to 0.9" in verdict_sentence(ruled([0.8, 0.9]))
    assert any("contradicted" in line for line in lines(ruled([0.8, 0.9])))


# ----------------------------------------------------------------------------------------------------------------- all claims


def test_claims_are_written_out():
    assert [each.number for each in CLAIMS.values()] == list(CLAIMS)
    for each in CLAIMS.values():
        assert each.statement.endswith(".")
        assert each.test.endswith((".", "?"))
        assert len(each.why) > 120, each.number
        assert each.spoil, "an experiment that cannot be made another one proves nothing"
        assert study_of(Trial(each.number).to_json()) == Trial(each.number)


@pytest.mark.parametrize("number", CLAIMS)
def test_the_verdict_of_a_claim_changes_with_its_experiment(number, monkeypatch):
    """Fewer data sets are enough to see that the wrong experiment does not show what the right one, as it is shipped, does."""
    trial, spoiled = Trial(number), Trial(number, spoiled=True)
    outcomes = shipped(trial)
    assert outcomes is not None
    ruling = trial.conclude(outcomes)
    fewer = ((dropping, "_SETS", 3), (flatness, "_SETS", 3), (flatness, "_RANKED", 3), (norms, "_SPLITS", 3), (norms, "_DRAWS", 4))
    for module, name, count in fewer:
        monkeypatch.setattr(module, name, count)
    other = spoiled.conclude(here.run(spoiled))
    assert ruling.verdict in VERDICTS
    assert ruling.verdict != other.verdict
    for name, values in ruling.findings.values.items():
        assert values.ndim == 1
        assert values.size, name
        assert not np.isnan(values).any(), name
    picture = ruling.findings.picture
    assert len(picture.alt) > 40
    assert picture.lines or picture.groups
