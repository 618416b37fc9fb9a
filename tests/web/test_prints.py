"""Paper forms."""

from pathlib import Path

import pytest

from config.settings import ROOT
from engine.aftersales import prints
from tests.web import goods

SHIPPED = ROOT / "processes" / "prints"


def offer_all(office, folder: Path, keys: list[str]) -> None:
    """Let the tests' own procedure offer these of the shipped sheets."""
    target = folder / "prints"
    target.mkdir(parents=True)
    for key in keys:
        text = (SHIPPED / f"{key}.toml").read_text(encoding="utf-8")
        head, _, rest = text.partition("procedures = ")
        (target / f"{key}.toml").write_text(
            f'{head}procedures = ["request"]\n{rest.partition(chr(10))[2]}', encoding="utf-8"
        )
    office.app.engine.settings.processes_dir = folder


@pytest.mark.parametrize("key", sorted(path.stem for path in SHIPPED.glob("*.toml")))
@pytest.mark.parametrize("person", ["gao.yuan", "wang.fang"])
def test_every_form_is_filled_from_the_case_in_both_languages(browser, office, tmp_path, key, person):
    offer_all(office, tmp_path / "processes", [key])
    goods.furnish(office, customer={"name": "王小明"})
    case = goods.case(office)
    answer = browser(person).get(f"/cases/{case}/print/{key}")
    assert answer.status_code == 200
    title = next(iter(prints.read(tmp_path / "processes" / "prints"))).title
    assert title.in_language("zh" if person == "wang.fang" else "en") in answer.text
    assert case in answer.text and "王小明" in answer.text and "as-signatures" in answer.text


def test_all_forms_the_procedures_ask_for_are_there():
    titles = {sheet.title.zh for sheet in prints.read(SHIPPED)}
    assert titles == {
        "售后问题登记表",
        "维修单",
        "售后服务工作联络单",
        "收据",
        "客户投诉登记表",
        "处理协议",
        "补件单",
        "产品质量处理核销申报表",
        "走访报告",
    }


def test_a_form_is_offered_by_the_procedures_it_names(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    gao = browser("gao.yuan")
    page = gao.get(f"/cases/{case}").text
    assert f"/cases/{case}/print/problem_registration" in page
    assert "print/repair_sheet" not in page
    assert gao.get(f"/cases/{case}/print/repair_sheet").status_code == 404


def test_a_sheet_that_cannot_be_read_says_where(tmp_path):
    (tmp_path / "bad.toml").write_text(
        'title = {en = "A", zh = "B"}\nprocedures = []\nsections = [{kind = "song"}]'
    )
    with pytest.raises(prints.BadSheet, match=r"bad\.toml: sections\.0\.kind"):
        prints.read(tmp_path)
