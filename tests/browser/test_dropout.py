"""The drawn network of the lab "Dropout": what a hand sees of p, of the batches, and of one batch on its way."""

import pytest

from tests.browser.driving import CHARTS, GO, visit

pytestmark = pytest.mark.browser
# A checksum of what the moving layer shows, and the sentence below it.
SEEN = """() => {
  const chart = document.querySelector('.st-key-do-network .lab-chart'), canvas = chart.querySelector('.lab-moving');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return [data.reduce((sum, value) => (sum * 31 + value) >>> 0, 0), chart.querySelector('.lab-caption').textContent];
}"""


def seen(page, axis, index):
    """Bring a scrub to a member without letting go of it, and look at the network in the next frame."""
    page.evaluate(GO, [axis, index, False])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(SEEN)


def test_units_go_out_as_p_rises_and_a_batch_is_drawn_as_far_as_it_has_come(page, server):
    visit(page, f"{server}/dropout", CHARTS["dropout"])
    living = [int(seen(page, "p", index)[1].split(": ")[1].split(" ")[0]) for index in range(0, 39, 2)]
    assert living[0] == 13
    assert living == sorted(living, reverse=True), "nobody comes back as p rises"
    assert living[-1] <= 3
    seen(page, "p", 8)
    assert len({seen(page, "stage", stage)[0] for stage in range(9)}) == 9, "every stage of the way shows something new"
    assert len({seen(page, "batch", batch)[0] for batch in range(10)}) == 10
