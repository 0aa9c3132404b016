"""Links full of garbage, on every page: what is valid is taken, what is not is named, and everything is drawn. LAB_FUZZ says how many a page."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.adam_and_adamw import solve as solve_decay
from core.cheat_sheet.guide import advise
from core.cheat_sheet.starts import begin
from core.datasets.uploads.limits import is_own
from core.diamond_circle import solve
from core.dropout.thinned import solve as solve_thinned
from core.errors import InvalidInput
from core.knobs import Knob, Spec
from core.optimizers import RULES
from core.race import solve as solve_race
from core.right_mix.methods import LABELS as METHOD_LABELS
from core.smoothing import solve as solve_smoothing
from core.specs import (
    LABS,
    AdamAndAdamWSpec,
    BatchNormSpec,
    BiasVarianceSpec,
    CheatSheetSpec,
    ClaimsSpec,
    DiamondCircleSpec,
    DropoutSpec,
    FlatAndSharpSpec,
    PriorsSpec,
    RaceSpec,
    RightMixSpec,
    ShrinkageSpec,
    SmoothingSpec,
    StepByStepSpec,
    TrainingLabSpec,
)
from core.statistics.bias_variance.experiment import place_at
from core.statistics.bias_variance.experiment import solve as solve_bias
from core.statistics.priors.posteriors import solve as solve_priors
from core.statistics.shrinkage import solve as solve_shrinkage
from core.step_by_step import solve as solve_steps
from tests.pages.harness import Drawn, open_page, problems
from ui import shell

COUNT = int(os.environ.get("LAB_FUZZ", "12"))
BATCH = 20
# The home page has something fetched and shows nothing of it; the class room asks what the browser knows; every page can be printed.
UNSEEN = {"home-warm", "lab-class-line", "lab-print"}
PAGES = [room.file for room in (shell.HOME, *shell.ROOMS)]
SPECS: Mapping[str, type[Spec] | None] = {"home": None, "class_room": None, **LABS}
Query = dict[str, str | list[str]]

NUMBERS = (
    "0",
    "-0",
    "1",
    "-1",
    "1e-300",
    "-1e-300",
    "1e7",
    "10000000.1",
    "1e8",
    "1e308",
    "1e400",
    "-1e400",
    "nan",
    "NaN",
    "-nan",
    "inf",
    "-inf",
    "Infinity",
)
NUMBERS += (
    "0x10",
    "1,5",
    "1.5.2",
    "1e",
    "--1",
    "+2",
    " 3 ",
    "1_0",
    "٣",
    "１",
    "½",
    "1e5000",
    "9" * 400,
    "0." + "3" * 400,
    "30°",
    "3%",
    "1/3",
    "true",
)
TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\n",
    "\r\n\r\n",
    "\t",
    "\u202eabc",
    "\ufeff",
    "é",
    "λ",
    "🙂",
    "𝕏",
    "l1 ",
    "L1",
    "l1",
    "L3",
    "None",
    "null",
    "undefined",
    "[]",
    "{}",
)
TEXTS += (
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "**bold**",
    "`code`",
    "``` `` `",
    "[a](javascript:alert(1))",
    "$x^2$",
)
TEXTS += (
    ":red[x]",
    ":material/home:",
    "# heading",
    "![](http://x/y.png)",
    "{{7*7}}",
    "%00",
    "%s%n",
    "../../etc/passwd",
    "'; drop table x; --",
    "__import__('os')",
    "&dc_tilt=4",
)
KEYS = (
    "tilt",
    "lam",
    "v",
    "w1",
    "dc",
    "dc-tilt",
    "DC_tilt",
    "Dc_lam",
    "d c_tilt",
    "xdc_tilt",
    "tr_lr",
    "rl_lam",
    "embed",
    "embed_options",
    "lab_room",
    "\0",
    "λ",
    "<i>",
    "",
)
UNKNOWN = ("", "_", "tilt2", "Tilt", "tilt ", "TILT", "lambda", "colour", "\0", "λ", "<b>x</b>", "`x`", "a" * 300, "__class__", "v2", "vv")


POINTS = ("none", "None", "1,1", "1,1;", ";1,1", "1,1,1", "1;1", "nan,0", "1e0,1", "1,1;1,1", "0,3.01", " 1,1", "1,1;" * 30 + "1,1", "+1,1", "0x1,1")


def points_for(rng: random.Random, knob: Knob) -> str:
    """A list of points, most of them within the plane."""
    assert knob.plane is not None
    if rng.random() < 0.3:
        return rng.choice(POINTS)
    spill = rng.choice((1.0, 1.0, 1.0, 1.2))
    pairs = [[spill * rng.uniform(*ends) for ends in knob.plane] for _ in range(rng.choice((1, 1, 2, 5, 24, 25)))]
    return ";".join(",".join(f"{each:.{rng.choice((0, 2, 2, 9))}f}" for each in pair) for pair in pairs)


FORMULAS: Mapping[str, str | None] = {
    "w1**2 + w2**2": "w1**2 + w2**2",
    " (w1 - 2)**2\n+ 3*w2**2 ": "(w1 - 2)**2 + 3*w2**2",
    "0.5*w1**2 + 0.2*w1*w2 + w2**2": "0.5*w1**2 + 0.2*w1*w2 + w2**2",
    "log(w1) + w2**2": "log(w1) + w2**2",
    "maximum(abs(w1), w2)": "maximum(abs(w1), w2)",
    "sin(3*w1)*cos(2*w2)": "sin(3*w1)*cos(2*w2)",
    "sqrt(w1 - 7)": "sqrt(w1 - 7)",
    "7": "7",
    "w1^2": None,
    "": None,
    " ": None,
    "x + y": None,
    "w1**2 +": None,
    "__import__('os')": None,
    "w1.__class__": None,
    "9**9**9**9": None,
    "1e999": None,
    "<script>alert(1)</script>": None,
    "`w1`": None,
    "w1\0": None,
    "lambda: 1": None,
    "(" * 200: None,
    "w1" + "+w1" * 700: None,
}
"""Text of a link -> the formula that it means, as it is kept; None where it is none."""


def text_for(rng: random.Random, knob: Knob) -> str:
    """One value of a link for a knob: half of them valid, or nearly so."""
    if knob.kind == "formula":
        return rng.choice(list(FORMULAS))
    kind = rng.random()
    if kind < 0.5 and knob.kind == "choice":
        return rng.choice(rng.choice(knob.options))
    if kind < 0.5 and knob.kind == "switch":
        return rng.choice(("true", "false", "True", "FALSE", "1", "0", "yes"))
    if kind < 0.5 and knob.kind == "points":
        return points_for(rng, knob)
    if kind < 0.5 and knob.bounds is not None:
        low, high = knob.bounds
        value = rng.choice((low, high, rng.uniform(low, high), low + (high - low) * rng.random() ** 8, rng.uniform(2 * low - high, 2 * high - low)))
        return rng.choice((repr, "{:.3f}".format, "{:g}".format, "{:.0f}".format, "{:.30e}".format))(value)
    if kind < 0.7:
        return rng.choice(NUMBERS)
    if kind < 0.9:
        return rng.choice(TEXTS)
    return "".join(rng.choice(("x", "λ", "9", "<", "`", "🙂", "\0", "\u0301")) for _ in range(rng.choice((1, 7, 41, 2000))))


def link(rng: random.Random, spec: type[Spec] | None) -> Query:
    """A link with a few settings of the page, of other pages, and of none."""
    query: Query = {}
    if spec is not None:
        names = list(spec.knobs())
        for name in rng.sample(names, rng.choice((0, 1, 1, 2, 3, 5, len(names)))):
            texts = [text_for(rng, spec.knobs()[name]) for _ in range(rng.choice((1,) * 12 + (2, 3)))]
            query[spec.url_key(name)] = texts[0] if len(texts) == 1 else texts
        if rng.random() < 0.2:
            query[f"{spec.prefix}_{rng.choice(UNKNOWN)}"] = rng.choice(TEXTS)
        if rng.random() < 0.2:
            query[f"{spec.prefix}_v"] = rng.choice(("1", "0", "2", "", *TEXTS))
    for _ in range(rng.choice((0, 0, 1, 3))):
        query[rng.choice(KEYS)] = rng.choice(TEXTS + NUMBERS)
    return query


def points_meant(knob: Knob, text: str) -> str | None:
    """What a list of points says: decimals alone, without signs in front but a minus, without exponents."""
    assert knob.plane is not None
    if text == "none":
        return text
    pairs = [pair.split(",") for pair in text.split(";")]
    if len(pairs) > 24 or any(len(pair) != 2 for pair in pairs):
        return None
    for pair in pairs:
        for number, (low, high) in zip(pair, knob.plane, strict=True):
            digits = number.removeprefix("-").replace(".", "", 1)
            plain = digits.isascii() and digits.isdigit() and number.removeprefix("-")[0] != "."
            if not plain or len(digits) > 18 or not low <= float(number) <= high:
                return None
    return text


def meant(knob: Knob, text: str) -> Any:
    """What a text says, decided from the knob's bounds and options alone; None where it is nothing allowed."""
    if knob.kind == "choice":
        return next((value for value, label in knob.options if text in (value, label)), None)
    if knob.kind == "switch":
        return {"true": True, "false": False}.get(text.lower())
    if knob.kind == "points":
        return points_meant(knob, text)
    if knob.kind == "formula":
        return FORMULAS[text]
    try:
        number = float(text)
    except ValueError:
        return None
    assert knob.bounds is not None
    if knob.zero and number == 0:
        return 0.0
    return number if knob.bounds[0] <= number <= knob.bounds[1] else None


