"""The engine over real training: what comes out of workers is what `core.training` gives here, bit for bit, whatever happens on the way."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from core import training, wire
from core.engine import plan, runs
from core.engine.settings import Settings
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from tests.core.engine_stand_in import Watch

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = TrainingSpec(data="moons", points=120, hidden=(8, 8), lam=(0.0, 0.001, 0.01, 0.1), dropout=0.2, batch=20, epochs=60)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    runs.stop()
    runs.start(Settings(workers=2, nice=0))
    yield
    runs.stop()
    torch.set_num_threads(threads)


def worker_processes() -> list[psutil.Process]:
    launchers = [child for child in psutil.Process().children() if "core.engine.launcher" in " ".join(child.cmdline())]
    return [child for each in launchers for child in each.children() if "spawn_main" in " ".join(child.cmdline())]


def last_state(ticket: runs.Ticket) -> training.TrainingState:
    run = runs._engine.registry._held[ticket.id].run
    return training.TrainingState.from_bytes(run.checkpoints[run.done - 1])


def same(one: training.TrainingState, two: training.TrainingState) -> bool:
    return one.to_bytes() == two.to_bytes()


def test_a_run_s_weights_are_those_of_the_same_epochs_trained_here_in_one_go():
    ticket = runs.ensure(SPEC, "real")
    with Watch(ticket, want=60) as watch:
        watch.until_state("done")
    expected, snapshot = training.advance(training.start(SPEC), 60)
    assert same(last_state(ticket), expected)
    losses = np.concatenate([message["curves"]["train_loss"] for message in watch.film[1:]], axis=1)
    assert np.array_equal(losses, snapshot.curves["train_loss"].astype(np.float32), equal_nan=True)
    assert [(message["from"], message["to"]) for message in watch.film[:1]] == [(-1, 0)]


def test_the_frame_of_an_epoch_between_two_links_is_the_one_that_training_shows_there():
    with Watch(runs.ensure(SPEC, "real"), want=60) as watch:
        watch.until_state("done")
        inner = next(link for link in plan.chain(SPEC)[3:] if link.last - link.first > 1) if plan.stride(SPEC)[0] > 1 else plan.chain(SPEC)[3]
        epoch = inner.first + 1
        watch.exact(epoch)
        watch.until(lambda watch: bool(watch.frames))
    shown = wire.unpack(training.advance(training.start(SPEC), epoch)[1].to_bytes())["frame"]
    assert watch.frames[0]["frame"].keys() == shown.keys()
    for name, values in shown.items():
        got = watch.frames[0]["frame"][name]
        assert np.array_equal(got, values, equal_nan=np.asarray(values).dtype.kind == "f"), name
        assert np.asarray(got).dtype == np.asarray(values).dtype, name


def test_an_edit_amid_a_link_gives_what_the_same_edit_gives_here():
    ticket = runs.ensure(SPEC, "real")
    with Watch(ticket, want=60) as watch:
        watch.until_state("done")
    fork = runs.command(ticket.id, "edit", "real", epoch=31, lam=0.05, lr=0.003, dropout=(0.0, 0.1, 0.2, 0.3))
    with Watch(fork, want=60, n=fork.shared) as watch:
        watch.until_state("done")
    before, _ = training.advance(training.start(SPEC), 31)
    expected, _ = training.advance(training.edit(before, lam=0.05, lr=0.003, dropout=(0.0, 0.1, 0.2, 0.3)), 60)
    assert same(last_state(fork), expected)
    assert watch.film[0]["from"] == plan.chain(SPEC)[fork.shared - 2].last


def test_a_worker_killed_amid_a_run_leaves_no_trace_in_its_weights():
    spec = SPEC.replace(seed=5, epochs=120)
    ticket = runs.ensure(spec, "unlucky")
    with Watch(ticket, want=120) as watch:
        watch.until(lambda watch: watch.epoch >= 12)
        worker_processes()[0].send_signal(signal.SIGKILL)
        watch.until_state("done")
    assert same(last_state(ticket), training.advance(training.start(spec), 120)[0])


def test_data_that_do_not_come_with_their_spec_are_refused_at_once():
    for spec, data in ((TrainingSpec(data="given", epochs=5), b""), (TrainingSpec(data="given", epochs=5), b"x"), (SPEC, b"x")):
        with pytest.raises(InvalidInput, match="'given' with the data"):
            runs.ensure(spec, "refused", data=data)


def own_spec(seed: int) -> tuple[TrainingSpec, bytes, tuple[np.ndarray, np.ndarray]]:
    """Return a spec on somebody's own data, what travels with it, and the data."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(90, 3))
    y = X @ np.array([1.0, -2.0, 0.0]) + 0.1 * rng.normal(size=90)
    return (
        SPEC.replace(data="given", data_hash=f"hash {seed}", points=90, epochs=60),
        wire.pack({"inputs": wire.Exact(X), "targets": wire.Exact(y)}),
        (X, y),
    )


