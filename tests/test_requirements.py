"""What the lab is made with: exactly these versions, and what is known against them."""

import re
from importlib.metadata import version

import pytest

from tests import audit
from tests.audit import judge, needed, pinned
from tests.servers import ROOT

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")
EXACT = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\d[\w.]*(; [^;]+)?")
HOLE = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"], "description": "..."}
CLEAN = {"name": "a", "version": "1.0", "vulns": []}
HELD = {"name": "b", "version": "1.0", "vulns": [HOLE]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_to_one_version(file):
    lines = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert line == "-r requirements.txt" or EXACT.fullmatch(line), line


def test_what_is_installed_is_what_is_pinned():
    for each in pinned(ROOT / "requirements.txt"):
        assert version(each.name).partition("+")[0] == str(each.specifier).removeprefix("=="), each.name


def test_all_that_the_requirements_bring_along_is_asked_about():
    packages = needed(pinned(ROOT / "requirements.txt"))
    assert {"streamlit", "starlette", "uvicorn", "websockets", "h11", "torch", "tornado", "numpy", "jinja2"} <= set(packages)
    assert not {"pytest", "mypy", "ruff"} & set(packages)
    assert not any("+" in each for each in packages.values())


def test_a_vulnerability_fails_and_is_named_with_its_remedy():
    status, said = judge({"dependencies": [CLEAN, HELD, UNKNOWN]})
    assert status == 1
    assert said[0] == "b 1.0: PYSEC-2026-1 = CVE-2026-1, fixed in 2.0"
    assert said[-1] == "2 of 3 packages looked up, 1 vulnerabilities."
    assert judge({"dependencies": [CLEAN]})[0] == 0


def test_one_that_is_accepted_is_named_with_its_reason(monkeypatch):
    monkeypatch.setitem(audit.ACCEPTED, "CVE-2026-1", "the lab never calls it")
    status, said = judge({"dependencies": [HELD]})
    assert status == 0
    assert said[0].endswith("accepted: the lab never calls it")


@pytest.mark.parametrize("report", [None, {}, {"dependencies": []}, {"dependencies": [UNKNOWN]}])
def test_where_nothing_is_known_nothing_is_judged(report):
    assert judge(report) is None


def test_where_nobody_can_be_asked_a_build_goes_on_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(audit, "prepare", lambda: True)
    monkeypatch.setattr(audit, "ask", lambda *_: None)
    assert audit.main() == 0
    assert "Nothing has been checked" in capsys.readouterr().out
    monkeypatch.setattr(audit, "ask", lambda _, service: {"dependencies": [HELD]} if service == "osv" else {"dependencies": [UNKNOWN]})
    assert audit.main() == 1


def test_what_is_accepted_has_a_reason():
    assert all(len(why) > 10 for why in audit.ACCEPTED.values())
