"""A spec's knobs become widgets that are bound to the URL, and the widgets' values become a spec again.

A link may hold anything. What is valid is taken, what is not is named in a notice and replaced by its default, and nothing a
reader has set gets lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any, Generic, TypeVar

import streamlit as st

from core.errors import InvalidInput
from core.export.page_html import setting_in_words
from core.knobs import MOST_POINTS, Knob, Point, Spec, Value, points_of, points_text
from core.wording import cited
from core.wording import plain as written
from ui import offline, quick, stage, theatre

S = TypeVar("S", bound=Spec)

SCHEMA = "1"
_UNDO_DEPTH = 50
# Of a plane's width and height: a click this close to a point is meant for it.
_NEAR = 0.025


class Panel(Generic[S]):
    """The controls of one lab.

    Construct it, read ``spec`` and draw, then show the widgets, and end with ``finish``. The session knows what a hand has set before the
    widgets are shown again, so a page can draw first: what takes longest is on its way while the widgets follow.

    Parameters
    ----------
    spec_type:
        The lab's spec; its knobs make the widgets.
    """

    def __init__(self, spec_type: type[S]) -> None:
        self.spec_type = spec_type
        self.knobs = spec_type.knobs()
        self.stage = stage.take(spec_type)
        self._adopt_link()
        self._values, self._limits = self._settled()
        self._said: dict[str, str] = {}  # label -> value of the settings that are shown, in words
        self._boxed: set[str] = set()  # hidden knobs whose boxes are there already
        quick.follow(self)

    # ------------------------------------------------------------------------------------------------ widgets

    def widget(self, name: str, label: str = "") -> None:
        """Show the widget of one knob, under its own label unless another is given; infeasible values are not reachable with it."""
        knob, key = self.knobs[name], self.spec_type.url_key(name)
        label = label or (f"{knob.label} (${knob.latex}$)" if knob.latex else knob.label)
        shared: dict[str, Any] = {"key": key, "bind": "query-params", "help": self._help(name), "disabled": self.locked(name)}
        self._said[knob.label] = setting_in_words(knob, self._values[name])
        with nullcontext() if stage.hides(name) else theatre.widgets():
            if knob.kind == "choice":
                self._choice(knob, label, shared)
            elif knob.kind == "switch":
                st.toggle(label, value=bool(knob.default), **shared)
            else:
                self._number(name, knob, label, shared)

    def widgets(self, *names: str) -> None:
        """Show the widgets of several knobs, in order."""
        for name in names:
            self.widget(name)

    def override(self, name: str, shown: float, low: float, high: float) -> None:
        """Show a number box for a hidden knob whose unset value follows from other settings.

        Parameters
        ----------
        name:
            The knob.
        shown:
            The value in force, chosen or followed.
        low, high:
            What may be chosen with the other settings as they are.
        """
        knob = self.knobs[name]
        # Its limits are part of the key; its value is not, or whoever types in it would find another box after each number.
        key = f"{self.spec_type.prefix}-{name}-at-{low:g}-{high:g}"

        def chosen() -> None:
            self.set(**{name: st.session_state[key]})

        value = min(max(round(shown, 3), low), high)
        if st.session_state.get(key) != value:
            st.session_state[key] = value
        self._said[knob.label] = written(value, 6)
        step, locked = (high - low) / 100, self.locked(name)
        with nullcontext() if stage.hides(name) else theatre.widgets():
            st.number_input(knob.label, low, high, step=step, format="%.3f", key=key, help=self._help(name), disabled=locked, on_change=chosen)

    def picker(self, names: tuple[str, str], bounds: Sequence[Sequence[float]]) -> Callable[[float, float], None]:
        """Return what a click on a plane calls: it sets the two knobs of a point, brought into the window ``bounds``, (low, high) a coordinate."""

        def picked(w1: float, w2: float) -> None:
            inside = (min(max(value, low), high) for value, (low, high) in zip((w1, w2), bounds, strict=True))
            self.set(**dict(zip(names, inside, strict=True)))

        return picked

    def point(self, names: tuple[str, str], at: Sequence[float], bounds: Sequence[Sequence[float]]) -> None:
        """Show the number boxes of the point that a click sets: its two knobs, where it is now, and its window."""
        for name, value, (low, high) in zip(names, at, bounds, strict=True):
            self.override(name, value, low, high)

    def points_picker(self, name: str) -> Callable[[float, float], None]:
        """Return what a click on a plane calls that sets a list of points: it takes the point away that it hits, else it adds one."""

        def picked(x: float, y: float) -> None:
            plane, points = self.knobs[name].plane, self._listed(name)
            if plane is None:
                raise InvalidInput(f"knob {name} without a plane", "a knob of points", "Give it a plane.")
            at = tuple(min(max(value, low), high) for value, (low, high) in zip((x, y), plane, strict=True))

            def far(point: Point) -> float:
                return max(abs(one - other) / (high - low) for one, other, (low, high) in zip(point, at, plane, strict=True))

            nearest = min(points, key=far, default=None)
            if nearest is not None and far(nearest) <= _NEAR:
                points.remove(nearest)
            elif len(points) < MOST_POINTS:
                points.append((at[0], at[1]))
            self.set(**{name: points_text(points)})

        return picked

    def point_buttons(self, name: str) -> None:
        """Show the buttons that take points from a list that clicks on a chart fill."""
        points, key = self._listed(name), f"{self.spec_type.prefix}-{name}"
        with st.container(key=key, horizontal=True, gap="small"):
            for word, left, icon in (("last", points[:-1], "backspace"), ("all", [], "delete")):
                st.button(
                    f"Remove {word}",
                    key=f"{key}-{word}",
                    icon=f":material/{icon}:",
                    disabled=not points or self.locked(name),
                    on_click=lambda left=left: self.set(**{name: points_text(left)}),
                )

    def presets(self, presets: Mapping[str, S], label: str = "Start from") -> None:
        """Show one button a preset; pressing it makes every setting the preset's."""
        with theatre.place("presets"), st.container(key=f"{self.spec_type.prefix}-presets", horizontal=True, gap="small"):
            for i, (title, spec) in enumerate(presets.items()):
                st.button(title, key=f"{self.spec_type.prefix}-preset-{i}", help=f"{label}: {title}", on_click=self.adopt, args=(spec,))

    def reset_and_undo(self) -> None:
        """Show the buttons that go back: one step, or to the start."""
        prefix = self.spec_type.prefix
        with st.container(key=f"{prefix}-back", horizontal=True, gap="small"):
            past = len(self._history()) > 1
            st.button("Undo", key=f"{prefix}-undo", icon=":material/undo:", on_click=self._undo, disabled=not past)
            st.button("Reset", key=f"{prefix}-reset", icon=":material/restart_alt:", on_click=self.adopt, args=(self.spec_type(),))

    # --------------------------------------------------------------------------------------------- reading and setting

    def spec(self) -> S:
        """Return the settings as a valid spec; what is invalid or infeasible is said in a notice and falls back to its default."""
        try:
            spec = self.spec_type(**self._values)
        except InvalidInput as error:
            history = self._history()
            st.warning(f"{error} {'The last settings that could be used' if history else 'The defaults'} are shown instead.")
            spec = history[-1] if history else self.spec_type()
            quick.hold()
        self._notice(spec)
        stage.notice(spec)
        self._remember(spec)
        st.session_state[self._version] = "" if spec == self.spec_type() else SCHEMA
        return spec

    def keeps(self, names: Sequence[str]) -> bool:
        """Return whether these knobs are shown by the address alone, and nothing changes with them: not the way back, nor the link's version."""
        knobs = [self.knobs[name] for name in names if name in self.knobs and name not in self._boxed]
        alone = len(knobs) == len(names) and all(knob.hidden and knob.bounds is not None for knob in knobs)
        return alone and len(self._history()) > 1 and st.session_state.get(self._version) == SCHEMA

    def boxes(self, names: Sequence[str], *, again: bool = False) -> None:
        """Render the boxes that keep hidden knobs in the address; ``again``: after they have been set, when only they and their scrub run."""
        if again:
            self._values, self._limits = self._settled()
            with suppress(InvalidInput):
                spec = self.spec_type(**self._values)
                self._remember(spec)
                offline.settings(spec, self._said)
                if spec == self.spec_type():
                    st.rerun()  # back where it began: a link needs no version then, which stands elsewhere on the page
        with st.container(key=f"lab-hidden-{self.spec_type.prefix}-{'-'.join(names)}"):
            for name in names:
                self._boxed.add(name)
                self._box(name)

    def set(self, **changes: Value) -> None:
        """Change settings from a callback, as a widget would; what is locked stays as it is."""
        for name, value in changes.items():
            if not self.locked(name):
                st.session_state[self.spec_type.url_key(name)] = self.knobs[name].clean(value, name)

    def given(self, name: str) -> Value:
        """Return what the session has for a knob, which is not the spec's where that has fallen back on others."""
        return self._values[name]

    def say(self, name: str, words: str) -> None:
        """Note a setting in words for what is saved and printed, where something else than a widget of the panel's shows it."""
        self._said[self.knobs[name].label] = words

    def locked(self, *names: str) -> bool:
        """Return whether one of these knobs keeps its value, whatever is clicked."""
        return self.stage.locks(*names)

    def adopt(self, spec: S) -> None:
        """Make every setting that of ``spec`` but those that are locked; for callbacks."""
        self.set(**{name: getattr(spec, name) for name in self.knobs})

    def finish(self, spec: S) -> None:
        """Render what only the URL needs: the hidden knobs and the link's schema version."""
        offline.settings(spec, self._said)
        with st.container(key=f"lab-hidden-{self.spec_type.prefix}"):
            for name in self.knobs:
                if name not in self._boxed:
                    self._box(name)
            st.text_input("Version of this link", key=self._version, bind="query-params")

    # ---------------------------------------------------------------------------------------------------- inside

    @property
    def _version(self) -> str:
        return f"{self.spec_type.prefix}_v"

    def _box(self, name: str) -> None:
        """Render what only the address needs of a knob; nothing for one with a widget of its own."""
        knob, key = self.knobs[name], self.spec_type.url_key(name)
        if knob.hidden and knob.bounds is not None:
            low, high = knob.bounds
            st.number_input(knob.label, low, high, float(knob.default), key=key, bind="query-params", format="%.6g")
        elif knob.kind in ("points", "formula"):
            st.text_input(knob.label, str(knob.default), key=key, bind="query-params")

    def _choice(self, knob: Knob, label: str, shared: dict[str, Any]) -> None:
        labels = dict(knob.options)
        options = list(labels)
        if len(options) <= 4:
            st.segmented_control(label, options, default=str(knob.default), required=True, format_func=labels.__getitem__, **shared)
        else:
            st.selectbox(label, options, index=options.index(str(knob.default)), format_func=labels.__getitem__, **shared)

    def _number(self, name: str, knob: Knob, label: str, shared: dict[str, Any]) -> None:
        if knob.bounds is None:
            raise InvalidInput(f"knob {name} without bounds", "a bounded knob", "Give it bounds; a slider needs ends.")
        low, high = self._limits[name]
        if knob.typed:
            # Whatever is typed stays as typed: the format has more digits than anybody types.
            default = min(max(float(knob.default), low), high)
            st.number_input(label, low, high, default, step=knob.quantum or None, format="%.10g", **shared)
        elif knob.scale == "log":
            options = [value for value in knob.grid() if low <= value <= high] or [low]
            st.select_slider(label, options, _nearest(options, float(knob.default)), format_func=lambda value: f"{value:g}", **shared)
        elif low == high:
            st.slider(label, low, high + knob.quantum, low, knob.quantum, **(shared | {"disabled": True}))
        else:
            st.slider(label, low, high, min(max(float(knob.default), low), high), knob.quantum or None, format=f"%g{knob.unit}", **shared)

    def _help(self, name: str) -> str | None:
        """Return a control's help, which says so where it is locked."""
        return " ".join(filter(None, (stage.LOCKED if self.locked(name) else "", self.knobs[name].help))) or None

    def _settled(self) -> tuple[dict[str, Value], Mapping[str, tuple[float, float]]]:
        """Return the session's values, defaults for what is missing or wrong, and every number's limits.

        What the session holds is brought within the limits before a widget sees it: a widget refuses what it cannot show.
        """
        values: dict[str, Value] = {}
        for name, knob in self.knobs.items():
            try:
                values[name] = knob.clean(st.session_state.get(self.spec_type.url_key(name), knob.default), name)
            except InvalidInput:
                values[name] = knob.default
        draft = object.__new__(self.spec_type)  # may break a joint limit: that is what the limits are asked for
        for name, value in values.items():
            object.__setattr__(draft, name, value)
        joint, limits = draft.feasible(), {}
        for name, knob in self.knobs.items():
            if (reach := knob.reach) is not None:
                low, high = joint.get(name, reach)
                limits[name] = (max(low, reach[0]), min(high, reach[1]))
                values[name] = min(max(float(values[name]), limits[name][0]), limits[name][1])
            key = self.spec_type.url_key(name)
            if key in st.session_state and st.session_state[key] != values[name]:
                st.session_state[key] = values[name]
        return values, limits

    def _adopt_link(self) -> None:
        """Take the link's valid values into a fresh session, and note the others for the reader."""
        prefix = self.spec_type.prefix
        names = self.spec_type.fields_by_key()
        wrong: list[str] = []
        for key in st.query_params:
            if not key.startswith(f"{prefix}_") or key == f"{prefix}_v":
                continue
            texts = st.query_params.get_all(key)
            if key not in names:
                wrong.append(f"`{cited(key)}` is no setting of this lab")
            elif len(texts) != 1:
                wrong.append(f"`{key}` is given {len(texts)} times")
            else:
                try:
                    value = self.knobs[names[key]].parse(texts[0], names[key])
                except InvalidInput:
                    wrong.append(f"`{key} = {cited(texts[0])}` is not {self.knobs[names[key]].allowed}")
                else:
                    st.session_state.setdefault(self.spec_type.url_key(names[key]), value)
        if wrong:
            st.session_state[f"{prefix}-notice"] = (wrong, None)

    def _notice(self, spec: S) -> None:
        """Show what a link got wrong, until the reader changes something."""
        key = f"{self.spec_type.prefix}-notice"
        wrong, seen = st.session_state.get(key, ((), None))
        if not wrong or seen not in (None, spec):
            st.session_state.pop(key, None)
            return
        st.session_state[key] = (wrong, spec)
        quick.hold()
        listed = "; ".join(wrong[:4]) + (f"; and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        st.warning(f"This link has settings that cannot be used: {listed}. Their defaults are shown; everything else is as the link says.")

    def _listed(self, name: str) -> list[Point]:
        """Return the points of a knob as the session has them now, which in a callback is newer than what was drawn."""
        knob = self.knobs[name]
        return list(points_of(str(knob.clean(st.session_state.get(self.spec_type.url_key(name), knob.default), name))))

    def _history(self) -> list[S]:
        history: list[S] = st.session_state.setdefault(f"{self.spec_type.prefix}-history", [])
        return history

    def _remember(self, spec: S) -> None:
        history = self._history()
        if not history or history[-1] != spec:
            history.append(spec)
            del history[:-_UNDO_DEPTH]

    def _undo(self) -> None:
        history = self._history()
        here = history[-1] if history else None
        # A step that changed nothing but what is locked now would be no step.
        while len(history) > 1:
            history.pop()
            if any(getattr(history[-1], name) != getattr(here, name) for name in self.knobs if not self.locked(name)):
                break
        if history:
            self.adopt(history[-1])


def _nearest(options: Sequence[float], value: float) -> float:
    return min(options, key=lambda option: abs(option - value))
