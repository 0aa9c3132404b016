"""Links as people write them, and what the server makes of them before the page is sent."""

import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.specs import DiamondCircleSpec, PriorsSpec, StepByStepSpec, TrainingLabSpec
from tests.servers import proxied, running
from ui.links import canonical

SPECS = (DiamondCircleSpec, StepByStepSpec, TrainingLabSpec, PriorsSpec)
CHOICES = [(spec.url_key(name), option, label) for spec in SPECS for name, knob in spec.knobs().items() for option, label in knob.options]
KEYS = [spec.url_key(name) for spec in SPECS for name in spec.knobs()] + ["dc_v", "dc_x", "utm", ""]


@pytest.mark.parametrize(("key", "option", "label"), CHOICES)
def test_a_choice_is_known_by_its_label_whichever_of_the_two_a_link_says(key, option, label):
    one, other = canonical(urlencode({key: option})), canonical(urlencode({key: label}))
    default = next(knob.default for spec in SPECS for name, knob in spec.knobs().items() if spec.url_key(name) == key)
    assert one == other
    assert parse_qs(one) == ({} if option == default else {key: [label]})


def test_settings_at_their_defaults_are_left_out_and_all_others_stay_as_they_are():
    assert canonical("st_steps=60&st_step=4") == "st_steps=60"
    assert canonical("tn_penalty=l1&tn_epoch=12&tn_v=1") == "tn_penalty=L1&tn_epoch=12&tn_v=1"


def test_points_are_brought_into_the_form_in_which_they_are_kept():
    assert parse_qs(canonical("pr_points=1.00,2.004;-0.001,1")) == {"pr_points": ["1,2;0,1"]}
    assert canonical("pr_points=none") == "pr_points=none"
    assert canonical(urlencode({"pr_points": PriorsSpec().points})) == ""
    assert canonical("pr_points=1,9") == "pr_points=1,9"


STRANGE = ("", "x=1", "embed=true", "dc_x=1", "dc_lam=1e999", "dc_lam=0.5&dc_lam=0.7", "dc_penalty=%00%ff", "dc_lam=&", "dc_tilt=-45")


@pytest.mark.parametrize("query", STRANGE)
def test_what_is_strange_is_left_for_the_page_to_name(query):
    assert canonical(query) == query


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KEYS),
            st.text(max_size=12)
            | st.sampled_from(["1.00,2", "none", "0,0;0,0"])
            | st.floats().map(str)
            | st.sampled_from([o for _, *p in CHOICES for o in p]),
        )
    )
)
def test_what_is_answered_once_is_answered_for_good_and_loses_no_key_that_is_not_at_its_default(pairs):
    query = urlencode(pairs)
    better = canonical(query)
    assert canonical(better) == better
    assert set(parse_qs(better, keep_blank_values=True)) <= set(parse_qs(query, keep_blank_values=True))


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def test_the_server_sends_a_browser_to_the_better_form_under_a_base_path_and_behind_a_proxy_that_strips_it():
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)

    def sent_to(address: str) -> str:
        with pytest.raises(urllib.error.HTTPError) as answer:
            opener.open(address, timeout=20)
        with answer.value as sent:
            assert sent.code == 307
            return urllib.parse.urljoin(address, sent.headers["location"])

    with running() as upstream, proxied(upstream, "/class", strip=True) as url:
        for root in (upstream, url):
            assert sent_to(f"{root}/training?tn_penalty=l1") == f"{root}/training?tn_penalty=L1"
            assert sent_to(f"{root}/step_by_step?st_step=4") == f"{root}/step_by_step"
            with opener.open(f"{root}/training?tn_penalty=L1", timeout=20) as page:
                assert page.status == 200
            assert urlsplit(sent_to(f"{root}/?dc_penalty=l2")).path == urlsplit(f"{root}/").path
