/* What gradio leaves out for those who use a screen reader or no mouse: a role for named empty boxes, and the
   keyboard for tables that scroll. */
(function () {
  "use strict";
  const LOOK_MILLISECONDS = 1000;

  const page = () => window.trainTab.page();

  function complete() {
    if (document.hidden) {
      return;
    }
    page().querySelectorAll("div.empty[aria-label]:not([role])").forEach((box) => box.setAttribute("role", "img"));
    page().querySelectorAll(".virtual-table-viewport").forEach((box) => {
      const cell = box.querySelector("[role=columnheader], [role=gridcell]");
      if (cell && !box.querySelector('[tabindex="0"]')) {
        cell.setAttribute("tabindex", "0"); // from there the arrow keys scroll
      }
    });
  }

  setInterval(complete, LOOK_MILLISECONDS);
})();
