"""What two versions have differently is told as it is: nothing left out, nothing made up."""

from __future__ import annotations

import orjson
import pytest

from engine.differences import between, sentence
from engine.differences.order import moved
from tests.conftest import ROOT

DIAGRAM = ("bpmn", "refund_only.bpmn")
TABLES = ("dmn", "refund_rules.dmn")
FORM = ("form", "refund_only_review.form")
PLACES = {"bpmn": ROOT / "processes" / "bpmn", "dmn": ROOT / "processes" / "dmn", "form": ROOT / "forms"}


def shipped(file: tuple[str, str]) -> bytes:
    return (PLACES[file[0]] / file[1]).read_bytes()


def told(file: tuple[str, str], *changes: str) -> list[str]:
    """Sentences about a shipped file in which texts were replaced once: old, new, old, new ..."""
    before = shipped(file).decode()
    after = before
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in after, old
        after = after.replace(old, new, 1)
    return [sentence(each) for each in between({file: before.encode()}, {file: after.encode()})]


DIAGRAM_PAIRS = {
    "a name": (
        ('name="Pay the refund"', 'name="Pay it"'),
        ["Service task “Pay the refund” is now called “Pay it”."],
    ),
    "an extension element": (
        ('type="refund.pay" retries="3"', 'type="refund.pay" retries="5"'),
        ["Service task “Pay the refund” – Retries: was 3, is now 5."],
    ),
    "an extension nobody knows": (
        ("<zeebe:userTask/>", '<zeebe:userTask/><zeebe:robot arm="left"/>'),
        ["User task “Complete the request” – zeebe:robot@arm: is now left; it had none."],
    ),
    "an input": (
        ('<zeebe:input source="=order.number" target="orderNumber"/>', ""),
        ["Service task “Compute the refund” – Input “orderNumber”: was =order.number, has none any more."],
    ),
    "a timer": (
        (">P7D<", ">P3D<"),
        ["Event on the border “No answer for 7 days” – Waits for: was P7D, is now P3D."],
    ),
    "a flow": (
        ('sourceRef="pay" targetRef="stop_shipping"', 'sourceRef="pay" targetRef="completed"'),
        [
            "Flow from “Pay the refund” to “Stop shipping” now leads from “Pay the refund” to “State: completed”."
        ],
    ),
    "a lane": (
        (
            "<bpmn:flowNodeRef>review_amount</bpmn:flowNodeRef>",
            "",
            "<bpmn:flowNodeRef>pending</bpmn:flowNodeRef>",
            "<bpmn:flowNodeRef>pending</bpmn:flowNodeRef><bpmn:flowNodeRef>review_amount</bpmn:flowNodeRef>",
        ),
        ["User task “Review the amount” moved from “Finance” to “After-sales operations”."],
    ),
    "a type": (
        (
            '<bpmn:sendTask id="tell_paid"',
            '<bpmn:manualTask id="tell_paid"',
            "<bpmn:outgoing>tell_paid__ask_rating</bpmn:outgoing>\n    </bpmn:sendTask>",
            "<bpmn:outgoing>tell_paid__ask_rating</bpmn:outgoing>\n    </bpmn:manualTask>",
        ),
        ["“Tell the buyer: paid” was: Send task; it is now: Manual task."],
    ),
}


@pytest.mark.parametrize("pair", DIAGRAM_PAIRS)
def test_a_changed_diagram_is_told_element_by_element(pair: str) -> None:
    changes, sentences = DIAGRAM_PAIRS[pair]
    assert told(DIAGRAM, *changes) == sentences


def test_what_only_looks_otherwise_is_kept_apart() -> None:
    before = shipped(DIAGRAM)
    after = before.replace(b'<dc:Bounds x="', b'<dc:Bounds x="1', 1)
    if after == before:
        after = before.replace(b'width="', b'width="1', 1)
    (change,) = between({DIAGRAM: before}, {DIAGRAM: after})
    assert (change.what, change.means_something, len(change.elements)) == ("layout", False, 1)


def test_new_and_removed_elements_are_told_with_their_flows() -> None:
    before = shipped(DIAGRAM).decode()
    new = '<bpmn:userTask id="count" name="Count the goods"/><bpmn:sequenceFlow id="f" sourceRef="pay" targetRef="count"/>'
    after = before.replace("</bpmn:process>", f"{new}</bpmn:process>")
    files = {DIAGRAM: before.encode()}, {DIAGRAM: after.encode()}
    assert [sentence(each) for each in between(*files)] == [
        "New: User task “Count the goods”.",
        "New: Flow from “Pay the refund” to “Count the goods”.",
    ]
    assert [each.what for each in between(*reversed(files))] == ["removed", "removed"]


