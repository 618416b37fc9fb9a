"""Filters saved under a name, in the inbox as in the ledger."""


def test_a_filter_of_the_inbox_is_kept_with_its_tab(browser, office):
    gao = browser("gao.yuan")
    address = "/inbox?tab=groups&due=overdue"
    assert "save-filter" in gao.get(address).text
    answer = gao.post("/filters/inbox", {"name": "Late", "back": address})
    assert "The filter “Late” is saved." in answer.text and str(answer.url).endswith(address)
    page = gao.get("/inbox").text
    assert "/inbox?tab=groups&amp;due=overdue" in page and "Late" in page
    assert "Late" not in browser("wang.fang").get("/inbox").text
    assert "Late" not in gao.get("/cases").text


def test_shared_with_a_role_it_is_seen_by_that_role_alone(browser, office):
    gao = browser("gao.yuan")
    gao.post("/filters/inbox", {"name": "Urgent ones", "back": "/inbox?priority=high", "share": "operations"})
    assert "Urgent ones" in browser("wang.fang").get("/inbox").text
    assert "Urgent ones" not in browser("xu.dan").get("/inbox").text
    gao.post("/filters/inbox", {"name": "Urgent ones", "back": "/inbox?priority=high", "share": "all"})
    assert "Urgent ones" in browser("xu.dan").get("/inbox").text


def test_only_ones_own_is_removed(browser, office):
    gao, wang = browser("gao.yuan"), browser("wang.fang")
    gao.post("/filters/inbox", {"name": "Late", "back": "/inbox?due=overdue", "share": "all"})
    assert "/filters/inbox/1/forget" not in wang.get("/inbox").text
    wang.post("/filters/inbox/1/forget")
    assert "Late" in gao.get("/inbox").text
    gao.post("/filters/inbox/1/forget")
    assert "Late" not in gao.get("/inbox").text


def test_what_cannot_be_saved_is_refused(browser, office):
    gao = browser("gao.yuan")
    assert gao.post("/filters/inbox", {"name": " ", "back": "/inbox?q=x"}).status_code == 409
    role = {"name": "x", "back": "/inbox?q=x", "share": "nobodys"}
    assert gao.post("/filters/inbox", role).status_code == 404
    assert gao.post("/filters/nowhere", {"name": "x"}).status_code == 403
    assert browser("shen.ke").post("/filters/inbox", {"name": "x"}).status_code == 403
    away = gao.post("/filters/inbox", {"name": "x", "back": "//evil.example/"}, follow_redirects=False)
    assert away.headers["location"] == "/inbox"
