"""What goes out about a saved search, its address and its words sealed for the message alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts import rules, words
from services.ats.job_alerts.models import AlertState, JobAlert
from services.ats.jobs.schemas import JobCriteria
from shared import outbox, sealing
from shared.addresses import public_url
from shared.events.job_alerts import AlertContact, JobAlertLinkWanted
from shared.links import NewLink, issue_links, link_url
from shared.outbox import Telling
from shared.vocabulary import Service

LINK_PURPOSE = "job-alert"
UNSUBSCRIBE = "job-alert-unsubscribe"
UUID_DIGITS = 32
Wanted = Literal["confirm", "change", "keep"]
LIVES = {"confirm": rules.CONFIRM_WITHIN, "change": rules.CHANGE_LINK_LIFE, "keep": rules.KEEP_WITHIN}


def unsubscribe_link(alert_id: UUID) -> str:
    """Works for as long as the alert is there, however old the mail. It says nothing of its reader."""
    token = f"{alert_id.hex}{sealing.lasting_proof(UNSUBSCRIBE, alert_id)}"
    return f"{public_url(Service.ATS)}/job-alerts/unsubscribe/{token}"


def alert_of_token(token: str) -> UUID | None:
    """The alert that an unsubscribe link ends, whether or not it is still there; None for a token that is not ours."""
    try:
        alert_id = UUID(hex=token[:UUID_DIGITS])
    except ValueError:
        return None
    return alert_id if sealing.is_proven(UNSUBSCRIBE, alert_id, token[UUID_DIGITS:]) else None


def contact_of(alert: JobAlert, token: str) -> dict[str, Any]:
    """What every message about an alert carries."""
    search = rules.read_search(alert.search)
    return {
        "name": "",
        "email": alert.email,
        "link": link_url(public_url(Service.ATS), token),
        "unsubscribe_link": unsubscribe_link(alert.id),
        "search": words.in_words(search or JobCriteria()),
    }


def usual_link(alert: JobAlert) -> Wanted:
    return "confirm" if alert.state is AlertState.UNCONFIRMED else "change"


async def send_links(session: AsyncSession, wanted: Sequence[tuple[JobAlert, Wanted]], *, now: datetime) -> None:
    """Mail each alert's person a link to it, good for as long as what it is wanted for may be done."""
    expiries = {kind: now + life for kind, life in LIVES.items()}
    tokens = await links_to(session, [alert for alert, _ in wanted], [expiries[kind] for _, kind in wanted])
    tellings = []
    for alert, kind in wanted:
        alert.link_sent_at = now
        event = JobAlertLinkWanted(alert_id=alert.id, wanted_for=kind, expires_at=expiries[kind])
        sealed = AlertContact(**contact_of(alert, tokens[alert.id]))
        tellings.append(Telling(event, {Service.NOTIFICATIONS: sealed}))
    await outbox.record_all(session, tellings, now=now)


async def links_to(
    session: AsyncSession, alerts: Sequence[JobAlert], expiries: Sequence[datetime]
) -> Mapping[UUID, str]:
    """A new single-use link to each alert."""
    links = [
        NewLink(purpose=LINK_PURPOSE, subject_id=alert.id, employer_id=None, expires_at=expires_at)
        for alert, expires_at in zip(alerts, expiries, strict=True)
    ]
    return dict(zip((alert.id for alert in alerts), await issue_links(session, links), strict=True))
