/* The loss plot: reads values where somebody points or moves by the arrow keys, and remembers the scale.
   All is in the picture already: nothing is asked of the server. */
(function () {
  "use strict";
  const SCALE = "traintab.loss.log";
  const SVG = "http://www.w3.org/2000/svg";
  let at = null; // the step that is read; kept while the plot is drawn anew below it
  let watched = null;

  const page = () => window.trainTab.page();

  function find(selector) {
    return page().querySelector(selector);
  }

  /* Browsers may refuse to remember anything. */
  function remembered() {
    try {
      return localStorage.getItem(SCALE) === "1";
    } catch {
      return false;
    }
  }

  function remember(isLog) {
    try {
      localStorage.setItem(SCALE, isLog ? "1" : "0");
    } catch {
      return;
    }
  }

  function rows(text) {
    return text ? text.split(";").map((row) => row.split(" ").map(Number)) : [];
  }

  /* The last row at the step or before it, by halving: there are hundreds. */
  function upTo(points, step) {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= step) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return points[Math.max(low - 1, 0)] || null;
  }

  function nearest(points, step) {
    let best = null;
    for (const point of points) {
      if (best === null || Math.abs(point[0] - step) < Math.abs(best[0] - step)) {
        best = point;
      }
    }
    return best;
  }

  function dataOf(svg) {
    const [first, last, left, right, top, bottom] = svg.dataset.edges.split(" ").map(Number);
    return {
      first, last, left, right, top, bottom,
      curve: rows(svg.dataset.curve),
      evaluations: rows(svg.dataset.evaluations),
      rates: rows(svg.dataset.rates),
    };
  }

  function write(name, text) {
    const place = find(`#ti_loss_readout [data-of="${name}"]`);
    if (place && place.textContent !== text) {
      place.textContent = text;
    }
    if (place) {
      place.parentElement.hidden = !text;
    }
  }

  function show() {
    const svg = find("#ti_loss svg[data-curve]");
    const readout = find("#ti_loss_readout");
    if (!svg || !readout) {
      return;
    }
    let line = svg.querySelector(".traintab-plot-cursor");
    if (at === null) {
      delete readout.dataset.shown;
      if (line) {
        line.remove();
      }
      return;
    }
    const data = dataOf(svg);
    const point = nearest(data.curve, at);
    const evaluated = data.evaluations.length && upTo(data.evaluations, point[0]);
    const rate = data.rates.length && upTo(data.rates, point[0]);
    write("step", point[0].toLocaleString("en"));
    write("loss", String(point[1]));
    write("smoothed", String(point[2]));
    write("evaluation", evaluated ? String(evaluated[1]) : "");
    write("rate", rate ? String(rate[1]) : "");
    readout.dataset.shown = "1";
    if (!line) {
      line = document.createElementNS(SVG, "line");
      line.setAttribute("class", "traintab-plot-cursor");
      svg.append(line);
    }
    const share = (point[0] - data.first) / Math.max(data.last - data.first, 1);
    const x = data.left + share * (data.right - data.left);
    const ends = { x1: x, x2: x, y1: data.top, y2: data.bottom };
    Object.entries(ends).forEach(([name, value]) => line.setAttribute(name, value));
  }

  function point(event) {
    const target = event.composedPath()[0];
    const svg = target && target.closest && target.closest("#ti_loss svg[data-curve]");
    if (!svg) {
      if (at !== null && page().getRootNode().activeElement !== watched) {
        at = null;
        show();
      }
      return;
    }
    const data = dataOf(svg);
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const share = (x - data.left) / (data.right - data.left);
    at = data.first + Math.min(Math.max(share, 0), 1) * (data.last - data.first);
    show();
  }

  function keys(event) {
    const svg = find("#ti_loss svg[data-curve]");
    if (!svg || !watched || event.composedPath()[0] !== watched || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const curve = dataOf(svg).curve;
    const last = curve.length - 1;
    const now = at === null ? last : curve.indexOf(nearest(curve, at));
    const steps = { ArrowLeft: now - 1, ArrowRight: now + 1, PageDown: now - 10, PageUp: now + 10, Home: 0, End: last };
    if (event.key in steps) {
      event.preventDefault();
      at = curve[Math.min(Math.max(steps[event.key], 0), last)][0];
      show();
    } else if (event.key === "Escape" && at !== null) {
      at = null;
      show();
    }
  }

  function left(event) {
    if (event.composedPath()[0] === watched) {
      at = null;
      show();
    }
  }

  function scale(event) {
    const box = event.composedPath()[0];
    if (box && box.id === "ti_loss_log") {
      remember(box.checked);
    }
  }

  /* The block around the plot stays when the plot is drawn anew: it takes the focus, and tells of the change. */
  const redrawn = new MutationObserver(() => {
    if (at !== null && !find("#ti_loss .traintab-plot-cursor")) {
      show();
    }
  });

  function settle() {
    const block = find("#ti_loss");
    const box = find("#ti_loss_log");
    if (box && !box.dataset.known) {
      box.dataset.known = "1";
      box.checked = remembered();
    }
    if (!block) {
      return;
    }
    if (block !== watched) {
      watched = block;
      redrawn.disconnect();
      redrawn.observe(block, { childList: true, subtree: true });
    }
    const has = Boolean(block.querySelector("svg[data-curve]"));
    if (has !== block.hasAttribute("tabindex")) {
      const given = { tabindex: "0", role: "group", "aria-labelledby": "ti_loss_help" };
      Object.entries(given).forEach(([name, value]) =>
        has ? block.setAttribute(name, value) : block.removeAttribute(name),
      );
    }
  }

  setInterval(settle, 1000);
  document.addEventListener("pointermove", point, { passive: true });
  document.addEventListener("pointerdown", point, { passive: true });
  document.addEventListener("keydown", keys, true);
  document.addEventListener("focusout", left, true);
  document.addEventListener("change", scale, true);
})();
