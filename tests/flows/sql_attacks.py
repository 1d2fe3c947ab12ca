# ruff: noqa: E501  a statement a line
"""Statements that try to write, to read files, to reach the network, or to stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

READERS = (
    *("read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob", "read_json"),
    *("read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson"),
    *("read_ndjson_auto", "read_ndjson_objects", "read_parquet", "parquet_scan", "parquet_schema"),
    *("parquet_metadata", "parquet_file_metadata", "parquet_kv_metadata", "glob", "read_duckdb"),
    *("iceberg_scan", "delta_scan", "sqlite_scan", "postgres_scan", "mysql_scan", "st_read"),
    *("read_xlsx", "arrow_scan", "seq_scan", "pandas_scan", "python_map_function", "read_avro"),
)
WRAPPED = (
    "FROM {}", "SELECT * FROM {}", "WITH t AS (FROM {}) FROM t", "SELECT (SELECT count(*) FROM {})",
    "SELECT 1 WHERE EXISTS (FROM {})", "DESCRIBE FROM {}", "SUMMARIZE FROM {}",
)  # fmt: skip
CHANGES = (
    "CREATE TABLE mine (a INT)", "CREATE TEMP TABLE mine AS SELECT 1", "CREATE VIEW v AS SELECT 1",
    "CREATE TEMP VIEW articles AS SELECT 1", "CREATE OR REPLACE VIEW articles AS SELECT 1",
    "CREATE SCHEMA s", "CREATE SEQUENCE s", "CREATE TYPE t AS ENUM ('a')", "CREATE INDEX i ON runs(run_id)",
    "CREATE MACRO search(q) AS TABLE SELECT 1", "CREATE TEMP MACRO lower(q) AS 'x'",
    "CREATE FUNCTION f(a) AS a", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE http)", "INSERT INTO runs DEFAULT VALUES", "DELETE FROM ledger",
    "DELETE FROM warehouse.main.articles", "UPDATE revisions SET title = 'x'", "TRUNCATE ledger",
    "MERGE INTO runs USING (SELECT 1) t ON true WHEN MATCHED THEN DELETE", "DROP TABLE runs",
    "DROP VIEW articles", "DROP SCHEMA main CASCADE", "ALTER TABLE runs ADD COLUMN x INT",
    "ALTER TABLE runs RENAME TO r", "COMMENT ON TABLE runs IS 'x'", "VACUUM", "ANALYZE", "CHECKPOINT",
    "FORCE CHECKPOINT", "BEGIN", "COMMIT", "ROLLBACK", "BEGIN; DELETE FROM runs; COMMIT",
    "USE memory", "USE system", "DETACH warehouse", "DETACH DATABASE IF EXISTS warehouse",
    "PREPARE p AS DELETE FROM runs", "EXECUTE p", "DEALLOCATE p", "EXPLAIN ANALYZE DELETE FROM runs",
    "EXPLAIN ANALYZE CREATE TABLE memory.main.t AS SELECT 1", "LOAD httpfs", "INSTALL httpfs",
    "INSTALL spatial FROM community", "FORCE INSTALL json", "UPDATE EXTENSIONS",
    "WITH d AS (DELETE FROM runs RETURNING *) FROM d", "SELECT 1; DROP TABLE runs",
    "FROM articles; COPY articles TO '{out}/a.csv'", "SELECT 1 /* ; */; DELETE FROM runs --",
    "CREATE TABLE memory.main.t AS SELECT 1", "INSERT INTO memory.main.t VALUES (1)",
    "CALL enable_logging()", "CALL pragma_database_size()", "CALL disable_checkpoint_on_shutdown()",
    "SELECT nextval('s')", "SELECT setval('s', 1)", "SET schema = 'main'", "SET search_path = 'memory.main'",
    "SELECT * FROM query('DELETE FROM runs')", "SELECT * FROM query('SELECT 1; DROP TABLE runs')",
    "SELECT * FROM query('COPY articles TO ''{out}/q.csv''')", "SELECT * FROM query_table('read_csv')",
    "PIVOT articles ON title", "COPY FROM DATABASE warehouse TO memory",
)  # fmt: skip
SETTINGS = (
    "enable_external_access = true", "disabled_filesystems = ''", "lock_configuration = false",
    "memory_limit = '99GB'", "threads = 64", "max_execution_time = 0", "temp_directory = '{out}'",
    "secret_directory = '{out}'", "extension_directory = '{out}'", "home_directory = '{out}'",
    "allowed_paths = ['{file}']", "allowed_directories = ['/']", "allow_unsigned_extensions = true",
    "custom_extension_repository = '{url}'", "autoinstall_known_extensions = true",
    "autoload_known_extensions = true", "log_query_path = '{out}/log'", "profile_output = '{out}/p'",
    "enable_profiling = 'json'", "file_search_path = '/'", "python_scan_all_frames = true",
    "allow_community_extensions = true", "max_temp_directory_size = '1TB'", "http_proxy = '{url}'",
)  # fmt: skip
PRAGMAS = (
    "enable_profiling", "disable_optimizer", "profiling_output = '{out}/p.json'", "import_database('{out}')",
    "database_list", "force_checkpoint", "enable_object_cache", "add_parquet_key('k', 'v')",
    "storage_info('runs')", "version", "create_fts_index('runs', 'run_id', '*')", "show_databases",
)  # fmt: skip
WRITES = (
    "COPY articles TO '{out}/a.csv'", "COPY (SELECT 1) TO '{out}/a.parquet'", "COPY runs FROM '{file}'",
    "COPY (SELECT 1) TO '{home}/serving/current.duckdb' (USE_TMP_FILE false)", "EXPORT DATABASE '{out}/e'",
    "COPY (SELECT 1) TO '/dev/stdout'", "COPY (SELECT 1) TO '/proc/self/mem'", "IMPORT DATABASE '{out}'",
    "COPY articles TO '{out}' (FORMAT parquet, PARTITION_BY (site))", "COPY (SELECT 1) TO '{url}'",
    "ATTACH '{out}/new.duckdb'", "ATTACH '{home}/serving/current.duckdb' AS again (READ_ONLY false)",
    "ATTACH ':memory:' AS m", "ATTACH '{url}' AS web", "ATTACH 'md:' AS cloud", "ATTACH '{file}' (TYPE sqlite)",
    "ATTACH IF NOT EXISTS '{home}/serving/warehouse-000002.duckdb' AS w2",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}/x.csv'",
)  # fmt: skip
READS = (
    "FROM '{file}'", 'SELECT * FROM "{file}"', "FROM '/etc/passwd'", "SELECT * FROM '{url}'", "FROM 's3://b/k'",
    "FROM 'hf://datasets/a/b.csv'", "FROM '{home}/lake/**/*.parquet'", "FROM read_text(['{file}', '/etc/passwd'])",
    "SELECT getenv('HOME')", "SELECT getvariable('x')", "SELECT content FROM read_text(getenv('HOME') || '/x')",
    "FROM glob('/etc/*')", "FROM read_csv('/proc/self/environ')", "FROM read_blob('/proc/self/maps')",
    "SELECT load_aws_credentials()", "FROM duckdb_secrets()", "SELECT which_secret('s3://x', 's3')",
    "FROM http_get('{url}')", "SELECT http_post('{url}', {{}}, {{}})", "FROM shellfs('id |')",
    "FROM read_csv('id |')", "FROM read_csv('file://{file}')", "FROM read_text('file:{file}')",
    "FROM read_csv('~/x.csv')", "FROM read_text('../../../../etc/passwd')", "FROM read_text('/dev/stdin')",
    "FROM '{file}' t, articles a", "SELECT * FROM articles, '{file}'", "FROM articles POSITIONAL JOIN '{file}'",
    "SELECT * FROM (VALUES ('{file}')) v(p), LATERAL (FROM read_text(v.p))", "FROM query_table('{file}')",
    "SELECT * FROM query('FROM ''{file}''')", "FROM query('FROM read_text(''/etc/passwd'')')",
    "FROM duckdb_logs()", "SELECT * FROM os", "SELECT * FROM sys", "FROM self", "FROM rows", "FROM connection",
)  # fmt: skip
GREEDY = (
    "SELECT count(*) FROM range(1_000_000_000_000)", "SELECT repeat('x', 2_000_000_000)",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) FROM r", "SELECT range(1_000_000_000)",
    "SELECT a.text FROM revisions a, revisions b, range(10_000_000)", "SELECT list(range) FROM range(100_000_000)",
    "SELECT string_agg(repeat('y', 1000), '') FROM range(10_000_000)",
)  # fmt: skip


def attacks(file: Path, out: Path, url: str, home: Path) -> Iterator[str]:
    """Statements with these names in the places of what they aim at."""
    names = {"file": file, "out": out, "url": url, "home": home}
    for reader in READERS:
        for number, wrapped in enumerate(WRAPPED):
            if number < 2 or reader in {"read_csv", "read_text", "glob", "read_parquet"}:
                yield wrapped.format(f"{reader}('{file}')")
        yield f"FROM {reader}('{url}')"
    for statement in (*CHANGES, *WRITES, *READS, *GREEDY):
        yield statement.format(**names)
    for setting in SETTINGS:
        value = setting.format(**names)
        yield from (f"SET {value}", f"SET GLOBAL {value}", f"RESET {value.split(' ')[0]}")
    for pragma in PRAGMAS:
        yield f"PRAGMA {pragma.format(**names)}"
