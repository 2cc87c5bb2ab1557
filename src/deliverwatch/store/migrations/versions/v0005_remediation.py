"""Remediation as a whole. What each table is for, and who needs each index: `store.remediation_tables`.

`draft` and `draft_step` are made anew and filled again: SQLite drops neither a unique column nor a table that another
one points to, and there are as many drafts as people have worked on. An older draft was about one listing, which it led
on, and nothing but its state was ever changed by a step; so its steps tell when, and by whom.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

Row = Mapping[str, Any]

KEPT_OF_DRAFT = (
    *("id", "customer", "form", "form_digest", "provider", "kind", "channel", "url", "to", "subjects", "state", "text"),
    *("fields", "missing", "blockers", "evidence", "created_at", "due_at", "follow_up_of", "pulled_by", "reference"),
    *("outcome", "note", "version"),
)
KEPT_OF_STEP = ("draft_id", "at", "state", "by", "note")
JSON = frozenset({"subjects", "fields", "missing", "blockers", "evidence", "steps", "episodes", "facts", "edits"})
INSTANTS = frozenset({"created_at", "due_at", "changed_at", "pulled_at", "submitted_at", "answered_at", "at"})


def upgrade() -> None:
    drafts, steps = _before()
    op.drop_table("draft_step")
    op.drop_table("draft")
    _drafts()
    _steps()
    _practice()
    _customers_word()
    _fill(drafts, steps)


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def must(type_: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, type_, nullable=False) for name in names]


def may(type_: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, type_, nullable=True) for name in names]


def _drafts() -> None:
    op.create_table(
        "draft",
        *must(sa.String(), "id"),
        *may(sa.String(), "customer"),
        *must(sa.String(), "form", "form_digest", "provider"),
        *must(sa.Text(), "addressee"),
        *must(sa.String(), "kind", "letter", "channel"),
        *may(sa.String(), "url", "to"),
        *may(sa.Text(), "caveat"),
        *must(sa.JSON(), "steps", "subjects", "episodes"),
        *must(sa.Text(), "cause"),
        *must(sa.String(), "state", "language"),
        *must(sa.Text(), "text"),
        *may(sa.Text(), "text_english"),
        *must(sa.JSON(), "fields", "facts", "edits", "missing", "blockers", "evidence"),
        *must(INSTANT, "created_at", "changed_at"),
        *may(INSTANT, "due_at"),
        *may(sa.String(), "follow_up_of"),
        *must(sa.Integer(), "round"),
        *may(sa.Text(), "pulled_by"),
        *may(INSTANT, "pulled_at"),
        *may(sa.Text(), "submitted_by"),
        *may(INSTANT, "submitted_at"),
        *may(sa.Text(), "reference"),
        *may(INSTANT, "answered_at"),
        *may(sa.String(), "outcome"),
        *may(sa.Text(), "note"),
        *may(INSTANT, "follow_up_at"),
        *may(sa.Text(), "ticket"),
        *must(sa.Integer(), "version"),
        key("draft", "id"),
        points_to("draft", "customer", "customer"),
        points_to("draft", "follow_up_of", "draft"),
    )
    op.create_index("ix_draft_state", "draft", ["state"])
    op.create_index("ix_draft_changed_at", "draft", ["changed_at"])


def _steps() -> None:
    op.create_table(
        "draft_step",
        *must(SERIAL, "id"),
        *must(sa.String(), "draft_id"),
        *must(INSTANT, "at"),
        *must(sa.String(), "state", "action"),
        *must(sa.Text(), "by"),
        *may(sa.Text(), "note"),
        *must(sa.JSON(), "facts"),
        key("draft_step", "id"),
        points_to("draft_step", "draft_id", "draft"),
    )
    op.create_index("ix_draft_step_draft_id", "draft_step", ["draft_id"])
    op.create_table(
        "draft_episode",
        *must(sa.String(), "draft_id", "episode_key"),
        *must(sa.Boolean(), "leads"),
        key("draft_episode", "draft_id", "episode_key"),
        points_to("draft_episode", "draft_id", "draft"),
    )
    op.create_index("uq_draft_episode_leads", "draft_episode", ["episode_key"], unique=True, **only("leads"))
    op.create_index("ix_draft_episode_episode_key", "draft_episode", ["episode_key"])


def _practice() -> None:
    op.create_table(
        "practice_result",
        *must(sa.String(), "customer", "check"),
        *must(sa.Text(), "subject"),
        *must(sa.String(), "outcome"),
        *must(sa.Text(), "found"),
        *must(INSTANT, "at"),
        *must(sa.Text(), "source"),
        *may(sa.String(), "problem"),
        *must(sa.JSON(), "facts"),
        key("practice_result", "customer", "check", "subject"),
        points_to("practice_result", "customer", "customer"),
    )
    op.create_table(
        "advice",
        *must(sa.String(), "id", "customer", "check"),
        *must(sa.Text(), "subject"),
        *must(sa.String(), "problem"),
        *must(sa.JSON(), "facts"),
        *must(sa.Text(), "found"),
        *must(INSTANT, "opened_at"),
        *may(INSTANT, "told_at", "mended_at"),
        *may(sa.Text(), "overruled_by"),
        *may(INSTANT, "overruled_at"),
        *may(sa.Text(), "overruled_because"),
        key("advice", "id"),
        points_to("advice", "customer", "customer"),
    )
    op.create_index("ix_advice_customer", "advice", ["customer"])


def _customers_word() -> None:
    op.create_table(
        "action_request",
        *must(sa.String(), "id"),
        *may(sa.String(), "customer"),
        *must(sa.String(), "draft"),
        *must(INSTANT, "asked_at"),
        *must(sa.Text(), "asked_by"),
        *must(sa.String(), "language"),
        *must(sa.JSON(), "questions", "sent_to", "advice", "answers"),
        *may(sa.String(), "answer_language"),
        *may(INSTANT, "answered_at"),
        *may(sa.Text(), "answered_by", "kept_by"),
        key("action_request", "id"),
        points_to("action_request", "customer", "customer"),
        points_to("action_request", "draft", "draft"),
    )
    op.create_index("ix_action_request_customer", "action_request", ["customer"])


def _before() -> tuple[list[Row], list[Row]]:
    """A draft before those that follow it up, which point to it; steps in their order."""
    draft, step = _table("draft", *KEPT_OF_DRAFT, "listing_key"), _table("draft_step", "id", *KEPT_OF_STEP)
    follows = draft.c.follow_up_of.is_not(None)
    drafts = sa.select(draft).order_by(follows, draft.c.created_at, draft.c.id)
    connection = op.get_bind()
    return (
        [row._asdict() for row in connection.execute(drafts)],
        [row._asdict() for row in connection.execute(sa.select(step).order_by(step.c.id))],
    )


def _table(name: str, *columns: str) -> sa.TableClause:
    def type_of(column: str) -> Any:
        return sa.JSON() if column in JSON else INSTANT if column in INSTANTS else None

    return sa.table(name, *(sa.column(column, type_of(column)) for column in columns))


def _fill(drafts: Sequence[Row], steps: Sequence[Row]) -> None:
    of_draft: dict[str, list[Row]] = defaultdict(list)
    for step in steps:
        of_draft[step["draft_id"]].append(step)
    _insert("draft", [_draft(draft, of_draft[draft["id"]]) for draft in drafts])
    leads = [{"draft_id": each["id"], "episode_key": each["listing_key"], "leads": True} for each in drafts]
    _insert("draft_episode", leads)
    done = [{**{name: step[name] for name in KEPT_OF_STEP}, "action": step["state"], "facts": {}} for step in steps]
    _insert("draft_step", done)


def _draft(before: Row, steps: Sequence[Row]) -> dict[str, Any]:
    last = {step["state"]: step for step in steps}
    first = {step["state"]: step for step in reversed(steps)}
    return {
        **{name: before[name] for name in KEPT_OF_DRAFT},
        "addressee": before["provider"],
        "letter": "request",
        "steps": [],
        "episodes": [before["listing_key"]],
        "cause": before["listing_key"],
        "language": "en",
        "facts": {},
        "edits": [],
        "changed_at": steps[-1]["at"] if steps else before["created_at"],
        "round": 0,
        "pulled_at": last["pulled"]["at"] if "pulled" in last else None,
        "submitted_by": first["submitted"]["by"] if "submitted" in first else None,
        "submitted_at": first["submitted"]["at"] if "submitted" in first else None,
        "answered_at": last["answered"]["at"] if "answered" in last else None,
    }


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        op.bulk_insert(_table(table, *rows[0]), rows)
