"""The audit of dependencies never calls clean what nobody looked at."""

from __future__ import annotations

import json

from tests import audit


def report(*packages: dict) -> str:
    return json.dumps({"dependencies": list(packages)})


CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
SKIPPED = {"name": "lxml", "skip_reason": "not found"}
BAD = {"name": "anyio", "version": "1", "vulns": [{"id": "PYSEC-1"}]}


def test_what_nobody_answers_for_is_said_to_be_not_audited():
    assert str(audit.python("", "no route to host")) == (
        "Python: NOT AUDITED, nobody answers from here (no route to host)"
    )
    assert "NOT AUDITED" in str(audit.python(report(SKIPPED), ""))
    assert "NOT AUDITED" in str(audit.npm('{"message": "405 Method Not Allowed"}', ""))


def test_what_some_answer_for_is_counted_apart():
    assert str(audit.python(report(CLEAN, SKIPPED), "")) == (
        "Python: 1 packages, 0 known vulnerabilities; NOT AUDITED: 1 more"
    )


def test_a_vulnerability_is_named():
    answer = audit.python(report(CLEAN, BAD), "")
    assert answer.found == ["anyio 1: PYSEC-1"] and "1 known" in str(answer)
    told = {"vulnerabilities": {"htmx": {"severity": "high"}}, "metadata": {"dependencies": {"total": 9}}}
    assert str(audit.npm(json.dumps(told), "")) == "npm: 9 packages, 1 known vulnerabilities\n  htmx: high"
