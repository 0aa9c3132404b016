"""A lesson in three browsers: a teacher and two students, from the code on the wall to the reveal, and everybody's way out."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from core import lessons
from core.specs import StepByStepSpec
from tests.browser.driving import CHARTS, GO, until, visit, wear
from tests.core.test_classroom import read_qr
from tests.servers import running

pytestmark = pytest.mark.browser
LAB = "step_by_step"  # without 3-D views, which three browsers on one machine draw slowly
ASKED = lessons.ask(LAB, 1, StepByStepSpec())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(env={"LAB_CLASS": f"sqlite:///{tmp_path_factory.mktemp('class') / 'rooms.sqlite'}"}) as url:
        yield url


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, chromium: Browser, width: int = 1280, height: int = 900) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(90_000)
        self.errors: list[str] = []
        self.heard: list[dict] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", self._listen)

    def _listen(self, socket) -> None:
        if "/lab/class/" in socket.url:
            socket.on("framereceived", lambda text: self.heard.append(json.loads(text)))

    def words(self) -> str:
        return self.page.locator("[data-testid=stMain]").inner_text()

    def strip(self) -> str:
        return self.page.locator(".lab-class").inner_text()

    def place(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.page.url)
        return parts.path.strip("/"), {key: value[0] for key, value in parse_qs(parts.query).items()}

    def goes(self, page: str, **query: str) -> bool:
        def there() -> bool:
            now, given = self.place()
            return now == page and all(given.get(key) == value for key, value in query.items())

        return until(there, 90, self.page)

    def says(self, text: str) -> bool:
        return until(lambda: text in self.words(), 90, self.page)

    def draws(self) -> bool:
        """Wait until the lab's charts are drawn; three browsers share this machine with whatever else runs on it."""
        return until(lambda: self.page.locator(".lab-chart[data-drawn]").count() >= CHARTS[LAB], 90, self.page)

    def press(self, key: str) -> None:
        # Streamlit draws a button with a tip twice, one of them for phones.
        self.page.locator(f".st-key-{key} button:visible").first.click()

    def open(self, name: str) -> None:
        self.page.locator("[data-testid=stSidebar]").get_by_role("link", name=name).click()


def modules(page: Page) -> list[list[bool]]:
    """The dark modules of the picture as it is painted, from a screenshot's points: what a camera on it would see."""
    picture = page.locator(".lab-qr")
    picture.scroll_into_view_if_needed()
    size = int(picture.get_attribute("viewBox").split()[2])
    shot = picture.screenshot()
    script = """async ([shot, size]) => {
      const image = await createImageBitmap(await (await fetch("data:image/png;base64," + shot)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
      pen.drawImage(image, 0, 0);
      return Array.from({length: size}, (_, y) => Array.from({length: size}, (_, x) =>
        pen.getImageData((x + 0.5) * image.width / size, (y + 0.5) * image.height / size, 1, 1).data[1] < 128));
    }"""
    grid = page.context.new_page()
    found = grid.evaluate(script, [base64.b64encode(shot).decode(), size])
    grid.close()
    return [row[4:-4] for row in found[4:-4]]


def violations(page: Page) -> list:
    return [(each["id"], node["html"][:200]) for each in Axe().run(page).response["violations"] for node in each["nodes"]]


