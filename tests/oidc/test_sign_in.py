"""Signing in by the company's own provider, against a real one (npm's oidc-provider). `pytest -s` prints the steps."""

from __future__ import annotations

import socket
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from config import organisation, sign_in
from config import settings as settings_module
from engine.runtime import history, second_factor
from engine.store.tables import HistoryEvent, Person, WebSession
from tests.oidc.conftest import HOME, LOG, PEOPLE, start
from tests.web.conftest import PASSWORD
from web import provider as asked
from web.sessions import COOKIE

pytestmark = pytest.mark.xdist_group("oidc")
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def settings(configured):
    return configured()


def person(app, key):
    with app.database.begin() as session:
        return session.scalar(select(Person).where(Person.key == key))


def events(app, type_):
    with app.database.begin() as session:
        found = session.scalars(select(HistoryEvent.payload).where(HistoryEvent.type == type_))
        return [history.read(payload) for payload in found]


def changed(address, **query):
    parts = urlsplit(address)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()} | query
    return parts._replace(query=urlencode({k: v for k, v in told.items() if v is not None})).geturl()


def test_somebody_new_signs_in_and_has_the_roles_of_their_groups(app, somebody):
    wei = somebody()
    assert "company account" in wei.client.get("/sign-in").text
    answer = wei.sign_in("wei.lan", "/inbox?tab=groups")
    assert answer.headers["location"] == "/inbox?tab=groups"
    assert wei.client.get("/inbox").status_code == 200
    added = person(app, "wei.lan")
    assert (added.name, added.email, added.roles) == ("Wei Lan", "wei.lan@shop.example", ["customer_service"])
    assert added.password_hash is None and added.provider_account.endswith(" wei.lan")
    assert wei.said[1].startswith("303 to the provider, asking client_id, code_challenge,")
    assert [step for step in wei.said if "form" in step] == [
        "the provider's form: login",
        "the provider's form: consent",
    ]


def test_the_second_time_it_is_the_same_person_and_another_session(app, somebody):
    wei = somebody()
    first = wei.sign_in("wei.lan").cookies[COOKIE]
    second = wei.sign_in("wei.lan").cookies[COOKIE]
    assert first != second
    with app.database.begin() as session:
        assert len(session.scalars(select(Person).where(Person.key == "wei.lan")).all()) == 1
        # The first one ended: a browser is signed in once.
        assert len(session.scalars(select(WebSession)).all()) == 1


def test_a_session_planted_before_signing_in_is_not_the_one_after(app, somebody):
    planted = "chosen-by-an-attacker"
    wei = somebody()
    wei.client.cookies.set(COOKIE, planted)
    wei.sign_in("wei.lan")
    thief = somebody()
    thief.client.cookies.set(COOKIE, planted)
    assert thief.client.get("/inbox", follow_redirects=False).headers["location"].startswith("/sign-in")


def test_who_is_known_here_by_that_name_is_that_person_with_the_roles_of_now(app, people, somebody):
    people("zhou.min", "customer_service")
    somebody().sign_in("zhou.min")
    assert person(app, "zhou.min").roles == ["finance"]
    (said,) = events(app, "RolesSet")
    assert (said["before"], said["roles"]) == (["customer_service"], ["finance"])
    assert len(events(app, "ProviderAccountLinked")) == 1


def test_a_one_time_password_is_void_once_its_owner_came_by_the_provider(app, people, somebody, clock):
    people("zhou.min", "finance", password=PASSWORD, password_until=clock.now() + timedelta(days=1))
    zhou = somebody()
    zhou.sign_in("zhou.min")
    assert zhou.client.get("/inbox", follow_redirects=False).status_code == 200
    assert person(app, "zhou.min").password_hash is None


def test_signing_out_ends_the_session_here_and_offers_to_do_so_there(app, somebody):
    wei = somebody()
    wei.sign_in("wei.lan")
    page = wei.client.get("/preferences").text
    token = page.split('name="csrf" content="')[1].split('"')[0]
    kept = wei.client.cookies[COOKIE]
    answer = wei.client.post("/sign-out", headers={**SAME, "X-CSRF-Token": token})
    assert "/sign-in/provider/out" in answer.text
    wei.client.cookies.set(COOKIE, kept)
    assert wei.client.get("/inbox", follow_redirects=False).headers["location"].startswith("/sign-in")
    out = wei.client.get("/sign-in/provider/out", follow_redirects=False).headers["location"]
    assert parse_qs(urlsplit(out).query)["post_logout_redirect_uri"] == [f"{HOME}/sign-in"]
    assert wei.there.get(out).status_code == 200


def refused(answer, words):
    assert answer.status_code == 403 and words in answer.text, answer.text
    assert COOKIE not in answer.cookies


NOT_THE_ONE = "This sign-in is not the one that was begun here"


def test_whoever_is_in_none_of_the_groups_is_refused_with_a_sentence(app, somebody):
    refused(somebody().sign_in("he.jun"), "He Jun is in none of the groups that may use Aftercare")
    assert person(app, "he.jun") is None


