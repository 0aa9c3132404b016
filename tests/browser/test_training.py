"""The lab "Training" in a real browser, with the real engine behind it: what a student sees while sixteen networks train."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from core import training
from core.specs import TRAINING_PRESETS, TrainingLabSpec
from tests.browser.driving import CHARTS, GO, READY, count_messages, drag, film_settled, member, quiet, scrub_of, until, visit

pytestmark = pytest.mark.browser
LAB = "training"
WEIGHTS = 2 * 32 + 32 * 32 + 32  # of the network that the lab opens with, biases left out
# Seconds for whatever the engine or a script has to do first: they share two cores with the browser.
LONG = 90.0
NUMBERS = "() => Object.fromEntries([...document.querySelectorAll('.lab-readouts dt')].map((dt) => [dt.textContent, dt.nextSibling.textContent]))"
# What the readouts say of the loss at some epochs, the playhead drawn over them.
LOSSES = """async (epochs) => {
  const input = document.querySelector('.lab-scrub[data-axis="epoch"] input'), out = [];
  const said = () => [...document.querySelectorAll('.lab-readouts dt')].find((dt) => dt.textContent === 'training loss').nextSibling.textContent;
  for (const epoch of epochs) {
    input.value = epoch;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    out.push(said());
  }
  return out;
}"""
# How many pixels of a chart's moving layer are painted, and a checksum of them.
PAINTED = """key => {
  const canvas = document.querySelector(`.st-key-${key} canvas.lab-moving`);
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0, sum = 0;
  for (let k = 0; k < data.length; k += 4) {
    if (data[k + 3]) count++;
    sum = (sum * 31 + data[k] + 3 * data[k + 1] + 7 * data[k + 2] + 11 * data[k + 3]) >>> 0;
  }
  return [count, sum];
}"""


def lab(page, server, query=""):
    """Open the lab; note Streamlit's messages, and what the browser says to the run's stream."""
    page.messages, page.said = count_messages(page), []

    def watch(socket):
        if "/lab/run/" in socket.url:
            socket.on("framesent", lambda text: page.said.append(json.loads(text)))

    page.on("websocket", watch)
    visit(page, f"{server}/{LAB}{query}", CHARTS[LAB])
    return page


def expect(page, condition, seconds=LONG):
    assert until(condition, seconds, page), f"{film(page)}; {page.evaluate(NUMBERS)}"


def film(page):
    return page.evaluate("document.querySelector('.lab-film')?.textContent ?? ''")


def numbers(page):
    return page.evaluate(NUMBERS)


def number(page, label):
    """Return a readout as a number, NaN where it says that there is none."""
    text = numbers(page).get(label, "–").replace("−", "-")
    if power := re.fullmatch(r"(.+) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text):
        text = f"{power[1]}e{power[2].translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789'))}"
    return float("nan") if text == "–" else float(text)


def caption(page, chart):
    return page.locator(f".st-key-tn-{chart} .lab-caption").inner_text()


def counted(page):
    """Return how many exact zeros the histogram's caption counts."""
    said = re.match(r"(\d+) weights are exactly zero", caption(page, "weights"))
    return int(said[1]) if said else -1


def press(page, name):
    page.locator('.lab-scrub[data-axis="epoch"]').get_by_role("button", name=name, exact=True).click()


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def reach(page):
    """Return the last epoch that the browser knows, as the film's line says it."""
    said = re.search(r"epoch (\d+) of|: (\d+) epochs", film(page))
    return int(said[1] or said[2]) if said else -1


def preset(page, name, **settings):
    """Choose a preset, and wait until these of its settings are in the address and the page rests."""
    quiet(page, page.messages, 200)
    page.locator(".st-key-tn-presets").get_by_role("button", name=name, exact=True).click()
    expect(page, lambda: settings.items() <= query(page).items())
    page.wait_for_selector(READY)
    quiet(page, page.messages, 200)


def to_the_end(page):
    """Go to the last epoch, and wait until that is computed and drawn."""
    press(page, "To the end")
    expect(page, lambda: film(page).startswith("computed:") and reach(page) == member(page, "epoch"))
    film_settled(page)
    quiet(page, page.messages, 200)


