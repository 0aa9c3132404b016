"""Runs as their viewers meet them, over workers that train nothing: turns, sharing, caps, pauses, edits, deaths.

One engine for all tests; each takes specs of its own.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from core.engine import plan, runs, words
from core.engine.plan import Edit
from core.engine.settings import Settings
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from tests.core.engine_stand_in import DIVERGES, KILLS, LOG, RAISES, REFUSES, Watch, computed, hashes, pids

ROOT = Path(__file__).resolve().parent.parent.parent
# A film of 40 links of 10 epochs, and one of 5.
SPEC, SHORT = TrainingSpec(epochs=400), TrainingSpec(epochs=5)
CAP = 6
GRACE = 0.6


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    log = tmp_path_factory.mktemp("engine") / "links.txt"
    log.touch()
    os.environ[LOG] = str(log)
    runs.stop()
    runs.start(Settings(grace=GRACE, session_runs=CAP, all_runs=40, workers=2, nice=0), work="tests.core.engine_stand_in")
    yield
    runs.stop()
    del os.environ[LOG]


def launcher() -> psutil.Process:
    """Return the launcher of this process's engine, once it runs."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process().children():
            if "core.engine.launcher" in " ".join(child.cmdline()):
                return child
        time.sleep(0.05)
    raise TimeoutError("no launcher")


def workers() -> list[psutil.Process]:
    return [child for child in launcher().children() if "spawn_main" in " ".join(child.cmdline())]


def census(ticket: runs.Ticket) -> dict:
    return next(row for row in runs.census() if row["id"] == ticket.id)


def in_order(watch: Watch) -> None:
    """Assert that a film has no gap and nothing twice."""
    assert (watch.film[0]["from"], watch.film[0]["to"]) == (-1, 0)
    assert all(one["to"] == two["from"] for one, two in pairwise(watch.film))


