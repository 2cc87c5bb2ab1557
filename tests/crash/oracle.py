"""What must have arrived, by the plan of the world alone; and what must not.

0 lost: everybody concerned heard of each trouble's beginning and end, each customer's report came to all its contacts,
and the help desk was told of a draft from its beginning to its end. 0 wrong: nobody heard anything else. 0 duplicates:
copies with one identity are octet by octet the same message, and no two messages tell the same. A physical repeat needs
a reason: its sender was killed, or was not told that the message had come.
"""

import json
import re
from collections import Counter, defaultdict
from email import message_from_bytes
from email.policy import default

from crash.world import CONTACTS, OPERATOR, TAMS, TICKETS, WEEK
from deliverwatch.core.subjects import expand

_SUBJECTS = re.compile(r"^Subjects +.*(?:\n +.*)*", re.MULTILINE)  # all of them, where the sentence counts the rest
_NET = re.compile(r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+(?:/\d+)?")


def check_copies(copies, killed):
    """`killed`: the lives that did not end by themselves."""
    by_identity = defaultdict(list)
    for copy in copies:
        by_identity[copy.recipient, copy.identity].append(copy)
    repeats = Counter()
    for same in by_identity.values():
        assert len({copy.content for copy in same}) == 1, f"two messages under one identity: {same[:2]}"
        for copy in same[:-1]:
            assert copy.life in killed or copy.unanswered, f"sent again without a reason: {copy}"
            repeats[copy.life] += not copy.unanswered
    assert max(repeats.values(), default=0) <= 1, repeats
    return sum(repeats.values())


class Told:
    """What the copies say, each identity once."""

    def __init__(self, copies):
        self.stories, self.reports, self.drafts = defaultdict(list), defaultdict(list), defaultdict(list)
        for copy in {(copy.recipient, copy.identity): copy for copy in copies}.values():
            if "@" in copy.recipient:
                self._read_mail(copy)
            else:
                self._read_document(copy.recipient, json.loads(copy.content))

    def _read_document(self, path, document):
        if path != TICKETS:
            self.drafts[document["draft"]["id"]].append(document)
            return
        for part in document["parts"]:
            if part["event"].startswith("channel_"):
                continue  # true: answers were lost on it again and again
            story = f"{part['subject']} {part['list_name'] or part['provider_name']}"
            for subject in {each.value for name in part["subjects"] for each in expand(name)} or {"?"}:
                self.stories[TICKETS, subject].append(story)

    def _read_mail(self, copy):
        mail = message_from_bytes(copy.content, policy=default)
        if copy.recipient in (OPERATOR, *TAMS.values()):
            text = mail.get_body(("plain",)).get_content().replace("\r", "")
            about = text.partition("\n\n")[0] + "".join(_SUBJECTS.findall(text))
            for subject in {each.value for name in _NET.findall(about) for each in expand(name)} or {"?"}:
                self.stories[copy.recipient, subject].append(mail["Subject"])
        else:
            self.reports[copy.recipient].append((mail["Subject"], copy.identity))

    def check_stories(self, troubles, names):
        """`names`: of what each trouble is at. A beginning and an end; both in one, where the end came before anybody
        had been told; nothing, where that was in a silence."""
        for each in troubles:
            for reader in each.readers:
                stories = self.stories.pop((reader, each.address), [])
                least, most = 0 if each.may_be_silenced else 1, 0 if each.must_be_silenced else 2
                assert least <= len(stories) <= most, f"{reader} of {each}: {stories}"
                assert len(set(stories)) == len(stories), f"{reader} of {each}: {stories}"
                assert all(names[each.list_id] in story for story in stories), f"{reader} of {each}: {stories}"
        assert not self.stories, f"nothing of the kind happened: {self.stories}"

    def check_reports(self):
        for customer, contacts in CONTACTS.items():
            reports = [report for contact in contacts for report in self.reports.pop(contact, [])]
            assert len(reports) == len(contacts), f"{customer}: {reports}"
            assert len(set(reports)) == 1, f"{customer}: {reports}"
            assert all(customer in subject and WEEK in subject for subject, _ in reports), reports
        assert not self.reports, f"no reader of reports: {self.reports}"

    def check_drafts(self, troubles):
        subjects = []
        for told in self.drafts.values():
            acts = [document["event"] for document in told]
            assert (acts[0], acts[-1]) == ("draft.prepared", "draft.closed"), acts
            assert set(acts[1:-1]) <= {"draft.renewed"}, acts
            assert [document["at"] for document in told] == sorted(document["at"] for document in told)
            subjects += {subject for document in told for subject in document["draft"]["subjects"]}
        assert sorted(subjects) == sorted(each.address for each in troubles)
