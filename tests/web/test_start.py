"""Starting a procedure."""

from decimal import Decimal

from sqlalchemy import func, select

from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, OrderLine, Product, Shop


def an_order(app) -> None:
    """Order SO1 of the only customer: one chair, paid."""
    now = app.engine.clock.now()
    with app.database.begin() as session:

        def add(row):
            session.add(row)
            session.flush()
            return row.id

        customer = session.execute(select(Customer.id)).scalar_one()
        shop = add(Shop(key="mall", name="Mall", sales_channel="mall"))
        chair = add(Product(sku="CH1", name="Chair", kind="furniture", list_price=100))
        order = CustomerOrder(number="SO1", customer_id=customer, shop_id=shop, state="paid", placed_at=now)
        order.paid_at, order.paid_total = now, Decimal(100)
        line = OrderLine(order_id=add(order), line=1, product_id=chair, name="Chair", quantity=1)
        line.unit_price = line.paid_amount = Decimal(100)
        add(line)


def test_cards_say_what_the_customer_wants_in_ones_language(browser):
    assert "我想要点什么" in browser("li.na").get("/start").text
    assert "I want something" in browser("zhou.min").get("/start").text


def test_only_what_ones_role_may_register_is_offered(browser):
    gao = browser("gao.yuan")
    assert "I want something" not in gao.get("/start").text
    assert gao.get("/start/request?without=1").status_code == 403


def test_the_order_is_found_by_phone_and_the_case_opened_on_it(browser, office, app):
    office.customer()
    an_order(app)
    zhou = browser("zhou.min")
    assert "SO1" in zhou.htmx("/start/request?q=1380013").text
    form = zhou.get("/start/request?order=SO1").text
    assert "Wang Wei" in form and "CH1" in form and "open case" not in form

    answer = zhou.post(
        "/start/request?order=SO1", {"wish": "another chair", "_key": "once"}, follow_redirects=False
    )
    number = answer.headers["location"].removeprefix("/cases/")
    assert number.startswith("AS-2026-")
    again = zhou.get("/start/request?order=SO1").text
    assert "There is an open case on this order already." in again and number in again


def test_a_registration_sent_twice_opens_one_case(browser, app):
    zhou = browser("zhou.min")
    for _ in range(2):
        zhou.post("/start/request?without=1", {"wish": "a chair", "_key": "same"}, follow_redirects=False)
    with app.database.begin() as session:
        assert session.execute(select(func.count()).select_from(AftersalesCase)).scalar_one() == 1


def test_what_is_missing_is_shown_at_its_field(browser):
    answer = browser("zhou.min").post("/start/request?without=1", {"wish": ""})
    assert answer.status_code == 422 and "Fill this in." in answer.text


def test_nobody_found_says_how_to_go_on(browser):
    assert "Go on without" in browser("zhou.min").get("/start/request?q=nobody").text
