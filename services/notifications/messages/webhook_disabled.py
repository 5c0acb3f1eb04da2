"""Nothing is sent to a system's webhook any more: whoever runs it has to do something."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.messages.kinds import Audience, Channel, Line, MessageKind, NameOf, Variables, Wording
from shared.events.base import Contact
from shared.events.notifications import WebhookDisabled


class WebhookDisabledVariables(Variables):
    host: Line
    whose: Line
    is_gone: bool
    disabled_at: datetime
    webhook_id: Line


def compose(event: WebhookDisabled, contact: Contact, name_of: NameOf) -> WebhookDisabledVariables:
    return WebhookDisabledVariables(
        name=contact.name,
        host=event.host,
        whose="all public adverts" if event.employer_id is None else name_of(event.employer_id),
        is_gone=event.reason == "gone",
        disabled_at=event.disabled_at,
        webhook_id=str(event.webhook_id),
    )


KIND = MessageKind(
    key="webhook_disabled",
    title="Webhook switched off",
    event=WebhookDisabled,
    variables=WebhookDisabledVariables,
    compose=compose,
    audience=Audience.RECRUITING_STAFF,
    because="We sent this because you are named as the contact of this webhook.",
    wording={
        Channel.EMAIL: Wording(
            subject="We have switched off your webhook at {{ host }}",
            body="""
Dear {{ name }}

Your system at {{ host }} gets news from us about {{ whose }}. We have switched this off at \
{{ disabled_at | date_time }}.

{% if is_gone %}Your system told us that this address is gone (status 410).{% else %}\
Nothing that we sent has arrived for 3 days.{% endif %}

What you can do:

* Find out why your system does not answer with a status of 2xx, and mend it.
* Switch the webhook on again: POST /v1/webhooks/{{ webhook_id }}/enable
* Have what you missed sent again: POST /v1/webhooks/{{ webhook_id }}/replay

We keep what you missed for 30 days.
""",
        )
    },
    sample=WebhookDisabledVariables(
        name="Integration team",
        host="hooks.council.example",
        whose="Sandwell Council",
        is_gone=False,
        disabled_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
        webhook_id="0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3",
    ),
)
