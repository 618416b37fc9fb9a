"""A process owner's hand in the editors: what is clicked, dragged and typed on the canvas."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Modeller:
    """The diagram editor on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.locator("[data-editor].is-ready")).to_be_visible()

    def shows(self, *elements: str) -> None:
        """Brings elements to the middle of the canvas at full size, as one does with wheel and hand tool."""
        self.page.evaluate(
            """ids => {
                const canvas = modeler.get('canvas');
                const boxes = ids.map(id => modeler.get('elementRegistry').get(id));
                const x = boxes.reduce((sum, each) => sum + each.x + each.width / 2, 0) / boxes.length;
                const y = boxes.reduce((sum, each) => sum + each.y + each.height / 2, 0) / boxes.length;
                const { outer } = canvas.viewbox();
                canvas.viewbox({ x: x - outer.width / 2, y: y - outer.height / 2, ...outer });
            }""",
            elements,
        )

    def element(self, name: str) -> Locator:
        """The element of that id."""
        return self.page.locator(f'.djs-element[data-element-id="{name}"]')

    def makes_room(self, before: str, pixels: int) -> None:
        """Pushes an element and all right of it further right, with the space tool."""
        left, middle = self._edge(before)
        self.page.locator('.djs-palette [data-action="space-tool"]').click()
        self.page.mouse.move(left - 12, middle - 60)
        self.page.mouse.down()
        self.page.mouse.move(left + 20, middle - 60, steps=4)
        self.page.mouse.move(left - 12 + pixels, middle - 60, steps=4)
        self.page.mouse.up()

    def inserts_task(self, flow: str, name: str) -> str:
        """Drops a task from the palette on a flow and types its name; the task's id."""
        before = self._ids()
        box = self.element(flow).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.locator('.djs-palette [data-action="create.task"]').click()
        self.page.mouse.move(x - 4, y, steps=3)
        self.page.mouse.move(x, y, steps=3)
        self.page.mouse.click(x, y)
        writing = self.page.locator(".djs-direct-editing-content")
        expect(writing).to_be_visible()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        expect(writing).to_have_count(0)
        (made,) = (id_ for id_ in self._ids() - before if self.page.evaluate(_TYPE, id_) == "bpmn:Task")
        return made

    def turns_into(self, element: str, kind: str) -> str:
        """Changes the type of an element by the context pad; its id afterwards."""
        if not self.page.evaluate(
            "id => modeler.get('selection').get().some(each => each.id === id)", element
        ):
            # What has just been drawn is selected; a second click there would be a double click and edit its name.
            self.element(element).click()
        self.page.locator('.djs-context-pad [data-action="replace"]').click()
        menu = self.page.locator(".djs-popup")
        menu.get_by_role("searchbox").or_(menu.locator("input")).first.fill(kind)
        menu.locator(".entry").filter(has_text=kind).first.click()
        expect(self.page.locator(".bio-properties-panel-header-type")).to_have_text(kind, ignore_case=True)
        return self.page.evaluate("modeler.get('selection').get()[0].id")

    def selects(self, name: str) -> None:
        """Clicks an element, a flow on its longest piece; brings it into view first."""
        self._point(name)
        for _ in range(6):
            if self.page.evaluate(_SELECTED, name):
                return
            # After the canvas moved, the pad of what was selected follows a moment later.
            if place := self.page.evaluate(_FREE, name):
                self.page.mouse.click(*place)
            if not self.page.evaluate(_SELECTED, name):
                # For a moment after something was dropped the modeller takes no click, lest it were a part of the drop.
                self.page.wait_for_timeout(600)
        assert self.page.evaluate(_SELECTED, name), name

    def drops(self, kind: str, x: int, y: int, *, name: str = "") -> str:
        """Takes something from the palette and drops it at a place of the diagram; its id."""
        before = self._ids()
        at = self.page.evaluate(_PLACE, [x, y])
        self.page.locator(f'.djs-palette [data-action="create.{kind}"]').click()
        self.page.mouse.move(at[0] - 5, at[1], steps=3)
        self.page.mouse.move(*at, steps=3)
        self.page.mouse.click(*at)
        writing = self.page.locator(".djs-direct-editing-content")
        if kind == "task":
            expect(writing).to_be_visible()
            self.page.keyboard.type(name)
            self.page.keyboard.press("Enter")
            expect(writing).to_have_count(0)
        made = self._made(before)
        if kind != "task" and name:
            self.names(made, name)
        return made

    def appends(self, after: str, kind: str, *, name: str = "") -> str:
        """Appends something by the context pad of an element; its id."""
        before = self._ids()
        self.selects(after)
        self.page.locator(f'.djs-context-pad [data-action="append.{kind}"]').click()
        writing = self.page.locator(".djs-direct-editing-content")
        if kind == "append-task":
            expect(writing).to_be_visible()
            self.page.keyboard.type(name)
            self.page.keyboard.press("Enter")
            expect(writing).to_have_count(0)
        made = self._made(before)
        if kind != "append-task" and name:
            self.names(made, name)
        return made

    def connects(self, source: str, target: str) -> str:
        """Draws a flow by the context pad; its id."""
        before = self._ids()
        self.selects(source)
        self.page.locator('.djs-context-pad [data-action="connect"]').click()
        x, y = self._point(target)
        self.page.mouse.move(x - 4, y, steps=4)
        self.page.mouse.move(x, y, steps=2)
        self.page.mouse.click(x, y)
        self.page.wait_for_function(_FLOW, arg=[source, target])
        (made,) = (each for each in self._ids() - before if self.page.evaluate(_TYPE, each).endswith("Flow"))
        return made

    def flow(self, source: str, target: str) -> str:
        """Id of the flow between two elements."""
        return self.page.evaluate(_FLOW, [source, target])

    def names(self, element: str, name: str) -> None:
        """Gives an element its name in the panel."""
        self.writes(element, "general", "name", name)

    def writes(self, element: str, group: str, entry: str, text: str) -> None:
        """Writes into a field of the panel, plain or an expression."""
        self.selects(element)
        field = (
            self._entry(group, entry)
            .locator("textarea, input[type=text], .cm-content")
            .locator("visible=true")
            .first
        )
        field.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        field.blur()

    def has_condition(self, flow: str, condition: str) -> None:
        """Says in FEEL when a flow is taken."""
        self.writes(flow, "condition", "conditionExpression", condition)

    def picks(self, element: str, entry: str, label: str, *, group: str = "aftercare") -> None:
        """Picks from a list of the panel."""
        self.selects(element)
        self._entry(group, entry).locator("select").select_option(label=label)

    def opens(self, entry: str) -> None:
        """Opens what is picked for the selected element: its form, its decision."""
        self._entry("aftercare", f"{entry}-open").get_by_role("link").click()

    def selected(self) -> str:
        """Id of what is selected."""
        return self.page.evaluate("modeler.get('selection').get()[0].id")

    def takes_template(self, element: str, name: str) -> None:
        """Makes a step one of the catalogue."""
        self.selects(element)
        self.page.locator(".bio-properties-panel-select-template-button").click()
        menu = self.page.locator(".djs-popup")
        menu.locator("input").first.fill(name)
        menu.locator(".entry").filter(has_text=name).first.click()
        expect(self.page.locator('[data-group-id="group-ElementTemplates__Template"]')).to_contain_text(name)

    def is_default(self, flow: str) -> None:
        """Makes a flow the one that is taken when no other condition holds."""
        self.selects(flow)
        self.page.locator('.djs-context-pad [data-action="replace"]').click()
        self.page.locator(".djs-popup .entry").filter(has_text="Default flow").click()

    def _entry(self, group: str, entry: str) -> Locator:
        place = self.page.locator(f'[data-group-id="group-{group}"]')
        entries = place.locator(".bio-properties-panel-group-entries").first
        if "open" not in (entries.get_attribute("class") or "").split():
            place.locator(".bio-properties-panel-group-header").first.click()
        return place.locator(f'[data-entry-id="{entry}"]')

    def _point(self, name: str) -> list[float]:
        return self.page.evaluate(_POINT, name)

    def _made(self, before: set[str]) -> str:
        """The step or event that came to be."""
        (made,) = (
            each
            for each in self._ids() - before
            if not self.page.evaluate(_TYPE, each).endswith("Flow") and not each.endswith("_label")
        )
        return made

    def links_form(self, form: str) -> None:
        """Gives the selected user task a form, in the properties panel."""
        group = self.page.locator('[data-group-id="group-form"]')
        entries = group.locator(".bio-properties-panel-group-entries")
        if "open" not in (entries.get_attribute("class") or "").split():
            group.get_by_role("button", name="Toggle section").click()
        group.locator('[name="formType"]').select_option("camunda-form-linked")
        field = group.locator('[name="formId"]')
        field.fill(form)
        field.press("Tab")

    def _edge(self, element: str) -> tuple[float, float]:
        box = self.element(element).locator(".djs-visual").bounding_box()
        assert box is not None
        return box["x"], box["y"] + box["height"] / 2

    def _ids(self) -> set[str]:
        return set(self.page.evaluate("modeler.get('elementRegistry').getAll().map(each => each.id)"))