def test_whoever_left_all_groups_is_let_in_no_more(app, people, somebody, monkeypatch):
    people("he.jun", "customer_service")
    refused(somebody().sign_in("he.jun"), "in none of the groups")
    assert person(app, "he.jun").roles == ["customer_service"]


def test_groups_whose_roles_must_be_apart_are_refused(somebody):
    refused(somebody().sign_in("both"), "cannot be both")


def test_whoever_was_kept_out_here_stays_out(app, people, somebody):
    people("gone", "customer_service")
    with app.database.begin() as session:
        session.scalar(select(Person).where(Person.key == "gone")).active = False
    refused(somebody().sign_in("gone"), "is switched off")


def test_a_name_that_nobody_could_have_here_is_refused(somebody):
    refused(somebody().sign_in("Li Na!"), "gave no sign-in name that can be used here")


def test_another_account_of_the_provider_does_not_get_a_name_that_is_taken(app, people, somebody):
    people("wei.lan", "customer_service")
    with app.database.begin() as session:
        session.scalar(
            select(Person).where(Person.key == "wei.lan")
        ).provider_account = "https://elsewhere.example 1"
    refused(somebody().sign_in("wei.lan"), "belongs to another account here")


@pytest.mark.parametrize("state", ["", "wrong", None])
def test_a_wrong_state_is_refused(somebody, state):
    wei = somebody()
    back = wei.at_provider(wei.begin(), "wei.lan")
    refused(wei.come_back(changed(back, state=state)), NOT_THE_ONE)


def test_an_answer_given_to_another_browser_is_refused(somebody):
    """Else an attacker signs a victim in as themselves, and reads what they enter."""
    attacker, victim = somebody(), somebody()
    back = attacker.at_provider(attacker.begin(), "wei.lan")
    refused(victim.come_back(back), NOT_THE_ONE)
    victim.begin()
    refused(victim.come_back(back), NOT_THE_ONE)


def test_a_code_is_good_once(somebody):
    wei = somebody()
    address = wei.begin()
    begun = wei.client.cookies["aftercare_provider"]
    back = wei.at_provider(address, "wei.lan")
    assert wei.come_back(back).status_code == 303
    assert "aftercare_provider" not in wei.client.cookies
    again = somebody()
    again.client.cookies.set("aftercare_provider", begun)
    refused(again.come_back(back), NOT_THE_ONE)


def test_a_code_of_another_asking_is_refused(somebody):
    """PKCE: the code was given for another verifier, even where the state is made to fit."""
    wei = somebody()
    stolen = wei.at_provider(wei.begin(), "wei.lan")
    own = parse_qs(urlsplit(wei.begin()).query)["state"][0]
    refused(wei.come_back(changed(stolen, state=own)), NOT_THE_ONE)


def test_a_wrong_nonce_is_refused(somebody):
    wei = somebody()
    back = wei.at_provider(changed(wei.begin(), nonce="of another sign-in"), "wei.lan")
    refused(wei.come_back(back), NOT_THE_ONE)


def test_an_answer_of_another_provider_is_refused(somebody):
    wei = somebody()
    back = wei.at_provider(wei.begin(), "wei.lan")
    refused(wei.come_back(changed(back, iss="https://evil.example")), NOT_THE_ONE)


def test_what_comes_back_late_is_refused(somebody, clock):
    wei = somebody()
    back = wei.at_provider(wei.begin(), "wei.lan")
    clock.advance(timedelta(minutes=11))
    refused(wei.come_back(back), NOT_THE_ONE)


def test_an_id_token_that_ran_out_is_refused(app, somebody, clock):
    app.engine.settings.oidc_minutes = 60
    wei = somebody()
    back = wei.at_provider(wei.begin(), "wei.lan")
    clock.advance(timedelta(minutes=30))
    refused(wei.come_back(back), NOT_THE_ONE)


def test_calling_it_off_at_the_provider_is_said(somebody):
    wei = somebody()
    state = parse_qs(urlsplit(wei.begin()).query)["state"][0]
    back = f"{HOME}/sign-in/provider/back?" + urlencode({"error": "access_denied", "state": state})
    refused(wei.come_back(back), "did not let you in")


def test_signed_with_another_key_is_refused(app, somebody):
    """As if somebody had put themselves in between: what the provider signs does not fit the keys it is known by."""
    wei = somebody()
    back = wei.at_provider(wei.begin(), "wei.lan")
    uri = asked._metadata(app.engine.settings)["jwks_uri"]
    real = asked._ask("GET", uri)[1]
    key = dict(real["keys"][0])
    key["n"] = key["n"][:20] + ("A" if key["n"][20] != "A" else "B") + key["n"][21:]
    asked._kept[uri] = (float("inf"), {"keys": [key]})
    refused(wei.come_back(back), NOT_THE_ONE)


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_provider_that_is_down_is_a_sentence(app, somebody, settings, moment):
    own = start()
    app.engine.settings.oidc_issuer = own.issuer
    wei = somebody()
    if moment == "before":
        own.stop()
        answer = wei.client.get("/sign-in/provider", follow_redirects=False)
    else:
        back = wei.at_provider(wei.begin(), "wei.lan")
        own.stop()
        answer = wei.come_back(back)
    refused(answer, "does not answer at the moment")
    assert wei.client.get("/healthz").status_code == 200