def eventually(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# ------------------------------------------------------------------------------------------------------------------- films


def test_a_run_is_a_film_without_gaps_that_ends_where_the_spec_does():
    spec = SPEC.replace(seed=1)
    ticket = runs.ensure(spec, "film")
    with Watch(ticket, want=400) as watch:
        watch.until_state("done")
        in_order(watch)
        assert watch.epoch == 400
        assert [message["frame"]["hash"] for message in watch.film] == [hashes(spec)[message["to"]] for message in watch.film]
        assert len(watch.film) >= 40, "a film has enough frames"
    assert computed(spec) == [(message["from"], message["to"]) for message in watch.film[1:]]


def test_equal_specs_are_one_run_computed_once_whoever_asks():
    spec = SPEC.replace(seed=2, epochs=100)
    tickets = [runs.ensure(spec, f"visitor {i}") for i in range(30)]
    assert len({ticket.id for ticket in tickets}) == 1
    assert len({ticket.viewer for ticket in tickets}) == 30
    watches = [Watch(ticket, want=100) for ticket in tickets]
    for watch in watches:
        watch.until_state("done")
        watch.leave()
        in_order(watch)
    assert len(computed(spec)) == len(plan.chain(spec))
    assert runs.ensure(TrainingSpec.from_json(spec.to_json()), "another").id == tickets[0].id
    assert runs.ensure(spec.replace(lam=0.1), "another").id != tickets[0].id


def test_a_late_viewer_sees_the_film_from_its_start_and_a_returning_one_what_it_lacks():
    spec = SPEC.replace(seed=3, epochs=80)
    ticket = runs.ensure(spec, "early")
    with Watch(ticket, want=80) as early:
        early.until_state("done")
    links = len(computed(spec))
    with Watch(runs.ensure(spec, "late"), want=80) as late, Watch(ticket, n=7, want=80) as back:
        late.until(lambda watch: watch.epoch == 80)
        back.until(lambda watch: watch.epoch == 80)
    assert late.raw == early.raw
    assert back.raw == early.raw[7:]
    assert len(computed(spec)) == links


def test_a_run_goes_no_further_than_it_is_wanted_and_one_link():
    spec = SPEC.replace(seed=4)
    ticket = runs.ensure(spec, "slow")
    with Watch(ticket, want=35) as watch:
        chain = plan.chain(spec)
        reaching = next(i for i, link in enumerate(chain) if link.last >= 35)
        watch.until(lambda watch: watch.state["computed"] >= chain[reaching + 1].last)
        time.sleep(0.3)
        assert watch.state["computed"] == chain[reaching + 1].last
        assert watch.epoch == chain[reaching].last, "what nobody looks at yet is not sent"
        assert watch.state["state"] == "waiting"
        watch.want(60)
        watch.until(lambda watch: watch.epoch >= 60)


def test_without_viewers_only_the_first_link_is_computed():
    spec = SPEC.replace(seed=5)
    ticket = runs.ensure(spec, "nobody")
    eventually(lambda: census(ticket)["links"] == 1)
    time.sleep(0.3)
    assert len(computed(spec)) == 1


# -------------------------------------------------------------------------------------------------------------- exact frames


def test_any_epoch_s_frame_can_be_had_and_those_in_the_film_cost_nothing():
    spec = SPEC.replace(seed=6, epochs=120)
    expected = hashes(spec)
    ticket = runs.ensure(spec, "looker")
    with Watch(ticket, want=120) as watch:
        watch.until_state("done")
        links = len(computed(spec))
        boundary = plan.chain(spec)[5].last
        for epoch in (boundary, 0):
            watch.frames.clear()
            watch.exact(epoch)
            watch.until(lambda watch: bool(watch.frames))
            assert watch.frames[0]["frame"]["hash"] == expected[epoch]
            assert (watch.frames[0]["to"], watch.frames[0]["curves"], watch.frames[0]["profiles"]) == (epoch, {}, {})
        assert len(computed(spec)) == links
        for epoch in (boundary + 1, 119):
            watch.frames.clear()
            watch.exact(epoch)
            watch.until(lambda watch: bool(watch.frames))
            assert (watch.frames[0]["frame"]["epoch"], watch.frames[0]["frame"]["hash"]) == (epoch, expected[epoch])
        again = len(computed(spec))
        watch.exact(boundary + 1)
        watch.until(lambda watch: len(watch.frames) == 2)
        assert len(computed(spec)) == again, "the one of a moment ago is still there"


def test_the_frame_of_an_epoch_to_come_is_shown_when_it_has_been_computed_and_only_the_last_one_asked_for():
    spec = SPEC.replace(seed=7)
    with Watch(runs.ensure(spec, "ahead")) as watch:
        for epoch in range(40, 60):
            watch.exact(epoch)
        watch.until(lambda watch: bool(watch.frames))
        assert watch.frames[-1]["frame"]["hash"] == hashes(spec)[59]
        assert len(watch.frames) == 1


# -------------------------------------------------------------------------------------------------------------------- edits


def test_an_edit_goes_on_from_its_epoch_and_shares_all_that_was_before():
    spec = SPEC.replace(seed=8, epochs=200)
    ticket = runs.ensure(spec, "editor")
    with Watch(ticket, want=200) as watch:
        watch.until_state("done")
    at = plan.chain(spec)[10].last + 1
    fork = runs.command(ticket.id, "edit", "editor", epoch=at, lam=0.5, lr=0.02)
    assert fork.id != ticket.id
    assert fork.edits == (Edit(at, (("lam", 0.5), ("lr", 0.02))),)
    assert fork.shared == 12, "the start and eleven links"
    with Watch(fork, want=200, n=fork.shared) as forked:
        forked.until_state("done")
    expected = hashes(spec, (at, {"lam": 0.5, "lr": 0.02}))
    assert forked.film[0]["from"] == plan.chain(spec)[10].last
    assert [message["frame"]["hash"] for message in forked.film] == [expected[message["to"]] for message in forked.film]
    assert (at - 1, at) in [(message["from"], message["to"]) for message in forked.film]
    assert len(computed(spec)) == len(plan.chain(spec)) + 1, "of the old settings one epoch more was computed, and nothing again"


def test_an_edit_after_rewinding_forgets_the_later_ones_and_one_that_changes_nothing_is_the_same_run():
    spec = SPEC.replace(seed=9, epochs=200, lam=(0.0, 0.1))
    first = runs.ensure(spec, "twice")
    second = runs.command(first.id, "edit", "twice", epoch=100, lam=1)
    third = runs.command(second.id, "edit", "twice", epoch=50, dropout=0.5)
    assert second.edits == (Edit(100, (("lam", (1.0, 1.0)),)),)
    assert third.edits == (Edit(50, (("dropout", (0.5, 0.5)),)),)
    assert runs.command(second.id, "edit", "twice", epoch=150, lam=1.0).id == second.id
    assert runs.command(second.id, "edit", "twice", epoch=100, lam=(0.0, 0.1)).id == first.id
    assert runs.ensure(spec, "another", edits=second.edits).id == second.id


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lam": -1.0}, "lam = -1.0"),
        ({"lam": (0.1, 0.2, 0.3)}, "an edit for 3 members"),
        ({"epoch": 400, "lam": 0.1}, "an edit at epoch 400"),
        ({"epoch": 2.5, "lam": 0.1}, "an edit at epoch 2.5"),
        ({"seed": 3}, "an edit of seed"),
        ({"lr": "fast"}, "lr = 'fast'"),
    ],
)
def test_a_bad_edit_is_refused_before_anything_is_queued(values, said):
    ticket = runs.ensure(SPEC, "bad")
    before = {row["id"] for row in runs.census()}
    with pytest.raises(InvalidInput, match=said):
        runs.command(ticket.id, "edit", "bad", **values)
    assert {row["id"] for row in runs.census()} == before


