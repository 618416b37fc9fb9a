"""Several models that import each other as one plan, and the check of what refers to what.

Elements and types of the first model keep their names; those of an imported model become `namespace#name`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from engine.dmn.reading import Plan

Report = Callable[..., None]
_SECTIONS = ("inputs", "decisions", "knowledge", "services")
_KIND_SECTIONS = {"input": ("inputs",), "decision": ("decisions",), "knowledge": ("knowledge", "services")}
#: Names of types that need no definition.
FEEL_TYPES = frozenset(
    {
        *(
            "Any",
            "any",
            "Null",
            "string",
            "number",
            "boolean",
            "date",
            "time",
            "list",
            "context",
            "function",
            "range",
        ),
        *("date and time", "days and time duration", "years and months duration"),
        *("dateTime", "dayTimeDuration", "yearMonthDuration", "integer", "long", "double"),
    }
)


def assemble(main: Plan, others: list[Plan], report: Report) -> Plan:
    """One plan of `main` and all that it imports, out of `others`, with every reference checked."""
    known = {plan["namespace"]: plan for plan in others}
    whole: Plan = {section: {} for section in ("types", *_SECTIONS)}
    for plan, aliases in _reached(main, known, report):
        qualified = _Qualifier(plan, main["namespace"]).qualified()
        for item in qualified["inputs"].values():
            item["path"] = [*aliases, item["name"]]
        for section in whole:
            whole[section] |= qualified[section]
        for namespace, alias in plan["imports"].items():
            for name in known.get(namespace, {"types": ()})["types"]:
                whole["types"].setdefault(f"{alias}.{name}", {"type": f"{namespace}#{name}"})
    _resolve(whole, report)
    _check_circles(whole, report)
    _check_types(whole, report)
    return whole


def _reached(main: Plan, known: dict[str, Plan], report: Report) -> Iterator[tuple[Plan, list[str]]]:
    """Each model once, with the names under which the imports lead to it."""
    waiting: list[tuple[Plan, list[str]]] = [(main, [])]
    seen = {main["namespace"]}
    while waiting:
        plan, aliases = waiting.pop()
        yield plan, aliases
        for namespace, alias in plan["imports"].items():
            if namespace not in known:
                report("", "missing_import", namespace=namespace)
            elif namespace not in seen:
                seen.add(namespace)
                waiting.append((known[namespace], [*aliases, alias]))


class _Qualifier:
    """Rewrites the names in one model to names in the whole."""

    def __init__(self, plan: Plan, main: str):
        self._plan = plan
        self._main = main
        self._prefix = "" if plan["namespace"] == main else f"{plan['namespace']}#"

    def qualified(self) -> Plan:
        plan = {section: self._plan[section] for section in ("types", *_SECTIONS)}
        return {
            section: {self._prefix + name: self._item(item) for name, item in items.items()}
            for section, items in plan.items()
        }

    def _item(self, item: Any) -> Any:
        if isinstance(item, list):
            return [self._item(each) for each in item]
        if not isinstance(item, dict):
            return item
        return {key: self._entry(key, value) for key, value in item.items()}

    def _entry(self, key: str, value: Any) -> Any:
        match key:
            case "type" | "result":
                return self._type(value)
            case "requires":
                return [
                    {**each, "id": self._element(each["id"]), "alias": self._alias(each["id"])}
                    for each in value
                ]
            case "outputs" | "inputData" | "inputDecisions" if all(isinstance(each, str) for each in value):
                return [self._element(each) for each in value]
            case "parameters" if not any(isinstance(each, dict) for each in value):
                return [self._type(each) for each in value]
            case _:
                return self._item(value)

    def _element(self, reference: str) -> str:
        namespace, _, local = reference.rpartition("#")
        if namespace in ("", self._plan["namespace"]):
            return self._prefix + local
        return local if namespace == self._main else reference

    def _alias(self, reference: str) -> str | None:
        return self._plan["imports"].get(reference.rpartition("#")[0])

    def _type(self, name: str | None) -> str | None:
        if name is None or name in FEEL_TYPES:
            return name
        for namespace, alias in self._plan["imports"].items():
            if alias and name.startswith(f"{alias}."):
                local = name.removeprefix(f"{alias}.")
                return local if namespace == self._main else f"{namespace}#{local}"
        return self._prefix + name


def _resolve(whole: Plan, report: Report) -> None:
    """Give each requirement the path by which expressions find it; drop and report those that lead nowhere."""
    for section in ("decisions", "knowledge"):
        for owner, item in whole[section].items():
            found = []
            for requirement in item["requires"]:
                target = _target(whole, requirement)
                if target is None:
                    report(owner, "unknown_requirement", name=item["name"], reference=requirement["id"])
                    continue
                alias = requirement["alias"]
                path = [alias, target["name"]] if alias else [target["name"]]
                found.append({"kind": requirement["kind"], "id": requirement["id"], "path": path})
            item["requires"] = found
    for owner, service in whole["services"].items():
        for kind, section in (
            ("outputs", "decisions"),
            ("inputData", "inputs"),
            ("inputDecisions", "decisions"),
        ):
            for reference in service[kind]:
                if reference not in whole[section]:
                    report(owner, "unknown_requirement", name=service["name"], reference=reference)


def _target(whole: Plan, requirement: Plan) -> Plan | None:
    sections = _KIND_SECTIONS[requirement["kind"]]
    return next((found for each in sections if (found := whole[each].get(requirement["id"]))), None)


def _check_circles(whole: Plan, report: Report) -> None:
    done: set[str] = set()

    def visit(element: str, path: list[str]) -> None:
        if element in path:
            names = [_named(whole, each) for each in path[path.index(element) :]]
            report(element, "cyclic_requirement", name=names[0], path=", ".join(names))
            return
        if element in done:
            return
        for requirement in _item(whole, element).get("requires", ()):
            visit(requirement["id"], [*path, element])
        done.add(element)

    for section in ("decisions", "knowledge"):
        for element in whole[section]:
            visit(element, [])


def _item(whole: Plan, element: str) -> Plan:
    return whole["decisions"].get(element) or whole["knowledge"].get(element) or {}


def _named(whole: Plan, element: str) -> str:
    return _item(whole, element).get("name", element)


def _check_types(whole: Plan, report: Report) -> None:
    known = FEEL_TYPES | whole["types"].keys()

    def visit(value: Any, element: str) -> None:
        if isinstance(value, list):
            for each in value:
                visit(each, element)
        elif isinstance(value, dict):
            nearest = value.get("id") or element
            if isinstance(value.get("type"), str) and value["type"] not in known:
                report(nearest, "unknown_type", type=value["type"].rpartition("#")[2])
            for each in value.values():
                visit(each, nearest)

    for section in ("inputs", "decisions", "knowledge", "services"):
        for element, item in whole[section].items():
            visit(item, element)
    for name, definition in whole["types"].items():
        visit(definition, name)
