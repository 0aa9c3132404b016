"""The views of the page "Claims on trial": rulings that are there, and what is shown of one of them, each kept for its trial."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from core.claims.catalogue import CLAIMS
from core.claims.choices import SOURCES, TOPICS, VERDICTS
from core.claims.claim import Claim, Ruling
from core.claims.trial import Trial
from core.claims.words import asked, outcome, told, verdict_sentence
from core.export.claims_table import claims_csv
from core.figures.claims.trial import trial_scene
from core.specs.claims import VERDICT_KEYS, ClaimsSpec
from core.studies.shelf import SHELF
from ui import plot, studies
from ui.kept import kept, lazily
from ui.links import address
from ui.tables import html_table

ICONS = dict(zip(VERDICTS, ("check_circle", "rule", "cancel"), strict=True))
"""Verdict -> icon; the words stand beside it."""
UNKNOWN = "not measured with these seeds"


class RulingViews:
    """What is shown of one ruling."""

    def __init__(self, ruling: Ruling) -> None:
        self.ruling = ruling

    @lazily
    def chart(self) -> bytes:
        """The picture."""
        return plot.pack_chart(trial_scene(self.ruling), name=f"claim-{self.ruling.claim.number}", group=ClaimsSpec.prefix)

    @lazily
    def verdict(self) -> str:
        """The verdict in a sentence."""
        return verdict_sentence(self.ruling)

    @lazily
    def table(self) -> str:
        """What was measured beside what was asked, as an HTML table."""
        ruling, rows = self.ruling, []
        for key, quantity in ruling.claim.quantities.items():
            stated = [("", check) for check in ruling.stated if check.criterion.quantity == key]
            seen = {check.criterion for _, check in stated}
            more = [("for the condition: ", check) for check in ruling.conditional if check.criterion.quantity == key]
            checks = stated + [(words, check) for words, check in more if check.criterion not in seen]
            wanted = "; ".join(words + asked(check, quantity) for words, check in checks)
            came = "; ".join(outcome(check) for _, check in checks)
            rows.append([escape(text) for text in (quantity.label, told(quantity, ruling.findings.values[key]), wanted, came)])
        names = ["Result", "Asked for", "Outcome"]
        return html_table("Measured, and what was asked of it", ["Measured", *names], names, rows)


def origin(claim: Claim) -> str:
    """Return where a claim comes from and what it is about."""
    courses = ", ".join(f"{letter} ({SOURCES[letter]})" for letter in claim.source)
    return f"Claim {claim.number}, from course {courses}. {TOPICS[claim.topic]}."


def address_of(claim: Claim) -> str:
    """Return the link to the lab that shows a claim."""
    return address(claim.shows)


def rulings(draw: int) -> dict[int, Ruling | None]:
    """Return number -> ruling with a set of seeds; None where that has not been measured."""
    return {number: None if SHELF.get(Trial(number, draw)) is None else ruling_views(Trial(number, draw)).ruling for number in CLAIMS}


def listed(spec: ClaimsSpec, found: Mapping[int, Ruling | None]) -> list[int]:
    """Return the claims that the filters leave."""
    return [
        number
        for number, claim in CLAIMS.items()
        if (spec.source == "all" or spec.source in claim.source)
        and (spec.topic == "all" or spec.topic == claim.topic)
        and (spec.verdict == "all" or ((ruling := found[number]) is not None and ruling.verdict == VERDICT_KEYS[spec.verdict]))
    ]


def entry(number: int, ruling: Ruling | None) -> str:
    """Return what a claim is called in the list: its verdict as an icon and in words, its number, its statement."""
    icon = "help" if ruling is None else ICONS[ruling.verdict]
    verdict = UNKNOWN if ruling is None else ruling.verdict
    return f":material/{icon}: **{number}** {CLAIMS[number].statement} :small[{verdict}]"


def summary(found: Mapping[int, Ruling | None]) -> str:
    """Return how many claims there are of each verdict."""
    known = [ruling for ruling in found.values() if ruling is not None]
    counts = [f"**{sum(ruling.verdict == verdict for ruling in known)}** :material/{ICONS[verdict]}: {verdict}" for verdict in VERDICTS]
    missing = len(found) - len(known)
    return f"{len(found)} claims: " + ", ".join(counts) + (f", {missing} {UNKNOWN}" if missing else "") + "."


def table_of(found: Mapping[int, Ruling | None]) -> bytes:
    """Return the rulings as CSV."""
    return claims_csv({number: ruling for number, ruling in found.items() if ruling is not None})


# Rulings are frozen and only read, so sessions share them; a few KB each.
@kept(256)
def ruling_views(trial: Trial) -> RulingViews:
    """Return the views of a trial that has been measured."""
    return RulingViews(studies.result(trial))
