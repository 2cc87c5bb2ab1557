"""A form filled from facts, and what a person wrote into it."""

from dataclasses import replace

import pytest

from core.remediation_samples import (
    DAY,
    HOUR,
    NOW,
    REQUESTER,
    blocked,
    checked,
    draft_of,
    episode,
    form,
    listed,
    listing,
    said,
    sent,
    words,
)
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.draft import DraftState, Edit, RequestOutcome
from deliverwatch.core.remediation.edits import edit_base, with_edits
from deliverwatch.core.remediation.facts import Fact
from deliverwatch.core.remediation.fields import fill
from deliverwatch.core.remediation.form import (
    Answer,
    FollowUpWay,
    FormChannel,
    FormField,
    LetterKind,
    SelfExpiry,
    Sender,
)
from deliverwatch.core.remediation.make import cause_key, make_draft

IP = FormField("ip", "Address", "ips")
WHY = FormField("why", "What was changed", "what_changed", limit=20)
PHONE = FormField("phone", "Phone", "requester_phone", required=False)
COMPANY = FormField("company", "Company", "requester_company")
TEXT_FIELD = FormField("message", "Message", "text")
KIND = FormField("kind", "Problem", "block_kind", values={"ip": "IP is blocked", "*": "Other"})


def filled(*fields, **values):
    """`values`: of facts."""
    facts = {name: Fact.of(value, f"source of {name}") for name, value in values.items()}
    return fill(fields, facts, "The text.\n", lambda: "Brief.\n")


def missing(draft):
    return {each.field: each.why for each in draft.missing}


def values(draft):
    return {field.name: field.value for field in draft.fields}


class TestFill:
    def test_fields_keep_the_forms_order_and_name_their_source(self):
        facts = {"requester_company": "Example ESP", "what_changed": "list cleaned", "ips": "192.0.2.10"}
        fields, lacking = filled(IP, WHY, PHONE, COMPANY, **facts)
        assert [(field.name, field.value, field.source) for field in fields] == [
            ("ip", "192.0.2.10", "source of ips"),
            ("why", "list cleaned", "source of what_changed"),
            ("phone", None, None),
            ("company", "Example ESP", "source of requester_company"),
        ]
        assert lacking == ()

    def test_what_is_not_recorded_is_missing_with_what_to_do_and_never_invented(self):
        fields, lacking = filled(IP, WHY, PHONE, COMPANY, ips="192.0.2.10")
        assert [field.value for field in fields] == ["192.0.2.10", None, None, None]
        told = {each.field: each.why for each in lacking}
        assert set(told) == {"why", "company"}
        assert told["why"].startswith("only the customer knows: `deliverwatch drafts ask`")
        assert told["company"] == "set company in [requester] of the configuration"

    def test_what_was_not_seen_is_said_to_be_not_recorded(self):
        _, lacking = filled(FormField("name", "Host name", "ptr_names"))
        assert lacking[0].why == "not recorded: the reverse names of the addresses, as looked up"

    def test_a_value_over_the_limit_is_kept_whole_and_told(self):
        fields, lacking = filled(WHY, what_changed="x" * 21)
        assert fields[0].value == "x" * 21
        assert [(each.field, each.why) for each in lacking] == [("why", "21 characters, the form takes 20: shorten it")]
        assert filled(WHY, what_changed="x" * 20)[1] == ()

    def test_the_text_that_breaks_a_limit_gets_its_brief_version(self):
        def text_in(limit):
            (field,), lacking = filled(replace(TEXT_FIELD, limit=limit))
            return field.value, len(lacking)

        assert text_in(None) == ("The text.", 0)
        assert text_in(9) == ("The text.", 0)
        assert text_in(8) == ("Brief.", 0)
        assert text_in(5) == ("Brief.", 1)

    def test_several_values_are_joined_as_the_form_wants_them(self):
        facts = {"ips": Fact(("192.0.2.10", "192.0.2.11"), "look-ups")}
        (field,), _ = fill((replace(IP, separator="; "),), facts, "", str)
        assert field.value == "192.0.2.10; 192.0.2.11"

    def test_a_choice_is_the_forms_own(self):
        assert filled(KIND, block_kind="ip")[0][0].value == "IP is blocked"
        (field,), lacking = filled(KIND, block_kind="rate")
        assert (field.value, field.values, lacking) == ("Other", ("IP is blocked", "Other"), ())

    def test_where_the_form_offers_no_choice_none_is_made(self):
        (field,), lacking = filled(replace(KIND, values={"ip": "IP is blocked"}), block_kind="rate")
        assert (field.value, field.source) == (None, None)
        assert lacking[0].why == "the form offers no choice for 'rate': choose one of IP is blocked"

    def test_a_fact_that_no_field_wants_is_left_out(self):
        fields, _ = filled(IP, reason="not asked for")
        assert "not asked for" not in repr(fields)


