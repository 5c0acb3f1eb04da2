"""Handles what the other services told, sends messages and does this service's due work; several may run."""

from __future__ import annotations

from services.notifications.deliveries.commands import expire_deliveries, wipe_deliveries
from services.notifications.handlers import HANDLERS
from services.notifications.sending import email_channel, send_deliveries
from services.notifications.webhooks.dispatcher import send_webhooks
from services.notifications.webhooks.resending import forget_old, give_up_overdue
from shared.settings import Settings
from shared.ticker import DueCommand
from shared.vocabulary import Service
from shared.worker import Background, ServiceWorker, serve_worker

DUE: tuple[DueCommand, ...] = (expire_deliveries, wipe_deliveries, give_up_overdue, forget_old)
BACKGROUND: tuple[Background, ...] = (send_deliveries, send_webhooks)
WORKER = ServiceWorker(service=Service.NOTIFICATIONS, handlers=HANDLERS, due=DUE, background=BACKGROUND)


def main() -> None:
    # A worker that cannot send says so now, not with the first message.
    email_channel(Settings.from_environment(Service.NOTIFICATIONS))
    serve_worker(WORKER)


if __name__ == "__main__":
    main()
