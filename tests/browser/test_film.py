"""Live training in a real browser, fed by an engine that only seems to be one (`film_app`): the page is `film_page`."""

import json
import sys
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import count, pairwise

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import GO, count_messages, member, quiet, scrub_of, until, visit, wear
from tests.browser.film_numbers import EPOCHS, FORKED, LAYERS, LINK, loss_of, weights_of
from tests.servers import free_port, started

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = count()
READ = "label => [...document.querySelectorAll('.lab-readouts dt')].find((dt) => dt.textContent === label).nextSibling.textContent"
# The loss that is shown at each epoch, the playhead drawn over all of them.
LOSSES = """async (last) => {
  const input = document.querySelector('.lab-scrub[data-axis="epoch"] input'), out = [];
  const shown = [...document.querySelectorAll('.lab-readouts dt')].find((dt) => dt.textContent === 'train loss').nextSibling;
  for (let i = 0; i <= last; i++) {
    input.value = i;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise(requestAnimationFrame);
    out.push(shown.textContent);
  }
  return out;
}"""
# The playhead and how far the film reaches, at every frame.
WATCH = """() => {
  window.seen = [];
  const scrub = document.querySelector('.lab-scrub[data-axis="epoch"]'), reach = scrub.querySelector('.lab-reach').style;
  const look = () => {
    window.seen.push([Number(scrub.querySelector('input').value), Number(reach.getPropertyValue('--reach'))]);
    requestAnimationFrame(look);
  };
  look();
}"""
RANGE = "document.querySelectorAll('.lab-plotly')[2]._fullLayout.yaxis.range"
PIXEL = """([i, x, y]) => {
  const canvas = document.querySelectorAll('.lab-moving')[i], ratio = canvas.width / canvas.getBoundingClientRect().width;
  const {xaxis, yaxis} = document.querySelectorAll('.lab-plotly')[i]._fullLayout;
  const place = [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)].map((each) => Math.round(ratio * each));
  return [...canvas.getContext('2d').getImageData(...place, 1, 1).data];
}"""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.browser.film_app:app", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    with started(command, {}, f"http://127.0.0.1:{port}") as (_, url):
        yield url


@pytest.fixture
def film(page, app):
    """Return what opens the page for a run of a kind that nobody has asked for yet."""
    page.warnings = []
    page.on("console", lambda said: page.warnings.append(said.text) if said.type in ("error", "warning") and "lab/plot" in said.text else None)

    def open_film(kind, more=""):
        page.run = f"{kind}-{next(NUMBERS)}"
        page.messages = count_messages(page)
        visit(page, f"{app}/?run={page.run}{more}", 5)
        quiet(page, page.messages, 200)
        return page

    yield open_film
    assert page.warnings == []


def heard(app, run):
    with urllib.request.urlopen(f"{app}/heard/{run}", timeout=10) as answer:
        return json.load(answer)


def state(page):
    return page.locator(".lab-film").text_content()


def readout(page, label):
    return page.evaluate(READ, label)


def press(page, name):
    page.locator(".lab-player").get_by_role("button", name=name, exact=True).click()


def expect(page, condition, seconds=45.0):
    assert until(condition, seconds, page), state(page)


def shown(losses):
    return [float(text.replace("–", "nan")) for text in losses]


# ------------------------------------------------------------------------------------------------ columns that come late


def test_what_is_computed_late_appears_without_a_word_between_page_and_script(film, app):
    page = film("slow")
    before, runs = dict(page.messages), page.get_by_text("runs ").inner_text()
    press(page, "Play")
    expect(page, lambda: member(page, "epoch") >= 10)
    assert "epoch" in state(page)
    caption = page.locator(".lab-caption:visible").first
    assert caption.inner_text().startswith("Epoch ")
    assert (page.messages["sent"], page.messages["received"]) == (before["sent"], before["received"]), "a snapshot made a script run"
    assert page.get_by_text("runs ").inner_text() == runs
    press(page, "Pause")
    expect(page, lambda: float(readout(page, "train loss")) == pytest.approx(loss_of(page.run, 0, member(page, "epoch")), rel=1e-4))
    (first, *wishes) = heard(app, page.run)
    assert first == {"viewer": "a viewer", "n": 0}
    told = [said for said in wishes if "want" in said]
    assert max(said["want"] - said["at"] for said in told) == 80, "a film that plays is wanted two seconds ahead"
    assert all(said["want"] - said["at"] in (40, 80) or said["want"] == EPOCHS for said in told)
    expect(page, lambda: [said for said in heard(app, page.run) if "at" in said][-1]["at"] == member(page, "epoch"))


