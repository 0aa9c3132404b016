"""What answers tell a browser: who may frame the lab, what a page may do, and that a server with a wrong setting does not start."""

import asyncio
import base64
import hashlib
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from tests.servers import ROOT, free_port, get, running
from ui import serving
from ui.headers import VARIABLE, Headers, _streamlits_page, frame_ancestors, inline_scripts, policy

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


def answered(ancestors="'self'", content_type="text/html", headers=(), status=200, asked=()):
    """Return the headers that a request gets whose answer has a content type, and those that the app got to see of the request."""
    seen = []

    async def app(scope, receive, send):
        seen.extend(scope["headers"])
        typed = [(b"content-type", content_type.encode())] if content_type else []
        await send({"type": "http.response.start", "status": status, "headers": [*typed, *headers]})
        await send({"type": "http.response.body", "body": b""})

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Headers(app, ancestors)({"type": "http", "headers": list(asked)}, None, send))
    return [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]], seen


def directives(answer) -> dict[str, str]:
    return {name: rest for name, _, rest in (each.strip().partition(" ") for each in answer.headers["content-security-policy"].split(";"))}


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


def test_a_page_says_who_may_frame_it_and_what_it_said_before_stays():
    for ancestors, older in (("'self'", "SAMEORIGIN"), ("'none'", "DENY"), ("https://a.org", None), ("*", None)):
        headers = dict(answered(ancestors)[0])
        assert headers["content-security-policy"].endswith(f"; frame-ancestors {ancestors}")
        assert headers.get("x-frame-options") == older, "the older header cannot say all of it"
    before = (b"content-security-policy", b"sandbox")
    said = [value for name, value in answered(headers=[before])[0] if name == "content-security-policy"]
    assert sorted(said) == sorted([policy("'self'"), "sandbox"])


def test_what_is_no_page_may_do_nothing_and_be_framed_nowhere():
    for content_type in ("text/javascript", "image/svg+xml", "application/json", "text/plain", ""):
        headers = dict(answered("*", content_type)[0])
        assert headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        assert "x-frame-options" not in headers
        assert headers["x-content-type-options"] == "nosniff"


def test_an_answer_that_nothing_has_changed_leaves_a_kept_page_its_policy_and_a_page_is_sent_anew_with_todays():
    assert "content-security-policy" not in dict(answered(content_type="", status=304)[0])
    asked = [(b"accept", b"text/html,*/*;q=0.8"), (b"if-none-match", b'"x"'), (b"if-modified-since", b"today"), (b"host", b"x")]
    assert [name for name, _ in answered(asked=asked)[1]] == [b"accept", b"host"]
    assert answered(asked=(other := [(b"accept", b"*/*"), (b"if-none-match", b'"x"')]))[1] == other


def test_a_server_whose_setting_has_changed_tells_a_browser_that_has_kept_the_page(server):
    tag = get(server).headers["etag"]
    again = get(server, accept="text/html", if_none_match=tag)
    assert again.status == 200
    assert "content-security-policy" in again.headers
    script = re.search(rb'src="\./(static/js/[^"]+)"', again.body)[1].decode()
    kept = get(f"{server}/{script}", if_none_match=get(f"{server}/{script}").headers["etag"])
    assert kept.status == 304


@pytest.mark.parametrize("place", ["", "diamond_and_circle", "diamond_and_circle?dc_lam=1.5", "no/such/page"])
def test_every_page_of_a_server_is_kept_short(server, place):
    answer = get(f"{server}/{place}")
    said = directives(answer)
    assert said["default-src"] == said["object-src"] == said["base-uri"] == said["form-action"] == said["worker-src"] == "'none'"
    assert said["frame-ancestors"] == said["connect-src"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"].replace("style-src 'self' 'unsafe-inline'", "")
    assert not re.search(r"https?:|\*", answer.headers["content-security-policy"]), "no other site has a part in it"
    scripts = re.findall(rb"<script>(.*?)</script>", answer.body, re.DOTALL)
    assert scripts
    for each in scripts:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" in said["script-src"]
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert not {"fullscreen", "clipboard-write"} & set(re.findall(r"[\w-]+(?==)", answer.headers["permissions-policy"])), (
        "as docs/embedding.md has it"
    )


@pytest.mark.parametrize(
    "place",
    [
        "",
        "_stcore/health",
        "_stcore/host-config",
        "media/x",
        "lab/nothing",
        "lab/icon.svg",
        "diamond_and_circle/",
        "../app.py",
        "auth/login",
        "?dc_penalty=l1",
    ],
)
def test_every_answer_keeps_its_type_and_its_links_to_itself(server, place):
    headers = get(f"{server}/{place}").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert get(f"{server}/{place}", origin="https://evil.example").headers.get("access-control-allow-origin") is None


def test_our_own_files_say_it_too(server):
    for name in ("plotly.min.js", "plot/mount.js"):
        headers = get(f"{server}/{serving.address(name)}").headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_nothing_of_the_host_is_offered_to_other_sites(server):
    """Streamlit's page takes orders from windows of its maker's sites unless it is told of none."""
    assert b'"allowedOrigins":[]' in get(f"{server}/_stcore/host-config").body


def test_a_server_with_an_allowed_site_says_so_under_its_base_path():
    with running(base="class/lab", env={VARIABLE: "https://moodle.example.org"}) as url:
        answer = get(f"{url}/diamond_and_circle")
    assert directives(answer)["frame-ancestors"] == "https://moodle.example.org"
    assert "x-frame-options" not in answer.headers


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="<&\r\x00", exclude_categories=["Cs"]), min_size=1, max_size=30), max_size=3))
def test_every_script_that_stands_in_a_page_is_known_by_its_hash(texts):
    page = "<!doctype html><title>x</title><script src=a.js></script>" + "".join(f"<script>{text}</script><p>{text}</p>" for text in texts)
    assert inline_scripts(page) == [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]


def test_streamlits_page_has_no_script_that_a_hash_cannot_name():
    page = _streamlits_page()
    assert len(inline_scripts(page)) == page.count("<script>")
    assert not re.search(r"\son\w+=|javascript:|http-equiv", page)


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
