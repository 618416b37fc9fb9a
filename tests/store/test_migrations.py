"""Migrations: whoever began with the first schema has the same database as whoever begins today."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy import create_engine, text

from engine.aftersales.tables import ddl
from engine.store import embedded, migrate, triggers
from engine.store.base import Base
from engine.store.database import sqlalchemy_url

#: The queue's schema as migration 0001 creates it: the library hands out that of its installed version.
QUEUE_SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"

#: Everything of ours in a database, as PostgreSQL words it.
CATALOGUE = {
    "columns": "SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, is_identity,"
    " identity_generation FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> 0",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, proname, pg_get_functiondef(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences"
    " WHERE schemaname = 'public'",
}


@pytest.fixture
def empty(server: str, own_name: str) -> Iterator[str]:
    """Address of a database with nothing in it."""
    name = f"{own_name}_bare"
    yield embedded.ensure_database(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def catalogue(url: str) -> dict[str, set[tuple[object, ...]]]:
    """What is in a database, the queue's own tables and the migrations' mark left out."""
    with psycopg.connect(url) as connection:
        return {
            kind: {
                row
                for row in connection.execute(query).fetchall()
                if not str(row[0]).startswith(("procrastinate_", "alembic_"))
            }
            for kind, query in CATALOGUE.items()
        }


def revisions(url: str) -> list[str]:
    """All revisions, first to last."""
    scripts = ScriptDirectory.from_config(migrate.config(url, Base.metadata))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def test_migrated_step_by_step_from_the_first_schema_a_database_is_that_of_a_first_day(empty, migrated):
    for revision in revisions(empty):
        command.upgrade(migrate.config(empty, Base.metadata), revision)
    assert catalogue(empty) == catalogue(migrated)


def test_the_migrations_lead_to_the_tables_and_triggers_of_the_code(empty, migrated):
    engine = create_engine(sqlalchemy_url(empty))
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        for statement in (*triggers.STATEMENTS, *ddl.STATEMENTS):
            connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()
    written, reached = catalogue(empty), catalogue(migrated)
    for kind in CATALOGUE:
        assert reached[kind] == written[kind], kind


def test_alembic_finds_nothing_to_do(migrated):
    migrate.check(migrated, Base.metadata)


def test_migrating_what_is_up_to_date_changes_nothing(migrated):
    assert migrate.upgrade(migrated, Base.metadata) is False


def test_there_is_one_line_of_migrations(migrated):
    scripts = ScriptDirectory.from_config(migrate.config(migrated, Base.metadata))
    assert len(scripts.get_heads()) == 1
    assert revisions(migrated)[0] == "0001"


def test_the_way_back_leads_to_where_the_way_up_came_from_or_is_a_backup(empty):
    """No command offers it; a developer's `alembic downgrade` either undoes a migration whole or says what to do."""
    settings, reached = migrate.config(empty, Base.metadata), []
    for revision in revisions(empty):
        command.upgrade(settings, revision)
        reached.append(catalogue(empty))
    with pytest.raises(NotImplementedError, match="Restore a backup"):
        for before in reversed([{}, *reached[:-1]]):
            command.downgrade(settings, "-1")
            assert catalogue(empty) == before
    assert migrate.upgrade(empty, Base.metadata) is (len(reached) > 1)
    assert catalogue(empty) == reached[-1]


def test_the_queues_schema_is_the_one_that_the_first_migration_created():
    """When this fails the queue's library was upgraded: docs/upgrading.md says what to do."""
    assert hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest() == QUEUE_SCHEMA


def test_two_databases_brought_up_by_one_process_at_once_do_not_mix(server: str, own_name: str):
    names = [f"{own_name}_bare_{number}" for number in (1, 2, 3)]
    urls = [embedded.ensure_database(server, name) for name in names]
    try:
        with ThreadPoolExecutor() as threads:
            assert all(threads.map(lambda url: migrate.upgrade(url, Base.metadata), urls))
        one, other, third = map(catalogue, urls)
        assert one == other == third
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            for name in names:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