def judged(spec: type[Spec] | None, query: Query) -> tuple[dict[str, Any], list[str]]:
    """The settings that a link really has, and the keys that it gets wrong."""
    if spec is None:
        return {}, []
    names = {spec.url_key(name): name for name in spec.knobs()}
    settings, wrong = {}, []
    for key, texts in query.items():
        if not key.startswith(f"{spec.prefix}_") or key == f"{spec.prefix}_v":
            continue
        value = None
        if key in names and isinstance(texts, str):
            value = meant(spec.knobs()[names[key]], texts)
        if value is None:
            wrong.append(key)
        else:
            settings[names[key]] = value
    return settings, wrong


def assert_diamond(drawn: Drawn, spec: DiamondCircleSpec) -> None:
    result, scrub = solve(spec), drawn["lab-scrub-dc"]
    np.testing.assert_array_equal(scrub["axis"]["values"], result.axis.astype(np.float32))
    assert scrub["at"] == result.member_at(spec)
    first = drawn["dc-readouts"]["items"][0]["values"]
    np.testing.assert_array_equal(first, result.solution.w[:, 0].astype(np.float32))


def assert_steps(drawn: Drawn, spec: StepByStepSpec) -> None:
    result, scrub = solve_steps(spec), drawn["lab-scrub-st"]
    np.testing.assert_array_equal(scrub["axis"]["values"], result.axis.astype(np.float32))
    assert scrub["at"] == result.member_at(spec)
    assert len(drawn["st-table"]["cells"]) == len(result.axis)


