// The console's script: sends forms without reload, and follows the server's
// events. Without it every page still works by plain forms.
(() => {
  "use strict";

  // Pages that know of the script need not renew themselves.
  document.cookie = "countersign_script=1; path=/console; SameSite=Lax";

  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const transcript = byId("transcript");
  let live = byId("live");
  const working = byId("working");
  const welcome = byId("welcome");
  const composer = byId("say");
  const text = byId("text");
  const notice = byId("notice");
  const announcer = byId("announcer");
  const newer = byId("newer");
  const results = byId("results");
  const offline = byId("offline");
  const title = document.title;
  const zone = (() => {
    try {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    } catch {
      return "";
    }
  })();

  // --- small things ---------------------------------------------------------

  const fresh = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const clocks = (root) => {
    const today = new Date().toDateString();
    for (const each of root.querySelectorAll("time[datetime]")) {
      const at = new Date(each.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      each.title = at.toISOString().slice(0, 16).replace("T", " ") + " UTC";
      const clock = at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
      const day = at.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
      each.textContent = at.toDateString() === today ? clock : `${day}, ${clock}`;
    }
  };

  const say = (sentence) => {
    if (!notice) return;
    notice.textContent = sentence || "";
    notice.hidden = !sentence;
  };

  const announce = (sentence) => {
    announcer.textContent = "";
    // A region that is emptied first is read again when the words are the same.
    setTimeout(() => { announcer.textContent = sentence; }, 50);
  };

  const parsed = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstElementChild;
  };

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const atEnd = () =>
    window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 180;
  const toEnd = (smooth) => {
    window.scrollTo({
      top: document.documentElement.scrollHeight,
      behavior: smooth && !calm.matches ? "smooth" : "auto",
    });
    if (newer) newer.hidden = true;
  };

  // Who has just asked is taken to the answer, unless they scroll away meanwhile.
  let askedUntil = 0;
  const asked = () => { askedUntil = Date.now() + 30000; };
  for (const each of ["wheel", "touchmove"]) {
    addEventListener(each, () => { askedUntil = 0; }, { passive: true });
  }
  addEventListener("keydown", (event) => {
    if (["PageUp", "Home", "ArrowUp"].includes(event.key)) askedUntil = 0;
  });

  // --- putting things in without losing what a person is doing ----------------

  const fieldKey = (field) => {
    const verb = field.closest("form")?.querySelector("[name=verb]")?.value || "";
    const summary = field.closest("details")?.querySelector("summary")?.textContent.trim() || "";
    const label = field.tagName === "BUTTON" ? field.textContent.trim() : "";
    return [field.tagName, field.type, field.name, verb, summary, label].join("|");
  };

  const swap = (old, next) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const focusedKey = focused && fieldKey(focused);
    const open = new Set();
    for (const each of old.querySelectorAll("details[open] > summary")) {
      open.add(each.textContent.trim());
    }
    const typed = new Map();
    for (const each of old.querySelectorAll("input:not([type=hidden]), textarea")) {
      if (each.value && each.type !== "checkbox") typed.set(fieldKey(each), each.value);
    }
    for (const each of next.querySelectorAll("details > summary")) {
      if (open.has(each.textContent.trim())) each.parentElement.open = true;
    }
    for (const each of next.querySelectorAll("input:not([type=hidden]), textarea")) {
      const value = typed.get(fieldKey(each));
      if (value !== undefined) each.value = value;
    }
    clocks(next);
    old.replaceWith(next);
    if (!focused) return;
    const same = Array.from(next.querySelectorAll("button, input, textarea, summary, a"))
      .find((each) => fieldKey(each) === focusedKey && !each.disabled);
    if (same) same.focus({ preventScroll: true });
    else if (next.tabIndex >= -1 && next.hasAttribute("tabindex")) next.focus({ preventScroll: true });
  };

  const put = (message, mine) => {
    if (!transcript) return;
    const old = byId(`m-${message.id}`);
    if (old) {
      if (Number(old.dataset.changed) >= message.changed) return;
      const wasAtEnd = atEnd();
      const next = parsed(message.html);
      swap(old, next);
      next.classList.add("message-changed");
      announce(message.summary);
      if (wasAtEnd && transcript.lastElementChild === next) toEnd(true);
      return;
    }
    // A page of earlier messages does not grow at its end.
    const last = transcript.lastElementChild;
    if (!byId("latest") && !results) return;
    if (last && message.born < Number(transcript.firstElementChild.dataset.born)) return;
    const stay = !mine && !atEnd() && Date.now() > askedUntil;
    const next = parsed(message.html);
    clocks(next);
    next.classList.add("message-new");
    const after = Array.from(transcript.children)
      .find((each) => Number(each.dataset.born) > message.born);
    transcript.insertBefore(next, after || null);
    if (welcome) welcome.hidden = true;
    if (results) results.hidden = false;
    if (working) working.hidden = transcript.lastElementChild.dataset.kind !== "said";
    if (!mine && message.kind !== "said") announce(message.summary);
    if (results) {
      // What was done may have changed what the page shows beside it.
      if (live) refresh();
      next.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    } else if (stay) {
      newer.hidden = false;
    } else if (next.offsetHeight > window.innerHeight * 0.7) {
      // An answer longer than the window is read from its top.
      next.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    } else {
      toEnd(true);
    }
  };

  // --- sending forms ----------------------------------------------------------

  const send = async (form, submitter) => {
    const data = new FormData(form, submitter);
    data.append("zone", zone);
    if (!data.get("event")) data.set("event", fresh());
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "X-Console": "script" },
      body: new URLSearchParams(data),
      credentials: "same-origin",
    });
    const value = await answer.json().catch(() => ({}));
    if (answer.status === 401) location.reload();
    if (!answer.ok) throw new Error(value.sentence || "That did not work. Nothing was done.");
    return value;
  };

  const lost = "Countersign cannot be reached just now. Try again in a moment.";
  const reason = (failure) => (failure instanceof TypeError ? lost : failure.message);

  const onSay = async (form, submitter) => {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    say("");
    try {
      const value = await send(form, submitter);
      form.querySelector("[name=event]").value = fresh();
      if (form === composer) {
        text.value = "";
        grow();
      }
      asked();
      put(value.message, true);
      if (working) working.hidden = transcript.lastElementChild.dataset.kind !== "said";
      toEnd(true);
    } catch (failure) {
      // The words stay in the box, under the same event: sending again is safe.
      say(reason(failure));
    } finally {
      delete form.dataset.busy;
      if (text) text.focus({ preventScroll: true });
    }
  };

  // --- a file dropped into the chat ------------------------------------------

  const dropped = byId("dropped");
  const holdsFile = (event) =>
    dropped && Array.from(event.dataTransfer?.types || []).includes("Files");

  const upload = async (files) => {
    if (files.length !== 1) {
      say("One file at a time, please. Nothing was uploaded.");
      return;
    }
    if (files[0].size > Number(dropped.dataset.max)) {
      say("The file is larger than 1 MB, so nothing was done. Please split it.");
      return;
    }
    const data = new FormData(dropped);
    data.set("event", fresh());
    data.set("file", files[0]);
    say("");
    try {
      const answer = await fetch(dropped.action, {
        method: "POST",
        headers: { "X-Console": "script" },
        body: data,
        credentials: "same-origin",
      });
      if (answer.status === 401) location.reload();
      const value = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(value.sentence || "That did not work. Nothing was done.");
      if (value.sentence) say(value.sentence);
      else asked();
    } catch (failure) {
      say(reason(failure));
    }
  };

  for (const each of ["dragenter", "dragover"]) {
    addEventListener(each, (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      body.classList.add("dropping");
    });
  }
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) body.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    body.classList.remove("dropping");
    upload(event.dataTransfer.files);
  });

  const onPress = async (form, submitter) => {
    const row = form.closest(".proposals > li");
    const card = form.closest(".message, .proposals > li, .panel, .card") || form;
    if (card.dataset.busy) return;
    card.dataset.busy = "yes";
    card.setAttribute("aria-busy", "true");
    // Not "disabled", which would take the focus away.
    const buttons = card.querySelectorAll("button");
    for (const each of buttons) each.setAttribute("aria-disabled", "true");
    say("");
    try {
      const value = await send(form, submitter);
      asked();
      if (value.message) put(value.message, true);
      if (live) await refresh();
      if (value.sentence) say(value.sentence);
      else if (row && !byId(row.id)) {
        say(`${row.id.slice(2)} has moved on; you find it under All.`);
      }
    } catch (failure) {
      say(reason(failure));
    } finally {
      delete card.dataset.busy;
      card.removeAttribute("aria-busy");
      for (const each of buttons) each.removeAttribute("aria-disabled");
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const path = new URL(form.action, location.href).pathname;
    if (path === "/console/say") {
      event.preventDefault();
      onSay(form, event.submitter);
    } else if (form.elements.verb?.value === "edit") {
      return; // leads to a page of its own
    } else if (path === "/console/press" && (transcript || live)) {
      event.preventDefault();
      onPress(form, event.submitter);
    }
  });

  // --- pages of proposals -----------------------------------------------------

  // What the server sent for each, before times were put into local words.
  const sources = new WeakMap();
  for (const each of document.querySelectorAll(".proposals > li")) {
    sources.set(each, each.innerHTML);
  }

  const told = (lines) =>
    lines.textContent + (lines.querySelector("[name=token]")?.value || "");

  let refreshing = Promise.resolve();
  const refresh = () => {
    refreshing = refreshing.then(async () => {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("live");
      if (!next) return;
      const list = live.querySelector(".proposals");
      const nextList = next.querySelector(".proposals");
      if (list && nextList) {
        // Only what moved is touched.
        const seen = new Set();
        let previous = null;
        for (const each of Array.from(nextList.children)) {
          seen.add(each.id);
          const old = byId(each.id);
          const fits = document.importNode(each, true);
          sources.set(fits, each.innerHTML);
          if (!old) {
            clocks(fits);
            list.insertBefore(fits, previous ? previous.nextSibling : list.firstChild);
            previous = fits;
          } else {
            if (sources.get(old) === each.innerHTML) {
              previous = old;
            } else {
              swap(old, fits);
              previous = fits;
            }
          }
        }
        for (const each of Array.from(list.children)) if (!seen.has(each.id)) each.remove();
      } else {
        const fits = document.importNode(next, true);
        for (const each of fits.querySelectorAll(".proposals > li")) {
          sources.set(each, each.innerHTML);
        }
        swap(live, fits);
        live = fits;
        // The list of lines stays, with what is ticked in it, unless it moved.
        const lines = byId("lines");
        const nextLines = page.getElementById("lines");
        if (lines && nextLines && told(lines) !== told(nextLines)) {
          swap(lines, document.importNode(nextLines, true));
        }
      }
    }).catch(() => {});
    return refreshing;
  };

  // --- what the server tells --------------------------------------------------

  let seen = Number(body.dataset.after || 0);
  let stamp = body.dataset.stamp;
  let source = null;
  let retry = 0;
  let quiet = 0;

  const away = () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => { offline.hidden = false; }, 1500);
  };

  const back = () => {
    clearTimeout(quiet);
    offline.hidden = true;
  };

  const badge = (waiting) => {
    const count = byId("waiting");
    count.hidden = !waiting;
    count.querySelector(".count-number").textContent = waiting;
    document.title = waiting ? `(${waiting}) ${title}` : title;
  };

  const follow = () => {
    clearTimeout(retry);
    if (source) source.close();
    source = new EventSource(`/console/events?after=${seen}`);
    source.onopen = back;
    source.onerror = () => {
      away();
      if (source && source.readyState === EventSource.CLOSED) retry = setTimeout(follow, 4000);
    };
    source.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      seen = Math.max(seen, message.changed);
      put(message, false);
    });
    source.addEventListener("proposals", (event) => {
      const value = JSON.parse(event.data);
      badge(value.waiting);
      if (value.stamp !== stamp) {
        stamp = value.stamp;
        if (live) refresh();
      }
    });
    source.addEventListener("ended", () => location.reload());
  };

  if (body.dataset.after !== undefined) {
    badge(Number(byId("waiting").querySelector(".count-number").textContent));
    follow();
    // A browser has few connections to one host: hidden pages give theirs back.
    let rest = 0;
    document.addEventListener("visibilitychange", () => {
      clearTimeout(rest);
      if (document.hidden) {
        rest = setTimeout(() => {
          source.close();
          source = null;
          clearTimeout(retry);
        }, 20000);
      } else if (!source) follow();
    });
  }

  // --- the box one writes in, and the menu --------------------------------------

  const grow = () => {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 200)}px`;
  };

  if (composer) {
    text.addEventListener("input", grow);
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (text.value.trim()) composer.requestSubmit();
      }
    });
    newer.addEventListener("click", () => toEnd(true));
    addEventListener("scroll", () => { if (atEnd()) newer.hidden = true; }, { passive: true });
    if (!location.hash) toEnd(false);
    if (!matchMedia("(pointer: coarse)").matches) text.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    for (const each of document.querySelectorAll("details.who[open], details.confirm[open]")) {
      if (!each.contains(event.target)) each.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  clocks(document);
})();
