/* What the page gains with a script, and does without: progress in the browser tab's title, Ctrl+Enter,
   and a pulse for web UIs whose gradio has no timer. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const ownTitle = document.title;
  const POLL_MILLISECONDS = 1000;

  function page() {
    const app = document.querySelector("gradio-app");
    return (app && app.shadowRoot) || document;
  }

  function showTitle() {
    const holder = page().querySelector("#traintab_title");
    const wanted = (holder && holder.dataset.title) || ownTitle;
    if (holder && document.title !== wanted) {
      document.title = wanted;
    }
  }

  function pulse() {
    const button = page().querySelector("#traintab_poll");
    if (button && !document.hidden) {
      button.click();
    }
  }

  function drawOnCtrlEnter(event) {
    const typing = event.composedPath()[0];
    const inPrompt = typing && typing.closest && typing.closest("#txt2img_prompt, #txt2img_neg_prompt");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && inPrompt) {
      const button = page().querySelector("#txt2img_generate");
      if (button) {
        event.preventDefault();
        typing.blur();
        typing.focus();
        button.click();
      }
    }
  }

  setInterval(showTitle, POLL_MILLISECONDS);
  setInterval(pulse, POLL_MILLISECONDS);
  document.addEventListener("keydown", drawOnCtrlEnter, true);
})();
