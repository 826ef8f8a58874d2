/* The previews of the job (modules/traintab/ui/preview_timeline.py): the server gives a row of pictures, anew
   with each preview; here is the row that is seen, to which only what is new is added. One step is large, and
   the slider goes over all of them. Works standalone and inside the web UIs. */
(function () {
  "use strict";
  const PLAY_MILLISECONDS = 350;
  const LOOK_MILLISECONDS = 1000;
  const AT_END_PIXELS = 24;
  const stages = new WeakMap();

  const page = () => window.trainTab.page();

  /* What is remembered of a stage; `chosen` is a step, or null while the newest is followed. */
  function stateOf(stage) {
    if (!stages.has(stage)) {
      const find = (name) => stage.querySelector(".traintab-" + name);
      const state = { stage, run: "", source: null, watcher: null, chosen: null, timer: 0 };
      Object.assign(state, { steps: [], shots: new Map(), shown: [] });
      state.strip = find("strip");
      state.pictures = find("stage-pictures");
      state.slider = find("stage-slider");
      state.step = find("stage-step");
      state.play = find("stage-play");
      state.newest = find("stage-newest");
      state.slider.addEventListener("input", () => scrub(state));
      state.play.addEventListener("click", () => (state.timer ? pause(state) : play(state)));
      state.newest.addEventListener("click", () => choose(state, null));
      state.strip.addEventListener("keydown", (event) => walk(state, event));
      state.strip.addEventListener("traintab-viewed", (event) => viewed(state, event.target));
      new ResizeObserver(() => bringIntoSight(state)).observe(state.strip);
      stages.set(stage, state);
    }
    return stages.get(stage);
  }

  /* Find the stages and their sources, where gradio has made them, or made them anew. */
  function look() {
    page().querySelectorAll(".traintab-stage").forEach((stage) => {
      const state = stateOf(stage);
      const source = page().querySelector("#" + stage.dataset.source);
      if (source && source !== state.source) {
        state.source = source;
        state.watcher && state.watcher.disconnect();
        state.watcher = new MutationObserver(() => update(state));
        state.watcher.observe(source, { childList: true, subtree: true });
        update(state);
      }
    });
  }

  function update(state) {
    const timeline = state.source.querySelector(".traintab-timeline");
    state.stage.hidden = !timeline;
    if (!timeline) {
      pause(state);
      return;
    }
    const follows = state.run !== timeline.dataset.run || isAtEnd(state);
    if (state.run !== timeline.dataset.run) {
      pause(state);
      Object.assign(state, { run: timeline.dataset.run, chosen: null });
      state.strip.replaceChildren();
    }
    mergeRows(state, [...timeline.querySelectorAll(".traintab-strip-row")]);
    index(state);
    state.slider.max = state.steps.length - 1;
    state.slider.disabled = state.steps.length < 2;
    show(state);
    if (state.chosen === null && follows) {
      bringIntoSight(state);
    }
  }

  function isAtEnd(state) {
    return state.strip.scrollLeft + state.strip.clientWidth >= state.strip.scrollWidth - AT_END_PIXELS;
  }

  function mergeRows(state, rows) {
    rows.forEach((fresh, place) => {
      let row = state.strip.children[place];
      if (!row || row.dataset.line !== fresh.dataset.line) {
        row = fresh.cloneNode(false);
        state.strip.insertBefore(row, state.strip.children[place] || null);
      }
      Object.assign(row.dataset, fresh.dataset);
      mergeShots(row, [...fresh.children]);
    });
    while (state.strip.children.length > rows.length) {
      state.strip.lastElementChild.remove();
    }
  }

  /* Pictures that are there already stay as they are, loaded and in their place. */
  function mergeShots(row, shots) {
    const known = new Map([...row.children].map((shot) => [shot.dataset.column, shot]));
    shots.forEach((fresh, place) => {
      const at = row.children[place] || null;
      let shot = known.get(fresh.dataset.column);
      known.delete(fresh.dataset.column);
      if (!shot || shot.getAttribute("href") !== fresh.getAttribute("href")) {
        shot && shot.remove();
        shot = fresh.cloneNode(true);
        row.insertBefore(shot, row.children[place] || null);
      } else {
        const label = shot.querySelector("b");
        if (label && label.innerHTML !== fresh.querySelector("b").innerHTML) {
          label.innerHTML = fresh.querySelector("b").innerHTML; // the best step is another one now
        }
        retell(shot, fresh);
        shot !== at && row.insertBefore(shot, at);
      }
    });
    known.forEach((shot) => shot.remove());
  }

  /* What a row says for most of its pictures may be another prompt now: then those before say their own. */
  function retell(shot, fresh) {
    for (const name of ["text", "note"]) {
      if (name in fresh.dataset) {
        shot.dataset[name] = fresh.dataset[name];
      } else {
        delete shot.dataset[name];
      }
    }
  }

  /* Every step with its pictures, so that going through hundreds costs as little as through ten. */
  function index(state) {
    state.shots = new Map();
    [...state.strip.children].forEach((row) => {
      [...row.children].forEach((shot) => {
        const step = shot.dataset.column;
        state.shots.has(step) || state.shots.set(step, []);
        if (shot.hasAttribute("href")) {
          shot.tabIndex = -1; // the arrows go through them, and the Tab key stops at the shown one alone
          state.shots.get(step).push(shot);
        }
      });
    });
    state.steps = [...state.shots.keys()];
  }

  function place(state) {
    const found = state.chosen === null ? -1 : state.steps.indexOf(state.chosen);
    return found >= 0 ? found : state.steps.length - 1;
  }

  /* The last step is followed: when a newer one comes, that is shown. */
  function choose(state, step) {
    state.chosen = step === null || state.steps.indexOf(step) === state.steps.length - 1 ? null : step;
    show(state);
    bringIntoSight(state);
  }

  function scrub(state) {
    pause(state);
    choose(state, state.steps[Number(state.slider.value)]);
  }

  function viewed(state, shot) {
    pause(state);
    choose(state, shot.dataset.column);
  }

  function show(state) {
    const at = place(state);
    const shots = state.shots.get(state.steps[at]) || [];
    const title = shots.length ? shots[0].dataset.title : "";
    state.slider.value = at;
    state.slider.setAttribute("aria-valuetext", title);
    if (state.step.textContent !== title) {
      state.step.textContent = title;
    }
    state.newest.disabled = at === state.steps.length - 1;
    state.shown.forEach((shot) => {
      shot.classList.remove("traintab-shown");
      shot.tabIndex = -1;
    });
    shots.forEach((shot) => shot.classList.add("traintab-shown"));
    if (shots.length) {
      shots[0].tabIndex = 0;
    }
    state.shown = shots;
    showLarge(state, shots);
  }

  function showLarge(state, shots) {
    const across = Math.min(3, Math.ceil(Math.sqrt(shots.length)));
    state.pictures.style.setProperty("--across", Math.max(1, across));
    state.pictures.style.setProperty("--down", Math.max(1, Math.ceil(shots.length / Math.max(1, across))));
    while (state.pictures.children.length > shots.length) {
      state.pictures.lastElementChild.remove();
    }
    shots.forEach((shot, number) => {
      const link = state.pictures.children[number] || state.pictures.appendChild(large());
      if (link.getAttribute("href") !== shot.getAttribute("href")) {
        link.setAttribute("href", shot.getAttribute("href"));
        Object.assign(link.dataset, { title: shot.dataset.title, text: told(shot, "text"), note: told(shot, "note") });
        link.title = told(shot, "text");
        load(link, shot);
      }
    });
  }

  function told(shot, name) {
    const holder = shot.closest("[data-" + name + "]");
    return holder ? holder.dataset[name] : "";
  }

  function large() {
    const link = document.createElement("a");
    Object.assign(link, { className: "traintab-large", target: "_blank" });
    Object.assign(link.dataset, { full: "", echo: "" });
    link.append(document.createElement("img"));
    return link;
  }

  /* The picture before stays until the next one is there: no flicker between steps. */
  function load(link, shot) {
    const image = link.firstElementChild;
    const wanted = shot.getAttribute("href");
    const ready = () => {
      if (link.getAttribute("href") === wanted) {
        image.src = wanted;
        image.alt = shot.dataset.title;
      }
    };
    const ahead = new Image();
    ahead.onload = ahead.onerror = ready;
    ahead.src = wanted;
  }

  /* The row alone scrolls, never the page. */
  function bringIntoSight(state) {
    const strip = state.strip;
    const shot = (state.shots.get(state.steps[place(state)]) || [])[0];
    if (!shot || !strip.clientWidth) {
      return;
    }
    const left = shot.offsetLeft - strip.offsetLeft;
    if (place(state) === state.steps.length - 1) {
      strip.scrollLeft = strip.scrollWidth;
    } else if (left < strip.scrollLeft || left + shot.offsetWidth > strip.scrollLeft + strip.clientWidth) {
      strip.scrollLeft = left - (strip.clientWidth - shot.offsetWidth) / 2;
    }
  }

  function walk(state, event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    pause(state);
    const next = Math.max(0, Math.min(state.steps.length - 1, place(state) + by));
    choose(state, state.steps[next]);
    const shot = (state.shots.get(state.steps[next]) || [])[0];
    shot && shot.focus({ preventScroll: true });
  }

  /* From the first step to the last, or on from where one is. */
  function play(state) {
    if (state.steps.length < 2) {
      return;
    }
    if (place(state) === state.steps.length - 1) {
      choose(state, state.steps[0]);
    }
    state.play.setAttribute("aria-pressed", "true");
    state.timer = setInterval(() => {
      choose(state, state.steps[place(state) + 1]);
      if (place(state) === state.steps.length - 1) {
        pause(state);
      }
    }, PLAY_MILLISECONDS);
  }

  function pause(state) {
    clearInterval(state.timer);
    state.timer = 0;
    state.play.setAttribute("aria-pressed", "false");
  }

  look();
  setInterval(look, LOOK_MILLISECONDS);
})();