def test_play_waits_where_nothing_is_computed_yet_and_goes_on_by_itself(film, app):
    page = film("stepped")
    page.evaluate(WATCH)
    press(page, "Play")
    for epoch in (10, 25, 30):
        urllib.request.urlopen(f"{app}/let/{page.run}/{epoch}", timeout=10).close()
        expect(page, lambda epoch=epoch: member(page, "epoch") == epoch)
        page.wait_for_timeout(300)
        assert member(page, "epoch") == epoch
        assert page.get_by_role("button", name="Pause").count() == 1, "it waits, it does not stop"
    seen = page.evaluate("window.seen")
    assert all(at <= round(reach * EPOCHS) for at, reach in seen), "the playhead runs ahead of the film"
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
    assert all(after - before < 15 for (before, _), (after, _) in pairwise(seen)), "time spent waiting is not made up for"


def test_a_film_plays_by_itself_from_its_start_but_not_for_eyes_that_want_stills(film, page):
    page.emulate_media(reduced_motion="reduce")
    film("steady", "&play=1")
    page.wait_for_timeout(300)
    assert member(page, "epoch") == 0
    page.emulate_media(reduced_motion="no-preference")
    film("steady", "&play=1")
    expect(page, lambda: member(page, "epoch") > 3)
    film("steady", "&play=1&epoch=7")
    page.wait_for_timeout(300)
    assert member(page, "epoch") == 7, "a link to an epoch shows that epoch"


def test_at_rest_a_second_ahead_is_wanted_and_no_more(film, app):
    page = film("steady")
    expect(page, lambda: state(page) == "waiting for the playhead: epoch 40 of 120")
    assert heard(app, page.run)[1:] == [{"want": 40, "at": 0}]
    page.evaluate(GO, ["epoch", 100, False])
    expect(page, lambda: state(page) == "computed: 120 epochs")
    assert {"want": 120, "at": 100} in heard(app, page.run), "a hand beyond what there is asks for it"
    assert member(page, "epoch") == 100
    expect(page, lambda: float(readout(page, "train loss")) == pytest.approx(loss_of(page.run, 0, 100), rel=1e-4))


def test_a_playhead_that_rests_asks_for_the_frame_of_exactly_its_epoch_once(film, app):
    page = film("steady")
    page.evaluate(GO, ["member", 3, False])
    epoch = next(e for e in range(11, 19) if zeros(3, e) != zeros(3, 10))
    page.evaluate(GO, ["epoch", epoch - 1, False])
    page.evaluate(GO, ["epoch", epoch, False])
    expect(page, lambda: readout(page, "zeros") == str(zeros(3, epoch)))
    page.evaluate(GO, ["epoch", 10, False])
    expect(page, lambda: readout(page, "zeros") == str(zeros(3, 10)))
    page.evaluate(GO, ["epoch", epoch, False])
    page.wait_for_timeout(400)
    assert [said["exact"] for said in heard(app, page.run) if "exact" in said] == [epoch]


def test_a_film_that_plays_where_a_slow_line_left_frames_out_asks_for_some_ahead_of_the_playhead(film, app):
    page = film("lean")
    page.evaluate(WATCH)
    press(page, "Play")
    expect(page, lambda: member(page, "epoch") > 90)
    asked = [said["exact"] for said in heard(app, page.run) if "exact" in said]
    assert asked == sorted(set(asked))
    assert 2 <= len([epoch for epoch in asked if 10 < epoch < 90]) <= 6, "about two a second"
    assert int(page.locator(".lab-film").get_attribute("data-frame")) > 40


def zeros(k, epoch):
    return int((weights_of(k, epoch) == 0).sum())


