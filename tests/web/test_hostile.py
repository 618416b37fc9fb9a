"""Files that pretend, and addresses that lead elsewhere."""

from __future__ import annotations

import base64
import io

import pytest

from engine.aftersales import attachments, cases
from tests.web.conftest import PASSWORD
from web.render import own_path

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
RUN = b"<script>alert(1)</script>"
#: What must not be taken, whatever its name says.
REFUSED = {
    "a page": b"<!DOCTYPE html><html>" + RUN,
    "a page without a head": RUN,
    "a page behind blanks": b"\n\t  \r\n" + RUN,
    "a page behind a byte order mark": b"\xef\xbb\xbf" + RUN,
    "a page behind a remark": b"<!-- a letter -->" + RUN,
    "a body": b"<body onload=alert(1)>",
    "an image that runs": b"<img src=x onerror=alert(1)>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a drawing as XML": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "a drawing in upper case": b"<SVG ONLOAD=alert(1)>",
    "a page in UTF-16": RUN.decode().encode("utf-16"),
    "a program of Windows": b"MZ\x90\x00" + bytes(200),
    "a program of Linux": b"\x7fELF" + bytes(200),
    "a shell script with a zero": b"#!/bin/sh\x00",
    "an archive": b"PK\x03\x04" + bytes(200),
    "a gzip": b"\x1f\x8b\x08" + bytes(100),
    "a GIF": b"GIF89a" + bytes(100),
    "octets": bytes(range(256)),
}
NAMES = (
    "photo.jpg",
    "letter.txt",
    "../../etc/passwd",
    "photo.jpg\r\nSet-Cookie: a=b",
    "a" * 5000 + ".png",
    "",
)
#: What is taken, and whether a browser may show it in place.
TAKEN = {
    "a picture": (PIXEL, True),
    "a picture with a page in its tail": (PIXEL + RUN, True),
    "a letter": (b"The chair wobbles. <script> was the name of the shop.", False),
    "a PDF": (b"%PDF-1.7\n" + RUN, False),
}


def add(ctx, name, content, case=None):
    case_id = cases.by_number(ctx, case).id if case else None
    return attachments.add(ctx, name, io.BytesIO(content), case_id=case_id).id


@pytest.mark.parametrize("file", REFUSED)
def test_a_file_is_judged_by_its_content(office, file):
    for name in ("photo.jpg", "letter.txt"):
        with pytest.raises(attachments.FileTypeNotAllowed):
            office.do("zhou.min", add, name, REFUSED[file])


@pytest.mark.parametrize("file", TAKEN)
def test_what_is_handed_out_runs_nothing(browser, office, file):
    content, shown = TAKEN[file]
    number = office.do("zhou.min", add, "page.html", content, office.case())
    answer = browser("gao.yuan").get(f"/attachments/{number}")
    assert answer.content == content
    assert answer.headers["content-type"].split(";")[0] == (
        "image/png" if shown else "application/octet-stream"
    )
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_nowhere_and_breaks_no_header(browser, office, name):
    number = office.do("zhou.min", add, name, PIXEL, office.case())
    answer = browser("gao.yuan").get(f"/attachments/{number}")
    assert answer.status_code == 200
    said = answer.headers["content-disposition"]
    assert "/" not in said and "set-cookie" not in answer.headers and len(said) < 1000


#: Where somebody else would like people to go after they signed in.
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\x00/evil.example",
    "/\x7f/evil.example",
    "/a\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http:evil.example",
    "evil.example",
    "@evil.example",
    "",
)
#: Of our own, with what people search for.
OWN = {
    "/cases?q=SO-1": "/cases?q=SO-1",
    "/cases?q=王": "/cases?q=%E7%8E%8B",
    "/cases?q=%E7%8E%8B": "/cases?q=%E7%8E%8B",
}


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_to_another_site(browser, stranger, address):
    form = {"key": "zhou.min", "password": PASSWORD, "next": address}
    answer = stranger.post(
        "/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"
    zhou = browser("zhou.min")
    for path, back in (("/preferences/language", "/"), ("/cases/columns", "/cases")):
        answer = zhou.post(path, {"back": address}, follow_redirects=False)
        assert answer.headers["location"] == back
        assert "set-cookie" not in answer.headers
    assert not own_path(address)


@pytest.mark.parametrize("address", OWN)
def test_one_comes_back_to_where_one_was(browser, address):
    answer = browser("zhou.min").post("/preferences/language", {"back": address}, follow_redirects=False)
    assert answer.headers["location"] == OWN[address]


def test_the_lists_are_counted(capsys):
    with capsys.disabled():
        print(
            f"\nfiles: {len(REFUSED)} refused, {len(TAKEN)} taken, {len(NAMES)} names;"
            f" addresses: {len(ELSEWHERE)} elsewhere",
            end="",
        )
