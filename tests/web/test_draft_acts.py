"""What a person does with a draft on its page: each act, and what is answered when it is not possible."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.draft import Action, DraftState, RequestOutcome
from deliverwatch.web.draft_edit import Clash, edits
from deliverwatch.web.draft_next import Next, next_of
from deliverwatch.web.draft_view import fingerprint, form_link, text_of
from remediation.world import HOUR
from web.desk_world import HOSTILE, Seen, browsing, open_world

TAM_A = {"role": Role.TAM, "sees_all": False, "email": "tam-a@esp.example"}
ACTS = {
    "pull": {},
    "edit": {"version": "1", "field.contact": "x", "was.contact": "y"},
    "overrule": {"check": "ptr", "reason": "known"},
    "ask": {},
    "answer-of-customer": {"said_by": "Alex", "cause": "an import"},
    "submit": {"reference": "SRX 1"},
    "answer": {"outcome": "denied", "note": "no"},
    "close": {"reason": "by hand"},
    "link": {"ticket": "https://desk.example/1"},
}


@pytest.fixture
async def world(tmp_path, monkeypatch):
    async with open_world(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture
async def client(world):
    async with browsing(world, name="pat") as client:
        yield client


async def act(client, draft, name, **told):
    return await client.post(f"/drafts/{draft.id}/{name}", data=told or ACTS[name])


async def done(client, draft, name, **told):
    """Posted, and the page to which one is sent."""
    answer = await act(client, draft, name, **told)
    assert answer.status_code == 303, Seen(answer.text).text
    shown = await client.get(answer.headers["location"])
    assert shown.status_code == 200
    return Seen(shown.text)


async def refused(client, draft, name, status, words, **told):
    answer = await act(client, draft, name, **told)
    seen = Seen(answer.text)
    assert answer.status_code == status
    assert words in seen.text
    return seen


async def failing(world, check=Check.PTR):
    now = world.clock.now()
    result = CheckResult(check, "192.0.2.10", CheckOutcome.FAIL, "192.0.2.10 has none", now, "a look", "ptr_missing")
    await world.store.keep_practice("acme", [result], [], complete=True)


async def actions(world, draft):
    return [step.action for step in await world.store.draft_steps(draft.id)]


async def audited(world, draft):
    return [line.deed for line in await world.store.audit(object_=draft.id)]


class TestALife:
    async def test_from_taking_it_on_to_its_answer_by_the_forms_of_its_page_alone(self, world, client):
        draft = await world.block()
        page = Seen((await client.get(f"/drafts/{draft.id}")).text)
        assert f"/drafts/{draft.id}/pull" in page.forms
        page = await done(client, draft, "pull")
        assert "You have taken it on" in page.text
        page = await done(client, draft, "submit", reference="  SRX\t1234 ")
        assert "Reference: SRX 1234" in page.text
        page = await done(client, draft, "answer", outcome="denied", note="not qualified")
        (follow_up,) = [each for each in await world.drafts() if each.follow_up_of == draft.id]
        assert "Go on with the follow-up" in page.text
        assert f"/drafts/{follow_up.id}" in page.links
        kept = await world.store.draft(draft.id)
        assert (kept.state, kept.outcome) == (DraftState.ANSWERED, RequestOutcome.DENIED)
        assert {kept.pulled_by, kept.submitted_by} == {"pat"}

    async def test_each_is_written_into_the_audit_trail_before_it_is_done(self, world, client):
        draft = await world.block()
        await done(client, draft, "pull")
        await done(client, draft, "submit", reference="SRX 1")
        await act(client, draft, "submit", reference="SRX 2")
        deeds = await audited(world, draft)
        assert [deed.action for deed in deeds] == ["draft.submit", "draft.submit", "draft.pull"]
        assert {deed.by for deed in deeds} == {"pat"}
        assert deeds[1].facts["reference"] == "SRX 1"
        assert all(deed.request for deed in deeds)

    async def test_sent_without_or_against_stands_in_the_history(self, world, client):
        await failing(world)
        draft = await world.block()
        assert draft.stands_against
        assert draft.missing
        await done(client, draft, "pull")
        page = await done(client, draft, "submit", reference="SRX 1")
        assert "Sent although this stood against it:" in page.text
        assert "Sent without:" in page.text

    async def test_denied_for_good_leads_to_the_evidence_file(self, world, client):
        draft = await world.block()
        await done(client, draft, "pull")
        await done(client, draft, "submit", reference="SRX 1")
        await done(client, draft, "answer", outcome="denied", note="no")
        (again,) = [each for each in await world.drafts() if each.follow_up_of == draft.id]
        await done(client, again, "submit", reference="SRX 1, again")
        page = await done(client, again, "answer", outcome="denied", note="no, for good")
        assert "mediation beyond the standard form" in page.text
        assert f"/drafts/{again.id}/evidence.md" in page.links

    async def test_one_that_is_overruled_says_by_whom_and_why(self, world, client):
        await failing(world)
        draft = await world.block()
        assert "ptr" in {each.check for each in draft.stands_against}
        page = await done(client, draft, "overrule", check="ptr", reason="the customer sets it today")
        assert "Overruled by pat: the customer sets it today" in page.text

    async def test_the_customer_is_asked_and_what_they_say_is_kept(self, world, client):
        draft = await world.block()
        page = await done(client, draft, "ask")
        assert "Asked by pat" in page.text
        told = {"said_by": "Alex Kim", "cause": "an imported\r\nfile", "changed_on": "2026-11-23", "language": "de"}
        page = await done(client, draft, "answer-of-customer", **told)
        assert "Said by Alex Kim" in page.text
        (request,) = await world.store.action_requests(customer="acme")
        assert request.answers == {"cause": "an imported file", "changed_on": "2026-11-23"}
        assert (request.kept_by, request.answer_language) == ("pat", "de")

    async def test_it_is_closed_and_linked(self, world, client):
        draft = await world.block()
        page = await done(client, draft, "link")
        assert "https://desk.example/1" in page.text
        assert "https://desk.example/1" not in page.links
        page = await done(client, draft, "close")
        assert "Nothing: it is closed." in page.text
        assert (await world.store.draft(draft.id)).state is DraftState.CLOSED


class TestEdit:
    async def test_only_what_was_changed_is_an_edit(self, world, client):
        draft = await world.block()
        page = Seen((await client.get(f"/drafts/{draft.id}")).text)
        form = page.forms[f"/drafts/{draft.id}/edit"]
        answer = await act(client, draft, "edit", **form)
        assert answer.headers["location"].endswith("?done=unchanged")
        assert Action.EDITED not in await actions(world, draft)
        form |= {"field.contact": "Pat's desk", "field.text": form.get("field.text", draft.text) + "\r\nOne more line."}
        page = await done(client, draft, "edit", **form)
        assert "Your changes are kept." in page.text
        kept = await world.store.draft(draft.id)
        assert {each.field for each in kept.edits} == {"contact", "text"}
        assert kept.text.endswith("\nOne more line.")
        assert "\r" not in kept.text

    async def test_two_people_see_both_texts_and_one_chooses(self, world, client):
        draft = await world.block()
        form = Seen((await client.get(f"/drafts/{draft.id}")).text).forms[f"/drafts/{draft.id}/edit"]
        await world.desk("sam").edit(draft.id, {"contact": "Sam's desk"})
        answer = await act(client, draft, "edit", **form | {"field.contact": "Pat's desk"})
        seen = Seen(answer.text)
        assert answer.status_code == 409
        assert "Sam's desk" in seen.text
        assert "Pat's desk" in seen.text
        kept = await world.store.draft(draft.id)
        assert [each.by for each in kept.edits] == ["sam"]
        await done(client, draft, "edit", **seen.forms[f"/drafts/{draft.id}/edit"])
        kept = await world.store.draft(draft.id)
        assert [(each.by, each.value) for each in kept.edits] == [("pat", "Pat's desk")]

    async def test_a_version_that_is_none_and_one_that_is_not_there(self, world, client):
        draft = await world.block()
        for version in ("", "one", "-1", "1e3", "9" * 40, "\u0661"):
            await refused(client, draft, "edit", 422, "which version", **ACTS["edit"] | {"version": version})
        await refused(client, draft, "edit", 409, "has no version 77", **ACTS["edit"] | {"version": "77"})

    async def test_what_was_sent_is_not_edited(self, world, client):
        draft = await world.block()
        await done(client, draft, "submit")
        await refused(client, draft, "edit", 409, "only what has not been sent can be changed")

    async def test_a_value_with_what_hides_comes_back_as_it_was_shown(self, world):
        draft = replace(await world.block(), text=f"first\n{HOSTILE}")
        shown = text_of(draft)
        told = {"version": "1", "field.text": shown.value, "was.text": shown.was}
        assert edits(draft, told).values == {}
        assert edits(draft, told | {"field.text": "other"}).values == {"text": "other"}
        assert fingerprint("a") != fingerprint("b")

    async def test_the_same_words_are_no_clash(self, world):
        shown = text_of(await world.block())
        assert not Clash(shown, shown.value).is_one
        assert Clash(shown, "other").is_one


class TestRefused:
    async def test_what_is_missing_is_said_beside_its_field(self, world, client):
        draft = await world.block()
        await done(client, draft, "pull")
        for name, told, field in (
            ("submit", {"reference": " "}, "reference"),
            ("submit", {"reference": "x" * 501}, "reference"),
            ("close", {"reason": ""}, "reason"),
            ("link", {"ticket": ""}, "ticket"),
            ("answer-of-customer", {"cause": "x"}, "said_by"),
            ("answer-of-customer", {"said_by": "Alex"}, "cause"),
            ("answer-of-customer", {"said_by": "Alex", "changed_on": "yesterday"}, "changed_on"),
            ("answer-of-customer", {"said_by": "Alex", "cause": "x" * 2001}, "cause"),
        ):
            answer = await act(client, draft, name, **told)
            wrong = [told for _, told in Seen(answer.text).tags if told.get("aria-invalid") == "true"]
            assert answer.status_code == 422
            assert [each["name"] for each in wrong] == [field]
            assert 'id="why"' in answer.text
        assert Action.SUBMITTED not in await actions(world, draft)

    async def test_an_outcome_that_is_none(self, world, client):
        draft = await world.block()
        await done(client, draft, "submit")
        await refused(client, draft, "answer", 422, "Choose what they answered.", outcome="lost", note="x")
        await refused(client, draft, "answer", 422, "in a few words", outcome="granted", note="")

    async def test_each_act_in_a_state_that_does_not_allow_it(self, world, client):
        draft = await world.block()
        await refused(client, draft, "answer", 409, "cannot be answered")
        await refused(client, draft, "overrule", 409, "blocker")
        await refused(client, draft, "link", 409, "no web address", ticket="javascript:alert(1)")
        await done(client, draft, "close")
        for name in ("pull", "submit", "close", "ask", "edit", "overrule", "answer"):
            await refused(client, draft, name, 409, "closed")
        told = {"said_by": "Alex", "changed_on": "2031-01-01"}
        await refused(client, draft, "answer-of-customer", 409, "has not come yet", **told)

    async def test_what_ended_meanwhile_is_not_sent_but_closed(self, world, client):
        episode = await world.blocked("192.0.2.10", "microsoft_consumer", "550 5.7.1 [192.0.2.10] S3140")
        await world.after()
        draft = await world.the_draft()
        world.clock.advance(HOUR)
        await world.accepted(episode)
        seen = await refused(client, draft, "submit", 409, "need not be sent")
        assert "Nothing: it is closed." in seen.text

    async def test_a_foreign_draft_is_not_there_and_a_reader_may_nothing(self, world):
        draft = await world.block("198.51.100.3", "gmail", "550 5.7.1 [198.51.100.3] x")
        before = await actions(world, draft)
        for name in ACTS:
            async with browsing(world, **TAM_A) as tam:
                assert (await act(tam, draft, name)).status_code == 404
            async with browsing(world, role=Role.READ_ONLY) as reader:
                assert (await act(reader, draft, name)).status_code == 403
        assert await actions(world, draft) == before
        assert not await audited(world, draft)

    async def test_an_act_there_is_none_of_and_a_draft_there_is_none_of(self, world, client):
        draft = await world.block()
        assert (await client.post(f"/drafts/{draft.id}/burn")).status_code == 404
        for id_ in ("none", quote("\u202e"), "%00", quote("\x1b[2J")):
            assert (await client.post(f"/drafts/{id_}/pull")).status_code == 404
            assert (await client.get(f"/drafts/{id_}")).status_code == 404

    async def test_from_another_site_nothing_is_done(self, world, client):
        draft = await world.block()
        answer = await client.post(f"/drafts/{draft.id}/pull", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert Action.PULLED not in await actions(world, draft)

    async def test_hostile_words_are_kept_as_words(self, world, client):
        draft = await world.block()
        await done(client, draft, "pull")
        words = f"{HOSTILE}\0"
        for name, told in (
            ("answer-of-customer", {"said_by": words, "cause": words, "what_changed": words}),
            ("submit", {"reference": words}),
            ("answer", {"outcome": "more_information", "note": words}),
            ("close", {"reason": words}),
        ):
            page = await done(client, draft, name, **told)
            assert not [tag for tag, told in page.tags if tag == "img" or (tag == "script" and not told.get("src"))]
            assert not set(page.text) & set("\x1b\u202e\0")

    async def test_a_form_too_large_and_what_is_none(self, world, client):
        draft = await world.block()
        answer = await client.post(f"/drafts/{draft.id}/submit", data={"reference": "x" * 1_000_001})
        assert answer.status_code == 413
        answer = await client.post(f"/drafts/{draft.id}/submit", content="reference=\u00fc".encode())
        assert answer.status_code == 400
        answer = await client.post(f"/drafts/{draft.id}/submit", content="&".join(["a=b"] * 600))
        assert answer.status_code == 400


class TestNext:
    async def test_every_state_has_one_thing_to_do(self, world):
        draft = await world.block()
        states = {state: next_of(replace(draft, state=state), None) for state in DraftState}
        assert states == {
            DraftState.PREPARED: Next.PULL,
            DraftState.PULLED: Next.SUBMIT,
            DraftState.SUBMITTED: Next.ANSWER,
            DraftState.ANSWERED: Next.WAIT,
            DraftState.CLOSED: Next.NOTHING,
        }
        sent = replace(draft, state=DraftState.CLOSED, submitted_at=draft.created_at)
        assert next_of(sent, None) is Next.LATE

    async def test_a_late_answer_may_still_be_recorded(self, world, client):
        episode = await world.blocked("192.0.2.10", "microsoft_consumer", "550 5.7.1 [192.0.2.10] S3140")
        await world.after()
        draft = await world.the_draft()
        await done(client, draft, "submit")
        await world.accepted(episode)
        await world.after(HOUR)
        assert (await world.store.draft(draft.id)).state is DraftState.CLOSED
        page = await done(client, draft, "answer", outcome="granted", note="done")
        assert "granted" in page.text

    async def test_a_link_needs_a_form_of_ours_and_an_encrypted_address(self, world):
        draft, forms = await world.block(), world.remediation.forms.forms.values()
        assert form_link(draft, forms) == draft.url
        assert form_link(replace(draft, url=None), forms) is None
        http = [replace(form, url="http://form.example/") for form in forms]
        assert form_link(replace(draft, url="http://form.example/"), http) is None
