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
    "a page in UTF-16 of the other end": RUN.decode().encode("utf-16-be"),
    "a page as XML": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + RUN + b"</html>",
    "a drawing behind a document type": b'<!DOCTYPE svg [<!ENTITY x "y">]><svg onload="alert(1)">&x;</svg>',
    "a drawing behind a remark": b"<!--" + b"x" * 600 + b"--><svg onload='alert(1)'/>",
    "a style sheet of XSL": b'<?xml version="1.0"?><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>',
    "a page in a frame": b"<iframe src=javascript:alert(1)>",
    "a page that goes elsewhere": b'<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "a page with a base": b'<base href="https://evil.example/">',
    "a form": b'<form action="https://evil.example"><input name="password">',
    "a WebP that is none": b"RIFF\x00\x00\x00\x00WAVE" + RUN,
    "a GIF with a script": b"GIF89a=1/*" + bytes(20) + b"*/;alert(1)",
    "a BMP with a script": b"BM=1/*" + bytes(20) + b"*/;alert(1)",
    "a program of Java": b"\xca\xfe\xba\xbe" + bytes(100),
    "a program for browsers": b"\x00asm\x01\x00\x00\x00",
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "an old document with macros": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a PostScript": b"%!PS-Adobe-3.0\n/x 1 def\x00",
    "Flash": b"CWS\x0a" + bytes(100),
    "a link of Windows": b"\x4c\x00\x00\x00\x01\x14\x02\x00" + bytes(100),
}
NAMES = (
    "photo.jpg",
    "letter.txt",
    "../../etc/passwd",
    "photo.jpg\r\nSet-Cookie: a=b",
    "a" * 5000 + ".png",
    "",
    "page.html",
    "photo.jpg.html",
    "page.html.jpg",
    "page.php;.jpg",
    "photo.jpg\x00.html",
    "photo.svg",
    "\u202egpj.exe",
    "CON",
    "....//....//x.jpg",
    "C:\\Windows\\win.ini",
    "%2e%2e%2fpasswd",
    '"; filename="page.html',
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + ".jpg",
)
#: What is taken, and as what a browser may show it in place; "": it is saved only.
TAKEN = {
    "a picture": (PIXEL, "image/png"),
    "a picture with a page in its tail": (PIXEL + RUN, "image/png"),
    "a picture with an archive in its tail": (PIXEL + b"PK\x03\x04" + bytes(100), "image/png"),
    "half a picture and a page": (PIXEL[:8] + RUN, "image/png"),
    "the head of a photo and a page": (b"\xff\xd8\xff" + RUN, "image/jpeg"),
    "a letter": (b"The chair wobbles. <script> was the name of the shop.", ""),
    "a letter in Chinese": ("椅子摇晃。<b>急</b>".encode(), ""),
    "a page saved whole": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + RUN, ""),
    "a PDF": (b"%PDF-1.7\n" + RUN, ""),
    "a PDF with a script": (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", ""),
    "a film": (b"\x00\x00\x00\x18ftypmp42" + RUN + bytes(100), ""),
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
    assert answer.headers["content-type"].split(";")[0] == (shown or "application/octet-stream")
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
    "https:/evil.example",
    "https:///evil.example",
    "//evil.example\\@aftercare",
    "//evil.example/%2f..",
    "//;@evil.example",
    "/\x0b/evil.example",
    "/\x1f/evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "vbscript:msgbox(1)",
    "blob:https://evil.example/1",
    "?next=//evil.example",
    "#//evil.example",
    "",
)
#: Of our own, with what people search for.
OWN = {
    "/cases?q=SO-1": "/cases?q=SO-1",
    "/cases?q=王": "/cases?q=%E7%8E%8B",
    "/cases?q=%E7%8E%8B": "/cases?q=%E7%8E%8B",
    # Paths of this very site to every browser, however odd.
    "/..//evil.example": "/..//evil.example",
    "/%2f%2fevil.example": "/%2f%2fevil.example",
    "/@evil.example": "/@evil.example",
    "/\u2044evil.example": "/%E2%81%84evil.example",
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


#: What schemathesis found to be a failure of ours once, and what it is answered now.
FOUND = {
    "a number that no column holds": ("GET", "/user-tasks/23602982142474002432", {}, 400),
    "a zero octet": ("GET", "/cases/a%00b", {}, 400),
    "a step spelled 1.0": ("POST", "/user-tasks/1.0/complete", {}, 404),
    "words without their translation": ("POST", "/studio/request/words", {"text": "Wish"}, 303),
    "scenarios that say null": ("POST", "/studio/request/scenarios/check", {"text": "null"}, 200),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_a_failure_of_ours_is_answered(browser, name):
    method, address, form, status = FOUND[name]
    who = browser("qian.yu" if "studio" in address else "zhou.min")
    send = who.get if method == "GET" else lambda path, **how: who.post(path, form, **how)
    assert send(address, follow_redirects=False).status_code == status