def test_a_lesson_from_the_code_on_the_wall_to_the_way_out(chromium, site):
    teacher, one, other = Visitor(chromium, 1600, 1000), Visitor(chromium), Visitor(chromium, 390, 800)
    everybody = (teacher, one, other)

    # The code, the link and the picture.
    visit(teacher.page, f"{site}/class_room")
    teacher.press("lab-class-open")
    teacher.page.locator(".lab-class-code").wait_for()
    code = teacher.page.locator(".lab-class-code").inner_text()
    link = teacher.page.locator("[data-testid=stCode]").inner_text().strip()
    assert link == f"{site}/class_room?lab_room={code}"
    assert teacher.goes("class_room", lab_room=code), "so that a reload finds it"
    for scheme in ("light", "dark"):
        wear(teacher.page, scheme)
        assert read_qr(modules(teacher.page)) == link, scheme
        assert violations(teacher.page) == []

    # Joined by the link, and by the code.
    visit(one.page, link)
    visit(other.page, f"{site}/class_room")
    other.page.get_by_label("Code", exact=True).fill(code.lower())
    other.page.keyboard.press("Enter")
    for each in (one, other):
        assert each.says("Wait for your teacher")
        assert until(lambda each=each: each.strip() == f"Class {code} · following", 90, each.page)
    assert until(lambda: teacher.strip().endswith("2 screens here"), 90, teacher.page)

    # Followed to another page and through a slider, without the page being loaded anew.
    for each in (one, other):
        each.page.evaluate("window.same = true")
    teacher.open("Step by step")
    assert teacher.draws()
    for each in (one, other):
        assert each.goes(LAB, lab_room=code)
        assert each.draws()
    teacher.page.evaluate(GO, ["step", 3, True])
    assert until(lambda: "st_step" in teacher.place()[1], 90, teacher.page)
    step = teacher.place()[1]["st_step"]
    for each in (one, other):
        assert each.goes(LAB, st_step=step), "the very same number"
        assert until(lambda each=each: each.page.locator(".lab-scrub input").input_value() == "3", 90, each.page)
        assert each.page.evaluate("window.same"), "no page was loaded"

    # A slider's step is shown before the script has run: hundreds of runs take their time.
    one.page.evaluate("() => { window.sends = WebSocket.prototype.send; WebSocket.prototype.send = () => {}; }")
    teacher.page.evaluate(GO, ["step", 5, True])
    assert until(lambda: one.page.locator(".lab-scrub input").input_value() == "5", 90, one.page)
    assert one.place()[1]["st_step"] == step
    one.page.evaluate("() => { WebSocket.prototype.send = window.sends; }")
    assert one.goes(LAB, st_step=teacher.place()[1]["st_step"]), "and it asks again for the run that was lost"
    assert one.page.locator(".lab-scrub input").input_value() == "5"

    # Free, and back.
    one.page.locator(f".st-key-lab-class-follows-{code} label").first.click()
    assert until(lambda: one.strip() == f"Class {code} · on your own", 90, one.page)
    one.open("Home")
    assert one.goes("", lab_room=code)
    teacher.press("st-preset-1")
    assert until(lambda: other.place()[1].get("st_steps") == teacher.place()[1].get("st_steps") is not None, 90, other.page)
    assert one.place()[0] == ""
    one.page.locator(f".st-key-lab-class-follows-{code} label").first.click()
    assert one.goes(LAB, st_steps=teacher.place()[1]["st_steps"])
    teacher.press("st-reset")
    assert until(lambda: "st_steps" not in teacher.place()[1], 90, teacher.page)

    # A question: sent, seen as counts, and nothing of the truth anywhere.
    teacher.press("st-predict")
    truth = ASKED.shown(ASKED.truth)
    for each in (one, other):
        assert each.goes(LAB, stq_on="1")
        assert each.says("nobody sees whose it is")
    assert teacher.says("Nobody has answered yet.")
    for each, steps in ((one, 3), (other, 40)):
        slider = each.page.locator(".st-key-st-q-answer").get_by_role("slider")
        slider.focus()
        for _ in range(steps):
            each.page.keyboard.press("ArrowRight")
        answer = ASKED.values[ASKED.values.index(ASKED.start) + steps]
        assert until(
            lambda each=each, slider=slider, answer=answer: ASKED.shown(answer) in each.page.locator(".st-key-st-q-answer").inner_text(),
            page=each.page,
        )
        each.page.wait_for_timeout(500)
        each.press("st-q-reveal")
        assert each.says(f"Sent: {ASKED.shown(answer)}")
    figure = teacher.page.locator(".lab-tally")
    assert until(lambda: figure.get_attribute("data-answers") == "2", 90, teacher.page)
    assert "2 answers from" in figure.inner_text()
    assert figure.locator(".lab-dot").count() == 2
    assert figure.locator(".lab-truth").count() == 0
    assert len(figure.locator("svg").get_attribute("aria-label")) > 40
    for each in everybody:
        assert ASKED.reason[:40] not in each.words()
        assert "the answer" not in figure.inner_text()
    for each in (one, other):
        assert each.page.locator(".lab-tally").count() == 0
        assert {key for said in each.heard for key in said} == {"version", "page", "at", "rest"}, "no count reaches a student's browser"
    assert violations(teacher.page) == []

    # A reload of the teacher's browser, and of a student's.
    teacher.page.reload()
    assert teacher.draws()
    assert until(lambda: "shows what you do" in teacher.strip(), 90, teacher.page)
    assert until(lambda: figure.count() == 1 and figure.get_attribute("data-answers") == "2", 90, teacher.page)
    one.page.reload()
    assert one.says("Sent: ")

    # The reveal.
    teacher.press("st-q-tell")
    assert until(lambda: figure.locator(".lab-truth").count() == 1, 90, teacher.page)
    assert figure.get_attribute("data-truth") == truth
    for each, steps in ((one, 3), (other, 40)):
        score = ASKED.score(ASKED.values[ASKED.values.index(ASKED.start) + steps])
        assert each.says(f"{score.points} of 100 points.")
        assert f"it is {truth}" in each.words()
    wear(teacher.page, "dark")
    assert violations(teacher.page) == []

    # The way out, one by himself and all others with the end of the class.
    one.press("lab-class-leave")
    assert until(lambda: one.place()[1].get("lab_room") is None, 90, one.page)
    assert until(lambda: one.page.locator(".st-key-lab-class-leave").count() == 0, 90, one.page)
    teacher.open("Class room")
    teacher.press("lab-class-close")
    assert teacher.says("is closed, and all that was answered in it is deleted")
    assert other.says(f"The class in {code} is over")
    assert until(lambda: other.place()[1].get("lab_room") is None, 90, other.page)
    assert other.place()[0] == LAB, "and stays where it is"
    assert teacher.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('lab-class')).length") == 0
    for each in everybody:
        assert each.errors == []
        each.context.close()
