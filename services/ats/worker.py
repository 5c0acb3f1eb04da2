"""Handles what the other services told, and this service's due work, as one process; several may run."""

from __future__ import annotations

from services.ats.applications.closing import close_waiting_applications
from services.ats.applications.rejecting import tell_rejections
from services.ats.approvals.due import expire_approvals, remind_approvers
from services.ats.audit.sealing import seal_audit
from services.ats.bulk_actions.doing import do_batch_items
from services.ats.checks.due import raise_due_checks
from services.ats.documents.quarantine import guard_documents
from services.ats.drafts.due import forget_drafts, remind_of_drafts
from services.ats.employment_references.asking import end_unanswered_references, remind_referees
from services.ats.equality.releasing import release_figures
from services.ats.handlers import HANDLERS
from services.ats.impossible_states.due import detect_impossible_states
from services.ats.interviews.releasing import release_places
from services.ats.job_alerts.due import (
    ask_to_keep_alerts,
    forget_unconfirmed_alerts,
    forget_untouched_alerts,
    run_job_alerts,
)
from services.ats.offers.lapsing import lapse_offers
from services.ats.offers.settling import settle_other_applications
from services.ats.polled_feeds.schedule import pull_feeds
from services.ats.privacy.due import chase_answers, delete_exports
from services.ats.reserve_lists.due import end_reserve_lists, tell_reserve_lists
from services.ats.retention.commands import apply_retention
from services.ats.talent_pool.due import ask_to_stay_in_pool, forget_pool_members, send_pool_invitations
from services.ats.vacancies.adverts import publish_due_adverts
from services.ats.vacancies.lifecycle import close_due_adverts
from services.ats.vacancies.reservations import lapse_reservations
from shared.ticker import DueCommand
from shared.vocabulary import Service
from shared.worker import Background, ServiceWorker, serve_worker

DUE: tuple[DueCommand, ...] = (
    lapse_reservations,
    lapse_offers,
    publish_due_adverts,
    close_due_adverts,
    close_waiting_applications,
    tell_rejections,
    tell_reserve_lists,
    end_reserve_lists,
    release_places,
    expire_approvals,
    remind_approvers,
    raise_due_checks,
    chase_answers,
    delete_exports,
    apply_retention,
    detect_impossible_states,
    seal_audit,
    do_batch_items,
    settle_other_applications,
    remind_referees,
    end_unanswered_references,
    remind_of_drafts,
    forget_drafts,
    send_pool_invitations,
    ask_to_stay_in_pool,
    forget_pool_members,
    forget_unconfirmed_alerts,
    ask_to_keep_alerts,
    forget_untouched_alerts,
    # Last: on the morning of a large board it takes longer than all others.
    run_job_alerts,
)

BACKGROUND: tuple[Background, ...] = (pull_feeds, release_figures, guard_documents)

WORKER = ServiceWorker(service=Service.ATS, handlers=HANDLERS, due=DUE, background=BACKGROUND)


def main() -> None:
    serve_worker(WORKER)


if __name__ == "__main__":
    main()
