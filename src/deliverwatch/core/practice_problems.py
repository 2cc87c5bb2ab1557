"""What can be wrong with a sender's practice, and which facts the words about it take.

A problem is what one repair mends. `render.practice_words` says each in the languages of customers; the facts are kept
with the result, so that the words can be made later, and in another language.
"""

from collections.abc import Mapping
from enum import StrEnum


class Problem(StrEnum):
    SPF_MISSING = "spf_missing"
    SPF_FAIL = "spf_fail"
    SPF_SOFTFAIL = "spf_softfail"
    SPF_NEUTRAL = "spf_neutral"
    SPF_TOO_MANY_LOOKUPS = "spf_too_many_lookups"
    SPF_SEVERAL = "spf_several"
    SPF_INVALID = "spf_invalid"
    DKIM_MISSING = "dkim_missing"
    DKIM_REVOKED = "dkim_revoked"
    DKIM_SEVERAL = "dkim_several"
    DKIM_SHORT = "dkim_short"
    DKIM_INVALID = "dkim_invalid"
    DMARC_MISSING = "dmarc_missing"
    DMARC_SEVERAL = "dmarc_several"
    DMARC_INVALID = "dmarc_invalid"
    NOT_ALIGNED = "not_aligned"
    PTR_MISSING = "ptr_missing"
    PTR_ELSEWHERE = "ptr_elsewhere"
    HELO_UNRESOLVED = "helo_unresolved"
    HELO_ELSEWHERE = "helo_elsewhere"
    MX_MISSING = "mx_missing"
    MX_NULL = "mx_null"
    MX_DEAD = "mx_dead"
    TLS_DEMANDED = "tls_demanded"
    ONE_CLICK_MISSING = "one_click_missing"
    ONE_CLICK_NO_HTTPS = "one_click_no_https"
    ONE_CLICK_NO_POST = "one_click_no_post"
    ONE_CLICK_UNSIGNED = "one_click_unsigned"
    COMPLAINTS_HIGH = "complaints_high"
    GMAIL_SPAM_HIGH = "gmail_spam_high"
    BOUNCES_HIGH = "bounces_high"
    WARMUP_OVER_PLAN = "warmup_over_plan"
    WARMUP_HELD = "warmup_held"
    LISTED = "listed"


FACTS_OF: Mapping[Problem, tuple[str, ...]] = {
    Problem.SPF_MISSING: ("domain",),
    Problem.SPF_FAIL: ("domain", "addresses"),
    Problem.SPF_SOFTFAIL: ("domain", "addresses"),
    Problem.SPF_NEUTRAL: ("domain", "addresses"),
    Problem.SPF_TOO_MANY_LOOKUPS: ("domain",),
    Problem.SPF_SEVERAL: ("domain",),
    Problem.SPF_INVALID: ("domain", "reason"),
    Problem.DKIM_MISSING: ("name",),
    Problem.DKIM_REVOKED: ("name",),
    Problem.DKIM_SEVERAL: ("name",),
    Problem.DKIM_SHORT: ("name", "bits"),
    Problem.DKIM_INVALID: ("name", "reason"),
    Problem.DMARC_MISSING: ("domain",),
    Problem.DMARC_SEVERAL: ("name",),
    Problem.DMARC_INVALID: ("name",),
    Problem.NOT_ALIGNED: ("domain", "others"),
    Problem.PTR_MISSING: ("address",),
    Problem.PTR_ELSEWHERE: ("address", "names"),
    Problem.HELO_UNRESOLVED: ("domain",),
    Problem.HELO_ELSEWHERE: ("domain", "leads_to"),
    Problem.MX_MISSING: ("domain",),
    Problem.MX_NULL: ("domain",),
    Problem.MX_DEAD: ("domain", "hosts"),
    Problem.TLS_DEMANDED: ("replies",),
    Problem.ONE_CLICK_MISSING: ("domain",),
    Problem.ONE_CLICK_NO_HTTPS: ("domain",),
    Problem.ONE_CLICK_NO_POST: ("domain",),
    Problem.ONE_CLICK_UNSIGNED: ("domain",),
    Problem.COMPLAINTS_HIGH: ("providers",),
    Problem.GMAIL_SPAM_HIGH: ("domain", "days"),
    Problem.BOUNCES_HIGH: ("ratio",),
    Problem.WARMUP_OVER_PLAN: ("address",),
    Problem.WARMUP_HELD: ("address",),
    Problem.LISTED: ("subject", "lists"),
}
