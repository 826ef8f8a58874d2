/* gradio 6 notices a text that keys have written, by their "keypress". Of what is deleted, pasted, cut, dictated, or
   written through an input method, as Chinese is, it tells nobody: captions edited so could not be saved. So the
   keypress that it waits for follows here. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  let isPressed = false;

  document.addEventListener("keypress", (event) => (isPressed = event.isTrusted), true);
  document.addEventListener(
    "input",
    (event) => {
      const field = event.composedPath()[0];
      const isText = field.matches && field.matches("textarea, input[type=text]");
      if (isText && !isPressed && window.trainTab.page().contains(field)) {
        field.dispatchEvent(new KeyboardEvent("keypress", { bubbles: true, composed: true }));
      }
      isPressed = false;
    },
    true,
  );
})();
