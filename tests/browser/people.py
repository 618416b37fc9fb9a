"""A person at their browser: the acts a story is told in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.site import Site

#: A photo or a scan, as people attach them: the smallest file that really is one.
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file on the person's disk."""

    name: str
    content: bytes = JPEG
    type: str = "image/jpeg"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody signed in, and the page before them. `fields` of the acts below are labels with what is chosen or typed."""

    site: Site
    key: str
    name: str
    page: Page

    def goes_to(self, address: str) -> None:
        """Opens an address; signs in again where too much time has passed since the last time."""
        self.page.goto(address)
        if "/sign-in" in self.page.url:
            self.site.sign_in(self.key)
            self.page.goto(address)

    # -- registering ------------------------------------------------------------------------------------------------------

    def registers(
        self,
        wish: str,
        fields: Mapping[str, Any],
        *,
        order: str = "",
        customer: str = "",
        press: str | None = None,
    ) -> str:
        """Start page, the card of what the customer wants, order or customer found, form filled, sent. The case number."""
        self.begins(wish, order=order, customer=customer)
        self.fills(fields)
        self.presses(press)
        self.page.wait_for_url(re.compile(r"/cases/"))
        self.site.work()
        return self.page.url.partition("/cases/")[2].partition("?")[0]

    def begins(self, wish: str, *, order: str = "", customer: str = "") -> None:
        """From the start page to the registration form."""
        self.goes_to("/start")
        self.page.get_by_role("link", name=wish).first.click()
        if not order and not customer:
            self.page.get_by_role("link", name="Go on without").click()
        else:
            self.page.get_by_role("main").get_by_role("searchbox").fill(order or customer)
            found = self.page.locator("#found .subject").filter(has_text=order or customer)
            found.first.click()
        expect(self.page.locator("form.form-frame")).to_be_visible()

    # -- working ----------------------------------------------------------------------------------------------------------

    def takes(self, case: str, step: str) -> None:
        """Finds a step of a case in the inbox of their groups, or their own, claims it there and opens it."""
        self._finds(case, step)
        self.page.get_by_role("link", name=step, exact=True).first.click()
        self.page.wait_for_url(re.compile(r"/user-tasks/\d+$"))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(step)
        claim = self.page.get_by_role("button", name="Claim", exact=True)
        if claim.count():
            claim.click()
            expect(self.page.get_by_text("Yours", exact=True)).to_be_visible()

    def _finds(self, case: str, step: str) -> None:
        row = self._row(case, step)
        for tab in ("mine", "groups"):
            self.goes_to(f"/inbox?tab={tab}&q={case}")
            if row.count():
                return
        raise AssertionError(f"{self.name} has no step {step!r} of {case} in the inbox: {self._steps()}")

    def _row(self, case: str, step: str) -> Locator:
        return (
            self.page.locator("#list tbody tr")
            .filter(has_text=case)
            .filter(has=self.page.get_by_role("link", name=step, exact=True))
        )

    def _steps(self) -> list[str]:
        return self.page.locator("#list a.open").all_inner_texts()

    def does(
        self,
        case: str,
        step: str,
        fields: Mapping[str, Any] | None = None,
        *,
        press: str | None = None,
    ) -> None:
        """Takes a step, fills its form and presses a button; the worker does what follows."""
        self.takes(case, step)
        self.completes(fields, press=press)

    def completes(self, fields: Mapping[str, Any] | None = None, *, press: str | None = None) -> None:
        """Fills the form before them and presses a button; the answer says that it is done.

        Fields that belong to one button alone come up when it is pressed (forms/README.md): then it is pressed again.
        """
        later: dict[str, Any] = {}
        for label, value in (fields or {}).items():
            if self._field(self._form, label, value).count():
                self.fills({label: value})
            else:
                later[label] = value
        if later:
            self.presses(press)
            expect(self.page.locator("[data-form-errors]")).to_contain_text("That button asks for more.")
            self.fills(later)
        self.presses(press)
        expect(self.page.locator("#answers")).to_contain_text("Done:")
        self.site.work()

    def has_not(self, case: str, step: str) -> None:
        """The step is in neither of their lists."""
        for tab in ("mine", "groups"):
            self.goes_to(f"/inbox?tab={tab}&q={case}")
            expect(self.page.locator("#list")).to_be_visible()
            expect(self._row(case, step)).to_have_count(0)

    def opens(self, task_id: int) -> None:
        """Goes to a step by its address, as from a colleague's message."""
        self.goes_to(f"/user-tasks/{task_id}")

    def looks_at(self, case: str, tab: str = "") -> None:
        """Opens the case page."""
        self.goes_to(f"/cases/{case}" + (f"?tab={tab}" if tab else ""))

    # -- forms ------------------------------------------------------------------------------------------------------------

    @property
    def _form(self) -> Locator:
        return self.page.locator("form.form-frame .form").first

    def fills(self, fields: Mapping[str, Any], within: Locator | None = None) -> None:
        """Each field by its label. A list's value is a list of rows, each again labels with values."""
        for label, value in fields.items():
            field = self._field(within or self._form, label, value)
            expect(field, f"one field {label!r}").to_have_count(1)
            if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
                self._fills_rows(field, value)
            elif field.evaluate("field => field.matches('fieldset')"):
                for each in [value] if isinstance(value, str) else value:
                    box = field.get_by_label(each, exact=True)
                    self._changes(field, box.check, already=box.is_checked())
            else:
                self._fills_control(field, value)

    def _field(self, scope: Locator, label: str, value: Any) -> Locator:
        """The control, the group of choices or the list of that label."""
        legend = self.page.locator("legend", has_text=_labelled(label))
        if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
            return scope.locator("fieldset.form-list").filter(has=legend)
        choices = scope.locator("fieldset.field-choices").filter(has=legend)
        alone = self.page.locator(":not(fieldset):not(.field-choices *)")
        return choices.or_(scope.get_by_label(_labelled(label)).and_(alone))

    def presses(self, button: str | None = None) -> None:
        """Presses the button whose text begins so; without one the only button."""
        buttons = self.page.locator("form.form-frame .form-actions").get_by_role("button")
        (buttons.filter(has_text=re.compile(rf"^\s*{re.escape(button)}")) if button else buttons).click()

    def sees(self, *texts: str) -> None:
        """The page says all of this."""
        for text in texts:
            expect(self.page.locator("#main")).to_contain_text(text)

    def _fills_control(self, control: Locator, value: Any) -> None:
        if isinstance(value, File):
            control.set_input_files({"name": value.name, "mimeType": value.type, "buffer": value.content})
        elif isinstance(value, bool):
            self._changes(control, lambda: control.set_checked(value), already=control.is_checked() == value)
        elif control.evaluate("control => control.tagName") == "SELECT":
            chosen = control.evaluate("control => control.selectedOptions[0]?.label")
            self._changes(control, lambda: control.select_option(label=str(value)), already=chosen == value)
        else:
            self._changes(
                control, lambda: self._types(control, str(value)), already=control.input_value() == str(value)
            )

    def _types(self, control: Locator, text: str) -> None:
        control.fill(text)
        control.blur()

    def _fills_rows(self, field: Locator, rows: Sequence[Mapping[str, Any]]) -> None:
        shown = field.locator("> .form-list-row")
        for index, row in enumerate(rows):
            if shown.count() <= index:
                with self._refreshing():
                    field.get_by_role("button", name="Add a row").click()
                expect(shown).to_have_count(index + 1)
            self.fills(row, within=shown.nth(index))

    def _changes(self, control: Locator, act: Callable[[], Any], *, already: bool) -> None:
        """Does something to a control; where others depend on it, waits until the form has followed."""
        if already or control.get_attribute("hx-post") is None:
            act()
            return
        with self._refreshing():
            act()

    @contextmanager
    def _refreshing(self) -> Iterator[None]:
        with self.page.expect_response(lambda response: "/refresh" in response.url):
            yield
        expect(self.page.locator("body:not(.is-busy)")).to_be_attached()


def _labelled(label: str) -> re.Pattern[str]:
    """A label as shown, with or without the mark of a required field behind it."""
    return re.compile(rf"^\s*{re.escape(label)}\s*(\(|$)")
