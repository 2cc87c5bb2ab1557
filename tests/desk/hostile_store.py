"""A week's store in which every text that a stranger or a person can have written is another one.

Which texts these are follows from the tables themselves: every column of texts and JSON, less those that `KEPT` and
`KEPT_LEAVES` name, with a reason each. A column that comes later is spoilt without being named; one that no longer
exists must go from the lists.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import JSON, Column, Connection, LargeBinary, String, Table, bindparam, select

import deliverwatch.store  # noqa: F401 - brings all tables
from deliverwatch.store.columns import ForeignText
from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.tables import METADATA

Text = Callable[[int, int], str]
"""The text for a field (by its number) of a row (by its number)."""
Spoilt = Sequence[tuple[int, Column[Any]]]


def _each(names: str) -> list[str]:
    return names.split()


KEPT: Mapping[str, Iterable[str]] = {
    "keys of ours: made, compared and never written by anybody else": _each(
        "account.id api_token.id api_token.account api_token.scope api_token.hint report_run.id web_session.id "
        "web_session.account action_request.id action_request.draft advice.id draft.id draft.form draft.follow_up_of "
        "draft.cause draft_step.draft_id draft_episode.draft_id draft_episode.episode_key event.key event.episode "
        "event.incident event_party.episode listing.key listing.incident notification.id notification.message_id "
        "notification.event_key notification.report_id notification.thread notification.corrects_message_id "
        "notification.about provider_episode.key cause.key silence.id warmup_run.id warmup_day.run_id "
        "warmup_hold.run_id warmup_hold.key warmup_plan_version.run_id warmup_step.run_id job_slot.job job_slot.key "
        "cycle.job cycle.key kept_answer.who kept_answer.key raw_body.identity report_run.week report_word.week "
        "draft.episodes report_run.listing_keys report_run.bulletin action_request.advice"
    ),
    "ids of customers, lists, providers, sources and rules: checked when they are read": _each(
        "customer.id contact.customer_id asset.holder asset_share.customer_id event_party.customer advice.customer "
        "action_request.customer draft.customer practice_result.customer report_contact.customer report_run.customer "
        "report_word.customer unsubscribe_token.customer warmup_run.customer silence.customer cycle.list_id "
        "list_state.list_id look_request.list_id event.list_id listing.list_id query_budget.list_id "
        "reply_hour.list_id transition.list_id unstable_watch.list_id watch_gap.list_id watch_state.list_id "
        "zone_state.list_id draft.provider fact_hour.provider measure.provider provider_episode.provider "
        "reply_hour.provider signal.provider warmup_hold.provider fact_hour.source file_progress.source "
        "measure.source raw_body.source rejection.source reply_hour.source seen_sender.source signal.source "
        "source_state.source seen_event.space platform_reading.platform signal.name reply_hour.rule "
        "api_token.customers notification.customers unstable_watch.parties"
    ),
    "addresses and domains: parsed before they are written": _each(
        "asset.name event.subject listing.subject look_request.subject provider_episode.subject silence.subject "
        "transition.subject unstable_watch.subject watch_gap.subject watch_state.subject fact_hour.ip measure.ip "
        "platform_reading.ip reply_hour.ip warmup_run.ip dns_value.name transition.codes watch_state.codes "
        "listing.codes draft.subjects"
    ),
    "one of a few words": _each(
        "account.role account.language customer.service_time_zone customer.language cycle.kinds_verified "
        "dns_value.kind event.kind event.subject_kind event_party.kind job_slot.state listing.subject_kind "
        "listing.ended listing.impact look_request.subject_kind provider_episode.kind provider_episode.subject_kind "
        "provider_episode.reply_class provider_episode.ended raw_body.state "
        "reply_hour.reply_class seen_sender.role silence.place silence.family transition.subject_kind "
        "transition.from_phase transition.to_phase unstable_watch.subject_kind watch_gap.subject_kind "
        "watch_gap.outcome watch_state.subject_kind watch_state.phase zone_state.health zone_state.bad_kinds "
        "advice.check advice.problem asset.roles draft.kind draft.letter draft.channel draft.state draft.language "
        "draft.outcome draft_step.state draft_step.action practice_result.check practice_result.outcome "
        "practice_result.problem report_contact.state report_word.plan warmup_run.zone warmup_run.ended "
        "warmup_hold.cause warmup_hold.ended_how warmup_step.kind action_request.language action_request.questions "
        "action_request.answer_language notification.audience notification.channel notification.state"
    ),
    "digests": _each(
        "account.password account.subject account.issuer api_token.digest web_session.digest draft.form_digest "
        "file_progress.head file_progress.inode file_progress.digest kept_answer.request_digest reply_cluster.digest "
        "unsubscribe_token.digest warmup_day.digest warmup_plan_version.hash"
    ),
    "figures and plans of ours": _each("report_run.figures warmup_day.result warmup_day.providers source_state.cursor"),
    "letters, digits and a few signs, or none is made": ["account.name", "account.email", "known_address.name"],
    "mailboxes, without which nothing can be made that is sent to one": [
        "customer.tam_email",
        "draft.to",
        "report_run.sent_to",
    ],
    "of the settings: where a resolver is": _each("cycle.path listing.path watch_state.first_path zone_state.path"),
    "written when it was sent, out of texts that were escaped then: shown in a frame without rights": [
        *("report_run.html", "report_run.text"),
    ],
    "never shown as it is: read anew, decoded, or only sent again": _each(
        "raw_body.headers raw_body.body kept_answer.headers kept_answer.body notification.content"
    ),
    "only ever added to: hostile lines are written instead": _each(
        "audit_line.by audit_line.action audit_line.object audit_line.facts audit_line.token audit_line.request "
        "audit_line.before audit_line.digest"
    ),
}

KEPT_LEAVES = frozenset(
    _each(
        "id run_id read_at request rule list_id list provider providers customer parties members incident told_by "
        "episode listings subject address names domain subjects ips codes on since until made_at changed_at opened_at "
        "closed_at confirmed_at clear_since accepted_since held_since last_seen_at checked_on at ended_on cause "
        "causes end class ended impact outcome was state scope removal end kind kinds field name "
        "check about platform role "
        "roles decision because basis days measure of plan what"
    )
)
"""Names, inside JSON, of keys, instants, addresses and words of ours. All else in it is spoilt."""
SPOILT_LEAVES = frozenset(
    _each("draft.facts action_request.answers draft_step.facts.cause draft.evidence.what event.facts.plan")
)
"""And yet spoilt: in these columns everything, or what has that name."""
JSON_TEXTS = frozenset({"warmup_plan_version.plan"})
AFTER_A_WORD = {"provider_episode.what": "compliance: "}
"""A word of ours, and then what a provider called it. Other values of these columns are words alone."""
ADDED = 12
"""Rows that are added, each time anew, to a table whose key is a foreign text."""


def columns() -> Iterator[Column[Any]]:
    """All that can hold a text."""
    for table in METADATA.sorted_tables:
        yield from (each for each in table.columns if isinstance(_held(each), (String, JSON, LargeBinary)))


def _held(column: Column[Any]) -> object:
    return getattr(column.type, "impl_instance", column.type)


def foreign() -> list[str]:
    """Columns that the tables themselves call foreign."""
    return [str(each) for each in columns() if isinstance(each.type, ForeignText)]


def kept() -> list[str]:
    return [each for some in KEPT.values() for each in some]


def fields() -> list[Column[Any]]:
    """All that is spoilt."""
    left = set(kept())
    return [each for each in columns() if str(each) not in left]


class Spoiler:
    """Each `spoil` writes all fields of all rows anew; the last one's added rows go."""

    def __init__(self, path: Path) -> None:
        self._engine = open_engine(read_url(f"sqlite:///{path}"))
        self._tables = {table: [(n, c) for n, c in enumerate(fields()) if c.table is table] for table in _tables()}
        with self._engine.begin() as connection:
            self._rows = {table: _rows(connection, table) for table in self._tables}
        self._added: dict[Table, list[dict[str, Any]]] = {}

    def spoil(self, text: Text) -> None:
        with self._engine.begin() as connection:
            for table, spoilt in self._tables.items():
                if any(column.primary_key for _, column in spoilt):
                    self._add(connection, table, spoilt, text)
                else:
                    self._write_over(connection, table, spoilt, text)
            connection.execute(_RAISED)

    def _write_over(self, connection: Connection, table: Table, spoilt: Spoilt, text: Text) -> None:
        keys = {f"_{each.name}": each for each in table.primary_key.columns}
        values = [
            {name: row[column.name] for name, column in keys.items()} | _written(row, number, spoilt, text)
            for number, row in enumerate(self._rows[table])
        ]
        if values:
            found = [column == bindparam(name, type_=column.type) for name, column in keys.items()]
            changed = {column.name: bindparam(f"n_{column.name}", type_=column.type) for _, column in spoilt}
            statement = table.update().where(*found).values(changed)
            connection.execute(statement, [_renamed(each, spoilt) for each in values])

    def _add(self, connection: Connection, table: Table, spoilt: Spoilt, text: Text) -> None:
        rows, keys = self._rows[table], list(table.primary_key.columns)
        if earlier := self._added.get(table):
            found = [column == bindparam(f"_{column.name}", type_=column.type) for column in keys]
            those = [{f"_{column.name}": row[column.name] for column in keys} for row in earlier]
            connection.execute(table.delete().where(*found), those)
        some = rows[:: max(1, len(rows) // ADDED)][:ADDED]
        added = [row | _written(row, number, spoilt, text) for number, row in enumerate(some)]
        connection.execute(table.insert().prefix_with("OR IGNORE"), added)
        self._added[table] = added

    def replace(self, name: str, text: str) -> None:
        """In all rows of one column."""
        table, column = name.split(".")
        with self._engine.begin() as connection:
            connection.execute(METADATA.tables[table].update().values({column: text}))

    def close(self) -> None:
        self._engine.dispose()


_RAISED = sqlalchemy.text("UPDATE inventory_revision SET revision = revision + 1")


def _tables() -> list[Table]:
    named = {column.table for column in fields()}
    return [each for each in METADATA.sorted_tables if each in named]


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(table))]


