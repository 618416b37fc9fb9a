"""Why an instance cannot be moved: sentences with a code, and the element they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Code -> the English sentence. `{step}` is the element; the other places are params of the reason. Those named after an
#: element (`step`, `event`, `gateway`, `to`) hold its id.
SENTENCES: Mapping[str, str] = {
    "gone": "“{step}” is gone in the new version. Choose the step that takes its place.",
    "other_kind": "“{step}” is of another kind in the new version.",
    "other_scope": "“{step}” lies in another sub-process in the new version.",
    "other_loop": "“{step}” is repeated in another way in the new version.",
    "other_inputs": "The input variables of “{step}” are set in another way in the new version; here the former ones count.",
    "other_service": "“{step}” asks for another service in the new version; its work is handed out already.",
    "other_call": "“{step}” calls another procedure in the new version; the called one is under way.",
    "other_form": "The form of “{step}” is chosen in another way in the new version.",
    "event_gone": "“{event}” on “{step}” is gone in the new version; what it waits for would be lost.",
    "event_new": "“{event}” on “{step}” is new; a case that stands there already does not wait for it.",
    "event_other": "“{event}” on “{step}” waits for something else in the new version.",
    "branches": "The branches around “{step}” run in another way in the new version (see “{gateway}”).",
    "arrived": "A branch waits at “{step}” that came by a way which the new version does not have.",
    "remembered": "The case may still come back to “{step}”, which the new version does not have.",
    "draft": "Somebody has begun to fill in “{step}”; the new form has no place for “{field}”.",
    "four_eyes": "Who did “{step}” in this case decides who may act later; the new version does not have that step.",
    "went_on": "The case went on meanwhile.",
    "ended": "The case ended meanwhile.",
    "on_another_version": "The case is on another version by now.",
    "nothing_kept": "What would move the case back is no longer kept: it went on, or was never moved.",
    "failed": "Something went wrong: {why}",
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that keeps an instance where it is."""

    #: One of `SENTENCES`.
    code: str
    #: Id of the element it is about; empty for the case as a whole.
    step: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In English, with element ids."""
        return SENTENCES[self.code].format(step=self.step, **self.params)

    def document(self) -> dict[str, Any]:
        """As JSON; `read` takes it back."""
        return {
            "code": self.code,
            "step": self.step,
            **({"params": dict(self.params)} if self.params else {}),
        }


def read(document: Mapping[str, Any]) -> Reason:
    """A reason as `Reason.document` gave it."""
    return Reason(code=document["code"], step=document["step"], params=document.get("params", {}))
