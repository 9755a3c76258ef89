
"use strict";
// The token stands behind the hash, which no browser sends anywhere; it goes out in bodies of POST only.
const token = location.hash.slice(1);
const find = (id) => document.getElementById(id);
const state = (text, isBad) => {
  find("state").textContent = text;
  find("state").className = isBad ? "bad" : "";
};
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const when = (text) => moments.format(new Date(text));

// What is over for good: answered, too late, stopped, superseded.
const OVER = "ApprovalAlreadyCompletedException";

// What caused an execution, as the mail says it. ARNs are for machines; people know the name at their end.
function cause(told) {
  const detail = told.detail || "";
  const name = detail.startsWith("arn:") ? detail.split(/[/:]/).pop() : detail;
  switch (told.kind) {
    case "StartPipelineExecution": return name ? `by ${name}` : "by hand";
    case "ManualRollback": return "to go back to an older version";
    case "AutomatedRollback": return "by itself, to go back after a failure";
    case "CreatePipeline": return "because the pipeline was created";
    case "PollForSourceChanges":
    case "CloudWatchEvent": return "by a change of its source";
    case "Webhook":
    case "WebhookV2": return "by a push";
    case "PutActionRevision": return "by a revision that was handed in";
    default: return told.kind;
  }
}

async function send(answer) {
  const body = answer ? { token, answer } : { token };
  const asked = fetch(location.pathname, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
  const response = await asked.catch(() => {
    throw new Error("nobody could be reached; look at your connection and try again");
  });
  const told = await response.json().catch(() => ({}));
  if (response.ok) return told;
  const message = told.message || `it could not be answered (${response.status}); try again`;
  throw Object.assign(new Error(message), { code: told.__type });
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
  small.textContent = `${told.id.slice(0, 12)} · ${told.action} · #${told.number}`;
  item.append(small);
  return item;
}

function show(told) {
  find("title").textContent = `Approve #${told.number} of ${told.pipeline}?`;
  find("number").textContent = `#${told.number}`;
  find("started").textContent = `${when(told.startedAt)}, ${cause(told.startedBy)}`;
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
    : `Changes (nothing went through ${told.stage} before)`;
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
    end(`${status} ${find("number").textContent}`, "Your answer is in the history. You can close this page.");
  } catch (error) {
    failed(error);
    find("typed").dispatchEvent(new Event("input"));
  }
}

// There is nothing to do here any more.
function end(title, text) {
  find("title").textContent = title;
  find("about").hidden = find("otherwise").hidden = true;
  state(text);
}

function failed(error) {
  const sentence = error.message[0].toUpperCase() + error.message.slice(1);
  const whole = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
  if (error.code === OVER) {
    end("Nothing to answer", whole);
  } else {
    state(whole, true);
  }
  // Whoever pressed a button is further down.
  find("title").scrollIntoView({ block: "start" });
}

if (token) {
  state("Looking …");
  send(null).then(show, failed);
} else {
  state("This link is not whole: what stands behind its # is missing. Open it from the message again.", true);
}
