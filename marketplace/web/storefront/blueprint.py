"""The pages for everyone; the modules beside attach their routes."""

from foundation.wiring import audience
from people.web.guards import allow_anyone

pages = audience("storefront", __name__, guard=allow_anyone)
