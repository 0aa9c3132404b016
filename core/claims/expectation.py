"""Claims about what dropout's masks do on average, and how many networks they make."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator
from core.claims.request import for_each
from core.dropout.least_squares import all_masks, chance
from core.dropout.scaling import scaling
from core.dropout.thinned import SIZES, solve
from core.specs import DropoutSpec

_MASKS, _HALF = 4000, 0.5


@claim(
    number=35,
    source="C",
    topic="dropout",
    statement="In a mask r ~ Bernoulli(p) that multiplies the units, p is the probability of dropping one.",
    test="Ten times 4,000 masks over 100 units, r drawn from Bernoulli(0.2) and multiplied with them: the share that is dropped, less 0.2. The "
    "same for the installed torch.nn.Dropout(0.2); and with 0.5, where dropping and keeping cannot be told apart.",
    quantities={
        "off": Quantity("share dropped less p, mask r ~ Bernoulli(0.2)", "", "seed"),
        "library": Quantity("share dropped less p, torch.nn.Dropout(0.2)", "", "seed"),
        "half": Quantity("share dropped less p, mask r ~ Bernoulli(0.5)", "", "seed"),
    },
    stated=(at_most("off", 0.02), at_least("off", -0.02)),
    shows=DropoutSpec(p=0.2),
    spoil={"p": 0.5},
)
def bernoulli(draw: int, p: float = 0.2) -> Experiment:
    """Draw masks as the formula says; ``p`` 0.5 cannot tell dropping from keeping.

    A Bernoulli(p) variable is 1 with probability p, and a unit times 1 is kept. So in r ∘ h with r ~ Bernoulli(p) the letter is the probability of
    keeping, as in the paper on dropout of 2014; the p of PyTorch, Keras and this lab is that of dropping. With p = 0.5 both are the same, which is
    how the mix-up survives: try it with 0.2.
    """

    def at(seed: int) -> dict[str, float]:
        import torch

        rng = generator(35, seed)
        h = rng.uniform(0.5, 2.0, 100)
        found = {name: float(((rng.binomial(1, each, (_MASKS, 100)) * h) == 0.0).mean() - each) for name, each in (("off", p), ("half", _HALF))}
        # Its own random numbers, put back as they were: other measures of this worker draw theirs.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            dropped = torch.nn.Dropout(0.2)(torch.ones(_MASKS, 100))
        return {**found, "library": float((dropped == 0.0).double().mean()) - 0.2}

    found = yield for_each(at, seeds_of(draw, 10), 0.07)
    groups = (
        Group("r ~ Bernoulli(0.2)", found["off"], "loss"),
        Group("torch Dropout(0.2)", found["library"], "dropout"),
        Group("r ~ Bernoulli(0.5)", found["half"], "muted"),
    )
    alt = "The share of units dropped less p: a mask drawn from Bernoulli(0.2) drops far more than a fifth, PyTorch's dropout a fifth, a half a half."
    return Findings(dict(found), Picture(alt, "share dropped − p", groups=groups, level=(0.0, "p is dropped")))


_UNITS = 10


@claim(
    number=36,
    source="C",
    topic="dropout",
    statement="Inverted dropout keeps the expected activation as it is.",
    test="Twelve layers of ten random activations and random p, all 1,024 masks with their probabilities: the largest distance of a unit's "
    "expected value from its value without dropout; the same without the division by 1 − p; and how far the expected tanh of a unit that sums "
    "them is from the tanh of their sum. The lab's 4,000 drawn masks over 100 units, p = 0.2, for the mean of a sum.",
    quantities={
        "unit": Quantity("largest change of an expected activation, inverted", "", "layer"),
        "drawn": Quantity("mean of a sum of 100 over the sum without dropout, drawn masks", "", "layer"),
        "plain": Quantity("largest change of an expected activation, without the division", "", "layer"),
        "next": Quantity("largest change of an expected tanh in the layer after", "", "layer"),
    },
    stated=(at_most("unit", 1e-12), at_least("drawn", 0.99), at_most("drawn", 1.01)),
    shows=DropoutSpec(p=0.5),
    spoil={"inverted": False},
)
def inverted(draw: int, inverted: bool = True) -> Experiment:
    """Take expectations over all masks; without ``inverted`` nothing is divided by 1 − p.

    A unit x survives with probability 1 − p and is then x/(1 − p), so its mean is x and its variance x² p/(1 − p). Sums of units keep their mean
    too, and so does all that is linear in them. After a curved activation the mean is another one: that of the next layer's units is kept only
    nearly, which is why the network without dropout is not exactly the average of the thinned ones.
    """

    def at(seed: int) -> dict[str, float]:
        rng = generator(36, seed)
        p, h, weights = float(rng.uniform(0.1, 0.8)), rng.normal(size=_UNITS), rng.normal(size=(_UNITS, 8))
        masks = all_masks(_UNITS).astype(np.float64)
        probable = chance(all_masks(_UNITS), np.array([p]))[0]
        factor = 1.0 / (1.0 - p) if inverted else 1.0
        after = probable @ np.tanh((masks * h * factor) @ weights)
        sums = scaling(np.array([0.2]), seed=seed)
        return {
            "unit": float(np.abs(probable @ (masks * h * factor) - h).max()),
            "drawn": float((sums.inverted if inverted else sums.plain).mean() / sums.full),
            "plain": float(np.abs(probable @ (masks * h) - h).max()),
            "next": float(np.abs(after - np.tanh(h @ weights)).max()),
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.05)
    groups = (
        Group("inverted", found["unit"], "dropout"),
        Group("without the division", found["plain"], "muted"),
        Group("after the next tanh", found["next"], "loss"),
    )
    alt = "The largest change of an expected activation by dropout: none if what survives is scaled up, some without, and some after the next layer."
    return Findings(dict(found), Picture(alt, "change of an expected value", groups=groups, level=(0.0, "kept")))


_FEW, _MANY = 5, 40_000


@claim(
    number=37,
    source="C",
    topic="dropout",
    statement="Dropout trains all 2ᴺ networks that can be made by leaving units out.",
    test="The lab's network with 13 hidden units, forty batches at p = 0.2, ten seeds: which share of its 8,192 thinned networks occurs at all. "
    "Then masks alone: 13 units and 10,000 batches, 64 units and 10,000 batches, five units and 40,000 batches.",
    quantities={
        "lab": Quantity("share of the networks that occur, 13 units, 40 batches", "", "seed"),
        "long": Quantity("share of the networks that occur, 13 units, 10,000 batches", "", "seed"),
        "wide": Quantity("share of the networks that occur, 64 units, 10,000 batches", "", "seed"),
        "few": Quantity("share of the networks that occur, 5 units, 40,000 batches", "", "seed"),
    },
    stated=(at_least("long", 0.99), at_least("wide", 0.99)),
    condition="the units are so few that the batches outnumber the networks many times, and networks that share all their weights count as several",
    conditional=(at_least("few", 0.99),),
    shows=DropoutSpec(p=0.2),
    spoil={"p": 0.0},
)
def two_to_the_n(draw: int, p: float = 0.2) -> Experiment:
    """Count the masks that occur; ``p`` 0 has one.

    There are 2ᴺ masks, and a batch, or a row of one, trains one of them. A usual layer has so many that almost none occurs, and no mask twice. Nor
    are they trained apart: all share one set of weights, and a step for one moves the others. What dropout trains is a single set of weights that
    works under many masks; the ensemble is a way to read it. Away from p = 0.5 the masks are not even equally likely.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(37, seed)
        found = solve(DropoutSpec(seed=float(seed % 100)))
        member = int(np.abs(found.p - p).argmin())
        lives = found.lives[member, :, 0]

        def different(batches: int, units: int) -> Floats:
            """Return (batches,) how many masks have occurred after each batch."""
            masks = rng.random((batches, units)) >= p
            keys = np.packbits(masks, axis=1)
            first = np.unique(keys, axis=0, return_index=True)[1]
            new = np.zeros(batches)
            new[first] = 1.0
            return np.cumsum(new)

        units = sum(SIZES[1:-1])
        long, wide, few = different(10_000, units), different(10_000, 64), different(_MANY, _FEW)
        return {
            "lab": len(np.unique(lives, axis=0)) / 2.0**units,
            "long": long[-1] / 2.0**units,
            "wide": wide[-1] / 2.0**64,
            "few": few[-1] / 2.0**_FEW,
            "long_path": long[_BATCHES - 1] / 2.0**units,
            "few_path": few[_BATCHES - 1] / 2.0**_FEW,
        }

    found = yield for_each(at, seeds_of(draw, 10), 0.15)
    lines = (Line("5 units", found["few_path"], "dropout"), Line("13 units", found["long_path"], "loss"))
    alt = "The share of all thinned networks that have occurred, along the number of batches: soon all of five units', a part of thirteen units'."
    picture = Picture(alt, "share of the networks", lines, x=_BATCHES.astype(np.float64), across="batches", log="x", level=(1.0, "all of them"))
    return Findings({name: found[name] for name in ("lab", "long", "wide", "few")}, picture)


_BATCHES = np.unique(np.round(np.geomspace(1.0, 10_000.0, 60)).astype(np.int64))
