"""What a hand takes hold of on the charts: the browser's solvers against core, and a hand that drags, by mouse, finger and arrow keys."""

import dataclasses
import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from core.anatomy import take_apart
from core.descent import TREATMENTS, descend
from core.diamond_circle import penalty_of
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.regularized import constrained, penalized
from core.statistics.priors.folded import Folded
from core.support_map import support_map
from core.surfaces import SURFACES
from tests.browser.driving import CARRY, be_patient, carry, count_messages, quiet, settle, surface_settled, until, visit
from ui import serving

pytestmark = pytest.mark.browser
LABS = {"diamond_and_circle": ("centre", 4), "smoothing_and_curvature": ("point", 7), "optimizer_race": ("start", 4), "priors_and_map": ("point2", 9)}
HAND = "() => document.querySelector('.lab-hand')"


def module(name):
    return serving.address(f"plot/{name}.js")


@pytest.fixture(scope="module")
def desk(chromium, server):
    """A page of the lab's own origin, where its modules can be asked."""
    page = chromium.new_page()
    visit(page, server)
    yield page
    page.close()


def asked(desk, server, name, code, given):
    """Return what some code makes of a module of the lab's and of what is given, which travels as text: numbers come over in full."""
    return desk.evaluate(
        f"async ([address, given]) => {{ const m = await import(address); const all = JSON.parse(given); {code} }}",
        [f"{server}/{module(name)}", json.dumps(given)],
    )


