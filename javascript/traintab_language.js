/* The page in another language: its texts are looked up in a table, English to the other, in the format of the web
   UI's localizations, that traintab_appearance.js hands over. `{}` in a key stands for anything; in the translation
   `{}` or `{2}` puts it as it is, and `{:t}` or `{2:t}` looks it up too. In English nothing is watched. */
(function () {
  "use strict";
  const MOST_REMEMBERED = 2000;
  const LONGEST = 4000;
  const ATTRIBUTES = ["placeholder", "title", "aria-label", "aria-valuetext", "alt"];
  const CHOICES = ".traintab-choices input";
  // Names, captions, prompts and logs are the user's own words.
  const NOT_OURS =
    '[translate="no"], .notranslate, script, style, code, pre, [contenteditable="true"], ' +
    "#embeddings_table td:first-child, #captions_tags td:first-child, #captions_filter_tags .token, " +
    ".traintab-infotext, .traintab-viewer-text, .traintab-run-name, .traintab-run-details h3, .traintab-question > p > b, " +
    ":is(#train_embedding, #setting_sd_model_checkpoint, #embeddings_chooser, #ti_grid_embedding, #captions_filter_tags, " +
    '[id^="mixer_embedding_"]) [role="option"]';
  const SENTENCES = /[^]+?(?:[.!?:](?=\s+["“‘(A-Z0-9])|$)/g;
  const BREAK_OF_SENTENCES = /[.!?]\s+[A-Z0-9]/;
  const HOLE = /\{(\d*)(:t)?\}/g;

  const texts = new WeakMap(); // text node -> { source, shown }
  const attributes = new WeakMap(); // element -> { name: { source, shown } }
  const inputs = new Map(); // input of a dropdown -> { source, shown }
  let exact = null;
  let patterns = [];
  let remembered = new Map();
  let observer = null;

  const page = () => window.trainTab.page();

  /* The table ------------------------------------------------------------------------------------------ */

  function compiled(key, translation) {
    const literals = key.split("{}");
    const letters = literals.join("").replace(/[^A-Za-z]/g, "").length;
    const escaped = literals.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return {
      translation,
      letters,
      // A hint that is cheap to look for before the expression is tried.
      hint: literals.reduce((longest, text) => (text.length > longest.length ? text : longest), ""),
      expression: new RegExp("^" + escaped.join("([^]*?)") + "$"),
      // "{} more" would fit half of all sentences.
      wantsNumber: key.startsWith("{}") && (literals.join(" ").match(/[A-Za-z]+/g) || []).length < 2,
    };
  }

  function use(table) {
    exact = new Map();
    patterns = [];
    remembered = new Map();
    for (const [key, translation] of Object.entries(table)) {
      if (key.includes("{}")) {
        patterns.push(compiled(key, translation));
      } else {
        exact.set(key, translation);
      }
    }
    patterns.sort((one, other) => other.letters - one.letters);
  }

  function filled(translation, found) {
    let next = 0;
    return translation.replace(HOLE, (_, number, isLookedUp) => {
      next += 1;
      const text = found[number ? Number(number) : next] ?? "";
      return (isLookedUp && translated(text)) || text;
    });
  }

  /* `isTight`: no hole may reach over the end of a sentence, and "{}. {}" isn't one. */
  function byPattern(text, isTight) {
    for (const pattern of patterns) {
      if (!text.includes(pattern.hint) || (isTight && !pattern.letters)) {
        continue;
      }
      const found = pattern.expression.exec(text);
      if (!found) {
        continue;
      }
      const holes = found.slice(1);
      if (isTight && holes.some((hole) => BREAK_OF_SENTENCES.test(hole))) {
        continue;
      }
      if (!pattern.wantsNumber || /\d/.test(holes[0])) {
        return filled(pattern.translation, found);
      }
    }
    return null;
  }

  function oneOrMore(text) {
    return exact.get(text) ?? byPattern(text, true);
  }

  /* As many sentences at a time as the table knows together. */
  function bySentences(text) {
    const parts = (text.match(SENTENCES) || [text]).map((part) => part.trim()).filter(Boolean);
    const done = [];
    let known = 0;
    for (let at = 0; at < parts.length; ) {
      let end = Math.min(parts.length, at + 6);
      let found = null;
      while (end > at && (found = oneOrMore(parts.slice(at, end).join(" "))) === null) {
        end -= 1;
      }
      if (found === null) {
        done.push(parts[at] + " ");
        at += 1;
      } else {
        known += end - at;
        done.push(found);
        at = end;
      }
    }
    return { text: done.join("").trim(), isWhole: known === parts.length, isEmpty: known === 0 };
  }

  function lookedUp(text) {
    const whole = exact.get(text);
    if (whole !== undefined || text.length > LONGEST) {
      return whole ?? null;
    }
    const split = bySentences(text);
    if (split.isWhole) {
      return split.text;
    }
    return byPattern(text, false) ?? (split.isEmpty ? null : split.text);
  }

  /* The translation of a text, or null. */
  function translated(text) {
    const plain = text.replace(/\s+/g, " ").trim();
    if (!/[A-Za-z]/.test(plain)) {
      return null;
    }
    if (!remembered.has(plain)) {
      if (remembered.size >= MOST_REMEMBERED) {
        remembered.clear();
      }
      remembered.set(plain, lookedUp(plain));
    }
    return remembered.get(plain);
  }

  /* The page -------------------------------------------------------------------------------------------- */

  function spaced(source, shown) {
    return source.match(/^\s*/)[0] + shown + source.match(/\s*$/)[0];
  }

  /* What to show for a source; `known` is what was shown before and may stay. */
  function shownFor(source, known) {
    if (known && known.shown === source) {
      return null;
    }
    const found = translated(source);
    return found === null ? null : { source, shown: spaced(source, found) };
  }

  function translateText(node) {
    const entry = shownFor(node.nodeValue, texts.get(node));
    if (entry) {
      texts.set(node, entry);
      node.nodeValue = entry.shown;
    }
  }

  function translateAttributes(element) {
    for (const name of ATTRIBUTES) {
      const source = element.getAttribute(name);
      const known = attributes.get(element) || {};
      const entry = source && shownFor(source, known[name]);
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
    page().querySelectorAll(CHOICES).forEach((input) => {
      if (input !== page().getRootNode().activeElement) {
        const entry = shownFor(input.value, inputs.get(input));
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
    setTimeout(() => exact && translateChoices(), 50);
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
    exact = null;
    document.documentElement.lang = language;
    if (!table) {
      return;
    }
    use(table);
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
