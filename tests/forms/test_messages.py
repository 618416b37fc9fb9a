"""Everything a form says exists in Chinese, with the same blanks to fill."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine.forms import messages

CATALOGUE = Path(__file__).parents[2] / "web" / "locale" / "zh" / "LC_MESSAGES" / "forms.po"
BLANK = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def chinese():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


@pytest.mark.parametrize("text", sorted({*messages.ERRORS.values(), *messages.WORDS.values()}))
def test_every_message_is_translated(chinese, text):
    translated = chinese[text].string
    assert translated
    assert sorted(BLANK.findall(translated)) == sorted(BLANK.findall(text))
