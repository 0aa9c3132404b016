"""Own data in a real browser: brought by keyboard, by paste and from a disk, looked at on a phone, absent from the page's address and the log."""

import csv
import io
import random
import re
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, settle, visit
from tests.servers import free_port, started

pytestmark = pytest.mark.browser

LAB = "shrinkage_paths"
SECRET = "geheim"
NUMBER = "31.4159265"
ALL_DRAWN = "(n) => document.querySelectorAll('.lab-chart[data-drawn]').length === n && !document.querySelector('#lab-wait')"


def table(rows=60):
    draw = random.Random(1)
    lines = [f"{SECRET} length;{SECRET} width;town;=1+1"]
    for k in range(rows):
        a, b, town = draw.gauss(0, 1), draw.gauss(0, 1), ("Bonn", "Köln", "Ulm")[k % 3]
        lines.append(f"{a:.4f};{b:.4f};{town};{2 * a - b + (town == 'Ulm') + draw.gauss(0, 0.3):.4f}")
    lines[5] = f"{NUMBER};1.0;Bonn;{NUMBER}"
    return "\n".join(lines)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / f"{SECRET}.csv"
    file.write_bytes(table().encode("cp1252"))
    return file


def paste(page, text):
    box = page.get_by_role("textbox", name="Or paste one")
    box.focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Tab")
    settle(page)
    page.get_by_role("button", name="Read this text").press("Enter")


def use(page):
    button = page.get_by_role("button", name="Use these data")
    button.wait_for()
    settle(page)
    button.press("Enter")
    page.get_by_text("Your own data: ").first.wait_for()
    settle(page, CHARTS[LAB])


def names(page):
    return page.evaluate("() => [...document.querySelectorAll('.lab-chart')].map((each) => each.textContent).join(' ')")


def test_a_table_is_pasted_used_and_forgotten_by_keyboard(server, page):
    visit(page, f"{server}/{LAB}?sh_data=own", CHARTS[LAB])
    paste(page, table())
    page.get_by_role("region", name="The first 8 of 60 rows").wait_for()
    assert SECRET not in names(page)
    use(page)
    page.wait_for_function(f"() => [...document.querySelectorAll('.lab-chart')].some((each) => each.textContent.includes('{SECRET}'))")
    assert SECRET not in page.url
    page.get_by_text("Your own data: ").first.click()
    page.get_by_role("button", name="Forget my data").press("Enter")
    page.get_by_text("a link has none of it").wait_for()
    settle(page, CHARTS[LAB])
    page.wait_for_function(f"() => ![...document.querySelectorAll('.lab-chart')].some((each) => each.textContent.includes('{SECRET}'))")


def test_the_address_keeps_the_choice_and_nothing_of_the_data_and_a_reload_asks_again(server, page, path):
    visit(page, f"{server}/{LAB}?sh_data=own&sh_penalty=Ridge", CHARTS[LAB])
    page.locator("input[type=file]").set_input_files(str(path))
    use(page)
    found = parse_qs(urlsplit(page.url).query)
    assert found["sh_data"] == ["Your own"]
    assert not re.search(f"{SECRET}|town|{NUMBER}", page.url)
    page.reload()
    settle(page, CHARTS[LAB])
    page.get_by_text("a link has none of it").wait_for()
    assert SECRET not in names(page)


