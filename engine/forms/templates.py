"""Texts with ``{{ FEEL }}``, ``{{#if FEEL}}…{{/if}}`` and ``{{#loop FEEL}}…{{/loop}}``, as in form-js."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

_MARK = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BLOCK = re.compile(r"#(if|loop)\b\s*(.*)", re.DOTALL)

#: A parsed text: literal strings, ("value", expression), ("if" | "loop", expression, body).
Parts = tuple[Any, ...]


class InvalidTemplate(ValueError):
    """A block is closed that was never opened, or left open."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Parts:
    """The parts of a text. Raises InvalidTemplate."""
    stack: list[tuple[str, str, list]] = [("", "", [])]
    end = 0
    for mark in _MARK.finditer(text):
        stack[-1][2].append(text[end : mark.start()])
        end = mark.end()
        inner = mark[1].strip()
        if block := _BLOCK.fullmatch(inner):
            stack.append((block[1], block[2].strip(), []))
        elif inner in ("/if", "/loop"):
            kind, expression, body = stack.pop()
            if kind != inner[1:]:
                raise InvalidTemplate(f"{{{{{inner}}}}} closes nothing")
            stack[-1][2].append((kind, expression, tuple(body)))
        elif inner:
            stack[-1][2].append(("value", inner.removeprefix("=")))
    if len(stack) > 1:
        raise InvalidTemplate(f"{{{{#{stack[-1][0]} …}}}} is never closed")
    stack[0][2].append(text[end:])
    return tuple(part for part in stack[0][2] if part != "")


def expressions(text: str) -> list[str]:
    """Every expression in a text. Raises InvalidTemplate."""

    def collect(parts: Parts) -> list[str]:
        found = []
        for part in parts:
            if not isinstance(part, str):
                found.append(part[1])
                found += collect(part[2]) if len(part) == 3 else []
        return found

    return collect(parse(text))


def fill(
    text: str,
    evaluate: Callable[[str, Mapping[str, Any]], Any],
    variables: Mapping[str, Any],
    escape: Callable[[str], str] = str,
) -> str:
    """The text with every expression's value in its place, each passed through `escape`."""

    def render(parts: Parts, scope: Mapping[str, Any]) -> str:
        out = []
        for part in parts:
            if isinstance(part, str):
                out.append(part)
                continue
            value = evaluate(part[1], scope)
            if part[0] == "value":
                out.append(escape(spoken(value)))
            elif part[0] == "if":
                out.append(render(part[2], scope) if value else "")
            else:
                items = value if isinstance(value, list) else [] if value is None else [value]
                out += [render(part[2], _inside(item, scope)) for item in items]
        return "".join(out)

    return render(parse(text), variables)


def spoken(value: Any) -> str:
    """A value as people read it: null is nothing, broken amounts have at least two decimals."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.2f}" if round(value, 2) == value else repr(value)
    return json.dumps(value, ensure_ascii=False)


def _inside(item: Any, scope: Mapping[str, Any]) -> dict[str, Any]:
    own = item if isinstance(item, Mapping) else {}
    return {**scope, "this": item, "parent": scope, **own, "_this_": item, "_parent_": scope}
