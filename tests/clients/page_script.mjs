// The script of an approval's page, on a page of cardboard: what it asks, what it shows, what can be pressed.
// A real browser looks at the page in tests/aws/browser.py; this part needs none.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import vm from "node:vm";

const home = new URL("../../shared/gateway/src/approval/", import.meta.url);
const html = readFileSync(new URL("page.html", home), "utf8");
const script = readFileSync(new URL("page.js", home), "utf8");

const TOKEN = "t0ken-that-nobody-else-has";
const PATH = "/a/web/1/Approve/Release/1";
const TOLD = {
  pipeline: "web",
  stage: "Approve",
  number: 7,
  startedBy: { kind: "StartPipelineExecution", detail: "arn:aws:sts::1:assumed-role/Keepers/ann" },
  startedAt: "2026-11-26T10:00:00Z",
  expiresAt: "2026-12-03T10:00:00Z",
  said: "Ship it?",
  link: "https://canal.example/7",
  since: { number: 6, isWhole: true, changes: [{ number: 7, action: "Commit", id: "abc", summary: "Open\nmore", url: "javascript://x/%0abad()" }] },
};

class Element {
  constructor(name) {
    Object.assign(this, { name, hidden: false, disabled: false, value: "", className: "", kids: [], heard: {}, own: "" });
  }
  set textContent(text) { this.own = String(text); this.kids = []; }
  get textContent() { return this.own + this.kids.map((kid) => kid.textContent).join(""); }
  append(...kids) { this.kids.push(...kids); }
  addEventListener(kind, listener) { (this.heard[kind] ??= []).push(listener); }
  dispatchEvent(event) { return Promise.all((this.heard[event.type] ?? []).map((listener) => listener(event))); }
  scrollIntoView() { this.wasShown = true; }
  all(name) { return [...(this.name === name ? [this] : []), ...this.kids.flatMap((kid) => kid.all(name))]; }
}

const answer = (status, body) => ({ ok: status < 300, status, json: async () => (typeof body === "string" ? JSON.parse(body) : body) });

// Opens the page with answers for what it asks, one after the other.
async function open(hash, ...answers) {
  const elements = {};
  for (const [tag, name, id] of html.matchAll(/<(\w+)[^>]*\bid="(\w+)"[^>]*/g)) {
    elements[id] = new Element(name);
    elements[id].hidden = /\shidden\b/.test(tag);
    elements[id].disabled = /\sdisabled\b/.test(tag);
  }
  const asked = [];
  const fetch = async (url, options) => {
    asked.push({ url, ...options });
    const next = answers.shift();
    if (next === undefined) throw new TypeError("Failed to fetch");
    return next;
  };
  const document = {
    getElementById: (id) => elements[id],
    createElement: (name) => new Element(name),
    createTextNode: (text) => Object.assign(new Element("#text"), { own: text }),
  };
  const location = { hash, pathname: PATH };
  vm.runInNewContext(script, { document, location, fetch, Event, Intl, Date, Object, Error });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  const type = (text) => { elements.typed.value = text; return elements.typed.dispatchEvent(new Event("input")); };
  const press = async (id) => { await elements[id].dispatchEvent(new Event("click")); await settle(); };
  return { ...elements, asked, type, press };
}

const SENTENCES = {
  async "loading asks once, by POST, and the token is in the body only"() {
    const page = await open(`#${TOKEN}`, answer(200, TOLD));
    assert.equal(page.asked.length, 1);
    const [{ url, method, body, credentials, redirect, referrerPolicy, headers }] = page.asked;
    assert.deepEqual([url, method, credentials, redirect, referrerPolicy], [PATH, "POST", "omit", "error", "no-referrer"]);
    assert.deepEqual(JSON.parse(body), { token: TOKEN });
    assert.ok(!JSON.stringify([url, headers]).includes(TOKEN));
  },
  async "a link that is not whole asks nobody"() {
    for (const hash of ["", "#"]) {
      const page = await open(hash);
      assert.equal(page.asked.length, 0);
      assert.match(page.state.textContent, /not whole/);
      assert.equal(page.about.hidden, true);
    }
  },
  async "what is asked is shown, and who started it by name"() {
    const page = await open(`#${TOKEN}`, answer(200, TOLD));
    assert.equal(page.title.textContent, "Approve #7 of web?");
    assert.match(page.started.textContent, /, by ann$/);
    assert.equal(page.said.textContent, "Ship it?");
    assert.match(page.since.textContent, /since #6/);
    assert.equal(page.about.hidden, false);
  },
  async "only addresses of the web become links"() {
    const page = await open(`#${TOKEN}`, answer(200, TOLD));
    assert.equal(page.changes.all("a").length, 0);
    assert.match(page.changes.textContent, /^Open/);
    assert.deepEqual(page.look.all("a").map((link) => [link.href, link.rel]), [["https://canal.example/7", "noopener noreferrer"]]);
  },
  async "nothing can be pressed until the right number is typed"() {
    const page = await open(`#${TOKEN}`, answer(200, TOLD));
    const pressable = () => [!page.approve.disabled, !page.reject.disabled];
    assert.deepEqual(pressable(), [false, false]);
    for (const [typed, may] of [["8", false], ["7", true], ["", false], ["#7", true], [" 7 ", true], ["77", false]]) {
      await page.type(typed);
      assert.deepEqual(pressable(), [may, may], typed);
    }
  },
  async "an answer is what was typed, and leaves nothing to press"() {
    for (const [button, status] of [["approve", "Approved"], ["reject", "Rejected"]]) {
      const page = await open(`#${TOKEN}`, answer(200, TOLD), answer(200, { status }));
      await page.type("7");
      page.comment.value = "Looked at it";
      await page.press(button);
      const sent = JSON.parse(page.asked[1].body);
      assert.deepEqual(sent, { token: TOKEN, answer: { status, number: "7", summary: "Looked at it" } });
      assert.deepEqual([page.title.textContent, page.about.hidden, page.otherwise.hidden], [`${status} #7`, true, true]);
    }
  },
  async "what is over says so where it is seen, and leaves nothing to press"() {
    const over = answer(409, { __type: "ApprovalAlreadyCompletedException", message: "this was answered already" });
    const late = await open(`#${TOKEN}`, answer(200, TOLD), over);
    await late.type("7");
    await late.press("approve");
    for (const page of [late, await open(`#${TOKEN}`, over)]) {
      assert.equal(page.state.textContent, "This was answered already.");
      assert.deepEqual([page.about.hidden, page.otherwise.hidden, page.title.wasShown], [true, true, true]);
    }
  },
  async "what may pass can be tried again"() {
    const busy = answer(429, { __type: "ThrottlingException", message: "you ask too often" });
    const broken = { ok: false, status: 502, json: async () => { throw new SyntaxError("no JSON"); } };
    for (const [failure, words] of [[busy, /^You ask too often\.$/], [broken, /\(502\); try again/], [undefined, /look at your connection/]]) {
      const page = await open(`#${TOKEN}`, answer(200, TOLD), ...(failure ? [failure] : []));
      await page.type("7");
      await page.press("approve");
      assert.match(page.state.textContent, words);
      assert.deepEqual([page.about.hidden, page.approve.disabled, page.state.className], [false, false, "bad"]);
    }
  },
};

let failures = 0;
for (const [sentence, holds] of Object.entries(SENTENCES)) {
  try {
    await holds();
    console.log(`ok      page: ${sentence}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  page: ${sentence}\n        ${error.message}`);
  }
}
console.log(`page: ${Object.keys(SENTENCES).length - failures} ok, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