def test_back_is_the_page_before_and_the_data_are_still_there_on_the_way_forward(server, page, path):
    visit(page, f"{server}/{LAB}?sh_data=own", CHARTS[LAB])
    page.locator("input[type=file]").set_input_files(str(path))
    use(page)
    page.get_by_role("link", name="Diamond and circle").click()
    page.wait_for_url("**/diamond_and_circle*")
    settle(page, CHARTS["diamond_and_circle"])
    page.go_back()
    page.wait_for_url(f"**/{LAB}*")
    settle(page, CHARTS[LAB])
    page.get_by_text("Your own data: ").first.wait_for()
    page.wait_for_function(f"() => [...document.querySelectorAll('.lab-chart')].some((each) => each.textContent.includes('{SECRET}'))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_preview_stays_within_the_page_and_axe_finds_nothing(server, chromium, path, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    visit(page, f"{server}/{LAB}?sh_data=own", CHARTS[LAB])
    page.locator("input[type=file]").set_input_files(str(path))
    preview = page.get_by_role("region", name="The first 8 of 60 rows")
    preview.wait_for()
    settle(page, CHARTS[LAB])
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for cell in preview.locator("th").all():
        assert cell.evaluate("each => each.scrollWidth <= each.clientWidth + 1"), cell.inner_text()
    found = Axe().run(page, context={"include": [["[class*='st-key-lab-own-box']"]]}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    context.close()


def test_a_file_that_is_no_table_is_explained_and_one_that_is_too_large_too(server, page, tmp_path):
    visit(page, f"{server}/{LAB}?sh_data=own", CHARTS[LAB])
    page.locator("input[type=file]").set_input_files({"name": "book.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + b"0" * 999})
    page.get_by_text("save the sheet as CSV").first.wait_for()
    large = tmp_path / "large.csv"
    large.write_bytes(b"1,2,3\n" * 600_000)
    page.locator("input[type=file]").set_input_files(str(large))
    page.get_by_text(re.compile("File must be 2.*MB or smaller|exceed|too large", re.IGNORECASE)).first.wait_for()
    settle(page, CHARTS[LAB])
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_page_built_on_own_data_is_one_file_that_gives_them_back_without_a_network(server, chromium, page, path, tmp_path):
    visit(page, f"{server}/{LAB}?sh_data=own", CHARTS[LAB])
    page.locator("input[type=file]").set_input_files(str(path))
    use(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="This page as a file").click()
    saved = tmp_path / "page.html"
    download.value.save_as(saved)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_offline(True)
    alone, wrong = context.new_page(), []
    alone.on("pageerror", lambda error: wrong.append(str(error)))
    alone.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    alone.on("request", lambda request: None if request.url.startswith(("file:", "blob:", "data:")) else wrong.append(request.url))
    alone.goto(saved.as_uri())
    alone.wait_for_function(ALL_DRAWN, arg=CHARTS[LAB], timeout=60_000)
    assert SECRET in alone.evaluate("() => document.querySelector('.lab-chart').textContent")
    assert "are in this file" in alone.locator("#lab-data").inner_text()
    with alone.expect_download() as given:
        alone.get_by_role("link", name="Save them as data.csv").click()
    assert given.value.suggested_filename == "data.csv"
    rows = list(csv.reader(io.StringIO(Path(given.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) == 61
    assert rows[0] == [f"{SECRET} length", f"{SECRET} width", "town = Köln", "town = Ulm", "'=1+1"]
    assert rows[5][0] == NUMBER
    assert Axe().run(alone).response["violations"] == []
    assert wrong == []
    context.close()


def test_what_the_server_writes_has_nothing_of_the_data(chromium, path, tmp_path):
    log, port = tmp_path / "server.log", free_port()
    streamlit = f"{sys.executable} -m streamlit run app.py --server.address 127.0.0.1 --server.port {port} --logger.level debug"
    command = ["sh", "-c", f"exec {streamlit} > {log} 2>&1"]
    with started(command, {"LAB_PLACES": "0"}, f"http://127.0.0.1:{port}") as (_, url):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        visit(page, f"{url}/{LAB}?sh_data=own", CHARTS[LAB])
        page.locator("input[type=file]").set_input_files(str(path))
        use(page)
        page.get_by_role("link", name="Training").click()
        page.wait_for_url("**/training*")
        settle(page)
        page.goto(f"{url}/{LAB}?sh_data={SECRET}")
        settle(page)
        context.close()
        time.sleep(1)
    written = log.read_text(encoding="utf-8", errors="replace")
    for word in (SECRET, NUMBER, "Köln", "town"):
        assert word not in written