# ---------------------------------------------------------------------------------------------------- pause, resume, cancel


def test_a_paused_run_stands_still_until_it_is_resumed():
    spec = SPEC.replace(seed=10)
    ticket = runs.ensure(spec, "pauser")
    with Watch(ticket, want=400) as watch:
        watch.until(lambda watch: watch.epoch >= 20)
        runs.command(ticket.id, "pause", "pauser")
        watch.until_state("waiting")
        eventually(lambda: runs._engine.registry._held[ticket.id].run.idle)
        time.sleep(0.1)
        rest = watch.epoch
        assert watch.state["sentence"] == words.paused(rest)
        watch.want(400)
        time.sleep(0.3)
        assert watch.epoch == rest < 400
        runs.command(ticket.id, "resume", "pauser")
        watch.until_state("done")
        in_order(watch)


def test_one_viewer_s_pause_and_cancel_hold_up_no_other():
    spec = SPEC.replace(seed=11)
    one, two = runs.ensure(spec, "one"), runs.ensure(spec, "two")
    with Watch(one, want=400) as first, Watch(two, want=400) as second:
        first.until(lambda watch: watch.epoch >= 20)
        runs.command(one.id, "cancel", "one")
        first.until_state("waiting")
        second.until_state("done")
        in_order(second)


def test_a_cancelled_run_says_so_computes_nothing_more_and_gives_its_place_to_another():
    spec = SPEC.replace(seed=12)
    ticket = runs.ensure(spec, "canceller")
    with Watch(ticket, want=400) as watch:
        watch.until(lambda watch: watch.epoch >= 20)
        runs.command(ticket.id, "cancel", "canceller")
        watch.until_state("waiting")
        assert watch.state["sentence"] == words.cancelled(watch.state["computed"])
        time.sleep(0.2)
        links = len(computed(spec))
        time.sleep(0.3)
        runs.ensure(spec, "canceller")  # the page's script runs again: no reason to go on
        time.sleep(0.2)
        assert len(computed(spec)) <= links + 1
        runs.command(ticket.id, "resume", "canceller")
        watch.until_state("done")
        in_order(watch)


def test_commands_that_make_no_sense_are_refused():
    ticket = runs.ensure(SHORT, "commander")
    with pytest.raises(InvalidInput, match="command 'explode'"):
        runs.command(ticket.id, "explode", "commander")
    with pytest.raises(InvalidInput, match="run 'nonsense'"):
        runs.command("nonsense", "pause", "commander")
    with pytest.raises(InvalidInput, match="pause with lam"):
        runs.command(ticket.id, "pause", "commander", lam=1)


# ------------------------------------------------------------------------------------------------------------ caps and grace


