(() => {
  "use strict";
  const at = id => document.getElementById(id);
  const items = JSON.parse(at("items").textContent);
  const sample = JSON.parse(at("sample").textContent);
  const codes = new Map(); // unit -> {side, speaker, note}
  const shelf = "standpoint-coding-" + sample;
  let here = 0, unsaved = false;

  const done = item => { const c = codes.get(item.unit); return Boolean(c && c.side && (c.speaker || !item.speaker)); };

  function show(n) {
    here = Math.max(0, Math.min(items.length - 1, n));
    const item = items[here], c = codes.get(item.unit) || {};
    at("where").textContent = `${here + 1} of ${items.length}`;
    at("title").textContent = item.title || "Untitled article";
    at("source").textContent = [item.outlet, item.published].filter(Boolean).join(", ");
    at("target").textContent = item.target;
    at("who").textContent = item.speaker;
    at("speaker").hidden = !item.speaker;
    at("passage").replaceChildren(...item.parts.map(p => {
      const e = document.createElement("span");
      e.textContent = p.t;
      if (p.r) e.className = p.r;
      return e;
    }));
    for (const input of document.querySelectorAll("#form input[type=radio]")) input.checked = c[input.name] === input.value;
    at("note").value = c.note || "";
    at("passage").querySelector(".mention")?.scrollIntoView({ block: "center" });
    count();
  }

  function count() {
    const n = items.filter(done).length;
    at("progress").textContent = `${n} of ${items.length} coded`;
  }

  function set(name, value) {
    const item = items[here];
    const c = codes.get(item.unit) || { side: "", speaker: "", note: "" };
    const before = done(item);
    c[name] = value;
    codes.set(item.unit, c);
    unsaved = true;
    keep();
    count();
    return !before && done(item);
  }

  const record = () => ({
    format: "standpoint codings", version: 1, sample, coder: at("coder").value.trim(),
    codings: items.filter(i => codes.has(i.unit)).map(i => ({ unit: i.unit, ...codes.get(i.unit) })),
  });

  // What was coded survives a closed window where the browser lets a file keep anything; the saved file is what counts.
  function keep() {
    try { localStorage.setItem(shelf, JSON.stringify(record())); } catch { /* private window */ }
  }

  function take(saved) {
    if (saved.format !== "standpoint codings") throw new Error("not a file of codings");
    if (saved.sample !== sample) throw new Error("the codings of another sample");
    const known = new Set(items.map(i => i.unit));
    for (const c of saved.codings) if (known.has(c.unit)) codes.set(c.unit, { side: c.side || "", speaker: c.speaker || "", note: c.note || "" });
    if (saved.coder) at("coder").value = saved.coder;
  }

  function save() {
    const coder = at("coder").value.trim();
    if (!coder) {
      at("saved").textContent = "Who codes? Enter your name or initials first.";
      at("coder").focus();
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(record(), null, 1) + "\n"], { type: "application/json" }));
    link.download = "codings-" + coder.replace(/[^\p{L}\p{N}]+/gu, "-") + ".json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    at("saved").textContent = `Saved as ${link.download}: ${items.filter(done).length} of ${items.length} coded.`;
  }

  const choose = (name, value) => {
    if (name === "speaker" && !items[here].speaker) return;
    document.querySelector(`#form input[name=${name}][value=${value}]`).checked = true;
    if (set(name, value) && here < items.length - 1) show(here + 1);
  };

  function uncoded() {
    for (let k = 1; k <= items.length; k++) {
      const n = (here + k) % items.length;
      if (!done(items[n])) return show(n);
    }
    at("saved").textContent = "All items are coded. Save them to a file.";
  }

  const keys = {
    1: () => choose("side", "for"), 2: () => choose("side", "against"), 3: () => choose("side", "neither"),
    4: () => choose("side", "unclear"), 5: () => choose("side", "none"),
    q: () => choose("speaker", "right"), w: () => choose("speaker", "wrong"), e: () => choose("speaker", "unclear"),
    ArrowLeft: () => show(here - 1), ArrowRight: () => show(here + 1), u: uncoded, s: save, n: () => at("note").focus(),
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.matches("input:not([type=radio]), summary");
    if (event.key === "Escape" && field) return event.target.blur();
    if (field || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  at("form").addEventListener("change", event => {
    if (event.target.type === "radio") set(event.target.name, event.target.value);
  });
  at("form").addEventListener("submit", event => event.preventDefault());
  at("note").addEventListener("input", () => set("note", at("note").value));
  at("coder").addEventListener("input", keep);
  at("back").addEventListener("click", () => show(here - 1));
  at("next").addEventListener("click", () => show(here + 1));
  at("uncoded").addEventListener("click", uncoded);
  at("save").addEventListener("click", save);
  at("open").addEventListener("change", async () => {
    try {
      take(JSON.parse(await at("open").files[0].text()));
      at("saved").textContent = "Opened: go on where you left off.";
      show(0);
      if (done(items[0])) uncoded();
    } catch (error) {
      at("saved").textContent = "This file cannot be opened: " + error.message + ".";
    }
    at("open").value = "";
  });
  addEventListener("beforeunload", event => { if (unsaved) event.preventDefault(); });

  try { take(JSON.parse(localStorage.getItem(shelf) || "null")); } catch { /* nothing kept */ }
  show(0);
  if (done(items[0])) uncoded();
})();
