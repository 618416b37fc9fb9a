"""Whose cases one sees: in lists, on pages, in files and in the search, as the role's `sees` says."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from config import organisation as organisations
from config.organisation import Role
from engine.aftersales import attachments, cases, notes, visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, Shop
from engine.runtime import identity, people, user_tasks
from engine.runtime import organisations as versions
from engine.store.tables import ProcessInstance
from tests.web import goods
from tests.web.conftest import PASSWORD, Browser
from tests.web.test_organisation import save
from tests.wire import count_statements

SECRET = "Secret Buyer"
PHONE = "13911112222"
#: A role that opens every page of records and sees only its holder's own cases.
PLACES = ("inbox", "start", "cases", "finance", "customers", "stock", "reasons", "audit")


@pytest.fixture
def sign_in(web, office) -> Callable[..., Browser]:
    """Somebody new in a role of their own that sees this much."""

    def enter(key: str, sees: str, places=PLACES, **profile) -> Browser:
        role = Role(name=f"Role of {key}", name_zh=f"{key} 的角色", places=places, sees=sees)
        with office.app.commands.begin(office.actor("admin")) as ctx:
            roles = {**ctx.organisation.roles, key: role}
            versions.change(ctx, organisation=organisations.changed(ctx.organisation, roles=roles))
        with office.app.commands.begin(office.actor("admin")) as ctx:
            ctx.engine.organisation.seen(ctx.session, versions.seen(ctx))
            identity.create_person(ctx, key, key.title(), roles=[key], password=PASSWORD, **profile)
        return again(web, key)

    return enter


def again(web, key: str) -> Browser:
    client = TestClient(web, base_url="http://aftercare", raise_server_exceptions=False)
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert (
        client.post("/sign-in", data={"key": key, "password": PASSWORD}, headers=headers).status_code == 200
    )
    return Browser(client)


@pytest.fixture
def hidden(office) -> str:
    """A case of a customer in Jiangsu about chairs from the mall shop, with money, a file and a note; its number."""
    goods.furnish(office, customer={"name": SECRET, "phone": PHONE})
    number = goods.case(office)
    goods.pay_back(office, number)
    office.do("gao.yuan", notes.add, number, f"{SECRET} called about {PHONE}")
    with office.app.database.begin() as session:
        session.execute(update(Customer).where(Customer.name == SECRET).values(province="Jiangsu"))
    return number


def attach(office, number: str) -> int:
    def put(ctx):
        return attachments.add(
            ctx, "letter.txt", io.BytesIO(SECRET.encode()), case_id=visibility.check_case(ctx, number)
        ).id

    return office.do("gao.yuan", put)


def of_the_case(office, number: str) -> dict[str, str]:
    """What stands in the variable parts of addresses, from the hidden case."""
    with office.app.database.begin() as session:
        case = session.execute(select(AftersalesCase).where(AftersalesCase.number == number)).scalar_one()
        instance = session.get_one(ProcessInstance, case.process_instance_id)
        customer = session.get_one(Customer, case.customer_id)
        return {
            "attachment_id": str(attach(office, number)),
            "user_task_id": str(office.task("review", number).id),
            "instance_id": str(instance.id),
            "definition_id": str(instance.definition_id),
            "customer": customer.number,
            "number": number,
            "file_format": "csv",
            "process_key": "request",
            "language": "en",
        }


def addresses(web, about: dict[str, str]) -> list[str]:
    found = []
    for route in iter_route_contexts(web.routes):
        if not isinstance(route.original_route, APIRoute) or route.methods != {"GET"}:
            continue
        path = str(route.path)
        if path in ("/events",) or path.startswith(("/operate", "/studio")):
            continue
        if path.startswith("/customers"):
            path = path.replace("{number}", about["customer"])
        for name, value in about.items():
            path = path.replace(f"{{{name}}}", value)
        found.append(path)
    return found


def asked_for(number: str) -> list[str]:
    """Every list asked for the very case."""
    lists = [f"{page}?q={text}" for page in ("/cases", "/cases.csv") for text in ("Secret", "SO-1", number)]
    lists += [f"/find?q={text}" for text in ("Secret", "1391111", "SO-1", number, number[-6:])]
    lists += ["/finance?q=Secret", "/finance.csv", "/customers?q=Secret", "/customers?q=1391111"]
    lists += ["/audit?customer=Secret", f"/audit?q={number}", "/stock.csv", "/inbox?tab=following"]
    return [
        *lists,
        "/inbox?tab=groups&who=all&q=Secret",
        "/start/request?q=Secret",
        "/start/request?q=1391111",
    ]


def test_not_a_word_of_a_case_that_one_does_not_see_is_on_any_page(web, office, sign_in, hidden, capsys):
    watcher, seer = sign_in("watcher", "own"), sign_in("seer", "all")
    every = [*addresses(web, of_the_case(office, hidden)), *asked_for(hidden)]
    told = 0
    for address in every:
        page = watcher.get(address)
        # That nothing is ready without a worker is no failure of the page that says so.
        assert page.status_code < 500 or address == "/readyz", address
        assert SECRET not in page.text and PHONE not in page.text, address
        # A page repeats what was asked for; a file does not.
        assert ".csv" not in address or hidden not in page.text, address
        told += SECRET in seer.get(address).text
    assert told >= 20, "the same addresses tell whoever sees all cases"
    with capsys.disabled():
        print(f"\n{len(every)} addresses asked, {told} of them tell whoever may know", end="")


def test_what_is_not_seen_is_refused_with_the_way_to_see_it_and_changed_by_nobody(office, sign_in, hidden):
    watcher = sign_in("watcher", "own")
    refused = watcher.get(f"/cases/{hidden}")
    assert refused.status_code == 403
    assert "can mention you in a note" in refused.text
    task = office.task("review", hidden).id
    changes = [f"/cases/{hidden}/{what}" for what in ("notes", "follow", "attachments", "messages/M-1/send")]
    changes += [f"/user-tasks/{task}/{what}" for what in ("refresh", "draft", "claim", "complete", "assign")]
    for address in changes:
        answer = watcher.post(address, {"text": "x", "following": "1", "person": "watcher"})
        assert (answer.status_code, SECRET in answer.text) == (403, False), address
    assert watcher.get("/cases/AS-2026-999999").status_code == 404


def sees(office, browser: Browser, number: str) -> tuple[bool, bool]:
    """Whether a case is in the person's list, and whether its page opens."""
    listed = f"/cases/{number}" in browser.get("/cases").text
    return listed, browser.get(f"/cases/{number}").status_code == 200