def test_a_provider_that_says_it_is_another_is_not_asked(app, somebody, provider):
    app.engine.settings.oidc_issuer = provider.issuer.replace("127.0.0.1", "localhost")
    answer = somebody().client.get("/sign-in/provider", follow_redirects=False)
    refused(answer, "does not answer at the moment")


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "/sign-in"])
def test_nobody_is_sent_to_another_site_after_it(somebody, where):
    assert somebody().sign_in("wei.lan", where).headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["", "x", "1.2", "9" * 40 + ".a.b", "1..", ".a.b", "1.a.%%%", "²³.a.b"])
def test_a_cookie_that_makes_no_sense_is_refused(somebody, cookie):
    wei = somebody()
    headers = {"Cookie": f"aftercare_provider={cookie}".encode()}
    answer = wei.client.get("/sign-in/provider/back?state=a&code=b", headers=headers, follow_redirects=False)
    refused(answer, NOT_THE_ONE)


def test_a_second_factor_set_up_here_is_asked_for_after_the_provider_too(app, people, somebody, monkeypatch):
    people("wei.lan", "customer_service")
    monkeypatch.setattr(second_factor, "is_on", lambda ctx, key: key == "wei.lan")
    wei = somebody()
    assert wei.sign_in("wei.lan").headers["location"].startswith("/sign-in/code")
    assert wei.client.get("/inbox", follow_redirects=False).headers["location"].startswith("/sign-in")


class TestWithoutPasswordsOfOurs:
    @pytest.fixture
    def settings(self, configured):
        return configured(local_sign_in=False, emergency_account="emergency")

    def test_a_password_opens_only_the_emergency_account(self, people, somebody):
        people("zhou.min", "finance", password=PASSWORD)
        people("emergency", "administrator", password=PASSWORD)
        zhou = somebody()
        assert "Emergency account" in zhou.client.get("/sign-in").text
        form = {"key": "zhou.min", "password": PASSWORD}
        refused(zhou.client.post("/sign-in", data=form, headers=SAME), "do not belong together")
        form["key"] = "emergency"
        answer = zhou.client.post("/sign-in", data=form, headers=SAME, follow_redirects=False)
        assert answer.headers["location"] == "/"

    def test_nobody_at_the_provider_becomes_the_emergency_account(self, people, somebody):
        people("emergency", "administrator", password=PASSWORD)
        refused(somebody().sign_in("emergency"), "belongs to another account here")


class TestWhereAdministratorsAddPeople:
    @pytest.fixture
    def settings(self, configured, rules):
        return configured(sign_in_file=rules(create_people="false", roles_from='"here"'))

    def test_whoever_was_not_added_is_refused(self, app, somebody):
        refused(somebody().sign_in("wei.lan"), "There is no account for Wei Lan here yet")
        assert person(app, "wei.lan") is None

    def test_roles_are_those_given_here_whatever_the_groups(self, app, people, somebody):
        people("he.jun", "technician")
        assert somebody().sign_in("he.jun").status_code == 303
        assert person(app, "he.jun").roles == ["technician"]


class TestWithoutAProvider:
    @pytest.fixture
    def settings(self, configured):
        return configured(oidc_issuer="")

    def test_there_is_no_button_and_nowhere_to_go(self, somebody):
        wei = somebody()
        assert "provider" not in wei.client.get("/sign-in").text
        for path in ("", "/back", "/out"):
            answer = wei.client.get(f"/sign-in/provider{path}", follow_redirects=False)
            assert answer.headers["location"] == "/sign-in"


def test_a_setting_that_would_lock_everybody_out_is_a_sentence_at_start(monkeypatch):
    for name, value, words in (
        ("local_sign_in", False, "is needed together with oidc_issuer"),
        ("oidc_issuer", "https://id.company.example", "is needed, since oidc_issuer is set"),
        ("oidc_issuer", "http://id.company.example", "must begin with https://"),
        ("public_url", "ftp://x", "must begin with https://"),
    ):
        with pytest.raises(settings_module.BadSetting, match=words):
            settings_module.load(**{name: value})


def test_the_shipped_groups_give_roles_there_are():
    settings = settings_module.load()
    roles = organisation.read(settings.organisation_file).roles
    rules = sign_in.read(settings.sign_in_file)
    assert frozenset().union(*rules.groups.values()) <= set(roles)


def test_the_port_of_a_provider_that_stopped_is_free(provider):
    """The tests above stop providers of their own, not this one."""
    with socket.create_connection(("127.0.0.1", urlsplit(provider.issuer).port), timeout=5):
        assert len(PEOPLE) == 7


def test_the_steps_are_counted(capsys):
    begun = sum(step.startswith("303 to the provider") for step in LOG)
    with capsys.disabled():
        print(f"\nOIDC: {begun} sign-ins begun, {len(LOG)} steps, with a real provider", end="")