def test_a_run_whose_last_viewer_left_ends_after_the_grace_period_and_goes_on_where_it_was_when_asked_for_again():
    spec = SPEC.replace(seed=13)
    ticket = runs.ensure(spec, "closer")
    with Watch(ticket, want=400) as watch:
        watch.until(lambda watch: watch.epoch >= 20)
    seen = len(computed(spec))
    eventually(lambda: len(computed(spec)) > seen)  # a reload must not stop it
    time.sleep(2 * GRACE)
    ended = len(computed(spec))
    time.sleep(0.4)
    assert len(computed(spec)) <= ended + 1 < 40
    with Watch(runs.ensure(spec, "closer"), want=400) as watch:
        watch.until_state("done")
        in_order(watch)
    # The link that was under way when it ended is the only one that may have been computed twice.
    assert len(computed(spec)) <= len(plan.chain(spec)) + 1


def test_what_a_session_has_left_for_another_run_stops_at_once():
    old, new = SPEC.replace(seed=14), SPEC.replace(seed=15)
    with Watch(runs.ensure(old, "changer"), want=400) as watch:
        watch.until(lambda watch: watch.epoch >= 20)
    runs.ensure(new, "changer")
    time.sleep(0.15)
    left = len(computed(old))
    time.sleep(0.3)
    assert len(computed(old)) <= left + 1 < 40


def test_a_session_has_so_many_runs_its_oldest_unwatched_one_making_room():
    specs = [SPEC.replace(seed=100 + i) for i in range(CAP + 2)]
    tickets = [runs.ensure(spec, "greedy") for spec in specs[:CAP]]
    watches = [Watch(ticket, want=0) for ticket in tickets[1:]]
    for watch in watches:
        watch.until(lambda watch: watch.epoch >= 0)
    try:
        seventh = runs.ensure(specs[CAP], "greedy")  # the first one is watched by nobody
        with Watch(seventh) as last:
            last.until(lambda watch: watch.epoch >= 0)
            with pytest.raises(InvalidInput, match=f"{CAP + 1} trainings at once: allowed is {CAP} for a visitor"):
                runs.ensure(specs[CAP + 1], "greedy")
            runs.ensure(specs[CAP + 1], "modest")
            with Watch(runs.ensure(specs[CAP + 1], "modest"), token=seventh.viewer) as refused:
                refused.until_state("full")
    finally:
        for watch in watches:
            watch.leave()


def test_all_sessions_together_have_so_many_runs():
    eventually(lambda: not any(row["viewers"] for row in runs.census()))
    watches = [Watch(runs.ensure(SPEC.replace(seed=200 + i), f"crowd {i}")) for i in range(40)]
    try:
        for watch in watches:
            watch.until(lambda watch: bool(watch.states))
        with pytest.raises(InvalidInput, match="allowed is 40 for all visitors together"):
            runs.ensure(SPEC.replace(seed=240), "crowd 40")
    finally:
        for watch in watches:
            watch.leave()


def test_an_unknown_run_is_gone():
    with Watch(runs.Ticket("f" * 20, "somebody", SPEC)) as watch:
        watch.until_state("gone")
        assert watch.state["sentence"] == words.GONE


def test_settings_come_from_the_environment_and_nonsense_leaves_the_default():
    found = Settings.from_environment({"LAB_GRACE": "0.5", "LAB_SESSION_RUNS": "3", "LAB_WORKERS": "0", "LAB_RUNS": "many"})
    assert found == Settings(grace=0.5, session_runs=3)


# ------------------------------------------------------------------------------------------------------------------ sharing


def test_thirty_different_runs_share_two_workers_link_by_link():
    specs = [SPEC.replace(seed=300 + i) for i in range(30)]
    watches = [Watch(runs.ensure(spec, f"pupil {i}"), want=400) for i, spec in enumerate(specs)]
    try:
        watches[0].until(lambda watch: watch.epoch >= 100)
        counts = [census(runs.Ticket(plan.run_id(spec), "", spec))["links"] for spec in specs]
        assert min(counts) >= max(counts) / 3
        assert max(counts) - min(counts) <= 3
    finally:
        for watch in watches:
            watch.leave()
    assert len(pids()) >= 2, "both workers had something to do"


def test_a_new_run_s_first_link_goes_before_those_that_are_under_way():
    watches = [Watch(runs.ensure(SPEC.replace(seed=400 + i, init_scale=0.1), f"busy {i}"), want=400) for i in range(10)]
    try:
        for watch in watches:
            watch.until(lambda watch: watch.epoch > 0)
        before = sum(len(computed(SPEC.replace(seed=400 + i, init_scale=0.1))) for i in range(10))
        with Watch(runs.ensure(SPEC.replace(seed=450, init_scale=0.1), "new")) as new:
            new.until(lambda watch: watch.epoch >= 0)
        after = sum(len(computed(SPEC.replace(seed=400 + i, init_scale=0.1))) for i in range(10))
        assert after - before <= 8, "in line it would have waited for ten"
    finally:
        for watch in watches:
            watch.leave()


