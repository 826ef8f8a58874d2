/* Which language and theme the page is in: what the server says in #traintab_appearance, and until it does, what it
   said last time, so that nothing flashes. */
(function () {
  "use strict";
  const STORED = "traintab_appearance";
  const LOOK_MILLISECONDS = 500;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let digest = "";
  let spoken = null;
  let theme = "automatic";
  let isThemed = false;

  const page = () => window.trainTab.page();

  /* The address's own choice, ?__theme=dark, comes first. What follows the browser is left to gradio until a
     theme was chosen here. */
  function paint() {
    if (new URLSearchParams(location.search).has("__theme") || !(isThemed || theme !== "automatic")) {
      return;
    }
    isThemed = true;
    document.body.classList.toggle("dark", theme === "automatic" ? dark.matches : theme === "dark");
  }

  function speak(language, table) {
    spoken = { language, table };
    document.dispatchEvent(new CustomEvent("traintab:language", { detail: spoken }));
  }

  /* The script that translates may come after this one. */
  document.addEventListener("traintab:language-wanted", () => spoken && speak(spoken.language, spoken.table));

  function keep(value) {
    try {
      localStorage.setItem(STORED, JSON.stringify(value));
    } catch {
      // Without a store the page is in English for a moment, until the server has told.
    }
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(STORED)) || {};
    } catch {
      return {};
    }
  }

  function look() {
    if (page().querySelector(".traintab-reload")) {
      location.reload(); // all fields are at their defaults now
      return;
    }
    const holder = page().querySelector("#traintab_appearance");
    if (!holder || holder.dataset.digest === digest) {
      return;
    }
    const { language, strings } = holder.dataset;
    ({ digest, theme } = holder.dataset);
    const table = strings ? JSON.parse(strings) : null;
    keep({ language, theme, digest, table });
    speak(language, table);
    paint();
  }

  function begin() {
    const last = kept();
    theme = last.theme || theme;
    paint();
    if (last.table) {
      digest = last.digest;
      speak(last.language, last.table);
    }
    look();
    setInterval(look, LOOK_MILLISECONDS);
    dark.addEventListener("change", () => setTimeout(paint, 0));
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", begin);
  } else {
    begin();
  }
})();
