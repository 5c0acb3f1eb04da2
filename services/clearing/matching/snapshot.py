"""The immutable input of a run, known by its hash (3.1, R55)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.clearing.matching.policy import RULES_VERSION, MatchingPolicy
from services.clearing.matching.profiles import Person, Vacancy


def snapshot_hash(people: Iterable[Person], vacancies: Iterable[Vacancy], policy: MatchingPolicy) -> str:
    """SHA-256 of the canonical JSON of everything a run reads: the order of the input changes nothing (P10)."""
    hasher = sha256(canonical({"rules": RULES_VERSION, "policy": asdict(policy)}).encode())
    for person in sorted(people, key=lambda person: person.registration_id.bytes):
        hasher.update(canonical(person_as_stored(person)).encode())
    for vacancy in sorted(vacancies, key=lambda vacancy: vacancy.vacancy_id.bytes):
        hasher.update(canonical(asdict(vacancy)).encode())
    return hasher.hexdigest()


def person_as_stored(person: Person) -> dict[str, Any]:
    """A person's fields as plain values, mappings included."""
    stored = {name: getattr(person, name) for name in Person.__slots__ if name not in {"skills", "travel_corrections"}}
    skills = None if person.skills is None else {name: asdict(held) for name, held in person.skills.items()}
    for section in ("qualifications", "registrations", "occupations"):
        stored[section] = None if stored[section] is None else [asdict(item) for item in stored[section]]
    return {**stored, "skills": skills, "travel_corrections": dict(person.travel_corrections)}


def canonical(value: Any) -> str:
    """JSON with sorted keys and sorted sets: equal values always give the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if isinstance(value, (UUID, date)):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")
