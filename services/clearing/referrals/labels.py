"""How referrals, offers and matches read on a page."""

from __future__ import annotations

from services.clearing.matching.states import MatchState
from services.clearing.referrals.states import OfferState, ReferralState

MATCH_LABELS = {
    MatchState.SUGGESTED: "New",
    MatchState.INTERESTED: "You are interested",
    MatchState.DECLINED: "You said no",
    MatchState.EXPIRED: "Closed",
    MatchState.SUPERSEDED: "Replaced by a newer version",
    MatchState.VOID: "No longer open",
}
REFERRAL_LABELS = {
    ReferralState.INTERESTED: "With HR",
    ReferralState.HR_REVIEW: "With HR",
    ReferralState.REFERRED: "Referred",
    ReferralState.NOT_REFERRED: "Not referred",
    ReferralState.NOT_SHORTLISTED: "Not shortlisted",
    ReferralState.WAITING: "Waiting for an interview",
    ReferralState.INTERVIEW_OFFERED: "Invited to an interview",
    ReferralState.INTERVIEWED: "Interviewed",
    ReferralState.NOT_APPOINTED: "Not appointed",
    ReferralState.OFFERED: "Offered the job",
    ReferralState.ACCEPTED: "Offer accepted",
    ReferralState.REFUSED: "Offer refused",
    ReferralState.LAPSED: "Offer lapsed",
    ReferralState.OFFER_WITHDRAWN: "Offer withdrawn",
    ReferralState.WITHDRAWN: "Withdrawn",
    ReferralState.VACANCY_CLOSED: "Vacancy closed",
}
REFERRAL_TONES = {
    ReferralState.HR_REVIEW: "yellow",
    ReferralState.REFERRED: "blue",
    ReferralState.INTERVIEW_OFFERED: "blue",
    ReferralState.OFFERED: "purple",
    ReferralState.ACCEPTED: "green",
}
OFFER_LABELS = {
    OfferState.REQUESTED: "Being prepared",
    OfferState.NO_OPENING: "No opening",
    OfferState.OFFERED: "Waiting for your answer",
    OfferState.ACCEPTED: "Accepted",
    OfferState.REFUSED: "Refused",
    OfferState.LAPSED: "Lapsed",
    OfferState.WITHDRAWN: "Withdrawn",
}
