
"use strict";
// The token stands behind the hash, which no browser sends anywhere; it goes out in bodies of POST only.
const token = location.hash.slice(1);
const find = (id) => document.getElementById(id);
const state = (text, isBad) => {
  find("state").textContent = text;
  find("state").className = isBad ? "bad" : "";
};
const when = (text) => new Date(text).toLocaleString();

async function send(answer) {
  const body = answer ? { token, answer } : { token };
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.message || "the answer cannot be read");
  return told;
}

// Only addresses of the web become links; anything else stays text.
function linked(text, url) {
  if (!/^https?:\/\//i.test(url || "")) return document.createTextNode(text);
  const link = document.createElement("a");
  link.href = url;
  link.textContent = text;
  link.rel = "noopener noreferrer";
  return link;
}

function change(told) {
  const item = document.createElement("li");
  const first = (told.summary || told.id).split("\n")[0];
  item.append(linked(first, told.url));
  const small = document.createElement("small");
  small.textContent = ` ${told.id.slice(0, 12)} · ${told.action} · #${told.number}`;
  item.append(small);
  return item;
}

function show(told) {
  find("title").textContent = `Approve #${told.number} of ${told.pipeline}?`;
  find("number").textContent = `#${told.number}`;
  const detail = told.startedBy.detail ? ` by ${told.startedBy.detail}` : "";
  find("started").textContent = `${when(told.startedAt)}, ${told.startedBy.kind}${detail}`;
  find("until").textContent = told.expiresAt ? when(told.expiresAt) : "no limit";
  if (told.said) {
    find("said").textContent = told.said;
    find("said").hidden = false;
  }
  if (told.link) {
    find("look").append(linked(told.link, told.link));
    find("look").hidden = false;
  }
  const before = told.since.number;
  find("since").textContent = before
    ? `Changes since #${before}, the last one that went through ${told.stage}`
    : `Changes; nothing went through ${told.stage} before`;
  find("changes").append(...told.since.changes.map(change));
  if (!told.since.isWhole) {
    const item = document.createElement("li");
    item.textContent = "… and older ones";
    find("changes").append(item);
  }
  const typed = find("typed");
  typed.addEventListener("input", () => {
    const isRight = typed.value.trim().replace(/^#/, "") === String(told.number);
    find("approve").disabled = find("reject").disabled = !isRight;
  });
  find("answer").addEventListener("submit", (event) => event.preventDefault());
  find("approve").addEventListener("click", () => decide("Approved"));
  find("reject").addEventListener("click", () => decide("Rejected"));
  find("about").hidden = false;
  state("");
}

async function decide(status) {
  find("approve").disabled = find("reject").disabled = true;
  state("Sending …");
  try {
    await send({ status, number: find("typed").value, summary: find("comment").value });
    find("about").hidden = true;
    find("title").textContent = status;
    state("Your answer is in the history. You can close this page.");
  } catch (error) {
    state(error.message, true);
    find("typed").dispatchEvent(new Event("input"));
  }
}

if (token) {
  state("Looking …");
  send(null).then(show, (error) => state(error.message, true));
} else {
  state("This link is not whole: what stands behind its # is missing. Open it from the message again.", true);
}
