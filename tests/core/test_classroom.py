"""A class room's pure parts: codes, places that a link could name, questions without their truth, and counts that say nothing but counts."""

import json
import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classroom.room import (
    LENGTH,
    LETTERS,
    LONGEST_QUERY,
    Form,
    Place,
    code_of,
    hashed,
    lesson_keys,
    new_code,
    new_key,
    new_participant,
    opens,
    place_of,
)
from core.classroom.tally import MOST_BARS, at_rank, parts, tally
from core.errors import InvalidInput
from core.export import qr
from core.lessons import STORIES, asked
from core.specs import LABS, DiamondCircleSpec
from ui.class_room import form_of
from ui.links import query_of

NUMBERS = Form("training.1.0a1b", tuple(i / 50 for i in range(151)), unit=" %")
SIZES = Form("training.2.0a1b", tuple(float(f"{10 ** (i / 9):.4g}") for i in range(40)), logarithmic=True)
CHOICE = Form("dropout.3.ffff", options=(("a", "the first"), ("b", "the second"), ("c", "neither")))
FORMS = (NUMBERS, SIZES, CHOICE)


# ------------------------------------------------------------------------------------------------------------- codes and keys


def test_codes_are_of_letters_that_nobody_mistakes_and_hardly_ever_the_same():
    codes = {new_code() for _ in range(2000)}
    assert len(codes) > 1990
    assert all(len(code) == LENGTH and set(code) <= set(LETTERS) for code in codes)
    assert set(LETTERS).isdisjoint("AEIOUILQV01")
    assert set("".join(codes)) == set(LETTERS)


@given(st.text(alphabet=LETTERS, min_size=LENGTH, max_size=LENGTH), st.data())
def test_a_code_is_read_however_it_is_typed(code, data):
    typed = "".join(data.draw(st.sampled_from(("", " ", "-", "\t"))) + data.draw(st.sampled_from((letter, letter.lower()))) for letter in code)
    assert code_of(f" {typed} ") == code


@given(st.text(max_size=60))
def test_what_is_no_code_is_refused_in_a_sentence_that_quotes_no_more_than_a_little(text):
    if re.fullmatch(f"[{LETTERS}]{{{LENGTH}}}", re.sub(r"[\s-]", "", text).upper()):
        return
    with pytest.raises(InvalidInput) as refusal:
        code_of(text)
    assert len(str(refusal.value)) < 250
    assert refusal.value.what.count("`") == 2, "a stranger's text stands in a code span"


def test_a_key_opens_what_was_kept_of_it_and_no_other_does():
    key, other = new_key(), new_key()
    kept = hashed(key)
    assert opens(key, kept)
    assert not opens(other, kept)
    assert not opens("", kept)
    assert not opens(kept, kept)
    assert key not in kept
    assert len({new_participant() for _ in range(500)}) == 500


# ------------------------------------------------------------------------------------------------------------------- the place


@pytest.mark.parametrize("page", LABS)
def test_a_place_says_every_setting_and_reads_back_what_a_page_had(page):
    kind = LABS[page]
    for step in (*STORIES.get(page, ()),):
        place = place_of(page, query_of(step.spec), {lesson_keys(kind)[0]: "2", lesson_keys(kind)[1]: ""})
        assert kind(**place.values()) == step.spec
        assert place.lesson() == {lesson_keys(kind)[0]: "2", lesson_keys(kind)[1]: ""}
    assert kind(**Place(page).values()) == kind()


def test_what_a_stranger_puts_into_a_place_is_left_at_its_default():
    assert Place("diamond_and_circle", "dc_tilt=40&" * 300).values()["tilt"] == DiamondCircleSpec().tilt
    query = "dc_tilt=steep&dc_lam=1e999&dc_axis=budget&dc_axis=lambda&dc_unknown=1&dcq_on=%3Cb%3E&dcs_step=1000&__class__=x&dc_penalty=L2"
    place = Place("diamond_and_circle", query)
    assert DiamondCircleSpec(**place.values()) == DiamondCircleSpec(penalty="l2")
    assert place.lesson() == {"dcq_on": "", "dcs_step": ""}
    assert Place("no_page_of_ours", "a=1").values() == {}


@given(st.text(max_size=300))
def test_any_query_gives_settings_that_exist(text):
    values = Place("diamond_and_circle", text).values()
    assert set(values) == set(DiamondCircleSpec.knobs())
    for name, value in values.items():
        assert DiamondCircleSpec.knobs()[name].clean(value, name) == value


@pytest.mark.parametrize(
    ("page", "query", "show"),
    [("../etc/passwd", "", ""), ("Home", "", ""), ("a" * 50, "", ""), ("home", "a" * (LONGEST_QUERY + 1), ""), ("home", "", "b" * 1001)],
)
def test_a_place_that_no_page_makes_is_refused(page, query, show):
    with pytest.raises(InvalidInput):
        Place(page, query, show)


