/* In a web UI: reads the fields of its txt2img, and puts a prompt there. By the ids that all web UIs have. */
(function () {
  "use strict";
  const FIELDS = {
    prompt: "txt2img_prompt",
    negative_prompt: "txt2img_neg_prompt",
    sampler: "txt2img_sampling",
    num_inference_steps: "txt2img_steps",
    guidance_scale: "txt2img_cfg_scale",
    seed: "txt2img_seed",
    width: "txt2img_width",
    height: "txt2img_height",
  };

  const root = () => window.trainTab.wholePage();

  /* A slider has a box beside it; of buttons side by side the chosen one counts. */
  function field(id) {
    const found = root().querySelector("#" + id);
    return found && (found.querySelector("textarea, input:checked") || found.querySelector("input:not([type=range])"));
  }

  function read() {
    const values = {};
    Object.entries(FIELDS).forEach(([name, id]) => {
      const box = field(id);
      if (box) {
        values[name] = box.value;
      }
    });
    return JSON.stringify(values);
  }

  /* txt2img is the first tab everywhere, whatever it is called. gradio 6 has every button twice: the hidden one
     only measures. */
  function use(prompt) {
    const box = field(FIELDS.prompt);
    if (!prompt || !box) {
      return;
    }
    box.value = prompt;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const tab = root().querySelector('#tabs button:not([aria-hidden="true"] *)');
    if (tab) {
      tab.click();
    }
  }

  window.trainTabHost = { read, use };
})();