@pytest.mark.parametrize(
    "tidied",
    [
        lambda xml: xml + b"\n",
        lambda xml: xml.replace(b"bpmn:", b"b:").replace(b"xmlns:bpmn=", b"xmlns:b="),
        lambda xml: xml.replace(b'exporter="Camunda Modeler"', b'exporter="Another"'),
        lambda xml: xml.replace(b"<bpmn:boundaryEvent ", b'<bpmn:boundaryEvent cancelActivity="true" '),
        lambda xml: xml.replace(b"><bpmn:incoming>", b">\n\n<bpmn:incoming>"),
    ],
)
def test_writing_the_same_in_another_way_is_no_difference(tidied) -> None:
    before = shipped(DIAGRAM)
    assert tidied(before) != before or b"><bpmn:incoming>" not in before
    assert between({DIAGRAM: before}, {DIAGRAM: tidied(before)}) == []


RULE = '<rule id="automatic_refund_limit_rule1">'


def test_a_changed_table_is_told_cell_by_cell_with_the_names_of_rule_and_column() -> None:
    assert told(TABLES, "<text>2000</text>", "<text>300</text>") == [
        "“Automatic refund limit” – Rule 2 (Everyone else), “Highest amount paid without a review”:"
        " was 2000, is now 300."
    ]
    assert told(TABLES, 'hitPolicy="FIRST"', 'hitPolicy="UNIQUE"') == [
        "“Automatic refund limit” – hit policy: was FIRST, is now UNIQUE."
    ]
    assert told(TABLES, 'label="Customer tier"', 'label="Tier"') == [
        "“Automatic refund limit” – column “Tier”, label: was Customer tier, is now Tier."
    ]


def test_rules_that_come_go_and_move() -> None:
    text = shipped(TABLES).decode()
    start, end = text.index(RULE), text.index("</rule>", text.index(RULE)) + len("</rule>")
    rule, rest = text[start:end], text[:start] + text[end:]
    following = rest.index("</rule>", start) + len("</rule>")
    swapped = rest[:following] + rule + rest[following:]
    added = (
        text[:end] + rule.replace("rule1", "rule9").replace("High-value customers", "Friends") + text[end:]
    )

    def between_texts(before: str, after: str) -> list[str]:
        return [sentence(each) for each in between({TABLES: before.encode()}, {TABLES: after.encode()})]

    assert between_texts(text, rest) == [
        '“Automatic refund limit” – Rule 1 (High-value customers) is gone: "high_value", 5000.'
    ]
    assert between_texts(text, added) == [
        '“Automatic refund limit” – Rule 2 (Friends) is new: "high_value", 5000.'
    ]
    (only,) = between_texts(text, swapped)
    assert "was in place" in only


def test_a_changed_form_is_told_field_by_field() -> None:
    before = orjson.loads(shipped(FORM))
    after = orjson.loads(shipped(FORM))
    fields = after["components"]
    decision = next(each for each in fields if each.get("key") == "decision")
    decision["values"][0]["label"] = "Yes"
    decision["label"] = "Your decision"
    gone = fields.pop(0)
    fields.insert(0, {"type": "number", "key": "weight", "id": "Field_weight", "label": "Weight"})
    changes = between({FORM: orjson.dumps(before)}, {FORM: orjson.dumps(after)})
    assert {(each.what, each.elements) for each in changes} >= {
        ("added", ("Field_weight",)),
        ("removed", (gone["id"],)),
        ("changed", (decision["id"],)),
    }
    sentences = [sentence(each) for each in changes]
    assert "New: Number field “Weight”." in sentences
    assert "Single choice “Your decision” – Label: was Decision, is now Your decision." in sentences
    assert any("Label of the choice “approve”" in each and each.endswith("is now Yes.") for each in sentences)


def test_fields_that_change_places_are_told_as_moved() -> None:
    after = orjson.loads(shipped(FORM))
    after["components"].append(after["components"].pop(0))
    changes = between({FORM: shipped(FORM)}, {FORM: orjson.dumps(after)})
    assert [each.what for each in changes] == ["moved"]


def test_the_fewest_moves_are_told() -> None:
    assert moved(list("abcdef"), list("bcdefa")) == ["a"]
    assert moved(list("abc"), list("axbyc")) == []
    assert moved(list("abcd"), list("badc")) != []


def test_files_that_come_and_go_and_words() -> None:
    words = ("words", "refund_only.zh.json")
    found = between(
        {words: b'{"Yes": "a", "No": "b"}', FORM: b"{}"}, {words: b'{"Yes": "c"}', TABLES: b"<x/>"}
    )
    assert [sentence(each) for each in found] == [
        "The file refund_rules.dmn is new.",
        "The file refund_only_review.form is gone.",
        "“Yes” was said “a” and is now said “c”.",
        "“No” has no words of its own any more; it was “b”.",
    ]


def test_a_file_that_cannot_be_read_is_changed_as_a_whole() -> None:
    (change,) = between({DIAGRAM: shipped(DIAGRAM)}, {DIAGRAM: b"<bpmn:"})
    assert change.code == "file_changed"
