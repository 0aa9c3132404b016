"""The studies of this lab."""

from core.right_mix.maps import MixMap
from core.right_mix.search import MixSearch

STUDIES = (MixMap, MixSearch)
