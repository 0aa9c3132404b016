"""Take out of a virtual environment what no part of the lab runs, say what that saves, and see that the rest still imports.

`python prune.py /opt/venv`, at the image's build alone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Licences (*.dist-info) stay, and so do Streamlit's static files, plotly.min.js and torch_shm_manager, without which torch does not import.
SITE = "lib/python3*/site-packages"
INSTALLER = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")
RULES = {
    "pip and setuptools": ["bin/pip", "bin/pip[0-9]*", *(f"{SITE}/{name}{ending}" for name in INSTALLER for ending in ("", "-*"))],
    "tests of packages": [f"{SITE}/**/tests", f"{SITE}/**/test", f"{SITE}/torch/bin/*[tT]est*", f"{SITE}/pyarrow/_pyarrow_cpp_tests*"],
    "headers": [f"{SITE}/**/include", f"{SITE}/torch/share", "include"],
    "static libraries, compilers of protocols": [f"{SITE}/**/*.a", f"{SITE}/torch/bin/protoc*", f"{SITE}/torch/bin/*.p*t*"],
    "widgets for notebooks": ["share/jupyter", "etc/jupyter", f"{SITE}/pydeck/nbextension", f"{SITE}/plotly/labextension"],
    "Arrow over networks": [f"{SITE}/pyarrow/{name}*" for name in ("libarrow_flight", "libarrow_python_flight", "_flight", "libarrow_s3", "_s3fs")],
}
IMPORTED = ["dask", "distributed", "numpy", "optuna", "pandas", "plotly", "pyarrow", "scipy.optimize", "segno", "sklearn.linear_model", "sqlalchemy"]
IMPORTED += ["streamlit", "sympy", "torch"]


def chosen(root: Path, patterns: list[str]) -> Iterator[Path]:
    """Return what patterns name; a folder of headers is one without Python in it, and licences are kept in folders of the same names."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            licence = any(part.endswith(".dist-info") for part in path.parent.parts)
            if not licence and (path.name != "include" or not any(path.rglob("*.py"))):
                yield path


def remove(path: Path) -> int:
    """Remove a file or a folder; return how many bytes it had."""
    if path.is_dir() and not path.is_symlink():
        size = sum(remove(each) for each in list(path.iterdir()))
        path.rmdir()
        return size
    size = path.lstat().st_size if path.exists() or path.is_symlink() else 0
    path.unlink(missing_ok=True)
    return size


def main() -> None:
    """Remove and tell; fail where something that the lab imports went with it."""
    root = Path(sys.argv[1])
    for what, patterns in RULES.items():
        print(f"{what:42} {sum(remove(path) for path in chosen(root, patterns)) / 1e6:7.1f} MB", flush=True)
    subprocess.run([root / "bin" / "python", "-B", "-c", f"import {', '.join(IMPORTED)}"], check=True)


if __name__ == "__main__":
    main()
