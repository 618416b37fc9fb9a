"""Places of the product, as the rail lists them. Which roles see a place is said in config/organisation.toml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from web.i18n import mark
from web.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the rail."""

    #: What `places` of a role in the organisation names.
    key: str
    path: str
    label: str
    #: Name of an icon in templates/ui/icons.html.
    icon: str
    #: Entries of one section stand together.
    section: str
    #: The second key after `g` that leads here; empty for none.
    shortcut: str = ""


PLACES = (
    Place(key="inbox", path="/inbox", label=mark("Inbox"), icon="inbox", section="work", shortcut="i"),
    Place(key="start", path="/start", label=mark("Start"), icon="plus", section="work", shortcut="s"),
    Place(key="cases", path="/cases", label=mark("Cases"), icon="folder", section="work", shortcut="c"),
    Place(
        key="finance",
        path="/finance",
        label=mark("Finance list"),
        icon="coins",
        section="records",
        shortcut="f",
    ),
    Place(
        key="customers",
        path="/customers",
        label=mark("Customers"),
        icon="people",
        section="records",
        shortcut="u",
    ),
    Place(key="stock", path="/stock", label=mark("Stock"), icon="box", section="records", shortcut="k"),
    Place(key="reasons", path="/reasons", label=mark("Reasons"), icon="tag", section="records"),
    Place(key="studio", path="/studio", label=mark("Studio"), icon="flow", section="owner", shortcut="p"),
    Place(key="audit", path="/audit", label=mark("Audit"), icon="shield", section="audit", shortcut="a"),
    Place(key="insights", path="/insights", label=mark("Insights"), icon="chart", section="audit"),
    Place(
        key="operate", path="/operate", label=mark("Operate"), icon="pulse", section="operate", shortcut="o"
    ),
    Place(
        key="organisation",
        path="/operate/organisation",
        label=mark("Organisation"),
        icon="building",
        section="operate",
    ),
    Place(
        key="personal_data",
        path="/personal-data",
        label=mark("Personal data"),
        icon="person",
        section="operate",
    ),
)


def open_to(visitor: Visitor) -> list[Place]:
    """The places this person's roles open and that exist, in the order of the rail."""
    return [place for place in PLACES if place.key in visitor.places]


def sections(visitor: Visitor) -> Iterator[list[Place]]:
    """The same, section by section."""
    for _, places in groupby(open_to(visitor), key=lambda place: place.section):
        yield list(places)


def of(path: str) -> str:
    """Key of the place a page belongs to: one place may lie within another; empty for none."""
    within = [place for place in PLACES if f"{path}/".startswith(f"{place.path}/")]
    return max(within, key=lambda place: len(place.path)).key if within else ""


def home(visitor: Visitor) -> str:
    """Where a person begins: their first place."""
    return next((place.path for place in open_to(visitor)), "/preferences")
