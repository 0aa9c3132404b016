"""Questions to predict: asked of a lab's settings as they are, answered before anybody looks, scored with the reason.

A question is a function of the spec. What it asks, the truth, how near is near enough and the reason all come from the lab's own results, so another
setting is another question, and `Asked.token` tells them apart: an answer is kept together with the token of what it answered.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from core.errors import InvalidInput
from core.knobs import Spec
from core.wording import number as written

S = TypeVar("S", bound=Spec)

Answer = float | str
Verdict = Literal["right", "near", "off"]

MOST = 100
"""Points of an answer that is right."""
_NEAR = 3.0  # tolerances within which an answer is near
_FAR = 6.0  # tolerances from which on it is worth nothing
_GRACE = 1e-9  # of a tolerance: an answer on its edge is within it, whatever rounding says
_BETWEEN = "~"


@dataclass(frozen=True)
class Score:
    """What an answer is worth: "right" within the tolerance, "near" within three of them, else "off"; 0 to 100 points."""

    verdict: Verdict
    points: int


@dataclass(frozen=True)
class Asked:
    """A question, asked of certain settings: a number on a slider, or one of a few options.

    Attributes
    ----------
    prompt:
        The question, with the settings it is about and the unit of the answer.
    truth:
        The number, or the key of the option, that the lab's own result gives.
    reason:
        Why, in a sentence or two that are computed from the result.
    unit:
        Written after a number: " %", or nothing where the prompt names it.
    low, high:
        Ends of the slider, for numbers; from the settings, never from the truth.
    step:
        Between two values of the slider; on a log scale the number of steps a decade.
    scale:
        "log" for a positive number whose size is in question.
    tolerance:
        How far off is right; on a log scale the factor minus 1.
    options:
        Key -> what it says, for choices.
    show:
        The settings at which the lab shows the answer; None where nothing has to be moved.
    """

    prompt: str
    truth: Answer
    reason: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    scale: Literal["linear", "log"] = "linear"
    tolerance: float = 0.0
    options: tuple[tuple[str, str], ...] = ()
    show: Spec | None = None

    def __post_init__(self) -> None:
        """Refuse a question that could not be answered right."""
        if self.options:
            if self.truth not in dict(self.options):
                raise InvalidInput(f"truth = {self.truth!r}", f"one of {', '.join(dict(self.options))}", "Give the truth as an option.")
            return
        inside = isinstance(self.truth, float) and self.low * (1 - 1e-9) - 1e-12 <= self.truth <= self.high * (1 + 1e-9) + 1e-12
        if not inside or not (self.low < self.high and self.step > 0.0 and self.tolerance > 0.0) or (self.scale == "log" and not self.low > 0.0):
            raise InvalidInput(f"truth = {self.truth!r}", f"a number from {self.low:g} to {self.high:g}", "Widen the slider.")

    @property
    def kind(self) -> Literal["number", "choice"]:
        """What sort of answer it takes."""
        return "choice" if self.options else "number"

    @cached_property
    def values(self) -> tuple[float, ...]:
        """Every answer that the slider can give, ascending; none for a choice."""
        if self.options:
            return ()
        if self.scale == "log":
            count = max(1, round(math.log10(self.high / self.low) * self.step))
            spaced = (self.low * (self.high / self.low) ** (i / count) for i in range(count + 1))
        else:
            count = max(1, round((self.high - self.low) / self.step))
            digits = max(0, 2 - math.floor(math.log10(self.step)))
            # Rounded beyond the step: what stands in a link reads as it was chosen. Adding zero takes the sign off a rounded -0.
            return tuple(round(self.low + (self.high - self.low) * i / count, digits) + 0.0 for i in range(count + 1))
        return tuple(dict.fromkeys(float(f"{value:.4g}") for value in spaced))

    @property
    def start(self) -> float:
        """Where the slider stands before it is moved: a place that the prompt decides, so that it gives nothing of the truth away."""
        return self.values[int((0.15 + 0.7 * (zlib.crc32(self.prompt.encode()) % 101) / 100) * (len(self.values) - 1))]

    @property
    def token(self) -> str:
        """Four letters that tell this question from the same one asked of other settings."""
        told = f"{self.truth:.3g}" if isinstance(self.truth, float) else self.truth
        # The reason as well: settings that change nothing else change the numbers in it.
        return f"{zlib.crc32('|'.join((self.prompt, told, self.reason, *dict(self.options))).encode()) & 0xFFFF:04x}"

    def shown(self, answer: Answer) -> str:
        """Return an answer in words."""
        return dict(self.options)[answer] if isinstance(answer, str) else f"{written(answer)}{self.unit}"

    def score(self, answer: Answer) -> Score:
        """Return what an answer is worth."""
        if isinstance(answer, str) or isinstance(self.truth, str):
            return Score("right", MOST) if answer == self.truth else Score("off", 0)
        logarithmic = self.scale == "log"
        off = abs(math.log(answer / self.truth)) / math.log1p(self.tolerance) if logarithmic else abs(answer - self.truth) / self.tolerance
        verdict: Verdict = "right" if off <= 1.0 + _GRACE else "near" if off <= _NEAR + _GRACE else "off"
        return Score(verdict, MOST if verdict == "right" else max(0, round(MOST * (_FAR - off) / (_FAR - 1.0))))

    # -------------------------------------------------------------------------------------------------------------- links

    def kept(self, answer: Answer) -> str:
        """Return an answer as a link keeps it, with the token of what it answers."""
        return f"{answer if isinstance(answer, str) else f'{answer:.6g}'}{_BETWEEN}{self.token}"

    def read(self, text: str) -> Answer | None:
        """Return the answer that a link holds; None where it answers other settings than these.

        Raises
        ------
        InvalidInput
            Where it is no answer at all. One without a token, as people write them, is taken as an answer to this question.
        """
        said, _, token = text.partition(_BETWEEN)
        if token and token != self.token:
            return None
        if self.options:
            if said in dict(self.options):
                return said
            raise InvalidInput(said, f"one of {', '.join(dict(self.options))}", "Choose one of them.")
        allowed = f"a number from {self.low:g} to {self.high:g}"
        try:
            value = float(said)
        except ValueError:
            raise InvalidInput(said, allowed, "Give a number.") from None
        if not self.low * (1 - 1e-4) - 1e-12 <= value <= self.high * (1 + 1e-4) + 1e-12:
            raise InvalidInput(said, allowed, "Bring it into that range.")
        return value


@dataclass(frozen=True)
class Question:
    """One thing to predict in a lab.

    Attributes
    ----------
    name:
        Its name, for tests and for whoever collects answers.
    ask:
        Settings of the lab -> the question, or None where they leave nothing to ask.
    """

    name: str
    ask: Callable[[Any], Asked | None]


def question(name: str) -> Callable[[Callable[[S], Asked | None]], Question]:
    """Return what makes a question of a function of the lab's spec."""
    return lambda ask: Question(name, ask)


