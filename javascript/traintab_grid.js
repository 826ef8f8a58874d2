/* The buttons under each step of the checkpoint grid: they choose the step, and press the button below the
   table that does the work. Without this script the step is chosen there. Works standalone and inside the web
   UIs. */
(function () {
  "use strict";
  const PATIENCE_FRAMES = 60;

  const page = () => window.trainTab.page();

  function choice(step) {
    return [...page().querySelectorAll("#ti_grid_step input")].find((input) => input.value === step);
  }

  /* gradio hears of a choice a moment after it is made. */
  function press(button, step, frames) {
    const input = choice(step);
    if (!input || !frames) {
      return;
    }
    if (!input.checked) {
      input.click();
    }
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (choice(step) && choice(step).checked) {
          const target = page().querySelector("#" + button);
          if (target) {
            target.click();
          }
        } else {
          press(button, step, frames - 1);
        }
      })
    );
  }

  document.addEventListener("click", (event) => {
    const at = event.composedPath()[0];
    const button = at && at.closest && at.closest(".traintab-steps [data-press]");
    if (button) {
      press(button.dataset.press, button.dataset.step, PATIENCE_FRAMES);
    }
  });
})();
