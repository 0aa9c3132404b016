"""The prose: every page has its own, under the headings that the page asks for, in the colours of the law."""

import ast
import re
from pathlib import Path

import pytest

from core.figures.palette import PALETTE
from ui import narrative, shell

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "narrative"
PAGES = [room.file for room in (shell.HOME, *shell.ROOMS)]


def prose(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def asked(page: str) -> list[tuple[str, str]]:
    """(page, section) of every call of narrative.show or narrative.rest in a page's source, names of constants looked up."""
    tree = ast.parse((ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8"))
    constants: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            (target,), value = node.targets, node.value
            pairs = zip(target.elts, value.elts, strict=True) if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) else [(target, value)]
            constants |= {a.id: b.value for a, b in pairs if isinstance(a, ast.Name) and isinstance(b, ast.Constant)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("narrative.show", "narrative.rest"):
            texts = [constants[arg.id] if isinstance(arg, ast.Name) else ast.literal_eval(arg) for arg in node.args]
            found.append((str(texts[0]), str(texts[1]) if len(texts) > 1 else ""))
    return found


def test_the_labs_prose_is_all_there_and_no_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(PAGES)


def test_every_room_is_a_page_and_every_page_a_room():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(PAGES)
    assert len({room.title for room in (shell.HOME, *shell.ROOMS)}) == len(PAGES)
    for room in (shell.HOME, *shell.ROOMS):
        assert re.fullmatch(r":material/[a-z0-9_]+:", room.icon)
        assert room.line.endswith(".")
        assert re.fullmatch(r"[a-z][a-z0-9_]*", room.file), "it is part of an address"


@pytest.mark.parametrize("page", PAGES)
def test_every_heading_that_a_page_asks_for_exists_and_it_asks_for_its_own_file(page):
    calls = asked(page)
    assert calls, "a page without prose"
    for file, section in calls:
        assert file == page
        assert section in narrative.sections(page), section


@pytest.mark.parametrize("page", PAGES)
def test_every_section_has_one_heading_and_is_shown(page):
    headings = re.findall(r"^## +(.+)$", prose(page), flags=re.MULTILINE)
    assert len(headings) == len(set(headings))
    sections = narrative.sections(page)
    assert list(sections) == ["", *headings]
    assert sections[""], "the first words of a page stand before any heading"
    shown = {section for _, section in asked(page)}
    empty = {title for title, body in sections.items() if not body}
    assert empty <= shown, "a heading without text belongs to a chart that the page shows"
    folded = "narrative.rest(" in (ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")
    assert folded or set(headings) <= shown, "what has text of its own is shown, open or folded at the end"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_lost_between_the_file_and_its_sections(page):
    words = [word for title, body in narrative.sections(page).items() for word in f"{title} {body}".split()]
    assert words == [word for line in prose(page).splitlines() for word in re.sub(r"^## +", "", line).split()]


@pytest.mark.parametrize("page", PAGES)
def test_coloured_words_use_the_law_and_every_tag_is_closed(page):
    text = prose(page)
    for name in re.findall(r'class="([^"]*)"', text):
        assert re.fullmatch(r"law-\w+", name)
        assert name.removeprefix("law-") in PALETTE
    assert text.count("<span") == text.count("</span>")
    tags = set(re.findall(r"</?([a-zA-Z]+)", text))
    assert tags <= {"span"}, "the prose is rendered as HTML; anything else but a coloured word has no place in it"


@pytest.mark.parametrize("page", PAGES)
def test_formulas_are_closed_and_sentences_are_joined_without_long_dashes(page):
    text = prose(page)
    assert text.replace(r"\$", "").count("$") % 2 == 0
    assert "—" not in text
    assert text.count("**") % 2 == 0
    assert text.count("`") % 2 == 0
    assert text.endswith("\n")


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_prose_stay_in_the_lab(page):
    """Students may have no network beyond the lab's: nothing in the prose may need one, and what it points to must exist."""
    text = prose(page)
    assert "://" not in text
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / "assets" / target).exists() or target.strip("/") in PAGES, target


def test_a_page_names_its_presets_only_as_they_are_called():
    from core.specs import DIAMOND_CIRCLE_PRESETS

    tried = re.findall(r"^\d+\. \*\*(.+?)\.?\*\*", narrative.sections("diamond_and_circle")["Things to try"], flags=re.MULTILINE)
    titles = {title.lower() for title in DIAMOND_CIRCLE_PRESETS}
    assert len({name.lower() for name in tried} & titles) >= 3, "most things to try begin at a preset"