def assert_race(drawn: Drawn, spec: RaceSpec) -> None:
    result = solve_race(spec)
    np.testing.assert_array_equal(drawn["rc-lam"]["axis"]["values"], result.lam.astype(np.float32))
    assert drawn["rc-lam"]["at"] == result.member
    assert drawn["rc-step"]["at"] == min(spec.step, spec.steps)
    assert [mark["name"] for mark in drawn["rc-plane"]["marks"] if mark["until"]] == [RULES[key].label for key in spec.entrants]


def assert_smoothing(drawn: Drawn, spec: SmoothingSpec) -> None:
    result, scrub = solve_smoothing(spec), drawn["lab-scrub-sm"]
    np.testing.assert_array_equal(scrub["axis"]["values"], result.lam.astype(np.float32))
    assert scrub["at"] == result.member_at(spec)
    ring = next(mark for mark in drawn["sm-original"]["marks"] if mark["name"] == "point")
    np.testing.assert_array_equal(ring["xy"], result.point.astype(np.float32))


def assert_shrinkage(drawn: Drawn, spec: ShrinkageSpec) -> None:
    result, scrub = solve_shrinkage(spec), drawn["lab-scrub-sh"]
    np.testing.assert_array_equal(scrub["axis"]["values"], result.lam.astype(np.float32))
    assert scrub["at"] == result.member_at(spec)
    r = drawn["sh-r"]["axis"]["values"].astype(float)
    assert abs(r[drawn["sh-r"]["at"]] - spec.r) <= abs(r - spec.r).min() + 1e-6
    points = next(mark for mark in drawn["sh-chosen"]["marks"] if mark["kind"] == "points")
    np.testing.assert_array_equal(points["xy"][..., 0], result.path.w.astype(np.float32))


