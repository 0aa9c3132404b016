"""Claims about libraries, read from those that are installed, by running or by inspecting them."""

from __future__ import annotations

import inspect

import numpy as np

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Picture
from core.claims.problems import generator
from core.claims.request import for_each, once
from core.specs import AdamAndAdamWSpec, ShrinkageSpec

_STEPS, _RATE, _BETAS, _EPS = 8, 0.05, (0.9, 0.999), 1e-8


def _written_out(w: Floats, gradients: Floats, decay: float, coupled: bool) -> Floats:
    """Return where Adam gets to in the steps of gradients (t, d), its decay in the gradient or beside the step, as its papers write it."""
    first, second, now = np.zeros_like(w), np.zeros_like(w), w
    for t, gradient in enumerate(gradients, start=1):
        seen = gradient + decay * now if coupled else gradient
        first = _BETAS[0] * first + (1.0 - _BETAS[0]) * seen
        second = _BETAS[1] * second + (1.0 - _BETAS[1]) * seen**2
        step = first / (1.0 - _BETAS[0] ** t) / (np.sqrt(second / (1.0 - _BETAS[1] ** t)) + _EPS)
        now = now - _RATE * step - (0.0 if coupled else _RATE * decay) * now
    return now


def _torch(kind: str, w: Floats, gradients: Floats, decay: float, **options: bool) -> Floats:
    """Return where an optimizer of torch.optim gets to with the same gradients."""
    import torch

    weights = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    made = getattr(torch.optim, kind)([weights], lr=_RATE, betas=_BETAS, eps=_EPS, weight_decay=decay, **options)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient, dtype=torch.float64)
        made.step()
    end: Floats = weights.detach().numpy().copy()
    return end


@claim(
    number=16,
    source="B",
    topic="rules",
    statement="The weight_decay of PyTorch's Adam is decoupled from the gradient.",
    test="The installed torch.optim.Adam with weight_decay, eight steps with random gradients from twelve random starts: how far it ends from "
    "Adam with the decay in the gradient, and from Adam with the decay beside the step, both written out. The same with its "
    "decoupled_weight_decay switched on.",
    quantities={
        "decoupled": Quantity("distance from decay beside the step, over the way gone", "", "start"),
        "coupled": Quantity("distance from decay in the gradient, over the way gone", "", "start"),
        "switched": Quantity("distance from decay beside the step with the switch on", "", "start"),
        "adamw": Quantity("distance of torch.optim.AdamW from decay beside the step", "", "start"),
    },
    stated=(at_most("decoupled", 1e-9),),
    condition="it is called with decoupled_weight_decay=True, which is off by default, or it is AdamW",
    conditional=(at_most("switched", 1e-9), at_most("adamw", 1e-9)),
    shows=AdamAndAdamWSpec(surface="none", steps=500.0, step=20.0),
    spoil={"kind": "AdamW"},
)
def torch_adam(draw: int, kind: str = "Adam") -> Experiment:
    """Run the installed Adam beside both formulas; ``kind`` "AdamW" is the other optimizer.

    Adam's weight_decay adds to the gradient before the moments are taken, so the decay is divided by the root of the mean square like any gradient:
    without data every weight moves by the learning rate, whatever its size. AdamW takes the decay off beside the step, in proportion to the weight.
    """

    def at(seed: int) -> dict[str, float]:
        import torch

        rng = generator(16, seed)
        w, gradients, decay = 3.0 * rng.normal(size=5), rng.normal(size=(_STEPS, 5)), float(rng.uniform(0.05, 0.5))
        coupled, decoupled = (_written_out(w, gradients, decay, each) for each in (True, False))
        end, way = _torch(kind, w, gradients, decay), np.linalg.norm(decoupled - w)
        # An older torch has no such switch; then nothing can be said of it.
        has = "decoupled_weight_decay" in inspect.signature(torch.optim.Adam.__init__).parameters
        switched = _torch("Adam", w, gradients, decay, decoupled_weight_decay=True) if has else np.full(5, np.inf)
        ends = {"decoupled": end - decoupled, "coupled": end - coupled, "switched": switched - decoupled}
        ends["adamw"] = _torch("AdamW", w, gradients, decay) - decoupled
        return {name: float(np.linalg.norm(each) / way) for name, each in ends.items()}

    found = yield for_each(at, seeds_of(draw, 12), 0.05)
    small = {name: np.maximum(values, 1e-17) for name, values in found.items()}
    groups = (
        Group("from decay in the gradient", small["coupled"], "adam"),
        Group("from decay beside the step", small["decoupled"], "adamw"),
    )
    alt = "How far torch.optim.Adam ends from two formulas, on a logarithmic axis: at rounding from the coupled one, far from the decoupled one."
    return Findings(dict(found), Picture(alt, "distance / way gone", groups=groups, log="y"))


