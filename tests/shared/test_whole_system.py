"""What the README promises, kept by the nine real processes: started, used, killed, started again, stopped.

In the order in which they stand here, on one system that is started once before them and once again by the last.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import aclosing
from typing import Any

import httpx
import psutil
import pytest

from shared.embedded.endings import wait_until_ended
from shared.embedded.leftovers import find_leftovers
from shared.embedded.programs import SERVICE_PROCESSES
from shared.embedded.supervisor import Supervisor
from shared.provision import SERVICES
from tests.journeys.actors import Administrator
from tests.pages.conftest import BROWSERS
from tests.shared.tiny_system import eventually
from tests.whole_system import ROOT, WholeSystem, folder_modes

README = (ROOT / "README.md").read_text()
# `sh` is run here; what needs Docker or a second machine is `console`.
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [block for language, block in BLOCKS if language == "sh"]


def reply_of(system: WholeSystem, commands: str) -> dict[str, Any]:
    """What commands of the README print last, pasted into a shell."""
    pasted = commands.replace("http://127.0.0.1:8001", system.base_url("ats"))
    done = system.call("sh", "-ec", pasted)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def vacancies(system: WholeSystem) -> set[str]:
    """Ids of all that Sandwell's own system sees, the README's included."""
    client = system.credentials["ats"]["clients"]["hosted"]
    with httpx.Client(base_url=system.base_url("ats"), timeout=30) as http:
        answered = http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
        )
        bearer = {"Authorization": f"Bearer {answered.json()['access_token']}"}
        return {each["id"] for each in http.get("/v1/vacancies?limit=100", headers=bearer).json()["items"]}


def needs_curl() -> None:
    if shutil.which("curl") is None:
        reason = "the README's requests were not made: curl is missing (apt-get install curl)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def test_the_readme_names_two_commands_and_what_a_bare_machine_lacks() -> None:
    assert [line.split("#")[0].strip() for line in COMMANDS[0].splitlines()] == ["make run", "make test"]
    packages = README.partition("apt-get install ")[2].partition("`")[0].split()
    lacking = re.findall(r"command -v ([\w-]+)", (ROOT / ".ci" / "run").read_text())
    assert {*packages, *BROWSERS, "npm", "apt-get", "clamd"} == {*lacking, "python3", "python3-venv"}
    assert all(f"`{each}`" in README for each in (*BROWSERS, "npm", "clamav-daemon"))
    listed = set(re.findall(r"^\| `make (\w+)`", README, re.MULTILINE)) | set(re.findall(r"`make (\w+)`", README))
    targets = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert listed <= targets


def test_nothing_above_the_data_or_the_programs_changed_when_it_started(whole_system: WholeSystem) -> None:
    assert folder_modes(whole_system.data.parent) == whole_system.modes_before
    states = Supervisor(whole_system.data).processes()
    assert {each.name for each in states if each.is_running} == {*SERVICE_PROCESSES, "postgres", "redis", "mail"}
    printed = whole_system.terminals[0].printed()
    assert whole_system.credentials["ats"]["password"] in printed
    assert all(whole_system.base_url(service) in printed for service in SERVICES)
    assert "/dev/mail" in printed


def test_each_process_sees_its_own_database_and_secrets_and_no_other(whole_system: WholeSystem) -> None:
    for each in Supervisor(whole_system.data).processes():
        service = each.name.partition("-")[0]
        if service not in SERVICES:
            continue
        seen = psutil.Process(each.pid).environ()
        assert {name for name in seen if name.endswith("DATABASE_URL")} == {f"{service.upper()}_DATABASE_URL"}
        assert not [name for name in seen if name.endswith("_PASSWORD") and name != "DEMO_PASSWORD"]
        for secret in ("SIGNING_KEY_SECRET", "EQUALITY_SECRET"):
            assert (secret in seen) == (service == "ats")
        assert seen["WME_MODE"] == "embedded"


def test_the_requests_of_the_readme_get_the_replies_of_the_readme(whole_system: WholeSystem) -> None:
    needs_curl()
    first, vacancy = COMMANDS[1:]
    shown = json.loads(next(block for language, block in BLOCKS if language == "json"))
    # Adverts that need no window go live by themselves, across the queue.
    assert eventually(lambda: bool(reply_of(whole_system, first)["items"]))
    reply = reply_of(whole_system, first)
    assert reply.keys() == shown.keys()
    assert reply["items"][0].keys() == shown["items"][0].keys()
    made = reply_of(whole_system, vacancy)
    assert (made["title"], made["state"]) == ("Housing officer", "draft")


async def test_the_clock_is_moved_forward_within_reach_only(whole_system: WholeSystem) -> None:
    admin = await Administrator.sign_in(whole_system.base_url("ats"), *whole_system.administrator)
    async with aclosing(admin.http):
        for move, code, field in (
            ({"advance": "-P1D"}, "clock_runs_backwards", "advance"),
            ({"now": "2020-01-01T00:00:00Z"}, "clock_runs_backwards", "now"),
            ({"advance": "P99999999D"}, "clock_out_of_reach", "advance"),
            ({"now": "9999-12-31T23:59:59Z"}, "clock_out_of_reach", "now"),
        ):
            refused = await admin.http.post("/dev/clock", json=move, headers={"X-CSRF-Token": admin.csrf})
            assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, code, field)
        assert (await admin.move_clock(advance="PT1H"))["is_settled"]


def test_what_dies_is_started_again_and_a_second_copy_is_refused(whole_system: WholeSystem) -> None:
    supervisor = Supervisor(whole_system.data)
    killed = supervisor.kill_process("clearing-worker")
    assert eventually(lambda: supervisor.process("clearing-worker").pid not in {0, killed})
    told = "clearing-worker had died and was started again"
    assert eventually(lambda: told in whole_system.terminals[0].printed())
    again = whole_system.make("run")
    assert f"A copy over {whole_system.data} is running already: `make stop` stops it." in again.stderr
    assert again.returncode != 0


def test_what_a_killed_run_leaves_is_named_and_ended_and_the_next_one_keeps_the_data(
    whole_system: WholeSystem,
) -> None:
    before = (whole_system.credentials, vacancies(whole_system))
    for process in psutil.Process(whole_system.terminals[-1].process.pid).children():
        process.kill()
    assert whole_system.terminals[-1].process.wait(20) != 0
    said = "An earlier run was killed and left its processes running: `make stop` ends them."
    assert said in whole_system.make("run").stderr

    supervisor = psutil.Process(Supervisor(whole_system.data).pid)
    supervisor.kill()
    assert wait_until_ended([supervisor], 10) == []
    # One that writes to its log without the supervisor may end by itself, so there is no telling how many.
    said = r"^An earlier run was killed and left \d+ processes running: `make stop` ends them\.$"
    assert re.search(said, whole_system.make("run").stderr, re.MULTILINE)
    assert whole_system.make("stop").stdout == "Stopped; the data is kept.\n"
    assert find_leftovers(whole_system.data) == []
    assert whole_system.make("stop").stdout == "Nothing is running.\n"

    terminal = whole_system.run()
    assert (whole_system.credentials, vacancies(whole_system)) == before
    assert terminal.interrupt() == 0
    assert terminal.printed().endswith("Stopping\nStopped; the data is kept.\n")
    assert find_leftovers(whole_system.data) == []
