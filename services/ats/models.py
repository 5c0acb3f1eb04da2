"""Every table of this service, for its migrations."""

from __future__ import annotations

from services.ats.applications import models as applications
from services.ats.approval_flows import models as approval_flows
from services.ats.approvals import models as approvals
from services.ats.audit import models as audit
from services.ats.base import Base
from services.ats.bulk_actions import models as bulk_actions
from services.ats.case_studies import models as case_studies
from services.ats.checks import models as checks
from services.ats.drafts import models as drafts
from services.ats.employment_references import models as employment_references
from services.ats.equality import models as equality
from services.ats.establishment import models as establishment
from services.ats.files import models as files
from services.ats.hires import models as hires
from services.ats.hiring_log import models as hiring_log
from services.ats.identity import models as identity
from services.ats.impossible_states import models as impossible_states
from services.ats.internal_jobs import models as internal_jobs
from services.ats.interviews import models as interviews
from services.ats.job_alerts import models as job_alerts
from services.ats.jobs import models as jobs
from services.ats.milestones import models as milestones
from services.ats.monthly_returns import models as monthly_returns
from services.ats.offers import models as offers
from services.ats.panels import models as panels
from services.ats.persons import models as persons
from services.ats.polled_feeds import models as polled_feeds
from services.ats.privacy import models as privacy
from services.ats.reserve_lists import models as reserve_lists
from services.ats.retention import models as retention
from services.ats.selection import models as selection
from services.ats.selection_policy import models as selection_policy
from services.ats.talent_pool import models as talent_pool
from services.ats.vacancies import models as vacancies
from services.ats.vacancy_uploads import models as vacancy_uploads
from shared.orm import with_mechanism

FEATURES = (
    applications,
    approval_flows,
    approvals,
    audit,
    bulk_actions,
    case_studies,
    checks,
    equality,
    employment_references,
    drafts,
    establishment,
    hires,
    files,
    hiring_log,
    identity,
    impossible_states,
    internal_jobs,
    interviews,
    job_alerts,
    jobs,
    milestones,
    monthly_returns,
    offers,
    polled_feeds,
    panels,
    persons,
    privacy,
    reserve_lists,
    retention,
    selection,
    selection_policy,
    talent_pool,
    vacancies,
    vacancy_uploads,
)
METADATA = with_mechanism(Base.metadata)
