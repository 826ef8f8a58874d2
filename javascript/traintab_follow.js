/* On a narrow window the job stands below the panels, on a phone two screens further down. Who starts one is taken
   there once it runs, unless they have gone on by themselves meanwhile. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const STARTS = "#train_train_embedding, #train_run_preprocess";
  const OWN_WAYS = ["wheel", "touchmove", "keydown", "pointerdown"];
  const LOOK_MILLISECONDS = 200;
  const PATIENCE_MILLISECONDS = 20000;
  let until = -Infinity;
  let looks = null;

  const page = () => window.trainTab.page();

  function isRunning() {
    return Boolean(page().querySelector('#ti_progress [data-status="running"]'));
  }

  function stop() {
    clearInterval(looks);
    looks = null;
  }

  function look() {
    if (performance.now() > until) {
      stop();
    } else if (isRunning()) {
      stop();
      show(page().querySelector("#ti_progress"));
    }
  }

  function show(progress) {
    const box = progress.getBoundingClientRect();
    if (box.height && box.top > 0.8 * window.innerHeight) {
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      progress.scrollIntoView({ block: "start", behavior: isStill ? "auto" : "smooth" });
    }
  }

  function pressed(event) {
    const target = event.composedPath()[0];
    if (target.closest && target.closest(STARTS) && page().contains(target) && !isRunning()) {
      until = performance.now() + PATIENCE_MILLISECONDS;
      looks = looks || setInterval(look, LOOK_MILLISECONDS);
    }
  }

  document.addEventListener("click", pressed, true);
  OWN_WAYS.forEach((name) => document.addEventListener(name, stop, { capture: true, passive: true }));
})();