_TYPE = "id => modeler.get('elementRegistry').get(id).type"
_FLOW = """([ source, target ]) => modeler.get('elementRegistry').get(source).outgoing
  .find(flow => flow.target.id === target)?.id"""
_SELECTED = """id => {
  const selected = modeler.get('selection').get();
  return selected.length === 1 && selected[0].id === id;
}"""
#: Where a place of the diagram is on the page.
_PLACE = """([ x, y ]) => {
  const canvas = modeler.get('canvas');
  const box = canvas.viewbox();
  const frame = canvas.getContainer().getBoundingClientRect();
  return [ frame.left + (x - box.x) * box.scale, frame.top + (y - box.y) * box.scale ];
}"""
#: The middle of an element; scrolls there, as one does with the wheel, when it is out of sight.
_POINT = """id => {
  const canvas = modeler.get('canvas');
  const element = modeler.get('elementRegistry').get(id);
  const pieces = (element.waypoints ?? []).slice(1).map((end, at) => [ element.waypoints[at], end ]);
  const long = ([ one, other ]) => Math.hypot(other.x - one.x, other.y - one.y);
  const [ from, to ] = pieces.sort((one, other) => long(other) - long(one))[0]
    ?? [ element, { x: element.x + element.width, y: element.y + element.height } ];
  const [ x, y ] = [ (from.x + to.x) / 2, (from.y + to.y) / 2 ];
  const box = canvas.viewbox();
  if (x < box.x + 150 || x > box.x + box.width - 80 || y < box.y + 40 || y > box.y + box.height - 80) {
    canvas.viewbox({ x: x - box.width / 2, y: y - box.height / 2, width: box.width, height: box.height });
  }
  const now = canvas.viewbox();
  const frame = canvas.getContainer().getBoundingClientRect();
  return [ frame.left + (x - now.x) * now.scale, frame.top + (y - now.y) * now.scale ];
}"""
#: A place of an element where nothing covers it: the pad of what is selected may lie over its middle.
_FREE = """id => {
  const canvas = modeler.get('canvas');
  const element = modeler.get('elementRegistry').get(id);
  const at = [ 0.35, 0.65, 0.2, 0.8, 0.1, 0.9, 0.5 ];
  const between = (from, to) => at.map(part => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }));
  const { x, y, width, height } = element;
  const places = element.waypoints
    ? element.waypoints.slice(1).flatMap((end, index) => between(element.waypoints[index], end))
    : [ ...between({ x, y }, { x: x + width, y: y + height }), ...between({ x, y: y + height }, { x: x + width, y }) ];
  const box = canvas.viewbox();
  const frame = canvas.getContainer().getBoundingClientRect();
  return places
    .map(place => [ frame.left + (place.x - box.x) * box.scale, frame.top + (place.y - box.y) * box.scale ])
    .find(([ left, top ]) => document.elementFromPoint(left, top)?.closest('[data-element-id]')?.dataset.elementId === id);
}"""


def types_into_cell(page: Page, *, row: int, text: str) -> None:
    """Replaces what stands in the first output of a rule of the decision table on the page."""
    expect(page.locator("[data-editor].is-ready")).to_be_visible()
    cell = page.locator(".tjs-table tbody tr").nth(row - 1).locator("td.output-cell").first
    cell.get_by_role("textbox").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    # Anywhere else in the table, as one goes on reading.
    page.locator(".tjs-table tbody td.rule-index").first.click()


def saves(page: Page) -> None:
    """Saves the draft."""
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("[data-state]")).to_contain_text("Saved today")


def problems(page: Page) -> Locator:
    """The problems below an editor."""
    return page.locator(".editor-problems .problems li")