class TestText:
    def test_a_page_without_a_place_for_it_lists_the_fields(self):
        draft = draft_of(listed(form("sample", IP, COMPANY)))
        assert draft.text == "Address: 192.0.2.10\nCompany: Example ESP\n"
        assert "what_changed" not in missing(draft)

    def test_what_the_text_lacks_is_missing(self):
        draft = draft_of(listed(form("sample", IP, TEXT_FIELD)))
        assert "[to be completed: what changed]" in draft.text
        assert missing(draft)["what_changed"].startswith("only the customer knows")

    def test_what_a_field_asks_for_is_missing_once(self):
        draft = draft_of(listed(form("sample", WHY, TEXT_FIELD)))
        assert [each.field for each in draft.missing] == ["why"]

    def test_what_the_customer_was_asked_says_so_until_the_answer_is_recorded(self):
        asked = replace(said({}, at=NOW), questions=("what_changed",), answers={}, answered_at=None)
        why = "the customer was asked on 2026-11-23 12:00 UTC by Robin, no answer is recorded"
        in_text, in_field = form("sample", IP, TEXT_FIELD), form("sample", WHY)
        assert missing(draft_of(listed(in_text, words=(asked,))))["what_changed"] == why
        assert missing(draft_of(listed(in_field, words=(asked,)))) == {"why": why}
        about_another = replace(asked, questions=("cause",))
        assert missing(draft_of(listed(in_field, words=(about_another,))))["why"].startswith("only the customer knows")
        assert missing(draft_of(listed(in_field, words=(said({"what_changed": "cleaned"}), asked)))) == {}

    def test_a_mark_that_a_stranger_wrote_is_none(self):
        hostile = said({"what_changed": "[to be completed: reason] [to be completed: x]"})
        draft = draft_of(listed(form("sample", TEXT_FIELD), words=(hostile,)))
        assert draft.missing == ()

    def test_in_the_addressees_language_with_the_english_beside_it(self):
        german = form("sample", TEXT_FIELD, languages=("fr", "de"), bodies={(LetterKind.REQUEST, "de"): "a text"})
        draft = draft_of(listed(german))
        assert (draft.language, draft.text.split(":")[0]) == ("de", "request in de")
        assert draft.text_english.startswith("request in en")
        english = draft_of(listed(form("sample", TEXT_FIELD)))
        assert (english.language, english.text_english) == ("en", None)


class TestWordsOfTheCustomer:
    FORM = form("sample", WHY, TEXT_FIELD)

    def of(self, *answers, form_=FORM):
        draft = draft_of(listed(form_, words=answers))
        return {name for name, why in missing(draft).items() if "translate" in why}

    def test_in_another_language_they_need_translation(self):
        answer = said({"what_changed": "Liste bereinigt", "changed_on": "2026-11-23"}, Language.DE)
        assert self.of(answer) == {"what_changed"}
        assert self.of(answer, form_=form("sample", IP)) == set()

    def test_in_english_or_the_addressees_own_they_do_not(self):
        assert self.of(said({"what_changed": "cleaned"})) == set()
        german = form("sample", TEXT_FIELD, languages=("de",), bodies={(LetterKind.REQUEST, "de"): "a text"})
        assert self.of(said({"what_changed": "Liste bereinigt"}, Language.DE), form_=german) == set()

    def test_each_answer_has_its_own_language(self):
        new = said({"what_changed": "cleaned"})
        old = said({"what_changed": "bereinigt", "cause": "gekaufte Liste"}, Language.DE, NOW - 5 * HOUR)
        assert self.of(new, old) == {"cause"}


