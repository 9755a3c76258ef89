"""The page of an approval in a real browser: what it shows, what it does, and what it never does.

Runs by name only, and passes over with a word where there is no Chromium: a browser is a lot to ask of a machine
that only wants to test. Pictures of the page lie in target/aws/pictures, for people to look at.
"""

import re
import sys
import urllib.parse

import chromium
import deploy
from emulator import TARGET
from homes.cloud import Cloud
from story import Story, approval
from tls import Tls

sys.path.insert(0, str(deploy.ROOT / "tests" / "clients"))

from report import Report, until  # noqa: E402

PICTURES = TARGET / "pictures"
LOOKS = {
    "phone-light": {"width": 390, "scheme": "light"},
    "phone-dark": {"width": 390, "scheme": "dark"},
    "narrow-light": {"width": 320, "scheme": "light"},
    "desktop-light": {"width": 1280, "height": 900, "scheme": "light"},
    "desktop-dark": {"width": 1280, "height": 900, "scheme": "dark"},
}
QUESTION = "Release version 7 to the canal?\nThe lock at Foxton was rebuilt; look at the page first."


def main():
    report = Report("browser")
    program = chromium.find()
    if not program:
        print("passed over: there is no Chromium; install one (apt-get install chromium) and run it again")
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        Cloud(("browser",), "browser") as home,
        Tls(home.emulator, home.place) as tls,
        chromium.Chromium(program, tls.proxy) as browser,
    ):
        Visits(home, report, tls, browser).tell()
    report.finish()


