/* What the page gains with a script, and does without: progress in the browser tab's title, Ctrl+Enter,
   the keys of the caption editor, the clipboard, and a pulse for web UIs whose gradio has no timer. Works standalone and inside the web UIs.
   By its name it comes before the other scripts, which find in `window.trainTab` what they share. */
(function () {
  "use strict";
  const ownTitle = document.title;
  const POLL_MILLISECONDS = 1000;
  const LOOK_MILLISECONDS = 5000;
  const PATIENCE_MILLISECONDS = 10000;
  let captionTyped = -Infinity;
  let lastPulse = -Infinity;

  function wholePage() {
    const app = document.querySelector("gradio-app");
    return (app && app.shadowRoot) || document;
  }

  /* In a web UI only the tab: its own *Train* may have elements of the same ids. */
  function page() {
    return wholePage().querySelector("#tab_traintab") || wholePage();
  }

  /* The clipboard is closed to pages over plain http from another computer: then the old command does it. */
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      return done;
    }
  }

  window.trainTab = { page, wholePage, copied };

  /* With a mark when a job has ended that somebody wants to be told of (traintab_notify.js). */
  function showTitle() {
    const holder = page().querySelector("#traintab_title");
    const done = document.documentElement.dataset.traintabDone;
    const wanted = (done ? "✔ " + done + " · " : "") + ((holder && holder.dataset.title) || ownTitle);
    if (holder && document.title !== wanted) {
      document.title = wanted;
    }
  }

  /* A page that nobody sees asks nothing, unless somebody wants to be told when the job has ended. */
  function isWatched() {
    return !document.hidden || Boolean(page().querySelector(".traintab-notify-tick:checked"));
  }

  /* Where gradio has no timer: as often as the server said last. */
  function pulse() {
    const pace = page().querySelector(".traintab-pace");
    const wait = 1000 * Number((pace && pace.dataset.seconds) || 1);
    if (isWatched() && performance.now() - lastPulse > wait - POLL_MILLISECONDS / 2) {
      lastPulse = performance.now();
      page().querySelectorAll(".traintab-poll").forEach((button) => button.click());
    }
  }

  /* Ask for news where they could be seen, and nowhere else. */
  function look() {
    page().querySelectorAll(".traintab-look").forEach((button) => {
      if (!document.hidden && button.parentElement.getClientRects().length) {
        button.click();
      }
    });
  }

  /* Ctrl+Enter draws and Alt+Enter skips, from anywhere in the tab; a field is left first, so that it counts. */
  function drawByKeys(event) {
    const typing = event.composedPath()[0];
    const tab = typing && typing.closest && typing.closest("#tab_txt2img, #tab_img2img");
    if (event.key !== "Enter" || !tab || !(event.ctrlKey || event.metaKey || event.altKey)) {
      return;
    }
    const button = tab.querySelector(event.altKey ? '[id$="2img_skip"]' : '[id$="2img_generate"]');
    if (button) {
      event.preventDefault();
      event.stopPropagation();
      typing.blur();
      typing.focus();
      button.click();
    }
  }

  async function copyForComfy(event) {
    const pressed = event.composedPath()[0];
    const button = pressed && pressed.closest && pressed.closest("#embeddings_copy_comfy");
    const facts = page().querySelector("#embeddings_facts [data-comfy]");
    if (button && facts && !button.dataset.label) {
      button.dataset.label = button.textContent;
      const done = await copied(facts.dataset.comfy);
      button.textContent = done ? "Copied " + facts.dataset.comfy : "Copy it by hand from above";
      setTimeout(() => {
        button.textContent = button.dataset.label;
        delete button.dataset.label;
      }, 2000);
    }
  }

  /* In the caption editor: Ctrl+S saves from anywhere, Tab goes on to the next caption, and Ctrl+Z undoes
     where no text field has an undo of its own. */
  function captionKeys(event) {
    const desk = page().querySelector("#captions_desk");
    const at = event.composedPath()[0];
    if (!desk || !desk.getClientRects().length || !at || !at.closest) {
      return;
    }
    const isHere = desk.contains(at);
    const key = event.key.toLowerCase();
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (isCommand && key === "s") {
      event.preventDefault();
      setTimeout(() => save(desk), 60); // what was just typed is on its way then
    } else if (isCommand && (key === "z" || key === "y") && !at.matches("textarea, input[type=text]")) {
      if (isHere || at.localName === "body") {
        event.preventDefault();
        pressed(desk, key === "y" || event.shiftKey ? "#captions_redo" : "#captions_undo");
      }
    } else if (event.key === "Tab" && at.matches(".traintab-caption-text textarea")) {
      const fields = [...desk.querySelectorAll(".traintab-caption-text textarea:enabled")];
      const next = fields[fields.indexOf(at) + (event.shiftKey ? -1 : 1)];
      if (next) {
        event.preventDefault();
        next.focus();
        next.closest(".traintab-caption-card").scrollIntoView({ block: "nearest" });
      }
    }
  }

  function pressed(desk, selector) {
    const button = desk.querySelector(selector);
    const isOn = Boolean(button && !button.disabled);
    if (isOn) {
      button.click();
    }
    return isOn;
  }

  /* The button is off until the server has heard of the first change: on a slow network or computer Ctrl+S
     comes before that, and must not be lost. */
  function save(desk) {
    if (pressed(desk, "#captions_save")) {
      captionTyped = -Infinity;
    } else if (performance.now() - captionTyped < PATIENCE_MILLISECONDS) {
      setTimeout(() => save(desk), 60);
    }
  }

  function noteTyping(event) {
    const at = event.composedPath()[0];
    if (at && at.matches && at.matches(".traintab-caption-text textarea")) {
      captionTyped = performance.now();
    }
  }

  /* A click on a picture ticks it. */
  function tickCaption(event) {
    const at = event.composedPath()[0];
    const picture = at && at.closest && at.closest(".traintab-caption-picture");
    const card = picture && picture.closest(".traintab-caption-card");
    if (card) {
      card.querySelector("input[type=checkbox]").click();
    }
  }

  setInterval(showTitle, POLL_MILLISECONDS);
  setInterval(pulse, POLL_MILLISECONDS);
  setInterval(look, LOOK_MILLISECONDS);
  document.addEventListener("keydown", drawByKeys, true);
  document.addEventListener("keydown", captionKeys, true);
  document.addEventListener("input", noteTyping, true);
  document.addEventListener("click", copyForComfy, true);
  document.addEventListener("click", tickCaption, true);
})();