def _default_shares() -> dict[str, float]:
    """Return the L1 share that each penalised linear model of scikit-learn has if nothing is asked for: 1 for L1, 0 for L2 or for no penalty."""
    import sklearn.linear_model
    import sklearn.svm

    found: dict[str, float] = {}
    for module in (sklearn.linear_model, sklearn.svm):
        for name in module.__all__:
            kind = getattr(module, name)
            if not inspect.isclass(kind) or "Aggressive" in name:  # its C bounds a step, and is no penalty
                continue
            given = {key: each.default for key, each in inspect.signature(kind.__init__).parameters.items()}
            ratio = given.get("l1_ratio", 0.0)
            ratio = float(ratio) if isinstance(ratio, int | float) else 0.0
            if given.get("penalty") in ("l1", "l2", "elasticnet", None) and "penalty" in given:
                found[name] = {"l1": 1.0, "elasticnet": ratio}.get(given["penalty"] or "", 0.0)
            elif "penalty" in given or "l1_ratio" in given:  # without a choice of penalty the ratio decides
                found[name] = ratio
            elif "Lasso" in name:
                found[name] = 1.0
            elif "alpha" in given or "alphas" in given or "C" in given or "Ridge" in name:
                found[name] = 1.0 if name == "QuantileRegressor" else 0.0
    return found


@claim(
    number=32,
    source="C",
    topic="elastic_net",
    statement="Elastic net is the default of many models in scikit-learn.",
    test="Every penalised linear model and support vector machine of the installed scikit-learn: which share of L1 its penalty has if nothing is "
    "asked for. An elastic net has one between 0 and 1. Those named after the elastic net are counted apart; many means a quarter of the others.",
    quantities={
        "others": Quantity("elastic net by default, of models with other names", "", "model"),
        "named": Quantity("elastic net by default, of models named elastic net", "", "model"),
    },
    stated=(at_least("others", 0.25, "mean"),),
    shows=ShrinkageSpec(penalty="elastic_net"),
    spoil={"only_named": True},
)
def default_penalty(draw: int, only_named: bool = False) -> Experiment:
    """Read the defaults of the installed library; ``only_named`` looks at models named elastic net alone.

    Elastic net can be chosen in several models, and its l1_ratio is often preset, 0.15 in those that descend by single rows. But it acts only once
    it is asked for: linear classifiers have L2 by default, Ridge L2, Lasso L1, and linear regression no penalty at all. Only the models that are
    called elastic net are one unasked.
    """

    def found_shares() -> dict[str, Floats]:
        shares = _default_shares()
        named = np.array([share for name, share in shares.items() if "ElasticNet" in name])
        others = np.array([share for name, share in shares.items() if "ElasticNet" not in name])
        return {"named": named, "others": named if only_named else others}

    found = yield once(found_shares, 1.0)
    mixed = {name: ((share > 0.0) & (share < 1.0)).astype(np.float64) for name, share in found.items()}
    groups = (Group("named elastic net", found["named"], "elastic_net"), Group("other names", found["others"], "loss"))
    alt = "The L1 share of the default penalty of scikit-learn's linear models: those named elastic net lie between, all others at zero or one."
    count, of, named = int(mixed["others"].sum()), len(mixed["others"]), len(mixed["named"])
    note = f"{count} of {of} models with other names are an elastic net unasked; {named} have the name."
    return Findings(mixed, Picture(alt, "L1 share of the default penalty", groups=groups), note)
