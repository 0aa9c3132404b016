"""What a student takes home: the settings as code, a tab a framework; the weights as JSON and the history as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.datasets import Dataset
from core.engine import runs
from core.export.training.settings import Snippet
from core.export.training_code import training_snippets
from core.export.training_data import history_csv, network_json
from core.specs.training import TrainingSpec
from ui import narrative


def scripts(spec: TrainingSpec, member: int, page: str, section: str, dataset: Dataset | None = None) -> None:
    """Show one member's settings as scripts, folded under the narrative's heading ``section``; ``dataset`` is what own data are like."""
    given = () if dataset is None else (dataset.task, dataset.outputs)
    code(training_snippets(spec, member, *given), page, section)


def code(snippets: Sequence[Snippet], page: str, section: str) -> None:
    """Show scripts, a tab each, folded under the narrative's heading ``section``, with what each framework cannot do."""
    with st.expander(section):
        if body := narrative.sections(page).get(section):
            st.markdown(body)
        for tab, snippet in zip(st.tabs([snippet.title for snippet in snippets]), snippets, strict=True):
            with tab:
                for missing in snippet.missing:
                    st.warning(missing)
                st.code(snippet.code, language="python", wrap_lines=True)
                st.write(snippet.note)


def downloads(run: str, spec: TrainingSpec, member: int, epoch: int, key: str, dataset: Dataset | None = None) -> None:
    """Show the buttons that save one network's weights at an epoch, and its history; both are fetched when they are pressed.

    Parameters
    ----------
    run:
        The run's id.
    spec, member, epoch:
        What it is, which of its networks, and where the player rests.
    key:
        The lab's prefix.
    dataset:
        What is trained on, where it is none of the lab's.
    """

    def weights() -> str:
        _, found = runs.weights(run, epoch)
        return network_json(spec, member, found, dataset)

    def history() -> str:
        return history_csv({name: column[member] for name, column in runs.history(run).items()})

    with st.container(key=f"{key}-downloads", horizontal=True, gap="small"):
        shared: dict[str, Any] = {"icon": ":material/download:", "on_click": "ignore"}
        st.download_button(f"Weights at epoch {epoch} as JSON", weights, f"weights-{epoch}.json", "application/json", key=f"{key}-json", **shared)
        st.download_button("History as CSV", history, "history.csv", "text/csv", key=f"{key}-csv", **shared)
