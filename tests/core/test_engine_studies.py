"""Studies on the engine, over workers that train nothing: progress, sharing, stops, deaths, and what comes to the shelf."""

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest

from core.engine import runs, words
from core.engine import studies as engine_studies
from core.engine.settings import Settings
from core.engine.work import FAILED
from core.errors import InvalidInput
from core.studies import catalogue, shelf
from core.studies.shelf import SHELF, Shelf
from core.studies.store import Store
from tests.core.engine_stand_in import KILLS, LOG, RAISES, REFUSES, Watch, computed, pids
from tests.core.small_studies import Ages, Halving

GRACE, CAP = 0.5, 3


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    log = tmp_path_factory.mktemp("studies") / "links.txt"
    log.touch()
    os.environ[LOG] = str(log)
    runs.stop()
    runs.start(Settings(grace=GRACE, session_runs=CAP, all_runs=40, workers=2, nice=0), work="tests.core.engine_stand_in")
    yield
    runs.stop()
    del os.environ[LOG]


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "MODULES", ("tests.core.small_studies",))
    monkeypatch.setattr(shelf, "SHIPPED", tmp_path)
    catalogue.studies.cache_clear()
    shelf.shipped.cache_clear()
    yield
    catalogue.studies.cache_clear()
    shelf.shipped.cache_clear()


def links(study: Ages) -> int:
    return sum(len(computed(part.training)) for part in study.parts())


def slow(data_seed: int) -> Ages:
    """Return a study whose training steps take 0.4 s each."""
    return Ages(seeds=tuple(range(1000)), epochs=60, data_seed=data_seed, nap=0.4)


def test_a_study_tells_how_far_it_is_and_ends_on_the_shelf():
    study = Ages(data_seed=101)
    assert SHELF.get(study) is None
    ticket = runs.study(study, "one")
    with Watch(ticket) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    done = [state["done"] for state in watch.states if "done" in state]
    assert done == sorted(done)
    assert watch.states[-1]["done"] == watch.states[-1]["of"]
    assert watch.states[-1]["ready"] == 4
    outcomes = SHELF.get(study)
    assert study.conclude(outcomes) == 60.0
    assert outcomes[0].curves["train_loss"].shape == (3, 6)


def test_equal_studies_are_computed_once_and_a_late_one_not_at_all():
    study = Ages(data_seed=102)
    tickets = [runs.study(study, f"visitor {i}") for i in range(5)]
    assert len({ticket.id for ticket in tickets}) == 1
    watches = [Watch(ticket) for ticket in tickets]
    for watch in watches:
        watch.until(lambda watch: watch.state["state"] == "done")
        watch.leave()
    steps = links(study)
    assert steps == sum(sum(step.epochs > 0 for step in lane.steps) for lane in runs._engine.registry.studies._held[study.id]._lanes)
    time.sleep(3 * GRACE)
    with Watch(runs.study(study, "late")) as late:
        late.until(lambda watch: watch.state["state"] == "done")
    assert links(study) == steps


def test_what_there_is_of_a_study_can_be_had_before_it_is_whole():
    study = slow(103)
    ticket = runs.study(study, "part")
    with Watch(ticket) as watch:
        watch.until(lambda watch: watch.state.get("ready", 0) >= 1)
        so_far = runs.outcomes(ticket.id)
        assert so_far[0].measures[1]["age"][0] == 0, "the measure before the first epoch comes first"
        assert so_far[0].measures[0] is None
        runs.stop_study(ticket.id, "part")
    assert runs.outcomes("nobody's") is None


def test_a_study_that_is_stopped_computes_no_more_and_goes_on_where_it_was():
    study = slow(104)
    ticket = runs.study(study, "stop")
    with Watch(ticket) as watch:
        watch.until(lambda watch: watch.state.get("done", 0) >= 2)
        runs.stop_study(ticket.id, "stop")
        watch.until(lambda watch: watch.state["state"] == "stopped")
        time.sleep(0.6)  # the steps that were being computed
        after, done = links(study), watch.state["done"]
        time.sleep(1.0)
        assert links(study) == after
        assert runs.study(study, "stop") == ticket
        watch.until(lambda watch: watch.state["done"] > done)
        runs.stop_study(ticket.id, "stop")


def test_a_study_that_nobody_watches_ends_after_a_while_and_is_gone():
    study = slow(105)
    ticket = runs.study(study, "leaves")
    with Watch(ticket) as watch:
        watch.until(lambda watch: watch.state.get("done", 0) >= 1)
    time.sleep(GRACE + 1.0)
    after = links(study)
    time.sleep(1.0)
    assert links(study) == after
    with Watch(ticket) as back:
        back.until(lambda watch: watch.state["state"] == "gone")


