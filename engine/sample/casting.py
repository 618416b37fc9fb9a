"""Casting: a shipped scenario with a customer, goods and dates of the sample company instead of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from engine.sample.catalogue import Article, Buyer
from engine.scenarios.files import Scenario
from engine.scenarios.stage import later

#: A date or moment as scenario files write them in texts that forms take.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
#: Calendar months differ in length: a moved scenario may come out later by this much.
_MONTHS_DIFFER = timedelta(days=4)
_LONG = timedelta(days=27)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Whose case it becomes."""

    #: Distinguishes the numbers of this case's order, goods and pieces from all others.
    number: int
    buyer: Buyer
    articles: Sequence[Article]


def cast(scenario: Scenario, steps: int, cast: Cast, *, until: datetime, exactly: bool = False) -> Scenario:
    """The scenario's first steps, ending at `until` or, unless `exactly`, less than a day before.

    Whole days keep the time of day: calls to customers are made within calling hours.
    """
    document = scenario.model_dump(by_alias=True, exclude_unset=True, exclude={"path"})
    document["steps"] = document.get("steps", [])[:steps]
    end = ends_at(scenario, steps)
    if end - scenario.clock > _LONG:
        end += _MONTHS_DIFFER
    shift = until - end
    if not exactly:
        shift = timedelta(days=shift // timedelta(days=1))
    names = _names(scenario, cast)
    document = _moved(document, shift, _replacer(names))
    return Scenario.model_validate(_furnished(document, cast, names))


def ends_at(scenario: Scenario, steps: int) -> datetime:
    """Where the scenario's clock stands after so many steps."""
    clock = scenario.clock
    for step in scenario.steps[:steps]:
        if step.advance:
            clock = later(clock, step.advance)
    return clock


def _names(scenario: Scenario, cast: Cast) -> dict[str, str]:
    """Number in the scenario -> number in the sample: of the customer, the order, goods and pieces."""
    random = Random(cast.number)
    names = {scenario.customer_number: f"C-{20000 + cast.number}"}
    if scenario.order_number:
        names[scenario.order_number] = f"SO-{200000 + cast.number}"
    kinds = scenario.given.get("products") or {}
    prices = dict(_goods(scenario.given))
    for index, sku in enumerate(sorted(prices)):
        kind = (kinds.get(sku) or {}).get("kind") or (
            "part" if sku.startswith(("PART", "GIFT")) else "furniture"
        )
        article = _nearest(cast.articles, kind, prices[sku], random)
        names[sku] = f"{article.sku}-{cast.number:03d}{chr(65 + index)}"
    for index, serial in enumerate(sorted(scenario.given.get("serials") or {}), start=1):
        names[serial] = f"SN{cast.number:04d}{index:02d}{random.randrange(1000):03d}"
    return names


def _goods(given: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """(SKU, price where one is given) of everything the given world names."""
    for name in ("stock", "products"):
        for sku in given.get(name) or {}:
            yield sku, None
    for about in (given.get("serials") or {}).values():
        yield about["sku"], None
    for sku, price in (given.get("prices") or {}).items():
        if sku not in ("labour", "travel"):
            yield sku, float(price)
    for line in (given.get("order") or {}).get("lines") or []:
        yield line["sku"], line.get("unitPrice")


def _nearest(articles: Sequence[Article], kind: str, price: float | None, random: Random) -> Article:
    """Goods of that kind, one of the nearest in price, so that what people read is believable."""
    candidates = [article for article in articles if article.kind == kind] or list(articles)
    if price is None:
        return random.choice(candidates)
    return random.choice(sorted(candidates, key=lambda article: abs(article.price - price))[:3])


def _replacer(names: Mapping[str, str]) -> Callable[[str], str]:
    pattern = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names, key=len, reverse=True))
    )
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _moved(value: Any, shift: timedelta, renamed: Callable[[str], str]) -> Any:
    """The document with every date shifted and every number renamed."""
    if isinstance(value, dict):
        return {
            renamed(key) if isinstance(key, str) else key: _moved(inner, shift, renamed)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_moved(inner, shift, renamed) for inner in value]
    if isinstance(value, date):
        return value + shift
    if isinstance(value, str):
        return _shifted(value, shift) if _DATE.fullmatch(value) else renamed(value)
    return value


def _shifted(text: str, shift: timedelta) -> str:
    if "T" not in text:
        return (date.fromisoformat(text) + shift).isoformat()
    moved = datetime.fromisoformat(text) + shift
    return moved.isoformat(timespec="minutes" if len(text) == len("2026-11-02T10:00") else "seconds")


def _furnished(document: dict[str, Any], cast: Cast, names: Mapping[str, str]) -> dict[str, Any]:
    """With the customer's and the goods' own facts, as far as the scenario does not set them."""
    given = document.setdefault("given", {})
    given["customer"] = cast.buyer.facts | (given.get("customer") or {})
    given["customer"]["number"] = f"C-{20000 + cast.number}"
    if given.get("order"):
        given["order"]["number"] = f"SO-{200000 + cast.number}"
    by_sku = {article.sku: article for article in cast.articles}
    products = given["products"] = given.get("products") or {}
    for named in names.values():
        article = by_sku.get(named.rpartition("-")[0])
        if article is not None:
            facts = {
                "name": article.name,
                "nameZh": article.name_zh,
                "kind": article.kind,
                "model": article.model,
            }
            products[named] = facts | (products.get(named) or {})
    # The price list of work is the installation's own.
    if given.get("prices"):
        given["prices"] = {
            sku: price for sku, price in given["prices"].items() if sku not in ("labour", "travel")
        }
    return document
