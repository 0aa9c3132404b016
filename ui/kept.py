"""What has been computed is kept for all sessions, and computed once however many ask for it at the same time.

Streamlit's caches do that too; these know the lanes, where only who finds nothing leaves its place to the next script. And settings are a key as they
are, which saves hashing them in every run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, overload

from ui import lanes

P = ParamSpec("P")
T = TypeVar("T")


class Kept(Generic[P, T]):
    """A function that remembers its latest results.

    Parameters
    ----------
    function:
        What computes; its results are shared, so they are only read.
    entries:
        How many results are remembered; the one that has not been asked for the longest goes first.
    key:
        From the arguments to what tells one result from another; by default the arguments themselves.
    """

    def __init__(self, function: Callable[P, T], entries: int, key: Callable[..., Hashable] | None) -> None:
        self._function, self._entries, self._key = function, entries, key
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._under_way: dict[Hashable, threading.Event] = {}
        self._guard = threading.Lock()
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of the arguments, computed where it is not remembered; an error is raised and not remembered."""
        key: Hashable = self._key(*args, **kwargs) if self._key is not None else (args, *sorted(kwargs.items()))
        while True:
            with self._guard:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key]
                under_way = self._under_way.get(key)
            if under_way is not None:
                # Whoever computes it has come through the lane already.
                with lanes.aside():
                    under_way.wait()
                continue
            with lanes.computing():
                with self._guard:
                    if key in self._results or key in self._under_way:
                        continue
                    done = self._under_way[key] = threading.Event()
                try:
                    result = self._function(*args, **kwargs)
                    with self._guard:
                        self._results[key] = result
                        while len(self._results) > self._entries:
                            self._results.popitem(last=False)
                    return result
                finally:
                    with self._guard:
                        del self._under_way[key]
                    done.set()

    def clear(self) -> None:
        """Forget everything; for tests."""
        with self._guard:
            self._results.clear()


def kept(entries: int, key: Callable[..., Hashable] | None = None) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Return a decorator that has a function remember its latest results (`Kept`)."""
    return lambda function: Kept(function, entries, key)


class lazily(Generic[T]):
    """An attribute that is computed when it is first asked for, once however many threads ask, in the lane of what takes long."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function, self._name = function, function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazily[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> lazily[T] | T:
        """Return what has been computed; only what has not comes here, since an instance's own attribute is found first."""
        if instance is None:
            return self
        own = instance.__dict__
        guard: threading.RLock = own.setdefault(f"_{self._name}_guard", threading.RLock())
        with lanes.computing(), guard:
            if self._name not in own:
                own[self._name] = self._function(instance)
            found: T = own[self._name]
            return found
