/* What a button brings comes into sight where it stands below the edge of the window, as if nothing had happened: a
   refusal, and on a narrow window, where it is below the panels, the job that was started. Unless the user has gone on
   by themselves meanwhile. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  // What starts well is seen in the job; what is created is told nowhere else.
  const ANSWERS = ".traintab-slot .traintab-failed, #create_embedding .traintab-slot .traintab-message";
  const ANSWER_MILLISECONDS = 5000;
  const STARTS = "#train_train_embedding, #train_run_preprocess";
  const START_MILLISECONDS = 20000;
  const OWN_WAYS = ["wheel", "touchmove", "keydown", "pointerdown"];
  const LOOK_MILLISECONDS = 200;
  let looks = null;

  const page = () => window.trainTab.page();

  function stop() {
    clearInterval(looks);
    looks = null;
  }

  function show(element, block) {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block, behavior: isStill ? "auto" : "smooth" });
  }

  function answersIn(panel) {
    return [...panel.querySelectorAll(ANSWERS)].filter((answer) => answer.getClientRects().length);
  }

  function isRunning() {
    return Boolean(page().querySelector('#ti_progress [data-status="running"]'));
  }

  function showJob() {
    const progress = page().querySelector("#ti_progress");
    const box = progress.getBoundingClientRect();
    if (box.height && box.top > 0.8 * window.innerHeight) {
      show(progress, "start");
    }
  }

  /* Looks from time to time for what the button brings; gives whether that was there. */
  function awaited(panel, isStart) {
    const known = new Map(answersIn(panel).map((answer) => [answer, answer.textContent]));
    return () => {
      const answer = answersIn(panel).find((found) => known.get(found) !== found.textContent);
      if (answer) {
        show(answer, "nearest");
      } else if (isStart && isRunning()) {
        showJob();
      } else {
        return false;
      }
      return true;
    };
  }

  function pressed(event) {
    const target = event.composedPath()[0];
    const button = target.closest && target.closest("button");
    const panel = button && page().contains(button) && button.closest('.tabitem, [role="tabpanel"]');
    if (!panel) {
      return;
    }
    stop();
    const isStart = button.matches(STARTS) && !isRunning();
    const found = awaited(panel, isStart);
    const until = performance.now() + (isStart ? START_MILLISECONDS : ANSWER_MILLISECONDS);
    looks = setInterval(() => (performance.now() > until || found()) && stop(), LOOK_MILLISECONDS);
  }

  document.addEventListener("click", pressed, true);
  OWN_WAYS.forEach((name) => document.addEventListener(name, stop, { capture: true, passive: true }));
})();
