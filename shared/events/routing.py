"""Who hears what: the whole message map on one screen. A row of the outbox is made per subscriber."""

from __future__ import annotations

from types import MappingProxyType

from shared.events import (
    adverts,
    applications,
    ats,
    clearing,
    clearing_tasks,
    interviews,
    job_alerts,
    notifications,
    privacy,
    record,
    references,
    registrations,
    reserve_lists,
    talent_pool,
)
from shared.events.base import Event
from shared.vocabulary import Service

EVENT_LOG_ONLY: tuple[Service, ...] = ()
TO_ATS = (Service.ATS,)
TO_CLEARING = (Service.CLEARING,)
TO_NOTIFICATIONS = (Service.NOTIFICATIONS,)
TO_BOTH = (Service.CLEARING, Service.NOTIFICATIONS)
TO_ALL = (Service.ATS, Service.CLEARING, Service.NOTIFICATIONS)
TO_ATS_AND_NOTIFICATIONS = (Service.ATS, Service.NOTIFICATIONS)

SUBSCRIBERS: MappingProxyType[type[Event], tuple[Service, ...]] = MappingProxyType(
    {
        # registry, identity
        ats.EmployerChanged: TO_BOTH,
        ats.SigningKeyPublished: TO_BOTH,
        ats.StaffChanged: TO_BOTH,
        ats.StaffSessionsEnded: TO_BOTH,
        ats.StaffInvited: TO_NOTIFICATIONS,
        ats.PasswordResetRequested: TO_NOTIFICATIONS,
        # a vacancy's way to the public
        ats.ApprovalRequested: TO_NOTIFICATIONS,
        ats.ApprovalDecided: TO_NOTIFICATIONS,
        ats.VacancyChanged: TO_CLEARING,
        clearing.WindowOpened: TO_ATS_AND_NOTIFICATIONS,
        clearing.VacancyReleased: TO_ATS_AND_NOTIFICATIONS,
        clearing.DutyOpened: TO_ATS_AND_NOTIFICATIONS,
        ats.VacancyPublished: EVENT_LOG_ONLY,
        adverts.AdvertListed: TO_NOTIFICATIONS,
        adverts.AdvertChanged: TO_NOTIFICATIONS,
        adverts.AdvertEnded: TO_NOTIFICATIONS,
        job_alerts.JobAlertLinkWanted: TO_NOTIFICATIONS,
        job_alerts.JobAlertFound: TO_NOTIFICATIONS,
        # an application's way to a hire
        applications.ApplicationReceived: TO_NOTIFICATIONS,
        applications.CandidateLinkRequested: TO_NOTIFICATIONS,
        applications.DraftLinkWanted: TO_NOTIFICATIONS,
        applications.PanelMemberNamed: TO_NOTIFICATIONS,
        applications.ApplicationShortlisted: TO_NOTIFICATIONS,
        applications.ApplicationRejected: TO_NOTIFICATIONS,
        applications.ApplicationRejectionUndone: TO_NOTIFICATIONS,
        reserve_lists.ReserveListed: TO_NOTIFICATIONS,
        reserve_lists.ReserveListingUndone: TO_NOTIFICATIONS,
        applications.ApplicationClosed: TO_NOTIFICATIONS,
        applications.DocumentRefused: TO_NOTIFICATIONS,
        applications.ApplicationWithdrawn: TO_NOTIFICATIONS,
        interviews.InterviewInvited: TO_NOTIFICATIONS,
        interviews.InterviewBookingWanted: TO_NOTIFICATIONS,
        interviews.InterviewBooked: TO_NOTIFICATIONS,
        interviews.InterviewMoved: TO_NOTIFICATIONS,
        interviews.InterviewCancelled: TO_NOTIFICATIONS,
        interviews.PanelInterviewSet: TO_NOTIFICATIONS,
        interviews.PanelInterviewCancelled: TO_NOTIFICATIONS,
        references.ReferenceConsentWanted: TO_NOTIFICATIONS,
        references.ReferenceWanted: TO_NOTIFICATIONS,
        references.ReferenceExpired: TO_NOTIFICATIONS,
        references.ReferenceReceived: EVENT_LOG_ONLY,
        talent_pool.TalentPoolLinkWanted: TO_NOTIFICATIONS,
        talent_pool.TalentPoolInvited: TO_NOTIFICATIONS,
        applications.OfferMade: TO_NOTIFICATIONS,
        applications.OfferApprovalWanted: TO_NOTIFICATIONS,
        applications.OfferApprovalDecided: TO_NOTIFICATIONS,
        applications.OtherApplicationSettled: TO_NOTIFICATIONS,
        applications.OfferLapsed: TO_NOTIFICATIONS,
        applications.OfferWithdrawn: TO_NOTIFICATIONS,
        applications.CandidateCleared: TO_NOTIFICATIONS,
        applications.CandidateHired: TO_NOTIFICATIONS,
        applications.CandidateUnhired: EVENT_LOG_ONLY,
        applications.RetentionNoticeGiven: TO_NOTIFICATIONS,
        applications.StartConfirmed: EVENT_LOG_ONLY,
        # a displaced employee's way to a new post
        registrations.RegistrationConfirmationWanted: TO_NOTIFICATIONS,
        registrations.RegistrationSubmitted: TO_NOTIFICATIONS,
        registrations.RegistrationVerified: TO_NOTIFICATIONS,
        registrations.RegistrationReturned: TO_NOTIFICATIONS,
        registrations.SignInLinkRequested: TO_NOTIFICATIONS,
        clearing.MatchSuggested: TO_NOTIFICATIONS,
        clearing_tasks.ReviewWanted: TO_NOTIFICATIONS,
        clearing.Referred: TO_ATS_AND_NOTIFICATIONS,
        clearing.ReferralOutcomeRecorded: TO_ATS_AND_NOTIFICATIONS,
        clearing_tasks.OutcomesWanted: TO_NOTIFICATIONS,
        clearing.InterviewAwaited: TO_NOTIFICATIONS,
        clearing.OpeningRequested: TO_ATS,
        ats.OpeningReserved: TO_CLEARING,
        ats.OpeningRefused: TO_CLEARING,
        clearing.RedeploymentOffered: TO_ATS_AND_NOTIFICATIONS,
        clearing.RedeploymentOfferEnded: TO_NOTIFICATIONS,
        clearing_tasks.OfferFollowUpWanted: TO_NOTIFICATIONS,
        clearing.RedeploymentAccepted: TO_ATS_AND_NOTIFICATIONS,
        clearing.OpeningReturned: TO_ATS,
        clearing.TrialStarted: TO_ATS_AND_NOTIFICATIONS,
        clearing.TrialReminderDue: TO_NOTIFICATIONS,
        clearing.TrialEnded: TO_ATS_AND_NOTIFICATIONS,
        clearing_tasks.ReopeningChoiceWanted: TO_NOTIFICATIONS,
        clearing.PlacementConfirmed: TO_ATS_AND_NOTIFICATIONS,
        # webhooks
        notifications.WebhookDisabled: TO_NOTIFICATIONS,
        # a person's request about their own data
        privacy.DataSubjectCaseOpened: TO_BOTH,
        privacy.ClearingCaseAnswered: TO_ATS,
        privacy.NotificationsCaseAnswered: TO_ATS,
        privacy.DataExportReady: TO_NOTIFICATIONS,
        privacy.DataSubjectCaseClosed: TO_NOTIFICATIONS,
        # what a service finds in its own record
        record.RecruitmentStatesFound: TO_NOTIFICATIONS,
        record.ClearingStatesFound: TO_NOTIFICATIONS,
        # embedded mode: the movable clock
        ats.SettlingAsked: TO_ALL,
        clearing.ClearingSettled: TO_ATS,
        notifications.NotificationsSettled: TO_ATS,
    }
)

# Letters of these events may share a job and a transaction at that subscriber: its handler only adds rows, or keeps the
# newer copy of the one row that the event is about. A handler that locks other rows would lock them in the order of
# the letters, against the order that everyone else keeps.
IN_GROUPS: MappingProxyType[Service, frozenset[type[Event]]] = MappingProxyType(
    {
        Service.ATS: frozenset(),
        Service.CLEARING: frozenset({ats.EmployerChanged, ats.StaffChanged}),
        Service.NOTIFICATIONS: frozenset(
            event
            for event, subscribers in SUBSCRIBERS.items()
            if Service.NOTIFICATIONS in subscribers
            and event
            not in {
                ats.SigningKeyPublished,
                ats.StaffSessionsEnded,
                ats.SettlingAsked,
                applications.ApplicationRejectionUndone,
                privacy.DataSubjectCaseOpened,
            }
        ),
    }
)

BY_NAME: MappingProxyType[str, type[Event]] = MappingProxyType({event.name: event for event in SUBSCRIBERS})