def test_a_line_that_is_cut_goes_on_without_a_gap_or_a_double(film, app):
    page = film("dropped")
    page.evaluate(GO, ["epoch", EPOCHS, False])
    expect(page, lambda: state(page) == "computed: 120 epochs")
    losses = shown(page.evaluate(LOSSES, EPOCHS))
    np.testing.assert_allclose(losses, [loss_of(page.run, 0, epoch) for epoch in range(EPOCHS + 1)], rtol=1e-4)
    assert [said["n"] for said in heard(app, page.run) if "n" in said] == [0, 4, 9]


def test_an_edit_keeps_the_links_that_both_runs_share_and_shows_the_new_ones(film, app):
    page = film("steady")
    page.evaluate(GO, ["epoch", EPOCHS, True])
    expect(page, lambda: state(page) == "computed: 120 epochs")
    nodes = "document.querySelectorAll('.lab-film, .lab-chart').forEach((node, i) => (node.tag = i + 1))"
    page.evaluate(nodes)
    page.get_by_role("button", name="Edit").click()
    fork = f"fork-{page.run}"
    expect(page, lambda: bool(heard(app, fork)) and state(page) == "computed: 120 epochs")
    assert [said["n"] for said in heard(app, fork) if "n" in said] == [4]
    losses = shown(page.evaluate(LOSSES, EPOCHS))
    wanted = [loss_of(page.run if epoch <= FORKED else fork, 0, epoch) for epoch in range(EPOCHS + 1)]
    np.testing.assert_allclose(losses, wanted, rtol=1e-4)
    tags = page.evaluate("[...document.querySelectorAll('.lab-film, .lab-chart')].map((node) => node.tag)")
    assert tags == [1, 2, 3, 4, 5, 6], "nothing remounts"


# ------------------------------------------------------------------------------------------------ how it stands


def test_a_run_that_the_server_has_lost_is_asked_for_again_by_the_script(film, app):
    page = film("gone")
    expect(page, lambda: "gone 1" in page.get_by_text("runs ").inner_text())
    expect(page, lambda: "epoch 40 of 120" in state(page))
    assert heard(app, page.run.replace("gone", "steady"))[0]["n"] == 0


def test_the_line_tells_place_and_failure_and_only_changes_of_state_are_read_out(film):
    page = film("queued")
    said = set()
    page.expose_function("heard_state", lambda text: said.add(text))
    page.evaluate("""() => new MutationObserver(() => window.heard_state(document.querySelector('.lab-film [role=status]').textContent))
        .observe(document.querySelector('.lab-film'), {childList: true, subtree: true, characterData: true})""")
    page.get_by_role("button", name="Edit").click()
    page.evaluate(GO, ["epoch", EPOCHS, False])
    expect(page, lambda: state(page) == "computed: 120 epochs")
    assert said <= {"starting", "waiting in the queue: place 2", "waiting in the queue: place 1", "training", "waiting for the playhead", "computed"}
    page = film("failed")
    expect(page, lambda: state(page) == "The worker was lost three times over this run.")


def test_a_film_that_ends_early_ends_there_and_its_line_is_opened_again_for_a_single_frame(film, app):
    page = film("short")
    page.get_by_label("Speed").select_option("4×")
    press(page, "Play")
    expect(page, lambda: member(page, "epoch") == 60 and page.get_by_role("button", name="Pause").count() == 0)
    expect(page, lambda: "epoch 60, of" in page.get_by_text("runs ").inner_text())
    assert state(page) == "computed: epoch 60 of 120"
    page.wait_for_timeout(500)
    assert [said["n"] for said in heard(app, page.run) if "n" in said] == [0]
    page.evaluate(GO, ["member", 3, False])
    epoch = next(e for e in range(11, 19) if zeros(3, e) != zeros(3, 10))
    page.evaluate(GO, ["epoch", epoch, False])
    expect(page, lambda: readout(page, "zeros") == str(zeros(3, epoch)))
    assert [said["n"] for said in heard(app, page.run) if "n" in said] == [0, 13]


