/* While files are on their way to the program, the page says so: gradio's buttons for files show nothing until all of
   them have arrived, which takes a phone with a hundred megabytes half a minute. In web UIs nothing is done: their page
   is none of our business. */
(function () {
  "use strict";
  const ROUTE = /\/upload(\?|$)/;
  const PATIENCE_MILLISECONDS = 700;
  const ask = window.fetch;
  const underWay = new Set();
  let note = null;

  function show() {
    const files = [...underWay].flat();
    if (!files.length) {
      note && note.remove();
      note = null;
      return;
    }
    if (!note) {
      note = document.createElement("div");
      note.id = "traintab_sending";
      note.className = "traintab-sending";
      note.setAttribute("role", "status");
      document.body.append(note);
    }
    const megabytes = Math.max(0.1, files.reduce((sum, file) => sum + file.size, 0) / 1e6).toFixed(1);
    note.textContent = `Files being sent: ${files.length}, together ${megabytes} MB`;
  }

  function sentBy(url, options) {
    const body = options && options.body;
    const isOurs = !document.querySelector("#tab_traintab");
    if (!isOurs || !(body instanceof FormData) || !ROUTE.test(String(url && url.url ? url.url : url))) {
      return [];
    }
    return [...body.values()].filter((value) => value instanceof Blob);
  }

  window.fetch = async function (...request) {
    const files = sentBy(...request);
    if (!files.length) {
      return ask.apply(this, request);
    }
    const timer = setTimeout(() => {
      underWay.add(files);
      show();
    }, PATIENCE_MILLISECONDS);
    try {
      return await ask.apply(this, request);
    } finally {
      clearTimeout(timer);
      underWay.delete(files);
      show();
    }
  };
})();
