"""Who may use which address: one table of actions and the routes that do them. A route that is not in it is for nobody.

What a role may do is the business's: config/organisation.toml says which places a role opens, and an action says which
places it needs. `web.screen` asks this table for every request; tests/web/test_access.py tries every route as every role.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be done, and what it takes."""

    key: str
    #: Whether one has to be signed in.
    signed_in: bool = True
    #: Places that the person's roles have to open: all of these, and one of those.
    all_of: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    #: Scope of an API token that may do it instead of a signed-in browser; empty: no token ever does.
    scope: str = ""
    #: Whether a one-time password is enough: it is good for choosing one's own.
    one_time: bool = False

    def open_to(self, places: Collection[str]) -> bool:
        """Whether roles that open these places allow it."""
        return self.all_of <= set(places) and (not self.one_of or not self.one_of.isdisjoint(places))


def _place(key: str) -> Action:
    return Action(key=key, all_of=frozenset({key}))


ANYBODY = Action(key="anybody", signed_in=False)
#: Whoever is signed in, on what is their own.
ONESELF = Action(key="oneself")
OWN_PASSWORD = Action(key="own_password", one_time=True)
WORK = _place("inbox")
START = _place("start")
READ_CASES = _place("cases")
#: Those who only read cases, such as auditors, open `cases` without `inbox`.
WORK_ON_CASES = Action(key="work_on_cases", all_of=frozenset({"cases", "inbox"}))
#: A step is looked at by who may do it, and by who sees its case.
READ_STEPS = Action(key="read_steps", one_of=frozenset({"inbox", "cases"}))
FINANCE = _place("finance")
CUSTOMERS = _place("customers")
STOCK = _place("stock")
REASONS = _place("reasons")
STUDIO = _place("studio")
#: Trying out and scenarios, in a sandbox.
PLAY = Action(key="play", all_of=STUDIO.all_of)
SUBMIT = Action(key="submit", all_of=frozenset({"studio"}), scope="deployments")
#: Tokens are made by whom they are of use to.
MAKE_TOKENS = Action(key="make_tokens", all_of=SUBMIT.all_of)
AUDIT = _place("audit")
INSIGHTS = _place("insights")
OPERATE = _place("operate")
ORGANISATION = _place("organisation")
#: Handing over and erasing what is held of a customer.
PERSONAL_DATA = _place("personal_data")
#: What no entry allows.
NOBODY = Action(key="nobody", one_of=frozenset({""}))

_CREDENTIALS = "/preferences/sign-in"
_USER_TASK = "/user-tasks/{user_task_id}"
_CASE = "/cases/{number}"
_STUDIO = "/studio/{process_key}"
_PLAY = "/studio/{process_key}/play/{play_id}"
_ORGANISATION = "/operate/organisation"
_RETENTION = "/operate/retention"
_SUBMISSION = "/operate/deployments/submissions/{submission_id}"

