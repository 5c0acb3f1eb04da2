"""Every kind of message by its key, and the kinds that each event is told by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.notifications.messages import (
    application_closed,
    application_received,
    application_rejected,
    application_shortlisted,
    application_withdrawn,
    approval_decided,
    approval_wanted,
    candidate_link,
    cleared_to_start,
    data_case_closed,
    data_export_ready,
    document_refused,
    draft_link,
    impossible_states_found,
    interview_awaited,
    interview_booked,
    interview_booking_wanted,
    interview_cancelled,
    interview_invited,
    job_alert_found,
    job_alert_link,
    match_suggested,
    offer_approval_decided,
    offer_approval_wanted,
    offer_follow_up_wanted,
    offer_lapsed,
    offer_made,
    offer_withdrawn,
    other_application_settled,
    outcomes_wanted,
    panel_interview,
    panel_member_named,
    password_reset,
    placement_confirmed,
    redeployment_accepted,
    redeployment_offer_ended,
    redeployment_offered,
    reference_consent_wanted,
    reference_expired,
    reference_wanted,
    referral_outcome,
    referred,
    registration_confirmation,
    registration_received,
    registration_returned,
    registration_verified,
    rejection_undone,
    reopening_choice_wanted,
    reserve_listed,
    retention_notice,
    review_wanted,
    sign_in_link,
    staff_invitation,
    talent_pool,
    trial_ended,
    trial_reminder,
    trial_started,
    webhook_disabled,
)
from services.notifications.messages.kinds import MessageKind
from shared.events.base import Event

AnyKind = MessageKind[Any, Any]

CATALOGUE: tuple[AnyKind, ...] = (
    staff_invitation.KIND,
    password_reset.KIND,
    approval_wanted.KIND,
    approval_decided.KIND,
    application_received.KIND,
    candidate_link.KIND,
    draft_link.KIND,
    draft_link.REMINDER,
    panel_member_named.KIND,
    application_shortlisted.KIND,
    application_rejected.AFTER_SIFT,
    application_rejected.AFTER_SHORTLIST,
    application_rejected.AFTER_INTERVIEW,
    rejection_undone.KIND,
    reserve_listed.KIND,
    reserve_listed.UNDONE,
    application_closed.KIND,
    application_withdrawn.KIND,
    document_refused.KIND,
    interview_invited.KIND,
    interview_booking_wanted.KIND,
    interview_booked.BOOKED,
    interview_booked.MOVED,
    interview_cancelled.KIND,
    panel_interview.SET,
    panel_interview.CANCELLED,
    reference_consent_wanted.KIND,
    reference_wanted.KIND,
    reference_expired.KIND,
    offer_made.KIND,
    offer_approval_wanted.KIND,
    offer_approval_decided.KIND,
    other_application_settled.KIND,
    offer_lapsed.KIND,
    offer_withdrawn.KIND,
    cleared_to_start.KIND,
    job_alert_link.CONFIRM,
    job_alert_link.CHANGE,
    job_alert_link.KEEP,
    job_alert_found.KIND,
    talent_pool.JOINED,
    talent_pool.KEEP,
    talent_pool.INVITATION,
    registration_confirmation.KIND,
    registration_received.KIND,
    registration_verified.KIND,
    registration_returned.KIND,
    sign_in_link.KIND,
    match_suggested.KIND,
    review_wanted.KIND,
    referred.KIND,
    referral_outcome.KIND,
    outcomes_wanted.KIND,
    interview_awaited.KIND,
    redeployment_offered.KIND,
    redeployment_offer_ended.KIND,
    offer_follow_up_wanted.KIND,
    redeployment_accepted.KIND,
    trial_started.KIND,
    trial_reminder.KIND,
    trial_ended.KIND,
    reopening_choice_wanted.KIND,
    placement_confirmed.KIND,
    webhook_disabled.KIND,
    retention_notice.KIND,
    data_export_ready.KIND,
    data_case_closed.KIND,
    impossible_states_found.RECRUITMENT,
    impossible_states_found.CLEARING,
)

BY_KEY: Mapping[str, AnyKind] = MappingProxyType({kind.key: kind for kind in CATALOGUE})


def _by_event() -> Mapping[type[Event], tuple[AnyKind, ...]]:
    found: defaultdict[type[Event], list[AnyKind]] = defaultdict(list)
    for kind in CATALOGUE:
        found[kind.event].append(kind)
    return MappingProxyType({event: tuple(kinds) for event, kinds in found.items()})


BY_EVENT = _by_event()


def kinds_for(event: Event) -> tuple[AnyKind, ...]:
    """The kinds that this very event is told by: not those that another kind stands for, none where it is unmailed."""
    return tuple(kind for kind in BY_EVENT.get(type(event), ()) if kind.applies(event))
