"""What stops `make run` from starting, said in one line; what it uses, and what it leaves alone.

`test_whole_system.py` follows it through its life.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Generator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from shared.embedded import stack
from shared.embedded.endings import wait_until_ended
from shared.embedded.environment import API_PORTS, Ports
from shared.embedded.folders import data_folder, throwaway_folder
from shared.embedded.leftovers import find_leftovers
from shared.embedded.ports import free_port
from shared.embedded.postgres import PostgresServer
from shared.embedded.problems import PortTaken
from shared.embedded.programs import SERVICE_PROCESSES
from shared.embedded.redis_server import RedisServer
from shared.settings import DEFAULT_PORTS
from shared.vocabulary import Service
from tests.shared.tiny_system import TinySystem


@pytest.fixture
def system() -> Generator[TinySystem]:
    with throwaway_folder() as folder, TinySystem(folder) as made:
        yield made


def test_a_port_in_use_is_one_line_and_nothing_is_left_running(system: TinySystem) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(system.environment["CLEARING_PORT"])))
        other.listen()
        refused = system.call("run")
    port = system.environment["CLEARING_PORT"]
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {port} for clearing is in use: end what uses it, or choose another with CLEARING_PORT=.\n"
    )
    assert find_leftovers(system.data) == []


def test_two_apis_on_one_port_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(free_port())
    monkeypatch.setenv("ATS_PORT", port)
    monkeypatch.setenv("CLEARING_PORT", port)
    with pytest.raises(PortTaken, match=rf"Port {port} is asked for by ats and by clearing: .* CLEARING_PORT="):
        Ports.promised()


def test_an_api_is_not_ready_because_another_program_answers_at_its_port() -> None:
    class Other(BaseHTTPRequestHandler):
        said = b'{"status": "ready", "service": "clearing"}'

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.said)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its name

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        assert stack._readiness("clearing", server.server_port)[0]
        assert not stack._readiness("ats", server.server_port)[0]
        for said in (b"Hello", b"[]", b""):
            Other.said = said
            assert stack._readiness("ats", server.server_port)[1].startswith("another program answers on port")
        server.shutdown()


def test_a_server_port_that_nobody_chose_moves_when_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGRES_PORT", "REDIS_PORT", "SMTP_PORT"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr("shared.embedded.environment.POSTGRES_PORT", taken)
        monkeypatch.setattr("shared.embedded.environment.API_PORTS", {})
        assert Ports.promised().postgres != taken


def test_the_ports_are_those_that_the_services_take_for_granted() -> None:
    assert {Service(service): port for service, port in API_PORTS.items()} == DEFAULT_PORTS


@pytest.fixture
def small_disk(system: TinySystem) -> Generator[Path]:
    """20 MB where the data should go, as only root can make them."""
    folder = system.checkout / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root, where it may mount, can make a small disk")
    system.environment["WME_VAR"] = str(folder / "var")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_is_full_or_read_only_is_one_line(system: TinySystem, small_disk: Path) -> None:
    data = small_disk / "var"
    refused = system.call("run")
    assert re.fullmatch(rf"The disk is full: \d+ MB free for {data}, and 300 MB are needed\. Free .*\n", refused.stderr)
    system.change("shared/embedded/folders.py", "SPACE_NEEDED_BYTES = 300", "SPACE_NEEDED_BYTES = 0")
    refused = system.call("run")
    assert refused.stderr == (
        f"The disk is full: PostgreSQL could not make its data in {data / 'postgres'}. "
        "Free some space and start again.\n"
    )
    shutil.rmtree(data)
    with suppress(OSError), (small_disk / "filling").open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(4096))
    refused = system.call("run")
    assert refused.stderr == "The disk is full: free some space, or choose another data folder with WME_VAR.\n"
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    refused = system.call("run")
    assert re.fullmatch(rf"{data}\S* cannot be written, its file system is read-only: .*\n", refused.stderr)
    assert refused.returncode == 1


def test_a_file_where_the_data_should_go_is_one_line(system: TinySystem) -> None:
    file = system.checkout / "file"
    file.touch()
    for path in (file, file / "var"):
        system.environment["WME_VAR"] = str(path)
        refused = system.call("run")
        assert re.fullmatch(rf"{path}\S* cannot be made, a part of its path is a file: .*\n", refused.stderr)
        assert refused.returncode == 1


def test_a_process_that_cannot_start_is_named_with_its_reason(system: TinySystem) -> None:
    (system.checkout / "services" / "clearing" / "relay.py").write_text("raise SystemExit('no such queue')\n")
    system.change("shared/embedded/stack.py", "FAILING_SECONDS = 8.0", "FAILING_SECONDS = 1.0")
    refused = system.call("run")
    assert refused.returncode == 1
    assert refused.stderr.startswith("clearing-relay did not become ready; see ")
    assert "no such queue" in refused.stderr
    assert find_leftovers(system.data) == []


def test_a_migration_that_fails_is_named_with_its_reason(system: TinySystem) -> None:
    (system.checkout / "migrations" / "ats" / "env.py").write_text("print('no such table')\nraise SystemExit(1)\n")
    refused = system.call("run")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The migrate of ats failed; see ")
    assert "no such table" in refused.stderr
    assert find_leftovers(system.data) == []


def test_servers_of_the_environment_are_used_instead_of_our_own(system: TinySystem) -> None:
    with throwaway_folder() as folder, PostgresServer(folder) as postgres, RedisServer(folder) as redis:
        system.environment |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "SMTP_URL": "smtp://127.0.0.1:9"}
        assert system.call("run", "--background").returncode == 0
        running = {line.split()[0] for line in system.call("status").stdout.splitlines()}
        assert running == set(SERVICE_PROCESSES)
        seen = json.loads((system.data / "clearing-environment.json").read_text())
        assert f":{postgres.port}/" in seen["CLEARING_DATABASE_URL"]
        assert (seen["REDIS_URL"], seen["SMTP_URL"]) == (redis.url, "smtp://127.0.0.1:9")
        again = system.call("run")
        assert again.returncode == 1
        assert again.stderr == (f"A copy over {system.data} is running in the background: `make stop` stops it.\n")
        elsewhere = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SMTP_URL"), "")
        exported = system.call("env", changes=elsewhere).stdout
        assert f"export REDIS_URL={redis.url}\n" in exported
        assert f"@127.0.0.1:{postgres.port}/postgres\n" in exported
        assert system.call("stop").returncode == 0
        assert postgres.is_ready()
        assert redis.is_ready()

        # Its roles' passwords are kept beside its data: a copy that has others may not take the database over.
        shutil.move(system.data, system.checkout / "first")
        refused = system.call("run", "--background")
        assert refused.returncode == 1
        assert "The role ats_owner is there with another password" in refused.stderr
        assert find_leftovers(system.data) == []
        shutil.rmtree(system.data)
        shutil.move(system.checkout / "first", system.data)
        assert system.call("run", "--background").returncode == 0


def test_a_private_instance_ends_with_its_owner_even_when_that_is_killed(system: TinySystem) -> None:
    script = (
        "import time\nfrom shared.embedded.stack import private_stack\n"
        "with private_stack(overrides={'JOB_KEEP_SECONDS': '5'}) as stack:\n"
        "    print('OVER', stack.folder, flush=True)\n    time.sleep(600)\n"
    )
    (system.checkout / "owner.py").write_text(script)
    # Private means private: what the caller's environment names is left alone. Nothing listens at these.
    dead = "postgresql://somebody:else@127.0.0.1:9/theirs"
    system.environment |= {"DATABASE_URL": dead, "ATS_DATABASE_URL": dead, "CLEARING_OWNER_DATABASE_URL": dead}
    system.environment |= {"REDIS_URL": "redis://127.0.0.1:9/0", "SMTP_URL": "smtp://127.0.0.1:9"}
    system.environment |= {"POSTGRES_PASSWORD": "theirs", "EVENT_KEYS": "theirs"}
    owner = system.script("owner.py", until="OVER")
    mine = psutil.Process(owner.process.pid).children(recursive=True)
    assert len(mine) > 12
    owner.process.kill()
    owner.process.wait()
    assert wait_until_ended(mine, 30) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers another user")
def test_as_root_a_checkout_that_the_servers_cannot_enter_keeps_its_data_elsewhere(system: TinySystem) -> None:
    system.checkout.chmod(0o700)
    folder = data_folder(system.checkout)
    assert folder.parent == Path("/var/lib/wme")
    assert data_folder(system.checkout) == folder
    system.checkout.chmod(0o755)
    assert data_folder(system.checkout) == system.data
