"""The background task that sends, put together from this process's settings."""

from __future__ import annotations

from services.notifications.channels.mail import Sender
from services.notifications.channels.smtp import SmtpChannel, SmtpServer, SmtpUrlRefused
from services.notifications.deliveries.dispatcher import Dispatcher
from services.notifications.messages.kinds import Channel
from shared.settings import Settings
from shared.worker import WorkerContext


def email_channel(settings: Settings) -> SmtpChannel:
    """Raises SmtpUrlRefused where SMTP_URL is missing or unusable, AddressUnusable where MAIL_FROM is no mailbox."""
    if settings.smtp_url is None:
        raise SmtpUrlRefused("SMTP_URL is not set")
    return SmtpChannel(SmtpServer.from_url(settings.smtp_url), Sender.parse(settings.mail_from))


async def send_deliveries(context: WorkerContext) -> None:
    """Send until cancelled."""
    dispatcher = Dispatcher(
        context.sessions,
        context.clock,
        direct_database_url=context.settings.direct_database_url,
        channels={Channel.EMAIL: email_channel(context.settings)},
    )
    await dispatcher.run()
