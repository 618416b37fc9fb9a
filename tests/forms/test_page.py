"""The page people see: safe, labelled, in their language, usable without JavaScript."""

import pytest

from engine.forms import markdown

NAME = {"type": "textfield", "id": "name", "key": "name", "label": "Name", "description": "As on the invoice"}
RADIO = {
    "type": "radio",
    "id": "r",
    "key": "r",
    "label": "Reason",
    "values": [{"label": "<b>A</b>", "value": 'a"b'}],
    "validate": {"required": True},
}
BAD = "<script>alert(1)</script>\"'&"


def text_view(text):
    return {"type": "text", "id": "t", "text": text}


def test_every_control_has_a_label(desk):
    components = [
        NAME,
        {"type": "textarea", "key": "a", "label": "A"},
        {"type": "number", "key": "n", "label": "N"},
        {"type": "checkbox", "key": "c", "label": "C"},
        {"type": "select", "key": "s", "label": "S", "values": [{"label": "x", "value": "x"}]},
        {"type": "datetime", "key": "d", "dateLabel": "D"},
        {"type": "filepicker", "key": "f", "label": "F"},
        RADIO,
    ]
    page = desk(components).page()
    labelled = set(page.xpath("//label/@for"))
    controls = page.xpath("//input[@type!='hidden'] | //select | //textarea")
    assert len(controls) == 8
    assert {control.get("id") for control in controls} == labelled
    assert page.xpath("//fieldset/legend/text()")[0].strip() == "Reason"
    assert len(set(page.xpath("//@id"))) == len(page.xpath("//@id"))
    assert page.get("enctype") == "multipart/form-data"


def test_errors_are_listed_with_links_and_told_at_the_field(desk):
    form = desk([{**NAME, "validate": {"required": True}}, RADIO])
    form.refused(("name", ""))
    page = form.page(errors=form.errors.errors, raw=form.errors.kept)
    assert page.xpath('//*[@role="alert"]//a/@href') == ["#field-name", "#field-r-0"]
    assert page.xpath('//*[@id="field-r-0"]')
    field = page.xpath('//input[@name="name"]')[0]
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == "field-name-hint field-name-error"
    assert "Fill this in." in page.xpath('//*[@id="field-name-error"]')[0].text_content()


def test_required_is_a_word_not_a_star(desk):
    form = desk([{**NAME, "validate": {"required": True}}], words={"required": "必填", "Name": "姓名"})
    assert "姓名 (必填)" in form.page().text_content()


def test_required_can_depend_on_the_form(desk):
    form = desk(
        [{**NAME, "properties": {"required": "=urgent"}}], {"urgent": True}, {"urgent": lambda v: v["urgent"]}
    )
    assert "(required)" in form.page().text_content()
    assert form.refused(("name", "")) == {"name": "required"}


@pytest.mark.parametrize("readonly", [False, True])
def test_nothing_anybody_typed_becomes_markup(desk, readonly):
    components = [
        NAME,
        {"type": "textarea", "key": "a", "label": "A"},
        {"type": "select", "key": "s", "label": "S", "valuesExpression": "=o"},
        {"type": "table", "label": "T", "dataSource": "=rows", "columns": [{"key": "x", "label": "X"}]},
        text_view("Hello {{ name }}"),
        RADIO,
    ]
    data = {"name": BAD, "a": BAD, "s": BAD, "rows": [{"x": BAD}], "r": 'a"b'}
    feel = {"o": lambda v: [BAD], "rows": lambda v: v["rows"], "name": lambda v: v["name"]}
    html = desk(components, data, feel).html(readonly=readonly)
    assert "<script" not in html and "<b>" not in html
    page = desk(components, data, feel).page(readonly=readonly)
    assert page.xpath("//td")[0].text == BAD
    assert BAD in page.xpath('//*[@class="form-text"]')[0].text_content()


def test_texts_are_markdown_but_never_html_and_values_are_no_markdown(desk):
    text = "**Bold** <img src=x onerror=alert(1)> [bad](javascript:alert(1)) {{ name }}\n\n![x](data:image/x)"
    html = desk([text_view(text)], feel={"name": lambda v: "*not* [a](https://evil)\n# no"}).html()
    assert "<strong>Bold</strong>" in html
    assert "<img" not in html and "href" not in html and "<em>" not in html and "<h1" not in html
    assert "*not* [a](https://evil)" in html


def test_texts_loop_and_choose(desk):
    text = "{{#if urgent}}Urgent!{{/if}}{{#loop lines}}\n- {{ this.name }} × {{ quantity }}{{/loop}}"
    lines = [{"name": "Sofa", "quantity": 2}, {"name": "Lamp", "quantity": 1}]
    feel = {
        "urgent": lambda v: False,
        "lines": lambda v: lines,
        "this.name": lambda v: v["this"]["name"],
        "quantity": lambda v: v["quantity"],
    }
    page = desk([text_view(text)], feel=feel).page()
    assert page.xpath("//li/text()") == ["Sofa × 2", "Lamp × 1"]


