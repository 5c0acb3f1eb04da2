"""OpenAPI is the manual: each operation says who may call it, read off the same answer that is enforced."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import permission_of
from shared.permissions import SCOPE_MEANINGS, Permission
from shared.settings import Settings
from shared.vocabulary import Service

CLIENT, SESSION, LINK = "client", "staff_session", "link_session"
ON_BEHALF_OF: dict[str, Any] = {
    "name": "On-Behalf-Of",
    "in": "header",
    "required": False,
    "description": "A client names the member of staff (id) whose decision this records, else 403",
    "schema": {"type": "string", "format": "uuid"},
}


def document_permissions(app: FastAPI, settings: Settings) -> None:
    """For `ServiceApp.on_start`: put scopes, roles and links into the service's OpenAPI document."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = describe()
            document.setdefault("components", {})["securitySchemes"] = _schemes(settings)
            for found in iter_route_contexts(app.routes):
                route = found.original_route
                if isinstance(route, APIRoute) and found.path in document["paths"]:
                    for method in found.methods or ():
                        _explain(document["paths"][found.path][method.lower()], permission_of(route))
        return app.openapi_schema or {}

    app.openapi = openapi  # FastAPI's documented way to extend the document


def _schemes(settings: Settings) -> dict[str, Any]:
    return {
        CLIENT: {
            "type": "oauth2",
            "description": "Client credentials; ask for this service by `resource`",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{settings.public_urls[Service.ATS]}/oauth/token",
                    "scopes": {scope.value: meaning for scope, meaning in SCOPE_MEANINGS.items()},
                }
            },
        },
        SESSION: {
            "type": "apiKey",
            "in": "cookie",
            "name": f"wme_{settings.service}_session",
            "description": "Signed-in staff; changes also need the X-CSRF-Token header",
        },
        LINK: {
            "type": "http",
            "scheme": "bearer",
            "description": "From `POST /v1/link-sessions`, in exchange for a signed link",
        },
    }


def _explain(operation: dict[str, Any], permission: Permission) -> None:
    operation["security"] = _security(permission)
    words = "Needs: nothing." if permission.is_public else f"Needs one of: {permission.needed or 'any known caller'}."
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), words]))
    if permission.deciders:
        operation.setdefault("parameters", []).append(ON_BEHALF_OF)


def _security(permission: Permission) -> list[dict[str, list[str]]]:
    """Alternatives: any one of them is enough."""
    if permission.is_public:
        return [{}]
    if permission.is_for_anyone_known:
        return [{CLIENT: []}, {SESSION: []}, {LINK: []}]
    ways: list[dict[str, list[str]]] = [{CLIENT: [scope.value]} for scope in sorted(permission.scopes)]
    ways += [{SESSION: []}] if permission.admits_staff else []
    return ways + ([{LINK: []}] if permission.purposes else [])