TABLE: Mapping[Action, tuple[str, ...]] = {
    ANYBODY: (
        "GET /sign-in",
        "POST /sign-in",
        "POST /sign-in/language",
        # The password was told before: the session that awaits the code says whose.
        "GET /sign-in/code",
        "POST /sign-in/code",
        # To the company's own provider of sign-ins, back from it, and out of it.
        "GET /sign-in/provider",
        "GET /sign-in/provider/back",
        "GET /sign-in/provider/out",
        # A forgotten password: the link that is mailed says whose.
        "GET /sign-in/forgotten",
        "POST /sign-in/forgotten",
        "GET /sign-in/new-password",
        "POST /sign-in/new-password",
        # For whoever watches over it; /metrics asks for a token of its own unless asked from this machine.
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ),
    OWN_PASSWORD: (
        f"GET {_CREDENTIALS}",
        f"POST {_CREDENTIALS}/password",
        "POST /sign-out",
        "POST /preferences/language",
        "POST /preferences/theme",
    ),
    ONESELF: (
        "GET /",
        "GET /events",
        "GET /find",
        "GET /notices",
        "GET /notices/{notice_id}",
        "POST /notices/read",
        "GET /preferences",
        "POST /preferences",
        f"POST {_CREDENTIALS}/sessions/end",
        f"POST {_CREDENTIALS}/tokens/{{token_id}}/revoke",
        f"POST {_CREDENTIALS}/second-factor",
        f"POST {_CREDENTIALS}/second-factor/confirm",
        f"POST {_CREDENTIALS}/second-factor/off",
        # A diagram says how the house works, nothing of any case.
        "GET /definitions/{definition_id}/diagram.{language}.bpmn",
    ),
    WORK: (
        "GET /inbox",
        "POST /inbox/claim",
        "POST /inbox/assign",
        f"POST {_USER_TASK}/complete",
        f"POST {_USER_TASK}/refresh",
        f"POST {_USER_TASK}/draft",
        f"POST {_USER_TASK}/claim",
        f"POST {_USER_TASK}/release",
        f"POST {_USER_TASK}/assign",
    ),
    READ_STEPS: (
        f"GET {_USER_TASK}",
        f"GET {_USER_TASK}/why",
        # The list a filter is of decides further.
        "POST /filters/{list_key}",
        "POST /filters/{list_key}/{filter_id}/forget",
        # An own file of a form not sent yet, or one of a case that one sees.
        "GET /attachments/{attachment_id}",
    ),
    START: (
        "GET /start",
        "GET /start/{process_key}",
        "POST /start/{process_key}",
        "POST /start/{process_key}/refresh",
    ),
    READ_CASES: (
        "GET /cases",
        "GET /cases.{file_format}",
        # The columns are one's own.
        "POST /cases/columns",
        f"GET {_CASE}",
        f"GET {_CASE}/why",
        f"GET {_CASE}/print/{{key}}",
    ),
    WORK_ON_CASES: (
        f"POST {_CASE}/notes",
        f"POST {_CASE}/follow",
        f"POST {_CASE}/attachments",
        f"POST {_CASE}/messages/{{message}}/send",
    ),
    FINANCE: ("GET /finance", "GET /finance.{file_format}"),
    CUSTOMERS: ("GET /customers", "GET /customers/{number}"),
    STOCK: ("GET /stock", "GET /stock/levels", "GET /stock.{file_format}"),
    REASONS: (
        "GET /reasons",
        "POST /reasons",
        "POST /reasons/{key}",
        "POST /reasons/{key}/hide",
        "POST /reasons/{key}/show",
        "POST /reasons/{key}/move",
    ),
    STUDIO: (
        "GET /studio",
        "GET /studio/landscape",
        "GET /studio/new",
        "POST /studio/new",
        f"GET {_STUDIO}",
        f"GET {_STUDIO}/rules",
        f"GET {_STUDIO}/forms",
        f"GET {_STUDIO}/words",
        f"POST {_STUDIO}/words",
        f"GET {_STUDIO}/versions",
        f"POST {_STUDIO}/discard",
        f"POST {_STUDIO}/submit",
        f"POST {_STUDIO}/withdraw",
        f"GET {_STUDIO}/differences",
        f"GET {_STUDIO}/effect",
        f"POST {_STUDIO}/effect",
        f"GET {_STUDIO}/effect/{{back_test_id}}",
        f"GET {_STUDIO}/effect/{{back_test_id}}/{{instance_id}}",
        f"GET {_STUDIO}/catalogue.json",
        f"GET {_STUDIO}/edit/{{kind}}/{{name}}",
        f"GET {_STUDIO}/files/{{kind}}/{{name}}",
        f"POST {_STUDIO}/files/{{kind}}/{{name}}",
        f"POST {_STUDIO}/here/{{kind}}/{{name}}",
        f"POST {_STUDIO}/check/{{kind}}/{{name}}",
        f"POST {_STUDIO}/preview/{{name}}",
        f"POST {_STUDIO}/try/{{name}}",
        f"POST {_STUDIO}/new/{{kind}}",
    ),
    PLAY: (
        f"GET {_STUDIO}/scenarios",
        f"POST {_STUDIO}/scenarios/run",
        f"POST {_STUDIO}/scenarios/check",
        f"GET {_STUDIO}/scenarios/edit/{{file}}",
        f"POST {_STUDIO}/scenarios/edit/{{file}}",
        f"POST {_STUDIO}/scenarios/delete/{{file}}",
        f"GET {_STUDIO}/play",
        f"POST {_STUDIO}/play",
        f"GET {_PLAY}",
        f"GET {_PLAY}/diagram/{{name}}.bpmn",
        *(
            f"POST {_PLAY}/{move}"
            for move in (
                "refresh",
                "do",
                "advance",
                "message",
                "retry",
                "other",
                "service",
                "back",
                "restart",
                "keep",
            )
        ),
    ),
    SUBMIT: ("POST /api/deployments",),
    MAKE_TOKENS: (f"POST {_CREDENTIALS}/tokens",),
    AUDIT: (
        "GET /audit",
        "GET /audit.{file_format}",
        "GET /audit/proof",
        "POST /audit/proof",
        "GET /audit/proof/{verification_id}",
        "GET /audit/export",
        "GET /audit/export/{file_format}",
        "GET /audit/{number}",
        "GET /audit/{number}/why",
        "POST /audit/{number}",
        "GET /audit/{number}/as-it-was",
        "POST /audit/{number}/sealed-file",
    ),
    INSIGHTS: ("GET /insights", "GET /insights/report", "GET /insights/flow"),
    OPERATE: (
        "GET /operate",
        "GET /operate/work",
        "POST /operate/work/pause",
        "POST /operate/work/resume",
        "GET /operate/many",
        "POST /operate/many",
        "GET /operate/many/{run_id}",
        "GET /operate/cases/{number}",
        "POST /operate/cases/{number}/{act}",
        "GET /operate/deployments",
        "POST /operate/deployments/versions/{definition_id}/current",
        "POST /operate/deployments/planned/{plan_id}/call-off",
        "POST /operate/deployments/{process_key}/retire",
        "POST /operate/deployments/{process_key}/bring-back",
        f"GET {_SUBMISSION}",
        f"POST {_SUBMISSION}/approve",
        f"POST {_SUBMISSION}/return",
        "GET /operate/moves",
        "POST /operate/moves",
        "GET /operate/moves/{move_id}",
        "POST /operate/moves/{move_id}/back",
        f"GET {_RETENTION}",
        f"POST {_RETENTION}",
        f"POST {_RETENTION}/holds",
        f"POST {_RETENTION}/holds/{{number}}/lift",
        f"GET {_RETENTION}/receipts/{{receipt_id}}",
        f"GET {_RETENTION}/receipts/{{receipt_id}}/receipt.json",
        f"GET {_RETENTION}/receipts/{{receipt_id}}/{{number}}.zip",
    ),
    PERSONAL_DATA: (
        "GET /personal-data",
        "GET /personal-data/{number}",
        "POST /personal-data/{number}/export",
        "POST /personal-data/{number}/erase",
    ),
    ORGANISATION: (
        f"GET {_ORGANISATION}",
        f"GET {_ORGANISATION}/absences",
        f"POST {_ORGANISATION}/absences",
        f"POST {_ORGANISATION}/absences/{{absence_id}}/call-off",
        f"GET {_ORGANISATION}/people/new",
        f"GET {_ORGANISATION}/people/{{key}}",
        f"POST {_ORGANISATION}/people",
        f"POST {_ORGANISATION}/people/{{key}}",
        f"POST {_ORGANISATION}/people/{{key}}/password",
        f"POST {_ORGANISATION}/people/{{key}}/active",
        f"POST {_ORGANISATION}/people/{{key}}/sessions/end",
        f"POST {_ORGANISATION}/people/{{key}}/second-factor/off",
        f"POST {_ORGANISATION}/people/{{key}}/tokens/{{token_id}}/revoke",
        f"GET {_ORGANISATION}/roles",
        f"GET {_ORGANISATION}/roles/new",
        f"GET {_ORGANISATION}/roles/{{key}}",
        f"POST {_ORGANISATION}/roles",
        f"POST {_ORGANISATION}/roles/{{key}}",
        f"POST {_ORGANISATION}/roles/{{key}}/remove",
        f"GET {_ORGANISATION}/rules",
        f"POST {_ORGANISATION}/rules",
        f"GET {_ORGANISATION}/calendar",
        f"POST {_ORGANISATION}/calendar",
        f"GET {_ORGANISATION}/versions",
        f"POST {_ORGANISATION}/versions/{{version_id}}/go-back",
    ),
}
_ACTIONS = {route: action for action, routes in TABLE.items() for route in routes}


def needed(method: str, path: str) -> Action:
    """What it takes to send `method` to the route `path`, as it is written where it is defined."""
    return _ACTIONS.get(f"{method} {path}", NOBODY)
