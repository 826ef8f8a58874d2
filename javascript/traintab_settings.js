/* What the page does by itself about settings: it finds one, leads to it, copies a text, and keeps the table of
   what differs from the preset open while it is drawn anew. */
(function () {
  "use strict";
  const PATIENCE_MILLISECONDS = 5000;
  const COPIED_MILLISECONDS = 2000;
  let isTableOpen = false;
  let observer = null;

  const page = () => window.trainTab.page();

  /* What an event is about: below a shadow root its target is the root's host. */
  function origin(event) {
    const first = event.composedPath()[0];
    return first && first.closest ? first : null;
  }

  function isSeen(element) {
    return Boolean(element && element.getClientRects().length);
  }

  /* ---- find a setting ---- */

  function lines() {
    return [...page().querySelectorAll("#train_find_list > li")];
  }

  /* Every word that was typed has to be in the setting's English words or in what the page shows of it; those
     with more of the words in their labels come first. */
  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const list = page().querySelector("#train_find_list");
    const found = lines().map((line, index) => {
      line.dataset.place = line.dataset.place || index;
      const label = line.querySelector("b").textContent.toLowerCase();
      const known = line.dataset.words + " " + line.textContent.toLowerCase();
      line.hidden = !words.length || !words.every((word) => known.includes(word));
      return { line, labelled: words.filter((word) => label.includes(word)).length };
    });
    found.sort((a, b) => b.labelled - a.labelled || a.line.dataset.place - b.line.dataset.place);
    list.append(...found.map((one) => one.line));
    list.scrollTop = 0;
    list.hidden = found.every((one) => one.line.hidden);
    page().querySelector("#train_find_none").hidden = !list.hidden || !words.length;
  }

  function clearSearch() {
    const field = page().querySelector("#train_find_text");
    if (field) {
      field.value = "";
      find("");
    }
  }

  function findKeys(event) {
    const at = origin(event);
    const box = at && at.closest(".traintab-find");
    if (!box || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const field = box.querySelector("input");
    const buttons = lines().filter((line) => !line.hidden).map((line) => line.querySelector("button"));
    const index = buttons.indexOf(at.closest("button"));
    if (event.key === "ArrowDown" && buttons.length) {
      event.preventDefault();
      buttons[Math.min(index + 1, buttons.length - 1)].focus();
    } else if (event.key === "ArrowUp" && index >= 0) {
      event.preventDefault();
      (index === 0 ? field : buttons[index - 1]).focus();
    } else if (event.key === "Enter" && at === field && buttons.length) {
      event.preventDefault();
      buttons[0].click();
    } else if (event.key === "Escape" && (field.value || index >= 0)) {
      event.preventDefault();
      event.stopPropagation();
      clearSearch();
      field.focus();
    }
  }

  /* ---- go to a field ---- */

  /* The buttons of all tabs around the panel `id`, the outermost first. */
  function openTab(id) {
    const panel = page().querySelector("#" + id);
    const outer = panel && panel.parentElement.closest('[role="tabpanel"]');
    if (outer && !isSeen(outer)) {
      openTab(outer.id);
    }
    if (!isSeen(panel)) {
      const button = page().querySelector('[role="tab"][aria-controls="' + id + '"]');
      if (button) {
        button.click();
      }
    }
  }

  function openFold(id) {
    const label = page().querySelector("#" + id + " > .label-wrap");
    if (label && !label.classList.contains("open")) {
      label.click();
    }
  }

  /* gradio builds tabs and folds when they are opened, which takes a moment. */
  function goTo(wanted, until) {
    openTab(wanted.tab);
    if (wanted.fold) {
      openFold(wanted.fold);
    }
    const field = page().querySelector("#" + CSS.escape(wanted.setting));
    if (isSeen(field)) {
      show(field);
    } else if (performance.now() < until) {
      setTimeout(() => goTo(wanted, until), 80);
    }
  }

  function show(field) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    field.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    field.classList.remove("traintab-found");
    void field.offsetWidth; // begins the animation anew
    field.classList.add("traintab-found");
    setTimeout(() => field.classList.remove("traintab-found"), 2500);
    const entry = field.querySelector("input:not([type=range]), textarea, select") || field.querySelector("input");
    if (entry) {
      entry.focus({ preventScroll: true });
    }
  }

  /* ---- copy ---- */

  async function copy(button) {
    const source = page().querySelector("#" + CSS.escape(button.dataset.copy));
    if (!source || button.dataset.label) {
      return;
    }
    button.dataset.label = button.textContent;
    button.textContent = (await window.trainTab.copied(source.textContent)) ? "Copied" : "Copy it by hand";
    setTimeout(() => {
      button.textContent = button.dataset.label;
      delete button.dataset.label;
    }, COPIED_MILLISECONDS);
  }

  /* ---- the table of what differs stays open ---- */

  function keepOpen(event) {
    const table = origin(event);
    if (!table || table.id !== "train_preset_differences") {
      return;
    }
    isTableOpen = table.open;
    const holder = page().querySelector("#train_preset_state");
    if (isTableOpen && holder && !observer) {
      observer = new MutationObserver(() => {
        const fresh = holder.querySelector("#train_preset_differences");
        if (fresh && isTableOpen && !fresh.open) {
          fresh.open = true;
        }
      });
      observer.observe(holder, { childList: true, subtree: true });
    }
  }

  function pressed(event) {
    const at = origin(event);
    const button = at && at.closest("[data-setting], [data-copy]");
    if (button && button.dataset.setting) {
      clearSearch();
      goTo(button.dataset, performance.now() + PATIENCE_MILLISECONDS);
    } else if (button) {
      copy(button);
    }
  }

  document.addEventListener("click", pressed, true);
  document.addEventListener("toggle", keepOpen, true);
  document.addEventListener("keydown", findKeys, true);
  document.addEventListener("input", (event) => {
    const at = origin(event);
    if (at && at.id === "train_find_text") {
      find(at.value);
    }
  }, true);
})();
