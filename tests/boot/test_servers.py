"""The servers that other tests stand on are real."""

import subprocess
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.mark.postgres
def test_it_gives_each_test_an_empty_postgresql_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as database:
        tables = database.execute("select count(*) from pg_tables where schemaname = 'public'")
        assert tables.fetchone() == (0,)


@pytest.mark.redis
def test_it_gives_a_redis_that_answers(redis_url: str) -> None:
    assert redis.Redis.from_url(redis_url).ping()


@pytest.mark.browser
def test_it_finds_a_browser_that_runs(chromium_path: str) -> None:
    answer = subprocess.run([chromium_path, "--version"], capture_output=True, timeout=60)
    assert answer.returncode == 0


@pytest.mark.django_db
def test_it_tests_on_a_database_file_with_the_products_options() -> None:
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        file = cursor.execute("PRAGMA database_list").fetchone()[2]
    assert (journal, synchronous) == ("wal", 2)
    assert Path(file).parent == settings.DATA_DIR
