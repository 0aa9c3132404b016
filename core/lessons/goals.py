"""What each lab is for in a lesson: its goals, and what students usually believe before it. Its story and questions are beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Goals:
    """Of a lab: what a student can do afterwards, and the usual misconceptions with what is true instead."""

    can: tuple[str, ...]
    believed: tuple[tuple[str, str], ...]


GOALS: Mapping[str, Goals] = MappingProxyType(
    {
        "diamond_and_circle": Goals(
            ("say by which inequality a weight is exactly zero", "pass between a penalty and a budget"),
            (
                ("L1 always hits a corner.", "It depends on where the loss's minimum lies: the support map shows the share."),
                ("L2 never makes a weight zero.", "With a tilted ellipse a weight passes through zero at one λ, and goes on."),
            ),
        ),
        "smoothing_and_curvature": Goals(
            ("predict the eigenvalues of a penalised Hessian", "find the largest stable rate for a rule and a treatment"),
            (
                ("A penalty removes the sharp minima first.", "At equal depth and distance the wide one goes first."),
                ("L2 always improves the conditioning.", "With a negative eigenvalue it makes it worse before it makes it better."),
            ),
        ),
        "step_by_step": Goals(
            ("compute a step of each penalty by hand", "tell a clip, a subgradient step and a proximal step apart"),
            (
                ("A printed table is right.", "Three entries of the course's are off, and the exact ones stand beside them."),
                ("A weight that is zero stays zero.", "It leaves when the loss pulls harder than λ, unless it has been clamped."),
            ),
        ),
        "optimizer_race": Goals(
            ("compare rules at rates that are fair", "take a step apart into direction and metric"),
            (
                ("The rule that wins at one rate is the better rule.", "Each has a best rate of its own."),
                ("Noise frees any rule from a sharp minimum.", "It frees it from saddles; minima hold below a rate that can be computed."),
            ),
        ),
        "adam_and_adamw": Goals(
            ("say where SGD, Adam with L2 and AdamW end", "read a map of rate and decay"),
            (
                ("AdamW is Adam with L2.", "Without noise it ends on the wall of a box."),
                ("Weight decay shrinks all weights alike under Adam.", "In the gradient it is divided by each weight's own gradient size."),
            ),
        ),
        "shrinkage_paths": Goals(
            ("read a coefficient path and its events", "choose λ by the one-standard-error rule", "expect what becomes of correlated columns"),
            (
                ("Lasso finds the true columns.", "Of near copies it keeps one, and which one is luck."),
                ("Units do not matter.", "Unstandardised, the column in the larger numbers is cheaper and always wins."),
            ),
        ),
        "priors_and_map": Goals(
            ("pass between a prior's width and λ", "tell mode, mean and samples of a posterior apart"),
            (
                ("A Laplace prior believes that weights are zero.", "No sample is ever zero; its peak is."),
                ("The MAP estimate sums the posterior up.", "The mean is another, and never sparse."),
            ),
        ),
        "bias_and_variance": Goals(
            ("see bias and variance as what changes and what does not when the data are drawn again",),
            (
                ("Less variance is always worth the bias.", "Beyond the best λ bias costs more than variance saves."),
                ("Training error tells.", "It only rises with λ."),
            ),
        ),
        "training": Goals(
            ("see overfitting begin and end it with λ, p or patience", "read exact zeros and dead units"),
            (
                ("A change of λ needs a new training.", "It is an edit; the network goes on from where it stands."),
                ("More regularisation is safer.", "The validation loss rises again."),
            ),
        ),
        "dropout": Goals(
            ("follow a mask forwards and back", "say why survivors are scaled", "derive dropout on least squares as ridge"),
            (
                ("p = 0.5 tells how it works.", "It cannot tell dropping from keeping."),
                ("The scaled network is the ensemble's average.", "Only where it is linear; elsewhere it is near."),
            ),
        ),
        "batch_norm": Goals(
            ("say what scale invariance does to rates and to decay", "place dropout and norm"),
            (
                ("Weight decay regularises a normalised layer.", "It sets the effective rate."),
                ("It smooths the landscape.", "By the published measure not here; by steps that match the weights' scale, early on."),
            ),
        ),
        "flat_and_sharp_minima": Goals(
            ("read a spectrum and a slice", "say what a rescaling does to sharpness"),
            (
                ("Flat is a property of the function.", "Rescale a ReLU layer and nothing but the sharpness changes."),
                ("Compare at the end of training.", "Networks that have fitted more are flatter by that alone."),
            ),
        ),
        "right_mix": Goals(
            ("read a map with all cells that cannot be told from the best", "judge a search by what it delivers"),
            (
                ("The best cell is the best setting.", "Dozens of cells cannot be told from it."),
                ("The winner's loss is what one gets.", "It was chosen for being low; fresh seeds cost more."),
            ),
        ),
    }
)
