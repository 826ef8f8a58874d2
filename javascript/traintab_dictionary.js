/* What a text is in another language: a table, English to the other, in the format of the web UI's localizations.
   `{}` in a key stands for anything; in the translation `{}` or `{2}` puts it as it is, and `{:t}` or `{2:t}` looks it
   up too. traintab_language.js puts what is found into the page. */
(function () {
  "use strict";
  const MOST_REMEMBERED = 2000;
  const LONGEST = 4000;
  const SENTENCES = /[^]+?(?:[.!?:](?=\s+["“‘(A-Z0-9])|$)/g;
  const BREAK_OF_SENTENCES = /[.!?]\s+[A-Z0-9]/;
  const HOLE = /\{(\d*)(:t)?\}/g;
  const BEHIND_NAME = / · ([^·]+)$/;

  let exact = null;
  let patterns = [];
  let remembered = new Map();

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

  /* A model's name is the user's own word, what is told behind it (`demo · built in`) is ours. */
  function translatedBehindName(text) {
    const plain = text.replace(/\s+/g, " ").trim();
    const found = BEHIND_NAME.exec(plain);
    const word = found && exact.get(found[1]);
    return word ? `${plain.slice(0, found.index)} · ${word}` : null;
  }

  window.trainTab.dictionary = { use, translated, translatedBehindName };
})();