@pytest.fixture(scope="module")
def shared(warm, server):
    """Return the lab in a page that several tests use one after the other: each begins with a preset."""
    page = warm.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    lab(page, server)
    press(page, "To the start")
    yield page
    page.close()
    assert errors == []


# --------------------------------------------------------------------------------------------------------- the first screen


def test_the_first_screen_trains_by_itself_training_and_validation_part_and_lambda_brings_them_together(page, server):
    lab(page, server)
    expect(page, lambda: member(page, "epoch") > 5)
    to_the_end(page)
    assert member(page, "epoch") == TrainingLabSpec().epochs
    gap = number(page, "gap")
    assert gap > 1, "the network without a penalty overfits"
    assert gap == pytest.approx(number(page, "validation loss") - number(page, "training loss"), abs=2e-3)
    assert f"a gap of {numbers(page)['gap']}." in caption(page, "losses")
    before = dict(page.messages)
    drag(page, steps=20, release=False, axis="member")
    page.evaluate(GO, ["member", 10, False])
    # The readout follows within a frame, the sentence once it rests; at the largest λ all weights are zero, and the gap is none.
    expect(page, lambda: 0.01 < number(page, "gap") < 0.3 and f"a gap of {numbers(page)['gap']}." in caption(page, "losses"))
    assert (page.messages["sent"], page.messages["received"]) == (before["sent"], before["received"]), "the page speaks while λ is dragged"


def test_while_a_run_plays_no_script_runs(shared):
    page = shared
    preset(page, "Another start", tn_axis="luck: the initial weights")
    before, start = dict(page.messages), member(page, "epoch")
    press(page, "Play")
    expect(page, lambda: member(page, "epoch") > start + 60)
    assert page.get_by_role("button", name="Pause", exact=True).count() == 1, "it still plays"
    assert (page.messages["sent"], page.messages["received"]) == (before["sent"], before["received"]), "a snapshot made a script run"
    press(page, "Pause")


# ------------------------------------------------------------------------------------------------------- links and edits


def test_a_pause_is_in_the_address_and_another_page_shows_the_same_numbers_there(page, warm, server):
    lab(page, server, "?tn_penalty=L1&tn_member=9")
    expect(page, lambda: member(page, "epoch") > 20)
    press(page, "Pause")
    epoch = member(page, "epoch")
    expect(page, lambda: float(query(page).get("tn_epoch", "nan")) == epoch)
    film_settled(page)
    quiet(page, page.messages, 200)
    here = numbers(page)
    assert float(here["exact zeros"]) > 0
    other = warm.new_page()
    lab(other, server, page.url.removeprefix(f"{server}/{LAB}"))
    expect(other, lambda: numbers(other) == here)
    assert member(other, "epoch") == epoch
    for each in (page, other):
        # A chart out of sight follows when the group comes to rest.
        expect(each, lambda each=each: counted(each) == pytest.approx(float(here["exact zeros"]) * WEIGHTS, abs=0.5))
    other.close()