def test_frames_beyond_the_budget_are_thinned_the_oldest_first_and_a_cut_forgets_what_came_after(film):
    found = film("steady").evaluate(
        """async () => {
          const address = performance.getEntriesByType('resource').map((each) => each.name).find((name) => name.endsWith('/reel.js'));
          const {Reel} = await import(address), reel = new Reel(1, 400), one = (value) => Object.assign(Float32Array.of(value), {shape: [1, 1]});
          const said = {status: ['running'], sentences: ['']}, answers = [];
          for (let e = 0; e <= 400; e++) {
            const frame = {epoch: e, field: new Uint8Array(400000)};
            answers.push(reel.add({from: e - 1, to: e, curves: {loss: one(e)}, profiles: {gap: one(-e)}, frame, ...said}));
          }
          const bytes = reel.frames.reduce((sum, {field}) => sum + field.byteLength, 0), kept = reel.frames.map(({epoch}) => epoch);
          const odd = [[3, 4], [410, 420]].map(([from, to]) => reel.add({from, to, curves: {}, profiles: {}, ...said}));
          reel.add({from: 33, to: 33, frame: {epoch: 33, field: new Uint8Array(1)}});
          const exact = reel.frameAt(33).field.length, between = reel.frameAt(398).epoch;
          const past = [reel.cut(201, 250), reel.reach, reel.linked, reel.curves.loss[250], String(reel.curves.loss[251])];
          const many = (from, to) => Object.assign(Float32Array.from({length: to - from}, (_, k) => from + 1 + k), {shape: [1, to - from]});
          const wrong = reel.add({from: 250, to: 300, curves: {}, profiles: {}, ...said});
          past.push(wrong, reel.add({from: 200, to: 300, curves: {loss: many(200, 300)}, profiles: {}, ...said}), reel.reach, reel.curves.loss[300]);
          const left = reel.cut(101);
          return {past, answers: [...new Set(answers)], bytes, counted: reel.bytes, kept, odd, exact, between, left, reach: reel.reach,
            last: reel.frames.at(-1).epoch, loss: [reel.curves.loss[100], String(reel.curves.loss[101])], gap: String(reel.profiles.gap[101]),
            again: reel.add({from: 100, to: 101, curves: {loss: one(7)}, profiles: {gap: one(7)}, ...said}), now: reel.value('curves.loss', 0, 101)};
        }"""
    )
    assert found["answers"] == ["link"]
    assert found["bytes"] <= 64 << 20
    kept = found["kept"]
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1], found["between"]) == (0, 400, 398)
    gaps = np.diff(kept)
    assert gaps[0] >= gaps[-1] == 1, "the oldest are thinned"
    assert found["odd"] == ["known", "gap"]
    assert found["exact"] == 1
    assert found["past"] == [201, 250, 200, 250, "NaN", "gap", "link", 300, 300], "an edit within a link leaves what comes before it"
    assert (found["left"], found["reach"], found["again"], found["now"]) == (101, 100, "link", 7)
    assert found["last"] <= 100
    assert found["loss"] == [100, "NaN"]
    assert found["gap"] == "NaN"


def test_a_member_that_diverged_has_its_sentence_from_there_on(film):
    page = film("steady")
    page.evaluate(GO, ["member", 3, False])
    page.evaluate(GO, ["epoch", 80, False])
    expect(page, lambda: readout(page, "how it goes") == "Its loss grew without bound.")
    assert page.locator(".lab-caption:visible").first.inner_text().endswith("Its loss grew without bound.")
    page.evaluate(GO, ["epoch", 20, False])
    expect(page, lambda: readout(page, "how it goes") == "–")


# ------------------------------------------------------------------------------------------------ what is drawn


def test_the_axes_follow_the_film_but_a_hand_s_zoom_has_its_way_until_it_is_reset(film):
    page = film("steady")
    page.evaluate(GO, ["epoch", 30, False])
    expect(page, lambda: page.evaluate(RANGE) == pytest.approx([-2, np.log10(20)]))
    page.evaluate(GO, ["epoch", 90, False])
    expect(page, lambda: page.evaluate(RANGE) == pytest.approx([-2, 1]))
    page.evaluate("Plotly.relayout(document.querySelectorAll('.lab-plotly')[2], {'yaxis.range': [-1, 0]})")
    page.evaluate(GO, ["epoch", 30, False])
    page.wait_for_timeout(500)
    assert page.evaluate(RANGE) == [-1, 0]
    page.locator(".lab-chart").nth(2).get_by_role("button", name="Reset view").click()
    expect(page, lambda: page.evaluate(RANGE) == pytest.approx([-2, np.log10(20)]))


