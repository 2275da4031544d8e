(() => {
  "use strict";
  // A link to a speaker lives on when the speaker moves to another page: the index knows where.
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id.startsWith("speaker") || document.getElementById(id)) return;
    const link = [...document.querySelectorAll(".index a")].find(a => decodeURIComponent(a.hash.slice(1)) === id);
    if (link) location.replace(link.href);
    else if (document.body.classList.contains("further")) location.replace("index.html" + location.hash);
  }
  addEventListener("hashchange", follow);
  follow();

  // Where nothing has the focus, a Tab makes the browser lay out card after card in search of a tab index above 0,
  // though it leads to the first link in any case. Backwards from there all cards at once are cheaper than one by one.
  const first = document.querySelector(".skip");
  let fresh = !location.hash; // a click or a followed link is where Tab goes on from
  addEventListener("pointerdown", () => { fresh = false; }, true);
  addEventListener("keydown", event => {
    if (event.key !== "Tab") return;
    const nowhere = fresh && document.activeElement === document.body;
    fresh = false;
    if (event.shiftKey && (nowhere || document.activeElement === first)) document.body.classList.add("tabbed");
    else if (nowhere) {
      event.preventDefault();
      first.focus();
    }
  }, true);

  // Tables sort by a click on a head: numbers by value, with what is no number last.
  const value = cell => {
    const text = cell.textContent.trim().replace(/−/g, "-").replace(/,/g, "");
    const n = parseFloat(text.replace(/^under |^over /, ""));
    return { text: cell.textContent.trim().toLowerCase(), n };
  };
  for (const table of document.querySelectorAll(".sortable")) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.tagName !== "TH" || body.rows.length < 2) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.querySelectorAll("[aria-sort]")) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const numeric = head.classList.contains("num");
        const rows = [...body.rows].map(row => ({ row, ...value(row.cells[column]) }));
        rows.sort((a, b) => {
          if (numeric && Number.isNaN(a.n) !== Number.isNaN(b.n)) return Number.isNaN(a.n) ? 1 : -1;
          const order = numeric && !Number.isNaN(a.n) ? a.n - b.n : a.text.localeCompare(b.text, "en");
          return up ? order : -order;
        });
        body.append(...rows.map(r => r.row));
      });
    });
  }

  const form = document.getElementById("filter");
  if (!form) return;
  const text = document.getElementById("f-text");
  const target = document.getElementById("f-target");
  const label = document.getElementById("f-label");
  const output = document.getElementById("f-count");
  const none = document.getElementById("f-none");
  const number = new Intl.NumberFormat("en");
  const speakers = [...document.querySelectorAll(".speaker")].map(section => ({
    section,
    name: section.querySelector("h3").textContent.toLowerCase(),
    cards: [...section.querySelectorAll(".card")].map(card => ({ card, keys: card.dataset.k.split(" "), words: null })),
  }));
  const all = speakers.reduce((n, s) => n + s.cards.length, 0);

  // Target and side must meet in one stance; every word must occur somewhere in the statement or its speaker's name.
  function apply() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const t = target.value, l = label.value;
    const stance = key => (!t || key.startsWith(t + ":")) && (!l || key.endsWith(":" + l));
    let shown = 0;
    for (const speaker of speakers) {
      let here = 0;
      for (const c of speaker.cards) {
        let yes = !t && !l || c.keys.some(stance);
        if (yes && words.length) {
          c.words ??= speaker.name + " " + c.card.textContent.toLowerCase();
          yes = words.every(w => c.words.includes(w));
        }
        if (c.card.hidden === yes) c.card.hidden = !yes;
        if (yes) here++;
      }
      speaker.section.hidden = here === 0 && (words.length > 0 || t !== "" || l !== "");
      shown += here;
    }
    output.textContent = shown === all ? number.format(all) + " statements" : number.format(shown) + " of " + number.format(all) + " statements";
    none.hidden = shown > 0;
  }

  let waiting = 0;
  text.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  target.addEventListener("change", apply);
  label.addEventListener("change", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply, 0));

  // A link to a speaker shows that speaker, whatever was filtered before; one from a cell shows that cell.
  document.addEventListener("click", event => {
    const link = event.target.closest('a[href^="#speaker"]');
    if (!link) return;
    text.value = "";
    label.value = "";
    target.value = link.dataset.target || "";
    apply();
  });

  form.hidden = false;
  apply();
})();
