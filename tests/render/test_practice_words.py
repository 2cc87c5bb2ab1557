"""Every problem, in every language, with all of its facts, on one line."""

import string

import pytest

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import FACTS_OF, Problem
from deliverwatch.render.practice_words import check_name, de, en, es, id_, repair

MODULES = {Language.EN: en, Language.DE: de, Language.ES: es, Language.ID: id_}
HOSTILE = "a\r\nb\x1b[31m\u202e{domain}%s{0}" + "x" * 5000


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("problem", Problem)
def test_each_problem_is_said_with_exactly_its_facts(language, problem):
    words = MODULES[language].REPAIRS[problem]
    named = {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
    assert named == set(FACTS_OF[problem])
    said = repair(problem, {name: f"<{name}>" for name in FACTS_OF[problem]}, language)
    assert all(f"<{name}>" in said for name in FACTS_OF[problem])
    assert said.endswith(".")


@pytest.mark.parametrize("language", Language)
def test_each_check_has_a_name(language):
    names = [check_name(check, language) for check in Check]
    assert len(set(names)) == len(names)


def test_no_language_repeats_another():
    for problem in Problem:
        assert len({module.REPAIRS[problem] for module in MODULES.values()}) == len(MODULES)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("problem", Problem)
def test_hostile_facts_stay_one_short_line(language, problem):
    said = repair(problem, dict.fromkeys(FACTS_OF[problem], HOSTILE), language)
    assert said.isprintable()
    assert len(said) < 800


def test_a_fact_that_was_not_kept_is_shown_to_be_missing():
    assert repair("spf_missing", {}, Language.EN) == (
        "Publish an SPF record for ? that allows the addresses you send from."
    )
