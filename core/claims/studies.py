"""The studies of the page "Claims on trial"."""

from core.claims.trial import Trial

STUDIES = (Trial,)
