"""Every shipped rule says what it means: its example through the whole classifier, its twin never."""

import re

import pytest

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.core.cited_list import ListFinder, zones_of
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.reply import BLOCK_SIDE
from deliverwatch.replies.classifier import Classifier

SHIPPED = load_reply_rules()
PROVIDERS = load_mailbox_providers()
LISTS = load_lists()
RULE = pytest.mark.parametrize("rule", SHIPPED.rules, ids=[rule.id for rule in SHIPPED.rules])


@pytest.fixture(scope="module")
def classify():
    """As if the reply came from the provider of the rule."""
    finder = ListFinder(zones_of(LISTS.usable, LISTS.dead), SHIPPED.cited)
    classifier = Classifier(SHIPPED.rules, ProviderDirectory.of(PROVIDERS), finder)
    by_id = {provider.id: provider for provider in PROVIDERS}

    def run(reply, rule):
        provider = by_id[rule.providers[0]] if rule.providers else None
        if provider is None or (rule.alone and not (provider.domains or provider.hosts)):
            return classifier.classify(reply)
        if provider.domains:
            return classifier.classify(reply, None, provider.domains[0].replace(".*", ".com"))
        return classifier.classify(reply, provider.hosts[0].replace("*", "mx"))

    return run


@RULE
def test_its_example_is_its_own(classify, rule):
    assert classify(rule.example, rule).rule == rule.id


@RULE
def test_its_twin_is_not(classify, rule):
    assert classify(rule.twin, rule).rule != rule.id


@RULE
def test_its_provider_and_list_are_known(rule):
    ids = {provider.id for provider in PROVIDERS}
    assert set(rule.providers) <= ids
    assert rule.names_provider is None or rule.names_provider in ids
    lists = {each.id for each in (*LISTS.usable, *LISTS.dead)} | {each.name for each in SHIPPED.cited}
    is_id = rule.list_ is not None and rule.list_ == rule.list_.lower() and "." not in rule.list_
    assert not is_id or rule.list_ in lists


def test_cited_lists_are_those_of_the_catalogue():
    known = {each.id for each in (*LISTS.usable, *LISTS.dead)}
    assert [each.name for each in SHIPPED.cited if each.list_id is not None and each.list_id not in known] == []


@RULE
def test_samples_are_from_documentation_space(rule):
    for text in (rule.example, rule.twin):
        for address in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text):
            is_code = int(address.partition(".")[0]) < 10  # four numbers with dots are some receivers' error codes
            assert is_code or address.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "127.")), address


def test_the_enhanced_code_alone_makes_no_block():
    by_code = [rule for rule in SHIPPED.rules if rule.id.startswith("code-")]
    assert len(by_code) >= 4
    assert not {rule.class_ for rule in by_code} & BLOCK_SIDE
    assert all(rule.confidence <= 0.5 for rule in by_code)


def overlay(tmp_path, text):
    (tmp_path / "reply_rules.yaml").write_text(f"source: ours\nchecked_on: 2026-11-26\n{text}")
    return tmp_path


OURS = """
rules:
  - {id: ours, class: policy, has: [our own words], example: 550 Our own words, twin: 550 Their own words}
"""


def test_an_overlays_own_rule_comes_first(tmp_path):
    rules = load_reply_rules(overlay=overlay(tmp_path, OURS)).rules
    assert (rules[0].id, rules[0].source, rules[0].checked_on) == ("ours", "ours", "2026-11-26")
    assert len(rules) == len(SHIPPED.rules) + 1


def test_an_overlay_changes_one_key_of_a_shipped_rule(tmp_path):
    text = "rules: [{id: dmarc, confidence: 0.5}]\ncited_lists: [{name: SpamCop, list: psbl}]"
    changed = load_reply_rules(overlay=overlay(tmp_path, text))
    was, now = (next(rule for rule in rules if rule.id == "dmarc") for rules in (SHIPPED.rules, changed.rules))
    assert (now.confidence, now.has, now.example) == (0.5, was.has, was.example)
    assert [rule.id for rule in changed.rules] == [rule.id for rule in SHIPPED.rules]
    assert next(each.list_id for each in changed.cited if each.name == "SpamCop") == "psbl"


def test_a_fault_in_an_overlay_names_its_file(tmp_path):
    with pytest.raises(CatalogueError, match=r"reply_rules\.yaml: line 3.*unknown word 'blok'"):
        load_reply_rules(overlay=overlay(tmp_path, "rules: [{id: dmarc, class: blok}]"))
    with pytest.raises(CatalogueError, match="is not a folder"):
        load_reply_rules(overlay=tmp_path / "missing")
