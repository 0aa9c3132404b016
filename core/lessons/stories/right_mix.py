"""The story of the lab "The right mix": which settings go together, and how to find out."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import RightMixSpec

STEPS = (
    Step(
        "A penalty alone",
        "Every cell of the map is networks, trained with one λ and one p on several draws of the data. The lowest row has no dropout: go along "
        "it and "
        "find its best λ.",
        RightMixSpec(),
    ),
    Step(
        "Dropout as well",
        "Now with dropout. The cells that cannot be told from the best are marked: the optimum is a region, and draws differ about where its middle "
        "is.",
        RightMixSpec(p=0.3, lam=0.001),
    ),
    Step(
        "Both at once is too much",
        "A large λ and a large p together hold the network down from two sides. It learns less than with either alone.",
        RightMixSpec(p=0.75, lam=0.1),
    ),
    Step(
        "The rate is the first thing",
        "The second map has the rate across and λ upwards. A rate that is too low or too high costs more than any λ can repair.",
        RightMixSpec(rate=0.001, lam2=0.001),
    ),
    Step(
        "Another rule, another map",
        "The same networks under plain SGD. The best rates lie elsewhere, so a λ that was tuned with one rule cannot simply be taken over to "
        "another.",
        RightMixSpec(rule="sgd", rate=0.1),
    ),
    Step(
        "Four ways to search",
        "Grid, one at a time, random and Bayesian search spend the same budget. Watch the best loss so far along the trials, and then what the "
        "winners are worth with fresh seeds.",
        RightMixSpec(n=64.0),
    ),
    Step(
        "Look at the trials",
        "Each line is a combination, from the best to the worst of one search. Some settings hardly matter, and the bars below say which of them do.",
        RightMixSpec(n=64.0, method="random", rank=0.0),
    ),
)
