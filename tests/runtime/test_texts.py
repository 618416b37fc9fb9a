"""Texts of a bundle: what has to be translated."""

from engine.runtime import texts
from engine.runtime.bundles import Bundle

DIAGRAM = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
<message id="m" name="goods_back"/>
<process id="p" name="Refund">
  <documentation>Money back.</documentation>
  <userTask id="look" name="Look at it"><extensionElements>
    <zeebe:properties>
      <zeebe:property name="instructions" value="Ask the buyer."/>
      <zeebe:property name="fourEyes" value="asked"/>
    </zeebe:properties>
    <zeebe:taskHeaders>
      <zeebe:header key="text" value="Paid {{amount}}."/>
      <zeebe:header key="state" value="paid"/>
    </zeebe:taskHeaders>
  </extensionElements></userTask>
</process></definitions>"""
TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="rules">
<decision id="d" name="Limit"><decisionTable>
<input label="Tier"/><output label="Reason" name="reason"/>
<rule>
  <description>Everyone</description>
  <outputEntry><text>"Too much"</text></outputEntry>
  <outputEntry><text>"reject"</text></outputEntry>
</rule>
</decisionTable></decision></definitions>"""
FORM = b"""{"type": "default", "components": [
  {"type": "text", "id": "a", "text": "**{{check.reason}}**"},
  {"type": "textfield", "id": "b", "key": "why", "label": "Why"}
]}"""


def bundle(**words):
    files = {("bpmn", "p.bpmn"): DIAGRAM, ("dmn", "r.dmn"): TABLE, ("form", "f.form"): FORM}
    return Bundle(process_key="p", files=files | {("words", name): text for name, text in words.items()})


def test_what_people_read_is_found_and_keys_are_not():
    assert [each.text for each in texts.texts(bundle())] == [
        *("Refund", "Money back.", "Look at it", "Ask the buyer.", "Paid {{amount}}."),
        *("Limit", "Tier", "Reason", "Everyone", "Too much"),
        "Why",
    ]


def test_words_of_the_procedure_and_shared_ones_are_told_apart():
    found = bundle(**{"common.zh.json": b'{"Why": "A"}', "p.zh.json": b'{"Tier": "B"}'})
    assert texts.shared(found, "zh") == {"Why": "A"}
    assert texts.own(found, "zh") == {"Tier": "B"}


def test_a_file_that_cannot_be_read_is_left_out():
    broken = Bundle(process_key="p", files={("bpmn", "p.bpmn"): b"<", ("dmn", "r.dmn"): TABLE})
    assert texts.texts(broken)[0].text == "Limit"
