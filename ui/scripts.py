"""Settings as code, ready to copy: a tab a framework."""

from __future__ import annotations

import streamlit as st

from core.export.training_code import training_snippets
from core.specs.training import TrainingSpec
from ui import narrative


def scripts(spec: TrainingSpec, member: int, page: str, section: str) -> None:
    """Show one member's settings as scripts, folded under the narrative's heading ``section``."""
    with st.expander(section):
        if body := narrative.sections(page).get(section):
            st.markdown(body)
        snippets = training_snippets(spec, member)
        for tab, snippet in zip(st.tabs([snippet.title for snippet in snippets]), snippets, strict=True):
            with tab:
                for missing in snippet.missing:
                    st.warning(missing)
                st.code(snippet.code, language="python", wrap_lines=True)
                st.write(snippet.note)
