"""What the diagram editor offers: templates, roles, forms, decisions, procedures, and the variables of expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import select

from engine import dmn
from engine.forms import InvalidForm, load
from engine.forms.components import Component
from engine.runtime.context import Context
from engine.store.tables import ProcessInstance
from web.queries import procedures
from web.queries.studio import Desk


def offered(ctx: Context, desk: Desk) -> dict[str, Any]:
    """The catalogue as JSON."""
    folder = ctx.engine.settings.processes_dir / "templates"
    language, base = ctx.actor.language, f"/studio/{desk.key}/edit"
    decisions = _decisions(desk)
    return {
        "templates": [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))],
        "resources": [
            *({"type": "form", "name": id_, "formId": id_} for id_ in _forms(desk)),
            *(
                {"type": "dmnDecision", "name": name, "decisionId": id_}
                for id_, (name, _) in decisions.items()
            ),
            *(
                {"type": "bpmnProcess", "name": name, "processId": key}
                for key, name in procedures.options(ctx)
            ),
        ],
        "roles": [
            {"key": key, "name": role.name, "label": role.name_zh if language == "zh" else role.name}
            for key, role in ctx.organisation.roles.items()
        ],
        "addresses": {
            "form": {id_: f"{base}/form/{id_}.form" for id_ in _forms(desk)},
            "decision": {id_: f"{base}/dmn/{file}#{id_}" for id_, (_, file) in decisions.items()},
        },
        "functions": [
            {
                "name": name,
                "type": "function",
                "params": [{"name": each} for each in parameters],
                "info": f"{name}({', '.join(parameters)})",
            }
            for name, parameters in ctx.engine.feel.functions.items()
        ],
        "known": _described(_known(ctx, desk.key)),
        "forms": {id_: _asked(desk.file("form", f"{id_}.form")) for id_ in _forms(desk)},
    }


def _forms(desk: Desk) -> list[str]:
    return [name.removesuffix(".form") for name in desk.names("form")]


def _decisions(desk: Desk) -> dict[str, tuple[str, str]]:
    """Decision id -> its name and the file it is in."""
    found = {}
    for table in desk.bundle.tables:
        try:
            names = dmn.parse(table.content, table.imports).names
        except dmn.InvalidDecision:
            continue
        found |= {id_: (name, table.name) for id_, name in names.items()}
    return found


def _known(ctx: Context, process_key: str) -> Mapping[str, Any]:
    """Variables a case has: those of the procedure's newest; of any procedure's, what registration gives."""
    newest = select(ProcessInstance.variables).order_by(ProcessInstance.id.desc()).limit(1)
    own = ctx.session.scalar(newest.where(ProcessInstance.process_key == process_key))
    if own:
        return own
    other = ctx.session.scalar(newest.where(ProcessInstance.parent_id.is_(None))) or {}
    return {name: other.get(name) for name in ctx.engine.registry.given}


def _described(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Names and types as the expression editor wants them, nested contexts with their entries."""
    return [{"name": name, **_type(each)} for name, each in sorted(value.items())]


def _type(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"type": "Boolean"}
        case int() | float():
            return {"type": "Number"}
        case str():
            return {"type": "String"}
        case dict():
            return {"type": "Context", "entries": _described(value)}
        case [dict() as first, *_]:
            return {"type": "List", "isList": True, "entries": _described(first)}
        case list():
            return {"type": "List", "isList": True}
    return {}


def _asked(form: bytes) -> list[dict[str, Any]]:
    """The variables a form gives."""
    try:
        return _nested(_entries(load(form).components))
    except InvalidForm:
        return []


def _entries(components: Iterable[Component]) -> dict[str, Any]:
    """Name -> label, whether it is a list, and what is inside."""
    found: dict[str, Any] = {}
    for component in components:
        inner = _entries(component.components)
        if not component.path:
            found = {**inner, **found}
            continue
        into = found
        for name in component.path[:-1]:
            into = into.setdefault(name, {"info": "", "isList": False, "entries": {}})["entries"]
        is_list = component.type == "dynamiclist"
        into[component.path[-1]] = {"info": component.label, "isList": is_list, "entries": inner}
    return found


def _nested(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**each, "name": name, "entries": _nested(each["entries"])}
        if each["entries"]
        else {"name": name, "info": each["info"], "isList": each["isList"]}
        for name, each in found.items()
    ]
