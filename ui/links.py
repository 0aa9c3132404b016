"""Links as people write them, brought into the form that Streamlit reads and writes, before the page is sent.

Streamlit knows a choice by its label alone and drops what stands at its default, with an entry in the browser's history; then a link written by hand
would lose settings, and "back" would stay on the page. So such a link is answered with its own better form.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

import core.specs
from core.errors import InvalidInput
from core.knobs import Knob, Spec, Value
from core.lessons import STORIES, questions
from core.stage import Stage

_LONGEST = 8192


class Links:
    """ASGI middleware: a GET whose query is not in its best form is sent there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["query_string"]:
            query = scope["query_string"].decode("latin-1")
            better = canonical(query)
            if better != query:
                # Relative to the address that was asked for, whatever base path or proxy lies between. Quoted, since a last part that is a
                # stranger's, "https:elsewhere" or two backslashes and a name, would be read as an address of somewhere else.
                place = f"?{better}" if better else quote(scope["path"].rpartition("/")[2]) or "."
                headers = [(b"location", place.encode("latin-1")), (b"cache-control", b"no-store"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 307, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)


def canonical(query: str) -> str:
    """Return a query with choices by their labels and without settings at their defaults; what no lab knows, and what is wrong, stays as it is."""
    if len(query) > _LONGEST or not any(f"{prefix}_" in query or f"{prefix}s_" in query for prefix in _prefixes()):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [key for key, _ in pairs]
    better = []
    for given, text in pairs:
        key = _keys().get(given, given)
        knob = _knobs().get(key)
        if knob is None or names.count(given) > 1 or (key != given and key in names):
            better.append((given, text))
            continue
        try:
            value = knob.parse(text, key)
        except InvalidInput:
            better.append((key, text))  # the page names it
            continue
        if value != knob.default:
            better.append((key, str(value) if knob.kind in ("points", "formula") else dict(knob.options).get(str(value), text)))
    better += _step_of(better)
    return query if better == pairs else urlencode(better)


def _step_of(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the settings of the step that a link names, where it has none of its own: a reload must find them, whatever is moved meanwhile."""
    for page, steps in STORIES.items():
        prefix = core.specs.LABS[page].prefix
        named = [text for key, text in pairs if key == f"{prefix}s_step"]
        if len(named) == 1 and named[0] in map(str, range(1, len(steps) + 1)) and not any(key.startswith(f"{prefix}_") for key, _ in pairs):
            return parse_qsl(query_of(steps[int(named[0]) - 1].spec))
    return []


def query_of(spec: Spec) -> str:
    """Return the query of a link to a lab with these settings; what stands at its default is left out."""
    given = {name: getattr(spec, name) for name, knob in spec.knobs().items() if getattr(spec, name) != knob.default}
    return urlencode({spec.url_key(name): dict(spec.knobs()[name].options).get(str(value), _written(value)) for name, value in given.items()})


def address(spec: Spec) -> str:
    """Return the address of a lab with these settings, relative to any page of the lab."""
    page = next(page for page, kind in core.specs.LABS.items() if kind is type(spec))
    query = query_of(spec)
    return f"{page}?{query}" if query else page


def lesson(spec: Spec, stage: Stage, *, question: int = 0, step: int = 0) -> str:
    """Return the address of a lab as a teacher wants it to open, relative to any page of the lab.

    Parameters
    ----------
    spec:
        The settings.
    stage:
        Which controls are shown and locked, and whether it is presented.
    question:
        The number of the question that is open; 0: none.
    step:
        The number of the step of the story that runs, with that step's settings instead of ``spec``'s; 0: none.

    Raises
    ------
    InvalidInput
        Where the lab has no such question or step, or no such knob.
    """
    page = next(page for page, kind in core.specs.LABS.items() if kind is type(spec))
    steps, asked, names = STORIES.get(page, ()), len(questions(page)) if page in STORIES else 0, spec.knobs()
    for what, number, most in (("question", question, asked), ("step", step, len(steps))):
        if not 0 <= number <= most:
            raise InvalidInput(f"{what} {number} of {page}", f"0 to {most}", f"Choose another {what}.")
    for name in (*(() if stage.shown == "all" else stage.shown), *stage.locked):
        if name not in names:
            raise InvalidInput(f"the control {name} of {page}", ", ".join(names), "Choose one of these.")
    opened = steps[step - 1].spec if step else spec
    opens = {f"{spec.prefix}{key}": str(number) for key, number in (("s_step", step), ("q_on", question)) if number}
    return f"{page}?{query}" if (query := "&".join(filter(None, (query_of(opened), urlencode(opens | stage.keys()))))) else page


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:.12g}" if isinstance(value, float) else str(value)


@cache
def _keys() -> dict[str, str]:
    """Return every key that a link may have -> the key that it has now."""
    return {key: spec.url_key(name) for spec in _specs() for key, name in spec.fields_by_key().items()}


@cache
def _knobs() -> dict[str, Knob]:
    return {spec.url_key(name): knob for spec in _specs() for name, knob in spec.knobs().items()}


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(spec.prefix for spec in _specs())


def _specs() -> list[type[Spec]]:
    return [each for each in vars(core.specs).values() if isinstance(each, type) and issubclass(each, Spec) and each is not Spec]
