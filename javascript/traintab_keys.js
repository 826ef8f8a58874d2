/* Ctrl+Enter in the panels of the Train tab, and the list of keys (modules/traintab/ui/keys.py). Works standalone
   and inside the web UIs. */
(function () {
  "use strict";
  /* Each panel with its button; of nested ones the inner one is asked first. */
  const PANELS = {
    "#preprocess_pictures_tab": "#train_run_preprocess",
    "#create_embedding": "#train_create_embedding",
    "#train": "#train_train_embedding",
  };
  const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=button]), textarea, select, [contenteditable=true]";

  const page = () => window.trainTab.page();

  function target(event) {
    const at = event.composedPath()[0];
    return at && at.closest ? at : null;
  }

  function keys() {
    return page().querySelector("#traintab_keys");
  }

  /* A field is left first, so that what was just typed counts. */
  function start(event) {
    const at = target(event);
    const panel = Object.keys(PANELS).find((selector) => at && at.closest(selector));
    const button = panel && page().querySelector(PANELS[panel]);
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !button) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat && !button.disabled) {
      at.blur();
      at.focus();
      button.click();
    }
  }

  function help(event) {
    const at = target(event);
    const isOpen = Boolean(keys() && keys().open);
    if (isOpen && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      keys().close();
    } else if (event.key === "?" && at && !at.matches(TYPING) && keys() && !page().querySelector("dialog[open]")) {
      event.preventDefault();
      keys().showModal();
    }
  }

  function clicked(event) {
    const at = target(event);
    if (at && at.closest(".traintab-keys-open") && keys()) {
      keys().showModal();
    } else if (at && (at.closest(".traintab-keys-close") || at.matches("#traintab_keys"))) {
      keys().close();
    }
  }

  document.addEventListener("keydown", start, true);
  document.addEventListener("keydown", help, true);
  document.addEventListener("click", clicked, true);
})();