def test_texts_of_others_are_carried_as_they_are_and_cut_where_they_are_endless():
    place = place_of("home", "", {}, "tilt.lam", "x" * 5000)
    assert place.show == "tilt.lam"
    assert len(place.lock) == 1000


# -------------------------------------------------------------------------------------------------------------- questions, counts


@pytest.mark.parametrize("page", STORIES)
def test_every_question_of_every_lab_can_be_asked_of_a_class_without_its_truth(page):
    for which, each in enumerate(asked(page, LABS[page]()), 1):
        form = form_of(page, which, each)
        said = json.dumps(asdict(form))
        answers = [key for key, _ in each.options] or list(each.values)
        assert [form.read(form.written(answer)) for answer in answers] == answers
        assert set(asdict(form)) == {"name", "values", "options", "unit", "logarithmic"}
        assert each.reason not in said


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0, 3.01, 0.011, "a", "", "0.02"])
def test_an_answer_that_no_slider_gives_is_refused(wrong):
    with pytest.raises(InvalidInput):
        NUMBERS.written(wrong)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "x", "1e400", "0.011", "a", "<b>", "0x1", "9" * 5000])
def test_a_kept_text_that_is_no_answer_is_not_counted(text):
    assert NUMBERS.read(text) is None
    assert tally(NUMBERS, [text, "0.5"]).answers == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "no name"},
        {"name": "a.1.0000"},
        {"name": "a.1.0000", "values": (1.0, 1.0)},
        {"name": "a.1.0000", "values": (1.0, float("nan"))},
        {"name": "a.1.0000", "values": (1.0,), "options": (("a", "b"),)},
        {"name": "a.1.0000", "options": (("a" * 41, "b"),)},
        {"name": "a.1.0000", "options": tuple((str(i), "b") for i in range(30))},
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(fields):
    with pytest.raises(InvalidInput):
        Form(**fields)


@st.composite
def answered(draw):
    form = draw(st.sampled_from(FORMS))
    given_ = form.values or [key for key, _ in form.options]
    return form, [form.written(answer) for answer in draw(st.lists(st.sampled_from(given_), max_size=300))]


@given(answered(), st.randoms())
def test_bars_hold_every_answer_once_and_nothing_tells_whose_it_is(pair, random):
    form, texts = pair
    found = tally(form, texts)
    assert sum(bar.count for bar in found.bars) == found.answers == len(texts)
    if form.options:
        assert [bar.label for bar in found.bars] == [said for _, said in form.options]
        assert found.points == ()
    else:
        assert sum(count for _, count in found.points) == len(texts)
        for bar in found.bars:
            assert bar.count == sum(bar.low <= float(text) <= bar.high for text in texts)
    mixed = list(texts)
    random.shuffle(mixed)
    assert tally(form, mixed) == found, "the order in which answers came says nothing"
    assert set(asdict(found)) == {"bars", "points", "answers", "sentence"}


@given(st.integers(1, 400), st.integers(1, 40))
def test_a_sliders_values_are_cut_into_runs_that_leave_none_out(count, most):
    values = tuple(map(float, range(count)))
    cut = parts(values, most)
    assert sum(cut, ()) == values
    assert len(cut) <= most
    assert len({len(run) for run in cut[:-1]}) <= 1


def test_no_question_of_any_lab_has_more_bars_than_can_be_told_apart():
    for page in STORIES:
        for each in asked(page, LABS[page]()):
            assert len(tally(form_of(page, 1, each), ()).bars) <= max(MOST_BARS, len(each.options))


