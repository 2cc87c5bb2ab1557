"""CSV that holds what strangers wrote: what a program reads back, and what a spreadsheet would run."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from deliverwatch.render.csv_export import csv_lines
from deliverwatch.render.history_export import HISTORY_COLUMNS, history_rows

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TRIGGERS = "=+-@\t\r\n\0＝＋－＠"
NASTY = st.text(alphabet=st.sampled_from(TRIGGERS + " ,;\"'\nab\ud800é"), max_size=12)


def written(rows, columns=("a", "b")):
    return b"".join(csv_lines(columns, rows)).decode("utf-8")


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


class TestCells:
    @given(st.lists(st.tuples(NASTY | st.text(max_size=20), NASTY | st.text(max_size=20)), max_size=4))
    def test_no_cell_begins_as_a_formula_and_all_text_is_there(self, rows):
        found = read(written(rows))
        assert len(found) == len(rows) + 1
        for cells, texts in zip(found[1:], rows, strict=True):
            for cell, text in zip(cells, texts, strict=True):
                assert cell.lstrip()[:1] == "" or cell.lstrip()[0] not in TRIGGERS
                assert not cell or cell[0] not in TRIGGERS
                kept = text.encode("utf-8", "backslashreplace").decode()
                assert cell in (kept, f"'{kept}")

    def test_every_cell_is_quoted_and_lines_end_as_the_standard_says(self):
        assert written([(1, None)]) == '"a","b"\r\n"1",""\r\n'

    def test_a_formula_is_text_behind_blanks_too(self):
        assert read(written([("=1+1", " =1+1")]))[1] == ["'=1+1", "' =1+1"]

    def test_values_are_those_of_the_json_documents(self):
        eastern = timezone(timedelta(hours=-5))
        row = (datetime(2026, 11, 24, 7, tzinfo=eastern), date(2026, 11, 24), True, 0.25, ("a", "b"))
        found = read(written([row], tuple("abcde")))[1]
        assert found == ["2026-11-24T12:00:00Z", "2026-11-24", "true", "0.25", "a; b"]


class TestHistory:
    def test_a_share_that_is_not_known_is_no_zero_and_newest_come_first(self):
        old = Episode(
            "k1", EpisodeKind.BLOCK, "gmail", parse_subject("192.0.2.1"), "ip_block", ReplyClass.IP_BLOCK, AT, AT
        )
        new = Episode(
            "k2", EpisodeKind.WARNING, "", parse_subject("192.0.2.2"), "ptr_gone", None, AT + timedelta(days=1), AT
        )
        found = [dict(zip(HISTORY_COLUMNS, cells, strict=True)) for cells in history_rows([], [old, new])]
        assert [each["subject"] for each in found] == ["192.0.2.2", "192.0.2.1"]
        assert found[1]["mail_share"] is None
        assert found[0]["list_or_provider"] is None
