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

  /* New replies are told at most every ten seconds; the latest count wins.
     [data-announce="3 new replies"] on anything that was swapped in. */
  const polite = { last: 0, timer: 0 };
  function announceSwapped() {
    for (const said of $$("[data-announce]")) {
      const text = said.dataset.announce;
      said.removeAttribute("data-announce");
      clearTimeout(polite.timer);
      polite.timer = setTimeout(() => {
        polite.last = Date.now();
        announce(text);
      }, Math.max(0, polite.last + 10000 - Date.now()));
    }
  }

  /* ---------- focus: [data-focus] takes it once, when it arrives ---------- */

  function focusArrival() {
    const target = $("[data-focus]");
    if (!target) return;
    target.removeAttribute("data-focus");
    target.focus();
  }

  function focusHeading() { $("h1[tabindex]")?.focus(); }

  /* A row that goes away while it has the focus hands it to its neighbour. */
  let neighbour = null;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const going = detail.target;
    if (!going.contains(document.activeElement) || going.contains($("#body"))) return;
    neighbour = $("a, button", going.nextElementSibling ?? going.previousElementSibling ?? document.body);
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
    if (box.readOnly) box.value = "";
    const space = box.value && box.selectionStart > 0 && !/\s$/.test(box.value.slice(0, box.selectionStart));
    box.setRangeText((space ? " " : "") + button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (button.dataset.mark) mark(button.dataset.mark);
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
    fetch(box.dataset.draftUrl, { method: "POST", body: form, keepalive: true, headers: { "HX-Request": "true" } })
      .then((answer) => { if (answer.status < 500 && drafts.get(box) === timer) drafts.delete(box); }, () => lost(true));
  }
  function saveDrafts() {
    for (const box of $$("[data-draft-url]")) if (drafts.has(box)) saveDraft(box);
  }
  on("input", "textarea", (box) => {
    if (box.dataset.counter) count(box);
    if (!box.dataset.draftUrl) return;
    clearTimeout(drafts.get(box));
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

  /* [data-optimistic="thread"]: the text stands in the thread as "Sending…" until the server answers. */
  let bubble = null;
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    const list = target.dataset?.optimistic && document.getElementById(target.dataset.optimistic);
    const box = list && $("textarea", target);
    if (!box?.value.trim()) return;
    bubble = Object.assign(document.createElement("li"), { className: "msg out sending" });
    const words = Object.assign(document.createElement("div"), { className: "bubble", dir: "auto", textContent: box.value });
    const state = Object.assign(document.createElement("div"), { className: "mmeta", textContent: "Sending…" });
    bubble.append(words, state);
    list.append(bubble);
    list.scrollTop = list.scrollHeight;
  });

  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (detail.requestConfig?.headers["X-Heed-Live"]) return;
    const form = target.closest?.("form");
    bubble?.remove();
    bubble = null;
    if (!form) return;
    busy(form, false);
    if (!detail.successful) return;
    alarm("");
    if (!form.hasAttribute("data-clear")) return;
    const box = $("textarea", form);
    clearTimeout(drafts.get(box));
    drafts.delete(box);
    box.value = "";
    count(box);
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

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.requestConfig?.headers["X-Heed-Live"]) return;
    const status = detail.xhr.status;
    if (status === 400) renewToken().catch(() => alarm(SAID[503]));
    if (status === 409 || status === 422 || detail.xhr.getResponseHeader("HX-Retarget")) return;
    alarm(SAID[status] ?? "Something went wrong. Your text is still here. Try again.");
  });
  document.addEventListener("htmx:sendError", ({ detail }) => {
    if (!detail.requestConfig?.headers["X-Heed-Live"]) alarm("Not sent. Check your connection, then try again.");
  });

  /* ---------- the thread keeps to its end: [data-keep-bottom] ---------- */

  let wasAtEnd = true;
  const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  function toEnd(list) {
    list.scrollTop = list.scrollHeight;
    $("[data-new-below]")?.setAttribute("hidden", "");
  }
  document.addEventListener("scroll", ({ target }) => {
    if (target.matches?.("[data-keep-bottom]") && atEnd(target)) toEnd(target);
  }, true);
  on("click", "[data-new-below]", () => toEnd($("[data-keep-bottom]")));

  let lastMessage = null;
  function followThread() {
    const list = $("[data-keep-bottom]");
    if (!list) return;
    const last = list.lastElementChild;
    if (last === lastMessage) return;
    if (wasAtEnd || last.matches(".out")) toEnd(list);
    else $("[data-new-below]")?.removeAttribute("hidden");
    lastMessage = last;
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
    window.htmx.ajax("GET", live.dataset.live, {
      source: live, target: live, swap: "none", headers: { "X-Heed-Live": "1" },
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

  on("click", "[data-print]", () => window.print());
  on("change", "[data-autosubmit]", (field) => field.form.requestSubmit());

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
  document.addEventListener("keydown", ({ key }) => {
    const menu = key === "Escape" && $("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });

  /* ---------- single keys in the inbox: only with #shortcuts on the page (people may switch them off) ---------- */

  const press = (selector) => $(selector)?.click();
  const submit = (selector) => $(selector)?.requestSubmit();
  /* The row before or after the one that has the focus, or that is open. */
  function step(by) {
    const rows = $$(".conv");
    const here = document.activeElement.closest(".conv") ?? $(".conv[aria-current]");
    rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(here) + (here ? by : 1)))]?.focus();
  }
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    r: () => $("#body")?.focus(),
    "/": () => $(".canned a")?.focus(),
    p: () => $$("[data-opt-out]").find(seen)?.focus(),
    e: () => submit("[data-key=e]"),
    u: () => submit("[data-key=u]"),
    n: () => $$(".conv:not([aria-current])")[0]?.click(),
    s: () => $(".clist input[type=search]")?.focus(),
    "?": () => $("#shortcuts").showModal(),
    "g t": () => press(".topnav a[href$='/text']"),
    "g i": () => press(".topnav a[href$='/inbox']"),
  };
  let before = "";
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
    if (!$("#shortcuts") || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && field && !field.matches("dialog")) {
      field.blur();
      $(".conv[aria-current]")?.focus();
      return;
    }
    if (field) return;
    const chosen = /^[1-9]$/.test(event.key) && document.activeElement.closest(".canned");
    const act = chosen ? () => $$("a", chosen)[event.key - 1]?.click()
      : KEYS[before === "g" ? `g ${event.key}` : event.key];
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
    dropGone();
    $$("[data-keep-bottom]").forEach(dropRepeated);
    look();
    followThread();
    announceSwapped();
    neighbour?.focus();
    neighbour = null;
    focusArrival();
  }
  document.addEventListener("htmx:afterSettle", arrived);
  /* What asked may be gone with the part that was replaced; then nothing settles in its name. */
  document.addEventListener("htmx:afterRequest", () => setTimeout(arrived, 0));
  document.addEventListener("htmx:historyRestore", focusHeading);
  /* Back to a page that is gone: the server's own words say so. */
  document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

  look();
  followThread();
  focusArrival();
  nextPoll();
})();
