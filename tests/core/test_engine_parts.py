"""The parts of the engine that need no workers: what the links of a run are, and what is kept of it."""

import asyncio
import json
import types
from itertools import pairwise

import numpy as np
import pytest

from core import wire
from core.engine import cluster as cluster_module
from core.engine import plan, work
from core.engine.checkpoints import Checkpoints
from core.engine.film import FILM_BYTES, Film
from core.engine.plan import Edit
from core.specs.training import TrainingSpec

SPECS = [
    TrainingSpec(epochs=1),
    TrainingSpec(epochs=39),
    TrainingSpec(epochs=5000),
    TrainingSpec(lam=(0.1,) * 16, epochs=400),
    TrainingSpec(lam=(0.1,) * 4096, epochs=50),
    TrainingSpec(data="digits", hidden=(64, 64), batch=32, epochs=100),
    TrainingSpec(dropout=(0.1, 0.2), batch_norm=True, epochs=500, batch=1, points=2000),
]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("edits", [(), (Edit(0, (("lam", 0.5),)),), (Edit(1, (("lr", 0.5),)), Edit(37, (("lam", 1.0),)))])
def test_the_links_of_a_run_cover_its_epochs_once_and_change_where_an_edit_is(spec, edits):
    edits = tuple(edit for edit in edits if edit.epoch < spec.epochs)
    chain = plan.chain(spec, edits)
    assert chain[0].first == 0
    assert chain[-1].last == spec.epochs
    assert all(one.last == two.first for one, two in pairwise(chain))
    assert {link.first: link.changes for link in chain if link.changes} == {edit.epoch: edit.changes for edit in edits}
    assert len({link.key for link in chain}) == len(chain)
    assert len(chain) >= min(plan.FRAMES, spec.epochs)
    usual, opening = plan.stride(spec)
    assert 1 <= opening <= usual
    assert all(link.last - link.first <= usual for link in chain)


def test_runs_share_the_keys_of_what_they_have_in_common_and_no_others():
    spec = TrainingSpec(epochs=400)
    plain, edited = plan.chain(spec), plan.chain(spec, (Edit(105, (("lam", 0.5),)),))
    common = sum(one.key == two.key for one, two in zip(plain, edited, strict=False))
    assert plain[common - 1].last <= 105 < plain[common].last
    assert not {link.key for link in plain[common:]} & {link.key for link in edited[common:]}
    assert plan.chain(spec, (Edit(105, (("lam", 0.6),)),))[common].key == edited[common].key, "up to the edit itself they are the same"
    assert not {link.key for link in plain} & {link.key for link in plan.chain(spec.replace(seed=1))}


def test_a_run_s_name_depends_on_spec_edits_and_code_alone(monkeypatch):
    spec = TrainingSpec(lam=(0.0, 0.1))
    name = plan.run_id(spec)
    assert plan.run_id(TrainingSpec.from_json(spec.to_json())) == name
    assert plan.run_id(spec, (Edit(3, (("lr", 0.1),)),)) != name
    monkeypatch.setattr(plan, "code_version", lambda: "another")
    assert plan.run_id(spec) != name


def test_settings_after_an_epoch_are_those_of_the_edits_up_to_it():
    spec = TrainingSpec(lam=(0.0, 0.1), lr=0.1)
    edits = (Edit(10, (("lr", (0.2, 0.2)),)), Edit(20, (("lam", (0.3, 0.4)),)))
    assert plan.settings(spec, edits, 9) == spec
    assert plan.settings(spec, edits, 10).lr == (0.2, 0.2)
    assert plan.settings(spec, edits, 400).lam == (0.3, 0.4)


def test_the_way_to_an_epoch_leads_over_the_links_between_as_it_was_before_an_edit_there():
    spec = TrainingSpec(epochs=400)
    edits = (Edit(105, (("lam", 0.5),)),)
    chain = plan.chain(spec, edits)
    assert sum(epochs for _, epochs in plan.legs(chain, -1, 333)) == 333
    assert [changes for changes, _ in plan.legs(chain, -1, 105) if changes] == []
    assert [changes for changes, _ in plan.legs(chain, -1, 106) if changes] == [(("lam", 0.5),)]
    assert plan.legs(chain, 4, chain[4].last) == ()
    assert plan.legs(chain, 4, chain[4].last + 1) == (((), 1),)


def test_checkpoints_are_all_kept_while_they_are_small():
    kept = Checkpoints(budget=1000)
    for link in range(10):
        kept.keep(link, bytes(100))
    assert [link for link in range(10) if kept[link] is not None] == list(range(10))
    assert kept.size == 1000
    assert (kept.nearest(7), kept.nearest(99), kept.nearest(-1)) == (7, 9, -1)


