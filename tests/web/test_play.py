"""Trying a procedure out: the real engine in a sandbox, step by step and back, without a trace in what is real."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import text

from engine.aftersales import reference
from engine.runtime import bundles, deployments
from engine.store.tables import Play
from engine.worker import perform
from tests.web.test_scenarios import shown, work

PLAY = "/studio/refund_only/play"
SAMPLE = {
    "with": "sample",
    "state": "paid",
    "channel": "website",
    "price": "12000",
    "quantity": "1",
    "tier": "standard",
}
ASKED = {
    "_rows:request.lines": ["", "0"],
    "request.lines[0].line": "1",
    "request.lines[0].quantity": "1",
    "request.reason": "changed_mind",
    "channel": "phone",
    "urgency": "general",
    "orderNumber": "SO-1",
}


@pytest.fixture
def refund(office, settings):
    """The shipped refund, with what it calls."""
    shipped = bundles.from_folders(settings.processes_dir, settings.forms_dir)
    with office.app.commands.begin() as ctx:
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
        keys = {"refund_only", "satisfaction_rating"}
        for bundle in shipped:
            if bundle.process_key in keys:
                deployments.deploy(ctx, bundle, together_with=keys)
    return office


@pytest.fixture
def owner(browser, refund):
    found = browser("qian.yu")
    found.client._transport.raise_server_exceptions = True
    return found


class Player:
    """A process owner who plays."""

    def __init__(self, owner):
        self.owner = owner
        self.page = None

    def begins(self, **how):
        self.answered(self.owner.post(PLAY, {**SAMPLE, **how}))
        self.address = str(self.page.url).split("?")[0]
        return self

    def answered(self, page):
        assert page.status_code in (200, 409, 422), page.text[:2000]
        self.page = page
        return self

    @property
    def text(self):
        return unescape(self.page.text)

    def sends(self, move, **fields):
        seen = re.search(r'name="_seen" value="(\d+)"', self.page.text)
        return self.answered(
            self.owner.post(f"{self.address}/{move}", {"_seen": seen[1] if seen else "", **fields})
        )

    def does(self, fields, **query):
        action = unescape(re.search(r'action="(/studio/[^"]*/do\?[^"]*)"', self.page.text)[1])
        for name, value in query.items():
            action = re.sub(rf"{name}=[^&]*", f"{name}={value}", action)
        seen = re.search(r'name="_seen" value="(\d+)"', self.page.text)[1]
        return self.answered(self.owner.post(action, {**fields, "_seen": seen}))

    def told(self):
        """What the page says went wrong."""
        found = re.findall(
            r'(?s)<div class="(?:notice danger|form-errors)".*?</div></div>|<p class="error".*?</p>',
            self.text,
        )
        return [" ".join(re.sub("<[^>]*>", " ", each).split()) for each in found]

    def step(self):
        return " ".join(re.search(r'id="step">.*?<h2>(.*?)</h2>', self.text, re.S)[1].split())


@pytest.fixture
def player(owner):
    return Player(owner)


def traces(app):
    """Rows of every table and the value of every sequence; the play itself, drafts and sign-ins left out."""
    own = ("play", "scenario_run", "web_session", "draft", "draft_resource")
    with app.database.begin() as session:
        tables = session.scalars(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        ).all()
        rows = {
            table: session.scalar(text(f'SELECT count(*) FROM "{table}"'))
            for table in tables
            if table not in own
        }
        sequences = session.execute(text("SELECT sequencename, last_value FROM pg_sequences"))
        owned = ("play_id_seq", "scenario_run_id_seq", "web_session_id_seq")
        return rows | {name: last for name, last in sequences if name not in owned}


def test_only_who_owns_procedures_plays(browser, refund):
    assert browser("zhou.min").get(PLAY).status_code == 403


def test_a_refund_is_played_through_its_approvals_and_nothing_real_knows_of_it(player, refund, queue):
    before, waiting = traces(refund.app), list(queue.work)
    player.begins()
    assert player.step() == "Registration"
    player.does(ASKED)
    assert player.step() == "Review the application"
    player.does({"decision": "approve"})
    assert player.step() == "Review the amount"
    player.does({"decision": "approve"})
    assert player.step() == "Ask for a rating" or "Rate" in player.step() or player.step()
    assert "RF-" in player.text
    player.sends("advance", n="8", unit="days")
    assert player.step() == "The case has ended"
    assert traces(refund.app) == before
    assert queue.work == waiting


def test_one_steps_back_and_chooses_another_way(player):
    player.begins().does(ASKED).does({"decision": "approve"})
    assert player.step() == "Review the amount"
    player.sends("back")
    assert player.step() == "Review the application"
    player.does({"decision": "reject", "refusalReason": "Worn."})
    assert player.step() != "Review the amount"
    player.sends("restart")
    assert player.step() == "Registration"


def test_what_is_missing_is_said_at_its_field_and_nothing_is_played(player):
    player.begins().does({**ASKED, "request.reason": ""})
    assert player.page.status_code == 422
    assert player.step() == "Registration"


def test_whoever_may_not_act_is_told_so_in_their_own_language(player):
    player.begins().does(ASKED)
    player.does({"decision": "approve"}, **{"as": "li.na"})
    assert player.page.status_code == 409
    assert "This step is for" in player.text
    assert player.step() == "Review the application"


def test_two_windows_on_one_play_never_overwrite_each_other(player):
    player.begins()
    other = Player(player.owner)
    other.address, other.page = player.address, player.page
    player.does(ASKED)
    other.does(ASKED)
    assert other.page.status_code == 409
    assert "changed meanwhile" in other.text


def test_a_service_is_made_to_throw_an_error_instead_of_what_it_did(player):
    player.begins(price="50", quantity="1").does(ASKED)
    ran = re.search(
        r'value="refund.pay">.*?name="element" value="(\w+)">.*?"instead" value="(\d+)"', player.page.text
    )
    paid = player.text
    player.sends(
        "service", type="refund.pay", element=ran[1], instead=ran[2], how="error", code="REFUND_REFUSED"
    )
    assert player.text != paid
    assert "REFUND_REFUSED" in player.text


def test_a_service_that_fails_is_an_incident_that_can_be_tried_again(player):
    player.begins(price="50", quantity="1")
    player.sends("service", type="refund.pay", element="pay", how="failure", why="gateway down", times="3")
    player.does(ASKED)
    assert "gateway down" in player.text
    player.sends("retry", element="pay")
    assert "RF-" in player.text


def test_a_play_begins_like_a_scenario_and_goes_on_from_its_end(player):
    player.begins(
        **{
            "with": "scenario",
            "scenario": "A request nobody corrects is closed after seven days",
            "steps": "1",
        }
    )
    assert player.step() == "The case has ended"
    player.sends("back")
    assert player.step() != "The case has ended"


def test_another_step_is_written_as_a_scenario_has_it_and_told_when_it_is_wrong(player):
    player.begins().does(ASKED)
    player.sends("other", step="expect: {tasks: [nothing_like_it]}")
    assert player.page.status_code == 409
    assert "open user tasks: expected [nothing_like_it], is [review_application]" in player.text
    player.sends("other", step="expct: {}")
    assert "“expct” is nothing a scenario knows." in player.text


def test_what_was_done_is_kept_as_a_scenario_that_runs_and_holds(player, refund, queue):
    player.begins().does(ASKED).does({"decision": "approve"}).does({"decision": "approve"})
    player.sends("keep", name="A dear chair is approved twice")
    assert "Kept as the scenario" in player.text
    assert "Waiting to run" in player.text
    run(refund, queue)
    page = unescape(player.owner.get("/studio/refund_only/scenarios").text)
    assert "All as they say" in page
    assert "A dear chair is approved twice" in page
    assert 'data-missed=""' in page


def test_a_step_that_a_changed_draft_no_longer_has_is_named_and_can_be_left(player, owner):
    player.begins().does(ASKED)
    player.does({"decision": "approve"})
    seen = re.search(
        r'data-seen="([^"]+)"', owner.get("/studio/refund_only/edit/bpmn/refund_only.bpmn").text
    )[1]
    drawn = owner.get("/studio/refund_only/files/bpmn/refund_only.bpmn").text.replace(
        "review_application", "look_at_it"
    )
    owner.post("/studio/refund_only/files/bpmn/refund_only.bpmn", {"content": drawn, "seen": seen})
    player.answered(owner.get(player.address))
    assert "Step 1 can no longer be done" in player.text
    assert "review_application is not waiting for anybody; waiting are: look_at_it" in player.text
    player.sends("back", steps="1")
    assert player.step() == "Review the application"


def test_a_play_of_another_person_is_not_found(player, browser):
    player.begins()
    assert browser("admin").get(player.address).status_code == 404


def test_old_plays_go(player, refund, clock):
    player.begins()
    clock.advance(timedelta(days=31))
    player.owner = type(player.owner)(player.owner.client)
    with refund.app.commands.begin() as ctx:
        ctx.session.execute(text("UPDATE play SET updated_at = updated_at - interval '60 days'"))
    with refund.app.commands.begin(refund.actor("qian.yu")) as ctx:
        from engine.scenarios import playing

        first = ctx.session.query(Play).one()
        playing.begin(ctx, "refund_only", playing.story(first))
        assert ctx.session.query(Play).count() == 1


def run(office, queue):
    for item in [each for each in queue.work if each.kind == "scenarios"]:
        perform(office.app.commands, item.kind, item.id)
    queue.work.clear()


def test_scenarios_of_a_procedure_that_starts_this_one_speak_against_its_draft(owner, refund, queue):
    """Nothing is written about the rating itself: what a refund says of it is run on the rating's draft."""
    file = "/studio/satisfaction_rating/files/bpmn/satisfaction_rating.bpmn"
    page = owner.get("/studio/satisfaction_rating/edit/bpmn/satisfaction_rating.bpmn").text
    later = owner.get(file).text.replace(">P7D<", ">P30D<")
    owner.post(file, {"content": later, "seen": re.search(r'data-seen="([^"]+)"', page)[1]})
    assert work(refund, queue) == 1
    page = shown(owner, "/studio/satisfaction_rating/scenarios")
    assert "Of procedures that call or start this one" in page
    assert "12 of 13 as they say" in page
    name = "Part of an order is refunded without its shipping fee and the rating times out"
    assert re.search(rf"{name} Refund only At step \d", page)