class TestUnchecked:
    FORM = form("sample", IP, requires=frozenset({Check.PTR, Check.SPF}))
    SPF = checked(Check.SPF, subject="news.acme.example")

    def of(self, *practice, form_=FORM):
        return missing(draft_of(listed(form_, practice=practice)))

    def test_what_is_demanded_and_known_is_not_missing(self):
        assert self.of(checked(), self.SPF) == {}
        assert self.of(checked(outcome=CheckOutcome.FAIL), self.SPF) == {}

    def test_what_nobody_could_find_out(self):
        found = self.of(checked(outcome=CheckOutcome.UNKNOWN, found="no answer in time"))
        assert found == {
            "ptr": "demanded by Sample list and not known: no answer in time",
            "spf": "demanded by Sample list and not known: it was not checked",
        }

    def test_one_address_that_is_known_says_nothing_of_the_other(self):
        other = checked(subject="192.0.2.11", outcome=CheckOutcome.UNKNOWN, found="SERVFAIL for 192.0.2.11")
        assert self.of(checked(), other, self.SPF) == {
            "ptr": "demanded by Sample list and not known: SERVFAIL for 192.0.2.11"
        }
        assert self.of(other, checked(), self.SPF).keys() == {"ptr"}

    @pytest.mark.parametrize("outcome", [CheckOutcome.PASS, CheckOutcome.FAIL])
    def test_an_old_look_says_nothing_of_today(self, outcome):
        found = self.of(checked(outcome=outcome, at=NOW - 3 * DAY), self.SPF)
        assert found == {"ptr": "demanded by Sample list and not known: last looked at 2026-11-21 12:00 UTC"}

    def test_addresses_are_not_asked_of_domains(self):
        draft = draft_of(listed(self.FORM, listing("news.acme.example"), practice=(self.SPF,)))
        assert "ptr" not in missing(draft)


class TestWhereItGoes:
    def test_to_the_domain_that_refuses(self):
        mail = form("mailbox", TEXT_FIELD, channel=FormChannel.EMAIL, to=("postmaster@{domain}", "abuse@{domain}"))
        assert draft_of(blocked(mail)).to == "postmaster@mailbox.example, abuse@mailbox.example"

    def test_an_address_that_is_not_known_is_missing(self):
        mail = form("mailbox", TEXT_FIELD, channel=FormChannel.EMAIL, to=("postmaster@{domain}",))
        draft = draft_of(blocked(mail, provider=None))
        assert (draft.to, missing(draft)["to"]) == (None, "no address of Mailbox is known: find it before use")

    def test_the_owner_of_the_network_asks_through_our_abuse_desk(self):
        owner = form("sample", IP, sender=Sender.NETWORK_OWNER)
        assert draft_of(listed(owner)).to == "abuse@esp.example"
        draft = draft_of(listed(owner, requester=replace(REQUESTER, abuse_desk=None)))
        assert (draft.to, "set abuse_desk" in missing(draft)["to"]) == (None, True)

    def test_a_web_form_needs_no_address(self):
        draft = draft_of(listed(form(url="https://sample.example/remove")))
        assert (draft.to, draft.url, missing(draft)) == (None, "https://sample.example/remove", {})

    def test_what_the_person_does_besides(self):
        steps = draft_of(listed(form(steps=("Solve the captcha.",), answer=Answer(words="in a day"))))
        assert steps.steps == ("Solve the captcha.", "Usual answer: in a day.")
        assert "after a week" in draft_of(listed(form(expires=SelfExpiry("after a week")))).steps[0]


