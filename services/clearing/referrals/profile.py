"""What the gaining council learns of a person who is interested (R54): facts for the job, no reason, no evidence."""

from __future__ import annotations

from typing import Any

from services.clearing.registrations.models import Registration
from shared.money import pounds_in_words
from shared.reference.skills import skills


def profile_of(registration: Registration) -> dict[str, Any]:
    """Nothing of R50 (reason, tier evidence) and nothing of R52 beyond what the score itself reads."""
    return {
        "job_title": registration.job_title,
        "band": registration.band,
        "fte_pay_pence": registration.fte_pay_pence,
        "hours_hundredths": registration.hours_hundredths,
        "hours_min": registration.hours_min,
        "hours_max": registration.hours_max,
        "skills": registration.skills,
        "qualifications": registration.qualifications,
        "professional_registrations": registration.professional_registrations,
        "occupations": registration.occupations,
    }


def profile_in_words(profile: dict[str, Any]) -> str:
    """The same as a few lines of text, for an application form."""
    lines = [
        (
            f"Now: {profile['job_title']}, regional band {profile['band']}, {pounds_in_words(profile['fte_pay_pence'])}"
            f" full time, {profile['hours_hundredths'] / 100:g} hours a week."
        ),
        f"Wants {profile['hours_min'] / 100:g} to {profile['hours_max'] / 100:g} hours a week.",
    ]
    held = [f"{_label(each['skill_id'])} (level {each['level']})" for each in profile["skills"] or () if each["level"]]
    if held:
        lines.append(f"Skills: {', '.join(held)}.")
    jobs = [_job(each) for each in profile["occupations"] or ()]
    if jobs:
        lines.append(f"Jobs: {'; '.join(jobs)}.")
    codes = [each["code"].replace("_", " ") for each in profile["professional_registrations"] or ()]
    if codes:
        lines.append(f"Holds: {', '.join(codes)}.")
    levels = [
        f"level {each['level']}" + (f" in {each['subject'].replace('_', ' ')}" if each["subject"] else "")
        for each in profile["qualifications"] or ()
    ]
    if levels:
        lines.append(f"Qualifications: {', '.join(levels)}.")
    return "\n".join(lines)


def _label(skill_id: str) -> str:
    found = skills().get(skill_id)
    return skill_id if found is None else found.label


def _job(held: dict[str, Any]) -> str:
    if held["months"] is not None:
        return f"{held['title']}, {held['months']} months"
    return f"{held['title']}, {held['started_on']} to {held['ended_on'] or 'now'}"
