"""What anyone may open: the form that saves a search, a new link to one, and the way out that every mail carries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from pydantic import BaseModel, EmailStr, Field, TypeAdapter, ValidationError

from services.ats.job_alerts import commands, words
from services.ats.job_alerts.asking import ask_for_alert, ask_for_links
from services.ats.job_alerts.models import Frequency
from services.ats.job_alerts.schemas import JobAlertCreate
from services.ats.job_alerts.telling import alert_of_token
from services.ats.jobs.pages import USUAL_MILES, Chosen, SearchForm
from services.ats.jobs.schemas import JobCriteria
from services.ats.jobs.search import EmployerNotListed
from services.ats.jobs.towns import PlaceUnknown
from shared.app import Now, RegionSessionDep
from shared.auth import allow_anyone
from shared.pages import FormError, render

router = APIRouter(prefix="/job-alerts", include_in_schema=False, dependencies=[allow_anyone()])
ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
ENTER_ADDRESS = FormError("email", "Enter an e-mail address, like name@example.org")
FREQUENCIES = ((Frequency.DAILY.value, "Every day that there are new jobs"), (Frequency.WEEKLY.value, "Once a week"))
Token = Annotated[str, Path(min_length=64, max_length=64, pattern="^[0-9a-f]+$")]


class AlertForm(BaseModel):
    """The fields of the search page, carried along, and whom to write to. `website` is for those who are no people."""

    q: str = Field(default="", max_length=200)
    near: str = Field(default="", max_length=60)
    miles: int = Field(default=USUAL_MILES, ge=1, le=200)
    employer: str = Field(default="", max_length=10)
    family: str = Field(default="", max_length=60)
    workplace: str = Field(default="", max_length=10)
    email: str = Field(default="", max_length=320)
    frequency: str = Field(default=Frequency.DAILY.value, max_length=10)
    website: str = Field(default="", max_length=200)

    @property
    def chosen(self) -> SearchForm:
        return SearchForm(
            self.q.strip(), self.near.strip(), self.miles, self.employer.upper(), self.family, self.workplace
        )


def criteria_of(chosen: SearchForm) -> JobCriteria:
    """What was chosen on the search page, without its order and its page."""
    return JobCriteria.model_validate(chosen.wanted().model_dump(include=set(JobCriteria.model_fields)))


@router.get("/new")
async def new_alert_page(request: Request, chosen: Chosen) -> Response:
    return _form(request, chosen)


@router.post("/new")
async def save_alert_on_page(
    request: Request, session: RegionSessionDep, now: Now, sent: Annotated[AlertForm, Form()]
) -> Response:
    chosen = sent.chosen
    if faults := [FormError("search", f"{each.text} Change the search.") for each in chosen.faults()]:
        return _form(request, chosen, sent.email, Frequency.DAILY, faults)
    frequency = Frequency.WEEKLY if sent.frequency == Frequency.WEEKLY else Frequency.DAILY
    try:
        address = ADDRESS.validate_python(sent.email.strip())
        wanted = JobAlertCreate(email=address, search=criteria_of(chosen), frequency=frequency, website=sent.website)
        await ask_for_alert(request, session, wanted, now)
    except ValidationError:
        return _form(request, chosen, sent.email, frequency, [ENTER_ADDRESS])
    except (PlaceUnknown, EmployerNotListed) as error:
        return _form(
            request, chosen, sent.email, frequency, [FormError("search", f"{error.title}. Change the search.")]
        )
    return render(request, "job_alerts/asked.html")


@router.get("/link")
async def alert_link_page(request: Request) -> Response:
    return render(request, "job_alerts/ask_for_link.html", errors=[], email="")


@router.post("/link")
async def ask_for_alert_link(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    try:
        address = ADDRESS.validate_python(email.strip())
    except ValidationError:
        return render(request, "job_alerts/ask_for_link.html", status_code=422, errors=[ENTER_ADDRESS], email=email)
    await ask_for_links(request, session, address, now)
    return render(request, "job_alerts/link_sent.html")


@router.get("/unsubscribe/{token}")
async def unsubscribe_page(token: Token, request: Request) -> Response:
    """A button, and nothing else: scanners of mail follow links, and end nobody's alert by it."""
    return _not_ours(request) if alert_of_token(token) is None else render(request, "job_alerts/unsubscribe.html")


@router.post("/unsubscribe/{token}")
async def unsubscribe(token: Token, request: Request, session: RegionSessionDep, now: Now) -> Response:
    """The button, and the one click of a mail program (RFC 8058): no cookie, no sign-in, no further question.

    The same answer a second time, when there is nothing left to end.
    """
    alert_id = alert_of_token(token)
    if alert_id is None:
        return _not_ours(request)
    await commands.end_alert(session, alert_id, now=now)
    return render(request, "job_alerts/ended.html")


def _not_ours(request: Request) -> Response:
    return render(request, "job_alerts/not_ours.html", status_code=404)


def _form(
    request: Request,
    chosen: SearchForm,
    email: str = "",
    frequency: Frequency = Frequency.DAILY,
    errors: list[FormError] | None = None,
) -> Response:
    search = criteria_of(chosen)
    return render(
        request,
        "job_alerts/new.html",
        status_code=422 if errors else 200,
        carried=asdict(chosen),
        search=words.in_words(search),
        search_href=words.search_page(search),
        email=email,
        frequency=frequency.value,
        frequencies=FREQUENCIES,
        errors=errors or [],
    )
