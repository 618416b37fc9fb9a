"""Reasons."""

import re

from engine.aftersales import reasons
from tests.web import goods
from tests.wire import count_statements


def order(page: str) -> list[str]:
    return re.findall(r'<li id="reason-(\w+)"', page)


def offered(office) -> list[str]:
    return [reason.key for reason in office.do("gao.yuan", reasons.offered, "request")]


def test_operations_add_a_reason_in_both_languages(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.post("/reasons", {"label": "Arrived too late", "label_zh": "到货太晚", "kind": "delivery"})
    assert offered(office)[-1] == "arrived_too_late"
    assert "到货太晚" in browser("wang.fang").get("/reasons").text


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    twice = gao.post("/reasons", {"label": "Quality!", "key": "quality", "kind": "quality"})
    assert twice.status_code == 422
    assert "already a reason with this key" in twice.text and 'value="Quality!"' in twice.text
    assert gao.post("/reasons", {"label": "", "kind": "Very bad"}).status_code == 422


def test_a_reason_is_edited_hidden_and_offered_again(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    assert 'value="Quality problem"' in gao.get("/reasons?edit=quality").text
    gao.post("/reasons/quality", {"label": "Bad quality", "label_zh": "质量差", "kind": "quality"})
    assert "Bad quality" in gao.get("/reasons").text
    gao.post("/reasons/quality/hide")
    assert "quality" not in offered(office)
    gao.post("/reasons/quality/show")
    assert "quality" in offered(office)


def test_reasons_are_put_in_order_one_place_at_a_time(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    before = order(gao.get("/reasons").text)
    moved = gao.htmx(f"/reasons/{before[1]}/move", {"by": "-1"})
    assert order(moved.text)[:2] == [before[1], before[0]]
    gao.post(f"/reasons/{before[1]}/move", {"by": "-1"})
    assert offered(office)[:2] == [before[1], before[0]]


def test_a_reason_that_does_not_exist_is_refused(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    assert gao.post("/reasons/nothing/move", {"by": "1"}).status_code == 404
    assert gao.post("/reasons/nothing/hide").status_code == 404
    assert gao.post("/reasons/nothing", {"label": "a", "kind": "b"}).status_code == 404


def test_they_are_operations_to_keep(browser, office):
    assert browser("xu.dan").get("/reasons").status_code == 403
    assert browser("xu.dan").post("/reasons", {"label": "a", "kind": "b"}).status_code == 403


def test_a_page_costs_three_statements(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.get("/reasons")
    statements = count_statements()
    gao.get("/reasons")
    assert len(statements) == 3, "\n\n".join(statements)
