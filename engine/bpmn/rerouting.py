"""Sending a token another way from outside: past the element it stands at, or to another one of its scope.

What cannot be done rightly is refused, with a sentence: a token put on another branch would leave a join waiting for one
that never comes.
"""

from typing import TYPE_CHECKING, Any

from engine.bpmn import branches
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.specs.base import ElementSpec

#: Elements no token is put at: they begin by something that happens.
_BEGUN_BY_EVENTS = ("startEvent", "boundaryEvent")
#: Gateways at which ways part or meet that are gone side by side.
_SIDE_BY_SIDE = ("parallelGateway", "inclusiveGateway", "complexGateway")

NOT_BEGUN = "This step has not begun yet: it waits for others to arrive."
A_GATEWAY = "A gateway has nothing to skip. Start the step behind it instead."
A_REPETITION = "This is one of several repetitions: another step cannot take its place. Skip it instead."
NOT_IN_SCOPE = "That step is in another part of the procedure, or only an event begins it."
MEETS_OTHERS = (
    "Branches meet at that step: a token put there would wait for others. Choose the step behind it."
)
BESIDE_OTHERS = "Other branches run beside this one, and that step is not on the same one. Choose one between the gateways."

SENTENCES = (NOT_BEGUN, A_GATEWAY, A_REPETITION, NOT_IN_SCOPE, MEETS_OTHERS, BESIDE_OTHERS)


class CannotReroute(ValueError):
    """Sending a token there would not be right; the text says why."""


def skip(token: Token, result: dict[str, Any]) -> None:
    """Let a token leave its activity as if it had given ``result``. Raises ``CannotReroute``."""
    spec, workflow = token.task_spec, token.workflow
    if token.watch or token.parent is None or not token.phase:
        raise CannotReroute(NOT_BEGUN)
    if "ateway" in spec.type:
        raise CannotReroute(A_GATEWAY)
    workflow.resolve(token)
    if token.phase == "wait":
        spec.withdraw(token)
    for child in token.inside():
        child.cancel()
    spec.finish(token, result)


def move(token: Token, element_id: str, values: dict[str, Any]) -> None:
    """End what stands at a token and begin ``element_id`` in its place. Raises ``CannotReroute``."""
    target = _target(token, element_id)
    branch = token.parent
    assert branch is not None  # _target refuses the process itself
    begun = token.workflow.spawn(target, branch, token.data, scope=token.scope, ready=False)
    begun.writes, begun.side = token.writes, token.side
    branches.assign(begun, values, element_id)
    # Afterwards, so that a fork never seems to have one branch less than it has.
    token.cancel()
    begun._ready()


def targets(token: Token) -> list[str]:
    """Elements that ``move`` could begin in a token's place."""
    found = []
    for name in token.task_spec._wf_spec.task_specs:
        try:
            _target(token, name)
        except CannotReroute:
            continue
        found.append(name)
    return found


def _target(token: Token, element_id: str) -> "ElementSpec":
    if token.watch or token.parent is None:
        raise CannotReroute(NOT_BEGUN)
    if "index" in token.internal_data:
        raise CannotReroute(A_REPETITION)
    spec = token.task_spec
    target = spec._wf_spec.task_specs.get(element_id)
    if target is None or ":" in element_id or not _inside(spec, target):
        raise CannotReroute(NOT_IN_SCOPE)
    if target.joins:
        raise CannotReroute(MEETS_OTHERS)
    other = next(
        (leaf for leaf in branches.leaves(token.workflow.scope_of(token)) if leaf is not token), None
    )
    if other is not None and not (_reaches(spec, target) or _reaches(target, spec)):
        raise CannotReroute(BESIDE_OTHERS)
    return target


def _inside(spec: "ElementSpec", target: "ElementSpec") -> bool:
    element = target.element
    return (
        element.parent == spec.element.parent
        and element.type not in _BEGUN_BY_EVENTS
        and not element.triggered_by_event
        and not element.is_for_compensation
    )


def _reaches(start: "ElementSpec", end: "ElementSpec") -> bool:
    """Whether a flow leads from one to the other without a place where ways part or meet."""
    seen, ahead = {start.name}, [start]
    while ahead:
        spec = ahead.pop()
        if spec is end:
            return True
        if _parts(spec):
            continue
        for following in spec.targets.values():
            if following.name not in seen:
                seen.add(following.name)
                ahead.append(following)
    return False


def _parts(spec: "ElementSpec") -> bool:
    if spec.type in _SIDE_BY_SIDE or spec.joins:
        return True
    return "ateway" not in spec.type and len(spec.flows) > 1
