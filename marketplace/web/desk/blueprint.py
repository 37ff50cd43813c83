"""The retailer's desk: whoever may see it comes in, and each view asks for what it needs beyond that."""

from foundation.wiring import audience
from people.web.guards import requires

pages = audience("desk", __name__, guard=requires("desk.see"), url_prefix="/desk")
