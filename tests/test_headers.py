"""Who may frame the lab: what the setting may be, what a browser is told, and that a server with a wrong one does not start."""

import asyncio
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from tests.servers import ROOT, free_port, get, running
from ui.headers import VARIABLE, Framing, frame_ancestors

LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?", fullmatch=True)
ORIGINS = st.builds(
    lambda scheme, star, labels, port: f"{scheme}://{star}{'.'.join(labels)}{port}",
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "*."]),
    st.lists(LABELS, min_size=1, max_size=4),
    st.one_of(st.just(""), st.just(":*"), st.integers(1, 65535).map(":{}".format)),
)
WRONG = (
    "moodle.example.org",
    "https://moodle.example.org/course",
    "https://a.org, https://b.org",
    "https://a.org;script-src *",
    "https://a.org\nX-Other: 1",
    "'unsafe-inline'",
    "https:",
    "https://*",
    "https://a.*.org",
    "ftp://a.org",
    "https://-a.org",
    "'none' https://a.org",
    "* https://a.org",
    "https://a.org:0",
    "https://ä.org",
)


def answered(ancestors, content_type, headers=()):
    """Return the headers that a request gets whose answer has a content type."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", content_type.encode()), *headers]})
        await send({"type": "http.response.body", "body": b""})

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Framing(app, ancestors)({"type": "http"}, None, send))
    return [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]


@given(st.lists(ORIGINS, min_size=1, max_size=4))
def test_origins_are_taken_as_they_are_written(origins):
    assert frame_ancestors({VARIABLE: "  ".join(origins)}) == " ".join(origins)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "'self'"),
        ("   ", "'self'"),
        ("self", "'self'"),
        ("'none'", "'none'"),
        ("NONE", "'none'"),
        ("*", "*"),
        ("self https://a.org", "'self' https://a.org"),
    ],
)
def test_words_with_and_without_their_quotes(given, said):
    assert frame_ancestors({VARIABLE: given}) == said
    assert frame_ancestors({}) == "'self'"


@pytest.mark.parametrize("given", [each for each in WRONG if "\n" not in each])
def test_anything_else_is_refused_in_a_sentence(given):
    with pytest.raises(InvalidInput, match=r"LAB_FRAME_ANCESTORS.*allowed is.*Name the course site"):
        frame_ancestors({VARIABLE: given})


@given(st.text())
def test_whatever_is_accepted_can_be_one_header_and_one_directive(text):
    try:
        said = frame_ancestors({VARIABLE: text})
    except InvalidInput:
        return
    assert said.isascii()
    assert said.isprintable()
    assert not set(said) & set(';,\r\n"')


def test_only_pages_say_it_and_what_they_said_before_stays():
    policy, older = "content-security-policy", "x-frame-options"
    assert answered("'self'", "text/html; charset=utf-8")[1:] == [(policy, "frame-ancestors 'self'"), (older, "SAMEORIGIN")]
    assert answered("'none'", "text/html")[1:] == [(policy, "frame-ancestors 'none'"), (older, "DENY")]
    assert answered("https://a.org", "text/html")[1:] == [(policy, "frame-ancestors https://a.org")], "the older header cannot say this"
    assert answered("'self'", "text/javascript")[1:] == []
    before = (policy.encode(), b"default-src 'none'")
    both = [value for name, value in answered("*", "text/html", [before]) if name == policy]
    assert both == ["default-src 'none'", "frame-ancestors *"]


def test_every_page_of_a_server_says_it_and_nothing_else_does(server):
    for place in ("", "diamond_and_circle", "diamond_and_circle?dc_lam=1.5", "no/such/page"):
        answer = get(f"{server}/{place}")
        assert answer.headers["content-security-policy"] == "frame-ancestors 'self'", place
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "content-security-policy" not in get(f"{server}/_stcore/health").headers


def test_a_server_with_an_allowed_site_says_so_under_its_base_path():
    with running(base="class/lab", env={VARIABLE: "https://moodle.example.org"}) as url:
        answer = get(f"{url}/diamond_and_circle")
    assert answer.headers["content-security-policy"] == "frame-ancestors https://moodle.example.org"
    assert "x-frame-options" not in answer.headers


@pytest.mark.parametrize("command", [["streamlit", "run", "app.py", "--server.port"], ["uvicorn", "app:app", "--port"]], ids=["streamlit", "uvicorn"])
def test_a_server_with_a_wrong_setting_says_so_and_does_not_start(command):
    environment = os.environ | {VARIABLE: "moodle.example.org", "LAB_ENGINE": "lazy"}
    ended = subprocess.run(
        [sys.executable, "-m", *command, str(free_port())], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "LAB_FRAME_ANCESTORS: 'moodle.example.org': allowed is 'self', origins such as" in said
    assert "Traceback" not in said