def test_answers_of_decision_tables_are_told_in_the_persons_language(desk):
    components = [
        text_view("{{ note }}"),
        {"type": "table", "id": "d", "dataSource": "=rows", "columns": [{"key": "reason", "label": "Why"}]},
    ]
    feel = {"note": lambda v: "Buyer both ways", "rows": lambda v: [{"reason": "postage"}]}
    page = desk(
        components, feel=feel, words={"Buyer both ways": "买家承担往返", "postage": "邮费", "Why": "原因"}
    ).page()
    assert page.xpath("//p/text() | //th/text() | //td/text()") == ["买家承担往返", "原因", "邮费"]


def test_labels_are_translated_before_values_are_put_in(desk):
    label = "Refund of {{ amount }}"
    form = desk(
        [{**NAME, "label": label}], feel={"amount": lambda v: 12.5}, words={label: "退款 {{ amount }} 元"}
    )
    assert "退款 12.50 元" in form.page().text_content()


def test_amounts_of_a_table_stand_in_one_line(desk):
    columns = [{"key": "sku", "label": "SKU"}, {"key": "price.net", "label": "Price"}]
    rows = [{"sku": "A", "price": {"net": 1234.5}}, {"sku": "B", "price": {"net": 7}}]
    page = desk(
        [{"type": "table", "id": "t", "columns": columns, "dataSource": "=rows"}],
        feel={"rows": lambda v: rows},
    ).page()
    assert page.xpath("//td[@class='is-number']/text()") == ["1,234.50", "7.00"]
    assert page.xpath("//th[@class='is-number']/text()") == ["Price"]


def test_moments_are_told_in_the_business_zone(desk):
    form = desk([{**NAME, "readonly": True}], {"name": "2026-11-22T01:30:00Z"})
    assert form.page().xpath("//dd/text()")[0] == "2026-11-22 09:30"


def test_read_only_values_are_text_with_the_labels_of_their_options(desk):
    components = [
        {**RADIO, "values": [{"label": "Quality", "value": "quality"}], "readonly": True},
        {"type": "checkbox", "key": "c", "label": "C", "readonly": True},
        {
            "type": "number",
            "key": "n",
            "label": "N",
            "decimalDigits": 2,
            "disabled": True,
            "appearance": {"prefixAdorner": "¥"},
        },
    ]
    page = desk(
        components, {"r": "quality", "c": True, "n": 1234.5}, words={"Quality": "质量", "Yes": "是"}
    ).page()
    assert page.xpath("//dd/text()") == ["质量", "是", "¥ 1,234.50"]
    assert not page.xpath("//input")


def test_components_stand_beside_each_other_as_drawn(desk):
    components = [
        {**NAME, "id": "a", "key": "a", "layout": {"row": "r1", "columns": 4}},
        {**NAME, "id": "b", "key": "b", "layout": {"row": "r1", "columns": None}},
        {**NAME, "id": "c", "key": "c", "layout": {"row": "r1"}},
        {**NAME, "id": "d", "key": "d"},
    ]
    page = desk(components).page()
    spans = [[cell.get("class").split()[1] for cell in row] for row in page.xpath('//*[@class="form-row"]')]
    assert spans == [["span-4", "span-6", "span-6"], ["span-16"]]


def test_images_come_from_https_or_the_form_itself(desk):
    image = {"type": "image", "id": "i", "alt": "Plan", "source": "=plan"}
    for source, shown in [
        ("https://x/y.png", 1),
        ("data:image/png;base64,AA", 1),
        ("javascript:x", 0),
        ("http://x", 0),
    ]:
        assert len(desk([image], feel={"plan": lambda v, s=source: s}).page().xpath("//img")) == shown


def test_the_page_has_no_script_and_no_style_of_its_own(desk):
    html = desk([NAME, RADIO, {"type": "spacer", "height": 60}, {"type": "separator"}]).html(refresh_url="/p")
    assert "style=" not in html and "<script" not in html and "onclick" not in html


def test_a_draft_brings_everything_back(desk):
    form = desk([NAME, RADIO, {"type": "number", "key": "n", "label": "N"}])
    draft = [["name", "Li"], ["n", "half"], ["r", ""], ["r", 'a"b'], ["csrf", "x"]]
    page = form.page(raw=draft)
    assert page.xpath('//input[@name="n"]/@value') == ["half"]
    assert page.xpath('//input[@type="radio" and @checked]')
    assert not page.xpath('//*[@role="alert"]')


def test_bold_ends_behind_a_chinese_colon():
    assert markdown.render("**目的：**就报修内容联系。") == "<p><strong>目的</strong>：就报修内容联系。</p>\n"
    assert markdown.render("**目的：** 报修") == "<p><strong>目的：</strong> 报修</p>\n"