def amount(prompt: str, truth: float, reason: str, *, low: float, high: float, step: float = 0.0, tolerance: float = 0.0, **more: Any) -> Asked:  # noqa: ANN401
    """Return a question for a number on a linear slider.

    Parameters
    ----------
    step:
        Where none is given, a hundredth of the range or finer, in round numbers.
    tolerance:
        Where none is given, a twentieth of the range. Never less than a step, so that some answer is right.
    """
    step = step or tidy((high - low) / 150.0)
    # The ends are whole steps, so that values are round.
    low, high = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    return Asked(prompt, float(truth), reason, low=low, high=high, step=step, tolerance=max(tolerance or (high - low) / 20.0, step), **more)


def size(prompt: str, truth: float, reason: str, *, low: float, high: float, tolerance: float = 0.15, **more: Any) -> Asked:  # noqa: ANN401
    """Return a question for a positive number whose size is in question, on a log slider; ``tolerance`` is the factor that is right, less 1."""
    steps = math.ceil(1.0 / math.log10(1.0 + tolerance))
    return Asked(prompt, float(truth), reason, low=low, high=high, step=float(steps), scale="log", tolerance=tolerance, **more)


def choice(prompt: str, truth: str, reason: str, options: dict[str, str], **more: Any) -> Asked:  # noqa: ANN401
    """Return a question with a few answers, key -> what it says."""
    return Asked(prompt, truth, reason, options=tuple(options.items()), **more)


def shown_at(asked: Asked | None, show: Spec) -> Asked | None:
    """Return a question with the settings at which the lab shows its answer."""
    return None if asked is None else replace(asked, show=show)


def tidy(value: float) -> float:
    """Return the next number down that is 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(digit for digit in (5.0, 2.0, 1.0) if digit * power <= value * (1 + 1e-9)) * power:.12g}")
