"""How fast one list is asked, how long its answers are waited for, and when to stop. Pure: the time is an argument.

The wait before a question is repeated follows what was measured (RFC 6298 §2: the smoothed round trip and four times
its variation), doubled each time. The window, how many questions are in flight, starts at `FIRST_WINDOW` and grows only
where the way is long, by the shortest round trip seen: a near server is not made faster by more questions, which wait
in its buffer, and rbldnsd's overruns at about 170.
It is halved when more than a tenth of the latest questions were lost. Less than that is what the Internet loses by
itself, and halving for that would only make every list slow. A loss that turns out to have been a late answer is taken
back.

The breaker opens on a list that does not answer, so that thousands of questions need not each find that out. The bucket
keeps to what the list's operator bears in a second.
"""

from dataclasses import dataclass

FIRST_WINDOW, MOST_WINDOW, LEAST_WINDOW = 50, 256, 8
_TRIES, _TRIES_OF_A_LIST_THAT_ANSWERS = 3, 5
_FIRST_WAIT_S, _LEAST_WAIT_S = 1.0, 0.15
_SERVFAIL_PAUSE_S = 0.3
_FAR_S = 0.005
_MOST_LOST_RATIO = 0.1
_SUSPECTS = 10
_UNANSWERED_IN_A_ROW = 50
_ROUNDING = 1e-9
_SERVFAIL_RETRIES, _SERVFAIL_RETRY_RATIO = 20, 0.1


class Pace:
    """Of one list on one path. `timeout_s`: how long one question may take in all. `servfail_pause_s`: before one that
    was answered SERVFAIL is asked again."""

    def __init__(self, timeout_s: float) -> None:
        self.window = FIRST_WINDOW
        self._most_wait_s = timeout_s / 2
        self._least_wait_s = min(_LEAST_WAIT_S, timeout_s / 5)
        self.first_wait_s = min(_FIRST_WAIT_S, timeout_s / 5)
        self.servfail_pause_s = min(_SERVFAIL_PAUSE_S, timeout_s / 5)
        self._smoothed_s: float | None = None
        self._best_s = float("inf")
        self._variation_s = 0.0
        self._grown = 0.0
        self._halved_at = float("-inf")
        self._answers = 0
        self._lost = 0

    @property
    def tries(self) -> int:
        """Of one question. Where others are answered, a fourth costs less than to wait for the deadline."""
        return _TRIES if self._smoothed_s is None else _TRIES_OF_A_LIST_THAT_ANSWERS

    def wait_s(self, tries: int) -> float:
        """Before the question is repeated that was sent so often."""
        return min(self.first_wait_s * 2.0 ** (tries - 1), self._most_wait_s)

    def answered(self, after_s: float, number: int = 1) -> None:
        if self._smoothed_s is None:
            self._smoothed_s, self._variation_s = after_s, after_s / 2
        else:
            self._variation_s += (abs(self._smoothed_s - after_s) - self._variation_s) / 4
            self._smoothed_s += (after_s - self._smoothed_s) / 8
        measured_s = self._smoothed_s + 4 * self._variation_s
        self.first_wait_s = min(max(measured_s, self._least_wait_s), self._most_wait_s)
        self._answers += number
        self._best_s = min(self._best_s, after_s)
        self._grow(number)
        if self._answers + self._lost >= self.window:
            self._answers = self._lost = 0

    def lost(self, sent_at: float, now: float) -> None:
        """A try went unanswered. Before the first answer that says nothing about the way; and one that left before the
        window was halved belongs to what it was halved for."""
        if self._smoothed_s is None or sent_at < self._halved_at:
            return
        self._lost += 1
        if self._lost > _MOST_LOST_RATIO * max(self._answers + self._lost, self.window):
            self.window = max(self.window // 2, LEAST_WINDOW)
            self._halved_at = now
            self._answers = self._lost = 0

    def came_late(self) -> None:
        """The answer to a try that was counted as lost."""
        self._lost = max(self._lost - 1, 0)

    def _grow(self, answers: int) -> None:
        """Twofold in a round trip, until it was too much for the first time; after that, by one."""
        self._grown += answers / self.window if self._halved_at > float("-inf") else answers
        whole = int(self._grown)
        self._grown -= whole
        self.window = min(self.window + whole, MOST_WINDOW if self._best_s >= _FAR_S else FIRST_WINDOW)


class Breaker:
    """Opens for good when the list answers nothing. `patience_s`: how long a list that has not answered yet may be
    silent, asked about enough to tell."""

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.unanswered = 0
        self._ever_answered = False

    def answered(self) -> None:
        self._ever_answered = True
        self.unanswered = 0

    def opens(self, overdue: int) -> bool:
        """`overdue`: how many questions in flight have waited for `patience_s`."""
        if self.unanswered >= _UNANSWERED_IN_A_ROW:
            return True
        return not self._ever_answered and overdue > 0 and self.unanswered + overdue >= _SUSPECTS


class Doubts:
    """Whether a SERVFAIL is worth asking again. One may be a moment's trouble; many are the state of things."""

    def __init__(self) -> None:
        self._replies = 0
        self._retries = 0

    def worth_asking_again(self) -> bool:
        if self._retries >= _SERVFAIL_RETRIES + _SERVFAIL_RETRY_RATIO * self._replies:
            return False
        self._retries += 1
        return True

    def replied(self, number: int = 1) -> None:
        self._replies += number


@dataclass(slots=True)
class Bucket:
    """Never more than `per_second` questions in any second: a tenth of them at once at the most, the rest as time goes.

    Shared by everything that asks the list under one key.
    """

    per_second: int
    _tokens: float = 1.0
    _at: float | None = None

    def wait_s(self, now: float) -> float:
        """Until the next question may be sent; 0, at once."""
        self._fill(now)
        missing = 1 - self._tokens
        return missing / self._rate if missing > _ROUNDING else 0.0

    def take(self, now: float) -> None:
        self._fill(now)
        self._tokens -= 1

    @property
    def _depth(self) -> int:
        return max(1, self.per_second // 10)

    @property
    def _rate(self) -> float:
        return float(self.per_second - self._depth) if self.per_second > 1 else 1.0

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._depth, self._tokens + (now - self._at) * self._rate)
        self._at = now