def test_a_field_wears_the_palette_of_the_theme_and_turns_with_the_epoch(film):
    page = film("steady")
    expect(page, lambda: page.evaluate(PIXEL, [0, 0.95, -0.97])[3] == 120)
    left, right = (page.evaluate(PIXEL, [0, x, -0.97]) for x in (-0.95, 0.95))
    assert left[0] > left[2] + 100
    assert right[2] > right[0] + 100
    page.evaluate(GO, ["epoch", 120, True])
    expect(page, lambda: page.evaluate(PIXEL, [0, -0.95, 0.97])[2] > 200)  # three radians on
    wear(page, "dark")
    dark = page.evaluate(PIXEL, [0, -0.95, 0.97])
    assert dark[3] == 200
    assert dark[:3] == pytest.approx([0, 40, 120], abs=3)


def test_a_file_holds_the_network_its_dead_and_dropped_units_and_what_is_not_shown(film):
    page = film("steady")
    page.evaluate(GO, ["member", 3, False])
    page.evaluate(GO, ["epoch", 10, False])
    expect(page, lambda: page.locator(".lab-caption:visible").first.inner_text().startswith("Epoch 10:"))
    with page.expect_download() as saved:
        page.locator(".lab-chart").nth(1).get_by_role("button", name="SVG", exact=True).click()
    stage = ET.parse(saved.value.path()).getroot()
    paths = [
        (node.get("stroke"), node.get("fill"), node.get("d")) for node in stage.find(f".//{SVG}g[@clip-path='url(#lab-frame)']").iter(f"{SVG}path")
    ]
    codes = weights_of(3, 10)
    wide, width = LAYERS[1], LAYERS[2]
    into, out = codes[: 2 * wide].reshape(2, wide)[:, :16], codes[3 * wide : 3 * wide + wide * width].reshape(wide, width)[:16]
    last = codes[3 * wide + (wide + 1) * width :][:width]
    for sign, colour, parts in ((1, "#0067A3", 1), (-1, "#B84A00", 2)):
        lines = [d for stroke, fill, d in paths if stroke == colour and fill == "none"]
        assert len(lines) == sum(int((np.sign(each) == sign).sum()) for each in (into, out, last)), "exact zeros are left out"
        assert {d.count("M") for d in lines} == {parts}, "a negative weight's line is broken"
    hollow = next(d for stroke, fill, d in paths if fill == "#FFFFFF")
    assert hollow.count("M") == int((into == 0).all(axis=0).sum()) > 0
    crosses = next(d for stroke, fill, d in paths if stroke == "#007A59")
    assert crosses.count("M") == 2 * (4 + 1), "every fifth of the 16 that are shown and of the two behind them"
    words = "".join(text for node in stage.iter(f"{SVG}text") for text in node.itertext())
    assert "… 4 more" in words
    assert "x₁" in words


def test_axe_finds_no_violation_and_every_chart_says_what_it_shows(film):
    page = film("steady")
    expect(page, lambda: "epoch 40" in state(page))
    labels = [canvas.get_attribute("aria-label") for canvas in page.locator(".lab-canvas").all()]
    assert len(set(labels)) == 5
    assert page.locator(".lab-film").get_by_role("status").count() == 1
    for scheme in ("light", "dark"):
        wear(page, scheme)
        found = Axe().run(page, context=".stMainBlockContainer").response["violations"]
        assert [(scheme, each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []


def test_keys_step_beyond_what_is_computed_and_the_film_comes_after(film, app):
    page = film("slow")
    scrub_of(page, "epoch").focus()
    page.keyboard.press("PageUp")
    assert member(page, "epoch") == 12
    expect(page, lambda: float(readout(page, "train loss")) == pytest.approx(loss_of(page.run, 0, 12), rel=1e-4))
    assert max(said.get("want", 0) for said in heard(app, page.run)) <= 12 + 40
    assert LINK < 12, "it was not there yet"
