/* Pictures that open over the page. What has data-full opens; modules/traintab/ui/viewer.py tells the rest.
   Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const LARGEST_SCALE = 4;
  let current = null;
  let opener = null;

  const page = () => window.trainTab.page();

  function dialog() {
    return page().querySelector("#traintab_viewer");
  }

  function part(name) {
    return dialog().querySelector(".traintab-viewer-" + name);
  }

  function address(shot) {
    return shot.dataset.full || shot.getAttribute("href") || shot.currentSrc || shot.src || "";
  }

  function told(shot, name) {
    const holder = shot.closest("[data-" + name + "]");
    return holder ? holder.dataset[name] : "";
  }

  /* All pictures among which the keys go; looked up each time, because new ones come while it is open. */
  function group(shot) {
    const holder = shot.closest("[data-viewer]");
    const all = holder ? [...holder.querySelectorAll("[data-full]:not([data-echo])")] : [];
    return all.length ? all : [shot];
  }

  /* The same picture as it stands in the page now, where the page has been drawn anew meanwhile. */
  function found(shot) {
    if (shot.isConnected && !shot.hasAttribute("data-echo")) {
      return shot;
    }
    const name = told(shot, "viewer");
    const holders = [...page().querySelectorAll("[data-viewer]")].filter((one) => one.dataset.viewer === name);
    const all = holders.flatMap((one) => [...one.querySelectorAll("[data-full]:not([data-echo])")]);
    return all.find((one) => address(one) === address(shot)) || shot;
  }

  function open(shot) {
    opener = shot;
    show(found(shot));
    if (!dialog().open) {
      dialog().showModal();
    }
    part("close").focus({ focusVisible: false });
  }

  function show(shot) {
    current = shot;
    const all = row(shot);
    const place = all.indexOf(shot);
    part("title").translate = !shot.closest('[translate="no"]'); // a file's name is one in any language
    part("title").textContent = told(shot, "title");
    part("text").textContent = told(shot, "text");
    part("note").textContent = told(shot, "note");
    part("place").textContent = all.length > 1 ? place + 1 + " / " + all.length : "";
    const image = part("frame").querySelector("img");
    image.alt = [told(shot, "title"), told(shot, "text")].filter(Boolean).join(": ");
    image.src = address(shot);
    fit();
    part("file").hidden = address(shot).startsWith("data:");
    part("file").href = address(shot);
    dialog().querySelectorAll("[data-go]").forEach((button) => {
      button.disabled = !all[place + Number(button.dataset.go)];
    });
    shot.dispatchEvent(new CustomEvent("traintab-viewed", { bubbles: true, composed: true }));
  }

  function row(shot) {
    return group(shot).filter((one) => one.dataset.row === shot.dataset.row);
  }

  function column(shot) {
    return group(shot).filter((one) => one.dataset.column === shot.dataset.column);
  }

  function go(line, by) {
    const all = line(found(current));
    const next = all[all.indexOf(found(current)) + by];
    if (next) {
      show(next);
    }
  }

  /* As large as there is room for; small pictures only so much larger that they stay pictures. */
  function fit() {
    const frame = part("frame");
    const image = frame.querySelector("img");
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    if (width && dialog().open) {
      const room = Math.min(frame.clientWidth / width, frame.clientHeight / height);
      image.style.width = Math.floor(width * Math.min(room, LARGEST_SCALE)) + "px";
    }
  }

  function close() {
    dialog().close();
  }

  /* Back to where one came from; if that is gone, to the same picture as it stands now. */
  function closed() {
    const back = opener && opener.isConnected ? opener : current && found(current);
    if (back && back.isConnected) {
      back.focus({ preventScroll: true });
    }
    part("frame").querySelector("img").removeAttribute("src");
    opener = current = null;
  }

  function target(event) {
    const at = event.composedPath()[0];
    return at && at.closest ? at : null;
  }

  function clicked(event) {
    const at = target(event);
    if (!at || !dialog()) {
      return;
    }
    const shot = at.closest("[data-full]");
    if (shot && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      open(shot);
    } else if (at.closest(".traintab-viewer-close") || at.matches(".traintab-viewer, .traintab-viewer-frame, .traintab-viewer-body")) {
      close();
    } else if (at.closest(".traintab-viewer-step")) {
      go(row, Number(at.closest("[data-go]").dataset.go));
    }
  }

  const MOVES = { ArrowLeft: [row, -1], ArrowRight: [row, 1], ArrowUp: [column, -1], ArrowDown: [column, 1] };

  function typed(event) {
    const isOpen = Boolean(dialog() && dialog().open);
    const at = target(event);
    if (isOpen && current && MOVES[event.key] && !event.altKey && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      go(...MOVES[event.key]);
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // it closes the picture alone
      close();
    } else if ((event.key === "Enter" || event.key === " ") && at && at.matches("img[data-full]")) {
      event.preventDefault();
      open(at);
    }
  }

  /* gradio may draw the dialog anew: its own events are heard where they pass. */
  document.addEventListener("click", clicked, true);
  document.addEventListener("keydown", typed, true);
  document.addEventListener("load", (event) => target(event) && target(event).closest(".traintab-viewer-frame") && fit(), true);
  document.addEventListener("close", (event) => target(event) && target(event).id === "traintab_viewer" && closed(), true);
  window.addEventListener("resize", () => dialog() && dialog().open && fit());
})();