def test_whoever_waits_for_a_first_link_is_told_the_place_in_the_queue():
    watches = [Watch(runs.ensure(SPEC.replace(seed=500 + i, init_scale=0.3), f"line {i}"), want=10) for i in range(16)]
    try:
        for watch in watches:
            watch.until(lambda watch: watch.epoch >= 0)
        places = [[state["place"] for state in watch.states if state["state"] == "queued"] for watch in watches]
        assert sum(map(bool, places)) >= 5
        for told in places:
            assert told == sorted(told, reverse=True), "nobody is overtaken"
            assert all(place > 0 for place in told)
        queued = next(state for watch in watches for state in watch.states if state["state"] == "queued")
        assert queued["sentence"] == f"Place {queued['place']} in the queue."
    finally:
        for watch in watches:
            watch.leave()


# --------------------------------------------------------------------------------------------------------- faults and deaths


def test_a_fault_in_a_worker_is_a_sentence_without_its_innards():
    with Watch(runs.ensure(SPEC.replace(data_seed=RAISES), "faulty")) as watch:
        watch.until_state("failed")
        assert "secret" not in watch.state["sentence"]
        assert watch.state["sentence"].endswith("other settings may work.")
    with Watch(runs.ensure(SPEC.replace(data_seed=REFUSES), "refused")) as watch:
        watch.until_state("failed")
        assert watch.state["sentence"] == str(InvalidInput("a stand-in", "nothing", "Give up."))


def test_a_run_whose_members_have_all_diverged_is_over():
    with Watch(runs.ensure(SPEC.replace(data_seed=DIVERGES), "steep"), want=400) as watch:
        watch.until_state("done")
        assert 30 <= watch.epoch < 400
        assert watch.state["sentence"] == words.ended(watch.epoch)


def test_a_killed_worker_costs_at_most_a_link_and_changes_nothing():
    spec = SPEC.replace(seed=16, epochs=200)
    with Watch(runs.ensure(spec, "unlucky"), want=200) as watch:
        for epoch in (20, 80):
            watch.until(lambda watch, epoch=epoch: watch.epoch >= epoch)
            for victim in workers()[:1]:
                victim.send_signal(signal.SIGKILL)
        watch.until_state("done")
        in_order(watch)
        assert [message["frame"]["hash"] for message in watch.film] == [hashes(spec)[message["to"]] for message in watch.film]
    assert len(computed(spec)) <= len(plan.chain(spec)) + 2
    eventually(lambda: len(workers()) == 2)


def test_a_run_that_kills_its_workers_is_given_up_and_its_neighbours_go_on():
    spec = SPEC.replace(data_seed=KILLS)
    neighbour = SPEC.replace(seed=17, epochs=100)
    with Watch(runs.ensure(spec, "killer"), want=400) as killer, Watch(runs.ensure(neighbour, "neighbour"), want=100) as other:
        killer.until_state("failed")
        assert killer.state["sentence"] == words.KILLED
        other.until_state("done")
        in_order(other)
    assert len(computed(spec)) == 2
    runs.ensure(spec, "killer")
    time.sleep(0.2)
    assert len(computed(spec)) == 2, "the page's next run of its script is no reason to try again"


def test_a_killed_launcher_is_an_honest_state_and_a_short_one():
    spec = SPEC.replace(seed=18)
    with Watch(runs.ensure(spec, "patient"), want=400) as watch:
        watch.until(lambda watch: watch.epoch >= 20)
        orphans = launcher().children(recursive=True)
        launcher().send_signal(signal.SIGKILL)
        watch.until_state("away")
        assert watch.state["sentence"] == words.AWAY
        seen = len(computed(spec))
        watch.until_state("done")
        in_order(watch)
        assert [message["frame"]["hash"] for message in watch.film] == [hashes(spec)[message["to"]] for message in watch.film]
    assert len(computed(spec)) <= len(plan.chain(spec)) + 2, f"after {seen} links it went on from there"
    assert not psutil.wait_procs(orphans, timeout=10)[1]


