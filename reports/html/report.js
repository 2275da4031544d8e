(() => {
  "use strict";
  const form = document.getElementById("filter");
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
