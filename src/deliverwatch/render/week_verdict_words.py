"""The sentences of the verdict on listings: each whole, as no language puts it together like another.

They differ by when they are of (`over`: the end of the week, else now) and by what may be said: where too little was
verified (not `sure`), it is of the listings that we know of.
"""

from deliverwatch.render.tongue import say_n


def all_clear(subjects: int, lists: str, exceptions: str) -> str:
    """`lists`: "4 lists". `exceptions`: what it is not said of."""
    if exceptions:
        return say_n(
            "Your {n} sending IP or domain was not listed on any of the {lists} that we watch and could verify; "
            "{exceptions}.",
            "None of your {n} sending IPs and domains was listed on any of the {lists} that we watch and could verify; "
            "{exceptions}.",
            subjects,
            lists=lists,
            exceptions=exceptions,
        )
    return say_n(
        "Your {n} sending IP or domain was not listed on any of the {lists} that we watch.",
        "None of your {n} sending IPs and domains was listed on any of the {lists} that we watch.",
        subjects,
        lists=lists,
    )


def listings_ended(count: int) -> str:
    return say_n("{n} listing ended", "{n} listings ended", count)


def one_or_worst_open(count: int, which: str, *, over: bool) -> str:
    """`which`: the one, or the worst of them."""
    if over:
        return say_n(
            "{n} listing is open at the end of the week: {which}.",
            "{n} listings are open at the end of the week, the worst of them {which}.",
            count,
            which=which,
        )
    return say_n(
        "{n} listing is open now: {which}.",
        "{n} listings are open now, the worst of them {which}.",
        count,
        which=which,
    )


def only_others_open(count: int, *, over: bool, sure: bool) -> str:
    if over and sure:
        return say_n(
            "No listing on an important list is open at the end of the week; {n} is open on other lists.",
            "No listing on an important list is open at the end of the week; {n} are open on other lists.",
            count,
        )
    if over:
        return say_n(
            "No listing that we know of on an important list is open at the end of the week; {n} is open on other "
            "lists.",
            "No listing that we know of on an important list is open at the end of the week; {n} are open on other "
            "lists.",
            count,
        )
    if sure:
        return say_n(
            "No listing on an important list is open now; {n} is open on other lists.",
            "No listing on an important list is open now; {n} are open on other lists.",
            count,
        )
    return say_n(
        "No listing that we know of on an important list is open now; {n} is open on other lists.",
        "No listing that we know of on an important list is open now; {n} are open on other lists.",
        count,
    )


def none_known_open(ended: int, *, over: bool, sure: bool) -> str:
    if over and sure:
        return say_n(
            "No listing is open at the end of the week; {n} listing ended during it.",
            "No listing is open at the end of the week; {n} listings ended during it.",
            ended,
        )
    if over:
        return say_n(
            "No listing that we know of is open at the end of the week; {n} listing ended during it.",
            "No listing that we know of is open at the end of the week; {n} listings ended during it.",
            ended,
        )
    if sure:
        return say_n(
            "No listing is open now; {n} listing ended during the week.",
            "No listing is open now; {n} listings ended during the week.",
            ended,
        )
    return say_n(
        "No listing that we know of is open now; {n} listing ended during the week.",
        "No listing that we know of is open now; {n} listings ended during the week.",
        ended,
    )
