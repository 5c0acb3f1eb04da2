"""OpenAPI is the manual: who may call each operation, how it can refuse, and what it looks like when it is used.

All of it is read off what runs: the permission that is enforced, the errors that the code names, the schemas.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import compile_path

from shared.auth import permission_of
from shared.idempotency import MAX_KEY_LENGTH, IdempotentRoute
from shared.manual_examples import show_examples
from shared.manual_refusals import document_refusals, drop_unused
from shared.permissions import IN_WORDS, SCOPE_MEANINGS, Permission
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
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text unique to this change. The same key and request again gets the first answer again, for 48"
    " hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
    "example": "2f1c7a52-create-REQ-2041",
}


def document_permissions(app: FastAPI, settings: Settings) -> None:
    """For `ServiceApp.on_start`: put scopes, refusals and examples into the service's OpenAPI document."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = describe()
            components = document.setdefault("components", {})
            components["securitySchemes"] = _schemes(settings)
            for found in iter_route_contexts(app.routes):
                route = found.original_route
                # The document's paths are without their converters.
                path = compile_path(found.path or "")[1]
                if isinstance(route, APIRoute) and path in document["paths"]:
                    for method in found.methods or ():
                        operation = document["paths"][path][method.lower()]
                        _explain(operation, permission_of(route))
                        if method == "POST" and isinstance(route, IdempotentRoute):
                            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                        document_refusals(operation, route, components)
                        show_examples(operation, components)
            drop_unused(components)
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
    called_from = permission.called_from
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), words, IN_WORDS[called_from]]))
    operation["x-browser-safe"] = called_from.is_browser_safe
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
