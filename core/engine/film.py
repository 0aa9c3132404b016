"""What has been computed of a run: the messages that browsers draw, in order."""

from __future__ import annotations

from functools import cached_property

from core.engine.work import without_frame

FILM_BYTES = 64 << 20
"""What the film of one run may take. Beyond it, every other frame is let go of; a viewer who rests there gets it computed again."""


class Message:
    """A message of the film, with its frame or, for a slow line, without."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @cached_property
    def lean(self) -> bytes:
        """Return the message without its frame."""
        return without_frame(self.raw)


class Film:
    """Messages that are only ever added to; read by the server's thread while the engine's adds.

    Attributes
    ----------
    messages:
        The first one is the start, then one a link.
    size:
        Bytes that they take.
    """

    def __init__(self, messages: list[Message] | None = None) -> None:
        self.messages: list[Message] = list(messages or ())
        self.size = sum(len(message.raw) for message in self.messages)
        self._step = 1

    def add(self, raws: list[bytes]) -> None:
        """Add what a link has shown."""
        for raw in raws:
            self.messages.append(Message(raw))
            self.size += len(raw)
        while self.size > FILM_BYTES and self._step < len(self.messages):
            self._step *= 2
            for i in range(1, len(self.messages) - 1):
                if i % self._step:
                    self.messages[i] = Message(self.messages[i].lean)
            self.size = sum(len(message.raw) for message in self.messages)
