"""Round trip: a diagram opened in our modeller and saved unchanged differs in nothing that means something."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.differences import between, sentence
from tests.browser.site import Site
from tests.conftest import ROOT, SHARED

MIWG = SHARED / "conformance" / "miwg"
#: What the modeller says it cannot hold whole: an edge that draws nothing, references to another vendor's terms.
WARNED = {"C.7.0.bpmn", "C.8.1.bpmn"}
#: Opens a diagram as the editor does and gives back what it would save, with what it warned of.
ROUND = """async xml => {
    try {
        const { warnings } = await modeler.importXML(xml);
        const saved = await modeler.saveXML({ format: true });
        return { xml: saved.xml, warnings: warnings.map(each => each.message) };
    } catch (error) {
        return { refused: error.message, warnings: (error.warnings ?? []).map(each => each.message) };
    }
}"""


def rounds(site: Site, files: list[Path]) -> dict[str, dict[str, Any]]:
    """What comes back of each file, and what it has otherwise than before."""
    page = site.person("qian.yu").page
    page.goto("/studio/refund_only/edit/bpmn/refund_only.bpmn")
    expect(page.locator("[data-editor].is-ready")).to_be_visible()
    found = {}
    for file in files:
        before = file.read_bytes()
        # As text it is in no encoding any more, whatever its first line says.
        back = page.evaluate(ROUND, re.sub(r"^\ufeff?<\?xml[^>]*\?>", "", before.decode()))
        after = back.get("xml", "").encode()
        key = ("bpmn", file.name)
        changes = between({key: before}, {key: after}) if after else []
        found[file.name] = {
            "changes": [sentence(each) for each in changes if each.means_something],
            "warnings": back["warnings"],
            "refused": back.get("refused"),
        }
    return found


def test_every_shipped_diagram_comes_back_as_it_was(site: Site) -> None:
    files = sorted((ROOT / "processes" / "bpmn").glob("*.bpmn"))
    assert len(files) > 20
    nothing = {"changes": [], "warnings": [], "refused": None}
    found = rounds(site, files)
    assert {name: each for name, each in found.items() if each != nothing} == {}


@pytest.mark.shared
@pytest.mark.skipif(not MIWG.is_dir(), reason=f"there is no {MIWG}")
def test_every_reference_diagram_comes_back_as_it_was_or_is_not_saved(site: Site) -> None:
    """What the modeller cannot hold it warns of, and the editor does not save then."""
    files = sorted(MIWG.rglob("*.bpmn"))
    found = rounds(site, files)
    kept = {name: each for name, each in found.items() if not each["warnings"] and not each["refused"]}
    assert {name: each["changes"] for name, each in kept.items() if each["changes"]} == {}
    assert found.keys() - kept.keys() == WARNED


def test_a_save_that_loses_something_is_not_taken_for_unchanged() -> None:
    """The comparison itself sees what an editor might drop: an attribute, an extension, a condition, a lane's step."""
    file = ROOT / "processes" / "bpmn" / "refund_only.bpmn"
    before = file.read_bytes()
    key = ("bpmn", file.name)
    for old, new in (
        (b' zeebe:modelerTemplate="aftercare.refund.pay"', b""),
        (b'<zeebe:property name="fourEyes" value="requested,complete_request,review_amount"/>', b""),
        (b"<bpmn:flowNodeRef>pay</bpmn:flowNodeRef>", b""),
        (b'default="route__awaiting"', b""),
        (b">P7D<", b">P8D<"),
        (b'errorCode="ORDER_NOT_FOUND"', b'errorCode="NOT_FOUND"'),
    ):
        assert old in before, old
        assert len(between({key: before}, {key: before.replace(old, new)})) == 1, old
