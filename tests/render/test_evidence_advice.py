"""What the evidence file says of advice: who told it, and nothing that was never true."""

from dataclasses import replace

from deliverwatch.core.practice import TAKEN_BACK, Advice, Check
from deliverwatch.render.draft_evidence import evidence_file
from render.drafts_out import AT, DAY, MAIL

LISTING = Advice("v-9", "acme", Check.LISTINGS, "192.0.2.10", "listed", {}, "192.0.2.10 is listed on PSBL", AT - DAY)


def told(advice):
    return evidence_file(MAIL, (), (), (), [advice]).partition("## Advice given")[2]


def test_a_listing_is_told_by_the_report():
    assert "the weekly report tells it as a listing" in told(LISTING)
    assert "2026" in told(replace(LISTING, told_at=AT))
    assert "not told" in told(replace(LISTING, check=Check.PTR))


def test_what_was_taken_back_is_left_out():
    assert "PSBL" in told(replace(LISTING, mended_at=AT))
    assert "PSBL" not in told(replace(LISTING, mended_at=AT, facts={TAKEN_BACK: "the list lied"}))
