"""The pages for everyone; the modules beside attach their routes."""

from foundation.wiring import audience
from people.web.guards import anyone

pages = audience("storefront", __name__, guard=anyone)
