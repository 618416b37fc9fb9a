"""What keeps a diagram from being deployed, and what only deserves a warning."""

import pytest

from engine import bpmn
from tests.bpmn.drawing import boundary, diagram, event, flow, node, start, user, zeebe
from tests.bpmn.pairs import LINE, PAIRS, WAIT, around, throwing


def check(expression: str) -> str | None:
    return "unfinished" if expression.rstrip().endswith("+") else None


@pytest.mark.parametrize("code", PAIRS)
def test_a_broken_diagram_is_refused_with_its_element_and_a_remedy(code):
    element, broken, _ = PAIRS[code]
    found = [p for p in bpmn.lint(broken, check_expression=check) if p.code == code and p.severity == "error"]
    assert element in [problem.element for problem in found]
    assert all(problem.remedy and problem.message.endswith((".", "unfinished")) for problem in found)
    with pytest.raises(bpmn.InvalidDiagram):
        bpmn.parse(broken, check_expression=check)


@pytest.mark.parametrize("code", PAIRS)
def test_its_twin_is_let_through(code):
    *_, twin = PAIRS[code]
    assert [p for p in bpmn.lint(twin, check_expression=check) if p.severity == "error"] == []
    assert bpmn.parse(twin, check_expression=check).processes


@pytest.mark.parametrize(
    ("code", "element", "xml"),
    [
        ("form_missing", "x", around(node("userTask", "x"))),
        ("superfluous_gateway", "x", around(node("parallelGateway", "x"))),
        ("boundary_without_flow", "b", diagram(LINE, boundary("b", "a", WAIT))),
        ("unknown_extension", "x", around(user("x", extensions=zeebe("somethingNew")))),
        ("global_task", "g", diagram(LINE, top=node("globalTask", "g"))),
        ("handler_without_event", "h", diagram(LINE, user("h", isForCompensation="true"))),
        (
            "nothing_to_undo",
            "x",
            throwing(event("compensate", activityRef="a")).replace(
                b"</bpmn:process>", f"{user('a')}{flow('x', 'a', id_='to_a')}</bpmn:process>".encode()
            ),
        ),
        (
            "default_without_effect",
            "a",
            diagram(
                node("startEvent", "a", default="a_b"), user("b"), user("c"), flow("a", "b"), flow("a", "c")
            ),
        ),
        (
            "default_with_condition",
            "a_b",
            diagram(start(), user("a", default="a_b"), user("b"), flow("start", "a"), flow("a", "b", "=x")),
        ),
    ],
)
def test_what_only_deserves_a_warning_still_runs(code, element, xml):
    found = [(p.code, p.element) for p in bpmn.lint(xml) if p.severity == "warning"]
    assert (code, element) in found
    assert bpmn.parse(xml)


def test_a_partners_pool_that_does_not_run_keeps_nobody_from_running():
    partner = '<bpmn:process id="partner"><bpmn:task id="odd"/><bpmn:startEvent id="s"/></bpmn:process>'
    xml = diagram(LINE).replace(b"</bpmn:definitions>", partner.encode() + b"</bpmn:definitions>")
    assert {p.severity for p in bpmn.lint(xml) if p.element in ("odd", "s")} == {"warning"}
    assert list(bpmn.parse(xml).processes) == ["p"]
