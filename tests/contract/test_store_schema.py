"""The schema: made by migrations, the same as the tables say, never touched when it is newer than the code."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from deliverwatch.core.errors import StoreError
from deliverwatch.store import open_store
from deliverwatch.store.engine import LIBRARIES, choose_library
from deliverwatch.store.tables import METADATA


@pytest.fixture
def store_url(empty_url):
    return empty_url


@pytest.fixture
def database(store_url):
    engine = plain_engine(store_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def plain_engine(url):
    """With the store's own library: two in one process do not see each other's locks."""
    return create_engine(url, **({"module": choose_library(LIBRARIES)} if url.startswith("sqlite") else {}))


@pytest.fixture
def opened(store_url):
    open_store(store_url).shut()


@pytest.mark.usefixtures("opened")
@pytest.mark.filterwarnings("ignore:.*expression-based index:UserWarning")  # compared by the next test
@pytest.mark.filterwarnings("ignore:.*expression-based index:sqlalchemy.exc.SAWarning")
def test_the_migrated_schema_is_that_of_the_tables(database):
    context = MigrationContext.configure(database, opts={"compare_type": True})
    assert compare_metadata(context, METADATA) == []


@pytest.mark.usefixtures("opened")
def test_the_migrated_columns_and_indexes_are_those_of_the_tables(database, tmp_path, request):
    is_sqlite = database.dialect.name == "sqlite"
    other = f"sqlite:///{tmp_path / 'other.db'}" if is_sqlite else request.getfixturevalue("postgresql").new_database()
    engine = plain_engine(other)
    METADATA.create_all(engine)
    with engine.connect() as connection:
        expected = definitions(connection)
    engine.dispose()
    assert definitions(database) == expected
    assert len(expected) > 150


ON_SQLITE = (
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    """SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk
              || coalesce(' ' || c.dflt_value, '')
       FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name != 'alembic_version'""",
)
ON_POSTGRESQL = (
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'",
    """SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
              || coalesce(' ' || collation_name, '') || coalesce(' ' || column_default, '')
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'""",
)


def definitions(connection):
    """Every index and column as the database itself tells it, with what the comparison of Alembic leaves out:
    expressions, conditions, collations, defaults."""
    queries = ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL
    return {row for query in queries for row in connection.execute(text(query)).scalars()}


@pytest.mark.usefixtures("opened")
def test_opening_again_changes_nothing(database, store_url):
    before = definitions(database)
    database.rollback()
    open_store(store_url).shut()
    assert definitions(database) == before


def test_two_may_open_a_new_database_at_once(database, store_url):
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(open_store, [store_url] * 4):
            store.shut()
    assert set(METADATA.tables) < set(inspect(database).get_table_names())


@pytest.mark.usefixtures("opened")
def test_a_schema_newer_than_the_code_is_refused_and_left_alone(database, store_url):
    database.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.execute(text("DROP TABLE transition"))
    database.commit()
    with pytest.raises(StoreError, match=r"later version of deliverwatch.*'9999'.*install that version"):
        open_store(store_url)
    assert "transition" not in inspect(database).get_table_names()


def test_a_database_that_is_somebody_elses_is_left_alone(database, store_url):
    database.execute(text("CREATE TABLE event (id INTEGER)"))
    database.commit()
    with pytest.raises(StoreError, match="another program"):
        open_store(store_url)
    assert inspect(database).get_table_names() == ["event"]
