"""The servers that come with the system: what they keep, whom they answer, and what they survive."""

import os
import socket
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
import redis

from shared.embedded.folders import (
    LONGEST_SOCKET_PATH,
    make_folder,
    require_space,
    short_name,
    socket_folder,
    throwaway_folder,
)
from shared.embedded.own_process import failure
from shared.embedded.ports import FIRST_FREE, LAST_FREE, chosen_port, free_port, is_free, promised_port
from shared.embedded.postgres import PostgresServer
from shared.embedded.problems import EmbeddedProblem, PortTaken
from shared.embedded.redis_server import RedisServer
from shared.embedded.secrets_file import SECRETS_FILE, kept_secrets


@pytest.fixture(scope="module")
def server() -> Generator[PostgresServer]:
    with throwaway_folder() as folder, PostgresServer(folder) as running:
        yield running


def test_what_was_committed_survives_a_crash_and_a_restart(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('committed')")
    server.restart("immediate")
    server.restart()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("committed",)]


def test_the_cluster_is_safe_on_disk_and_sorts_alike_everywhere(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        settings = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
        words = connection.execute("SELECT w FROM (VALUES ('b'), ('a'), ('B'), ('é')) v(w) ORDER BY w").fetchall()
        lowered = connection.execute("SELECT lower('É'), initcap('o''neill')").fetchone()
    assert settings["fsync"] == settings["data_checksums"] == settings["full_page_writes"] == "on"
    assert settings["server_version"].startswith("18.")
    assert settings["max_connections"] == "200"
    assert [word for (word,) in words] == ["B", "a", "b", "é"]
    assert lowered == ("é", "O'Neill")


def test_it_answers_on_the_loopback_address_only_and_with_a_password_only(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        rules = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("scram-sha-256",)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(server.password, "guess"))


def test_a_failing_statement_leaves_no_personal_data_in_the_log(server: PostgresServer) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE people (email text UNIQUE)")
    with psycopg.connect(server.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("INSERT INTO people VALUES ('someone@dudley.example'), ('someone@dudley.example')")
    log = server.process.log.read_text()
    assert "duplicate key value" in log
    assert "someone" not in log


def test_the_number_of_another_process_in_its_file_does_not_block_a_start(server: PostgresServer) -> None:
    server.stop("immediate")
    file = server.data / "postmaster.pid"
    # Of the same user: PostgreSQL itself disregards a process that it may not signal.
    user = server.user.popen_arguments if server.user else {}
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, **user) as other:
        lines = [str(other.pid), str(server.data), "1", str(server.port), "", "127.0.0.1", "1 1", "ready"]
        file.write_text("\n".join(lines) + "\n")
        server.start()
        other.kill()
    assert server.is_ready()


def test_a_wrong_password_for_kept_data_is_said_at_once(server: PostgresServer) -> None:
    server.stop()
    forgetful = PostgresServer(server.folder, port=server.port, password="lost")
    with pytest.raises(EmbeddedProblem, match="another password"):
        forgetful.start()
    assert not forgetful.process.is_running
    server.start()


def test_a_cluster_that_was_half_made_is_made_again() -> None:
    with throwaway_folder() as folder:
        half = folder / "postgres.unfinished" / "data"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        with PostgresServer(folder) as server:
            assert server.is_ready()
        assert not half.exists()


def test_a_folder_with_a_long_name_still_has_room_for_its_socket() -> None:
    with throwaway_folder() as folder:
        deep = make_folder(folder / ("a" * 60) / ("b" * 60))
        sockets = socket_folder(deep, ".s.PGSQL.65535.lock")
        assert len(str(sockets / ".s.PGSQL.65535.lock")) <= LONGEST_SOCKET_PATH
        assert short_name(deep) in sockets.name
        sockets.rmdir()
        assert socket_folder(folder, "x").is_relative_to(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers another user")
def test_as_root_a_folder_that_the_servers_cannot_enter_is_refused_and_left_as_it_is() -> None:
    with throwaway_folder() as folder:
        closed = make_folder(folder / "closed", 0o700)
        with pytest.raises(EmbeddedProblem, match="cannot be entered by the user"):
            PostgresServer(closed / "inside").start()
        assert closed.stat().st_mode & 0o777 == 0o700
        assert not (closed / "inside" / "postgres").exists()


def test_as_root_the_servers_run_as_somebody_else(server: PostgresServer) -> None:
    owner = Path(f"/proc/{server.process.pid}").stat().st_uid
    assert owner != 0
    assert owner == os.geteuid() or os.geteuid() == 0


def test_redis_asks_for_its_password_and_refuses_rather_than_forgets() -> None:
    with throwaway_folder() as folder, RedisServer(folder) as server:
        client = redis.Redis.from_url(server.url)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=server.port).ping()
        client.set("job", "queued")
        server.kill()
        server.start()
        assert client.get("job") is None
        client.set("job", "queued")
        server.empty()
        assert client.get("job") is None
        client.close()


def test_free_ports_are_outside_those_that_outgoing_connections_take() -> None:
    port = free_port()
    assert FIRST_FREE <= port < LAST_FREE
    assert is_free(port)
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert lowest_outgoing >= LAST_FREE


def test_a_promised_port_is_never_silently_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("ATS_PORT", str(other.getsockname()[1]))
        with pytest.raises(PortTaken, match=r"for ats is in use: .* with ATS_PORT="):
            promised_port("ATS_PORT", 8001, "ats")


@pytest.mark.parametrize("written", ["eighty", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("ATS_PORT", written)
    with pytest.raises(EmbeddedProblem, match="ATS_PORT must be a port number"):
        chosen_port("ATS_PORT", 8001)


def test_a_full_disk_is_one_line_before_and_after_the_fact(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedProblem, match=r"The disk is full: \d+ MB free for"):
        require_space(tmp_path, needed_bytes=2**60)
    log = tmp_path / "postgres.log"
    log.write_text('PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device\n')
    said = str(failure("postgres did not become ready", log))
    assert said == "The disk is full: postgres did not become ready. Free some space and start again."


def test_secrets_are_made_once_readable_by_their_owner_only_and_completed_when_one_is_new(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path)
    file = tmp_path / SECRETS_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_uid == os.geteuid()
    assert kept_secrets(tmp_path) == first
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if "CURSOR" not in line))
    completed = kept_secrets(tmp_path)
    assert completed.keys() == first.keys()
    assert {name for name in first if first[name] != completed[name]} == {"CURSOR_SECRET"}
