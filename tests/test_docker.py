"""What the image is made of: its entry, its health check, what its build takes out, and what its Dockerfile promises."""

import importlib.util
import os
import re
import subprocess
import sys
import time

import pytest

from tests.servers import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def module(name):
    spec = importlib.util.spec_from_file_location(f"docker_{name}", ROOT / "docker" / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


# -------------------------------------------------------------------------------------------------------------------- entry


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ([], ["streamlit", "run", "app.py"]),
        (["web"], ["streamlit", "run", "app.py"]),
        (["scheduler"], ["python", "-m", "core.engine.node", "scheduler"]),
        (["worker"], ["python", "-m", "core.engine.node", "worker"]),
    ],
)
def test_a_word_becomes_a_part(words, becomes):
    assert module("lab").command(words) == becomes


@pytest.mark.parametrize("words", [["bash"], ["web", "--server.port=1"], ["worker", "worker"], ["WEB"], [""], ["streamlit", "run", "app.py"]])
def test_anything_else_is_refused_with_a_sentence_that_names_the_parts(words):
    done = subprocess.run([sys.executable, ROOT / "docker" / "lab.py", *words], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "web, scheduler, worker" in done.stderr
    assert "--entrypoint" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_entry_hands_its_process_on(tmp_path):
    stand_in = tmp_path / "streamlit"
    stand_in.write_text('#!/bin/sh\necho "$$ $PWD $*"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    # The program beside the Python that runs the entry is meant, not one of the search path.
    line, settings = [python, ROOT / "docker" / "lab.py"], os.environ | {"PATH": "/usr/bin:/bin"}
    with subprocess.Popen(line, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, text=True) as process:
        said = process.communicate(timeout=20)[0].split()
    assert said == [str(process.pid), str(ROOT), "run", "app.py"]


# ------------------------------------------------------------------------------------------------------------------- health


def well(*words, **settings):
    line = [sys.executable, ROOT / "docker" / "healthcheck.py", *words]
    return subprocess.run(line, env=os.environ | settings, capture_output=True, timeout=20, check=False).returncode == 0


@pytest.mark.parametrize("part", ["scheduler", "worker"])
def test_a_part_with_a_heartbeat_is_well_while_that_is_fresh(part, tmp_path):
    file = tmp_path / "beat"
    settings = {"LAB_HEARTBEAT": str(file), "LAB_ROLE": ""}
    assert not well(part, **settings), "none yet"
    file.touch()
    assert well(part, **settings)
    assert well(LAB_HEARTBEAT=str(file), LAB_ROLE=part)
    for age, right in ((15, True), (25, False), (-3600, False)):
        os.utime(file, times=(time.time() - age,) * 2)
        assert well(part, **settings) is right, age


def test_the_heartbeat_lies_in_the_temporary_folder_unless_it_is_said_where(tmp_path):
    settings = {"TMPDIR": str(tmp_path), "LAB_HEARTBEAT": ""}
    assert not well("worker", **settings)
    (tmp_path / "lab-heartbeat").touch()
    assert well("worker", **settings)


def test_an_unknown_part_is_not_well():
    assert not well("proxy")
    assert not well(LAB_ROLE="proxy")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("python -m core.engine.node worker", "worker"),
        ("python -m core.engine.node scheduler", "scheduler"),
        ("/opt/venv/bin/python /opt/venv/bin/streamlit run app.py", "web"),
        ("/sbin/docker-init -- python docker/lab.py worker", "worker"),
        ("/sbin/docker-init -- python docker/lab.py web", "web"),
        ("/sbin/docker-init -- python docker/lab.py", "web"),
        ("python -m core.engine.node --help", "web"),
        ("/sbin/init", "web"),
        ("", "web"),
    ],
)
def test_where_nothing_says_it_process_1_does(line, part, tmp_path, monkeypatch):
    monkeypatch.delenv("LAB_ROLE", raising=False)
    (file := tmp_path / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in line.split()))
    assert module("healthcheck").role([], file) == part
    assert module("healthcheck").role([], tmp_path / "none") == "web"
    assert module("healthcheck").role(["scheduler"], file) == "scheduler"


# -------------------------------------------------------------------------------------------------------------------- build


def test_what_nobody_runs_is_taken_out_and_nothing_else(tmp_path):
    prune = module("prune")
    gone = {
        *(
            "bin/pip3",
            "share/jupyter/a.js",
            "@pip/__init__.py",
            "@setuptools-84.dist-info/METADATA",
            "@distutils-precedence.pth",
            "@a/b/tests/c/test.py",
        ),
        *("@torch/include/a.h", "@torch/share/cmake/a.cmake", "@torch/test/test_a.py", "@torch/bin/protoc", "@torch/bin/test_jit", "@a/lib/b.a"),
        *("@torch/bin/script_module_v4.ptl", "@pyarrow/libarrow_flight.so.2600", "@pyarrow/_s3fs.so"),
    }
    stays = {
        *("bin/python3", "@torch/bin/torch_shm_manager", "@torch/testing/__init__.py", "@streamlit/static/index.html", "@jinja2/tests.py"),
        *("@plotly/package_data/plotly.min.js", "@a.dist-info/licenses/include/LICENSE", "@a.dist-info/licenses/tests/LICENSE"),
        *("@a/include/__init__.py", "@pyarrow/libarrow.so.2600", "@pipeline/__init__.py"),
    }
    gone, stays = ({name.replace("@", "lib/python3.11/site-packages/") for name in names} for names in (gone, stays))
    for name in (*gone, *stays):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"1234")
    saved = sum(prune.remove(path) for patterns in prune.RULES.values() for path in prune.chosen(tmp_path, patterns))
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == stays
    assert saved == 4 * len(gone)


def test_what_is_pinned_is_pinned_once():
    base = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert len(base) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base[0])
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}
    pinned = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert f"ARG TORCH={pinned}+cpu\n" in DOCKERFILE


def test_the_last_stage_runs_as_a_user_in_exec_form():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last
    assert '\nENTRYPOINT ["python", "docker/lab.py"]\nCMD ["web"]\n' in last
    assert re.search(r'^HEALTHCHECK .* CMD \["python", "docker/healthcheck.py"\]$', last, re.MULTILINE)
    assert "pip install" not in last


def test_what_the_app_imports_goes_into_the_image():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!").split("/")[0] for line in lines if line.startswith("!")}
    assert allowed == {"app.py", "requirements.txt", "docker", "core", "ui", "pages", "assets", ".streamlit"}
