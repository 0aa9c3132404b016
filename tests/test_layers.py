"""The walls between the layers, checked by importing in a fresh interpreter: what a module really drags in, not what it names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TORCH = ("core.networks", "core.training", "core.curvature.networks")


def modules(folder: str) -> list[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]


def loaded_after(names: list[str]) -> set[str]:
    """Return the top-level packages in a fresh interpreter that has imported ``names``."""
    script = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


def test_the_core_without_figures_and_networks_imports_no_front_end_and_no_torch():
    names = [name for name in modules("core") if not name.startswith(("core.figures", *TORCH))]
    assert len(names) > 10
    assert loaded_after(names).isdisjoint({"streamlit", "plotly", "torch", "sklearn", "optuna", "sqlalchemy"})


def test_figures_are_plain_data_that_needs_neither_plotly_nor_streamlit_nor_torch_to_be_drawn():
    loaded = loaded_after([name for name in modules("core") if name.startswith("core.figures")])
    assert loaded.isdisjoint({"plotly", "streamlit", "torch"})


def test_the_web_process_never_imports_torch():
    loaded = loaded_after(["app", *(name for name in modules("ui") if name != "ui.router")])
    assert "streamlit" in loaded
    assert "torch" not in loaded


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_core_module_names_the_layers_above_it(path: Path):
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.add(node.module.partition(".")[0])
    assert named.isdisjoint({"ui", "pages", "app", "streamlit"})


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_a_page_reads_like_a_table_of_contents(path: Path):
    source = path.read_text(encoding="utf-8")
    named = {node.module.partition(".")[0] for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.module}
    assert named <= {"core", "ui", "__future__"}, "a page takes its mathematics from core and its widgets from ui"
    assert "plotly_chart" not in source
    assert len(source.splitlines()) <= 120