@given(st.lists(st.sampled_from(NUMBERS.values), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_the_value_at_a_rank_is_the_least_that_a_share_does_not_exceed(values, share):
    ordered = tuple((value, values.count(value)) for value in sorted(set(values)))
    found = at_rank(ordered, share)
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@pytest.mark.parametrize(
    ("form", "texts", "sentence"),
    [
        (NUMBERS, [], "Nobody has answered yet."),
        (NUMBERS, ["0.5"], "1 answer."),
        (NUMBERS, ["0.5"] * 3, "3 answers, all 0.5 %."),
        (NUMBERS, ["0.5", "1.0"], "2 answers from 0.5 to 1 %."),
        (NUMBERS, ["0.0", "0.5", "0.6", "2.0"], "4 answers from 0 to 2 %; the middle half from 0 to 0.6, the middle one 0.5 %."),
        (CHOICE, [], "Nobody has answered yet."),
        (CHOICE, ["a"], "1 answer."),
        (CHOICE, ["a", "a"], "2 answers, all the first."),
        (CHOICE, ["a", "b"], "2 answers; most say the first or the second, 1 each."),
        (CHOICE, ["a", "a", "b"], "3 answers; 2 of 3 say the first."),
    ],
)
def test_the_sentence_says_what_the_answers_are(form, texts, sentence):
    assert tally(form, texts).sentence == sentence


# ----------------------------------------------------------------------------------------------------------------- the picture

ALIGN = {1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34)}
# ISO/IEC 18004, table 9: (codewords of data in each block) for versions 1 to 6 at levels L, M, Q, H.
BLOCKS = {
    ("L", 1): (19,), ("L", 2): (34,), ("L", 3): (55,), ("L", 4): (80,), ("L", 5): (108,), ("L", 6): (68, 68),
    ("M", 1): (16,), ("M", 2): (28,), ("M", 3): (44,), ("M", 4): (32, 32), ("M", 5): (43, 43), ("M", 6): (27, 27, 27, 27),
    ("Q", 1): (13,), ("Q", 2): (22,), ("Q", 3): (17, 17), ("Q", 4): (24, 24), ("Q", 5): (15, 15, 16, 16), ("Q", 6): (19, 19, 19, 19),
    ("H", 1): (9,), ("H", 2): (16,), ("H", 3): (13, 13), ("H", 4): (9, 9, 9, 9), ("H", 5): (11, 11, 12, 12), ("H", 6): (15, 15, 15, 15),
}  # fmt: skip
MASKS = (
    lambda y, x: (y + x) % 2, lambda y, x: y % 2, lambda y, x: x % 3, lambda y, x: (y + x) % 3, lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: (y * x) % 2 + (y * x) % 3, lambda y, x: ((y * x) % 2 + (y * x) % 3) % 2, lambda y, x: ((y + x) % 2 + (y * x) % 3) % 2,
)  # fmt: skip


def read_qr(modules) -> str:
    """What a camera reads, without correcting errors: written from the standard, so that it shares nothing with what draws the picture."""
    size = len(modules)
    version = (size - 17) // 4
    bits = [modules[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [modules[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    kind = sum(bit << (14 - i) for i, bit in enumerate(bits)) ^ 0b101010000010010
    level, mask = "MLHQ"[kind >> 13], MASKS[(kind >> 10) & 7]
    fixed = {(y, x) for y in range(9) for x in (*range(9), *range(size - 8, size))} | {(y, x) for y in range(size - 8, size) for x in range(9)}
    fixed |= {(6, i) for i in range(size)} | {(i, 6) for i in range(size)}
    centres = [(y, x) for y in ALIGN[version] for x in ALIGN[version] if (y, x) not in ((6, 6), (6, size - 7), (size - 7, 6))]
    fixed |= {(cy + dy, cx + dx) for cy, cx in centres for dy in range(-2, 3) for dx in range(-2, 3)}
    stream, up = [], True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for y in range(size - 1, -1, -1) if up else range(size):
            stream += [modules[y][x] ^ (mask(y, x) == 0) for x in (right, right - 1) if (y, x) not in fixed]
        up = not up
    words = [sum(bit << (7 - i) for i, bit in enumerate(stream[at : at + 8])) for at in range(0, len(stream) - 7, 8)]
    sizes = BLOCKS[level, version]
    blocks, at = [[] for _ in sizes], iter(words)
    for i in range(max(sizes)):
        for block, length in zip(blocks, sizes, strict=True):
            if i < length:
                block.append(next(at))
    data = "".join(f"{word:08b}" for block in blocks for word in block)
    assert data[:4] == "0100", "bytes"
    count = int(data[4:12], 2)
    return bytes(int(data[12 + 8 * i : 20 + 8 * i], 2) for i in range(count)).decode("latin-1")


def dark(svg: str) -> list[list[bool]]:
    """The modules that an SVG of ours draws, without the quiet zone."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    grid = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+),(\d+)h(\d+)v1h-\d+z", svg.partition('fill="#000"')[2]):
        for i in range(int(width)):
            grid[int(y)][int(x) + i] = True
    assert not any(grid[y][x] for y in range(size) for x in range(size) if not (4 <= y < size - 4 and 4 <= x < size - 4)), "the quiet zone is quiet"
    return [row[4 : size - 4] for row in grid[4 : size - 4]]


@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:8501/", "https://lab.example.org/class/lab/", "http://10.0.0.7/", "https://a-rather-long-name.school.example/"]
)
def test_a_camera_reads_the_very_link(root):
    link = f"{root}class_room?lab_room={new_code()}"
    picture = qr.picture(link, 'a "picture"')
    assert read_qr(dark(picture)) == link
    assert 'aria-label="a &quot;picture&quot;"' in picture
