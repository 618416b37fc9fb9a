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
