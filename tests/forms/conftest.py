"""People in front of a form: build one, show it, read the page as a browser does, send it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import lxml.html
import pytest

from engine import forms

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
)
_PAGE = _ENVIRONMENT.from_string('{% from "forms/form.html" import render %}{{ render(view, "/send") }}')


class Desk:
    """One form with the data of one case, and what a person does with it."""

    def __init__(
        self,
        components: list[dict[str, Any]],
        data: Mapping[str, Any] | None = None,
        feel: Mapping[str, Callable[[Mapping[str, Any]], Any]] | None = None,
        words: Mapping[str, str] | None = None,
        evaluate: forms.Evaluate | None = None,
    ):
        self.form = forms.load({"id": "f", "schemaVersion": 19, "components": components})
        self.data = data or {}
        #: A stand-in for FEEL: what each expression of this form means, in Python.
        self.feel = feel or {}
        self.words = words or {}
        self.evaluate = evaluate or (lambda expression, variables: self.feel[expression](variables))

    def translate(self, text: str) -> str:
        return self.words.get(text, text)

    def view(self, **extra: Any) -> forms.FormView:
        return forms.view(
            self.form,
            data=self.data,
            language="en",
            translate=self.translate,
            evaluate=self.evaluate,
            **extra,
        )

    def page(self, **extra: Any) -> lxml.html.HtmlElement:
        return lxml.html.fromstring(_PAGE.render(view=self.view(**extra)))

    def html(self, **extra: Any) -> str:
        return _PAGE.render(view=self.view(**extra))

    def shown(self, **extra: Any) -> list[tuple[str, str]]:
        """What a browser would send if the person touched nothing."""
        return sent(self.page(**extra))

    def filled(self, typed: Mapping[str, str], **extra: Any) -> list[tuple[str, str]]:
        """What a browser would send after the person typed into some fields."""
        shown = [(name, text) for name, text in self.shown(**extra) if name not in typed]
        return shown + list(typed.items())

    def submit(self, *fields: tuple[str, str], files: Any = None) -> forms.Submission:
        return forms.submit(
            self.form,
            fields=fields,
            files=files,
            data=self.data,
            evaluate=self.evaluate,
            translate=self.translate,
        )

    def values(self, *fields: tuple[str, str], **extra: Any) -> Mapping[str, Any]:
        return self.submit(*fields, **extra).values

    def refused(self, *fields: tuple[str, str], **extra: Any) -> dict[str, str]:
        """Codes by field of a submission that must not be taken."""
        with pytest.raises(forms.FormErrors) as refusal:
            self.submit(*fields, **extra)
        self.errors = refusal.value
        return {error.path: error.code for error in refusal.value.errors}


def sent(page: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    """The fields of a form as a browser sends them without any button pressed."""
    fields = []
    for control in page.iter("input", "select", "textarea"):
        name = control.get("name")
        if not name or control.get("type") in ("file", "submit"):
            continue
        if control.tag == "textarea":
            text = (control.text or "").removeprefix("\n")
            fields.append((name, text.replace("\r\n", "\n").replace("\n", "\r\n")))
        elif control.tag == "select":
            chosen = control.xpath("option[@selected]") or control.xpath("option[1]")
            fields.append((name, chosen[0].get("value")))
        elif control.get("type") not in ("checkbox", "radio") or control.get("checked") is not None:
            fields.append((name, control.get("value", "")))
    return fields


@pytest.fixture(scope="session")
def desk() -> type[Desk]:
    return Desk
