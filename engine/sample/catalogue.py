"""What the sample is made of: names, places, goods. The words and figures are in `config/sample.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """A customer made up."""

    name: str
    phone: str
    address: str
    province: str
    city: str
    tier: str
    language: str

    @property
    def facts(self) -> dict[str, str]:
        """As scenario files and CSV columns call them."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, kw_only=True)
class Article:
    """Goods or a part made up."""

    sku: str
    name: str
    name_zh: str
    kind: str
    model: str
    #: Whole amounts of the organisation's currency.
    price: int
    minimum_stock: int
    serialised: bool


def read(path: Path) -> dict[str, Any]:
    """The data of `config/sample.toml`."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def buyer(data: Mapping[str, Any], random: Random) -> Buyer:
    """A customer with a name, number and address as they are in the organisation's country."""
    names, place = data["names"], random.choice(data["places"])
    (family_zh, family), (given_zh, given) = (
        random.choice(names[part]).split() for part in ("family", "given")
    )
    street, number = random.choice(place["streets"]), random.randint(1, 400)
    house, floor, door = random.randint(1, 20), random.randint(1, 18), random.randint(1, 4)
    return Buyer(
        name=f"{family_zh}{given_zh} {family} {given}",
        phone=random.choice(names["mobile_prefixes"]) + f"{random.randrange(10**8):08d}",
        address=f"{place['city']} {street}{number}号{house}幢{floor}0{door}室",
        province=place["province"],
        city=place["city"],
        tier="high_value" if random.random() < data["high_value_share"] else "standard",
        language="en" if random.random() < data["english_share"] else "zh",
    )


def articles(data: Mapping[str, Any], random: Random) -> list[Article]:
    """Every model in every finish, and the parts."""
    found = []
    for model in data["goods"]:
        low, high = model["price"]
        base = random.randint(low, high) // 10 * 10 + 9
        for number, finish in enumerate(data["finishes"][model["kind"]], start=1):
            finish_zh, finish_en = finish.split()
            found.append(
                Article(
                    sku=f"{model['model']}-{100 + number}",
                    name=f"{model['name']}, {finish_en}",
                    name_zh=f"{model['name_zh']}（{finish_zh}）",
                    kind=model["kind"],
                    model=model["model"],
                    price=base + 20 * (number - 1),
                    minimum_stock=0,
                    serialised=model.get("serialised", False),
                )
            )
    found += [
        Article(
            sku=part["model"],
            name=part["name"],
            name_zh=part["name_zh"],
            kind="part",
            model="",
            price=part["price"],
            minimum_stock=part["minimum_stock"],
            serialised=False,
        )
        for part in data["parts"]
    ]
    return found
