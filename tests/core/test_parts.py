"""The parts of a result that are kept apart depend on what they are kept by, and on nothing else."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import adam_and_adamw, decay_maps, race, smoothing
from core.knobs import Spec
from core.optimizers import RULES
from core.specs import AdamAndAdamWSpec, PriorsSpec, RaceSpec, SmoothingSpec
from core.specs.adam_and_adamw import TRIO
from core.specs.ground import own_of
from core.statistics.priors.posteriors import solve as believe


def choices(knob):
    """Return some of the values that a knob may have."""
    if isinstance(knob.default, bool):
        return [False, True]
    if knob.options:
        return [key for key, _ in knob.options]
    if knob.kind == "formula":
        return [knob.default, "w1**2 + w2**2/4", "2*(w1 - 1)**2 + (w1 - 1)*w2 + (w2 + 1)**2"]
    if knob.scale == "log":
        return [*knob.grid()][:: max(1, len(knob.grid()) // 4)]
    low, high = knob.bounds
    return [low + share * (high - low) for share in (0.0, 0.3, 0.7, 1.0)]


@st.composite
def spec_of(draw, kind: type[Spec], **fixed):
    """Return settings of a lab, any of its visible knobs moved."""
    first = kind()
    moved = {name: draw(st.sampled_from(choices(knob))) for name, knob in first.knobs().items() if not knob.hidden and draw(st.booleans())}
    return first.replace(**(moved | fixed))


def same(one, other):
    """Return whether two results hold the same numbers."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray) and not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
            return False
    return True


@settings(max_examples=30, deadline=None)
@given(spec=spec_of(RaceSpec, steps=50.0), key=st.sampled_from(list(RULES)))
def test_a_rule_of_a_race_runs_as_it_does_with_all_settings(spec, key):
    rates, run = race.run_rule(race.of_rule(spec, key), key)
    whole_rates, whole = race.run_rule(spec, key)
    np.testing.assert_array_equal(rates, whole_rates)
    assert same(run, whole)


@settings(max_examples=20, deadline=None)
@given(spec=spec_of(AdamAndAdamWSpec, steps=500.0), key=st.sampled_from(TRIO))
def test_a_rule_with_decay_runs_as_it_does_with_all_settings(spec, key):
    assert same(adam_and_adamw.run_rule(adam_and_adamw.of_rule(spec, key), key), adam_and_adamw.run_rule(spec, key))


@settings(max_examples=6, deadline=None)
@given(spec=spec_of(AdamAndAdamWSpec))
def test_maps_of_kept_parts_are_the_maps(spec):
    whole = decay_maps.solve_maps(spec, lambda _, key: decay_maps.map_ends(spec, key), lambda _: decay_maps.rates_of(spec))
    parts = decay_maps.solve_maps(spec)
    for key in TRIO:
        assert same(whole.maps[key], parts.maps[key])
        np.testing.assert_array_equal(whole.best_rates[key], parts.best_rates[key])


@settings(max_examples=10, deadline=None)
@given(spec=spec_of(SmoothingSpec))
def test_minima_are_those_of_the_surface_and_the_penalty(spec):
    there = smoothing.ground(spec.surface, spec.condition, spec.penalty, spec.rho, own_of(spec))
    assert same(there.minima, smoothing.solve(spec).minima)


@pytest.mark.parametrize("prior", ["gaussian", "laplace", "elastic_net"])
def test_the_two_priors_that_are_compared_change_places(prior):
    asked = []
    spec = PriorsSpec(prior=prior)
    believe(spec, lambda *given: asked.append(given))
    believe(spec.replace(eps=0.5, scale=1.0), lambda *given: asked.append(given))
    assert len(set(asked)) == 4, "another distance or place of the scrub asks for the same posteriors"