def assert_decay(drawn: Drawn, spec: AdamAndAdamWSpec) -> None:
    result = solve_decay(spec)
    np.testing.assert_array_equal(drawn["aw-lam"]["axis"]["values"], result.lam.astype(np.float32))
    assert drawn["aw-lam"]["at"] == result.member_at(spec)
    assert drawn["aw-step"]["at"] == result.frame_at(spec)
    assert len([mark for mark in drawn["aw-plane"]["marks"] if mark["until"]]) == len(spec.entrants)
    assert len(drawn["aw-table"]["cells"]) == len(result.lam)


def assert_dropout(drawn: Drawn, spec: DropoutSpec) -> None:
    assert drawn["do-p"]["at"] == spec.member
    assert drawn["do-batch"]["at"] == spec.batch - 1
    (network,) = drawn["do-network"]["marks"]
    assert network["focus"] == spec.unit - 1
    np.testing.assert_array_equal(network["values"], solve_thinned(spec).values.astype(np.float32))


def assert_training(drawn: Drawn, spec: TrainingLabSpec) -> None:
    assert drawn["tn-epoch"]["at"] == min(spec.epoch, spec.epochs)
    assert drawn["tn-member"]["at"] == min(spec.member, spec.members - 1)
    assert drawn["tn-film"]["members"] == spec.members
    network = next(mark for mark in drawn["tn-network"]["marks"] if mark["kind"] == "network")
    assert list(network["layers"][1:-1]) == [min(16, int(spec.units))] * int(spec.layers)


def assert_batch_norm(drawn: Drawn, spec: BatchNormSpec) -> None:
    places = {
        "at_rate": "at_rate",
        "size": "size",
        "map_rate": "map_rate",
        "map_scale": "map_scale",
        "epoch": "epoch",
        "pairs": "pairs",
        "lam": "lam",
    }
    for axis, name in places.items():
        values = drawn[f"bn-{axis}"]["axis"]["values"].astype(float)
        at = drawn[f"bn-{axis}"]["at"]
        assert abs(values[at] - getattr(spec, name)) <= abs(values - getattr(spec, name)).min() * (1 + 1e-5) + 1e-9


def assert_flat(drawn: Drawn, spec: FlatAndSharpSpec) -> None:
    for name in ("level", "member"):
        assert drawn[f"fs-{name}"]["at"] == min(getattr(spec, name), len(drawn[f"fs-{name}"]["axis"]["values"]) - 1)
    assert (drawn["fs-lam"]["at"], drawn["fs-factor"]["at"]) == (spec.lam_at, spec.factor_at)
    assert drawn["fs-slice"]["name"] == f"slice-{spec.kind}"


def assert_right_mix(drawn: Drawn, spec: RightMixSpec) -> None:
    for axis, value in (("lam", spec.lam), ("p", spec.p), ("rate", spec.rate), ("lam2", spec.lam2), ("n", spec.n), ("rank", spec.rank + 1.0)):
        values = drawn[f"rm-{axis}"]["axis"]["values"].astype(float)
        assert abs(values[drawn[f"rm-{axis}"]["at"]] - value) <= abs(values - value).min() * (1 + 1e-5) + 1e-9
    assert METHOD_LABELS[spec.method] in drawn["rm-trials"]["alt"]