BOTH, NEITHER = (True, True), (False, False)


def test_a_note_that_mentions_somebody_lets_them_see_the_case_and_its_files(office, sign_in, hidden):
    watcher, file = sign_in("watcher", "own"), attach(office, hidden)
    assert sees(office, watcher, hidden) == NEITHER
    assert watcher.get(f"/attachments/{file}").status_code == 404
    office.do("gao.yuan", notes.add, hidden, "Could you look, @watcher?")
    assert sees(office, watcher, hidden) == BOTH
    assert watcher.get(f"/attachments/{file}").text == SECRET


def test_a_case_names_its_neighbours_only_to_whoever_sees_them(office, sign_in, hidden):
    watcher, seer, beside = sign_in("watcher", "own"), sign_in("seer", "all"), goods.case(office)
    office.do("gao.yuan", notes.add, beside, "Could you look, @watcher?")

    def tie(ctx):
        cases.link(ctx, *(visibility.check_case(ctx, number) for number in (beside, hidden)), "related")

    office.do("gao.yuan", tie)
    for kind, shown in ((watcher, False), (seer, True)):
        assert (hidden in kind.get(f"/cases/{beside}?tab=links").text) == shown


def test_a_technician_sees_the_cases_of_their_steps_before_and_after(app, browser, office, sign_in, hidden):
    tech = browser("tech")
    assert sees(office, tech, hidden) == NEITHER
    task = office.task("review", hidden)
    with app.database.begin() as session:
        task = session.merge(task)
        task.candidate_groups, task.candidate_users = [], ["tech"]
    assert sees(office, tech, hidden) == BOTH, "it is theirs to do"
    with app.commands.begin(office.actor("tech")) as ctx:
        user_tasks.claim(ctx, task.id)
    assert sees(office, tech, hidden) == BOTH, "they do it"
    with app.commands.begin(office.actor("tech")) as ctx:
        user_tasks.complete(ctx, task.id, {"decision": "approve"})
    assert sees(office, tech, hidden) == BOTH, "they did it"
    assert sees(office, sign_in("other", "own"), hidden) == NEITHER


def test_whoever_registered_a_case_sees_it(web, office, sign_in, hidden):
    watcher = sign_in("watcher", "own")
    with office.app.database.begin() as session:
        session.execute(update(AftersalesCase).values(opened_by="watcher"))
    assert sees(office, watcher, hidden) == BOTH


