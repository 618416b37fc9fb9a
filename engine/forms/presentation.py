"""Components that only show something: texts, images, lines and gaps."""

from engine.forms import markdown
from engine.forms.expressions import Scope, is_expression
from engine.forms.nodes import Node
from engine.forms.page import Page
from engine.forms.slots import Slot

#: Pixels of a form-js spacer to one step of the spacing scale.
_SPACER_STEP = 16


def text(page: Page, slot: Slot, scope: Scope) -> Node | None:
    source = page.told(slot.component.settings.get("text") or "")
    literal = page.told if is_expression(source) else lambda value: markdown.literal(page.told(value))
    text = scope.text(source, literal)
    return Node(kind="text", id=page.id(slot), html=markdown.render(text)) if text.strip() else None


def image(page: Page, slot: Slot, scope: Scope) -> Node | None:
    source = scope.text(slot.component.settings.get("source") or "")
    if not source.lower().startswith(("https://", "data:image/")):
        return None
    alt = page.say(slot.component.settings.get("alt") or "", scope)
    return Node(kind="image", id=page.id(slot), source=source, label=alt)


def separator(page: Page, slot: Slot, _scope: Scope) -> Node:
    return Node(kind="separator", id=page.id(slot))


def spacer(page: Page, slot: Slot, _scope: Scope) -> Node:
    height = slot.component.settings.get("height")
    steps = round(height / _SPACER_STEP) if isinstance(height, int | float) else 1
    return Node(kind="spacer", id=page.id(slot), size=min(max(steps, 1), 6))