def assert_priors(drawn: Drawn, spec: PriorsSpec) -> None:
    result, scrub = solve_priors(spec), drawn["lab-scrub-pr"]
    np.testing.assert_array_equal(scrub["axis"]["values"], result.scale.astype(np.float32))
    assert scrub["at"] == result.member_at(spec)
    points = [mark["xy"] for mark in drawn["pr-data"]["marks"] if mark["name"] == "points"]
    assert [len(each[0]) for each in points] == ([len(result.points)] if len(result.points) else [])
    mode = next(mark for mark in drawn["pr-plane"]["marks"] if mark["name"] == "mode")
    np.testing.assert_array_equal(mode["xy"], result.plane.shown.astype(np.float32))


def assert_bias(drawn: Drawn, spec: BiasVarianceSpec) -> None:
    result = solve_bias(spec)
    np.testing.assert_array_equal(drawn["lab-scrub-bv"]["axis"]["values"], result.along.astype(np.float32))
    if spec.axis == "lam":  # the size hangs on the basis, and the page brings it there
        assert drawn["lab-scrub-bv"]["at"] == result.member_at(spec)
    assert drawn["bv-place"]["at"] == place_at(spec)
    assert {mark["name"] for mark in drawn["bv-bases"]["marks"] if mark["kind"] == "path"} >= {"orthogonal polynomials", "powers of x"}


def assert_claims(drawn: Drawn, spec: ClaimsSpec) -> None:
    assert drawn["cl-chart"]["name"] == f"claim-{int(spec.claim)}"


def assert_cheat_sheet(app: AppTest, spec: CheatSheetSpec) -> None:
    """The page's words are the answer to these questions and the translation of these numbers, worked out here from the two weights alone."""
    shown = "".join(each.value for each in app.get("html"))
    starts = begin(spec, advise(spec))
    assert [each.value for each in app.code] == [snippet.code.strip() for snippet in starts.snippets]
    assert starts.numbers[0].value in shown
    n, batch = int(spec.rows), int(spec.batch)
    halved = (spec.alpha * spec.l1_ratio, spec.alpha * (1.0 - spec.l1_ratio) / 2.0)
    inverse = 1.0 / (n * spec.inverse)
    l1, l2 = {
        "lab": (spec.lam * spec.rho, spec.lam * (1.0 - spec.rho)),
        "half": (0.0, spec.alpha / 2.0),
        "ridge": (0.0, spec.alpha / (2.0 * n)),
        "lasso": (spec.alpha, 0.0),
        "elastic_net": halved,
        "glmnet": (spec.lam * spec.l1_ratio, spec.lam * (1.0 - spec.l1_ratio) / 2.0),
        "logistic": (inverse * spec.l1_ratio, inverse * (1.0 - spec.l1_ratio) / 2.0),
        "mlp": (0.0, spec.alpha / (2.0 * batch)),
        "torch": (0.0, spec.weight_decay / 2.0),
        "mlx": (0.0, spec.weight_decay / 2.0),
        "torch_mse": (0.0, spec.weight_decay / 4.0),
        "keras": (spec.l1, spec.l2),
        "keras_mse": (spec.l1 / 2.0, spec.l2 / 2.0),
    }[spec.convention]
    typed = re.search(r"L1L2\(l1=(\S+), l2=(\S+)\)<", shown)
    assert typed is not None
    assert (float(typed[1]), float(typed[2])) == pytest.approx((l1, l2), rel=1e-6)
    # What a rate may be hangs on whether it drops or keeps; the page brings it there.
    rate = re.search(r"rate=(\S+)\)<", shown)
    assert rate is not None
    assert 0.0 <= float(rate[1]) < 1.0


SHOWS: Mapping[str, Callable[[Drawn, Any], None]] = {
    "diamond_and_circle": assert_diamond,
    "step_by_step": assert_steps,
    "optimizer_race": assert_race,
    "adam_and_adamw": assert_decay,
    "smoothing_and_curvature": assert_smoothing,
    "shrinkage_paths": assert_shrinkage,
    "training": assert_training,
    "dropout": assert_dropout,
    "batch_norm": assert_batch_norm,
    "flat_and_sharp_minima": assert_flat,
    "right_mix": assert_right_mix,
    "priors_and_map": assert_priors,
    "bias_and_variance": assert_bias,
    "claims_on_trial": assert_claims,
}
"""Page -> whether what is drawn is what a spec means."""
SAYS: Mapping[str, Callable[[AppTest, Any], None]] = {"cheat_sheet": assert_cheat_sheet}
"""Page that draws nothing -> whether what it says is what a spec means."""
AT_TIMES: Mapping[str, set[str]] = {
    "optimizer_race": {"rc-crowd", "rc-formula"},
    "smoothing_and_curvature": {"sm-formula"},
    "adam_and_adamw": {"aw-formula"},
    "training": {"tn-race", "tn-distance"},
}
"""Page -> what it draws with some settings only."""


