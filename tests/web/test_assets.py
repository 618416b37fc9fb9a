"""Built files come compressed to whoever takes that, and as they are to whoever does not."""

from web import assets


def test_a_script_comes_compressed_where_the_browser_takes_it(browser):
    anybody = browser("qian.yu")
    address = assets.address("js/app.js")
    zipped = anybody.get(address, headers={"Accept-Encoding": "gzip"})
    plain = anybody.get(address, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    for answer in (zipped, plain):
        assert answer.headers["content-type"] == plain.headers["content-type"]
        assert answer.headers["vary"] == "Accept-Encoding"