def test_another_learning_rate_on_the_way_keeps_the_past_and_changes_what_follows(shared):
    page, spec = shared, TRAINING_PRESETS["Dropout cures it"]
    preset(page, "Dropout cures it", tn_axis="the dropout rate p")
    press(page, "Play")
    expect(page, lambda: member(page, "epoch") > 40)
    press(page, "Pause")
    at = member(page, "epoch")
    # The answer to the pause puts the playhead where it was: later than 200 ms on a busy server, and then in the middle of what is read below.
    expect(page, lambda: float(query(page).get("tn_epoch", "nan")) == at)
    quiet(page, page.messages, 200)
    past, future = range(0, at + 1, 4), range(at, at + 50, 4)
    before = page.evaluate(LOSSES, [*past, at])
    assert "–" not in before
    # An edit is made where the engine last heard that the playhead stands.
    expect(page, lambda: [said["at"] for said in page.said if "at" in said][-1] == at)
    run = page.locator(".lab-film")
    slider = page.locator(".st-key-tn_lr").get_by_role("slider")
    slider.focus()
    page.keyboard.press("PageUp")
    expect(page, lambda: "tn_lr" in query(page))
    quiet(page, page.messages, 200)
    assert member(page, "epoch") == at, "the playhead stays"
    assert page.evaluate(LOSSES, [*past, at]) == before, "the past stays"
    assert run.get_attribute("data-state") in ("waiting", "running", "done")
    page.evaluate(GO, ["epoch", future[-1], False])
    expect(page, lambda: reach(page) >= future[-1])
    after = [float(text) for text in page.evaluate(LOSSES, list(future))]
    assert run.get_attribute("data-state") in ("waiting", "running", "done")
    state, _ = training.advance(training.start(spec.training()), at)
    kept, edited = (training.advance(each, future[-1] - at)[1] for each in (state, training.edit(state, lr=float(query(page)["tn_lr"]))))
    steps = np.array(future[1:]) - at - 1
    assert after[1:] == pytest.approx(edited.curves["train_loss"][0][steps], rel=2e-3), "the page shows what the edit gives"
    assert np.abs(np.array(after[1:]) / kept.curves["train_loss"][0][steps] - 1)[-1] > 0.01


# ----------------------------------------------------------------------------------------------------------------- presets


def test_a_strong_l1_by_its_prox_leaves_most_weights_exactly_zero_and_the_histogram_counts_them(shared):
    page = shared
    preset(page, "Exact zeros", tn_penalty="L1", tn_data="Circles")
    to_the_end(page)
    assert number(page, "exact zeros") > 0.5
    expect(page, lambda: counted(page) == pytest.approx(number(page, "exact zeros") * WEIGHTS, abs=0.5))
    page.evaluate(GO, ["member", 0, False])
    expect(page, lambda: number(page, "exact zeros") == 0 and counted(page) == 0)


def test_a_race_is_drawn_and_says_what_random_walks_would_give(shared):
    page = shared
    preset(page, "A race of rules", tn_axis="the rule: a race", tn_lr="0.0316")
    to_the_end(page)
    pictures = []
    for chart in ("race", "distance"):
        page.locator(f".st-key-tn-{chart} canvas.lab-moving").scroll_into_view_if_needed()
        expect(page, lambda chart=chart: page.evaluate(PAINTED, f"tn-{chart}")[0] > 1000)
        pictures.append(page.evaluate(PAINTED, f"tn-{chart}")[1])
    said = re.search(r"holds ([\d.]+) and ([\d.]+) .*random walks of this shape would give ([\d.]+) and ([\d.]+)\.", caption(page, "race"))
    assert said, caption(page, "race")
    first, second, null, next_null = map(float, said.groups())
    assert 0 < second <= first <= 1
    assert 0 < next_null <= null < 1
    assert all(np.isfinite(number(page, label)) for label in ("objective, truly", "on the plane below", "from the plane", "from the start"))
    page.evaluate(GO, ["epoch", 60, False])
    expect(page, lambda: all(page.evaluate(PAINTED, f"tn-{chart}")[1] != there for chart, there in zip(("race", "distance"), pictures, strict=True)))


def test_a_rate_that_is_too_fast_ends_one_network_with_a_sentence_and_the_others_go_on(shared):
    page = shared
    preset(page, "Too fast", tn_axis="the learning rate", tn_rule="SGD")
    to_the_end(page)
    last = int(scrub_of(page, "member").get_attribute("max"))
    assert member(page, "member") == last
    rate = page.locator('.lab-scrub[data-axis="member"] output').text_content().removeprefix("η =").strip()
    sentence = numbers(page)["How it stands"]
    assert re.search(rf"Diverged in epoch \d+: at a rate of {re.escape(rate)} ", sentence), sentence
    assert sentence in caption(page, "losses")
    assert np.isnan(number(page, "training loss"))
    page.evaluate(GO, ["member", 0, False])
    expect(page, lambda: numbers(page)["How it stands"] == "Trained to the end.")
    assert np.isfinite(number(page, "training loss"))