def notices(app: AppTest) -> list[str]:
    """Return the warnings of a page about its link; what a framework of an exported script cannot do is another matter."""
    return [warning.value for warning in app.warning if "; here" not in warning.value]


def assert_plain(notice: str) -> None:
    """A stranger's text may stand in code spans only, where Markdown and HTML are letters."""
    assert notice.count("`") % 2 == 0
    outside = re.sub(r"`[^`]*`", "", notice)
    assert not re.search(r"[<>$\[\]*#]|:\w+\[|\n", outside), outside
    assert all(character.isprintable() for character in notice)
    assert len(notice) < 2000


def test_every_page_is_fuzzed_with_its_own_settings():
    assert set(SPECS) == set(PAGES)
    assert set(SHOWS) | set(SAYS) == {page for page, spec in SPECS.items() if spec is not None}


@pytest.mark.parametrize("batch", range(-(-COUNT // BATCH)))
@pytest.mark.parametrize("page", PAGES)
def test_fuzzed_links_are_taken_where_valid_named_where_not_and_always_drawn(page, batch, drawn):
    spec = SPECS[page]
    open_page(page)
    views = set(drawn) - UNSEEN
    assert bool(views) == (page in SHOWS)
    for case in range(batch * BATCH, min((batch + 1) * BATCH, COUNT)):
        rng = random.Random(f"{page} {case}")
        query = link(rng, spec)
        settings, wrong = judged(spec, query)
        asked = None
        if spec is not None:
            joint = spec().feasible()  # what these may be hangs on other settings; the page brings them there
            try:
                asked = spec(**{name: value for name, value in settings.items() if name not in joint})
            except InvalidInput:  # each is allowed, all together are no surface: the page says so
                asked, wrong = spec(), [*wrong, "all together"]
        drawn.clear()
        said = f"case {case}: {query!r}"[:3000]
        try:
            app = open_page(page, **query)
            assert problems(app) == []
            assert bool(notices(app)) == bool(wrong), f"{notices(app)} for {wrong}"
            assert views <= set(drawn) - UNSEEN <= views | AT_TIMES.get(page, set())
            assert all(drawn[view]["marks"] or drawn[view]["blends"] for view in views if drawn[view]["kind"] == "chart")
            for notice in notices(app):
                assert_plain(notice)
            if asked is not None and is_own(asked):
                asked = asked.replace(data=spec().data)  # a link brings no data, so the page shows its own
            if asked is not None:
                if page in SHOWS:
                    SHOWS[page](drawn, asked)
                else:
                    SAYS[page](app, asked)
            if case % 10 == 0:
                app.run()
                assert problems(app) == []
                assert bool(notices(app)) == bool(wrong), "a notice stays until something is changed"
        except Exception as error:
            error.add_note(said)
            raise


@pytest.mark.parametrize("page", [page for page, spec in SPECS.items() if spec is not None])
def test_the_fuzz_holds_links_of_every_kind(page):
    """Else it would prove nothing: some valid, some wrong, some both, each knob taken and refused at least once in 500."""
    spec = SPECS[page]
    assert spec is not None
    taken, refused, kinds = set(), set(), set()
    for case in range(500):
        query = link(random.Random(f"{page} {case}"), spec)
        settings, wrong = judged(spec, query)
        kinds.add((bool(settings), bool(wrong)))
        taken |= {name for name, value in settings.items() if value != spec.knobs()[name].default}
        refused |= set(wrong)
    assert len(kinds) == 4
    assert taken == set(spec.knobs())
    assert {spec.url_key(name) for name in spec.knobs()} <= refused
