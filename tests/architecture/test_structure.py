"""Promises of the design that can be read off the source: one commit place, routed events, one door to the queue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import services.ats.handlers
import services.clearing.handlers
import services.notifications.handlers
from shared.events import (
    applications,
    ats,
    clearing,
    clearing_tasks,
    job_alerts,
    notifications,
    references,
    registrations,
)
from shared.events.base import Event
from shared.events.routing import SUBSCRIBERS
from shared.vocabulary import Service

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))
HANDLERS = {
    Service.ATS: services.ats.handlers.HANDLERS,
    Service.CLEARING: services.clearing.handlers.HANDLERS,
    Service.NOTIFICATIONS: services.notifications.handlers.HANDLERS,
}
EVENTS = {
    found
    for module in (ats, applications, clearing, clearing_tasks, job_alerts, notifications, references, registrations)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Event) and found is not Event
}


def _having(pattern: str) -> list[str]:
    wanted = re.compile(pattern, re.MULTILINE)
    return [str(path.relative_to(ROOT)) for path in SOURCES if wanted.search(path.read_text())]


def test_there_is_one_commit_place() -> None:
    assert _having(r"\.commit\(\)") == []


def test_transactions_begin_in_one_place() -> None:
    # The relay and the launcher speak to PostgreSQL without an ORM session; they are named here, one by one.
    assert [path for path in _having(r"session\.begin\(") if path != "shared/database.py"] == []


def test_nothing_is_pickled() -> None:
    assert _having(r"^\s*(import|from) pickle") == []


def test_the_environment_is_read_in_one_place() -> None:
    allowed = (
        "shared/settings.py",
        "shared/provision.py",
        "shared/failpoints.py",
        "shared/embedded/",
        "shared/conformance/",
    )
    assert [path for path in _having(r"os\.environ|os\.getenv") if not path.startswith(allowed)] == []


def test_every_event_is_on_the_map() -> None:
    assert set(SUBSCRIBERS) == EVENTS


def test_wire_names_are_unique_versioned_and_owned() -> None:
    names = [event.name for event in EVENTS]
    assert len(names) == len(set(names))
    assert [each for each in names if not re.fullmatch(r"(ats|clearing|notifications)\.[a-z_]+\.v\d+", each)] == []


@pytest.mark.parametrize("service", list(Service))
def test_every_routed_event_has_a_handler_and_no_handler_waits_for_nothing(service: Service) -> None:
    routed = {event for event, subscribers in SUBSCRIBERS.items() if service in subscribers}
    assert set(HANDLERS[service]) == routed


def test_an_event_is_sealed_only_for_somebody_who_hears_it() -> None:
    deaf = {event.name for event, heard_by in SUBSCRIBERS.items() if not set(event.sealed_for) <= set(heard_by)}
    assert deaf == set()


def test_the_tree_speaks_of_the_product_alone() -> None:
    text_files = (
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and path.suffix in {".py", ".md", ".toml", ".yml", ".html", ".css", ".txt", ".ini", ".env"}
        and not {".venv", "var", ".git"} & set(path.relative_to(ROOT).parts)
    )
    # Folders of one machine, a package index by any name, and what it is downloaded from.
    wanted = re.compile(
        r"(?<![\w.])/(?:work|opt)/|[\w-]\.[a-z]+/simple\b|--(?:extra-)?index-url|//\S+\.(?:whl|tar\.gz)\b"
    )
    found = [str(path.relative_to(ROOT)) for path in text_files if wanted.search(path.read_text(errors="replace"))]
    assert found == []


def test_the_readme_lists_every_event_as_it_is_routed() -> None:
    readme = (ROOT / "README.md").read_text()
    lines = [
        f"| `{event.name}` | {event.kind} | {', '.join(heard_by) or 'event log'} | {', '.join(event.sealed_for)} |"
        for event, heard_by in SUBSCRIBERS.items()
    ]
    assert [line for line in lines if line not in readme] == []
