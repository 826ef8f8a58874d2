/* Past runs: clicks in the list, which of them are chosen, the path to the clipboard; and files that were asked
   for are saved as soon as they are made. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const LOOK_MILLISECONDS = 400;
  const PATIENCE_MILLISECONDS = 60000;
  let shown = "";
  let clicks = 0;
  const waits = new WeakMap();

  const page = () => window.trainTab.page();

  function target(event) {
    const at = event.composedPath()[0];
    return at && at.closest ? at : null;
  }

  /* The server hears of a click in the list by a text field that nobody sees; the count makes each click a
     change of it, also of the same row. */
  function tell(action, place) {
    const field = page().querySelector("#runs_clicked textarea, #runs_clicked input");
    if (field) {
      clicks += 1;
      field.value = action + " " + clicks + " " + place;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function marked(name, place) {
    page().querySelectorAll("#runs_list .traintab-run").forEach((row) => {
      row.classList.toggle(name, Boolean(place) && row.dataset.run === place);
    });
  }

  /* What is shown may have been chosen in a dropdown, too, and the list may have been drawn anew. */
  function markShown() {
    const details = page().querySelector("#runs_details [data-run]");
    const list = page().querySelector("#runs_list .traintab-runs");
    if (!details || !list) {
      return;
    }
    const now = details.dataset.run + "\n" + (details.dataset.other || "");
    if (now !== shown || !list.dataset.marked) {
      shown = now;
      list.dataset.marked = "yes";
      marked("traintab-run-chosen", details.dataset.run);
      marked("traintab-run-second", details.dataset.other);
    }
  }

  async function copyPath(button) {
    const label = button.textContent;
    if (!button.dataset.busy) {
      button.dataset.busy = "yes";
      button.textContent = (await window.trainTab.copied(button.dataset.runCopy)) ? "Copied" : "Copy it by hand";
      setTimeout(() => {
        button.textContent = label;
        delete button.dataset.busy;
      }, 2000);
    }
  }

  function links(share) {
    return [...share.querySelectorAll("a[href][download]")];
  }

  /* The files of one press of a button are saved once. The page takes the last ones away when a button is pressed
     (share_row.py): what stands there anew, or has another address, was made for this press. A press before the
     files of the last one are there waits along with it. */
  function saveWhenMade(share) {
    const end = performance.now() + PATIENCE_MILLISECONDS;
    const going = waits.get(share);
    if (going) {
      going.presses += 1;
      going.end = end;
      return;
    }
    const wait = { presses: 1, end, known: new Map(links(share).map((link) => [link, link.href])) };
    waits.set(share, wait);
    const waiting = setInterval(() => {
      const made = links(share).filter((link) => wait.known.get(link) !== link.href);
      wait.presses -= made.length ? 1 : 0;
      if (!wait.presses || performance.now() > wait.end || !share.isConnected) {
        clearInterval(waiting);
        waits.delete(share);
      }
      made.forEach((link) => wait.known.set(link, link.href));
      made.forEach((link) => link.click());
    }, 100);
  }

  function clicked(event) {
    const at = target(event);
    const button = at && at.closest("button");
    if (!button) {
      return;
    }
    if (button.dataset.runAction) {
      tell(button.dataset.runAction, button.closest("[data-run]").dataset.run);
    } else if (button.dataset.runCopy) {
      copyPath(button);
    } else if (button.closest(".traintab-share .traintab-actions")) {
      saveWhenMade(button.closest(".traintab-share"));
    }
  }

  document.addEventListener("click", clicked, true);
  setInterval(markShown, LOOK_MILLISECONDS);
})();
