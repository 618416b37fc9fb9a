"""Everything the interface says is said in Chinese too."""

import re
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import web
from engine import differences
from engine.aftersales.retention import runs as retention
from engine.bpmn import rerouting
from engine.runtime import receipts, seal_checks, verifying
from engine.runtime.moving import reasons
from engine.runtime.refusals import Refusal
from web import i18n

ROOT = Path(web.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}


def messages() -> set[str]:
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def refusals(cls: type[Refusal] = Refusal) -> set[str]:
    return {cls.sentence}.union(*(refusals(each) for each in cls.__subclasses__()))


def is_translated(text: str) -> bool:
    words = i18n.words("zh")
    return words.gettext(text) != text or words.ngettext(text, text, 2) != text


def test_every_word_of_the_interface_is_translated():
    said = (
        messages()
        | refusals()
        | {*verifying.SENTENCES, *seal_checks.SENTENCES, *rerouting.SENTENCES}
        | {*receipts.SENTENCES, *retention.SENTENCES}
        | {*reasons.SENTENCES.values(), *differences.SENTENCES.values(), *differences.TERMS}
    )
    assert {text for text in said if not is_translated(text)} == set()


def test_translations_keep_the_places_where_values_go():
    for source in (i18n.LOCALE / "zh" / "LC_MESSAGES").glob("*.po"):
        for message in read_po(BytesIO(source.read_bytes())):
            if message.id:
                assert places(message.id) == places(message.string), message.id


def places(text: str | tuple[str, ...]) -> set[str]:
    return set(re.findall(r"\{\w*\}|%\(\w+\)s", text if isinstance(text, str) else text[0]))
