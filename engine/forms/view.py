"""A form for given data as a tree for the macros: visibility decided, texts translated and filled in."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.forms import layout, messages, options, paths, presentation, rows
from engine.forms.components import Form
from engine.forms.controls import control, label, output
from engine.forms.expressions import Evaluate, Scope
from engine.forms.nodes import Button, Cell, FormView, ListRow, Node
from engine.forms.page import Page
from engine.forms.raw import OUTCOME, REMOVE, Raw
from engine.forms.slots import Row, Slot, expand
from engine.forms.submission import FieldError, Translate
from engine.forms.tables import table
from engine.forms.values import StoredFile
from engine.forms.visibility import resolve

Cells = tuple[tuple[Cell, ...], ...]


def view(
    form: Form,
    *,
    data: Mapping,
    language: str,
    translate: Translate,
    evaluate: Evaluate,
    errors: Sequence[FieldError] = (),
    raw: Iterable[Sequence[str]] | None = None,
    readonly: bool = False,
    files: Mapping[str, Sequence[StoredFile]] | None = None,
    refresh_url: str | None = None,
    zone: str = "Asia/Shanghai",
) -> FormView:
    """The form as it looks now.

    `raw` is what was typed so far (a draft, a preview, or FormErrors.kept): pairs of name and text. `files`
    are the stored files those pairs name. With `readonly` everything is shown as text, `data` being what was
    submitted.
    """
    sent = Raw((name, text) for name, text in raw) if raw is not None else None
    outcome = _tried(form, sent, data, evaluate, readonly)
    slots = expand(form, data=data, raw=sent, evaluate=evaluate)
    state = resolve(form, slots, data=data, evaluate=evaluate, outcome=outcome, zone=zone, files=files or {})
    by_name: dict[str, tuple[str, ...]] = {}
    for error in errors:
        by_name[error.path] = (*by_name.get(error.path, ()), error.message)
    page = Page(
        state=state,
        translate=translate,
        words={name: translate(text) for name, text in messages.WORDS.items()},
        errors=by_name,
        readonly=readonly,
        influential=form.influential if refresh_url else frozenset(),
    )
    top = Scope(evaluate, state.variables)
    cells = _cells(page, slots)
    if readonly:
        cells += _decided(page, form, outcome, top)
    nodes = list(_nodes(cells))
    return FormView(
        id=f"form-{form.id}",
        language=language,
        rows=cells,
        buttons=() if readonly else _buttons(page, form, top),
        decision=page.say(form.outcome.label, top) or page.words["outcome"] if form.outcome else "",
        errors=tuple(errors),
        anchors={
            node.name: f"{node.id}-0" if node.kind == "choices" else node.id for node in nodes if node.name
        },
        words=page.words,
        readonly=readonly,
        multipart=any(node.kind == "filepicker" for node in nodes),
        tried=options.encode(outcome) if outcome is not None and not readonly else "",
        refresh_url=refresh_url,
    )


def _tried(form: Form, sent: Raw | None, data: Mapping, evaluate: Evaluate, readonly: bool) -> object:
    """The outcome the form is shown for: the one in the data when read-only, else the button tried before."""
    if form.outcome is None:
        return None
    if readonly:
        return paths.get(data, form.outcome.path)
    text = sent and (sent.last(paths.name(form.outcome.path)) or sent.last(OUTCOME))
    option = options.chosen(text, options.offered(form.outcome, Scope(evaluate, data))) if text else None
    return option.value if option else None


def _cells(page: Page, slots: Iterable[Slot]) -> Cells:
    placed = [(slot.component, node) for slot in slots if (node := _node(page, slot)) is not None]
    return tuple(
        tuple(Cell(columns=columns, node=node) for columns, node in row) for row in layout.rows(placed)
    )


def _node(page: Page, slot: Slot) -> Node | None:
    if slot in page.state.hidden:
        return None
    scope = page.state.scope(slot)
    if slot.component.is_input:
        fixed = page.readonly or not page.state.is_editable(slot)
        return output(page, slot, scope) if fixed else control(page, slot, scope)
    build = _BUILDERS.get(slot.component.type)
    return build(page, slot, scope) if build else None


def _group(page: Page, slot: Slot, scope: Scope) -> Node | None:
    cells = _cells(page, slot.slots)
    if not cells:
        return None
    return Node(
        kind="group",
        id=page.id(slot),
        label=page.say(slot.component.label, scope),
        description=page.say(slot.component.description, scope),
        outlined=slot.component.settings.get("showOutline") is True,
        rows=cells,
    )


def _list(page: Page, slot: Slot, scope: Scope) -> Node:
    tokens = [row.token for row in slot.list_rows]
    return Node(
        kind="list",
        id=page.id(slot),
        name=slot.name,
        label=page.say(slot.component.label, scope),
        description=page.say(slot.component.description, scope),
        errors=page.errors.get(slot.name, ()),
        outlined=slot.component.settings.get("showOutline") is True,
        list_rows=tuple(_row(page, slot, row, number) for number, row in enumerate(slot.list_rows, start=1)),
        changeable=slot.changeable and not page.readonly,
        next_token=rows.next_token(slot.data_rows, tokens),
    )


def _row(page: Page, slot: Slot, row: Row, number: int) -> ListRow:
    return ListRow(
        token=row.token,
        number=number,
        remove=f"{REMOVE}{slot.name}:{row.token}",
        rows=_cells(page, row.slots),
    )


_BUILDERS: Mapping[str, Callable[[Page, Slot, Scope], Node | None]] = {
    "group": _group,
    "dynamiclist": _list,
    "text": presentation.text,
    "table": table,
    "image": presentation.image,
    "separator": presentation.separator,
    "spacer": presentation.spacer,
}


def _buttons(page: Page, form: Form, top: Scope) -> tuple[Button, ...]:
    if form.outcome is None:
        return (
            Button(label=page.say(form.submit_label or "", top) or page.words["complete"], intent="primary"),
        )
    offered = options.offered(form.outcome, top)
    hinted = any(option.intent == "primary" for option in offered)
    return tuple(
        Button(
            label=label(page, form.outcome, option, top),
            name=paths.name(form.outcome.path),
            value=options.encode(option.value),
            intent=option.intent or ("primary" if number == 0 and not hinted else "plain"),
        )
        for number, option in enumerate(offered)
    )


def _decided(page: Page, form: Form, outcome: object, top: Scope) -> Cells:
    """The outcome of a submitted form, as its last line."""
    if form.outcome is None or outcome is None:
        return ()
    option = options.chosen(options.encode(outcome), options.offered(form.outcome, top))
    node = Node(
        kind="output",
        id="field-outcome",
        label=page.say(form.outcome.label, top) or page.words["outcome"],
        value=label(page, form.outcome, option, top) if option else options.encode(outcome),
    )
    return ((Cell(columns=layout.COLUMNS, node=node),),)


def _nodes(cells: Cells) -> Iterable[Node]:
    for row in cells:
        for cell in row:
            yield cell.node
            yield from _nodes(cell.node.rows)
            for list_row in cell.node.list_rows:
                yield from _nodes(list_row.rows)
