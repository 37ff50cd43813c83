"""Addresses for machines carry nothing of browsers: no session, no CSRF token, no identity, no cookie. Decision 0013.

The application is one; but at these addresses only the hooks named here run, besides those of their own blueprint.
"""

from functools import lru_cache
from itertools import chain
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface

from foundation.security import limiter, list_machine_headers

# An id, a line in the log, figures: what every answer has; and a bound on calls, where there is one.
OF_EVERY_ANSWER = frozenset({"foundation.request_log"})
LIMITER = "flask_limiter._extension"


class BrowserSessions(SecureCookieSessionInterface):
    """Sessions in signed cookies, for browsers alone."""

    def open_session(self, app: Flask, request: Request) -> Any:
        """Open what the cookie holds; nothing at an address for machines, where writing to it raises."""
        is_machine = isinstance(app, House) and request.path.startswith(app.machines)
        return None if is_machine else super().open_session(app, request)


class House(Flask):
    """Flask, with addresses for machines (`machines`: how they begin)."""

    session_interface = BrowserSessions()
    machines: tuple[str, ...] = ()

    def preprocess_request(self) -> Any:
        """Run what comes before a view; at an address for machines what every answer needs, and the blueprint's own."""
        if not request.path.startswith(self.machines):
            return super().preprocess_request()
        for hook in self.hooks_before(request.blueprint):
            answer = hook()
            if answer is not None:
                return answer
        return None

    def process_response(self, response: Response) -> Response:
        """Run what comes after a view, likewise; nothing is saved in a cookie. Headers are few and safe."""
        if not request.path.startswith(self.machines):
            return super().process_response(response)
        for hook in self.hooks_after(request.blueprint):
            response = hook(response)
        response.headers.extend(list_machine_headers())
        return response

    @lru_cache(maxsize=16)  # noqa: B019 there is one application a process
    def hooks_before(self, blueprint: str | None) -> tuple[Any, ...]:
        """List what comes before a view of this blueprint at an address for machines, in order."""
        common = self._choose(self.before_request_funcs[None], blueprint)
        return tuple(chain(common, self.before_request_funcs.get(blueprint, ()) if blueprint else ()))

    @lru_cache(maxsize=16)  # noqa: B019 there is one application a process
    def hooks_after(self, blueprint: str | None) -> tuple[Any, ...]:
        """List what comes after, in order."""
        own = reversed(self.after_request_funcs.get(blueprint, ()) if blueprint else ())
        return tuple(chain(own, reversed(self._choose(self.after_request_funcs[None], blueprint))))

    def _choose(self, hooks: list[Any], blueprint: str | None) -> list[Any]:
        bounded = blueprint is None or bool(limiter.limit_manager.blueprint_limits(self, blueprint))
        modules = OF_EVERY_ANSWER | {LIMITER} if bounded else OF_EVERY_ANSWER
        return [hook for hook in hooks if getattr(hook, "func", hook).__module__ in modules]