class Visits:
    def __init__(self, home, report, tls, browser):
        self.home, self.report, self.tls, self.browser = home, report, tls, browser
        self.story = Story(home, report, "browser")
        self.letters = 0

    def tell(self):
        first = self.story.create(approval(CustomData=QUESTION, ExternalEntityLink="https://canal.example/preview/7"))
        self.the_first_link(first, self.link())
        for version in ("2", "3 with a rather long message that says what was changed and why it had to be"):
            self.home.commit("browser", version)
        self.an_answer(self.story.start())
        self.a_no(self.story.start())
        self.links_that_open_nothing(self.story.start())
        self.without_scripts()

    def link(self):
        """Waits for the next letter that asks, and returns its link."""

        def look():
            letters = self.home.emulator.control("mail")["letters"]
            found = [re.search(r"https://\S+/a/\S+#\S+", letter["text"] or "") for letter in letters]
            found = [one[0] for one in found if one]
            return found[self.letters :]

        found = until("somebody is asked", look)[0]
        self.letters += 1
        return found

    def open(self, link, **look):
        page = self.browser.page(**look)
        page.open(link)
        until("the page has looked", lambda: "Looking" not in page.text(), seconds_max=20)
        return page

    def the_first_link(self, execution, link):
        """Looking changes nothing, and the token goes nowhere but into bodies of POST."""
        check = self.report.check
        path, token = link.split("#")
        for name, look in LOOKS.items():
            page = self.open(link, **look)
            page.picture(PICTURES / f"asked-{name}.png")
            check(not page.is_too_wide(), f"{name}: nothing reaches over the edge")
            check(not page.console, f"{name}: the console stays empty", page.console)
        text = page.text()
        for words in (
            "Approve #1 of browser?",
            "Release version 7 to the canal?",
            "Version 1",
            "nothing went through",
            "because the pipeline was created",
        ):
            check(words in text, f"the page says “{words}”", text)
        check(page.run("document.getElementById('approve').disabled"), "nothing can be pressed at once")
        urls = [request["url"] for request in page.requests]
        check(all(token not in url for url in urls), "no URL of a request holds the token", urls)
        heard = b"".join(self.tls.heard).decode("latin-1")
        asked = [line for line in heard.split("\r\n") if token in line and not line.startswith("{")]
        check(not asked, "the server sees the token in no first line and no header", asked)
        check(f"GET {urllib.parse.urlsplit(path).path} " in heard, "the server was asked by GET, without it")
        check(token in heard, "the server was told the token by POST")
        check(self.story.token(execution, "Release"), "and after all this looking, the approval still waits")
        self.policy_holds(page)
        page = self.open(link)
        page.type("#typed", "2")
        check(page.run("document.getElementById('approve').disabled"), "another execution's number opens nothing")
        page.type("#typed", "1")
        check(not page.run("document.getElementById('approve').disabled"), "the right one opens the buttons")
        page.key("Enter", 13)
        check(self.story.token(execution, "Release"), "Enter alone decides nothing")
        page.picture(PICTURES / "typed-phone-light.png")
        page.type("#comment", "Looked at it")
        page.cut_off(True)
        page.press("#approve")
        until("a lost connection is told", lambda: "look at your connection" in page.text(), seconds_max=20)
        page.picture(PICTURES / "lost-phone-light.png")
        page.cut_off(False)
        page.console.clear()
        page.press("#approve")
        until("it is approved", lambda: "Your answer is in the history" in page.text(), seconds_max=20)
        page.picture(PICTURES / "approved-phone-light.png")
        check("Approved #1" in page.text() and "towpath" not in page.text(), "it says what became of it", page.text())
        check(not page.console, "answering: the console stays empty", page.console)
        check(self.story.ends(execution) == "SUCCEEDED", "the execution goes on")
        self.refused(link, "was answered already", "a second use is refused", "answered")

    def policy_holds(self, page):
        """What the page must not do, whoever made it: run other scripts, speak to others."""
        check = self.report.check

        def fails(script):
            try:
                page.run(script)
            except ValueError:
                return True
            return False

        inline = "(() => { const made = document.createElement('script'); made.textContent = 'window.bad = 1';"
        check(fails(inline + " document.body.append(made); })()"), "scripts made of text are refused")
        check(fails("document.body.innerHTML = '<b>x</b>'"), "markup made of text is refused")
        check(page.run("window.bad") is None, "nothing of it ran")
        check(fails("fetch('https://page.example/')"), "other hosts cannot be spoken to")
        check(not self.tls.strayed, "and were not", self.tls.strayed)
        check(any("Content Security Policy" in line for line in page.console), "the browser says why", page.console)

    def an_answer(self, execution):
        """The changes since the last one that went through are shown."""
        link = self.link()
        for name in ("phone-light", "desktop-dark"):
            page = self.open(link, **LOOKS[name])
            page.picture(PICTURES / f"changes-{name}.png")
        text = page.text()
        self.report.check(
            "Changes since #1" in text and "3 with a rather long message" in text, "what came in since is shown", text
        )
        self.report.check("by lock-keeper" in text and "arn:" not in text, "and who started it, by name", text)
        page.type("#typed", "#2")
        page.press("#approve")
        until("it is approved", lambda: "Your answer is in the history" in page.text(), seconds_max=20)
        page.picture(PICTURES / "approved-desktop-dark.png")
        self.report.check(self.story.ends(execution) == "SUCCEEDED", "a number with its # is taken")

    def a_no(self, execution):
        """Rejecting works; a retry asks with a new link, and the old one is dead."""
        check = self.report.check
        old = self.link()
        page = self.open(old)
        page.type("#typed", "3")
        page.type("#comment", "Not on a Friday")
        page.press("#reject")
        until("it is rejected", lambda: "Your answer is in the history" in page.text(), seconds_max=20)
        page.picture(PICTURES / "rejected-phone-light.png")
        check(not page.console, "rejecting: the console stays empty", page.console)
        check(self.story.ends(execution) == "FAILED", "a no fails the execution")
        self.home.client.retry_stage_execution(
            pipelineName="browser", stageName="Approve", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
        )
        new = self.link()
        check(new != old, "a retry asks with a link of its own")
        self.refused(old, "was answered already", "the link of the attempt before is refused", "before")
        page = self.open(new)
        check("Approve #3" in page.text(), "the new one opens", page.text())
        # Two people look at once; one is faster.
        slow = self.open(new)
        page.type("#typed", "3")
        page.press("#approve")
        until("it is approved", lambda: "Your answer is in the history" in page.text(), seconds_max=20)
        slow.type("#typed", "3")
        slow.press("#reject")
        until("the slower one is told", lambda: "answered already" in slow.text(), seconds_max=20)
        is_seen = slow.run(
            "document.getElementById('state').getBoundingClientRect().top < innerHeight && scrollY < 100"
        )
        check(is_seen, "and sees it without scrolling")
        slow.picture(PICTURES / "too-late-phone-light.png")
        check(self.story.ends(execution) == "SUCCEEDED", "the first answer wins")

    def links_that_open_nothing(self, execution):
        link = self.link()
        path, token = link.split("#")
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
        self.refused(f"{path}#{wrong}", "opens no approval", "a wrong token is refused", "wrong")
        self.refused(path, "not whole", "a link without its token is told so", "half")
        self.refused(f"{path}#", "not whole", "and one that ends in its hash")
        other = path.replace("/Release/", "/Other/") if "/Release/" in path else path + "9"
        self.refused(f"{other}#{token}", "opens no approval", "a token for another place is refused")
        self.home.client.stop_pipeline_execution(pipelineName="browser", pipelineExecutionId=execution, abandon=True)
        until("it stops", lambda: self.story.ends(execution) == "STOPPED")
        self.refused(link, "was stopped", "the link of a stopped execution is refused", "stopped", "desktop-dark")

    def without_scripts(self):
        self.story.start()
        page = self.browser.page(scripts=False)
        page.open(self.link())
        page.picture(PICTURES / "no-scripts-phone-light.png")
        self.report.check(
            "towpath approve browser" in page.text(), "without scripts the page says what to type", page.text()
        )

    def refused(self, link, words, sentence, name=None, look="phone-light"):
        page = self.open(link, **LOOKS[look])
        text = page.text()
        self.report.check(words in text, sentence, text)
        hidden = page.run("document.getElementById('about').hidden")
        self.report.check(hidden, f"{sentence}: there is nothing to press")
        # A browser notes each answer that is a refusal; nothing else may stand there.
        others = [line for line in page.console if "Failed to load resource" not in line]
        self.report.check(not others, f"{sentence}: nothing else in the console", others)
        if name:
            page.picture(PICTURES / f"refused-{name}-{look}.png")


if __name__ == "__main__":
    main()
