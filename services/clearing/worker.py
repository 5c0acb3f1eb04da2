"""Handles what the other services told, and this service's due work, as one process; several may run."""

from __future__ import annotations

from services.clearing.audit.sealing import seal_audit
from services.clearing.handlers import HANDLERS
from services.clearing.impossible_states.due import detect_impossible_states
from services.clearing.matching.commands import match_waiting_registrations
from services.clearing.referrals.departures import close_after_employment
from services.clearing.referrals.replies import lapse_offers
from services.clearing.referrals.reviews import alert_overdue_reviews, ask_for_follow_ups, ask_for_reviews
from services.clearing.registrations.submission import forget_unconfirmed
from services.clearing.registrations.verification import activate_registrations
from services.clearing.trials.counting import count_pending_savings
from services.clearing.trials.progress import advance_placements
from services.clearing.windows.alerts import alert_overdue_outcomes
from services.clearing.windows.release import advance_windows, release_answered_windows
from shared.ticker import DueCommand
from shared.vocabulary import Service
from shared.worker import ServiceWorker, serve_worker

# In this order within a tick: what makes more work for a later one comes first.
DUE: tuple[DueCommand, ...] = (
    activate_registrations,
    match_waiting_registrations,
    ask_for_reviews,
    alert_overdue_reviews,
    lapse_offers,
    advance_placements,
    count_pending_savings,
    forget_unconfirmed,
    close_after_employment,
    ask_for_follow_ups,
    advance_windows,
    release_answered_windows,
    alert_overdue_outcomes,
    detect_impossible_states,
    seal_audit,
)

WORKER = ServiceWorker(service=Service.CLEARING, handlers=HANDLERS, due=DUE)


def main() -> None:
    serve_worker(WORKER)


if __name__ == "__main__":
    main()