def far(one, other):
    """Return the largest difference of two arrays over 1 + size; infinite where either has a NaN, and 0 where both are equally infinite."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    assert one.shape == other.shape
    with np.errstate(invalid="ignore"):
        gap = np.where(one == other, 0.0, np.abs(one - other) / (1.0 + np.abs(other)))
    return float(np.where(np.isnan(gap), np.inf, gap).max(initial=0.0))


# ------------------------------------------------------------------------------------------------------------------- solvers


def problems(count, seed):
    """Yield random definite problems of two weights with each penalty of the registry in turn: ravines, turned by anything and by 45 degrees."""
    rng = np.random.default_rng(seed)
    for n in range(count):
        key = list(PENALTIES)[n % len(PENALTIES)]
        penalty = penalty_of(key, float(rng.uniform()))
        steep, condition = 10.0 ** rng.uniform(-1, 1), 10.0 ** rng.uniform(0, 6 if n % 5 == 0 else 3)
        angle = rng.uniform(-np.pi, np.pi) if n % 7 else 0.25 * np.pi * rng.integers(0, 4)
        flat = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-flat[1], flat[0]])
        centre = rng.uniform(-4, 4, 2)
        if n % 11 == 0:
            centre[rng.integers(2)] = 0.0
        yield Quadratic(steep * (np.outer(flat, flat) / condition + np.outer(across, across)), centre, float(rng.normal())), penalty


def plain(problem, penalty):
    (a, b), (_, d) = problem.hessian.tolist()
    return {"hessian": [a, b, d], "centre": problem.centre.tolist(), "floor": problem.floor, "l1": penalty.l1, "l2": penalty.l2}


def test_the_quadratic_solver_equals_core_on_2000_problems_in_both_forms(desk, server):
    given, expected = [], []
    for problem, penalty in problems(2000, 1):
        end = 1.2 * float(np.abs(problem.pull).max()) / (penalty.l1 or 1.0) + 1e-3
        lam, budget = np.append(0.0, np.geomspace(1e-4 * end, end, 8)), np.linspace(0.0, 1.2, 9) * float(penalty.value(problem.centre))
        given.append(plain(problem, penalty) | {"lam": lam.tolist(), "budget": budget.tolist()})
        expected.append((penalized(problem, penalty, lam).w, constrained(problem, penalty, budget)))
    code = """return all.map((p) => {
      const problem = new m.Quadratic(p.hessian, p.centre, p.floor);
      const [one, other] = [m.family(problem, p, "lam", p.lam), m.family(problem, p, "budget", p.budget)];
      return [[...one.w], [...other.w], [...other.lam].map((each) => Math.min(each, 1e300)), Math.max(...one.kkt, ...other.kkt)];
    })"""
    found = asked(desk, server, "quadratic", code, given)
    worst = np.zeros(4)
    for (w, bound, lam, residual), (free, fenced) in zip(found, expected, strict=True):
        gaps = [far(w, free.w.ravel() if hasattr(free, "w") else free.ravel()), far(bound, fenced.w.ravel()), far(lam, np.minimum(fenced.lam, 1e300))]
        worst = np.maximum(worst, [*gaps, residual])
    assert (worst[:3] <= 1e-6).all(), worst
    assert worst[3] <= 1e-9, "its own certificate"


def test_every_rule_treatment_and_penalty_of_the_registry_runs_the_same_on_every_surface(desk, server):
    known = asked(desk, server, "rules", "return Object.keys(m.RULES)", None)
    assert sorted(known) == sorted(RULES), "a rule of the registry that the browser lacks, or one too many"
    rng, given, expected, steps = np.random.default_rng(2), [], [], 30
    for name, surface in SURFACES.items():
        low, high = surface.bounds.T
        browser = {key: value.values.ravel().tolist() if key == "rows" else value for key, value in surface.browser.items()}
        for key, rule in RULES.items():
            for treatment in TREATMENTS:
                for penalty in (penalty_of(each, 0.4) for each in PENALTIES):
                    start, lr, lam = rng.uniform(low, high), 10.0 ** rng.uniform(-4, -2), 10.0 ** rng.uniform(-2, 0)
                    made = rule(weight_decay=0.01 if key != "fista" and rng.random() < 0.5 else 0.0)
                    run = descend(surface, made, start, lr, steps, penalty, lam, treatment)
                    arrows = take_apart(surface, made, start, lr, steps, penalty, lam, treatment).arrows[0]
                    asks = {"key": key, "rule": dataclasses.asdict(made), "lr": lr, "penalty": {"l1": penalty.l1, "l2": penalty.l2}, "lam": lam}
                    given.append({"surface": name, "run": asks | {"treatment": treatment}, "start": start.tolist()})
                    expected.append((run.x[0], arrows, int(run.steps[0])))
        given[-1]["browser"] = browser
    code = """const program = await import(address.replace("rules.js", "program.js"));
    const surfaces = Object.fromEntries(all.given.filter((each) => each.browser).map((each) => [each.surface, new program.Surface(each.browser)]));
    return all.given.map(({ surface, run, start }) => {
      const arrows = [], nothing = [0, 1].map(() => Array(6).fill(0));
      const { x, taken } = m.descend(surfaces[surface], run, start, all.steps, (step) => arrows.push(step.near ? m.parts(run, step) : nothing));
      return [[...x], arrows, taken];
    })"""
    found = asked(desk, server, "rules", code, {"given": given, "steps": steps})
    assert len(found) == len(SURFACES) * len(RULES) * len(TREATMENTS) * len(PENALTIES)
    for case, (x, arrows, taken), (path, parts, whole) in zip(given, found, expected, strict=True):
        assert taken == whole, case
        assert far(x, path.ravel()) <= 1e-6, case
        for t, arrow in enumerate(arrows):
            assert far(arrow, parts[t].T) <= 1e-6, case


def test_programs_give_value_gradient_and_hessian_of_every_surface(desk, server):
    rng = np.random.default_rng(3)
    for name, surface in SURFACES.items():
        at = rng.uniform(*surface.bounds.T, (100, 2))
        if name == "ackley":
            at[0] = 0.0  # the tip of its cone, where the formula's own derivatives are not finite
        browser = {key: value.values.ravel().tolist() if key == "rows" else value for key, value in surface.browser.items()}
        code = "const s = new m.Surface(all.browser); return all.at.map(([x, y]) => [s.value(x, y), ...s.gradient(x, y), ...s.hessian(x, y)]);"
        found = np.array(asked(desk, server, "program", code, {"browser": browser, "at": at.tolist()}))
        bend = surface.hessian(at)
        expected = np.column_stack([surface.value(at), surface.gradient(at), bend[:, 0, 0], bend[:, 0, 1], bend[:, 1, 1]])
        assert far(found, expected) <= 1e-9, name


def test_integrals_of_one_weight_equal_the_closed_forms(desk, server):
    rng = np.random.default_rng(4)
    given = [
        (10.0 ** rng.uniform(-2, 3), rng.normal() * 10.0 ** rng.uniform(-1, 2), rng.choice([0.0, 10.0 ** rng.uniform(-1, 2)])) for _ in range(300)
    ]
    code = """return all.map(([p, b, a]) => {
      const f = new m.Folded(p, b, a), { mean, deviation, logZ } = f.moments();
      return [logZ, mean, deviation, f.within(0.1), f.within(2)];
    })"""
    found = asked(desk, server, "folded", code, given)
    exact = [Folded(*each) for each in given]
    expected = [[float(each) for each in (f.log_normaliser, f.mean, np.sqrt(f.variance), f.near_zero(0.1), f.near_zero(2.0))] for f in exact]
    assert far(found, expected) <= 1e-6


def test_the_support_map_in_a_hand_is_cores(desk, server):
    half, window = 5.0, ((-5.0, 5.0), (-5.0, 5.0))
    names = {(0,): "first_zero", (1,): "second_zero", (0, 1): "both_zero"}
    for n, (problem, penalty) in enumerate(problems(120, 5)):
        axis = "lam" if n % 2 else "budget"
        size = 10.0 ** np.random.default_rng(n).uniform(-2, 1)
        exact = support_map(problem, penalty, window, **{axis: size})
        code = """const { Quadratic } = await import(address.replace("polygons.js", "quadratic.js"));
        const problem = new Quadratic(all.hessian, all.centre, all.floor);
        const { regions, lines } = m.supports(problem, all, all.half, all.size, []);
        return [regions.map(({ zeros, inactive, polygon }) => [zeros, Boolean(inactive), m.area(polygon)]), lines];"""
        regions, lines = asked(desk, server, "polygons", code, plain(problem, penalty) | {"half": half, "size": {axis: size}})
        assert [tuple(zeros) for zeros, inactive, _ in regions if not inactive] == [
            tuple(i for i in (0, 1) if not region.support[i]) for region in exact.regions if not region.inactive
        ]
        for zeros, name in names.items():
            share = sum(size for each, inactive, size in regions if tuple(each) == zeros and not inactive) / (2 * half) ** 2
            assert share == pytest.approx(float(exact.shares[name][0]), abs=1e-9), (n, name)
        assert far(np.array(lines).reshape(-1, 2, 2), exact.lines[0]) <= 1e-6


# -------------------------------------------------------------------------------------------------------- what the hand shows

# Every chart of a page that follows a hand: what its marks are at the member in sight, as Python has sent them and as the browser's model has them.
SHOWN = """async (base) => {
  const named = (name) => import(base.replace("groups", name));
  const [{ everyView }, { vertices }, { memberOf }] = await Promise.all(["groups", "shapes", "messages"].map(named));
  const flat = { X: (value) => value, Y: (value) => value }, out = [];
  for (const view of everyView()) {
    const { message, group } = view;
    if (!message?.stands || message.kind !== "chart" || !group.hand) continue;
    const held = group.hand.model.show(message.name, group.hand.values, group.at);
    for (const mark of message.marks) {
      const other = held?.marks?.[mark.name];
      if (!other || !mark.xy.length || ["bars", "chain"].includes(mark.kind)) continue;
      const k = memberOf(mark.axes, (mark.scale || mark.xy).shape, group.at), shape = (other.scale || other.xy).shape;
      const own = mark.kind === "cursor" ? [mark.xy[k], 0] : [...vertices(mark, k, flat)];
      const n = memberOf(mark.axes, shape, group.at), mine = { ...mark, ...other, scale: other.scale };
      out.push([message.name, mark.name, mark.kind, own, mark.kind === "cursor" ? [other.xy[n], 0] : [...vertices(mine, n, flat)]]);
    }
    for (const [i, blend] of message.blends.entries()) {
      const other = held?.blends?.[i];
      if (other?.base) out.push([message.name, `landscape ${i}`, "grid", [...blend.base].slice(0, 4000), [...other.base].slice(0, 4000)]);
    }
  }
  return out;
}"""
STATES = {
    "diamond_and_circle": (
        "",
        "?dc_overlay=true&dc_rho=0.3&dc_contours=objective&dc_tilt=-40&dc_centre1=2.5&dc_lam=0.9",
        "?dc_axis=budget&dc_penalty=elastic_net&dc_budget=2.1&dc_condition=100",
        "?dc_penalty=l2&dc_lam=0.4&dc_spacing=log",
        "?dc_axis=budget&dc_penalty=l2&dc_budget=1.3",
        "?dc_data=diabetes&dc_lam=0.15",
    ),
    "smoothing_and_curvature": ("?sm_point1=0.7&sm_lam=0.2", "?sm_surface=logistic_regression&sm_penalty=elastic_net&sm_lam=0.01"),
    "optimizer_race": (
        "?rc_start1=0.3&rc_step=60",
        "?rc_surface=ackley&rc_penalty=l1&rc_treatment=proximal&rc_noise=0.5&rc_mode=same&rc_lam=0.1&rc_adamw=true&rc_fista=true",
    ),
    "priors_and_map": ("", "?pr_prior=elastic_net&pr_scale=1", "?pr_prior=gaussian&pr_points=1,1.5&pr_scale=0.5"),
}
DOTS = 0.06  # of what a chart shows: samples come from a distribution function that is straight between its places


def apart(one, other):
    """Return how far the vertices of one line are from another line at most."""
    one, other = (np.reshape(each, (-1, 2)) for each in (one, other))
    if len(other) == 1:
        other = np.repeat(other, 2, axis=0)
    start, way = other[:-1], np.diff(other, axis=0)
    length = (way**2).sum(axis=1)
    share = ((one[:, None] - start) * way).sum(axis=-1) / np.where(length > 0.0, length, 1.0)
    nearest = start + np.clip(share, 0.0, 1.0)[..., None] * way
    return float(np.linalg.norm(one[:, None] - nearest, axis=-1).min(axis=1).max())


@pytest.mark.parametrize(("lab", "query"), [(lab, query) for lab, queries in STATES.items() for query in queries])
def test_what_a_hand_shows_where_it_has_not_moved_is_what_the_server_draws(page, server, lab, query):
    visit(page, f"{server}/{lab}{query}", LABS[lab][1])
    page.wait_for_function("() => document.querySelector('.lab-hand')?.dataset.gap !== undefined", timeout=90_000)
    shown = page.evaluate(SHOWN, f"{server}/{module('groups')}")
    assert len({(chart, mark) for chart, mark, *_ in shown}) >= {"smoothing_and_curvature": 3}.get(lab, 8)
    for chart, mark, kind, own, held in shown:
        if mark.startswith("label-"):
            continue  # in the middle of a polygon's corners, of which core repeats some
        if np.isnan(held).any():
            assert np.ptp(np.reshape(own, (-1, 2)), axis=0).max() == 0.0, "a polygon with nothing in it"
            continue
        size = float(np.abs(own).max(initial=0.0)) or 1.0
        if kind == "grid":
            assert np.abs(np.subtract(own, held)).max() <= 1e-4 * size, (chart, mark)
        elif kind == "points" or mark == "samples":
            assert np.abs(np.subtract(own, held)).mean() <= DOTS * size, (chart, mark)
        else:
            # Lines may have vertices elsewhere: each must lie on the other.
            assert max(apart(own, held), apart(held, own)) <= 3e-3 * size, (chart, mark)


# ------------------------------------------------------------------------------------------------------------------ the hand


@pytest.fixture
def lab(request, page, server):
    messages = count_messages(page)
    visit(page, f"{server}/{request.param}", LABS[request.param][1])
    surface_settled(page)
    quiet(page, messages)
    page.messages, page.lab = messages, request.param
    return page


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def handle(page, name=""):
    return page.locator(f'[data-handle="{name or LABS[page.lab][0]}"]:visible').first


INKS = """() => [...document.querySelectorAll('.lab-chart')].map((chart) => {
  const canvas = chart.querySelector('.lab-moving'), data = canvas.getContext('2d').getImageData(0, 0, canvas.width || 1, canvas.height || 1).data;
  let sum = 0;
  for (let k = 0; k < data.length; k += 4) sum = (sum * 31 + data[k] + 3 * data[k + 1] + 7 * data[k + 2] + 11 * data[k + 3]) >>> 0;
  return sum;
})"""
FOLLOWING = {"diamond_and_circle": 3, "smoothing_and_curvature": 3, "optimizer_race": 4, "priors_and_map": 9}


@pytest.mark.parametrize("lab", LABS, indirect=True)
def test_a_drag_sends_nothing_everything_linked_follows_and_letting_go_commits_once(lab):
    page = lab
    page.set_viewport_size({"width": 1280, "height": 3000})  # every chart in sight, or it would wait until the hand rests
    page.wait_for_timeout(1500)
    quiet(page, page.messages)
    before, inks = dict(page.messages), page.evaluate(INKS)
    said = page.locator(".lab-hand").inner_text()
    gaps = page.evaluate(CARRY, {"name": LABS[page.lab][0], "path": [[2 * i, -i] for i in range(20)], "release": False})
    assert len(gaps) == 20
    page.wait_for_timeout(700)
    assert page.messages["sent"] == before["sent"], "a websocket frame was sent while dragging"
    assert page.messages["received"] == before["received"]
    assert page.locator(".lab-hand").inner_text() != said
    assert sum(one != other for one, other in zip(inks, page.evaluate(INKS), strict=True)) >= FOLLOWING[page.lab]
    page.evaluate(CARRY, {"name": LABS[page.lab][0], "path": [], "release": True})
    assert until(lambda: len(query(page)) > 1, page=page)
    quiet(page, page.messages)
    assert page.messages["sent"] == before["sent"] + 1
    page.wait_for_function(
        "() => document.querySelector('.lab-hand').dataset.gap !== undefined && !document.querySelector('.lab-live')", timeout=60_000
    )
    assert float(page.locator(".lab-hand").get_attribute("data-gap")) <= 1e-6
    assert "differ" in page.locator(".lab-hand").inner_text()


@pytest.mark.parametrize("lab", LABS, indirect=True)
def test_a_real_mouse_takes_hold_of_it_and_what_is_dragged_stays_where_it_was_left(lab):
    page, sent = lab, lab.messages["sent"]
    handle(page).scroll_into_view_if_needed()
    box = handle(page).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(x - 4 * step, y + 3 * step)
        page.wait_for_timeout(20)
    page.mouse.up()
    assert until(lambda: len(query(page)) > 1, page=page)
    quiet(page, page.messages)
    assert page.messages["sent"] == sent + 1
    page.wait_for_function("() => !document.querySelector('.lab-live')", timeout=60_000)
    after = handle(page).bounding_box()
    assert abs(after["x"] - box["x"] + 40) <= 3
    assert abs(after["y"] - box["y"] - 30) <= 3


@pytest.mark.parametrize("lab", LABS, indirect=True)
def test_arrow_keys_do_the_same_with_a_visible_focus_and_one_commit_when_they_rest(lab):
    page, sent = lab, lab.messages["sent"]
    be_patient(page)
    handle(page).focus()
    page.keyboard.press("ArrowRight")  # the first key shows the focus
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    told = handle(page).get_attribute("aria-valuetext")
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert page.messages["sent"] == sent
    assert until(lambda: handle(page).get_attribute("aria-valuetext") != told, page=page), "said a frame later"
    assert until(lambda: len(query(page)) > 1, page=page)
    quiet(page, page.messages)
    assert page.messages["sent"] == sent + 1
    assert page.evaluate("() => document.activeElement.dataset.handle") == LABS[page.lab][0], "the focus stays on what was moved"


@pytest.mark.parametrize("lab", ["diamond_and_circle"], indirect=True)
def test_escape_takes_a_drag_back(lab):
    page, sent = lab, lab.messages["sent"]
    inks = page.evaluate(INKS)[:2]
    page.evaluate(CARRY, {"name": "centre", "path": [[8 * i, 5 * i] for i in range(10)], "release": False})
    assert page.evaluate(INKS)[:2] != inks
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.lab-live')")
    page.evaluate(CARRY, {"name": "centre", "path": [], "release": True})
    page.wait_for_timeout(600)
    assert page.messages["sent"] == sent
    assert query(page) == {}


@pytest.mark.parametrize("lab", ["diamond_and_circle"], indirect=True)
def test_the_ends_of_the_axes_turn_and_stretch_the_ellipse(lab):
    page = lab
    box = handle(page, "flat").bounding_box()
    centre = handle(page, "centre").bounding_box()
    # A quarter turn around the minimum: what lay to the right of it lies above.
    dx, dy = box["x"] - centre["x"], box["y"] - centre["y"]
    carry(page, "flat", [[(dy - dx) * part, (-dx - dy) * part] for part in (0.25, 0.5, 0.75, 1.0)])
    assert until(lambda: abs(float(query(page).get("dc_tilt", "0")) + 60.0) <= 1.0, page=page), page.url
    assert float(query(page).get("dc_condition", "5.01")) == pytest.approx(5.01, rel=0.06)
    settle(page, 4)
    quiet(page, page.messages)
    box, centre = handle(page, "steep").bounding_box(), handle(page, "centre").bounding_box()
    dx, dy = box["x"] - centre["x"], box["y"] - centre["y"]
    carry(page, "steep", [[-0.5 * dx * part, -0.5 * dy * part] for part in (0.5, 1.0)])
    assert until(lambda: "dc_curvature" in query(page), page=page)
    assert float(query(page)["dc_curvature"]) == pytest.approx(8.0, rel=0.08), "half as long is four times as steep"
    assert float(query(page)["dc_condition"]) == pytest.approx(20.0, rel=0.12), "the flat axis keeps its length"


@pytest.mark.parametrize("lab", ["diamond_and_circle"], indirect=True)
def test_the_regions_edge_moves_the_scrub_and_commits_as_it_does(lab):
    page, sent = lab, lab.messages["sent"]
    at = page.locator(".lab-scrub input").input_value()
    carry(page, "edge", [[3 * i, -3 * i] for i in range(10)], release=False)
    assert int(page.locator(".lab-scrub input").input_value()) > int(at), "a smaller region is a larger lambda"
    assert page.messages["sent"] == sent
    carry(page, "edge", [])
    assert until(lambda: "dc_lam" in query(page), page=page)
    quiet(page, page.messages)
    assert page.messages["sent"] == sent + 1


@pytest.mark.parametrize("lab", ["optimizer_race"], indirect=True)
def test_a_race_that_plays_goes_on_from_where_the_hand_puts_its_start(lab):
    page, sent = lab, lab.messages["sent"]
    step = page.locator('.lab-scrub[data-axis="step"]')
    step.get_by_role("button", name="Play", exact=True).click()
    assert until(lambda: int(step.locator("input").input_value()) > 5, page=page)
    carry(page, "start", [[3 * i, -2 * i] for i in range(10)])
    assert until(lambda: "rc_start1" in query(page), page=page)
    assert "rc_step" not in query(page), "only what the hand has moved is told, and what plays goes on"
    assert page.messages["sent"] == sent + 1
    assert until(lambda: int(step.locator("input").input_value()) == 200, page=page)
    assert until(lambda: float(query(page).get("rc_step", "0")) == 200.0, page=page)


@pytest.mark.parametrize("lab", ["priors_and_map"], indirect=True)
def test_a_click_still_takes_a_point_away_and_delete_does(lab):
    page = lab
    handle(page).click()
    assert until(lambda: query(page).get("pr_points", "").count(";") == 3, page=page), page.url
    settle(page, 9)
    page.wait_for_function("() => document.querySelectorAll('.lab-handle').length === 4")
    handle(page, "point0").focus()
    page.keyboard.press("Delete")
    assert until(lambda: query(page)["pr_points"].count(";") == 2, page=page), page.url


def test_a_finger_drags_a_handle_and_scrolls_the_page_elsewhere(chromium, server):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/diamond_and_circle", 4)
    page.lab = "diamond_and_circle"
    handle(page).scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = handle(page).bounding_box()
    assert min(box["width"], box["height"]) >= 43.9
    x, y = box["x"] + 22, box["y"] + 22
    touch = page.context.new_cdp_session(page)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    top = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    send("touchStart", (x, y))
    for step in range(1, 11):
        send("touchMove", (x - 3 * step, y + 5 * step))
        page.wait_for_timeout(30)
    send("touchEnd")
    assert until(lambda: "dc_centre1" in query(page), page=page), page.url
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == top, "a handle does not scroll the page"
    context.close()


def test_what_a_class_keeps_locked_cannot_be_taken_hold_of(page, server):
    visit(page, f"{server}/diamond_and_circle?dc_data=diabetes&dc_feature2=bmi", 4)
    assert page.locator(".lab-handle:visible").count() == 0, "equal columns: no one minimum, and nothing to drag"
    visit(page, f"{server}/diamond_and_circle?dc_data=diabetes", 4)
    page.wait_for_selector("[data-handle=edge]:visible")
    assert page.locator(".lab-handle:visible").count() == 1, "of real data the region's edge alone"
