"""The demo's post box: every mail the application wrote into a folder, to read in the browser."""

from flask import Blueprint

mailbox = Blueprint("mailbox", __name__)
