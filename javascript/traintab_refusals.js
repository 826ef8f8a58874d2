/* What the server refuses, or fails to answer, is told: gradio 6 keeps the errors of events that don't wait in
   its queue to itself. In web UIs nothing is done: their gradio tells it, and their page is none of our business. */
(function () {
  "use strict";
  const EVENTS = "/gradio_api/run/";
  const SHOWN_MILLISECONDS = 12000;
  const ask = window.fetch;
  let timer = 0;

  async function tell(answer) {
    let told = "";
    try {
      told = (await answer.json()).error;
    } catch {
      /* no JSON: then only that it failed is known */
    }
    show(told || "That could not be done: the program's log tells why.");
  }

  function show(text) {
    let note = document.getElementById("traintab_refusal");
    if (!note) {
      note = document.createElement("div");
      note.id = "traintab_refusal";
      note.className = "traintab-refusal";
      note.setAttribute("role", "alert");
      note.title = "Click to close";
      note.addEventListener("click", () => note.remove());
      document.body.append(note);
    }
    note.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
  }

  window.fetch = async function (...request) {
    const answer = await ask.apply(this, request);
    const isOurs = !document.querySelector("#tab_traintab");
    if (!answer.ok && isOurs && String(answer.url).includes(EVENTS)) {
      tell(answer.clone());
    }
    return answer;
  };
})();
