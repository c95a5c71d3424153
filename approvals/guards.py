"""What the database itself refuses: changing, removing or replacing what is written.

A line of the trail is written once. The triggers stop a slip, a careless script and
everybody who may write but not alter tables; against somebody who drops them first
there is the chain of digests (`approvals.trail`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, event

_POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION countersign_trail_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is only ever added to';
END
$$""",
    """
CREATE OR REPLACE FUNCTION countersign_trail_head_grows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.chain <> OLD.chain OR NEW.seq <= OLD.seq THEN
        RAISE EXCEPTION 'the head of a trail only ever grows';
    END IF;
    RETURN NEW;
END
$$""",
    """
CREATE TRIGGER trail_stands BEFORE UPDATE OR DELETE ON trail
FOR EACH ROW EXECUTE FUNCTION countersign_trail_stands()""",
    """
CREATE TRIGGER trail_stands_whole BEFORE TRUNCATE ON trail
FOR EACH STATEMENT EXECUTE FUNCTION countersign_trail_stands()""",
    """
CREATE TRIGGER trail_head_grows BEFORE UPDATE ON trail_head
FOR EACH ROW EXECUTE FUNCTION countersign_trail_head_grows()""",
    """
CREATE TRIGGER trail_head_stands BEFORE DELETE ON trail_head
FOR EACH ROW EXECUTE FUNCTION countersign_trail_stands()""",
    """
CREATE TRIGGER trail_head_stands_whole BEFORE TRUNCATE ON trail_head
FOR EACH STATEMENT EXECUTE FUNCTION countersign_trail_stands()""",
)
# REPLACE removes a row without asking the triggers of DELETE; those of INSERT and
# UPDATE are asked first. (sqlite.org/lang_conflict.html) It removes what has the same
# key or the same rowid, which a statement may name; where it names none, NEW.rowid is
# -1. An INSERT OR IGNORE of a head that is there stays what it is: nothing.
_SQLITE = (
    """
CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
    """
CREATE TRIGGER trail_no_delete BEFORE DELETE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
    """
CREATE TRIGGER trail_no_replace BEFORE INSERT ON trail
WHEN EXISTS (SELECT 1 FROM trail WHERE chain = NEW.chain AND seq = NEW.seq)
OR EXISTS (SELECT 1 FROM trail WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
    """
CREATE TRIGGER trail_head_grows BEFORE UPDATE ON trail_head
WHEN NEW.chain <> OLD.chain OR NEW.seq <= OLD.seq OR NEW.rowid <> OLD.rowid
BEGIN SELECT RAISE(ABORT, 'the head of a trail only ever grows'); END""",
    """
CREATE TRIGGER trail_head_no_delete BEFORE DELETE ON trail_head
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END""",
    """
CREATE TRIGGER trail_head_no_replace BEFORE INSERT ON trail_head
WHEN EXISTS (SELECT 1 FROM trail_head WHERE chain = NEW.chain OR rowid = NEW.rowid)
BEGIN SELECT RAISE(IGNORE); END""",
)
_DROPPED = {
    "postgresql": (
        "DROP TRIGGER IF EXISTS trail_stands ON trail",
        "DROP TRIGGER IF EXISTS trail_stands_whole ON trail",
        "DROP TRIGGER IF EXISTS trail_head_grows ON trail_head",
        "DROP TRIGGER IF EXISTS trail_head_stands ON trail_head",
        "DROP TRIGGER IF EXISTS trail_head_stands_whole ON trail_head",
        "DROP FUNCTION IF EXISTS countersign_trail_stands()",
        "DROP FUNCTION IF EXISTS countersign_trail_head_grows()",
    ),
    "sqlite": tuple(
        f"DROP TRIGGER IF EXISTS {name}"
        for name in (
            "trail_no_update",
            "trail_no_delete",
            "trail_no_replace",
            "trail_head_grows",
            "trail_head_no_delete",
            "trail_head_no_replace",
        )
    ),
}


def guard(connection: Connection) -> None:
    """Make the triggers, in a database where both tables of the trail exist."""
    _run(connection, {"postgresql": _POSTGRESQL, "sqlite": _SQLITE})


def unguard(connection: Connection) -> None:
    """Take the triggers away, for going back to an older form of the tables."""
    _run(connection, _DROPPED)


def _run(connection: Connection, statements: Mapping[str, Sequence[str]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def guard_when_made(lines: Table, heads: Table) -> None:
    """Make the triggers also where the tables come from the rows' own metadata."""

    def made(target: Any, connection: Connection, **given: Any) -> None:
        del target
        tables = given.get("tables") or ()
        if lines in tables and heads in tables:
            guard(connection)

    event.listen(lines.metadata, "after_create", made)