def test_a_step_that_kills_its_workers_fails_or_is_refused_ends_the_study_with_a_sentence():
    for seed, sentence in ((KILLS, words.KILLED), (RAISES, FAILED), (REFUSES, "a stand-in")):
        with Watch(runs.study(Ages(data_seed=seed, epochs=8), f"bad {seed}")) as watch:
            watch.until(lambda watch: watch.state["state"] == "failed", seconds=90)
        assert sentence in watch.state["sentence"]
        assert "secret" not in watch.state["sentence"]
    with Watch(runs.study(Ages(data_seed=106), "good")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")


def test_one_more_study_than_a_visitor_may_have_is_refused_while_all_are_watched():
    tickets = [runs.study(slow(110 + i), "many") for i in range(CAP)]
    watches = [Watch(ticket) for ticket in tickets]
    for watch in watches:
        watch.until(lambda watch: bool(watch.states))
    with pytest.raises(InvalidInput, match=f"{CAP} for a visitor"):
        runs.study(slow(119), "many")
    watches[0].leave()
    time.sleep(0.1)
    runs.study(slow(119), "many")
    for watch, ticket in zip(watches[1:], tickets[1:], strict=True):
        runs.stop_study(ticket.id, "many")
        watch.leave()
    runs.stop_study(slow(119).id, "many")


def test_parts_share_the_workers_with_runs():
    """A long study does not keep a click waiting: a run's first links come while its steps are computed."""
    study = slow(120)
    with Watch(runs.study(study, "long")) as watch:
        watch.until(lambda watch: watch.state.get("done", 0) >= 1)
        from core.specs.training import TrainingSpec

        spec = TrainingSpec(epochs=40, data_seed=121)
        before = links(study)
        with Watch(runs.ensure(spec, "click"), want=40) as run:
            run.until_state("done")
        assert links(study) - before < 2 * len(computed(spec)) + 4
        runs.stop_study(study.id, "long")
    assert np.isfinite(before)


# ------------------------------------------------------------------------------------------------------------- adaptive and kept


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Store:
    """A database of this test's own, and a shelf that has seen nothing."""
    held = Store(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    monkeypatch.setattr(engine_studies, "store", lambda: held)
    monkeypatch.setattr(runs, "store", lambda: held)
    monkeypatch.setattr(engine_studies, "SHELF", Shelf(kept=held))
    return held


def test_an_adaptive_study_finds_on_the_engine_what_it_finds_here_and_keeps_it(kept, monkeypatch):
    study = Halving(data_seed=130)
    with Watch(runs.study(study, "adaptive")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    done = [state["done"] for state in watch.states if "done" in state]
    assert done == sorted(done)
    assert watch.states[-1]["done"] == watch.states[-1]["of"] == 2000
    assert watch.states[-1]["ready"] == 6
    outcomes = kept.whole(study)
    assert study.conclude(outcomes) == ["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"]
    before = tuple(outcomes[:2])
    assert study.following(0, before).training.to_json() == outcomes[2].training


def test_parts_that_were_kept_are_not_computed_again(kept):
    study = Halving(data_seed=131)
    with Watch(runs.study(study, "first")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    whole = kept.whole(study)
    again = Halving(data_seed=132)  # as after a restart in the middle: three of its parts are there
    for lane, number in ((0, 0), (0, 1), (1, 0)):
        kept.keep(again, lane, number, whole[3 * lane + number])
    with Watch(runs.study(again, "restarted")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    assert next(state["ready"] for state in watch.states if "ready" in state) >= 3
    for lane, number in ((0, 0), (0, 1), (1, 0)):
        assert not computed(again.following(lane, tuple(whole[3 * lane : 3 * lane + number])).training), "it was there"
    assert computed(again.following(0, tuple(whole[:2])).training)


def test_a_static_study_of_which_a_part_was_kept_computes_the_other_alone(kept):
    study = Ages(data_seed=133)
    with Watch(runs.study(study, "whole")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    first = kept.parts(study)[0, 0]
    other = Ages(data_seed=134)
    kept.keep(other, 0, 0, first)
    with Watch(runs.study(other, "half")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done")
    assert not computed(other.parts()[0].training)
    assert computed(other.parts()[1].training)
    assert len(kept.whole(other)) == 2


def test_a_killed_worker_loses_no_finished_part(kept):
    study = Halving(data_seed=135, rounds=4, nap=0.3)
    with Watch(runs.study(study, "killed")) as watch:
        watch.until(lambda watch: watch.state.get("ready", 0) >= 2)
        before = set(kept.parts(study))
        assert len(before) >= 2, "kept before it is told"
        os.kill(max(pids()), signal.SIGKILL)
        watch.until(lambda watch: watch.state["state"] == "done", seconds=90)
    assert before <= set(kept.parts(study))
    for lane in range(2):
        own = tuple(kept.whole(study)[4 * lane : 4 * lane + 4])
        for n in range(4):
            assert study.following(lane, own[:n]).training.to_json() == own[n].training