class TestFollowUp:
    def of(self, letter, **changes):
        page = form("sample", IP, TEXT_FIELD, to=("desk@sample.example",), escalate_to="boss@sample.example", **changes)
        followed = sent(listed(page), state=DraftState.ANSWERED, outcome=RequestOutcome.DENIED)
        return make_draft(listed(page, follows=followed), words, letter)

    def test_within_their_ticket(self):
        draft = self.of(LetterKind.DENIED)
        assert (draft.channel, draft.to, draft.follow_up_of, draft.round) == (
            FormChannel.EMAIL, "desk@sample.example", "d-earlier", 1,
        )  # fmt: skip
        assert [field.name for field in draft.fields] == ["reference", "text"]
        assert "do not fill in the form again" in draft.steps[0]

    def test_their_ticket_is_its_address(self):
        mail = form("sample", TEXT_FIELD, channel=FormChannel.EMAIL)
        draft = make_draft(listed(mail, follows=sent(listed(mail))), words, LetterKind.DENIED)
        assert (draft.to, "to" in missing(draft)) == (None, False)

    def test_through_the_form_again(self):
        draft = self.of(LetterKind.STILL_REFUSED, follow_up={LetterKind.STILL_REFUSED: FollowUpWay.AGAIN})
        assert (draft.channel, [field.name for field in draft.fields]) == (FormChannel.WEB_FORM, ["ip", "message"])

    def test_by_mail_to_somebody_else(self):
        draft = self.of(LetterKind.DENIED, follow_up={LetterKind.DENIED: FollowUpWay.EMAIL})
        assert (draft.channel, draft.to) == (FormChannel.EMAIL, "boss@sample.example")

    def test_each_answer_has_its_own_id_and_no_other(self):
        assert self.of(LetterKind.DENIED).id == self.of(LetterKind.DENIED).id
        assert self.of(LetterKind.DENIED).id != self.of(LetterKind.NOTHING_FOUND).id


def test_one_cause_is_the_same_addressee_holder_and_words():
    plain = form()
    same = cause_key(listed(plain))
    assert same == cause_key(listed(plain, listing("192.0.2.11")))
    assert same != cause_key(listed(plain, listing(codes=("127.0.0.4",))))
    assert same != cause_key(listed(form("other")))
    assert same != cause_key(listed(plain, customer=None, holders=()))
    refused = cause_key(blocked(plain))
    assert refused == cause_key(blocked(plain, episode("192.0.2.11")))
    assert refused != cause_key(blocked(plain, episode(rule="another")))


def test_figures_that_move_do_not_make_it_another():
    assert draft_of(blocked(form())).facts == draft_of(blocked(form(), episode(replies=91, last_seen_at=NOW))).facts


def edit(field, value, by="pat", base=None):
    return Edit(field, value, by, NOW, base)


def edited(draft, *edits):
    """One after another, each on what the one before left."""
    for number in range(len(edits)):
        draft = with_edits(draft, edits[: number + 1])
    return draft