# ------------------------------------------------------------------------------------------------------------------ the launcher


def test_a_launcher_ends_with_all_its_processes_when_its_input_closes():
    command = [sys.executable, "-m", "core.engine.launcher", "--workers", "1", "--work", "tests.core.engine_stand_in", "--nice", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline().startswith(b"tcp://127.0.0.1:")
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        sockets = [each for one in [psutil.Process(process.pid), *family] for each in one.net_connections() if each.status == "LISTEN"]
        assert {each.laddr.ip for each in sockets} == {"127.0.0.1"}
        process.stdin.close()
        assert process.wait(10) == 0
        assert not psutil.wait_procs(family, timeout=5)[1]


def test_bad_specs_are_refused_before_there_is_anything_to_queue():
    for wrong in ({"hidden": (10_000,)}, {"lr": -1.0}, {"rule": "magic"}, {"hidden": (256,) * 6, "seed": tuple(range(4096))}):
        with pytest.raises(InvalidInput):
            TrainingSpec(**wrong)


def test_a_state_that_was_let_go_of_is_worked_out_again_for_an_edit_or_a_frame(monkeypatch):
    monkeypatch.setattr("core.engine.checkpoints.CHECKPOINT_BYTES", 0)
    spec = SPEC.replace(seed=19, epochs=200)
    ticket = runs.ensure(spec, "forgetful")
    with Watch(ticket, want=200) as watch:
        watch.until_state("done")
        watch.exact(103)
        watch.until(lambda watch: bool(watch.frames))
        assert watch.frames[0]["frame"]["hash"] == hashes(spec)[103]
    fork = runs.command(ticket.id, "edit", "forgetful", epoch=101, lr=0.5)
    with Watch(fork, want=200, n=fork.shared) as watch:
        watch.until_state("done")
        assert [message["frame"]["hash"] for message in watch.film] == [hashes(spec, (101, {"lr": 0.5}))[message["to"]] for message in watch.film]
    second = runs.command(fork.id, "edit", "forgetful", epoch=150, lr=0.7)
    with Watch(second, want=200, n=second.shared) as watch:
        watch.until_state("done")
        expected = hashes(spec, (101, {"lr": 0.5}), (150, {"lr": 0.7}))
        assert [message["frame"]["hash"] for message in watch.film] == [expected[message["to"]] for message in watch.film]


def test_films_that_nobody_watches_are_forgotten_when_there_are_too_many_and_their_runs_are_gone(monkeypatch):
    ticket = runs.ensure(SPEC.replace(seed=20, epochs=60), "old")
    with Watch(ticket, want=60) as watch:
        watch.until_state("done")
    monkeypatch.setattr(runs._engine.registry, "settings", Settings(grace=0.1, session_runs=CAP, all_runs=40, megabytes=0.001))
    with Watch(runs.ensure(SPEC.replace(seed=21, epochs=60), "new"), want=60) as watch:
        watch.until_state("done")
        eventually(lambda: ticket.id not in {row["id"] for row in runs.census()})
        assert len(watch.film) == len(plan.chain(SPEC.replace(seed=21, epochs=60))) + 1
    with Watch(ticket) as watch:
        watch.until_state("gone")


def test_the_cluster_that_an_address_names_is_used_and_its_end_said(monkeypatch):
    command = [sys.executable, "-m", "core.engine.launcher", "--workers", "1", "--work", "tests.core.engine_stand_in", "--nice", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.stdout.readline().decode().strip())
        runs.stop()
        runs.start(Settings(workers=2, nice=0), work="tests.core.engine_stand_in")
        spec = SPEC.replace(seed=22)
        with Watch(runs.ensure(spec, "guest"), want=400) as watch:
            watch.until(lambda watch: watch.epoch >= 20)
            assert [child.pid for child in psutil.Process().children() if "launcher" in " ".join(child.cmdline())] == [cluster.pid]
            cluster.stdin.close()
            watch.until_state("away")
            assert watch.epoch < 400
        cluster.wait(10)
    runs.stop()
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS")
    runs.start(Settings(grace=GRACE, session_runs=CAP, all_runs=40, workers=2, nice=0), work="tests.core.engine_stand_in")
