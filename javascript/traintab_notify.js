/* "Notify me when done" (modules/traintab/ui/notify.py): when a job that this page saw at work comes to its end,
   the browser tells it; where it may not, a short sound does. The browser tab's title gets a mark either way,
   until somebody looks. The tick is remembered in this browser. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const LOOK_MILLISECONDS = 1000;
  const REMEMBERED = "traintab-notify";
  const TONES = [660, 880];
  let wasActive = false;
  let isTicked = remembered();
  let sound = null;

  const page = () => window.trainTab.page();

  /* Private windows may refuse to remember anything. */
  function remembered() {
    try {
      return localStorage.getItem(REMEMBERED) === "yes";
    } catch {
      return false;
    }
  }

  function remember(value) {
    isTicked = value;
    try {
      localStorage.setItem(REMEMBERED, value ? "yes" : "no");
    } catch {
      /* then the tick holds until the page is closed */
    }
  }

  function mayTell() {
    return "Notification" in window && Notification.permission === "granted";
  }

  /* The browser's permission is asked for when the box is ticked, and never otherwise. */
  async function ticked(box) {
    remember(box.checked);
    if (!box.checked) {
      tellHow("");
      return;
    }
    wakeSound();
    if ("Notification" in window && Notification.permission === "default") {
      await Notification.requestPermission();
    }
    tellHow(isTicked ? (mayTell() ? "granted" : "refused") : "");
  }

  function tellHow(when) {
    page().querySelectorAll(".traintab-notify-told").forEach((told) => {
      told.hidden = told.dataset.when !== when;
    });
  }

  /* A browser lets a page be heard only after somebody has pressed something there. */
  function wakeSound() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (isTicked && Context) {
      sound = sound || new Context();
      sound.state === "suspended" && sound.resume().catch(() => {}); // it stays silent then
    }
  }

  function beep() {
    if (!sound || sound.state !== "running") {
      return;
    }
    TONES.forEach((pitch, number) => {
      const [tone, volume, start] = [sound.createOscillator(), sound.createGain(), sound.currentTime + 0.18 * number];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.15, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.16);
      tone.connect(volume).connect(sound.destination);
      tone.start(start);
      tone.stop(start + 0.17);
    });
  }

  /* In the words, and the language, that the page shows. */
  function tell(job) {
    const said = (selector) => ((page().querySelector(selector) || {}).textContent || "").trim();
    const state = said("#ti_progress .traintab-chip");
    document.documentElement.dataset.traintabDone = state || job.dataset.status;
    if (mayTell()) {
      try {
        new Notification(`${state}: ${said("#ti_progress .traintab-job-title")}`, { body: said("#ti_output"), tag: "traintab-job" });
        return;
      } catch {
        /* browsers on phones know notifications, and refuse them to pages */
      }
    }
    beep();
  }

  function look() {
    const box = page().querySelector(".traintab-notify-tick");
    if (box && box.checked !== isTicked && !box.matches(":focus")) {
      box.checked = isTicked;
    }
    const job = page().querySelector("#ti_progress .traintab-job");
    const status = job ? job.dataset.status : "";
    const isActive = status === "running" || status === "stopping";
    if (wasActive && job && !isActive && isTicked) {
      setTimeout(() => tell(job), 300); // the last message comes with the state, maybe a moment later
    }
    wasActive = job ? isActive : wasActive;
    if (isActive) {
      seen();
    }
  }

  function seen() {
    delete document.documentElement.dataset.traintabDone;
  }

  function target(event) {
    const at = event.composedPath()[0];
    return at && at.matches ? at : null;
  }

  setInterval(look, LOOK_MILLISECONDS);
  document.addEventListener("change", (event) => {
    const at = target(event);
    if (at && at.matches(".traintab-notify-tick")) {
      ticked(at);
    }
  }, true);
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => {
      wakeSound();
      seen();
    }, true);
  }
})();
