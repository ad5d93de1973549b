"""What the persons of a video show over time: smoothed probabilities and their curves."""

import math

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.4
"""Seconds in which a smoothed probability goes 63 % of the way to a new value."""

# So that a video of any length needs the same memory.
_POINTS = 512
_CURVES = 32

Row = NDArray[np.float32]


class Person:
    """One person of a video."""

    def __init__(self, number: int, time: float, probabilities: Row) -> None:
        self.number = number
        self.first = self.last = time
        self.frames = 1
        self.total = probabilities.astype(np.float64)
        """Sum of the probabilities over the frames, `[classes]`."""
        self.smoothed = probabilities
        self.curve = Curve()
        self.curve.add(time, probabilities)

    def see(self, time: float, probabilities: Row) -> None:
        """Take in the next frame that shows the person."""
        weight = np.float32(1 - math.exp(-max(time - self.last, 1e-3) / SMOOTHING))
        self.smoothed = self.smoothed + weight * (probabilities - self.smoothed)
        self.last, self.frames = time, self.frames + 1
        self.total += probabilities
        self.curve.add(time, self.smoothed)

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean probabilities over all frames, `[classes]`."""
        return self.total / self.frames


class Curve:
    """Values over time in bounded memory: when it is full, each two neighbours become one."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._values: list[Row] = []
        self._each = 1
        self._open: list[tuple[float, Row]] = []

    def add(self, time: float, values: Row) -> None:
        """Add a point, later than those before."""
        self._open.append((time, values))
        if len(self._open) < self._each:
            return
        times, rows = zip(*self._open, strict=True)
        self._times.append(float(np.mean(times)))
        self._values.append(np.mean(rows, axis=0))
        self._open = []
        if len(self._times) == _POINTS:
            self._times = np.mean(np.reshape(self._times, (-1, 2)), axis=1).tolist()
            pairs = np.reshape(self._values, (_POINTS // 2, 2, -1))
            self._values = list(pairs.mean(axis=1, dtype=np.float32))
            self._each *= 2

    def __len__(self) -> int:
        return len(self._times)

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return times in seconds, `[n]`, and values, `[n, classes]`."""
        return np.array(self._times), np.array(self._values, np.float32)


class Persons:
    """The persons of one video by their numbers."""

    def __init__(self) -> None:
        self._persons: dict[int, Person] = {}

    def see(self, number: int, time: float, probabilities: Row) -> Person:
        """Take in what a frame at `time` shows of the person `number`."""
        person = self._persons.get(number)
        if person is None:
            person = self._persons[number] = Person(number, time, probabilities)
            self._drop_curves()
        else:
            person.see(time, probabilities)
        return person

    def most_seen(self) -> list[Person]:
        """Return all persons, those in most frames first."""
        return sorted(self._persons.values(), key=lambda person: (-person.frames, person.number))

    def _drop_curves(self) -> None:
        # The newest, which is last, may yet stay long.
        others = [person for person in self.most_seen()[:-1] if len(person.curve)]
        for person in others[_CURVES:]:
            person.curve = Curve()
