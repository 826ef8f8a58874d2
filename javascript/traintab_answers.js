/* A refusal that stands below the edge of the window looks as if the button did nothing: it comes into sight, unless
   the user has gone on by themselves meanwhile. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  // What starts well is seen in the job; what is created is told nowhere else.
  const ANSWERS = ".traintab-slot .traintab-failed, #create_embedding .traintab-slot .traintab-message";
  const OWN_WAYS = ["wheel", "touchmove", "keydown", "pointerdown"];
  const LOOK_MILLISECONDS = 200;
  const PATIENCE_MILLISECONDS = 5000;
  let known = new Map(); // element -> its text when the button was pressed
  let panel = null;
  let until = -Infinity;
  let looks = null;

  function answers() {
    return [...panel.querySelectorAll(ANSWERS)].filter((answer) => answer.getClientRects().length);
  }

  function stop() {
    clearInterval(looks);
    looks = null;
  }

  function look() {
    const answer = answers().find((found) => known.get(found) !== found.textContent);
    if (answer || performance.now() > until) {
      stop();
    }
    if (answer) {
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      answer.scrollIntoView({ block: "nearest", behavior: isStill ? "auto" : "smooth" });
    }
  }

  function pressed(event) {
    const target = event.composedPath()[0];
    const button = target.closest && target.closest("button");
    panel = button && window.trainTab.page().contains(button) && button.closest('.tabitem, [role="tabpanel"]');
    if (panel) {
      known = new Map(answers().map((answer) => [answer, answer.textContent]));
      until = performance.now() + PATIENCE_MILLISECONDS;
      looks = looks || setInterval(look, LOOK_MILLISECONDS);
    }
  }

  document.addEventListener("click", pressed, true);
  OWN_WAYS.forEach((name) => document.addEventListener(name, stop, { capture: true, passive: true }));
})();
