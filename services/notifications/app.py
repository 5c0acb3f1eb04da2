"""The API and pages of `notifications`, as one process."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.notifications.deliveries import pages as delivery_pages
from services.notifications.deliveries import routes as delivery_routes
from services.notifications.mailbox.routes import show_mailbox
from services.notifications.webhooks import delivery_routes as webhook_delivery_routes
from services.notifications.webhooks import pages as webhook_pages
from services.notifications.webhooks import routes as webhook_routes
from services.notifications.webhooks.manual import document_webhooks
from services.notifications.wording import routes as wording_routes
from shared import auth_routes, figure_routes, staff_pages
from shared.app import ServiceApp, create_app, serve
from shared.dead_letters import dead_letters_router
from shared.event_log import event_log_router
from shared.manual import document_permissions
from shared.pages import Link, Pages
from shared.settings import Settings
from shared.vocabulary import Role, Scope, Service

STAFF = tuple(Role)

ROUTERS: tuple[APIRouter, ...] = (
    event_log_router(Scope.REPORTS_READ),
    dead_letters_router(),
    figure_routes.router,
    auth_routes.router,
    staff_pages.router,
    delivery_routes.router,
    wording_routes.router,
    delivery_pages.router,
    webhook_routes.router,
    webhook_routes.plain_router,
    webhook_delivery_routes.router,
    webhook_pages.router,
)


def describe(settings: Settings) -> ServiceApp:
    return ServiceApp(
        service=Service.NOTIFICATIONS,
        title="Messages",
        description="What was said to whom, and whether it arrived.",
        routers=ROUTERS,
        on_start=(auth_routes.sign_in_by_redirect, show_mailbox, document_permissions, document_webhooks),
        pages=Pages(
            service_name="Messages",
            folder=Path(__file__).parent,
            home_href="/deliveries",
            sign_in_href="/sign-in",
            navigation=(
                Link("Deliveries", "/deliveries", roles=STAFF),
                Link("Webhooks", "/webhooks", roles=webhook_pages.ADMINISTRATORS),
                *((Link("Mail", "/dev/mail"),) if settings.is_embedded else ()),
            ),
            settings=settings.pages,
        ),
    )


def build(settings: Settings) -> FastAPI:
    return create_app(describe(settings), settings)


def main() -> None:
    settings = Settings.from_environment(Service.NOTIFICATIONS)
    serve(lambda: build(settings), settings)


if __name__ == "__main__":
    main()
