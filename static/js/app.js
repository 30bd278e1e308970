/* Heed in the browser. Everything works without this file; it makes things quicker and says what changed.
   Pages speak to it through data- attributes, listed above each part. No page may carry script of its own. */
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const hit = event.target.closest?.(selector);
    if (hit) act(hit, event);
  });
  document.documentElement.classList.add("js");

  /* ---------- saying things: #announcer is polite, #alerts interrupts and can be seen ---------- */

  function announce(text) {
    const region = $("#announcer");
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60);
  }

  function alarm(text) { $("#alerts").textContent = text; }

  /* New replies are told at most every ten seconds; of each thing the latest word wins.
     [data-announce="3 new replies"] on anything that was swapped in, data-about="thread" what it tells of. */
  const polite = { last: 0, timer: 0, waiting: new Map() };
  function announceSwapped() {
    for (const said of $$("[data-announce]")) {
      polite.waiting.set(said.dataset.about ?? "list", said.dataset.announce);
      said.removeAttribute("data-announce");
    }
    if (!polite.waiting.size) return;
    clearTimeout(polite.timer);
    polite.timer = setTimeout(() => {
      polite.last = Date.now();
      announce([...polite.waiting.values()].join(" "));
      polite.waiting.clear();
    }, Math.max(0, polite.last + 10000 - Date.now()));
  }

  /* ---------- focus: [data-focus] takes it once, when it arrives ---------- */

  function focusArrival() {
    const target = $("[data-focus]");
    if (!target) return;
    target.removeAttribute("data-focus");
    target.focus();
  }

  function focusHeading() { $("h1[tabindex]")?.focus(); }

  /* What goes away while it has the focus hands it to its neighbour, or else to the page's heading. */
  let neighbour = null;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const going = detail.target;
    if (!going.contains(document.activeElement) || going.contains($("#body"))) return;
    const beside = going.nextElementSibling ?? going.previousElementSibling;
    neighbour = () => (going.id === "composer-says" ? $("#body") : beside && $("a, button", beside)) ?? $("h1[tabindex]");
  });

  /* ---------- what a poll brings: [data-calm] changes in place ---------- */

  /* Only what differs is touched, so that the focus, a selection and a finger on a button stay where they are.
     [data-kept] stays as it is, whichever of both has it: no button becomes another one under a finger, and what
     the server may not tell any more need not be brought again. */
  function change(old, fresh) {
    if (old.isEqualNode(fresh) || old.dataset?.kept === "" || fresh.dataset?.kept === "") return;
    if (old.nodeName !== fresh.nodeName) return void old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = fresh.data;
      return;
    }
    for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const [here, there] = [[...old.childNodes], [...fresh.childNodes]];
    if (here.length === there.length) here.forEach((node, n) => change(node, there[n]));
    else old.replaceChildren(...there);
  }
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const fresh = detail.fragment.id ? detail.fragment : detail.fragment.firstElementChild;
    if (!fresh?.hasAttribute("data-calm")) return;
    detail.shouldSwap = false;
    const held = detail.target.contains(document.activeElement) ? document.activeElement : null;
    change(detail.target, fresh);
    if (!held || held.isConnected) return;
    ((held.id && document.getElementById(held.id)) || $("a, button", detail.target))?.focus();
  });

  /* ---------- counting: textarea[data-counter="id of the line"] ---------- */

  const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    + "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const GSM_TWO = new Set("^{}\\[~]|€\f");

  /* Units and texts as carriers count them. A pair is never split between two texts. */
  function measure(text) {
    const letters = [...text];
    const plain = letters.every((letter) => GSM.has(letter) || GSM_TWO.has(letter));
    const sizes = letters.map((letter) => (plain ? (GSM_TWO.has(letter) ? 2 : 1) : letter.length));
    const units = sizes.reduce((sum, size) => sum + size, 0);
    const [single, part] = plain ? [160, 153] : [70, 67];
    if (units <= single) return { units, texts: units ? 1 : 0, room: single };
    let texts = 1;
    let used = 0;
    for (const size of sizes) {
      if (used + size > part) { texts += 1; used = 0; }
      used += size;
    }
    return { units, texts, room: texts * part };
  }

  function count(box) {
    const line = document.getElementById(box.dataset.counter);
    if (!line) return;
    const { units, texts, room } = measure(box.value.replace(/\r\n?/g, "\n"));
    const bold = (words) => Object.assign(document.createElement("b"), { textContent: words });
    line.replaceChildren();
    if (!units) return;
    line.append(bold(units), ` of ${room} characters · `, bold(texts), texts === 1 ? " text" : " texts");
    line.classList.toggle("over", texts > 1);
  }

  /* ---------- the composer ---------- */

  /* [data-insert="text"] puts a saved reply where the caret is; it never sends. */
  on("click", "[data-insert]", (button, event) => {
    const box = $("#body");
    if (!box) return;
    event.preventDefault();
    closePicker(false);
    if (box.readOnly) box.value = "";
    const space = box.value && box.selectionStart > 0 && !/\s$/.test(box.value.slice(0, box.selectionStart));
    box.setRangeText((space ? " " : "") + button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (button.dataset.saved && $("#composer-saved")) $("#composer-saved").value = button.dataset.saved;
    if (button.dataset.mark && !mark(button.dataset.mark)) carryMark(button.dataset.mark);
  });
  on("keydown", "a[role=button]", (link, event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });

  /* Ctrl or Command with Enter sends from [data-send-keys]; a held key never does. */
  on("keydown", "[data-send-keys]", (box, event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat && !event.isComposing) box.form.requestSubmit($("[type=submit].send", box.form));
  });
  /* The box keeps the focus while Send is pressed, and a phone its keyboard. */
  on("mousedown", ".composer .send", (_button, event) => {
    if (document.activeElement === $("#body")) event.preventDefault();
  });
  /* Nor does it send a report twice; the report has the same keys. */
  on("keydown", "#report", (form, event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat && !event.isComposing) form.requestSubmit();
  });
  /* One press, one text: a key that is held down presses no button twice. */
  on("keydown", "button, [type=submit], a[role=button], summary", (_button, event) => {
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
  });

  /* Nor does the second half of a double click: by then the button may be the next person's. */
  on("click", "[type=submit]", (_button, event) => {
    if (event.detail % 2 === 0 && event.detail) event.preventDefault();
  });

  /* Drafts: [data-draft-url] is saved a second after the last key; what is not saved yet stands in `drafts`. */
  const drafts = new WeakMap();
  function saveDraft(box) {
    const timer = drafts.get(box);
    const form = new FormData();
    form.append("csrf_token", $("[name=csrf_token]", box.form)?.value ?? "");
    form.append("body", box.value);
    const failed = () => sayDraft($("#draft-says")?.dataset.failed, true);
    fetch(box.dataset.draftUrl, { method: "POST", body: form, keepalive: true, headers: { "HX-Request": "true" } })
      .then(async (answer) => {
        if (!answer.ok) return failed();
        const says = await answer.text();
        if (drafts.get(box) !== timer) return;
        drafts.delete(box);
        sayDraft(says);
      })
      .catch(() => { failed(); lost(true); });
  }
  /* #draft-says is quiet: it is seen, and read by whoever goes there. */
  function sayDraft(words, failed = false) {
    const mark = $("#draft-says");
    if (!mark) return;
    mark.textContent = words ?? "";
    mark.classList.toggle("is-danger", failed);
  }
  function saveDrafts() {
    for (const box of $$("[data-draft-url]")) if (drafts.has(box)) saveDraft(box);
  }
  on("input", "textarea", (box) => {
    if (box.dataset.counter) count(box);
    if (!box.dataset.draftUrl) return;
    clearTimeout(drafts.get(box));
    sayDraft("");
    drafts.set(box, setTimeout(() => { if (box.isConnected) saveDraft(box); }, 1000));
  });
  /* Somebody who leaves while typing finds all of it when they come back. */
  window.addEventListener("pagehide", saveDrafts);

  /* ---------- marking an opt-out: nothing is written until the report is sent ---------- */

  const seen = (element) => element && element.getClientRects().length > 0;

  /* kind: p2p or broadcast for an opt-out, else the id of a tag. */
  function mark(kind) {
    const name = CSS.escape(kind);
    const box = $(`[data-opt-out="${name}"], input[name=tags][value="${name}"]`);
    if (!box || !seen(box)) return null;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    return box;
  }

  /* Where the report is a page of its own, the link to it carries the mark and shows it. */
  function carryMark(kind) {
    const link = $("#pane a.to-report");
    if (!link || !seen(link)) return;
    const url = new URL(link.href);
    if (!url.searchParams.getAll("mark").includes(kind)) url.searchParams.append("mark", kind);
    link.href = url.pathname + url.search;
    if (/^\d/.test(kind)) return;
    link.classList.add("optout");
    const icon = $("use", link);
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, "#i-stop"));
    announce("Opt Out is marked in the report. Not sent yet.");
  }

  /* [data-mark="p2p"] marks the report beside it, or follows its link to the report. */
  on("click", "a[data-mark]:not([data-insert])", (link, event) => {
    const box = mark(link.dataset.mark);
    if (!box) return;
    event.preventDefault();
    box.focus();
  });
  on("change", "[data-opt-out]", (box) => {
    const marked = $$("[data-opt-out]:checked", box.form ?? document);
    box.form?.classList.toggle("marks-opt-out", marked.length > 0);
    announce(box.checked ? "Marked. Not sent yet." : "Not marked.");
  });

  /* ---------- sending a form once ---------- */

  const busy = (form, is) => {
    for (const button of $$("button[type=submit]", form)) {
      button.classList.toggle("is-busy", is);
      is ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
    }
    is ? form.setAttribute("data-sent", "") : form.removeAttribute("data-sent");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-download")) return;
    const offline = document.body.classList.contains("lost-connection") && $("[data-needs-connection]", form);
    if (form.hasAttribute("data-sent") || offline) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (offline) alarm("Not sent. Check your connection, then try again.");
      return;
    }
    /* Wait a turn: a button that is off before the form is read would not be part of it. */
    setTimeout(() => { if (form.isConnected) busy(form, true); }, 0);
  }, true);
  window.addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => busy(form, false)));

  /* [data-optimistic="thread"]: the text leaves its box and stands in the thread as "Sending…", a clone of
     <template id="sending">, until the server answers. What was not sent goes back into the box; when
     nobody could say why, the clone stays as "Not sent. Try again". */
  let sending = null;
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    const list = target.dataset?.optimistic && document.getElementById(target.dataset.optimistic);
    const box = list && $("textarea", target);
    if (!box?.value.trim()) return;
    $$(".unsent", list).forEach((old) => old.closest(".msg.unsent")?.remove());
    const bubble = $("#sending").content.firstElementChild.cloneNode(true);
    $(".bubble", bubble).textContent = box.value;
    sending = { bubble, box, text: box.value };
    list.append(bubble);
    list.scrollTop = list.scrollHeight;
    clearTimeout(drafts.get(box));
    drafts.delete(box);
    sayDraft("");
    box.value = "";
    count(box);
  });
  on("click", "[data-again]", () => {
    const form = $("#composer");
    if (form?.matches("form")) form.requestSubmit($(".send", form));
  });

  /* The server explains what it refuses with 409 and 422; of anything else the thread says "Not sent". */
  function settle({ bubble, box, text }, answer) {
    const explained = answer.successful || [400, 409, 422].includes(answer.xhr.status);
    if (explained) bubble.remove();
    else bubble.className = "msg out failed unsent";
    if (!box.isConnected) return;
    if (!answer.successful) box.value = text + (box.value ? `\n${box.value}` : "");
    if (box.value) box.dispatchEvent(new Event("input", { bubbles: true }));
    count(box);
  }

  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (detail.requestConfig?.headers["X-Heed-Live"]) return;
    const form = target.closest?.("form");
    if (sending && form?.contains(sending.box)) {
      settle(sending, detail);
      sending = null;
    }
    if (!form) return;
    busy(form, false);
    if (detail.successful) alarm("");
  });

  /* ---------- when an answer is not what was hoped for ---------- */

  const SAID = {
    400: "This page was open too long. Your text is still here. Send it again.",
    403: "You can't do that here.", 404: "That isn't here any more.", 413: "That file is too large.",
    429: "Too many tries. Wait a minute, then try again.", 503: "Heed is busy. Try again in a moment.",
  };

  /* The form's token lapsed: take a fresh one from the server, and keep what was typed. */
  async function renewToken() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = $("[name=csrf_token]", page)?.value;
    if (token) $$("[name=csrf_token]").forEach((input) => { input.value = token; });
  }

  /* A refusal that names its place, #alerts, is shown there whatever its status; a poll's never. */
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status < 400 || !detail.xhr.getResponseHeader("HX-Retarget")) return;
    detail.shouldSwap = !detail.requestConfig.headers["X-Heed-Live"];
  });

  /* #saved says when the steps of an action were last saved. A form with [data-saves] that failed says so
     there; otherwise its age goes on, in the words of the server: [data-ago] around its <time>. */
  function notSaved(form) {
    const mark = form?.hasAttribute("data-saves") && $("#saved");
    if (mark) mark.replaceChildren(Object.assign(document.createElement("span"), { className: "is-danger", textContent: mark.dataset.failed }));
  }
  const read = new WeakMap();
  function age() {
    for (const time of $$("[data-ago] time")) {
      const text = time.textContent;
      const known = read.get(time);
      const since = known?.text === text ? known.since : Date.now() - 60000 * (Number.parseInt(text, 10) || 0);
      const minutes = Math.floor((Date.now() - since) / 60000);
      const words = minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min` : "1 hour";
      if (/^just|min$/.test(text) && words !== text) {
        time.textContent = words;
        time.parentElement.replaceChildren(time, words === "just now" ? "" : " ago");
      }
      read.set(time, { since, text: time.textContent });
    }
  }
  setInterval(age, 15000);

  document.addEventListener("htmx:responseError", ({ target, detail }) => {
    if (detail.requestConfig?.headers["X-Heed-Live"]) return;
    if (![409, 422].includes(detail.xhr.status)) notSaved(target.closest?.("form"));
    const status = detail.xhr.status;
    if (status === 400) renewToken().catch(() => alarm(SAID[503]));
    if (status === 409 || status === 422 || detail.xhr.getResponseHeader("HX-Retarget")) return;
    alarm(SAID[status] ?? "Something went wrong. Your text is still here. Try again.");
  });
  /* [data-failed="Didn’t send to Renee. …"] on a form says whom it was for. */
  document.addEventListener("htmx:sendError", ({ target, detail }) => {
    if (detail.requestConfig?.headers["X-Heed-Live"]) return;
    const form = target.closest?.("form");
    notSaved(form);
    alarm(form?.dataset.failed ?? "Not sent. Check your connection, then try again.");
  });

  /* Signed out meanwhile: the server sends people to sign in and back, where their draft is. Words that are
     not with the server yet would be lost on the way, so with them the page stays. */
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = event.detail;
    const box = $("[data-draft-url]");
    if (xhr.status !== 401 || !box || !(drafts.has(box) || sending)) return;
    event.preventDefault();
    if ($("#alerts a")) return;
    const link = Object.assign(document.createElement("a"), {
      href: "/login", target: "_blank", textContent: "Sign in in a new tab",
    });
    $("#alerts").replaceChildren("You’re signed out. Your text is still here. ", link, ", then send it.");
  });

  /* ---------- the thread keeps to its end: [data-keep-bottom] ---------- */

  let wasAtEnd = true;
  const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  let unseen = 0;
  function toEnd(list) {
    list.scrollTop = list.scrollHeight;
    stuck = true;
    unseen = 0;
    $("[data-new-below]")?.setAttribute("hidden", "");
  }
  function tellBelow(list) {
    const button = $("[data-new-below]");
    const items = [...list.children];
    const at = items.findIndex((one) => one.id === newest.id);
    unseen += items.slice(at + 1).filter((one) => one.matches(".in")).length;
    if (!button || !unseen) return;
    $("span", button).textContent = unseen === 1 ? "1 new message" : `${unseen} new messages`;
    button.removeAttribute("hidden");
  }
  /* A keyboard that opens and a box that grows take room from the thread; its last text stays in sight. */
  let stuck = true;
  const keepsEnd = new ResizeObserver(([{ target }]) => { if (stuck) target.scrollTop = target.scrollHeight; });
  document.addEventListener("scroll", ({ target }) => {
    if (!target.matches?.("[data-keep-bottom]")) return;
    stuck = atEnd(target);
    if (stuck) toEnd(target);
  }, true);
  on("click", "[data-new-below]", () => toEnd($("[data-keep-bottom]")));

  /* A thread that was just opened begins at its end. */
  const newest = { list: null, id: "" };
  function followThread() {
    const list = $("[data-keep-bottom]");
    const last = list?.lastElementChild;
    if (!last || (list === newest.list && last.id === newest.id)) return;
    if (list !== newest.list) {
      keepsEnd.disconnect();
      keepsEnd.observe(list);
    }
    if (wasAtEnd || list !== newest.list || last.matches(".out")) toEnd(list);
    else tellBelow(list);
    Object.assign(newest, { list, id: last.id });
  }

  /* ---------- the inbox: a conversation opens beside its list, on a phone on its own page ---------- */

  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".conv");
    if (!row) return;
    if (window.matchMedia("(max-width: 760px)").matches || event.ctrlKey || event.metaKey || event.shiftKey) {
      event.stopPropagation(); // The link alone is followed.
      return;
    }
    $$(".conv[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    row.classList.remove("unread");
    $(".dot", row)?.parentElement.replaceChildren();
    $("#main").dataset.view = "thread";
  }, true);

  /* What a poll and an answer to a reply both brought stands once. */
  function dropRepeated(list) {
    const there = new Set();
    for (const item of $$("li[id]", list)) {
      if (there.has(item.id)) item.remove();
      there.add(item.id);
    }
  }

  /* [data-row="conv-7"]: what the row of a conversation that was just dealt with says from now on. */
  function tellRows() {
    for (const told of $$("[data-row]")) {
      const row = $(".conv", document.getElementById(told.dataset.row) ?? told);
      if (row) {
        $(".slot", row)?.replaceChildren(...told.childNodes);
        row.toggleAttribute("data-needs", told.hasAttribute("data-needs"));
      }
      told.remove();
    }
  }

  /* [data-gone="conv-7"]: rows of conversations that ended. One that has the focus hands it on. */
  function dropGone() {
    for (const gone of $$("[data-gone]")) {
      const row = document.getElementById(gone.dataset.gone);
      gone.remove();
      if (!row) continue;
      const next = row.nextElementSibling ?? row.previousElementSibling;
      if (row.contains(document.activeElement)) $("a", next ?? document.body)?.focus();
      row.remove();
    }
  }

  /* ---------- live: one poll per tab, [data-live="/c/…/live?since=…"] ---------- */

  const poll = { timer: 0, failed: 0, began: 0, took: 0 };

  function lost(is) {
    if (document.body.classList.contains("lost-connection") === is) return;
    document.body.classList.toggle("lost-connection", is);
    for (const state of $$("[data-live-state]")) {
      state.classList.toggle("lost", is);
      $("[data-live-text]", state).textContent = is ? "Not connected. Trying again…" : "Up to date";
    }
    $$("[data-needs-connection]").forEach((button) => {
      is ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
    });
    announce(is ? "Not connected. Trying again." : "Connected again.");
    if (!is) saveDrafts();
  }

  /* 3 s in sight, 15 s out of sight, longer for a slow server, doubling while nothing answers. */
  function nextPoll() {
    clearTimeout(poll.timer);
    if (!$("[data-live]")) return;
    const base = document.hidden ? 15000 : 3000;
    const wait = Math.min(60000, Math.max(base, poll.took * 4) * 2 ** Math.min(poll.failed, 4));
    poll.timer = setTimeout(ask, wait);
  }

  function ask() {
    const live = $("[data-live]");
    if (!live) return;
    poll.began = performance.now();
    const box = $("#body");
    window.htmx.ajax("GET", live.dataset.live, {
      source: live, target: live, swap: "none", headers: { "X-Heed-Live": "1" },
      values: box?.value.trim() || sending ? {} : { typed: "0" },
    }).catch(() => {});
  }

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.requestConfig?.headers["X-Heed-Live"]) return;
    poll.took = performance.now() - poll.began;
    poll.failed = detail.successful ? 0 : poll.failed + 1;
    if (detail.successful) lost(false);
    if (poll.failed >= 2) lost(true);
    nextPoll();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && $("[data-live]")) { clearTimeout(poll.timer); ask(); }
  });

  /* ---------- small things ---------- */

  on("click", "[data-show-password]", (button) => {
    const field = document.getElementById(button.dataset.showPassword);
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.firstChild.textContent = show ? "Hide" : "Show";
  });

  on("click", "[data-copy]", async (button) => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
      announce("Copied.");
    } catch {
      field.select?.();
      announce("Press Ctrl and C to copy.");
    }
  });

  on("click", "[data-print]", () => window.print());

  on("click", "[data-find]", (button, event) => {
    const list = button.closest(".clist");
    if (!list) return;
    event.preventDefault();
    if (list.classList.toggle("finding")) $("input[type=search]", list)?.focus();
  });

  /* What is typed is shown elsewhere as well: [data-mirror="id of the place"] */
  on("input", "[data-mirror]", (box) => {
    const place = document.getElementById(box.dataset.mirror);
    if (place) place.textContent = box.value;
  });

  /* Where a form has several buttons, [data-autosubmit="id of its button"]. */
  on("change", "[data-autosubmit]", (field) => {
    const button = document.getElementById(field.dataset.autosubmit);
    button ? button.click() : field.form.requestSubmit();
  });

  /* {first_name} and its like: [data-merge="{first_name}"][data-into="id of the box"] */
  on("click", "[data-merge]", (button) => {
    const box = document.getElementById(button.dataset.into);
    box.setRangeText(button.dataset.merge, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  on("change", "[name=theme]", (choice) => {
    if (choice.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice.value;
  });

  /* Menus close on Escape, on a click outside and when another opens. */
  document.addEventListener("click", ({ target }) => {
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $("details.menu[open]");
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    $("summary", menu).focus();
  });

  /* ---------- all saved replies: [data-opens-picker], above the box or on phones a sheet ---------- */

  const phone = window.matchMedia("(max-width: 760px)");
  function openPicker() {
    const picker = $("#picker");
    if (!picker || picker.open) return;
    phone.matches ? picker.showModal() : picker.show();
    const field = $("input", picker);
    field.value = "";
    narrow(picker);
    if (!phone.matches) field.focus(); // Where it would bring up a keyboard over the replies, it waits.
  }
  function closePicker(back = true) {
    const picker = $("#picker");
    if (!picker?.open) return;
    picker.close();
    if (back) $("#body")?.focus();
  }
  const offered = (picker) => $$("[data-insert]", picker).filter(seen);
  function narrow(picker) {
    const words = $("input", picker).value.trim().toLowerCase();
    for (const item of $$("li", picker)) item.hidden = !item.textContent.toLowerCase().includes(words);
    const left = offered(picker);
    left.forEach((button, n) => { $("kbd", button).textContent = n < 9 ? n + 1 : ""; });
    $(".none", picker).hidden = left.length > 0;
  }
  on("click", "[data-opens-picker]", (link, event) => {
    if (!$("#picker")) return;
    event.preventDefault();
    openPicker();
  });
  on("click", "[data-closes]", () => closePicker());
  on("input", "#picker input", (field) => narrow(field.closest("#picker")));
  on("keydown", "#picker", (picker, event) => {
    const field = $("input", picker);
    const left = offered(picker);
    const at = left.indexOf(document.activeElement);
    const chosen = /^[1-9]$/.test(event.key) && (at >= 0 || !field.value) ? left[event.key - 1]
      : event.key === "Enter" && event.target === field ? left[0] : null;
    const next = { ArrowDown: left[at + 1], ArrowUp: left[at - 1] ?? field }[event.key];
    if (event.repeat && chosen) return event.preventDefault();
    if (event.key === "Escape") closePicker();
    else if (chosen) chosen.click();
    else if (next) next.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("click", ({ target }) => {
    const picker = $("#picker");
    if (!picker?.open || target.closest?.("[data-opens-picker]")) return;
    /* A click on the sheet's backdrop is a click on the sheet itself. */
    if (target === picker || !picker.contains(target)) closePicker(target === picker);
  });

  /* ---------- the keyboard of a phone: what is being typed comes first ---------- */

  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    const root = document.documentElement;
    const covered = phone.matches && view.scale === 1 && window.innerHeight - view.height > 80;
    root.classList.toggle("keyboard", phone.matches && view.scale === 1 && view.height < 480);
    covered ? root.style.setProperty("--seen", `${Math.round(view.height)}px`) : root.style.removeProperty("--seen");
    if (covered && $(".shell-panes")) window.scrollTo(0, 0); // There is nothing beneath what is seen.
  });

  /* ---------- single keys in the inbox: only while #shortcuts-switch says that they are on ---------- */

  /* Where there is nothing but a touch screen they are off until [data-keys-here] is ticked there; a tablet
     may have a keyboard. The device remembers it. */
  const touchAlone = window.matchMedia("(hover: none) and (pointer: coarse)");
  const HERE = "single-keys";
  const keysAreHere = () => !touchAlone.matches || localStorage.getItem(HERE) === "on";
  const keysAreOn = () => Boolean($("#shortcuts-switch[data-on]")) && keysAreHere();
  function tellKeys() {
    document.documentElement.classList.toggle("keys-here", keysAreHere());
    $$("[data-keys-here]").forEach((box) => { box.checked = keysAreHere(); });
  }
  on("change", "[data-keys-here]", (box) => {
    box.checked ? localStorage.setItem(HERE, "on") : localStorage.removeItem(HERE);
    tellKeys();
  });

  const press = (selector) => $(selector)?.click();
  const submit = (selector) => $(selector)?.requestSubmit();
  /* The row before or after the one that has the focus, or that is open. */
  function step(by) {
    const rows = $$(".conv");
    const here = document.activeElement.closest(".conv") ?? $(".conv[aria-current]");
    rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(here) + (here ? by : 1)))]?.focus();
  }
  /* The next row that needs somebody, after the open one and then from the top. */
  function nextThatNeeds() {
    const rows = $$(".conv");
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))].find((row) => row.hasAttribute("data-needs"));
    next ? next.click() : announce("Nothing else needs you.");
  }
  /* The opt-out of the report first; where it stands on a page of its own, that page. */
  function toReport() {
    const first = $$("#report input:not([type=hidden]), #report-done a, #report-done + .ft a").find(seen);
    first ? first.focus() : press(".to-report");
  }
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    r: () => $("#body")?.focus(),
    "/": openPicker,
    p: toReport,
    e: () => submit("[data-key=e]"),
    u: () => submit("[data-key=u]"),
    n: nextThatNeeds,
    s: () => $(".clist input[type=search]")?.focus(),
    "?": () => $("#shortcuts").showModal(),
    "g t": () => press(".topnav a[href$='/text']"),
    "g i": () => press(".topnav a[href$='/inbox']"),
  };
  let before = "";
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), textarea, select, dialog, details.menu[open]");
    if (!keysAreOn() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && !event.defaultPrevented && !field?.matches("dialog, details")) {
      field?.blur();
      ($(".conv[aria-current]") ?? $(".conv"))?.focus();
      return;
    }
    if (field || event.isComposing) return;
    const act = KEYS[before === "g" && KEYS[`g ${event.key}`] ? `g ${event.key}` : event.key];
    before = event.key;
    if (!act) return;
    event.preventDefault();
    act();
  });
  on("click", "[data-opens]", (button) => document.getElementById(button.dataset.opens).showModal());

  /* ---------- on arrival, and after each swap ---------- */

  function look() {
    $$("textarea[data-counter]").forEach(count);
    $$("[data-opt-out]:checked").forEach((box) => box.form?.classList.add("marks-opt-out"));
  }

  document.addEventListener("htmx:beforeRequest", () => {
    const list = $("[data-keep-bottom]");
    wasAtEnd = !list || atEnd(list);
  });
  function arrived() {
    const title = $("[data-title]")?.dataset.title;
    if (title) document.title = title;
    age();
    dropGone();
    tellRows();
    if (!$("#body")) closePicker(false);
    $$("[data-keep-bottom]").forEach(dropRepeated);
    look();
    followThread();
    announceSwapped();
    if (neighbour && document.activeElement === document.body) neighbour()?.focus();
    neighbour = null;
    focusArrival();
  }
  document.addEventListener("htmx:afterSettle", arrived);
  /* What asked may be gone with the part that was replaced; then nothing settles in its name. */
  document.addEventListener("htmx:afterRequest", () => setTimeout(arrived, 0));
  document.addEventListener("htmx:historyRestore", focusHeading);
  /* Back to a page that is gone: the server's own words say so. */
  document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

  tellKeys();
  age();
  /* A strip of tabs that is wider than a phone begins at the one that is open. */
  $$(".tabs [aria-current]").forEach((tab) => {
    const strip = tab.parentElement;
    const beyond = tab.offsetLeft + tab.offsetWidth - strip.offsetLeft - strip.clientWidth;
    if (beyond > 0) strip.scrollLeft = beyond + 24;
  });
  look();
  followThread();
  focusArrival();
  nextPoll();
})();
