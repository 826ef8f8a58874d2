/* The page in another language: its texts are looked up (traintab_dictionary.js) in the table that
   traintab_appearance.js hands over. In English nothing is watched. */
(function () {
  "use strict";
  const ATTRIBUTES = ["placeholder", "title", "aria-label", "aria-valuetext", "alt"];
  const CHOICES = ".traintab-choices input";
  const MODEL = "#setting_sd_model_checkpoint input";
  const MODELS = '#setting_sd_model_checkpoint [role="option"]';
  // Names, captions, prompts and logs are the user's own words.
  const NOT_OURS =
    '[translate="no"], .notranslate, script, style, code, pre, [contenteditable="true"], ' +
    "#embeddings_table td:first-child, #captions_tags td:first-child, #captions_filter_tags .token, " +
    ".traintab-infotext, .traintab-viewer-text, .traintab-run-name, .traintab-run-details h3, .traintab-question > p > b, " +
    ":is(#train_embedding, #embeddings_chooser, #ti_grid_embedding, #captions_filter_tags, " +
    '[id^="mixer_embedding_"]) [role="option"]';

  const texts = new WeakMap(); // text node -> { source, shown }
  const attributes = new WeakMap(); // element -> { name: { source, shown } }
  const inputs = new Map(); // input of a dropdown -> { source, shown }
  let observer = null;

  const page = () => window.trainTab.page();
  const dictionary = () => window.trainTab.dictionary;

  function spaced(source, shown) {
    return source.match(/^\s*/)[0] + shown + source.match(/\s*$/)[0];
  }

  /* What to show for a source; `known` is what was shown before and may stay. */
  function shownFor(source, known, isNamed) {
    if (known && known.shown === source) {
      return null;
    }
    const found = isNamed ? dictionary().translatedBehindName(source) : dictionary().translated(source);
    return found === null ? null : { source, shown: spaced(source, found) };
  }

  function translateText(node) {
    const isNamed = Boolean(node.parentElement?.closest(MODELS));
    const entry = shownFor(node.nodeValue, texts.get(node), isNamed);
    if (entry) {
      texts.set(node, entry);
      node.nodeValue = entry.shown;
    }
  }

  function translateAttributes(element) {
    for (const name of ATTRIBUTES) {
      const source = element.getAttribute(name);
      const known = attributes.get(element) || {};
      const entry = source && shownFor(source, known[name], element.matches(MODELS));
      if (entry) {
        attributes.set(element, { ...known, [name]: entry });
        element.setAttribute(name, entry.shown);
      }
    }
  }

  function isOurs(element) {
    return !element || !element.closest(NOT_OURS);
  }

  function translateBelow(root) {
    if (root.nodeType === Node.TEXT_NODE) {
      if (isOurs(root.parentElement) && !root.parentElement?.matches("textarea")) {
        translateText(root);
      }
      return;
    }
    if (root.nodeType === Node.ELEMENT_NODE && !isOurs(root)) {
      return;
    }
    const accept = (node) =>
      node.nodeType === Node.ELEMENT_NODE && node.matches(NOT_OURS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, accept);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!node.parentElement?.matches("textarea")) {
          translateText(node);
        }
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        translateAttributes(node);
      }
    }
  }

  /* What a dropdown shows is the value of a field, not a text; gradio never reads it but after typing. */
  function translateChoices() {
    page().querySelectorAll(`${CHOICES}, ${MODEL}`).forEach((input) => {
      if (input !== page().getRootNode().activeElement) {
        const entry = shownFor(input.value, inputs.get(input), input.matches(MODEL));
        if (entry) {
          inputs.set(input, entry);
          input.value = entry.shown;
        }
      }
    });
  }

  function restoreChoice(event) {
    const input = event.composedPath()[0];
    const entry = inputs.get(input);
    if (entry && input.value === entry.shown) {
      input.value = entry.source;
    }
    inputs.delete(input);
  }

  function choicesSoon() {
    setTimeout(() => observer && translateChoices(), 50);
  }

  function changed(records) {
    for (const record of records) {
      if (record.type === "childList") {
        record.addedNodes.forEach(translateBelow);
      } else if (record.type === "characterData") {
        translateBelow(record.target);
      } else if (isOurs(record.target)) {
        translateAttributes(record.target);
      }
    }
    translateChoices();
  }

  function restoreAll() {
    const root = page();
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      const text = texts.get(node);
      if (text && node.nodeValue === text.shown) {
        node.nodeValue = text.source;
      }
      texts.delete(node);
      for (const [name, entry] of Object.entries(attributes.get(node) || {})) {
        if (node.getAttribute(name) === entry.shown) {
          node.setAttribute(name, entry.source);
        }
      }
      attributes.delete(node);
    }
    inputs.forEach((entry, input) => {
      input.value = input.value === entry.shown ? entry.source : input.value;
    });
    inputs.clear();
  }

  function speak(language, table) {
    if (observer) {
      observer.disconnect();
      observer = null;
      restoreAll();
      page().removeEventListener("focusin", restoreChoice, true);
      page().removeEventListener("focusout", choicesSoon, true);
    }
    document.documentElement.lang = language;
    if (!table) {
      return;
    }
    dictionary().use(table);
    const root = page() === document ? document.body : page();
    translateBelow(root);
    translateChoices();
    observer = new MutationObserver(changed);
    observer.observe(root, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
    });
    page().addEventListener("focusin", restoreChoice, true);
    page().addEventListener("focusout", choicesSoon, true);
  }

  document.addEventListener("traintab:language", (event) => speak(event.detail.language, event.detail.table));
  document.dispatchEvent(new CustomEvent("traintab:language-wanted"));
})();
