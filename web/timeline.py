"""The history in words of people: one entry an event, what was filled in and by which rule below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from engine.aftersales import attachments, sealed_files
from engine.aftersales.retention import holds
from engine.forms.components import Component, walk
from engine.runtime import attempts
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from web import errors, formats, mentions, refused, words
from web.explanations import EXPLAINED
from web.i18n import gettext, mark
from web.labels import Labels
from web.queries import audit, case_history, step
from web.queries.case_history import Instance
from web.visitor import looking

#: Values longer than this are cut where they only accompany an entry.
_LONG = 200


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    who: str
    text: str
    icon: str
    #: "", "ok", "warn", "danger" or "accent".
    tone: str = ""
    #: A sentence below.
    detail: str = ""
    #: (label, value) of what was filled in, or of what a rule looked at.
    facts: Sequence[tuple[str, str]] = ()
    #: `instance.number` of an event that has a why; "" for any other.
    event: str = ""
    #: In which role, for whom and from where they did it.
    under: str = ""


class Teller:
    """Tells events of one case in the reader's language."""

    def __init__(self, ctx: Context, running: Sequence[Instance], labels: Labels) -> None:
        self._ctx = ctx
        self._definitions = {instance.id: instance.definition_id for instance in running}
        self._labels = labels
        self._texts: Mapping[str, str] = {}
        self._people: Mapping[str, str] = {}

    def tell(self, rows: Sequence[Row[Any]]) -> list[Entry]:
        """An entry an event; one statement more where messages were sent, one where colleagues are spoken of."""
        told = [(row, orjson.loads(row.payload)) for row in rows]
        self._texts = case_history.message_texts(
            self._ctx, filter(None, (_message_number(payload) for _, payload in told))
        )
        self._people = step.names(self._ctx, [key for _, payload in told for key in _spoken_of(payload)])
        entries = []
        for row, payload in told:
            entries.append(self._entry(row, payload))
            if row.type in ("ProcessInstanceMoved", "ProcessInstanceMovedBack"):
                # Newest first: what comes next happened on the version before.
                self._definitions[row.stream] = payload["from_definition_id"]
        return entries

    def _entry(self, row: Row[Any], payload: Mapping[str, Any]) -> Entry:
        how = _WORDS.get(row.type, ("", "info", ""))
        text, icon, tone = how
        detail, facts = "", ()
        element = self.element(row.stream, row.element_id)
        match row.type:
            case "UserTaskCompleted":
                outcome = self._outcome(row, payload)
                text = f"{element}: {outcome}" if outcome else element
                facts = self._filled(row, payload)
            case case_history.NOTE:
                detail = mentions.plain(payload["text"], payload["names"])
            case "ServiceTaskCompleted":
                text, icon, tone, detail = self._service(element, payload)
            case "DecisionEvaluated":
                facts = self._rule(row, payload)
            case "IncidentRaised" | "ServiceTaskFailed":
                detail = str(payload.get("message") or payload.get("error") or "")[:_LONG]
            case "ServiceTaskErrorThrown":
                detail = str(payload.get("message") or payload.get("code") or "")
            case (
                "CancelRequested"
                | "IncidentRetried"
                | "ProcessInstanceSuspended"
                | "ProcessInstanceResumed"
                | "UserTaskAssigned"
                | "UserTaskReleased"
            ):
                detail = str(payload.get("reason") or "")
            case "VariablesCorrected" | "StepSkipped":
                detail, facts = str(payload.get("reason") or ""), self._corrected(payload)
            case "TokenMoved":
                detail = f"→ {self.element(row.stream, payload['to'])}. {payload['reason']}"
                facts = self._corrected(payload)
            case "ProcessInstanceMoved" | "ProcessInstanceMovedBack":
                detail = f"{payload['from_version']} → {payload['version']}. {payload['reason']}"
            case attempts.EVENT:
                element = self.element(payload.get("instance", 0), payload.get("element"))
                text = refused.TRIED.get(payload["tried"], refused.SOMETHING)
                detail = errors.told(looking(), payload["sentence"], payload["params"], self._people)
            case attachments.ADDED:
                detail = f"{payload['name']}, {formats.size(payload['size'])}"
            case holds.HELD | holds.LIFTED:
                detail = str(payload["reason"])
            case _ if row.type in audit.VERSIONS:
                element = f"{self._labels.procedure(payload['process'])} {payload['version']}"
                detail = str(payload.get("reason") or payload.get("note") or "")
            case "ProcessInstanceStarted":
                element = self._labels.procedure(str(payload.get("process")))
                facts = self._registered(row, payload)
        said = (
            text
            if row.type in ("UserTaskCompleted", "ServiceTaskCompleted")
            else gettext(text).format(step=element)
        )
        return Entry(
            at=row.at,
            who="" if row.actor == "system" else row.who,
            text=said or self._labels.word(row.type),
            icon=icon,
            tone=tone,
            detail=detail,
            facts=tuple(facts),
            event=f"{row.stream}.{row.seq}" if row.type in EXPLAINED else "",
            under=self._under(payload),
        )

    def definition(self, stream: int) -> Definition | None:
        """The version that events of a stream speak of."""
        definition_id = self._definitions.get(stream)
        return self._ctx.engine.definitions.get(self._ctx.session, definition_id) if definition_id else None

    def element(self, stream: int, element_id: str | None) -> str:
        """The name of an element as the diagram has it, in the reader's language."""
        definition = self.definition(stream)
        element = definition.process.elements.get(element_id or "") if definition else None
        if definition is None or element is None:
            return element_id or ""
        name = definition.translate(element.name, self._ctx.actor.language)
        return " ".join(name.split()) or self._labels.word(element_id)

    def _outcome(self, row: Row[Any], payload: Mapping[str, Any]) -> str:
        form_id = self._form_id(row)
        definition_id = self._definitions.get(row.stream)
        if definition_id is None or not payload.get("outcome"):
            return ""
        return words.outcome(self._ctx, definition_id, form_id, str(payload["outcome"]))

    def _form_id(self, row: Row[Any]) -> str | None:
        definition = self.definition(row.stream)
        element = definition.process.elements.get(row.element_id or "") if definition else None
        return element.form_id if element else None

    def _under(self, payload: Mapping[str, Any]) -> str:
        """In which role, for whom and, for those who open the audit, from where somebody acted."""
        told = []
        if roles := payload.get("in_roles"):
            told.append(gettext("as {role}").format(role=self._roles(roles)))
        if role := payload.get("on_behalf_of"):
            told.append(gettext("recorded for: {role}").format(role=self._roles([role])))
        if away := payload.get("stands_in_for"):
            names = ", ".join(self._people.get(key, key) for key in away)
            told.append(gettext("standing in for {people}").format(people=names))
        if "from" in payload and "audit" in looking().places:
            told.append(gettext("from {address}").format(address=payload["from"]))
        return " · ".join(told)

    def _roles(self, keys: Sequence[str]) -> str:
        return words.roles(self._ctx.organisation, keys, self._ctx.actor.language)

    def _filled(self, row: Row[Any], payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        return self._answers(row, self._form_id(row), payload.get("values") or {})

    def _registered(self, row: Row[Any], payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        return self._answers(row, self._form_id(row), payload.get("variables") or {})

    def _answers(
        self, row: Row[Any], form_id: str | None, values: Mapping[str, Any]
    ) -> list[tuple[str, str]]:
        """What was filled in, by the labels of the form."""
        definition = self.definition(row.stream)
        form = definition.forms.get(form_id or "") if definition else None
        if definition is None or form is None:
            return []
        language = self._ctx.actor.language
        found = []
        for component in walk(form.components):
            if component.is_input and component.path:
                value = _at(values, component.path)
                text = self._answer(component, value, definition)
                if text:
                    found.append((definition.translate(component.label, language), text))
        return found

    def _answer(self, component: Component, value: Any, definition: Definition) -> str:
        language = self._ctx.actor.language
        if component.type == "filepicker":
            return ", ".join(str(file.get("name")) for file in value or () if isinstance(file, Mapping))
        options = {str(option.value): option.label for option in component.options or ()}
        values = value if isinstance(value, list) else [value]
        shown = [
            definition.translate(options[str(each)], language) if str(each) in options else self.plain(each)
            for each in values
        ]
        return ", ".join(part for part in shown if part)

    def plain(self, value: Any) -> str:
        """A value as a person reads it."""
        match value:
            case None | "":
                return ""
            case bool():
                return gettext("yes") if value else gettext("no")
            case str() if len(value) >= 16 and value[4] == "-" and value[10] == "T":
                return formats.moment(value)
            case Mapping():
                return "; ".join(
                    f"{name}: {text}" for name, inner in value.items() if (text := self.plain(inner))
                )
            case list():
                return ", ".join(filter(None, map(self.plain, value)))
            case _:
                return str(value)

    def _service(self, element: str, payload: Mapping[str, Any]) -> tuple[str, str, str, str]:
        """Text, icon, tone and detail of an automatic step."""
        service, result = str(payload.get("service")), payload.get("result") or {}
        if service in case_history.MONEY:
            entry = next((value for value in result.values() if isinstance(value, Mapping)), {})
            amount = entry.get("amount")
            text = (
                f"{element}: {formats.currency()}{formats.amount(amount)}" if amount is not None else element
            )
            return text, "coins", "ok", str(entry.get("number") or "")
        if service in case_history.MESSAGES:
            if service == "call.record":
                inputs = payload.get("inputs") or {}
                outcome = self._labels.option("outcome", str(inputs.get("outcome") or ""))
                return f"{element}: {outcome}", "phone", "accent", str(inputs.get("remark") or "")
            if service == "rating.record":
                inputs = payload.get("inputs") or {}
                return (
                    f"{element}: {inputs.get('rating')} / 5",
                    "star",
                    "accent",
                    str(inputs.get("remark") or ""),
                )
            return element, "speech", "accent", self._texts.get(_message_number(payload) or "", "")
        icon = (
            "truck"
            if service.startswith(("parcel.", "pickup."))
            else "box"
            if service.startswith("stock.")
            else "flow"
        )
        return element, icon, "", ""

    def _corrected(self, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What an administrator set: as it is, and as it was where that is known."""
        before = payload.get("before") or {}
        return [
            (
                name,
                f"{self.plain(before[name]) or '–'} → {self.plain(value)}"
                if name in before
                else self.plain(value),
            )
            for name, value in (payload.get("values") or {}).items()
        ]

    def _rule(self, row: Row[Any], payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for table in payload.get("trace") or ():
            for looked_at in table.get("inputs") or ():
                label = self._labels.translate(str(looked_at.get("label") or ""))
                yield label, self.plain(looked_at.get("value")) or "–"
        value = payload.get("value")
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield f"→ {name}", self.plain(inner) or "–"
        else:
            yield "→", self.plain(value) or "–"


def _spoken_of(payload: Mapping[str, Any]) -> Iterator[str]:
    """Keys of people that an event is told with, besides who acted."""
    yield from payload.get("stands_in_for") or ()
    params = payload.get("params")
    if isinstance(params, Mapping) and isinstance(params.get("by"), str):
        yield params["by"]


def _message_number(payload: Mapping[str, Any]) -> str | None:
    result = payload.get("result")
    number = result.get("messageNumber") if isinstance(result, Mapping) else None
    return number if isinstance(number, str) else None


def _at(values: Any, path: Sequence[str]) -> Any:
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


#: Event type -> sentence, icon, tone.
_WORDS = {
    "UserTaskCompleted": ("", "check", "ok"),
    "UserTaskClaimed": (mark("{step}: claimed"), "person", ""),
    "UserTaskReleased": (mark("{step}: released"), "undo", ""),
    "UserTaskAssigned": (mark("{step}: assigned"), "person", ""),
    "UserTaskFollowUpSet": (mark("{step}: put off"), "clock", ""),
    "ProcessInstanceStarted": (mark("Registered: {step}"), "plus", "accent"),
    "ProcessInstanceCompleted": (mark("The case ended"), "check-circle", "ok"),
    "ProcessInstanceCancelled": (mark("The case was cancelled"), "cross", "warn"),
    "ProcessInstanceMoved": (mark("Moved to another version of the procedure"), "swap", ""),
    "ProcessInstanceMovedBack": (mark("Moved back to the version before"), "swap", ""),
    "CancelRequested": (mark("Asked to cancel the case"), "cross", "warn"),
    "VariablesCorrected": (mark("Corrected data of the case"), "settings", "warn"),
    "ProcessInstanceSuspended": (mark("Suspended the case"), "clock", "warn"),
    "ProcessInstanceResumed": (mark("Resumed the case"), "undo", ""),
    "StepSkipped": (mark("Skipped: {step}"), "chevron", "warn"),
    "TokenMoved": (mark("Sent another way: {step}"), "swap", "warn"),
    "IncidentRaised": (mark("Stuck at “{step}”"), "alert", "danger"),
    "IncidentRetried": (mark("Tried again: {step}"), "undo", ""),
    "ServiceTaskFailed": (mark("“{step}” failed, will be tried again"), "alert", "warn"),
    "ServiceTaskErrorThrown": (mark("{step}: not possible"), "alert", "warn"),
    "TimerFired": (mark("Time was up: {step}"), "clock", "warn"),
    "DecisionEvaluated": (mark("Rule applied: {step}"), "flow", ""),
    case_history.NOTE: (mark("Note"), "speech", ""),
    "MessageCorrelated": (mark("Message received: {step}"), "inbox", "accent"),
    attempts.EVENT: ("", "shield", "warn"),
    attachments.ADDED: (mark("Attached a file"), "paperclip", ""),
    sealed_files.EVENT: (mark("Exported the case as a sealed file"), "download", ""),
    holds.HELD: (mark("Held the case back from being removed"), "clock", ""),
    holds.LIFTED: (mark("Lifted the hold of the case"), "undo", ""),
    "ProcessDeployed": (mark("Version deployed: {step}"), "flow", ""),
    "ProcessVersionMadeCurrent": (mark("Made current: {step}"), "flow", ""),
    "ProcessStartReached": (mark("Planned version became current: {step}"), "flow", ""),
    "ProcedureRetired": (mark("Procedure retired: {step}"), "flow", ""),
    "ProcedureBroughtBack": (mark("Procedure brought back: {step}"), "flow", ""),
    "VersionSuspended": (mark("Version suspended: {step}"), "flow", ""),
    "VersionResumed": (mark("Version resumed: {step}"), "flow", ""),
}
