// A page as one file: mounts what the file carries. Nobody is there to be told of a commit, so commits go nowhere.

import { mount } from "../plot/mount.js";

/** The bytes that a script tag carries: base64 of gzip. */
async function carried(node) {
  const squeezed = new Blob([Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0))]);
  return new Uint8Array(await new Response(squeezed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

const plotly = URL.createObjectURL(new Blob([await carried(document.getElementById("lab-plotly"))], { type: "text/javascript" }));
const hosts = [...document.querySelectorAll(".lab-view")];
const views = await Promise.all(hosts.map(async (parentElement) => (
  { parentElement, data: await carried(parentElement.querySelector("script")), setTriggerValue() {}, alone: true })));
for (const view of views) mount(view, plotly);
// At dusk everything is drawn anew, but for what is dragged: that has no colours of its own, and would go back to where the file began.
const DRAGGED = ["scrub", "hand"];
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const view of views) if (!DRAGGED.includes(view.parentElement.dataset.kind)) mount(view, plotly);
});
document.getElementById("lab-wait").remove();
