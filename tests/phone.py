"""A phone with an authenticator app, and the sheet of paper with recovery codes."""

import re
from datetime import timedelta

import pyotp
from browser import Browser
from cast import Clock

from blog.auth.codes import STEP_SECONDS

STEP = timedelta(seconds=STEP_SECONDS)


class Phone:
    """An authenticator app that somebody has set up, and the recovery codes on a sheet of paper."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self.app, self.clock, self.codes = pyotp.TOTP(secret), clock, []

    def code(self, steps: int = 0) -> str:
        return self.app.at(self.clock() + steps * STEP)


async def set_up(browser: Browser, clock: Clock) -> Phone:
    assert (await browser.post("/account/two-factor/app")).headers["location"] == "/account/two-factor/app"
    found = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", (await browser.get("/account/two-factor/app")).text)
    assert found
    phone = Phone(found[1].replace(" ", ""), clock)
    answer = await browser.post("/account/two-factor/app/confirmation", {"code": phone.code()})
    assert answer.status_code == 200, answer.text
    phone.codes = re.findall(r"<li><code[^>]*>([^<]+)</code>", answer.text)
    clock.advance(STEP)
    return phone
