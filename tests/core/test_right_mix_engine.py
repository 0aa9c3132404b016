"""Searches on the engine with real networks: the same as here, and nothing finished is lost, whoever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.engine import runs
from core.engine import studies as engine_studies
from core.engine.settings import Settings
from core.right_mix.search import MixSearch
from core.studies import here
from core.studies.parcels import outcome_bytes
from core.studies.shelf import Shelf
from core.studies.store import Store
from tests.core.engine_stand_in import Watch
from tests.core.test_engine_training import worker_processes

ROOT = Path(__file__).resolve().parent.parent.parent
STUDY = MixSearch(budget=24, searches=1, epochs=40, space="three")
# A web process of its own, which is killed while it searches.
APP = f"""
import sys, time
from core.engine import runs
from core.engine.settings import Settings
from core.right_mix.search import MixSearch
from core.studies.store import store
from tests.core.engine_stand_in import Watch
study = {STUDY!r}
runs.start(Settings(workers=2, nice=0))
with Watch(runs.study(study, "app")) as watch:
    while True:
        watch.until(lambda watch: watch.state.get("ready", 0) > 0)
        print(watch.state["ready"], len(store().parts(study)), watch.state["state"], flush=True)
        time.sleep(0.05)
"""


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Iterator[Store]:
    held = Store(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    monkeypatch.setattr(engine_studies, "store", lambda: held)
    monkeypatch.setattr(runs, "store", lambda: held)
    monkeypatch.setattr(engine_studies, "SHELF", Shelf(kept=held))
    runs.stop()
    runs.start(Settings(workers=2, nice=0))
    yield held
    runs.stop()


@pytest.fixture(scope="module")
def expected() -> list[bytes]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found = [outcome_bytes(outcome) for outcome in here.run(STUDY)]
    torch.set_num_threads(threads)
    return found


def finish(kept: Store) -> list[bytes]:
    with Watch(runs.study(STUDY, "to the end")) as watch:
        watch.until(lambda watch: watch.state["state"] == "done", seconds=120)
    return [outcome_bytes(outcome) for outcome in kept.whole(STUDY)]


def test_a_worker_that_is_killed_costs_no_finished_trial_and_changes_no_number(kept, expected):
    with Watch(runs.study(STUDY, "unlucky")) as watch:
        watch.until(lambda watch: watch.state.get("ready", 0) >= 2, seconds=120)
        before = kept.parts(STUDY)
        worker_processes()[0].send_signal(signal.SIGKILL)
        watch.until(lambda watch: watch.state["state"] == "done", seconds=120)
    assert len(before) >= 2
    assert {place: outcome_bytes(outcome) for place, outcome in kept.parts(STUDY).items()}.items() >= {
        place: outcome_bytes(outcome) for place, outcome in before.items()
    }.items()
    assert [outcome_bytes(outcome) for outcome in kept.whole(STUDY)] == expected


def test_an_app_that_is_killed_and_started_again_goes_on_from_its_last_finished_trials(kept, expected, tmp_path):
    environment = os.environ | {"LAB_STORE": f"sqlite:///{tmp_path / 'kept.sqlite'}", "PYTHONPATH": str(ROOT)}
    app = subprocess.Popen([sys.executable, "-c", APP], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        told = 0
        while told < 3:
            line = app.stdout.readline()
            assert line, "it ended by itself"
            told, there, _ = line.split()
            told, there = int(told), int(there)
            assert there >= told, "what a page has been told of is kept already"
    finally:
        app.kill()
        app.wait()
        app.stdout.close()
    time.sleep(0.2)
    before = kept.parts(STUDY)
    assert len(before) >= 3
    # What an app that is started again finds is used: parts that claim another loss would lead the search elsewhere.
    with Watch(runs.study(STUDY, "again")) as watch:
        watch.until(lambda watch: "ready" in watch.state)
        assert watch.states[0].get("ready", 0) >= 3 or watch.state["ready"] >= 3
    assert finish(kept) == expected
    lanes = [json.loads(outcome.note)["lane"] for outcome in kept.whole(STUDY)]
    assert lanes == sorted(lanes)