class TestEdits:
    def test_what_a_person_wrote_stands(self):
        draft = edited(draft_of(listed(form("sample", IP, WHY))), edit("why", "cleaned"))
        assert values(draft) == {"ip": "192.0.2.10", "why": "cleaned"}
        assert (draft.fields[1].source, draft.fields[1].edited_by, missing(draft)) == ("edited by pat", "pat", {})

    def test_the_limit_holds_for_them_as_well(self):
        draft = edited(draft_of(listed(form("sample", WHY))), edit("why", "x" * 21))
        assert missing(draft) == {"why": "21 characters, the form takes 20: shorten it"}
        assert missing(edited(draft, edit("why", "x" * 21), edit("why", "short"))) == {}

    def test_a_required_field_that_is_emptied_is_missing(self):
        draft = edited(draft_of(listed(form("sample", COMPANY, PHONE))), edit("company", " "), edit("phone", ""))
        assert missing(draft) == {"company": "left empty by pat"}

    def test_what_the_form_does_not_offer_is_said(self):
        page = form("mailbox", KIND)
        assert missing(edited(draft_of(blocked(page)), edit("kind", "Other"))) == {}
        wrong = missing(edited(draft_of(blocked(page)), edit("kind", "Both")))
        assert wrong == {"kind": "the form offers no choice 'Both': choose one of IP is blocked, Other"}

    def test_the_text_goes_into_the_field_that_takes_it_each_time(self):
        draft = edited(draft_of(listed(form("sample", TEXT_FIELD))), edit("text", "First."), edit("text", "Second."))
        assert (draft.text, values(draft)["message"]) == ("Second.", "Second.")

    def test_a_field_that_was_edited_by_itself_keeps_its_words(self):
        made = draft_of(listed(form("sample", TEXT_FIELD)))
        both = (edit("message", "Short."), edit("text", "Long."))
        for draft in (edited(made, *both), with_edits(made, both)):
            assert (draft.text, values(draft)["message"]) == ("Long.", "Short.")

    def test_a_text_over_the_limit_of_its_field_is_told_until_it_is_short(self):
        draft = draft_of(listed(form("sample", replace(TEXT_FIELD, limit=100))))
        long = edited(draft, edit("text", "x" * 101))
        assert "101 characters" in missing(long)["message"]
        assert "message" not in missing(edited(long, edit("text", "x" * 101), edit("text", "x")))

    def test_a_text_without_its_mark_lacks_nothing(self):
        draft = draft_of(listed(form("sample", TEXT_FIELD)))
        assert missing(edited(draft, edit("text", "We cleaned the list."))) == {}
        still = edited(draft, edit("text", "Dear all, [to be completed: what changed]"))
        assert set(missing(still)) == {"what_changed"}

    def test_words_that_somebody_translated_need_it_no_more(self):
        answer = said({"what_changed": "Liste bereinigt"}, Language.DE)
        draft = draft_of(listed(form("sample", TEXT_FIELD), words=(answer,)))
        assert "translate" in missing(draft)["what_changed"]
        assert missing(edited(draft, edit("text", "We cleaned the list."))) == {}
        assert "translate" in missing(edited(draft, edit("text", "Hello. Liste bereinigt.")))["what_changed"]

    def test_the_english_beside_an_edited_text_would_say_something_else(self):
        german = form("sample", COMPANY, TEXT_FIELD, languages=("de",), bodies={(LetterKind.REQUEST, "de"): "a text"})
        made = draft_of(listed(german))
        assert edited(made, edit("company", "Other")).text_english == made.text_english
        assert edited(made, edit("text", "Anders.")).text_english is None

    def test_without_edits_a_draft_stays_as_it_was_made(self):
        answer = said({"cause": "gekaufte Liste"}, Language.DE)  # which these words do not mention
        draft = draft_of(listed(form("sample", TEXT_FIELD), words=(answer,)))
        assert "cause" in missing(draft)
        assert with_edits(draft, ()) == draft

    def test_a_text_that_lists_the_fields_lists_them_as_they_are_now(self):
        draft = edited(
            draft_of(listed(form("sample", IP, COMPANY))), edit("company", "Other"), edit("ip", "192.0.2.11")
        )
        assert draft.text == "Address: 192.0.2.11\nCompany: Other\n"

    def test_an_edit_is_stale_when_the_facts_behind_it_changed(self):
        page = form("sample", WHY, TEXT_FIELD)
        before = draft_of(listed(page))
        edits = (edit("text", "As it was.", base=edit_base(before.facts)),)
        assert "edited" not in repr(missing(with_edits(before, edits)))
        after = with_edits(draft_of(listed(page, listing(reason="sends viruses"))), edits)
        assert after.text == "As it was."
        assert missing(after)["text"] == "edited by pat; since then changed: reason: look at it again"

    def test_a_stale_edit_that_was_looked_at_again_is_not_stale(self):
        page = form("sample", TEXT_FIELD)
        old = edit("text", "As it was.", base=edit_base(draft_of(listed(page)).facts))
        draft = with_edits(draft_of(listed(page, listing(reason="sends viruses"))), (old,))
        again = with_edits(draft, (edit("text", "As it is.", base=edit_base(draft.facts)),))
        assert "text" not in missing(again)

    def test_another_edit_leaves_a_stale_one_stale_and_says_it_once(self):
        page = form("sample", COMPANY, TEXT_FIELD)
        old = edit("text", "As it was.", base=edit_base(draft_of(listed(page)).facts))
        draft = with_edits(draft_of(listed(page, listing(reason="sends viruses"))), (old,))
        both = with_edits(draft, (old, edit("company", "Other", base=edit_base(draft.facts))))
        assert [each.field for each in both.missing].count("text") == 1