def _renamed(values: dict[str, Any], spoilt: Spoilt) -> dict[str, Any]:
    names = {column.name for _, column in spoilt}
    return {f"n_{name}" if name in names else name: value for name, value in values.items()}


def _written(row: Mapping[str, Any], number: int, spoilt: Spoilt, text: Text) -> dict[str, Any]:
    return {
        column.name: _spoilt(column, row[column.name], _text(column, field, number, text)) for field, column in spoilt
    }


def _text(column: Column[Any], field: int, number: int, text: Text) -> Callable[[], str]:
    """Where no two rows may have the same: with the row's number behind it."""
    return lambda: text(field, number) + (str(number) if column.unique else "")


def _spoilt(column: Column[Any], value: Any, text: Callable[[], str]) -> Any:
    if str(column) in JSON_TEXTS:
        return json.dumps(_leaves(str(column), json.loads(value), "", text))
    if (word := AFTER_A_WORD.get(str(column))) is not None:
        return word + text() if value.startswith(word) else value
    if isinstance(_held(column), JSON):
        return _leaves(str(column), value, "", text)
    return text()


def _leaves(column: str, value: Any, name: str, text: Callable[[], str]) -> Any:
    match value:
        case dict():
            return {key: _leaves(column, each, key, text) for key, each in value.items()}
        case list():
            return [_leaves(column, each, name, text) for each in value]
        case str() if not _is_kept(column, name):
            return text()
        case _:
            return value


def _is_kept(column: str, name: str) -> bool:
    return name in KEPT_LEAVES and not {column, f"{column}.{name}"} & SPOILT_LEAVES