@pytest.mark.parametrize("budget", [0, 1, 350, 1000])
def test_checkpoints_are_thinned_evenly_within_their_budget_the_newest_always_there(budget):
    kept = Checkpoints(budget=budget)
    for link in range(200):
        kept.keep(link, bytes([link]) * 100)
        assert kept[link] == bytes([link]) * 100
        held = [each for each in range(link + 1) if kept[each] is not None]
        assert kept.size == 100 * len(held) <= budget + 100
        gaps = {two - one for one, two in pairwise([-1, *held[:-1]])}
        assert len(gaps) <= 1, "the same number of links between any two"
    assert budget < 300 or len(held) > budget // 200


def message(first: int, last: int, frame: int) -> bytes:
    return wire.pack(
        {
            "kind": "film",
            "from": first,
            "to": last,
            "curves": {"train_loss": np.full((2, last - first), float(last))},
            "profiles": {},
            "frame": {"epoch": last, "field": wire.Exact(np.arange(frame, dtype=np.uint8)), "scale": np.array([1.5])},
            "status": ["running"],
            "sentences": ["λ"],
        }
    )


def test_a_message_without_its_frame_and_a_frame_alone_keep_everything_else_and_their_types():
    raw = message(3, 5, 100)
    lean, alone = wire.unpack(work.without_frame(raw)), wire.unpack(work.frame_alone(raw))
    assert lean["frame"] is None
    assert np.array_equal(lean["curves"]["train_loss"], np.full((2, 2), 5.0))
    assert (lean["from"], lean["to"], lean["sentences"]) == (3, 5, ["λ"])
    assert (alone["from"], alone["to"], alone["curves"], alone["profiles"]) == (5, 5, {}, {})
    assert alone["frame"]["field"].dtype == np.uint8
    assert np.array_equal(alone["frame"]["field"], np.arange(100))


def test_a_film_too_long_to_be_held_lets_frames_go_and_no_epoch(monkeypatch):
    monkeypatch.setattr("core.engine.film.FILM_BYTES", 20_000)
    film = Film()
    for link in range(100):
        film.add([message(link, link + 1, 200)])
        assert film.size == sum(len(each.raw) for each in film.messages)
    unpacked = [wire.unpack(each.raw) for each in film.messages]
    assert [each["to"] for each in unpacked] == list(range(1, 101))
    framed = [i for i, each in enumerate(unpacked) if each["frame"] is not None]
    assert framed[0] == 0
    assert framed[-1] == 99
    assert len(framed) < 60
    assert FILM_BYTES >= 20_000


def test_a_fault_is_a_record_and_not_an_exception(monkeypatch):
    def broken() -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(work, "_training", broken)
    record = work.link(TrainingSpec().to_json(), None, (((), 1),), 2)
    assert set(record) == {"failed"}
    assert "secret" not in record["failed"]
    assert work.exact("{}", None, (((), 1),)) == {"failed": work.FAILED}
    json.dumps(record)


# ------------------------------------------------------------------------------------------------------------------ the cluster


class Forgetful:
    """A client whose scheduler forgets the first tasks, and says so when it is asked; what it remembers takes a while."""

    def __init__(self, losses: int) -> None:
        self.names: list[str] = []
        self.released: list[str] = []
        self._losses = losses

    def submit(self, function, *args, key, priority):
        self.names.append(key)
        lost, released = len(self.names) <= self._losses, self.released

        class Future:
            async def result(self):
                await asyncio.sleep(60 if lost else 0.1)
                return function(*args)

            def release(self):
                released.append(key)

        return Future()

    async def run_on_scheduler(self, function, named):
        return named in self.names[self._losses :]


def asked(losses: int) -> tuple[Forgetful, object, bool]:
    async def ask() -> tuple[Forgetful, object, bool]:
        cluster = cluster_module.Cluster(lambda: None, 1)
        cluster.work = types.SimpleNamespace(double=lambda value: 2 * value)
        client = Forgetful(losses)
        connection = cluster._connection = cluster_module._Connection(client, "build", 1)
        try:
            answer = await cluster.compute("double", 21, key="k")
        except cluster_module.Away:
            answer = "away"
        return client, answer, connection.deaf

    return asyncio.run(ask())


def test_a_task_that_the_scheduler_has_lost_is_asked_for_again_and_one_that_takes_long_is_not(monkeypatch, caplog):
    monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 0.02)
    client, answer, deaf = asked(0)
    assert (answer, deaf, len(client.names)) == (42, False, 1)
    usual = client.names[0]
    client, answer, deaf = asked(1)
    assert (answer, deaf, len(set(client.names))) == (42, False, 2)
    assert client.names[0] == usual, "the name that replicas share comes first"
    assert client.released == client.names, "nothing is held any longer"
    assert "lost" in caplog.text


def test_a_client_whose_tasks_are_all_lost_is_replaced(monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 0.02)
    client, answer, deaf = asked(5)
    assert (answer, deaf, len(client.names)) == ("away", True, 2)
