"""What a form of ours would bring along: views that move money refuse other fields before they look at any."""

from collections.abc import Mapping

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException


def choose_taken(visitor: FlaskClient, path: str, sent: Mapping[str, str]) -> dict[str, str]:
    """Choose, of the fields `sent`, those that the view behind the address takes; all where it takes any."""
    app = visitor.application
    try:
        endpoint = app.url_map.bind("localhost").match(path, method="POST")[0]
    except HTTPException:
        return dict(sent)
    names = getattr(app.view_functions[endpoint], "accepted_fields", sent.keys())
    return {name: word for name, word in sent.items() if name in names}
