"""The pictures of the house are drawn from its code, and true."""

from scripts import architecture


def test_the_drawn_house_is_the_one_that_stands() -> None:
    stale = [p.name for p, text in architecture.build().items() if not p.exists() or p.read_text("utf-8") != text]
    assert stale == [], "run `make architecture` and look at the pictures"


def test_arrows_that_follow_from_others_are_left_out() -> None:
    assert architecture.find_needed({("a", "b"), ("b", "c"), ("a", "c")}) == {("a", "b"), ("b", "c")}


def test_a_room_that_moved_would_be_seen() -> None:
    drawing = architecture.Drawing("x", [["a"], ["b"]], {("a", "b")})
    assert architecture.draw_svg(drawing) != architecture.draw_svg(architecture.Drawing("x", [["a"], ["c"]], set()))