def test_a_run_on_somebodys_own_data_is_what_training_gives_here_even_where_a_worker_is_killed_amid_it():
    spec, data, arrays = own_spec(1)
    ticket = runs.ensure(spec, "owner", data=data)
    with Watch(ticket, want=60) as watch:
        watch.until(lambda watch: watch.epoch >= 12)
        worker_processes()[0].send_signal(signal.SIGKILL)
        watch.until_state("done")
    expected, _ = training.advance(training.start(spec, arrays), 60)
    assert same(last_state(ticket), expected)
    fork = runs.command(ticket.id, "edit", "owner", epoch=31, lam=0.05)
    with Watch(fork, want=60, n=fork.shared) as watch:
        watch.until_state("done")
    before, _ = training.advance(training.start(spec, arrays), 31)
    assert same(last_state(fork), training.advance(training.edit(before, lam=0.05), 60)[0])


def test_nothing_of_somebodys_own_data_stays_once_they_have_left(monkeypatch):
    monkeypatch.setattr(runs._engine.registry, "settings", Settings(workers=2, nice=0, grace=0.2))
    spec, data, _ = own_spec(2)
    ticket = runs.ensure(spec, "owner", data=data)
    with Watch(ticket, want=60) as watch:
        watch.until_state("done")
    assert ticket.id in runs._engine.registry._held
    end = time.monotonic() + 10
    while ticket.id in runs._engine.registry._held and time.monotonic() < end:
        time.sleep(0.05)
    assert ticket.id not in runs._engine.registry._held
    with pytest.raises(InvalidInput, match="Start it again"):
        runs.weights(ticket.id, 5)
    # Whoever has the data has the run again; the hash alone is not enough.
    with pytest.raises(InvalidInput, match="'given' with the data"):
        runs.ensure(spec, "somebody else")
    again = runs.ensure(spec, "owner", data=data)
    assert again.id == ticket.id


def test_nothing_of_somebodys_own_data_is_logged_even_where_a_link_fails(caplog):
    spec, data, _ = own_spec(3)
    broken = data[: len(data) // 2]
    with Watch(runs.ensure(spec, "owner", data=broken)) as watch:
        watch.until_state("failed")
    from core.engine import work

    with caplog.at_level("DEBUG"):
        record = work.link(spec.to_json(), None, (((), 1),), 2, broken)
    assert set(record) & {"failed", "refused"}
    for number in np.random.default_rng(3).normal(size=(90, 3)).ravel()[:20]:
        assert repr(float(number))[:8] not in caplog.text
    assert repr(data[40:60])[2:-1] not in caplog.text


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is what is asked for")
def test_what_training_refuses_in_a_worker_is_said_as_it_stands():
    with Watch(runs.ensure(TrainingSpec(device="cuda", epochs=5), "refused")) as watch:
        watch.until_state("failed")
    with pytest.raises(InvalidInput) as refusal:
        training.start(TrainingSpec(device="cuda", epochs=5))
    assert watch.state["sentence"] == str(refusal.value)


_WEB = """
import asyncio, json, sys, threading
from core.engine import runs
from core.engine.settings import Settings
from core.specs.training import TrainingSpec

async def whole(ticket):
    viewer = runs.subscribe(ticket.id, ticket.viewer)
    viewer.want(20)
    viewer.exact(7)
    while True:
        item = await asyncio.wait_for(viewer.next(), 60)
        if isinstance(item, str) and json.loads(item)["state"] in ("done", "failed"):
            return json.loads(item)["state"]

runs.start(Settings(nice=0))
ticket = runs.ensure(TrainingSpec(epochs=20), "web")
print(asyncio.run(whole(ticket)))
print(asyncio.run(whole(runs.command(ticket.id, "edit", "web", epoch=10, lam=0.1))))
print(asyncio.run(whole(runs.ensure(TrainingSpec(device="cuda", epochs=20), "web"))))
runs.stop()
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "sklearn", "plotly", "streamlit"}))
print(threading.active_count() < 10)
"""


def test_the_web_process_trains_whole_runs_and_never_imports_torch():
    done = subprocess.run([sys.executable, "-W", "error", "-c", _WEB], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["done", "done", "done" if torch.cuda.is_available() else "failed", "", "True"], done.stderr
    assert "Traceback" not in done.stderr


_SHORT = """
import time
from core.engine import runs

runs.start()
end = time.monotonic() + 60
while runs.state() != "ready" and time.monotonic() < end:
    time.sleep(0.05)
print(runs._engine.registry.cluster.launcher.pid)
"""


def test_an_interpreter_that_just_ends_leaves_no_process_behind():
    done = subprocess.run([sys.executable, "-c", _SHORT], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    pid = int(done.stdout)
    end = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_weights_and_history_are_those_of_the_run_at_the_epoch_that_was_asked_for():
    spec = TrainingSpec(points=40, hidden=(4,), epochs=60, lam=(0.0, 0.1), seed=77)
    ticket = runs.ensure(spec, "saver")
    with Watch(ticket, want=60) as watch:
        watch.until_state("done")
    epoch, found = runs.weights(ticket.id, 33)
    state, film = training.advance(training.start(spec), 33)
    assert epoch == 33
    np.testing.assert_array_equal(found, state.weights.numpy())
    history = runs.history(ticket.id)
    assert history["val_loss"].shape == (2, 61)
    np.testing.assert_array_equal(history["val_loss"][:, 1:34], film.curves["val_loss"].astype(np.float32))
    with pytest.raises(InvalidInput, match="Start it again"):
        runs.weights("0" * 20, 3)
