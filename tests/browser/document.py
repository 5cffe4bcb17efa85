"""One of our pages as the app sends it, with its content policy; and what that policy forbade."""

from playwright.async_api import ConsoleMessage, Route

from app.security.headers import content_security_policy
from tests.browser.chromium import PUBLIC


class Document:
    def __init__(self, file: str) -> None:
        self._html = (PUBLIC / file).read_text()
        self.forbidden: list[str] = []

    async def answer(self, route: Route) -> None:
        headers = {"Content-Security-Policy": content_security_policy([])}
        await route.fulfill(body=self._html, content_type="text/html; charset=utf-8", headers=headers)

    def note(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.forbidden.append(message.text)
