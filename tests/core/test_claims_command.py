"""`make claims`: every verdict with its numbers, the same twice; wrong numbers are refused with a sentence."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from core.claims.__main__ import main
from core.claims.catalogue import CLAIMS

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = ["40", "11", "5"]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Return what two runs print, and the table of the second."""
    table = tmp_path_factory.mktemp("claims") / "claims.csv"
    outs = []
    for arguments in (QUICK, [*QUICK, "--csv", str(table), "--processes", "1"]):
        command = [sys.executable, "-m", "core.claims", *arguments]
        outs.append(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300).stdout)
    return outs, table


def test_two_runs_say_the_same_whatever_runs_beside_what(printed):
    (one, other), _ = printed
    assert one == other


def test_every_claim_is_told_with_its_verdict_its_quantities_and_what_was_asked(printed):
    (said, _), _ = printed
    for number in map(int, QUICK):
        claim = CLAIMS[number]
        assert f"{number:2} {claim.source}  " in said
        assert claim.statement in said
        for quantity in claim.quantities.values():
            assert quantity.label in said
    assert "asked: at least" in said
    assert sum(int(part.split()[0]) for part in said.strip().splitlines()[-1].split(", ")) == len(QUICK)


def test_the_table_has_the_numbers(printed):
    _, table = printed
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [int(row["claim"]) for row in rows] == sorted(int(row["claim"]) for row in rows)
    assert {int(row["claim"]) for row in rows} == set(map(int, QUICK))
    for row in rows:
        assert float(row["least"]) <= float(row["mean"]) <= float(row["most"])


@pytest.mark.parametrize("arguments", [["99"], ["7", "--draw", "-1"], ["seven"]])
def test_what_cannot_be_run_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error" in capsys.readouterr().err
