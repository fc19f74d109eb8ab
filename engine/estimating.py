"""How long a run may still take: what is left of each kind of work, at the pace that this kind
has had.

Reading is paced by the bytes of each kind of file, for a page of one costs a hundred times what
a page of another does; of a file that is being read, by its pages. How much text there will be
to embed is foretold in the same way. Embedding is paced by characters. Kinds that nothing is
known of yet are taken to be like all others together.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

_SETTLED = 1.5  # seconds of reading before which nothing is foretold
_SHARE = 0.02  # of the bytes, likewise
_FORGET = 60.0  # seconds of embedding after which its pace counts half
_KNOWN_CHARACTERS = 10_000  # embedded before which the pace of another run is believed


@dataclass(slots=True)
class _Kind:
    """Files with one suffix; sizes in bytes, text in characters."""

    waiting: int = 0
    read: int = 0
    seconds: float = 0.0
    text: int = 0


@dataclass(slots=True)
class _Current:
    """A file in a reader."""

    kind: str
    size: int
    began: float
    pages: int = 0
    pages_read: int = 0
    text: int = 0


class TimeLeft:
    """Told from any thread. Sizes of attachments are not known before they are taken out: they
    count as nothing until then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = defaultdict(_Kind)
        self._current: dict[str, _Current] = {}
        self._began: float | None = None
        self._embeds = False
        self._text = 0
        self._spent = self._embedded = 0.0  # seconds, characters; older ones fade
        self._ever = 0
        self._warm = False
        self._before: float | None = None  # seconds a character, of an earlier run

    # --- what is told -----------------------------------------------------------------------

    def expect_embedding(self, text: int, pace: float | None) -> None:
        """So many characters wait already; ``pace`` is that of an earlier run."""
        with self._lock:
            self._embeds, self._text, self._before = True, text, pace

    def to_embed(self, text: int) -> None:
        """So many characters are left; nothing is read any more."""
        with self._lock:
            self._kinds.clear()
            self._embeds, self._text = True, text

    def embedded(self, text: int, seconds: float) -> None:
        with self._lock:
            self._text = max(self._text - text, 0)
            if not self._warm:  # what is first takes its time
                self._warm = True
                return
            fading = 0.5 ** (seconds / _FORGET)
            self._spent = self._spent * fading + seconds
            self._embedded = self._embedded * fading + text
            self._ever += text

    def found(self, kind: str, size: int) -> None:
        with self._lock:
            self._kinds[kind].waiting += size

    def begun(self, path: str, kind: str, size: int) -> None:
        with self._lock:
            now = self._clock()
            self._began = self._began if self._began is not None else now
            waiting = self._kinds[kind]
            waiting.waiting = max(waiting.waiting - size, 0)
            self._current[path] = _Current(kind, size, now)

    def opened(self, path: str, pages: int) -> None:
        with self._lock:
            if path in self._current:
                self._current[path].pages = pages

    def page(self, path: str, text: int) -> None:
        with self._lock:
            if path in self._current:
                self._current[path].pages_read += 1
                self._current[path].text += text

    def ended(self, path: str) -> None:
        """A file was read, or given up."""
        with self._lock:
            current = self._current.pop(path, None)
            if current is None:
                return
            kind = self._kinds[current.kind]
            kind.read += current.size
            kind.seconds += self._clock() - current.began
            kind.text += current.text
            self._text += current.text

    def rested(self, seconds: float) -> None:
        """Nothing went on for so long."""
        with self._lock:
            if self._began is not None:
                self._began += seconds
            for current in self._current.values():
                current.began += seconds

    # --- what is foretold -------------------------------------------------------------------

    @property
    def measured_pace(self) -> float | None:
        """Seconds to embed a character; None where too little was embedded to tell."""
        return self._spent / self._embedded if self._ever >= _KNOWN_CHARACTERS else None

    @property
    def knows_pace(self) -> bool:
        return self.measured_pace is not None or self._before is not None

    def seconds(self) -> float | None:
        """None until it can be said."""
        with self._lock:
            reading = self._reading()
            if reading is None:
                return None
            seconds, text = reading
            if not self._embeds:
                return seconds
            text += self._text
            if not text:
                return seconds
            pace = self.measured_pace or self._before
            return None if pace is None else seconds + text * pace

    def _reading(self) -> tuple[float, float] | None:
        """Seconds of reading and characters of text that are still to come."""
        waiting = sum(kind.waiting for kind in self._kinds.values())
        if not waiting and not self._current:
            return 0.0, 0.0
        now = self._clock()
        if self._began is None or now - self._began < _SETTLED:
            return None
        read = sum(kind.read for kind in self._kinds.values())
        busy = sum(kind.seconds for kind in self._kinds.values())
        text = sum(kind.text for kind in self._kinds.values())
        left = text_left = done = 0.0
        for current in self._current.values():
            so_far = now - current.began
            busy += so_far
            share = current.pages_read / current.pages if current.pages else 0.0
            if share:
                share = min(share, 1.0)
                read += int(share * current.size)
                text += current.text
                left += so_far * (1 - share) / share
                text_left += current.text / share
                done += share * current.size
        total = read + waiting + sum(current.size for current in self._current.values()) - done
        if not read or read < _SHARE * total:
            return None
        for current in self._current.values():
            if not current.pages_read or not current.pages:
                seconds, characters = self._rates(current.kind, busy / read, text / read)
                left += max(current.size * seconds - (now - current.began), 0.0)
                text_left += current.size * characters
        for name, kind in self._kinds.items():
            seconds, characters = self._rates(name, busy / read, text / read)
            left += kind.waiting * seconds
            text_left += kind.waiting * characters
        at_once = max(busy / (now - self._began), 1e-3)
        return left / at_once, text_left

    def _rates(self, name: str, seconds: float, characters: float) -> tuple[float, float]:
        """Of a byte of this kind; those of all kinds where none of it was read."""
        kind = self._kinds[name]
        if not kind.read:
            return seconds, characters
        return kind.seconds / kind.read, kind.text / kind.read
