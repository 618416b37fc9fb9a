"""Triggers of the runtime's own tables, and what other rooms build theirs with. Migrations execute `STATEMENTS` in order."""

from __future__ import annotations

#: Ledgers, journals and the history are corrected by a further entry, never by changing one.
_APPEND_ONLY = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$"""

#: Whether somebody was already at work on the case is asked of every step when a year of them is counted, so it is kept.
_STEP_FOLLOWS = """
CREATE FUNCTION step_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'completed' AND OLD.state <> 'completed' THEN
        NEW.follows_at := (
            SELECT max(ended_at) FROM user_task
            WHERE business_key = NEW.business_key AND completed_by = NEW.completed_by AND state = 'completed'
        );
    END IF;
    RETURN NEW;
END $$"""

#: A history goes only with a receipt of removal, its payloads change only with one of erasure. The command says which
#: receipt it acts on; it was written before, and nothing it does not name can go.
_HISTORY_KEPT = """
CREATE FUNCTION history_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given receipt;
BEGIN
    SELECT * INTO given FROM receipt
     WHERE number = CAST(nullif(current_setting('aftercare.receipt', true), '') AS integer);
    IF TG_OP = 'DELETE' AND given.kind = 'removal' AND OLD.stream = ANY (given.streams) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND given.kind = 'erasure' AND OLD.stream = ANY (given.streams) THEN
        OLD.payload := NEW.payload;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted without a receipt', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$"""


def trigger(table: str, function: str, when: str, *, each: str = "ROW", constraint: bool = False) -> str:
    """A trigger named after its table and function. At commit when it is a constraint."""
    kind, deferred = (
        ("CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED") if constraint else ("TRIGGER", "")
    )
    name = f"{table}__{function}" + ("_on_truncate" if "TRUNCATE" in when else "")
    return f"CREATE {kind} {name} {when} ON {table} {deferred} FOR EACH {each} EXECUTE FUNCTION {function}()"


def append_only(table: str) -> tuple[str, str]:
    """The triggers that keep rows of a table from being changed, deleted or truncated."""
    return (
        trigger(table, "append_only", "BEFORE UPDATE OR DELETE"),
        trigger(table, "append_only", "BEFORE TRUNCATE", each="STATEMENT"),
    )


STATEMENTS: tuple[str, ...] = (
    _APPEND_ONLY.strip(),
    _HISTORY_KEPT.strip(),
    trigger("history_event", "history_kept", "BEFORE UPDATE OR DELETE"),
    trigger("history_event", "append_only", "BEFORE TRUNCATE", each="STATEMENT"),
    *append_only("organisation_version"),
    *append_only("seal"),
    _STEP_FOLLOWS.strip(),
    trigger("user_task", "step_follows", "BEFORE UPDATE OF state"),
    *append_only("receipt"),
)