def test_a_substitute_sees_the_cases_of_whoever_is_away(office, sign_in, hidden):
    watcher = sign_in("watcher", "own")
    away = {"substitute": "watcher", "begins": date(2026, 11, 2), "ends": date(2026, 11, 3)}
    office.do("admin", people.set_away, "tech", **away)
    office.do("gao.yuan", notes.add, hidden, "Please go there, @tech.")
    assert sees(office, watcher, hidden) == BOTH


def shop_of(office, number: str) -> str:
    with office.app.database.begin() as session:
        return session.scalar(
            select(Shop.key)
            .join(AftersalesCase, AftersalesCase.shop_id == Shop.id)
            .where(AftersalesCase.number == number)
        )


def test_a_store_sees_its_own_cases_and_customers(office, sign_in, hidden):
    own = sign_in("own_store", "shops", shops=[shop_of(office, hidden)])
    other = sign_in("other_store", "shops", shops=["store_xuanwu"])
    assert (sees(office, own, hidden), sees(office, other, hidden)) == (BOTH, NEITHER)
    for page in ("/customers?q=Secret", "/find?q=SO-1", "/finance"):
        assert SECRET in own.get(page).text, page
        assert SECRET not in other.get(page).text, page
    for file in ("/cases.csv", "/finance.csv"):
        assert (hidden in own.get(file).text, hidden in other.get(file).text) == (True, False)
    with office.app.database.begin() as session:
        west = session.scalar(select(Shop.id).where(Shop.key == "store_xuanwu"))
        session.execute(update(CustomerOrder).values(shop_id=west))
    assert SECRET in other.get("/customers?q=Secret").text, "who bought there is their customer"
    assert sees(office, other, hidden) == NEITHER, "a case stays with the shop it was about"


def test_an_area_sees_the_cases_of_those_who_live_there(office, sign_in, hidden):
    there, elsewhere = (
        sign_in("there", "areas", areas=["Jiangsu"]),
        sign_in("elsewhere", "areas", areas=["Zhejiang"]),
    )
    assert (sees(office, there, hidden), sees(office, elsewhere, hidden)) == (BOTH, NEITHER)
    assert SECRET not in elsewhere.get("/customers?q=Secret").text


def test_roles_add_up_and_none_means_ones_own(office, web, sign_in, hidden):
    narrow = sign_in("narrow", "own")
    sign_in("wide", "all")
    assert sees(office, narrow, hidden) == NEITHER
    office.do("admin", identity.set_roles, "narrow", ["narrow", "wide"])
    assert sees(office, narrow, hidden) == BOTH


def test_whoever_registers_a_case_finds_a_customer_by_all_of_the_number(browser, hidden):
    desk = browser("li.na")
    assert SECRET in desk.get(f"/start/request?q={PHONE[:7]}").text
    save(browser("admin"), "/operate/organisation/roles/customer_service", sees="own")
    for part in (PHONE[:7], "Secret"):
        assert SECRET not in desk.get(f"/start/request?q={part}").text
    for whole in (PHONE, "SO-1"):
        assert SECRET in desk.get(f"/start/request?q={whole}").text


@pytest.mark.parametrize(
    "address", ["/cases", "/finance", "/customers", "/find?q=AS-", "/audit", "/cases/{}"]
)
def test_seeing_less_costs_no_statement_more(office, sign_in, hidden, address):
    office.do("gao.yuan", notes.add, hidden, "Look, @watcher.")
    asked = {}
    for key, much in (("watcher", "own"), ("seer", "all")):
        person = sign_in(key, much)
        office.do("gao.yuan", notes.add, hidden, f"Look, @{key}.")
        person.get(address.format(hidden))
        statements = count_statements()
        assert person.get(address.format(hidden)).status_code == 200
        asked[key] = len(statements)
        del statements
    assert asked["watcher"] == asked["seer"]


def test_what_a_role_sees_is_chosen_in_the_browser_and_told_in_words(browser, office, hidden):
    admin, tech = browser("admin"), browser("tech")
    assert sees(office, tech, hidden) == NEITHER
    save(admin, "/operate/organisation/roles/technician", sees="all")
    assert sees(office, tech, hidden) == BOTH
    assert "Sees: their own cases → every case" in admin.get("/operate/organisation/versions").text
    assert "their own cases" in admin.get("/operate/organisation/roles").text
