"""Facts of the audit trail as people read them."""

from deliverwatch.render.deed_facts import facts_in_line


def test_facts_are_words_and_what_is_empty_is_left_out():
    facts = {"name": "olga", "email": "", "all": True, "off": False, "customers": None, "none": [], "n": 0, "of": {}}
    assert facts_in_line(facts) == "name: olga, all: yes, off: no, n: 0"
    assert facts_in_line({"ids": ["a", "b", 3], "was": {"name": "x", "y": None}}) == "ids: a b 3, was: (name: x)"
    assert facts_in_line({}) == ""
