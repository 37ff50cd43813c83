"""Templates are read without their indentation, and words stay apart."""

from flask import Flask

from foundation import templates


def page(source: str, name: str = "page.html") -> str:
    app = Flask(__name__)
    templates.plug(app)
    source = templates.LeanLayout(app.jinja_env).preprocess(source, name)
    return app.jinja_env.from_string(source).render(yes=True)


def test_an_indentation_is_one_space() -> None:
    assert page("<p>\n      <b>1</b>\n      <i>2</i>\n</p>") == "<p>\n <b>1</b>\n <i>2</i>\n</p>"


def test_two_words_stay_apart_where_a_block_ends_between_them() -> None:
    assert page("<b>1</b>\n    {% if yes %}\n    <i>2</i>\n    {% endif %}\n    <u>3</u>") == (
        "<b>1</b>\n <i>2</i>\n <u>3</u>"
    )
    assert page("    {% if yes %}<b>1</b>{% endif %}\n    <i>2</i>") == "<b>1</b> <i>2</i>"


def test_texts_and_elements_that_keep_white_space_stay_as_they_are() -> None:
    assert page("Guten Tag\n    Anna", "mail.txt") == "Guten Tag\n    Anna"
    assert page("<textarea>\n    a</textarea>") == "<textarea>\n    a</textarea>"
